from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.base.tests.common import DISABLED_MAIL_CONTEXT

SHARED_ADDRESS = {
    "street": "Main Street 1",
    "zip": "111 22",
    "city": "Stockholm",
}


@tagged("post_install", "-at_install")
class MarketingContactCommon(TransactionCase):
    """Users, helpers and a clean setup for the tests of marketing's contacts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, **DISABLED_MAIL_CONTEXT))
        cls.company = cls.env.company
        cls.Contact = cls.env["marketing.contact"]
        cls.Partner = cls.env["res.partner"]
        cls.Bank = cls.env["res.bank"]
        cls.Account = cls.env["res.partner.bank"]
        cls.Relation = cls.env["marketing.contact.relation"]
        cls.Map = cls.env["marketing.sync.field"]
        cls.sweden = cls.env.ref("base.se")
        cls.holder = cls.company.partner_id
        cls.marketer = new_test_user(
            cls.env,
            "marketer",
            "marketing_contact.group_marketing_contact_user",
            name="Marketer",
        )
        cls.manager = new_test_user(
            cls.env,
            "marketing_manager",
            "marketing_contact.group_marketing_contact_manager",
            name="Marketing Manager",
        )
        cls.clerk = new_test_user(
            cls.env,
            "clerk",
            "base.group_user,base.group_partner_manager",
            name="Clerk",
        )
        cls.employee = new_test_user(
            cls.env, "plain_employee", "base.group_user", name="Employee"
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @classmethod
    def _contact(cls, name="Acme", **vals):
        return cls.Contact.create({"name": name, "is_company": True, **vals})

    @classmethod
    def _partner(cls, name="Acme", **vals):
        """Return a partner that got no contact of its own accord."""
        return (
            cls.Partner.with_context(marketing_contact_no_create=True)
            .create({"name": name, "is_company": True, **vals})
            .with_env(cls.env)
        )

    @classmethod
    def _account(cls, number, bank=None, holder=None):
        """Return a bank account that got no contact of its own accord."""
        return (
            cls.Account.with_context(marketing_contact_no_create=True)
            .create(
                {
                    "acc_number": number,
                    "partner_id": (holder or cls.holder).id,
                    "bank_id": bank.id if bank else False,
                }
            )
            .with_env(cls.env)
        )

    @classmethod
    def _linked(cls, name="Acme", **vals):
        """Return a contact with its customer, vendor and bank."""
        contact = cls._contact(name, **vals)
        customer = cls._partner(name, **vals)
        vendor = cls._partner(name, **vals)
        bank = cls.Bank.create({"name": name})
        contact.link_card("customer", customer.id)
        contact.link_card("vendor", vendor.id)
        contact.link_card("bank_account", cls._account(f"ACC {name}", bank).id)
        return contact, customer, vendor, bank

    def assertAll(self, records, field, value):
        """Check that a field has the value on every one of the records."""
        for record in records:
            self.assertEqual(record[field], value, f"{field} of {record}")
