import json
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from .common_documents import MarketingDocumentsCommon


@tagged("post_install", "-at_install")
class TestInteractionEvents(MarketingDocumentsCommon):
    """Documents that are created, confirmed and printed."""

    # ------------------------------------------------------------
    # CREATE AND CONFIRM
    # ------------------------------------------------------------

    def test_confirmed_in_whatever_way(self):
        self._only_rule(model="sale.order", event="confirm", confirmed_state="sale")
        confirmed, written, drafted = self._sale_orders(3)
        confirmed.action_confirm()
        written.write({"state": "sale"})
        drafted.write({"state": "sent"})
        created = self._sale_orders(state="sale")
        self.assertEqual(
            sorted(self.contact.interaction_ids.mapped("res_id")),
            sorted((confirmed + written + created).ids),
        )
        written.write({"state": "sale"})
        self.assertEqual(len(self.contact.interaction_ids), 3)

    def test_confirmed_by_a_computed_state(self):
        """A state that Odoo computes changes without a write."""
        self._only_rule(model="stock.picking", event="confirm", confirmed_state="done")
        order = self._sale_orders()
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.button_validate()
        self.env.flush_all()
        self.assertEqual(picking.state, "done")
        self.assertEqual(self.contact.interaction_ids.mapped("res_id"), picking.ids)

    def test_repair_created_and_confirmed(self):
        repair = self.env["repair.order"].create(
            {"partner_id": self.customer.id, "product_id": self.product.id}
        )
        self.assertEqual(self._codes(), ["REPAIR-NEW"])
        repair.action_validate()
        self.assertEqual(self._codes(), ["REPAIR-NEW", "REPAIR-OK"])
        self.assertAll(self.contact.interaction_ids, "res_name", repair.display_name)

    def test_purchase_order_confirmed(self):
        self._purchase_orders().button_confirm()
        self.assertEqual(self._codes(), ["PURCH-OK"])

    def test_model_with_a_vendor(self):
        """Blanket orders of vendors have no partner_id but a vendor_id."""
        self._only_rule(
            model="purchase.requisition", event="confirm", confirmed_state="confirmed"
        )
        requisition = self.env["purchase.requisition"].create(
            {
                "vendor_id": self.vendor.id,
                "requisition_type": "blanket_order",
                "line_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_qty": 1,
                            "price_unit": 1,
                        }
                    )
                ],
            }
        )
        requisition.action_confirm()
        self.assertEqual(self.contact.interaction_ids.res_id, requisition.id)

    def test_person_on_the_order(self):
        order = self._sale_orders(marketing_contact_id=self.person.id)
        order.action_confirm()
        self.assertEqual(self.person.interaction_ids.res_id, order.id)
        self.assertFalse(self.contact.interaction_ids)

    def test_no_contact_nothing(self):
        order = self._sale_orders(partner=self._partner("Stranger"))
        count = self.Interaction.search_count([])
        order.action_confirm()
        self._print(order, "sale.report_saleorder")
        self.assertEqual(self.Interaction.search_count([]), count)

    def test_two_companies(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        contact = self._contact("Ours", company_id=self.env.company.id)
        shared = self._partner("Shared")
        contact.link_card("customer", shared.id)
        self._only_rule(model="res.partner", event="print")
        order = self.SaleOrder.create({"partner_id": shared.id, "company_id": other.id})
        rule = self.Rule.search([])
        rule.write({"model": "sale.order", "event": "print"})
        self._print(order, "sale.report_saleorder")
        self.assertFalse(contact.interaction_ids)
        self.seller.company_ids += other
        everybody = self._contact("Everybody's")
        everybody.link_card("customer", self._partner("Open").id)
        order = self.SaleOrder.create(
            {"partner_id": everybody.customer_id.id, "company_id": other.id}
        )
        self._print(order, "sale.report_saleorder")
        self.assertEqual(everybody.interaction_ids.company_id, other)
        self.env.invalidate_all()
        theirs = everybody.with_user(self.marketer)
        self.assertFalse(theirs.interaction_ids)
        self.assertEqual(theirs.interaction_count, 0)

    # ------------------------------------------------------------
    # PRINT
    # ------------------------------------------------------------

    def test_quotation_and_order_printed(self):
        """BC-229: the quotation is printed, then the order."""
        order = self._sale_orders()
        self._print(order, "sale.report_saleorder")
        order.write({"state": "sale"})
        self._print(order, "sale.report_saleorder")
        self.assertEqual(self._codes(), ["QUOTE", "ORDER-OK", "ORDER"])
        interaction = self.contact.interaction_ids.sorted("id")[0]
        self.assertRecordValues(
            interaction,
            [
                {
                    "name": "Quotation printed",
                    "res_model": "sale.order",
                    "res_id": order.id,
                    "res_name": order.name,
                    "user_id": self.seller.id,
                    "channel": "document",
                    "direction": "outgoing",
                }
            ],
        )
        self.assertEqual(interaction.action_open_document()["res_id"], order.id)

    def test_purchase_documents_printed(self):
        order = self._purchase_orders()
        self._print(order, "purchase.report_purchasequotation")
        order.button_confirm()
        self._print(order, "purchase.report_purchaseorder")
        requisition = self.env["purchase.requisition"].create(
            {"vendor_id": self.vendor.id}
        )
        self._print(requisition, "purchase_requisition.report_purchaserequisitions")
        self.assertEqual(self._codes(), ["RFQ", "PURCH-OK", "PURCHASE", "P-BLANKET"])

    def test_invoices_printed(self):
        lines = [
            Command.create({"product_id": self.product.id, "price_unit": 5}),
        ]
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": move_type,
                    "partner_id": partner.id,
                    "invoice_line_ids": lines,
                }
                for move_type, partner in (
                    ("out_invoice", self.customer),
                    ("out_refund", self.customer),
                    ("in_invoice", self.vendor),
                )
            ]
        )
        for move in moves:
            self._print(move, "account.report_invoice")
        self.assertEqual(self._codes(), ["INVOICE", "CREDIT", "BILL"])

    def test_repair_and_delivery_printed(self):
        repair = self.env["repair.order"].create(
            {"partner_id": self.customer.id, "product_id": self.product.id}
        )
        self.seller.group_ids += self.env.ref("stock.group_stock_user")
        self._print(repair, "repair.report_repairorder2")
        order = self._sale_orders()
        order.action_confirm()
        picking = order.picking_ids
        self._print(picking, "stock.report_picking")
        self._print(picking, "stock.report_deliveryslip")
        self.assertEqual(
            self._codes(), ["REPAIR-NEW", "REPAIR", "ORDER-OK", "DELIVERY"]
        )

    def test_report_of_partners(self):
        """A statement of partners names them in its options."""
        rule = self._only_rule(
            model="res.partner", event="print", report_name="base.test_statement"
        )
        self.env["ir.actions.report"].create(
            {
                "name": "Statement",
                "model": "res.partner",
                "report_name": "base.test_statement",
            }
        )
        report = self.env["ir.actions.report"].with_user(self.seller)
        options = {"options": json.dumps({"partner_ids": self.customer.ids})}
        # a report without a parser of its own prints nothing of its options
        report._marketing_record_print("base.test_statement", None, options)
        self.assertFalse(self.contact.interaction_ids)
        some = type(self.env["report.base.report_irmodulereference"])
        parser = {"report.base.test_statement": some}
        with patch.dict(self.env.registry.models, parser):
            report._marketing_record_print("base.test_statement", None, options)
        self.assertEqual(self.contact.interaction_ids.rule_id, rule)

    def test_many_printed_at_once(self):
        """Two hundred orders cost as many queries as two."""

        def count_queries(number):
            orders = self._sale_orders(number)
            self.env.flush_all()
            self.env.invalidate_all()
            queries = self.env.cr.sql_log_count
            self._print(orders, "sale.report_saleorder")
            return self.env.cr.sql_log_count - queries

        count_queries(2)
        few, many = count_queries(2), count_queries(200)
        self.assertEqual(self.contact.interaction_count, 204)
        self.assertLessEqual(many, few + 2)
