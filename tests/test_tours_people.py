from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestPeopleTours(HttpCase):
    """A company's people in the browser: brought along, moved, let go, linked later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company._marketing_set_defaults()
        cls.env["marketing.contact.relation"].search([]).unlink()
        cls.login = "tour_people"
        cls.user = new_test_user(
            cls.env,
            cls.login,
            "marketing_contact.group_marketing_contact_manager,"
            "base.group_partner_manager",
        )
        Partner = cls.env["res.partner"].with_context(marketing_contact_no_create=True)
        cls.customer = Partner.create(
            {
                "name": "Tour Azure",
                "is_company": True,
                "customer_rank": 1,
                "city": "Tour City",
                "street": "Old Road 1",
            }
        ).with_env(cls.env)
        cls.buyer, cls.clerk = Partner.create(
            [
                {"name": f"Tour {name}", "parent_id": cls.customer.id}
                for name in ("Buyer", "Clerk")
            ]
        ).with_env(cls.env)

    def _start(self, name, path):
        self.start_tour(f"/odoo/{path}", f"marketing_contact_{name}", login=self.login)
        self.env.invalidate_all()

    def test_create_contacts_with_people(self):
        self._start("people_generate", "contacts")
        contact = self.customer.marketing_contact_id
        self.assertEqual(len(contact.child_ids), 2)
        self.assertEqual(self.buyer.phone, "+46 8 555 040 40")
        self.buyer.phone = "+46 8 555 040 41"
        person = self.buyer.marketing_contact_id
        self.assertEqual(person.phone, "+46 8 555 040 41")

    def test_company_moves(self):
        contact = self.customer.create_marketing_contacts("customer")
        buyer = self.buyer.marketing_contact_id
        clerk = self.clerk.marketing_contact_id
        clerk.write({"street": "Home 5", "city": "Ystad"})
        before = self.env["marketing.sync.batch"].search([], limit=1)
        self.env.flush_all()
        self._start("people_move", f"marketing-contacts/{contact.id}")
        self.assertEqual(
            {contact.city, self.customer.city, buyer.city}, {"Tour Harbour"}
        )
        self.assertEqual(clerk.city, "Ystad")
        self.assertFalse(clerk.parent_id or clerk.relation_ids)
        new = contact.child_ids - buyer
        self.assertEqual((new.name, new.city), ("Tour Nils", "Tour Harbour"))
        clerk.parent_id = contact
        self.assertEqual(clerk.relation_ids.partner_id, self.clerk)
        entries = self.env["marketing.sync.batch"].search([("id", ">", before.id)])
        entries.undo()
        self.assertEqual({contact.city, self.customer.city, buyer.city}, {"Tour City"})
        self.assertEqual(clerk.city, "Ystad")

    def test_offer_in_the_overview(self):
        self.company.marketing_people_to_contacts = False
        contact = self.customer.create_marketing_contacts("customer")
        self.assertFalse(contact.child_ids)
        self.env.flush_all()
        self._start("people_offer", "marketing-overview")
        self.assertEqual(len(contact.child_ids), 2)
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        entry.undo(delete_created=True)
        self.assertFalse(contact.child_ids)
