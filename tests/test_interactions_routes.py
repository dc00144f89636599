import json

from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common_documents import MarketingDocumentsCommon


@tagged("post_install", "-at_install")
class TestInteractionRoutes(HttpCase, MarketingDocumentsCommon):
    """What a user gets by the routes of the web client."""

    def _get(self, url, **kwargs):
        response = self.url_open(url, **kwargs)
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()

    def test_routes(self):
        orders = self._sale_orders(2)
        ids = ",".join(str(order_id) for order_id in orders.ids)
        url = f"/report/html/sale.report_saleorder/{ids}"
        self.authenticate(None, None)
        self.url_open(url)
        self.assertFalse(self.contact.interaction_ids)
        self.authenticate(self.seller.login, self.seller.login)
        self._get(url)
        self.assertEqual(self._codes(), ["QUOTE"])
        self.assertEqual(self.contact.interaction_count, 2)
        # on a replica, the request goes to the primary at once, not a second time
        with self.assertNoLogs("odoo.http", "WARNING"):
            self._get(f"/report/pdf/sale.report_saleorder/{ids}")
        self.assertEqual(self.contact.interaction_count, 4)

    def test_download(self):
        """The client's Print button, and the text of a report."""
        order = self._sale_orders()
        self.authenticate(self.seller.login, self.seller.login)
        data = json.dumps([f"/report/pdf/sale.report_saleorder/{order.id}", "qweb-pdf"])
        self._get(
            "/report/download",
            data={
                "data": data,
                "context": "{}",
                "csrf_token": Request.csrf_token(self),
            },
        )
        self.assertEqual(self._codes(), ["QUOTE"])
        self._get(f"/report/text/sale.report_saleorder/{order.id}")
        self.assertEqual(self._codes(), ["QUOTE"])
        self.assertEqual(self.contact.interaction_count, 2)

    def test_invoice_download(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create({"product_id": self.product.id, "price_unit": 5})
                ],
            }
        )
        invoice.action_post()
        self.env.ref("base.user_admin").password = "admin"
        self.authenticate("admin", "admin")
        self._get(f"/account/download_invoice_documents/{invoice.id}/pdf")
        self.assertEqual(self._codes(), ["INVOICE"])

    def test_rules_decide_about_the_replica(self):
        """Without a rule for printing, the route stays on the replica."""
        report = self.env["ir.actions.report"]
        self.assertTrue(report._marketing_has_print_rules("sale.report_saleorder"))
        self.assertFalse(report._marketing_has_print_rules("stock.report_picking"))
        self.Rule.search([]).active = False
        self.assertFalse(report._marketing_has_print_rules("sale.report_saleorder"))

    def test_portal_is_not_a_print(self):
        order = self._sale_orders()
        order._portal_ensure_token()
        self._get(
            f"/my/orders/{order.id}?access_token={order.access_token}&report_type=html"
        )
        self.assertFalse(self.contact.interaction_ids)

    def test_rendering_is_not_a_print(self):
        order = self._sale_orders()
        report = self.env["ir.actions.report"].with_user(self.seller)
        report._render_qweb_html("sale.report_saleorder", order.ids)
        self.assertFalse(self.contact.interaction_ids)
