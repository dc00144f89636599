from odoo.exceptions import AccessError

from .common import MarketingContactCommon


class TestUndoOwn(MarketingContactCommon):
    """Who linked or saved may undo their own last batch; others' only managers (§7)."""

    def setUp(self):
        super().setUp()
        self.contact, self.customer, *_others = self._linked("Acme", city="Lund")
        self.env.flush_all()
        self.Batch = self.env["marketing.sync.batch"]
        self.mine = self.contact.with_user(self.marketer)

    def test_save(self):
        self.mine.write({"city": "Malmö"})
        Batch = self.Batch.with_user(self.marketer)
        offer = Batch.get_own_last("marketing.contact", self.contact.id)
        self.assertIn("3 other records", offer["message"])
        action = Batch.browse(offer["id"]).action_undo()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual({self.contact.city, self.customer.city}, {"Lund"})
        self.assertFalse(Batch.get_own_last("marketing.contact", self.contact.id))

    def test_several(self):
        """Several that were edited in the list are undone together."""
        contacts = (self.contact | self._linked("Bolt", city="Ystad")[0]).with_user(
            self.marketer
        )
        contacts.write({"city": "Malmö"})
        Batch = self.Batch.with_user(self.marketer)
        offer = Batch.get_own_last("marketing.contact", contacts.ids)
        self.assertIn("6 other records", offer["message"])
        Batch.browse(offer["id"]).action_undo()
        self.assertEqual(contacts.mapped("city"), ["Lund", "Ystad"])
        self.assertEqual(contacts.customer_id.mapped("city"), ["Lund", "Ystad"])

    def test_only_the_last(self):
        self.mine.write({"city": "Malmö"})
        first = self.Batch.search([], limit=1)
        self.mine.write({"city": "Ystad"})
        with self.assertRaises(AccessError):
            first.with_user(self.marketer).undo()
        second = self.Batch.search([], limit=1)
        with self.assertRaises(AccessError):
            (first | second).with_user(self.marketer).undo()
        with self.assertRaises(AccessError):
            second.with_user(self.clerk).undo()
        with self.assertRaises(AccessError):
            second.with_user(self.marketer).read(["summary"])
        second.with_user(self.marketer).undo()
        self.assertEqual(self.customer.city, "Malmö")
        first.with_user(self.manager).undo()

    def test_left_alone(self):
        self.mine.write({"city": "Malmö"})
        entry = self.Batch.search([], limit=1)
        self.customer.with_context(marketing_contact_no_create=True)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET city = 'Own' WHERE id = %s", [self.customer.id]
        )
        self.env.invalidate_all()
        action = entry.with_user(self.marketer).action_undo()
        self.assertIn("1 values", action["params"]["message"])
        self.assertEqual((self.contact.city, self.customer.city), ("Lund", "Own"))

    def test_link_offers_it(self):
        contact = self._contact("New")
        partner = self._partner("Other", city="Ystad")
        wizard = self.env["marketing.contact.link"].with_user(self.marketer)
        action = wizard.create(
            {"contact_id": contact.id, "kind": "customer", "partner_id": partner.id}
        ).action_link()
        self.assertEqual(action["tag"], "marketing_offer_undo")
        self.assertEqual(contact.city, "Ystad")
        self.Batch.with_user(self.marketer).browse(action["params"]["id"]).undo()
        self.assertFalse(contact.customer_id or contact.city)

    def test_summary(self):
        """The list says what happened, and is searched by record and field."""
        self.mine.write({"city": "Malmö"})
        entry = self.Batch.with_user(self.manager).search([], limit=1)
        self.assertEqual(entry.summary, f"{self.contact.display_name} and 3 more: City")
        for text in ("Acme", "city", "City"):
            self.assertIn(entry, entry.search([("summary", "ilike", text)]))
        self.assertNotIn(entry, entry.search([("summary", "ilike", "phone")]))
        account = self.contact.bank_account_ids
        for record in (self.contact, self.customer, account, account.bank_id):
            action = record.with_user(self.manager).action_view_journal()
            self.assertIn(entry, entry.search(action["domain"]))
