from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common_documents import make_order_report


@tagged("post_install", "-at_install")
class TestDayTour(MockEmail, HttpCase):
    """A marketer's day in the browser, from the list to the timeline."""

    def test_day(self):
        self.env.company._marketing_set_defaults()
        login = "tour_day"
        user = new_test_user(
            self.env,
            login,
            "marketing_contact.group_marketing_contact_user,"
            "base.group_partner_manager,sales_team.group_sale_salesman_all_leads",
            name="Tour Marketer",
            email="marketer@own.example",
        )
        make_order_report(self.env, "Tour Quotation")
        contacts = self.env["marketing.contact"].create(
            [
                {"name": "Tour Day One", "email": "one@tour.example"},
                {"name": "Tour Day Two", "email": "two@tour.example"},
                {"name": "Tour Lately", "email": "lately@tour.example"},
            ]
        )
        now = fields.Datetime.now()
        self.env["marketing.interaction"].create(
            [
                {"contact_id": contact.id, "name": "Before", "date": now - timedelta(d)}
                for contact, d in zip(contacts, (100, 100, 10), strict=True)
            ]
        )
        path = "/odoo/marketing-contacts"
        self.start_tour(path, "marketing_contact_day_mail", login=login)
        # what goes to many waits for the scheduled action that sends it
        with self.mock_mail_gateway():
            self.env["mail.mail"].process_email_queue()
        self.start_tour(path, "marketing_contact_day_calls", login=login)
        self.env.invalidate_all()
        both, lately = contacts[:2], contacts[2]
        self.assertEqual(both.mapped("interaction_count"), [4, 3])
        self.assertEqual(both.activity_ids.user_id, user)
        self.assertEqual(len(both.activity_ids), 2)
        self.assertEqual(lately.interaction_count, 1)
        self.assertEqual(both[0].sale_order_ids.partner_id, both[0].customer_id)
        self.assertFalse(both[1].customer_id)
