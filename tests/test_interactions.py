import json
from unittest.mock import patch

import psycopg2.errors

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import Form, HttpCase, mute_logger, tagged

from .common_documents import MarketingDocumentsCommon

RECORDER = "odoo.addons.marketing_contact.models.marketing_interaction_recorder"


@tagged("post_install", "-at_install")
class TestInteractions(MarketingDocumentsCommon):
    """Interactions by hand, by prints, creations and confirmations (DESIGN §8)."""

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def test_log_by_hand(self):
        """BC-241, BC-242, BC-246: logged from the contact, with the user's own name."""
        self.contact.user_id = self.seller
        call = self.env.ref("marketing_contact.marketing_interaction_template_meeting")
        action = self.contact.with_user(self.marketer).action_log_interaction()
        Model = self.Interaction.with_user(self.marketer)
        form = Form(Model.with_context(**action["context"]), view=action["views"][0][0])
        self.assertTrue(form._get_modifier("contact_id", "readonly"))
        form.template_id = call
        interaction = form.save()
        self.assertRecordValues(
            interaction,
            [
                {
                    "contact_id": self.contact.id,
                    "name": "Meeting",
                    "channel": "meeting",
                    "duration": 1.0,
                    "user_id": self.marketer.id,
                    "company_id": self.env.company.id,
                }
            ],
        )

    def test_statistics(self):
        """BC-243: a company's history is its own and its people's."""
        dates = ("2026-01-01 10:00:00", "2026-01-03 10:00:00", "2026-01-02 10:00:00")
        for contact, date in zip(
            (self.contact, self.person, self.contact), dates, strict=True
        ):
            self.Interaction.create(
                {"contact_id": contact.id, "name": "Call", "date": date}
            )
        self.assertEqual(self.contact.interaction_count, 3)
        self.assertEqual(self.person.interaction_count, 1)
        self.assertEqual(
            self.contact.last_interaction_date,
            fields.Datetime.to_datetime("2026-01-03 10:00:00"),
        )
        self.assertEqual(len(self.contact.timeline_ids), 3)
        action = self.contact.action_view_interactions()
        self.assertEqual(self.Interaction.search_count(action["domain"]), 3)
        self.assertEqual(len(self.contact.interaction_ids), 2)

    def test_deletion(self):
        order = self._sale_orders()
        name = order.name
        order.action_confirm()
        interaction = self.contact.interaction_ids
        order._action_cancel()
        order.unlink()
        self.assertEqual(interaction.res_name, name)
        self.assertEqual(
            interaction.action_open_document()["tag"], "display_notification"
        )
        self.contact.unlink()
        self.assertFalse(interaction.exists())

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def test_rule_reads_like_a_sentence(self):
        rule = self.env.ref(
            "marketing_contact.marketing_interaction_rule_sale_order_print"
        )
        self.assertEqual(
            rule.name, "When a Sales Order is printed, record Sales order sent"
        )
        self.assertIn(rule, self.Rule.search([("name", "ilike", "Sales Order")]))

    def test_shipped_rules_are_kept_on_update(self):
        data = self.env["ir.model.data"].search(
            [
                ("module", "=", "marketing_contact"),
                (
                    "model",
                    "in",
                    ("marketing.interaction.rule", "marketing.interaction.template"),
                ),
            ]
        )
        self.assertTrue(data)
        self.assertAll(data, "noupdate", True)

    def test_sleeping_rule(self):
        """A rule for a model that is not installed sleeps and does no harm."""
        rule = self._only_rule(
            model="no.such.model", event="create", domain="[('colour', '=', 'red')]"
        )
        self.assertTrue(rule.is_asleep)
        self.assertFalse(rule.model_id)
        self.assertNotIn("no.such.model", self.Rule._get_rule_map())
        rule.write({"model": "sale.order", "domain": "[]"})
        self.assertFalse(rule.is_asleep)
        self.assertEqual(rule.model_id.model, "sale.order")
        self._sale_orders()
        self.assertEqual(self._codes(), ["TEST"])

    def test_broken_condition_is_refused(self):
        for domain in ("[('no_such_field', '=', 1)]", "[(", "[('state',"):
            with self.assertRaises(ValidationError):
                self._only_rule_of_order(domain)

    def _only_rule_of_order(self, domain):
        template = self.Template.create({"code": domain, "name": "Broken"})
        return self.Rule.create(
            {
                "model": "sale.order",
                "event": "create",
                "domain": domain,
                "template_id": template.id,
            }
        )

    def test_rule_with_a_domain(self):
        self._only_rule(
            model="sale.order",
            event="confirm",
            confirmed_state="sale",
            domain="[('amount_untaxed', '>', 15)]",
        )
        small, large = self._sale_orders(2)
        large.order_line.product_uom_qty = 2
        (small + large).action_confirm()
        self.assertEqual(self.contact.interaction_ids.mapped("res_id"), large.ids)

    def test_switched_off(self):
        order = self._sale_orders()
        self.env.ref(
            "marketing_contact.marketing_interaction_rule_sale_order_confirm"
        ).active = False
        order.action_confirm()
        self.assertFalse(self.contact.interaction_ids)

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
    # RIGHTS AND TRUST
    # ------------------------------------------------------------

    def test_rights(self):
        """BC-231, BC-240: who has no right on contacts is recorded all the same."""
        order = self._sale_orders(env=self.env(user=self.outsider))
        order.action_confirm()
        self._print(order, "sale.report_saleorder", self.outsider)
        self.assertEqual(self._codes(), ["ORDER-OK", "ORDER"])
        self.assertAll(self.contact.interaction_ids, "user_id", self.outsider)
        with self.assertRaises(AccessError):
            self.Interaction.with_user(self.outsider).search([])
        with self.assertRaises(AccessError):
            self.Rule.with_user(self.marketer).search([], limit=1).active = False
        with self.assertRaises(AccessError):
            self.Template.with_user(self.marketer).create({"code": "X", "name": "X"})
        self.Rule.with_user(self.marketer).search([]).mapped("name")
        self.Rule.with_user(self.manager).search([], limit=1).active = False

    def test_errors_do_no_harm(self):
        order = self._sale_orders()
        order.note = "pending"
        Recorder = type(self.env["marketing.interaction.recorder"])
        for error in (ValueError("bug"), psycopg2.Error("bug")):
            with (
                patch.object(Recorder, "_get_matches", side_effect=error),
                mute_logger(RECORDER),
            ):
                self._print(order, "sale.report_saleorder")
        with (
            patch.object(
                Recorder,
                "_write_interactions",
                lambda self, vals_list: self.env.cr.execute("SELECT no_such_column"),
            ),
            mute_logger(RECORDER, "odoo.sql_db"),
        ):
            order.action_confirm()
        self.env.invalidate_all()
        self.assertEqual(order.state, "sale")
        self.assertIn("pending", order.note)
        self.assertFalse(self.contact.interaction_ids)

    def test_read_only_passes(self):
        """Odoo repeats the request with a transaction that may write."""
        order = self._sale_orders()
        Recorder = type(self.env["marketing.interaction.recorder"])
        error = psycopg2.errors.ReadOnlySqlTransaction
        with (
            patch.object(Recorder, "_write_interactions", side_effect=error),
            self.assertRaises(error),
        ):
            self._print(order, "sale.report_saleorder")

    def test_defaults_in_the_context(self):
        order = self._sale_orders().with_context(
            default_name="Wrong", default_contact_id=self.person.id, default_note="No"
        )
        order.action_confirm()
        self.assertEqual(self.contact.interaction_ids.name, "Sales order confirmed")

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
                    "name": "Quotation sent",
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
        report._marketing_record_print(
            "base.test_statement",
            None,
            {"options": json.dumps({"partner_ids": self.customer.ids})},
        )
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
