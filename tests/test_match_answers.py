from lxml import etree
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestMatchAnswers(MarketingContactCommon):
    """Proposals that people answer, thresholds, rights and companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Match = cls.env["marketing.match"]
        cls.pairs = [cls._pair(name) for name in ("Kelmaro", "Tiveldor", "Prinsaba")]

    @classmethod
    def _pair(cls, name, **vals):
        """Return a contact and a partner that are the same."""
        vals = {
            "email": f"info@{name.lower()}.se",
            "phone": f"+46 31 7{len(name)}0 {ord(name[0])} {ord(name[1])}",
            "city": "Kalmar",
            **vals,
        }
        return cls._contact(f"{name} Bygg AB", **vals), cls._partner(
            f"{name} Bygg Aktiebolag", **vals
        )

    def _match(self, pair):
        contact, partner = pair
        return self.Match.search(
            [("contact_id", "=", contact.id), ("partner_id", "=", partner.id)]
        )

    def test_link_several(self):
        matches = self.Match.match_all().filtered(
            lambda m: m.band == "sure" and m.partner_id
        )
        self.assertEqual(len(matches), 3)
        self.pairs[1][1].supplier_rank = 2
        batches = self.env["marketing.sync.batch"].search_count([])
        self.assertIs(matches.with_user(self.marketer).action_link(), True)
        self.assertEqual(set(matches.mapped("state")), {"linked"})
        self.assertEqual(matches[0].user_id, self.marketer)
        self.assertEqual(self.pairs[0][0].customer_id, self.pairs[0][1])
        self.assertEqual(self.pairs[1][0].vendor_id, self.pairs[1][1])
        self.assertFalse(self.pairs[1][0].customer_id)
        made = self.env["marketing.sync.batch"].search_count([]) - batches
        self.assertLessEqual(made, 1)

    def test_left_out_are_named(self):
        matches = self.Match.match_all().filtered("partner_id")
        contact, _partner = self.pairs[0]
        contact.link_card("customer", self._partner("Taken").id)
        action = matches.filtered(lambda m: m.band == "sure").action_link()
        self.assertIn(contact.name, action["params"]["message"])
        self.assertEqual(self._match(self.pairs[0]).state, "proposed")
        self.assertEqual(self._match(self.pairs[1]).state, "linked")
        with self.assertRaises(UserError):
            self._match(self.pairs[0]).action_link()

    def test_rejected_holds(self):
        self.Match.match_all()
        match = self._match(self.pairs[0])
        match.with_user(self.marketer).action_reject()
        self.assertEqual((match.state, match.band), ("rejected", "unsure"))
        self.assertIn("Not the same", match.contact_id.message_ids[0].body)
        again = self.Match.match_all()
        self.assertNotIn(match, again)
        self.assertEqual((match.state, match.band), ("rejected", "unsure"))
        found = self.pairs[0][0].find_cards()[self.pairs[0][0].id]
        self.assertEqual(found[0]["band"], "unsure")
        match.action_reset()
        self.assertEqual((match.state, match.band), ("proposed", "sure"))

    def test_the_chatter_names_nothing_of_another_company(self):
        """A shared contact is read by all companies, a customer of one isn't."""
        contact, partner = self.pairs[0]
        partner.company_id = self.company
        self.Match.match_all()
        self._match(self.pairs[0]).action_reject()
        self.assertNotIn(partner.name, contact.message_ids[0].body)
        self.assertIn(contact.name, partner.message_ids[0].body)

    def test_later_survives(self):
        self.Match.match_all()
        match = self._match(self.pairs[0])
        match.action_later()
        self.Match.match_all()
        self.assertEqual(match.state, "later")

    def test_rejected_survives_a_merge(self):
        self.Match.match_all()
        contact, partner = self.pairs[0]
        match = self._match(self.pairs[0])
        match.action_reject()
        survivor = self._partner("Kelmaro Bygg", email=partner.email)
        self.Match.match_all()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (partner | survivor).ids, survivor, extra_checks=False
        )
        matches = self.Match.search(
            [("contact_id", "=", contact.id), ("partner_id", "!=", False)]
        )
        self.assertEqual(matches.partner_id, survivor)
        self.assertEqual(matches.state, "rejected")

    def test_rejected_survives_a_merge_of_contacts(self):
        contact, partner = self.pairs[0]
        twin = self._contact("Kelmaro Bygg", email=contact.email, phone=contact.phone)
        self.Match.match_all()
        self._match(self.pairs[0]).action_reject()
        (kept,) = self._match((twin, partner))
        self.assertEqual(kept.state, "proposed")
        contact.merge_into(twin)
        self.assertEqual((kept.state, kept.band), ("rejected", "unsure"))
        found = twin.find_cards()[twin.id]
        self.assertEqual([line["band"] for line in found], ["unsure"])

    def test_merged_partners_make_a_double(self):
        contacts = self._contact("Left") | self._contact("Right")
        partners = self._partner("Left") | self._partner("Right")
        for contact, partner in zip(contacts, partners, strict=True):
            contact.link_card("customer", partner.id)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            partners.ids, partners[0], extra_checks=False
        )
        double = self.Match.search([("other_contact_id", "!=", False)])
        self.assertEqual(double.contact_id | double.other_contact_id, contacts)
        self.assertEqual(double.band, "sure")

    def test_link_elsewhere_answers(self):
        self.Match.match_all()
        contact, partner = self.pairs[0]
        relation = contact.link_card("customer", partner.id)
        self.assertEqual(self._match(self.pairs[0]).state, "linked")
        relation.unlink()
        self.assertEqual(self._match(self.pairs[0]).state, "proposed")

    def test_undo_one_of_many_links(self):
        """In one click: both sides as before, and the others stay linked."""
        for contact, partner in self.pairs:
            partner.write({"phone": False, "street": "Storgatan 1"})
            contact.city = False
        vendor = self._partner("Other Side", supplier_rank=1)
        contact, partner = self.pairs[0]
        contact.link_card("vendor", vendor.id, master="contact")
        everybody = contact | self.pairs[1][0]
        sides = everybody, partner | vendor | self.pairs[1][1]
        names = ["name", "phone", "street", "city", "email"]
        before = [records.read(names) for records in sides]
        self.Match.match_all()
        matches = self.Match.union(*(self._match(pair) for pair in self.pairs))
        self.assertEqual(len(matches), 3)
        matches.with_user(self.marketer).action_link()
        self.assertEqual(vendor.street, "Storgatan 1")
        self.assertEqual(partner.phone, contact.phone)
        match = self._match(self.pairs[0])
        with self.assertRaises(AccessError):
            other = self.marketer.copy({"login": "another_marketer"})
            match.with_user(other).action_undo_link()
        action = match.with_user(self.marketer).action_undo_link()
        self.assertEqual(action["params"]["type"], "success")
        after = [records.read(names) for records in sides]
        self.assertEqual(after[0][0], before[0][0])
        self.assertEqual(after[1][:2], before[1][:2])
        self.assertEqual(contact.vendor_id, vendor)
        self.assertFalse(contact.customer_id)
        self.assertEqual(match.state, "proposed")
        self.assertEqual(self.pairs[1][0].customer_id, self.pairs[1][1])
        self.assertEqual(self.pairs[1][0].street, "Storgatan 1")
        with self.assertRaises(UserError):
            match.action_undo_link()
        relation = self.pairs[1][0].relation_ids
        relation.with_user(self.manager).action_undo_link()
        self.assertFalse(self.pairs[1][0].street)
        self.assertFalse(relation.exists())

    def test_undo_the_link_of_a_new_contact(self):
        """What was made with the link stays as it is."""
        partner = self._partner("Made From", customer_rank=1, city="Ystad")
        contact = partner.with_user(self.manager).create_marketing_contacts("customer")
        contact.relation_ids.with_user(self.manager).action_undo_link()
        self.assertFalse(contact.customer_id)
        self.assertEqual((contact.city, partner.city), ("Ystad", "Ystad"))

    def test_what_is_linked_is_not_taken_back(self):
        """It would be asked about, though it is linked: unlinking takes it back."""
        self.Match.match_all()
        matches = self._match(self.pairs[0]) | self._match(self.pairs[1])
        matches[0].action_link()
        with self.assertRaises(UserError):
            matches.action_reset()
        self.assertEqual(matches[0].state, "linked")
        self.pairs[0][0].relation_ids.unlink()
        self.assertEqual(matches[0].state, "proposed")

    def test_rejected_is_seen_found_and_taken_back(self):
        self.Match.match_all()
        match = self._match(self.pairs[0]).with_user(self.marketer)
        match.action_reject()
        contact, partner = self.pairs[0]
        arch = etree.fromstring(self.Match.get_view(view_type="search")["arch"])
        (found,) = arch.xpath("//filter[@name='rejected']")
        domain = safe_eval(found.get("domain"))
        self.assertIn(match, match.search(domain))
        for record in contact, partner:
            self.assertIn("Not the same as", record.message_ids[0].body)
        match.action_reset()
        self.assertNotIn(match, match.search(domain))
        for record in contact, partner:
            self.assertIn("May be the same as", record.message_ids[0].body)

    def test_outdated_go(self):
        self.Match.match_all()
        contact, partner = self.pairs[0]
        partner.write(
            {"name": "Something Else", "email": False, "phone": False, "city": False}
        )
        self.Match.match_all()
        self.assertFalse(self._match(self.pairs[0]))
        self.assertTrue(contact.exists())

    def test_pair_stands_once(self):
        one, other = self._contact("One"), self._contact("Other")
        self.Match.create({"contact_id": one.id, "other_contact_id": other.id})
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.Match.create({"contact_id": other.id, "other_contact_id": one.id})

    def test_thresholds_move_the_bands(self):
        self.Match.match_all()
        match = self._match(self.pairs[0])
        forecast = self.Match._get_forecast(self.company, 100, 10)
        self.assertIn("0 sure (now 3)", forecast)
        self._pair("Vandriko", company_id=self.company.id)
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.Match._get_forecast(other, 100, 10))
        self.assertFalse(
            self.Match.with_user(self.clerk)._get_forecast(self.company, 100, 10)
        )
        with Form(self.env["marketing.setup"]) as form:
            form.marketing_match_sure = 100
            self.assertIn("0 sure (now 3)", form.match_forecast)
        match.score = 97
        match.flush_recordset()
        self.company.marketing_match_sure = 99
        self.assertEqual(match.band, "ask")
        self.company.marketing_match_sure = 95
        self.assertEqual(match.band, "sure")
        with self.assertRaises(ValidationError):
            self.company.marketing_match_ask = 99

    # ------------------------------------------------------------
    # SURE
    # ------------------------------------------------------------

    def _get_band(self, contact):
        proposals = contact.find_cards()[contact.id]
        return proposals[0]["band"] if proposals else None

    def test_equal_ones_are_not_sure(self):
        contact, partner = self.pairs[0]
        partner.copy({"name": partner.name})
        self.assertNotEqual(self._get_band(contact), "sure")
        match = self.Match.match_all().filtered(lambda m: m.partner_id == partner)
        self.assertNotEqual(match.band, "sure")

    def test_two_contacts_are_not_sure(self):
        contact, partner = self.pairs[0]
        contact.copy({"name": contact.name})
        self.assertNotEqual(self._get_band(contact), "sure")
        self.assertNotIn(
            "sure",
            [p["band"] for p in partner.find_marketing_contacts()[partner.id]],
        )

    def test_archived_and_guarded_are_not_sure(self):
        contact, partner = self.pairs[0]
        self.assertEqual(self._get_band(contact), "sure")
        partner.active = False
        self.assertNotEqual(self._get_band(contact), "sure")
        partner.active = True
        self.env["res.users"].create(
            {"name": "X", "login": "x_guarded", "partner_id": partner.id}
        )
        self.assertNotEqual(self._get_band(contact), "sure")
        match = self.Match.match_all().filtered(lambda m: m.partner_id == partner)
        self.assertNotEqual(match.band, "sure")

    def test_contradictions_are_not_sure(self):
        contact, partner = self.pairs[0]
        contact.vat, partner.vat = "SE556012579001", "SE556036079301"
        self.assertNotEqual(self._get_band(contact), "sure")
        contact.vat = partner.vat = False
        contact.country_id = self.sweden
        partner.country_id = self.env.ref("base.de")
        self.assertNotEqual(self._get_band(contact), "sure")

    # ------------------------------------------------------------
    # AS IT IS NOW
    # ------------------------------------------------------------

    def test_changed_again_in_the_transaction(self):
        contact, partner = self.pairs[0]
        self.assertEqual(self._get_band(contact), "sure")
        partner.write({"name": "Quite Different", "email": False, "phone": False})
        partner.city = False
        self.assertNotIn(
            partner.id, [p["id"] for p in contact.find_cards()[contact.id]]
        )
        other = self._partner("Anything")
        contact.find_cards()
        other.write({"name": contact.name, "email": contact.email})
        other.phone = contact.phone
        self.assertIn(other.id, [p["id"] for p in contact.find_cards()[contact.id]])
        contact.write({"name": "Nothing Alike", "email": False, "phone": False})
        self.assertFalse(contact.find_cards()[contact.id])

    def test_deleted_by_sql(self):
        contact, partner = self.pairs[0]
        contact.find_cards()
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM res_partner WHERE id = %s", [partner.id])
        self.env.invalidate_all()
        self.assertFalse(contact.find_cards()[contact.id])
        self.Match.match_all()
        self.assertFalse(self.Match.search([("contact_id", "=", contact.id)]))

    def test_changed_by_sql(self):
        contact, partner = self.pairs[0]
        contact.find_cards()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET phone = NULL WHERE id = %s", [partner.id]
        )
        self.env.invalidate_all()
        found = contact.find_cards()[contact.id]
        self.assertEqual(found[0]["id"], partner.id)
        self.assertNotIn("phone", [reason["name"] for reason in found[0]["reasons"]])

    def test_rolled_back(self):
        contact, partner = self.pairs[0]
        contact.find_cards()
        with self.env.cr.savepoint() as savepoint:
            partner.name = "Quite Different"
            contact.find_cards()
            savepoint.rollback()
        self.assertEqual(self._get_band(contact), "sure")

    def test_rebuild_and_clear(self):
        contact, _partner = self.pairs[0]
        contact.find_cards()
        self.Match.action_rebuild()
        # as the button of the list calls it, whatever is chosen
        call_kw(self.Match, "action_rebuild", [[]], {})
        self.assertEqual(self._get_band(contact), "sure")
        with self.assertRaises(AccessError):
            self.Match.with_user(self.marketer).action_rebuild()

    def test_saves_cost_no_query(self):
        contact, partner = self.pairs[0]
        counts = []
        for phone in ("+46 1", "+46 2", "+46 3"):
            self.env.invalidate_all()
            partner.read(["phone", "name"])
            start = self.env.cr.sql_log_count
            partner.phone = phone
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
            if phone == "+46 2":
                contact.find_cards()
        self.assertEqual(counts[1], counts[2], "before and after somebody asked")

    # ------------------------------------------------------------
    # RIGHTS AND COMPANIES
    # ------------------------------------------------------------

    def test_companies_are_never_paired(self):
        second = self.env["res.company"].create({"name": "Second Company"})
        contact, partner = self._pair("Vandriko")
        contact.company_id, partner.company_id = self.company, second
        self.env.user.company_ids += second
        both = self.env(context={"allowed_company_ids": [self.company.id, second.id]})
        found = contact.with_env(both).find_cards()[contact.id]
        self.assertNotIn(partner.id, [p["id"] for p in found])
        matches = self.Match.with_env(both).match_all()
        self.assertNotIn(contact, matches.contact_id)
        with self.assertRaises(ValidationError):
            self.Match.create({"contact_id": contact.id, "partner_id": partner.id})

    def test_hidden_is_not_hinted_at(self):
        second = self.env["res.company"].create({"name": "Second Company"})
        contact, partner = self._pair("Vandriko")
        user = self.marketer
        alone = contact.with_user(user).find_cards()[contact.id]
        rival = partner.copy({"name": partner.name})
        rival.company_id = second
        self.assertEqual(contact.with_user(user).find_cards()[contact.id], alone)
        partner.company_id = second
        found = contact.with_user(user).find_cards()[contact.id]
        self.assertNotIn(partner.id, [p["id"] for p in found])

    def test_a_proposal_tells_nothing_of_whom_a_rule_hides(self):
        """Neither names nor reasons, groups, the banner or the questions (§3.7): either
        side may be hidden, and what is hidden stands in nobody's way.
        """
        hidden, shown, other = self.pairs
        self.Match.match_all()
        for model, record in (
            ("marketing.contact", hidden[0]),
            ("res.partner", other[1]),
        ):
            self.env["ir.rule"].create(
                {
                    "name": "All but one",
                    "model_id": self.env["ir.model"]._get_id(model),
                    "domain_force": [("id", "!=", record.id)],
                }
            )
        self._match(shown).band = "ask"
        Match = self.Match.with_user(self.marketer)
        secret = self._match(hidden) | self._match(other)
        secret.band = "ask"
        pairs = [("partner_id", "in", [partner.id for _contact, partner in self.pairs])]
        self.assertEqual(Match.search(pairs), self._match(shown))
        self.assertEqual(Match.search_count(pairs), 1)
        for name in ("contact_id", "partner_id"):
            groups = Match.formatted_read_group(pairs, [name], ["__count"])
            self.assertEqual(len(groups), 1, name)
        for match in secret.with_user(self.marketer):
            for names in (["reasons"], ["display_name"], ["contact_id"], ["target"]):
                with self.assertRaises(AccessError):
                    match.read(names)
        questions = Match.get_queue(limit=50)["questions"]
        self.assertIn(self._match(shown).id, [q["id"] for q in questions])
        self.assertFalse(secret & self.Match.browse(q["id"] for q in questions))
        for record in (hidden[1], other[0]):
            record = record.with_user(self.marketer)
            with self.subTest(record=record):
                self.assertFalse(Match.get_lookalike(record._name, record.id))
                self.assertFalse(record.marketing_lookalike)

    def test_who_may(self):
        contact, partner = self.pairs[0]
        with self.assertRaises(AccessError):
            self.Match.with_user(self.marketer).match_all()
        with self.assertRaises(AccessError):
            contact.with_user(self.employee).find_cards()
        found = partner.with_user(self.employee).find_marketing_contacts()
        self.assertEqual(found, {partner.id: []})
        self.Match.with_user(self.manager).match_all()
        self.assertTrue(self._match(self.pairs[0]).with_user(self.marketer).reasons)
        with self.assertRaises(AccessError):
            self._match(self.pairs[0]).with_user(self.employee).action_link()

    def test_children_are_no_cards(self):
        contact, partner = self.pairs[0]
        child = self.Partner.create(
            {"name": contact.name, "parent_id": partner.id, "email": contact.email}
        )
        found = contact.find_cards()[contact.id]
        self.assertNotIn(child.id, [p["id"] for p in found])
        self.assertEqual(child.find_marketing_contacts(), {child.id: []})

    def test_people_match_within_their_company(self):
        company, other = self._contact("Firm"), self._contact("Other Firm")
        people = self.Contact.create(
            [
                {"name": "Alva Sandell", "parent_id": parent.id, "email": "alva@x.se"}
                for parent in (company, company, other)
            ]
        )
        found = people[0].find_duplicates()[people[0].id]
        self.assertEqual([p["id"] for p in found], people[1].ids)

    def test_kinds(self):
        contact, partner = self.pairs[0]
        bank = self.Bank.create(
            {"name": "Kelmaro Bygg", "email": contact.email, "city": "Kalmar"}
        )
        self.assertEqual(
            {p["model"] for p in contact.find_cards()[contact.id]},
            {"res.partner", "res.bank"},
        )
        found = contact.find_cards("bank_account")[contact.id]
        self.assertEqual(
            [(p["model"], p["id"]) for p in found], [("res.bank", bank.id)]
        )
        found = contact.find_cards("vendor")[contact.id]
        self.assertEqual(found[0]["id"], partner.id)
        with self.assertRaises(UserError):
            contact.find_cards("nonsense")

    def test_words_count(self):
        self._contact("Zyxomat Gesellschaft")
        contact = self._contact("Zyxomat Ltda Xyzform")
        words = self.env["marketing.match.word"].with_user(self.manager)
        self.assertNotIn("xyzform", words._get_words().legal)
        words.create({"name": "Xyzform", "kind": "legal"})
        self.assertIn("xyzform", words._get_words().legal)
        partner = self._partner("Zyxomat")
        reasons = contact.find_cards()[contact.id][0]["reasons"]
        self.assertIn("same", next(r for r in reasons if r["name"] == "name")["text"])
        self.assertTrue(partner)

    # ------------------------------------------------------------
    # BULK
    # ------------------------------------------------------------

    def test_runs(self):
        Run = self.env["marketing.run"]
        run = Run.with_user(self.manager)._start("match", {})
        self.assertFalse(run.results_text)
        self.assertFalse(run.action_view_results())
        self._work()
        self.assertEqual((run.state, run.done, run.failed), ("done", 3, 0))
        board = self.env.ref("marketing_contact.marketing_match_action")
        self.assertRegex(run.results_text, r"^\d+ sure, \d+ to ask: look at them$")
        self.assertEqual(run.action_view_results()["id"], board.id)
        sure = self.Match.search(self.Match._get_sure_domain())
        self.assertEqual(len(sure), 3)
        run = Run.with_user(self.marketer)._start("link", {"match_ids": sure.ids})
        self._work()
        self.assertEqual((run.state, run.done), ("done", 3))
        self.assertEqual(set(sure.mapped("state")), {"linked"})
        self.assertTrue(run.sudo().batch_ids)

    def _work(self):
        with self.enter_registry_test_mode():
            self.env.ref("marketing_contact.ir_cron_runs").method_direct_trigger()
        self.env.invalidate_all()

    def test_create_contacts_counts(self):
        contact, partner = self.pairs[0]
        unclear = self._partner("Tiveldor Måleri", city="Kalmar", customer_rank=1)
        new = self._partner("Entirely New", customer_rank=1)
        partners = partner | unclear | new
        wizard = self.env["marketing.contact.generate"].with_user(self.marketer)
        wizard = wizard.create(
            {"kind": "customer", "domain": repr([("id", "in", partners.ids)])}
        )
        counts = (wizard.count_linked, wizard.count_ask + wizard.count_new)
        self.assertEqual(counts, (1, 2))
        self.assertEqual(wizard.count_skipped, 0)
        asked = wizard.count_ask
        wizard.action_generate()
        self.assertEqual(partner.marketing_contact_id, contact)
        self.assertTrue(new.marketing_contact_id)
        self.assertEqual(not unclear.marketing_contact_id, bool(asked))

    def test_undo_a_link(self):
        self.Match.match_all()
        contact, partner = self.pairs[0]
        partner.phone = False
        match = self._match(self.pairs[0])
        match.action_link()
        self.assertEqual(partner.phone, contact.phone)
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertEqual(batch.origin, "link")
        batch.undo()
        self.assertFalse(partner.phone)
        self.assertFalse(contact.customer_id)
        self.assertEqual(match.state, "proposed")

    def test_answers_of_a_record_are_listed(self):
        """From the Action menu of its form, and taken back there."""
        self.Match.match_all()
        contact, partner = self.pairs[0]
        match = self._match(self.pairs[0])
        match.action_reject()
        for record, name in ((contact, "contact"), (partner, "partner")):
            actions = self.env["ir.actions.actions"].with_user(self.marketer)
            bound = actions.get_bindings(record._name)["action"]
            xml_id = f"marketing_contact.marketing_match_action_{name}"
            action = self.env.ref(xml_id)
            self.assertIn(action.id, [line["id"] for line in bound])
            domain = safe_eval(action.domain, {"active_id": record.id})
            self.assertIn(match, self.Match.with_user(self.marketer).search(domain))
        actions = self.env["ir.actions.actions"].with_user(self.clerk)
        bound = actions.get_bindings("res.partner").get("action", [])
        self.assertNotIn(action.id, [line["id"] for line in bound])

    def test_create_as_for_several_leaves_lookalikes_to_people(self):
        contact, partner = self.pairs[0]
        stranger = self._contact("Zwyxo Ltd")
        Wizard = self.env["marketing.contact.create.card"].with_user(self.manager)
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        contacts = contact | stranger
        wizard = Wizard.create({"contact_ids": contacts.ids, "kind": "customer"})
        self.assertEqual(wizard.alike_count, 1)
        wizard.action_create()
        self.assertTrue(stranger.customer_id)
        self.assertFalse(contact.customer_id)
        self.assertEqual(self._match(self.pairs[0]).state, "proposed")
        wizard = Wizard.create(
            {
                "contact_ids": (contact | self._contact("Qvist")).ids,
                "kind": "customer",
                "leave_alike": False,
            }
        )
        wizard.action_create()
        self.assertTrue(contact.customer_id)
        self.assertNotEqual(contact.customer_id, partner)

    def test_create_as_counts_nobody_whom_the_user_may_not_see(self):
        contact, partner = self.pairs[0]
        partner.company_id = self.env["res.company"].create({"name": "Other"})
        Wizard = self.env["marketing.contact.create.card"].with_user(self.marketer)
        contacts = contact | self._contact("Zwyxo Ltd")
        wizard = Wizard.create({"contact_ids": contacts.ids, "kind": "customer"})
        self.assertFalse(wizard.alike_count)

    def test_create_as_offers_who_is_there(self):
        contact, partner = self.pairs[0]
        Wizard = self.env["marketing.contact.create.card"].with_user(self.marketer)
        wizard = Wizard.create({"contact_ids": contact.ids, "kind": "customer"})
        self.assertEqual(wizard.lookalike_id, partner)
        self.assertTrue(wizard.lookalike_reasons)
        action = wizard.action_link_instead()
        Link = self.env["marketing.contact.link"].with_user(self.marketer)
        link = Link.with_context(**action["context"]).create({})
        self.assertEqual((link.contact_id, link.partner_id), (contact, partner))
        stranger = self._contact("Zwyxo Ltd")
        wizard = Wizard.create({"contact_ids": stranger.ids, "kind": "customer"})
        self.assertFalse(wizard.lookalike_id)
