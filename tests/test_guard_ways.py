from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user

from .common import MarketingContactCommon


class TestGuardWays(MarketingContactCommon):
    """No way leads from a contact to the login of a user account.

    Each way is gone twice: with the guard, when nothing gets through, and without it,
    when it does – which shows that it is the guard that holds it back.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, "insider", "base.group_user", email="in@x.example", name="insider"
        )
        cls.partner = cls.user.partner_id
        cls.partner.is_company = True  # a company's partner has people below it
        cls.contact = cls._contact("insider", email="in@x.example")
        cls.contact.link_card("customer", cls.partner.id, master="card")
        cls.vendor = cls.contact.create_card("vendor")
        cls.env.flush_all()

    def _go(self, way):
        """Return the e-mails of the user's partner, with the guard and without it."""
        emails = []
        guard = type(self.env["res.partner"])
        for guarded in (True, False):
            with self.env.cr.savepoint() as savepoint:
                if guarded:
                    way()
                else:
                    with patch.object(
                        guard, "_marketing_guarded_fields", lambda *args: {}
                    ):
                        way()
                        self.env.flush_all()
                self.env.flush_all()
                self.env.invalidate_all()
                emails.append(self.partner.email)
                savepoint.rollback()
            self.env.registry.clear_cache()
        return emails

    def _assert_guarded(self, way):
        self.assertEqual(self._go(way), ["in@x.example", "thief@x.example"])

    def test_write(self):
        contact = self.contact.with_user(self.marketer)
        self._assert_guarded(lambda: contact.write({"email": "thief@x.example"}))

    def test_sudo(self):
        contact = self.contact.with_user(self.marketer).sudo()
        self._assert_guarded(lambda: contact.write({"email": "thief@x.example"}))

    def test_form(self):
        def way():
            with Form(self.contact.with_user(self.marketer)) as form:
                form.email = "thief@x.example"

        self._assert_guarded(way)

    def test_import(self):
        def way():
            result = self.Contact.with_user(self.marketer).load(
                [".id", "email"], [[str(self.contact.id), "thief@x.example"]]
            )
            self.assertTrue(result["ids"], result["messages"])

        self._assert_guarded(way)

    def test_other_card(self):
        vendor = self.vendor.with_user(self.clerk)
        self._assert_guarded(lambda: vendor.write({"email": "thief@x.example"}))

    def test_bank(self):
        bank = self.Bank.create({"name": "insider", "email": "in@x.example"})
        self.contact.link_card("bank_account", self._account("G-1", bank).id)
        bank = bank.with_user(self.clerk)
        self._assert_guarded(lambda: bank.write({"email": "thief@x.example"}))

    def test_field_map(self):
        """Another contact field in the map is no way round: it is refused."""
        line = self.Map.search(
            [("kind", "=", "customer"), ("card_field", "=", "email")]
        )

        self.Map.search(
            [("kind", "=", "customer"), ("contact_field", "=", "function")]
        ).unlink()
        with self.assertRaises(ValidationError):
            line.with_user(self.manager).contact_field = "function"

    def test_link(self):
        relation = self.contact.relation_ids.filtered(lambda r: r.kind == "customer")
        thief = self._contact("insider", email="thief@x.example")

        def way():
            relation.with_user(self.marketer).unlink()
            thief.with_user(self.marketer).link_card("customer", self.partner.id)

        self._assert_guarded(way)

    def test_link_wizard_that_merges(self):
        thief = self._contact("insider", email="thief@x.example")
        self.vendor.unlink()

        def way():
            wizard = self.env["marketing.contact.link"].with_user(self.marketer)
            wizard.create(
                {
                    "contact_id": thief.id,
                    "kind": "customer",
                    "partner_id": self.partner.id,
                    "conflict_action": "merge",
                }
            ).action_link()

        self._assert_guarded(way)

    def test_moved_link(self):
        thief = self._contact("insider", email="thief@x.example")
        relation = thief.link_card("customer", self._partner("Own").id)
        ours = self.contact.relation_ids.filtered(lambda r: r.kind == "customer")

        def way():
            ours.with_user(self.marketer).unlink()
            relation.with_user(self.marketer).partner_id = self.partner

        self._assert_guarded(way)

    def test_undo(self):
        """The manager undoes the change by which the user got the right e-mail."""
        self.contact.email = "thief@x.example"
        self.contact.email = "in@x.example"
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertEqual(self.partner.email, "in@x.example")
        self._assert_guarded(lambda: batch.with_user(self.manager).undo())

    def test_repair(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_contact SET email = 'thief@x.example' WHERE id = %s",
            [self.contact.id],
        )
        self.env.invalidate_all()
        relation = self.contact.relation_ids.filtered(lambda r: r.kind == "customer")
        differences = relation.check_differences()
        repair = differences.with_user(self.manager)
        self._assert_guarded(repair.action_use_contact)

    def test_merge_of_partners(self):
        """A merged card's contact brings its e-mail to nobody's user account."""
        merger = new_test_user(
            self.env, "merger", "base.group_user,base.group_partner_manager"
        )
        other = self._partner("insider", email="in@x.example")
        thief = self._contact("insider", email="thief@x.example")
        self.contact.relation_ids.unlink()
        thief.link_card("vendor", other.id)
        self.env.cr.execute(
            "UPDATE res_partner SET email = 'in@x.example' WHERE id = %s", [other.id]
        )
        self.env.invalidate_all()
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(merger)
        wizard.sudo()._merge([other.id, self.partner.id], self.partner)
        thief.with_user(self.marketer).phone = "5"
        self.assertEqual(self.partner.email, "in@x.example")
        self.assertEqual(thief.relation_ids.partner_id, self.partner)
