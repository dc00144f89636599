from .common import MarketingContactCommon


class TestDailyCheck(MarketingContactCommon):
    """What came apart behind the sync's back is found without anybody asking."""

    def test_differences_are_looked_for_daily(self):
        contact, customer = self._linked(phone="1")[:2]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET phone = '2' WHERE id = %s", [customer.id]
        )
        self.env.invalidate_all()
        cron = self.env.ref("marketing_contact.ir_cron_check_differences")
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "days"))
        self.assertTrue(cron.active)
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        relation = customer.marketing_relation_ids
        self.assertEqual(relation.difference_ids.contact_field, "phone")
        self.assertEqual(relation.state, "drifted")
        self.assertEqual(contact.phone, "1")

    def test_the_first_look_comes_by_itself(self):
        """The scheduled action, due once the module is installed, looks who is who
        where nobody ever did; it asks for that once.
        """
        Match, Run = self.env["marketing.match"], self.env["marketing.run"]
        Match.search([]).unlink()
        Run.search([("origin", "=", "match")]).unlink()
        contact = self._contact("First Look Ltd", vat="BE0477472701")
        self._partner("First Look", vat="BE0477472701")
        with self.enter_registry_test_mode():
            self.env.ref("marketing_contact.ir_cron_match_keys").method_direct_trigger()
        run = Run.search([("origin", "=", "match")])
        self.assertEqual((len(run), run.state), (1, "waiting"))
        Match._start_first_look()
        self.assertEqual(Run.search_count([("origin", "=", "match")]), 1)
        with self.enter_registry_test_mode():
            self.env.ref("marketing_contact.ir_cron_runs").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertIn(contact, Match.search([]).contact_id)
