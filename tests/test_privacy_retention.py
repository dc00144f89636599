from odoo.exceptions import AccessError, ValidationError
from odoo.tools import convert_file, mute_logger

from .common_privacy import PrivacyCommon


class TestPrivacyRetention(PrivacyCommon):
    """How long contacts are kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls._person("Old", email="old@x.example", phone=False)
        cls.new = cls._person("New", email="new@x.example", phone=False)
        cls._age(cls.old | cls.contact | cls.person, 800)

    def _rule(self, **vals):
        ids = (self.old | self.new | self.contact | self.person).ids
        return (
            self.env["marketing.retention.rule"]
            .with_user(self.officer)
            .create(
                {"name": "R", "months": 24, "domain": f"[('id', 'in', {ids})]", **vals}
            )
        )

    def _due(self, **vals):
        return {line["id"] for line in self._rule(**vals).action_dry_run()}

    def test_since(self):
        everybody_old = {self.old.id, self.contact.id, self.person.id}
        self.assertEqual(self._due(since="create"), everybody_old)
        self.assertEqual(self._due(since="write"), everybody_old)
        self.assertEqual(self._due(since="interaction"), everybody_old)
        self.Interaction.create({"contact_id": self.person.id, "name": "x"})
        self.assertEqual(self._due(since="interaction"), {self.old.id})
        self.assertEqual(self._due(since="document"), everybody_old)

    def test_documents_by_their_own_date(self):
        order = self._sale_orders(date_order="2020-01-01")
        self.assertIn(self.contact.id, self._due(since="document"))
        order.date_order = "2126-01-01"
        self.assertNotIn(self.contact.id, self._due(since="document"))

    def test_never_who_is_in_the_middle_of_something(self):
        self._sale_orders().action_confirm()
        self.old.activity_schedule("mail.mail_activity_data_todo", summary="x")
        self.assertEqual(self._due(since="create"), {self.person.id})

    def test_dry_run(self):
        rule = self._rule(since="create", action="erase")
        (line,) = (x for x in rule.action_dry_run() if x["id"] == self.old.id)
        self.assertEqual(line["display_name"], self.old.display_name)
        self.assertEqual(line["action"], "Erase")
        self.assertTrue(line["since"] and line["reason"])
        self.assertTrue(self.old.exists())
        self.assertIn(self.old.id, rule.action_view_due()["domain"][0][2])

    def _work(self, **vals):
        self._rule(since="create", **vals)
        self.env["marketing.retention.rule"]._cron_apply()
        run = self.env["marketing.run"].search([("origin", "=", "retention")], limit=1)
        run.part_ids._work()
        return run

    def test_actions(self):
        only = f"[('id', '=', {self.old.id})]"
        self.old.user_id = self.seller
        self._age(self.old, 800)
        run = self._work(action="ask", domain=only)
        self.assertEqual(self.old.activity_ids.user_id, self.seller)
        self.assertEqual(run.user_id, self.officer)
        self.old.activity_ids.unlink()
        self.env["marketing.retention.rule"].search([]).active = False
        self._work(action="block", domain=only)
        self.assertTrue(self.old.privacy_blocked)
        self.env["marketing.retention.rule"].search([]).active = False
        self._work(action="archive", domain=only)
        self.assertFalse(self.old.active)
        self.old.active = True
        self._age(self.old, 800)
        self.env["marketing.retention.rule"].search([]).active = False
        self._work(action="erase", domain=only)
        self.assertFalse(self.old.exists())

    def test_who_can_not_answer_is_not_asked(self):
        """Who left, or sees no contacts, would keep them for good."""
        gone, employee = self.old, self.old.copy({"user_id": self.employee.id})
        gone.user_id = self.seller
        self.seller.active = False
        self._age(gone | employee, 800)
        self._work(action="ask", domain=f"[('id', 'in', {(gone | employee).ids})]")
        for contact in (gone, employee):
            self.assertEqual(contact.activity_ids.user_id, self.officer)

    def test_archived_ones_alone(self):
        self.old.active = False
        self._age(self.old, 800)
        self._work(action="erase", domain=f"[('id', '=', {self.old.id})]")
        self.assertFalse(self.old.exists())

    def test_who_lost_the_group(self):
        self._rule(since="create", action="erase")
        self.officer.group_ids -= self.env.ref(
            "marketing_contact.group_marketing_contact_privacy"
        )
        self.env["marketing.retention.rule"]._cron_apply()
        self.assertFalse(
            self.env["marketing.run"].search([("origin", "=", "retention")])
        )

    def test_one_that_broke_holds_up_none(self):
        """Its field is gone, its company is not its author's, who has left us."""
        own = {"since": "create", "action": "archive", "name": "Z"}
        good = self._rule(**own)
        gone, foreign = self._rule(**own | {"name": "A"}), self._rule(**own)
        second = self.env["res.company"].create({"name": "Second Company"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_retention_rule SET domain = %s WHERE id = %s",
            ["[('x_gone', '=', 1)]", gone.id],
        )
        self.env.cr.execute(
            "UPDATE marketing_retention_rule SET company_id = %s WHERE id = %s",
            [second.id, foreign.id],
        )
        self.env.invalidate_all()
        runs = self.env["marketing.run"].search([])
        with mute_logger("odoo.addons.marketing_contact.models.privacy"):
            self.env["marketing.retention.rule"]._cron_apply()
        runs = self.env["marketing.run"].search([]) - runs
        self.assertEqual([run.params["rule_id"] for run in runs], [good.id])
        runs.action_stop()
        self.officer.active = False
        with mute_logger("odoo.addons.marketing_contact.models.privacy"):
            self.env["marketing.retention.rule"]._cron_apply()
        self.assertFalse(
            self.env["marketing.run"].search(
                [("origin", "=", "retention"), ("id", "not in", runs.ids)]
            )
        )

    def test_all_companies_of_who_wrote_it(self):
        second = self.env["res.company"].create({"name": "Second Company"})
        self.officer.company_ids += second
        self.old.company_id = second
        self._work(action="archive")
        self.assertFalse(self.old.active)

    def test_bad_input(self):
        for vals in ({"domain": "[('nothing', '=', 1)]"}, {"domain": "[("}):
            with self.assertRaisesRegex(ValidationError, "can't be read"):
                self._rule(**vals)

    def test_rights(self):
        for user in (self.marketer, self.manager):
            with self.assertRaises(AccessError):
                self.env["marketing.retention.rule"].with_user(user).search([])

    def test_shipped(self):
        convert_file(
            self.env,
            "marketing_contact",
            "data/marketing_retention_data.xml",
            {},
            "init",
            noupdate=True,
        )
        rules = self.env["marketing.retention.rule"].with_context(active_test=False)
        self.assertGreaterEqual(len(rules.search([("active", "=", False)])), 2)
        for rule in rules.search([]):
            rule.action_dry_run()
