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
