from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common_documents import MarketingDocumentsCommon


@tagged("post_install", "-at_install")
class TestBackDoors(MarketingDocumentsCommon):
    """Ways around what is refused at the front door: defaults, copies, the map."""

    def test_defaults_record_no_document(self):
        contact = self._contact("Acme")
        Interaction = self.env["marketing.interaction"].with_user(self.marketer)
        call = Interaction.with_context(
            default_res_model="res.users",
            default_res_id=1,
            default_res_name="Root",
            default_mail_message_id=self.env["mail.message"].search([], limit=1).id,
        ).create({"contact_id": contact.id, "name": "Call"})
        self.assertFalse(call.res_model or call.res_id or call.res_name)
        self.assertFalse(call.sudo().mail_message_id)

    def test_copy_records_no_document(self):
        contact = self._contact("Acme")
        printed = self.env["marketing.interaction"].create(
            {
                "contact_id": contact.id,
                "name": "Printed",
                "res_model": "res.users",
                "res_id": 1,
                "res_name": "Root",
            }
        )
        for user in (self.env.user, self.marketer):
            copied = printed.with_user(user).copy()
            self.assertFalse(copied.res_model or copied.res_id or copied.res_name)

    def test_defaults_say_nothing_of_a_link(self):
        contact, customer = self._contact("A", phone="1"), self._partner("A")
        relation = self.Relation.with_user(self.manager)
        relation = relation.with_context(default_state="drifted").create(
            {"contact_id": contact.id, "kind": "customer", "partner_id": customer.id}
        )
        self.assertEqual(relation.state, "equal")

    def test_internal_operators_in_conditions(self):
        rule = self._only_rule(model="res.partner", event="print")
        with self.assertRaises(ValidationError):
            rule.with_user(
                self.manager
            ).domain = "[('user_ids', 'any!', [('password', '=like', 'a%')])]"

    def test_misfit_in_the_map_is_passed_over(self):
        """A module that changes one of the two fields stops nobody."""
        line = self.Map.search([("contact_field", "=", "phone")], limit=1)
        shared = line._get_shared_field()
        self.assertIn(shared, self.Map._get_map())
        with patch.object(type(self.Map), "_get_misfit", return_value="misfit"):
            self.env.registry.clear_cache()
            self.assertNotIn(shared, self.Map._get_map())
        self.env.registry.clear_cache()
        self.assertIn(shared, self.Map._get_map())

    def test_precision_is_part_of_a_value(self):
        latitude = self.Partner._fields["partner_latitude"]
        rough = self.env["product.template"]._fields["list_price"]
        self.assertTrue(self.Map._get_misfit(latitude, rough))
        self.assertFalse(self.Map._get_misfit(latitude, latitude))

    def test_printed_and_mailed_are_told_apart(self):
        rules = self.env["marketing.interaction.rule"].search([])
        mailed = rules.filtered(lambda r: r.event == "email").template_id
        printed = rules.filtered(lambda r: r.event == "print").template_id
        self.assertTrue(mailed and printed)
        self.assertFalse(mailed & printed)
        quotation = self.env.ref(
            "marketing_contact.marketing_interaction_rule_quotation_print"
        )
        self.assertEqual(quotation.template_id.name, "Quotation printed")
