from unittest.mock import patch

from odoo.tools import file_open

from .test_import_lists import ImportCommon


class TestImportTemplate(ImportCommon):
    """The file that the import screen offers can be imported as it stands."""

    def test_people_with_their_companies_come_in_whole(self):
        (template,) = [t["template"] for t in self.Contact.get_import_templates()]
        with file_open(template.lstrip("/"), "rb") as file:
            content = file.read()
        self._partner("Harbour Rope Ltd", phone="+44 117 555 0122", customer_rank=1)
        importer, preview = self._open(content)
        # every column is known by its heading
        self.assertEqual(len(preview["matches"]), len(preview["headers"]))
        told = []
        with patch.object(
            type(self.env["res.users"]), "_bus_send", lambda *args: told.append(args[2])
        ):
            result = self._run(importer, preview, name_create_enabled_fields={})
            self._run(importer, preview, dryrun=True, name_create_enabled_fields={})
        self.assertFalse(result["messages"])
        contacts = self.Contact.browse(result["ids"])
        self.assertEqual(len(contacts), content.decode().count("\n") - 1)
        self.assertTrue(all(contacts.mapped("number")))
        companies = contacts.filtered("is_company")
        self.assertEqual(
            sorted(companies.mapped("name")), ["Harbour Rope Ltd", "Lindgren Tak AB"]
        )
        self.assertEqual((contacts - companies).parent_id, companies)
        self.assertIn(
            {"Kim Lund": "Sales Director"},
            [{c.name: c.function} for c in contacts],
        )
        (note,) = told
        self.assertEqual((note["contacts"], len(note["alike_ids"])), (6, 1))
