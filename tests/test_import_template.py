from openpyxl import load_workbook

from odoo.tools import file_open

from .common import MarketingContactCommon


class TestImportTemplate(MarketingContactCommon):
    """The file that the import screen offers can be imported as it stands."""

    def test_template_can_be_imported(self):
        template = self.Contact.get_import_templates()[0]["template"]
        with file_open(template.lstrip("/"), "rb") as file:
            header, *rows = load_workbook(file).active.iter_rows(values_only=True)
        names = {
            info["string"]: name
            for name, info in self.Contact.fields_get(attributes=["string"]).items()
        }
        # the import screen finds the fields by their labels
        for label in header:
            self.assertIn(label, names)
        result = (
            self.Contact.with_user(self.marketer)
            .with_context(import_file=True)
            .load(
                [names[label] for label in header],
                [[value or "" for value in row] for row in rows],
            )
        )
        self.assertFalse(result["messages"])
        contacts = self.Contact.browse(result["ids"])
        self.assertTrue(all(contacts.mapped("number")))
        company = contacts.filtered("is_company")
        self.assertEqual(len(company), 1)
        self.assertEqual(len(company.child_ids & contacts), 1)
