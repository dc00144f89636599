from odoo.tests import HttpCase, new_test_user, tagged

from .common_documents import make_order_report


@tagged("post_install", "-at_install")
class TestDocumentTours(HttpCase):
    """What a marketer who sells does in the browser."""

    def test_quotation_from_a_prospect(self):
        """From a prospect by *Create as* to a confirmed and printed order."""
        self.env.company._marketing_set_defaults()
        login = "tour_seller"
        new_test_user(
            self.env,
            login,
            "marketing_contact.group_marketing_contact_user,"
            "base.group_partner_manager,sales_team.group_sale_salesman_all_leads",
            name="Tour Seller",
        )
        template = self.env["marketing.card.template"].create(
            {"name": "Tour Template", "kind": "customer"}
        )
        make_order_report(self.env, "Tour Order")
        contact = self.env["marketing.contact"].create(
            {"name": "Tour Prospect", "is_company": True}
        )
        self.start_tour(
            f"/odoo/marketing-contacts/{contact.id}",
            "marketing_contact_quotation",
            login=login,
        )
        self.assertTrue(template)
        order = contact.sale_order_ids
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.partner_id, contact.customer_id)
        self.assertEqual(
            contact.interaction_ids.sorted("id").template_id.mapped("code"),
            ["ORDER-OK", "ORDER", "CALL-OUT"],
        )

    def test_log_and_leave(self):
        """Nothing is logged that nobody logged."""
        login = "tour_leaver"
        new_test_user(
            self.env,
            login,
            "marketing_contact.group_marketing_contact_user",
            name="Tour Leaver",
        )
        contact = self.env["marketing.contact"].create({"name": "Tour Not Called"})
        self.start_tour(
            f"/odoo/marketing-contacts/{contact.id}",
            "marketing_contact_log_and_leave",
            login=login,
        )
        self.assertFalse(contact.interaction_ids)
