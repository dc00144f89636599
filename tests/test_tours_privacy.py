from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMarketingContactPrivacyTours(HttpCase):
    """A marketer blocks a contact; who sees to privacy finds and erases it."""

    def test_block_and_erase(self):
        new_test_user(
            self.env,
            "tour_marketer",
            "marketing_contact.group_marketing_contact_user",
        )
        new_test_user(
            self.env,
            "tour_officer",
            "marketing_contact.group_marketing_contact_privacy,"
            "base.group_partner_manager",
        )
        contact = self.env["marketing.contact"].create(
            {"name": "Tour Privacy", "email": "tour@privacy.example"}
        )
        self.start_tour(
            f"/odoo/action-marketing_contact.marketing_contact_action/{contact.id}",
            "marketing_contact_block",
            login="tour_marketer",
        )
        self.env.invalidate_all()
        self.assertTrue(contact.privacy_blocked)
        self.start_tour(
            "/odoo/action-marketing_contact.marketing_privacy_request_action",
            "marketing_contact_erase",
            login="tour_officer",
        )
        self.assertFalse(contact.exists())
        request = self.env["marketing.privacy.request"].search([], limit=1)
        self.assertEqual(request.state, "done")
        self.assertFalse(request.name)
