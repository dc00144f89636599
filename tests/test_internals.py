from unittest.mock import patch

from odoo.tools import SQL

from ..models.interactions import hooks
from ..models.sync import derived, values
from ..models.trust import preview
from .common import MarketingContactCommon


class TestInternals(MarketingContactCommon):
    """What we use of Odoo's that is no promise of its: a 19.x that changes it is told
    here, beside the function of ours that uses it.
    """

    def test_memory_of_a_field(self):
        """`values._get_cached`: Odoo's memory, as right as a look at the field."""
        partner = self._partner("Acme", phone="1")
        field = partner._fields["phone"]
        self.assertEqual(values._get_cached(partner, field)[partner.id], "1")
        partner.phone = "2"
        self.assertEqual(values._get_cached(partner, field)[partner.id], "2")
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE res_partner SET phone = '3' WHERE id = %s", partner.id)
        )
        partner.invalidate_recordset(["phone"])
        self.assertEqual(values._get_cached(partner, field)[partner.id], "3")
        # pending computations are done
        child = self.Partner.create({"name": "Ann", "parent_id": partner.id})
        name = child._fields["complete_name"]
        partner.name = "Mill"
        self.assertIn("Mill", values._get_cached(child, name)[child.id])

    def test_memory_after_a_roll_back(self):
        partner = self._partner("Acme", phone="1")
        field = partner._fields["phone"]
        with self.env.cr.savepoint() as savepoint:
            partner.phone = "2"
            self.env.flush_all()
            savepoint.rollback()
        self.assertEqual(values._get_cached(partner, field)[partner.id], "1")

    def test_memory_of_a_preview(self):
        """`preview._own_memory`: nothing of it is seen by the form around it."""
        partner = self._partner("Acme", phone="1")
        called = []
        self.env.cr.postcommit.add(lambda: called.append("before"))
        queues = self.env.cr.postcommit
        before = len(queues._funcs)
        transaction = self.env.cr.transaction
        with preview._own_memory(self.env) as env:
            self.assertIsNot(env.transaction, transaction)
            partner.with_env(env).phone = "2"
            env.cr.postcommit.add(lambda: called.append("within"))
            self.assertEqual(partner.phone, "1")
        self.assertIs(self.env.cr.transaction, transaction)
        self.assertEqual(len(queues._funcs), before)

    def test_derived_values(self):
        """`derived`: partners and contacts read phone numbers by the same methods."""
        for each in derived.DERIVED.values():
            self.assertTrue(derived.are_alike(self.Partner, self.Contact, each))

    def test_derived_values_are_taken_over(self):
        contact, customer, _vendor, _bank = self._linked(country_id=self.sweden.id)
        self.env.flush_all()
        asked = []
        original = self.registry["base"]._phone_format_number

        def spy(records, *args, **kwargs):
            asked.append(records._name)
            return original(records, *args, **kwargs)

        with patch.object(self.registry["base"], "_phone_format_number", spy):
            customer.phone = "08-123 456"
            self.env.flush_all()
        self.assertEqual(asked, ["res.partner"])
        self.assertEqual(contact.phone_sanitized, "+468123456")
        # in another country it is another number: read by itself
        self.env.cr.execute(
            SQL(
                "UPDATE marketing_contact SET country_id = %s WHERE id = %s",
                self.env.ref("base.us").id,
                contact.id,
            )
        )
        self.env.invalidate_all()
        customer.phone = "212 555 0100"
        self.assertEqual(contact.phone_sanitized, "+12125550100")
        self.assertNotEqual(customer.phone_sanitized, "+12125550100")
        customer.email = "Ann <ANN@x.example>"
        self.assertEqual(contact.email_normalized, "ann@x.example")

    def test_made_contacts_keep_what_the_cards_derived(self):
        partner = self._partner(
            "Acme", phone="08-123 456", country_id=self.sweden.id, email="A@x.example"
        )
        contact = partner.create_marketing_contacts("customer")
        self.env.flush_all()
        self.assertEqual(contact.phone_sanitized, "+468123456")
        self.assertEqual(contact.email_normalized, "a@x.example")

    # ------------------------------------------------------------
    # HOOKS: methods on top of the classes of models with a rule
    # ------------------------------------------------------------

    def _get_ours(self, model):
        return {
            name
            for name in hooks.MAKERS
            if getattr(vars(self.registry[model]).get(name), "marketing_contact", False)
        }

    def test_only_models_with_a_rule_are_heard_of(self):
        self.assertFalse(self._get_ours("res.partner.category"))
        self.assertFalse(self._get_ours("res.currency"))
        self.assertIn("write", self._get_ours("sale.order"))

    def test_hooks_come_and_go_with_rules(self):
        template = self.env["marketing.interaction.template"].search([], limit=1)
        self.addCleanup(hooks.remove, self.registry, {"sale.order": hooks.CONFIRM})
        self.addCleanup(self.registry.reset_changes)
        rule = self.env["marketing.interaction.rule"].create(
            {
                "model": "res.partner.category",
                "event": "create",
                "template_id": template.id,
            }
        )
        self.assertEqual(self._get_ours("res.partner.category"), {"create"})
        self.assertTrue(self.registry.registry_invalidated)
        rule.unlink()
        # a transaction that is rolled back leaves the rule: it goes after the commit
        self.assertEqual(self._get_ours("res.partner.category"), {"create"})
        hooks.remove(self.registry, rule._get_patches())
        self.assertFalse(self._get_ours("res.partner.category"))
        self.assertIn("write", self._get_ours("sale.order"))

    def test_hooks_of_others_stay(self):
        """What another module has put on a class below or above ours still works."""
        model = self.registry["res.partner.category"]
        calls = []

        def make(name):
            def write(records, vals, **kwargs):
                calls.append(name)
                return write.origin(records, vals, **kwargs)

            write.origin = model.write
            return write

        model.write = make("below")
        self.addCleanup(delattr, model, "write")
        hooks.add(self.registry, {"res.partner.category": {"write"}})
        record = self.env["res.partner.category"].create({"name": "A"})
        record.color = 1
        self.assertEqual(calls, ["below"])
        hooks.remove(self.registry, {})
        hooks.add(self.registry, self.env["marketing.interaction.rule"]._get_patches())
        record.color = 2
        self.assertEqual(calls, ["below", "below"])
