from ast import literal_eval
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form

from ..models.runs import workers
from .common import MarketingContactCommon


class TestFollowUp(MarketingContactCommon):
    """Whom to speak to next: filters, groups, one log for many."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = fields.Datetime.now()
        cls.old = cls._contact("Old", city="Lund")
        cls.new = cls._contact("New", city="Lund")
        cls.never = cls._contact("Never", city="Ystad")
        cls.person = cls.Contact.create({"name": "P", "parent_id": cls.new.id})
        Interaction = cls.env["marketing.interaction"]
        Interaction.create(
            [
                {"contact_id": cls.old.id, "name": "x", "date": now - timedelta(120)},
                {"contact_id": cls.new.id, "name": "x", "date": now - timedelta(100)},
                {"contact_id": cls.person.id, "name": "x", "date": now},
            ]
        )
        cls.all = cls.old | cls.new | cls.never | cls.person
        cls.Mine = cls.Contact.with_user(cls.marketer)

    def _find(self, *conditions):
        return self.Mine.search([("id", "in", self.all.ids), *conditions])

    def test_filters(self):
        """As the search view has them."""
        found = self._find(("last_interaction_date", "<", "-90d"))
        self.assertEqual(found, self.old)
        found = self._find(("last_interaction_date", "=", False))
        self.assertEqual(found, self.never)
        found = self._find(("last_interaction_date", ">=", "-1d"))
        self.assertEqual(found, self.new | self.person)
        self.never.activity_schedule(
            "mail.mail_activity_data_todo", date_deadline="2020-01-01"
        )
        found = self._find(("activity_ids.date_deadline", "<", "today"))
        self.assertEqual(found, self.never)

    def test_groups(self):
        domain = [("id", "in", self.all.ids)]
        groups = self.Mine.formatted_read_group(
            domain, ["last_interaction_date:month"], ["__count"]
        )
        self.assertEqual(sum(group["__count"] for group in groups), 4)
        for group in groups:
            found = self.Mine.search([*domain, *group["__extra_domain"]])
            self.assertEqual(len(found), group["__count"], group)
        self.new.link_card("customer", self._partner("New").id)
        groups = self.Mine._read_group(domain, ["relation_summary"], ["__count"])
        self.assertEqual(dict(groups), {"customer": 2, "none": 2})
        for summary, count in groups:
            self.assertEqual(len(self._find(("relation_summary", "=", summary))), count)

    def test_others_interactions_tell_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["marketing.interaction"].create(
            {"contact_id": self.never.id, "name": "x", "company_id": other.id}
        )
        found = self._find(("last_interaction_date", "=", False))
        self.assertEqual(found, self.never)

    def _wizard(self, contacts, user=None):
        template = self.env.ref(
            "marketing_contact.marketing_interaction_template_call_outgoing"
        )
        Wizard = self.env["marketing.interaction.log"].with_user(user or self.marketer)
        return Wizard.with_context(
            active_model="marketing.contact", active_ids=contacts.ids
        ).create({"template_id": template.id})

    def test_log_for_many(self):
        wizard = self._wizard(self.all)
        self.assertIn("with 4 contacts", wizard.effects)
        self.assertEqual(wizard.channel, "phone")
        action = wizard.action_log()
        interactions = self.env["marketing.interaction"].search(
            [("contact_id", "in", self.all.ids), ("template_id", "!=", False)]
        )
        self.assertEqual(len(interactions), 4)
        self.assertEqual(interactions.user_id, self.marketer)
        batch = self.env["marketing.sync.batch"].with_user(self.marketer)
        batch.browse(action["params"]["id"]).action_undo(delete_created=True)
        self.assertFalse(interactions.exists())
        self.assertEqual(self.old.interaction_count, 1)

    def test_log_for_archived_ones_too(self):
        self.never.active = False
        self._wizard(self.never | self.old).action_log()
        self.assertEqual(self.never.interaction_count, 1)

    def test_log_for_many_takes_few_queries(self):
        many = self.Contact.create([{"name": f"C{i}"} for i in range(90)])
        counts = []
        for contacts in (many[:10], many):
            wizard = self._wizard(contacts)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            wizard.action_log()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)

    def test_log_in_the_background(self):
        with patch.object(workers, "BACKGROUND_FROM", 3):
            action = self._wizard(self.all).action_log()
        run = self.env["marketing.run"].browse(action["res_id"])
        with self.enter_registry_test_mode():
            self.env.ref("marketing_contact.ir_cron_runs").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((run.state, run.done), ("done", 4))
        self.assertEqual(self.never.interaction_count, 1)
        run.batch_ids.undo(delete_created=True)
        self.assertEqual(self.never.interaction_count, 0)

    def test_who_may_log(self):
        with self.assertRaises(AccessError):
            self._wizard(self.all, self.clerk)

    def test_templates_by_hand_come_first(self):
        templates = self.env["marketing.interaction.template"].search([])
        uses = templates.mapped("use")
        self.assertEqual(uses, sorted(uses))
        self.assertEqual(templates[0].use, "hand")

    def test_saved_filters(self):
        """Shipped for everybody; each finds those that it names."""
        # databases that are older than what they say
        self.env.ref("marketing_contact.ir_filters_customers").unlink()
        self.Contact._marketing_save_filters()
        saved = self.env["ir.filters"].with_user(self.marketer)
        saved = saved.get_filters("marketing.contact")
        domains = {f["name"]: literal_eval(f["domain"]) for f in saved}
        self.old.link_card("customer", self._partner("Old").id)
        silent = self._contact("Silent")
        silent.link_card("customer", self._partner("Silent").id)
        self.all |= silent
        self.new.activity_schedule(
            "mail.mail_activity_data_todo", date_deadline="2020-01-01"
        )
        self.env.flush_all()
        for name, found in (
            ("Customers not spoken to for 90 days", self.old | silent),
            ("Prospects without interaction", self.never),
            ("Next activity overdue", self.new),
        ):
            self.assertEqual(self._find(*domains[name]), found, name)

    def test_schedule_an_activity_with_many(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_contact.mail_activity_schedule_action"
        )
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.marketer)
            .with_context(active_model="marketing.contact", active_ids=self.all.ids)
        ).save()
        wizard.action_schedule_activities()
        self.assertEqual(self.all.mapped("activity_ids.user_id"), self.marketer)
        self.assertEqual(len(self.all.activity_ids), 4)
