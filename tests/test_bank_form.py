from lxml import etree

from odoo.exceptions import AccessError

from .common import MarketingContactCommon


class TestBankForm(MarketingContactCommon):
    """A bank leads to its contact and says with whom it is in step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked("Riverbank")
        cls.free_bank = cls.Bank.create({"name": "Free Bank"})

    def test_contact_of_the_bank(self):
        bank = self.bank.with_user(self.marketer)
        self.assertEqual(bank.marketing_contact_id, self.contact)
        action = bank.action_view_marketing_contact()
        self.assertEqual(action["res_model"], "marketing.contact")
        self.assertEqual(action["res_id"], self.contact.id)
        self.assertFalse(self.free_bank.marketing_contact_id)

    def test_search_by_contact(self):
        both = self.bank | self.free_bank
        for domain, expected in (
            ([("marketing_contact_id", "=", self.contact.id)], self.bank),
            ([("marketing_contact_id", "!=", self.contact.id)], self.free_bank),
            ([("marketing_contact_id", "=", False)], self.free_bank),
            ([("marketing_contact_id", "!=", False)], self.bank),
            ([("marketing_contact_id", "ilike", "riverb")], self.bank),
        ):
            found = self.Bank.search([("id", "in", both.ids), *domain])
            self.assertEqual(found, expected, domain)

    def test_contact_is_for_marketing_only(self):
        with self.assertRaises(AccessError):
            self.bank.with_user(self.clerk).read(["marketing_contact_id"])

    def test_summary(self):
        summary = self.bank.with_user(self.manager).marketing_sync_summary
        for record in (self.contact, self.customer, self.vendor):
            self.assertIn(record.display_name, summary)
        self.assertFalse(self.free_bank.marketing_sync_summary)

    def test_summary_leaves_out_accounts_at_the_bank(self):
        """They share the bank itself: nothing is written on them."""
        self.contact.link_card(
            "bank_account", self._account("SECOND", self.bank).id, master="card"
        )
        self.bank.invalidate_recordset()
        self.assertNotIn("SECOND", self.bank.marketing_sync_summary)
        self.assertNotIn("ACC Riverbank", self.bank.marketing_sync_summary)

    def test_summary_without_rights(self):
        summary = self.bank.with_user(self.clerk).marketing_sync_summary
        self.assertNotIn(self.contact.number, summary)
        self.assertIn("a marketing contact", summary)
        self.assertIn(self.customer.name, summary)

    def test_unlinking_empties_both(self):
        self.contact.relation_ids.filtered(
            lambda relation: relation.kind == "bank_account"
        ).unlink()
        self.assertFalse(self.bank.marketing_contact_id)
        self.assertFalse(self.bank.marketing_sync_summary)

    def test_form_shows_them(self):
        for user, expected in ((self.marketer, True), (self.clerk, False)):
            views = self.Bank.with_user(user).get_views([(False, "form")])
            arch = etree.fromstring(views["views"]["form"]["arch"])
            button = arch.xpath("//button[@name='action_view_marketing_contact']")
            self.assertEqual(bool(button), expected)
            self.assertTrue(arch.xpath("//field[@name='marketing_sync_summary']"))
