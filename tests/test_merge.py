from odoo.exceptions import AccessError, UserError, ValidationError

from .common import MarketingContactCommon


class TestMerge(MarketingContactCommon):
    """Contacts that are one and the same become one."""

    def _last_batch(self):
        return self.env["marketing.sync.batch"].search([], limit=1)

    def test_first(self):
        target = self._contact("Acme", phone="11")
        source = self._contact("Acme Ltd", phone="22", email="a@x.example")
        person = self._contact("Pat", is_company=False, parent_id=source.id)
        message = source.message_post(body="remember")
        source.activity_schedule("mail.mail_activity_data_todo", summary="Call")
        customer = source.create_card("customer")
        source.merge_into(target)
        self.assertEqual(source.merged_into_id, target)
        self.assertFalse(source.active)
        self.assertEqual(person.parent_id, target)
        self.assertEqual(message.res_id, target.id)
        self.assertEqual(target.activity_ids.mapped("summary"), ["Call"])
        self.assertRecordValues(
            target, [{"name": "Acme", "phone": "11", "email": "a@x.example"}]
        )
        self.assertRecordValues(
            customer, [{"name": "Acme", "phone": "11", "email": "a@x.example"}]
        )
        batch = self._last_batch()
        self.assertEqual(batch.origin, "merge")
        found = self.Contact.name_search("Acme Ltd")
        self.assertEqual([id_ for id_, _n in found], [target.id])
        found = self.Contact.name_search(source.number)
        self.assertEqual([id_ for id_, _n in found], [target.id])
        self.assertNotIn(source, self.Contact.with_context(active_test=False).search([]))
        left, problems = batch._undo()
        self.assertFalse(left)
        self.assertFalse(problems)
        self.assertFalse(source.merged_into_id)
        self.assertTrue(source.active)
        self.assertEqual(person.parent_id, source)
        self.assertEqual(message.res_id, source.id)
        self.assertEqual(source.customer_id, customer)
        self.assertEqual(customer.phone, "22")
        self.assertFalse(target.email)
