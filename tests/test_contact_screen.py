from lxml import etree

from odoo.tests import Form, tagged

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestContactScreen(MarketingContactCommon):
    """What the form of a contact says at a glance, and what takes two clicks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact, cls.customer, cls.vendor, _bank = cls._linked("Quince Mill")
        cls.person = cls._contact(
            "Anna", is_company=False, parent_id=cls.contact.id, function="Buyer"
        )
        cls.seen = cls.contact.with_user(cls.marketer)

    def test_chips(self):
        """What it is linked with, each to be opened; a person has the company's."""
        roles = [(chip["role"], chip["name"]) for chip in self.seen.link_chips]
        self.assertEqual(
            roles,
            [
                ("Bank Account", self.contact.bank_account_ids.display_name),
                ("Customer", "Quince Mill"),
                ("Vendor", "Quince Mill"),
            ],
        )
        self.assertEqual(
            self.person.with_user(self.marketer).link_chips, self.seen.link_chips
        )
        relation = self.Relation.browse(self.seen.link_chips[1]["id"])
        self.assertEqual(relation.action_open_card()["res_id"], self.customer.id)
        self.assertFalse(self._contact("Plain").link_chips)

    def test_out_of_sync_only_where_it_is(self):
        self.assertFalse(any(chip["drifted"] for chip in self.seen.link_chips))
        self.customer.marketing_relation_ids._mark_drifted()
        self.assertEqual(
            [c["role"] for c in self.seen.link_chips if c["drifted"]], ["Customer"]
        )

    def test_all_that_it_is_and_nothing_where_it_is_nothing(self):
        press = self.env["marketing.business.relation"].create(
            {"code": "PRS", "name": "Press people"}
        )
        self.Relation.create(
            {"contact_id": self.contact.id, "business_relation_id": press.id}
        )
        named = self.seen.with_context(marketing_without_code=True)
        names = named.business_relation_ids.mapped("display_name")
        self.assertEqual(
            sorted(names), ["Bank Account", "Customer", "Press people", "Vendor"]
        )
        self.assertEqual(
            self.person.business_relation_ids.ids, named.business_relation_ids.ids
        )
        self.assertFalse(self._contact("Plain").business_relation_ids)

    def test_timeline_first(self):
        arch = etree.fromstring(self.Contact.get_view(view_type="form")["arch"])
        pages = [page.get("name") for page in arch.iter("page")]
        self.assertEqual(pages[0], "timeline")
        self.assertFalse(arch.xpath("//page[@autofocus]"))

    def test_unlink_and_take_it_back(self):
        relation = self.customer.marketing_relation_ids.with_user(self.marketer)
        action = relation.action_ask_unlink()
        self.assertEqual((action["res_id"], action["target"]), (relation.id, "new"))
        offer = relation.action_unlink()
        self.assertFalse(relation.exists())
        self.assertEqual(offer["tag"], "marketing_offer_undo")
        batch = self.env["marketing.sync.batch"].browse(offer["params"]["id"])
        batch.with_user(self.marketer).action_undo()
        self.assertEqual(self.seen.customer_id, self.customer)

    def test_a_call_in_two_clicks(self):
        action = self.seen.action_log_interaction()
        Interaction = self.env["marketing.interaction"].with_user(self.marketer)
        Interaction = Interaction.with_context(**action["context"])
        call = Form(Interaction, view=action["views"][0][0]).save()
        self.assertRecordValues(
            call,
            [
                {
                    "name": "Call",
                    "channel": "phone",
                    "direction": "outgoing",
                    "contact_id": self.contact.id,
                }
            ],
        )
        self.assertEqual(call.display_name, "Quince Mill: Call")
        offer = call.action_logged()
        self.assertEqual(offer["tag"], "marketing_offer_undo")
        batch = self.env["marketing.sync.batch"].browse(offer["params"]["id"])
        batch.with_user(self.marketer).action_undo(
            delete_created=offer["params"]["delete"]
        )
        self.assertFalse(call.exists())

    def test_what_the_list_does_the_form_does(self):
        for model in ("marketing.contact.merge.wizard", "mail.compose.message"):
            action = self.env["ir.actions.act_window"].search(
                [
                    ("res_model", "=", model),
                    ("binding_model_id.model", "=", "marketing.contact"),
                ]
            )
            self.assertIn("form", action.binding_view_types, model)
