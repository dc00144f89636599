from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestMarketingContactSegmentTours(HttpCase, MarketingContactCommon):
    """Marketing's daily question, as it is asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            "tour_segments",
            "marketing_contact.group_marketing_contact_user,"
            "sales_team.group_sale_salesman_all_leads",
            email="tour@own.example",
        )
        cls.product = cls.env["product.product"].create({"name": "Tour Pump"})

    @classmethod
    def _buyer(cls, name, days):
        """Return a contact whose customer bought a pump so many days ago."""
        contact = cls._contact(name, email=f"{name.lower().split()[-1]}@tour.example")
        order = cls.env["sale.order"].create(
            {
                "partner_id": contact.create_card("customer").id,
                "order_line": [Command.create({"product_id": cls.product.id})],
            }
        )
        order.action_confirm()
        order.date_order = datetime.now() - timedelta(days=days)
        # rules write down that it was confirmed
        contact.interaction_ids.unlink()
        return contact

    def test_buyers_to_call(self):
        loud, silent = self._buyer("Tour Loud", 100), self._buyer("Tour Silent", 200)
        rival = self._buyer("Tour Rival", 50)
        self._buyer("Tour Formerly", 500)
        spoken = self._buyer("Tour Spoken", 50)
        self.env["marketing.interaction"].create(
            {"contact_id": spoken.id, "name": "Visit", "date": datetime.now()}
        )
        segments = self.env["marketing.segment"]
        segments.create(
            {
                "name": "Competitors",
                "kind": "static",
                "user_id": False,
                "contact_ids": [Command.set(rival.ids)],
            }
        )
        self.start_tour(
            "/odoo/marketing-segments?debug=1",
            "marketing_contact_segment_mail",
            login="tour_segments",
        )
        segment = segments.search([("name", "=", "Pumps: speak to them")])
        self.assertEqual(segment.user_id, self.user)
        self.assertEqual(segment.use_ids.contact_ids, loud | silent)
        mails = self.env["mail.mail"].search(
            [("subject", "=", "Your pump"), ("model", "=", "marketing.contact")]
        )
        self.assertEqual(set(mails.mapped("res_id")), {loud.id, silent.id})
        self.env["marketing.interaction"].create(
            {
                "contact_id": loud.id,
                "name": "Answer",
                "direction": "incoming",
                "date": datetime.now() + timedelta(minutes=1),
            }
        )
        self.start_tour(
            f"/odoo/marketing-segments/{segment.id}",
            "marketing_contact_segment_call",
            login="tour_segments",
        )
        call = self.env.ref("mail.mail_activity_data_call")
        activities = self.env["mail.activity"].search(
            [
                ("res_model", "=", "marketing.contact"),
                ("activity_type_id", "=", call.id),
                ("res_id", "in", (loud | silent | spoken | rival).ids),
            ]
        )
        self.assertEqual(activities.mapped("res_id"), silent.ids)

    def test_reason_on_the_contact(self):
        oslo = self._contact("Tour Oslo", city="Oslo")
        self.env["marketing.segment"].create(
            {"name": "Osloites", "domain": "[('city', '=', 'Oslo')]", "user_id": False}
        )
        self.start_tour(
            f"/odoo/marketing-contacts/{oslo.id}",
            "marketing_contact_segment_reason",
            login="tour_segments",
        )
