from odoo.tests import Form

from .common import MarketingContactCommon


class TestNotice(MarketingContactCommon):
    """The notice at the edit, before saving (DESIGN §7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked("Acme")
        cls.vendor.name = "Acme"

    def test_every_shared_field_of_the_contact(self):
        for name, value in (
            ("phone", "1"),
            ("city", "Lund"),
            ("country_id", self.sweden),
            ("vat", "SE123456789701"),
        ):
            with Form(self.contact) as form:
                self.assertFalse(form.marketing_sync_notice)
                old = form[name]
                form[name] = value
                self.assertIn("Acme", form.marketing_sync_notice, name)
                self.assertEqual(self.customer[name], self.contact[name])
                form[name] = old
                self.assertFalse(form.marketing_sync_notice, name)

    def test_unshared_field(self):
        with Form(self.contact) as form:
            form.comment = "nobody's business"
            self.assertFalse(form.marketing_sync_notice)

    def test_unlinked(self):
        with Form(self._contact("Alone")) as form:
            form.phone = "1"
            self.assertFalse(form.marketing_sync_notice)
        with Form(self._partner("Alone")) as form:
            form.phone = "1"
            self.assertFalse(form.marketing_sync_notice)
        with Form(self.Contact) as form:
            form.name = "New"
            self.assertFalse(form.marketing_sync_notice)

    def test_customer_form(self):
        with Form(self.customer) as form:
            form.phone = "1"
            self.assertIn(self.contact.display_name, form.marketing_sync_notice)

    def test_customer_form_without_rights_on_contacts(self):
        """Who may not see the contact is told, but not its name or number."""
        with Form(self.customer.with_user(self.clerk)) as form:
            form.phone = "1"
            self.assertTrue(form.marketing_sync_notice)
            self.assertNotIn(self.contact.number, form.marketing_sync_notice)

    def test_bank_account_form(self):
        account = self.contact.bank_account_ids
        other = self.Bank.create({"name": "Other Bank"})
        with Form(account) as form:
            form.bank_id = other
            self.assertIn(self.contact.display_name, form.marketing_sync_notice)

    def test_bank_form(self):
        with Form(self.bank) as form:
            form.phone = "1"
            self.assertIn(self.contact.display_name, form.marketing_sync_notice)

    def test_held_back(self):
        """The editor is told what a user's partner will not take over."""
        self.env["res.users"].create(
            {"name": "U", "login": "notice_user", "partner_id": self.customer.id}
        )
        with Form(self.contact.with_user(self.marketer)) as form:
            form.email = "x@y.example"
            self.assertIn("user account", form.marketing_sync_notice)

    def test_a_field_added_by_hand_can_be_deleted(self):
        """Odoo deletes no field that others were set up to depend on."""
        self.addCleanup(self.registry.reset_changes)
        self.addCleanup(self.registry.clear_all_caches)
        field = self.env["ir.model.fields"].create(
            {
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "name": "x_marketing_test",
                "field_description": "By Hand",
                "ttype": "char",
            }
        )
        self.assertIn("x_marketing_test", self.env["res.partner"]._fields)
        field.unlink()
        self.assertNotIn("x_marketing_test", self.env["res.partner"]._fields)
