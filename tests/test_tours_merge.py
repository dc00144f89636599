from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMarketingContactMergeTours(HttpCase):
    """Two contacts that are one, merged in the list and parted in the journal."""

    def test_merge_and_undo(self):
        new_test_user(
            self.env,
            "tour_merger",
            "marketing_contact.group_marketing_contact_manager,"
            "base.group_partner_manager",
        )
        self.env.company._marketing_set_defaults()
        mills, works = self.env["marketing.contact"].create(
            [
                {
                    "name": "Tour Merge Mills",
                    "is_company": True,
                    "phone": "+46 8 555 020 11",
                    "email": "mills@merge.example",
                },
                {
                    "name": "Tour Merge Works",
                    "is_company": True,
                    "phone": "+46 8 555 020 22",
                    "street": "Works Street 1",
                },
            ]
        )
        customer = works.create_card("customer")
        calls = self.env["marketing.interaction"].create(
            [{"contact_id": mills.id, "name": f"Call {i}"} for i in range(2)]
        )
        self.start_tour(
            "/odoo/marketing-contacts", "marketing_contact_merge", login="tour_merger"
        )
        self.assertEqual(mills.merged_into_id, works)
        self.assertEqual(calls.contact_id, works)
        for record in (works, customer):
            self.assertEqual(record.phone, "+46 8 555 020 11")
            self.assertEqual(record.email, "mills@merge.example")
        batch = self.env["marketing.sync.batch"].search(
            [("origin", "=", "merge")], limit=1
        )
        self.start_tour(
            f"/odoo/action-marketing_contact.marketing_sync_batch_action/{batch.id}",
            "marketing_contact_merge_undo",
            login="tour_merger",
        )
        self.assertFalse(mills.merged_into_id)
        self.assertEqual(calls.contact_id, mills)
        self.assertEqual(customer.phone, "+46 8 555 020 22")
