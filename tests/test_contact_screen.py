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
        inherited = self.person.with_user(self.marketer).link_chips
        self.assertEqual(
            inherited, [{**chip, "own": False} for chip in self.seen.link_chips]
        )
        self.assertTrue(all(chip["own"] for chip in self.seen.link_chips))
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


@tagged("post_install", "-at_install")
class TestAnswers(MarketingContactCommon):
    """Every deed ends in an answer, with an undo where there is one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one = cls._contact("One", email="one@quince.example")
        cls.two = cls._contact("Two")
        cls.both = cls.one | cls.two

    def _undo(self, offer):
        self.assertEqual(offer["tag"], "marketing_offer_undo")
        batch = self.env["marketing.sync.batch"].browse(offer["params"]["id"])
        options = {"delete_created": True} if offer["params"]["delete"] else {}
        batch.with_user(self.marketer).action_undo(**options)

    def test_schedule(self):
        wizard = (
            self.env["mail.activity.schedule"]
            .with_user(self.marketer)
            .with_context(active_model="marketing.contact", active_ids=self.both.ids)
            .create({"summary": "Call back"})
        )
        offer = wizard.action_schedule_activities()
        self.assertEqual(len(self.both.activity_ids), 2)
        self.assertIn("2 contacts", offer["params"]["message"])
        self._undo(offer)
        self.env.invalidate_all()
        self.assertFalse(self.both.activity_ids)

    def test_send_email(self):
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.marketer)
            .with_context(
                active_model="marketing.contact",
                active_ids=self.both.ids,
                default_composition_mode="mass_mail",
                default_model="marketing.contact",
                default_res_ids=self.both.ids,
            )
            .create({"subject": "News", "body": "<p>News</p>"})
        )
        self.assertEqual(composer.marketing_reach, "1 of 2 have an email address.")
        action = composer.action_send_mail()
        self.assertEqual(action["params"]["message"], "Sent to 1 contact.")

    def test_merge_all_sure_ones(self):
        Match = self.env["marketing.match"]
        pairs = [(self._contact(f"Twin {i}"), self._contact(f"Twin {i}")) for i in "ab"]
        pairs.append(self.both)
        for one, other in pairs:
            Match.create(
                {
                    "contact_id": one.id,
                    "other_contact_id": other.id,
                    "score": 99,
                    "certain": True,
                    "band": "ask" if one == self.one else "sure",
                }
            )
        offer = Match.with_user(self.marketer).action_merge_sure()
        for one, other in pairs[:2]:
            self.assertEqual(other.merged_into_id, one)
        self.assertFalse(self.both.merged_into_id)
        self._undo(offer)
        for one, other in pairs[:2]:
            self.assertFalse((one | other).merged_into_id)
        again = Match.with_user(self.marketer).search([]).filtered("other_contact_id")
        again.action_reject()
        none = Match.with_user(self.marketer).action_merge_sure()
        self.assertEqual(none["tag"], "display_notification")

    def test_what_a_look_found(self):
        Match = self.env["marketing.match"]
        Match.search([]).unlink()
        partner = self._partner("One AB")
        Match.create(
            {
                "contact_id": self.one.id,
                "partner_id": partner.id,
                "score": 99,
                "certain": True,
                "band": "sure",
            }
        )
        run = self.env["marketing.run"].create({"origin": "match", "state": "done"})
        self.assertEqual(run.results_text, "1 sure, 0 to ask: look at them")

    def test_unsure_is_folded(self):
        Match = self.env["marketing.match"].with_user(self.marketer)
        Match = Match.with_context(read_group_expand=True)
        groups = Match.web_read_group(
            [], ["band"], auto_unfold=True, unfold_read_specification={"id": {}}
        )["groups"]
        opened = {g["band"] for g in groups if "__records" in g}
        self.assertEqual(opened, {"sure", "ask"})

    def test_why_it_is_asked(self):
        Match = self.env["marketing.match"]
        for name in ("One AB", "One Ltd"):
            Match.create(
                {
                    "contact_id": self.one.id,
                    "partner_id": self._partner(name).id,
                    "score": 45,
                    "band": "ask",
                }
            )
        questions = Match.with_user(self.marketer).get_queue(limit=50)["questions"]
        why = {q["why"] for q in questions if q["left"]["id"] == self.one.id}
        self.assertEqual(why, {"2 are alike"})

    def test_counts_name_the_kind(self):
        partners = self._partner("New A") | self._partner("New B")
        wizard = (
            self.env["marketing.contact.generate"]
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .create({"kind": "customer"})
        )
        self.assertEqual(wizard.summary, "2 customers: 2 get a new contact.")
