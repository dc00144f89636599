from .common import MarketingContactCommon


class TestImport(MarketingContactCommon):
    """Odoo's own importer is an entrance like any other."""

    def _import(self, model, fields, rows):
        result = self.env[model].with_context(import_file=True).load(fields, rows)
        self.assertTrue(result["ids"], result["messages"])
        return self.env[model].browse(result["ids"])

    def test_contacts_then_links_by_external_id(self):
        rows = [
            [f"imp.contact_{i}", f"I{i}", f"IMPORT {i}", "True", f"555 {i}"]
            for i in range(50)
        ]
        contacts = self._import(
            "marketing.contact", ["id", "number", "name", "is_company", "phone"], rows
        )
        self.assertEqual(contacts[7].number, "I7")
        customers = self.Partner.union(
            *(self._partner(f"Customer {i}") for i in range(20))
        )
        self.env["ir.model.data"].create(
            [
                {
                    "module": "imp",
                    "name": f"customer_{i}",
                    "model": "res.partner",
                    "res_id": customer.id,
                }
                for i, customer in enumerate(customers)
            ]
        )
        relations = self._import(
            "marketing.contact.relation",
            ["id", "contact_id/id", "kind", "partner_id/id"],
            [
                [f"imp.rel_{i}", f"imp.contact_{i}", "customer", f"imp.customer_{i}"]
                for i in range(20)
            ],
        )
        self.assertEqual(len(relations), 20)
        self.assertEqual(contacts[:20].mapped("customer_id"), customers)
        self.assertEqual(customers.mapped("name"), contacts[:20].mapped("name"))
        self.assertEqual(customers[3].phone, "555 3")
        self._import("res.partner", ["id", "phone"], [["imp.customer_3", "777"]])
        self.assertEqual(contacts[3].phone, "777")

    def test_import_of_customers_creates_contacts(self):
        partners = self._import(
            "res.partner",
            ["name", "customer_rank"],
            [[f"New {i}", "1"] for i in range(10)],
        )
        self.assertEqual(
            partners.marketing_contact_id.mapped("name"), partners.mapped("name")
        )

    def test_import_of_a_taken_card_names_both(self):
        contact, customer = self._linked()[:2]
        other = self._contact("Other")
        result = self.Relation.load(
            ["contact_id/.id", "kind", "partner_id/.id"],
            [[str(other.id), "customer", str(customer.id)]],
        )
        self.assertFalse(result["ids"])
        message = result["messages"][0]["message"]
        self.assertIn(contact.display_name, message)

    def test_template_for_the_import(self):
        templates = self.Contact.get_import_templates()
        self.assertTrue(templates[0]["template"].endswith(".csv"))

    def test_imported_on(self):
        Contact = self.Contact.with_context(import_file=True)
        result = Contact.load(["name", "city"], [["Anna", "Lund"]])
        contact = self.Contact.browse(result["ids"])
        self.assertEqual(contact.import_date, self.env.cr.now())
        self.assertFalse(self._contact("By Hand").import_date)
        self.assertFalse(contact.copy().import_date)
