from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_documents import MarketingDocumentsCommon


@tagged("post_install", "-at_install")
class TestDocumentsRights(MarketingDocumentsCommon):
    """Counts of orders and who sees them."""

    def test_counts_open_the_same(self):
        self._sale_orders(2)
        self._sale_orders(marketing_contact_id=self.person.id)
        self._purchase_orders()
        self.person.active = False
        for record, count in ((self.contact, 3), (self.person, 1)):
            self.assertEqual(record.sale_order_count, count)
            action = record.action_view_sale_orders()
            self.assertEqual(self.SaleOrder.search_count(action["domain"]), count)
        action = self.contact.action_view_purchase_orders()
        self.assertEqual(self.PurchaseOrder.search_count(action["domain"]), 1)

    def test_counts_are_grouped(self):
        contacts = self.Contact.create(
            [{"name": f"C {n}", "is_company": True} for n in range(80)]
        )
        contacts.create_card("customer")
        for contact in contacts:
            self._sale_orders(partner=contact.customer_id)
        self.env.invalidate_all()
        with self.assertQueryCount(9):
            counts = contacts.mapped("sale_order_count")
        self.assertEqual(counts, [1] * 80)

    def test_no_rights_on_orders(self):
        self._sale_orders()
        contact = self.contact.with_user(self.marketer)
        self.assertEqual(contact.sale_order_count, 0)
        self.assertEqual(contact.purchase_order_count, 0)
        view = contact.get_view(view_type="form")["arch"]
        self.assertNotIn("action_view_sale_orders", view)
        self.assertNotIn("action_new_quotation", view)
        self.assertNotIn("action_new_rfq", view)
        self.assertIn("action_log_interaction", view)
        contact.read()
        with self.assertRaises(AccessError):
            contact.action_new_quotation()
        view = contact.with_user(self.seller).get_view(view_type="form")["arch"]
        self.assertIn("action_view_sale_orders", view)
        self.assertIn("action_new_purchase_order", view)

    def test_only_who_may_change_a_contact_gives_it(self):
        """Its partner may be linked with it, and shares from then on."""
        other = self.env["res.company"].create({"name": "Other"})
        hidden = self._contact("Secret", company_id=other.id, email="s@secret.example")
        own = self._contact("Own")
        for Model, partner in (
            (self.SaleOrder, self.customer),
            (self.PurchaseOrder, self.vendor),
        ):
            Model = Model.with_user(self.seller)
            order = Model.create({"partner_id": self._partner("P").id})
            for attempt in (
                lambda M=Model: M.create({"marketing_contact_id": hidden.id}),
                lambda M=Model: M.with_context(
                    default_marketing_contact_id=hidden.id
                ).create({"partner_id": self._partner("P").id}),
                lambda o=order: o.write({"marketing_contact_id": hidden.id}),
                lambda o=order: o.copy({"marketing_contact_id": hidden.id}),
                lambda o=order: o.write({"marketing_contact_id": 10**8}),
            ):
                with self.assertRaises(AccessError) as caught:
                    attempt()
                self.assertNotIn("Secret", str(caught.exception))
            order.marketing_contact_id = own
            self.assertEqual(order.marketing_contact_id, own)
            self.assertEqual(order.copy().partner_id, order.partner_id)
            self.assertTrue(partner)

    def test_no_group_of_orders_names_a_hidden_contact(self):
        order = self._sale_orders()
        other = self.env["res.company"].create({"name": "Other"})
        self.env["marketing.contact"].flush_model()
        self.env.cr.execute(
            "UPDATE marketing_contact SET company_id = %s WHERE id = %s",
            [other.id, self.contact.id],
        )
        self.env.invalidate_all()
        domain, by = [("id", "=", order.id)], ["marketing_contact_id"]
        Order = self.SaleOrder.with_user(self.seller)
        with self.assertWarns(DeprecationWarning):
            former = Order.read_group(domain, ["id:count"], by)
        for groups in (
            Order.formatted_read_group(domain, by, ["__count"]),
            Order.web_read_group(domain, by, ["__count"])["groups"],
            former,
        ):
            self.assertEqual(len(groups), 1)
            self.assertNotIn(self.contact.name, str(groups))
        shown = self.SaleOrder.formatted_read_group(domain, by, ["__count"])
        self.assertIn(self.contact.name, str(shown))

    def test_a_hidden_contact_is_not_named(self):
        """What got its contact by itself, or before the rights changed."""
        order = self._sale_orders()
        rule = self.env["ir.rule"].create(
            {
                "name": "None",
                "model_id": self.env["ir.model"]._get_id("marketing.contact"),
                "domain_force": "[('name', '!=', 'Mill')]",
            }
        )
        order = order.with_user(self.seller)
        spec = {"marketing_contact_id": {"fields": {"display_name": {}}}}
        for found in (
            order.read(["marketing_contact_id"])[0],
            order.web_read(spec)[0],
            self.SaleOrder.with_user(self.seller).search_read(
                [("id", "=", order.id)], ["marketing_contact_id"]
            )[0],
        ):
            self.assertFalse(found["marketing_contact_id"])
        order.copy()
        order.note = "Still there"
        rule.unlink()
        self.env.invalidate_all()
        shown = order.web_read(spec)[0]["marketing_contact_id"]
        self.assertEqual(shown["display_name"], self.contact.display_name)
        self.assertEqual(order.marketing_contact_id, self.contact)

    def test_merged_requests_keep_the_contact(self):
        contact = self._contact("Prospect")
        vendor = self._partner("Vendor of None")
        requests = self.PurchaseOrder.with_user(self.outsider).create(
            [{"partner_id": vendor.id} for _i in range(3)]
        )
        requests[2].sudo().marketing_contact_id = contact
        requests.action_merge()
        kept = requests.filtered(lambda order: order.state != "cancel")
        self.assertEqual(len(kept), 1)
        self.assertEqual(kept.sudo().marketing_contact_id, contact)

    def test_no_rights_on_contacts(self):
        """Who sells without rights on marketing sees no contact and no error."""
        form = Form(self.SaleOrder.with_user(self.outsider))
        form.partner_id = self.customer
        order = form.save()
        self.assertNotIn("marketing_contact_id", order.read()[0])
        self.assertEqual(order.sudo().marketing_contact_id, self.contact)
        copy = order.copy()
        self.assertEqual(copy.sudo().marketing_contact_id, self.contact)

    def test_merged_contacts(self):
        twin = self._contact("Mill twin")
        order = self._sale_orders(partner=twin.create_card("customer"))
        twin.relation_ids.filtered("partner_id").unlink()
        self.Interaction.create({"contact_id": twin.id, "name": "Called"})
        twin.merge_into(self.contact)
        self.assertEqual(order.marketing_contact_id, self.contact)
        self.assertEqual(self.contact.interaction_ids.mapped("name"), ["Called"])

    def test_merged_customers(self):
        """The orders of a customer that is merged into another go with it."""
        stranger = self._partner("Mill twin")
        order = self._sale_orders(partner=stranger)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (stranger + self.customer).ids, self.customer
        )
        self.env.invalidate_all()
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.marketing_contact_id, self.contact)

    def test_order_from_quotation(self):
        """BC-206: the quotation becomes the order, with customer and contact."""
        order = self._sale_orders(marketing_contact_id=self.person.id)
        order.action_confirm()
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.marketing_contact_id, self.person)

    def test_printed_nowhere(self):
        order = self._sale_orders(marketing_contact_id=self.person.id)
        report = self.env["ir.actions.report"]
        html, _type = report._render_qweb_html("sale.report_saleorder", order.ids)
        self.assertNotIn(b"Miller", html)

    def test_list_of_lines(self):
        """The order's lines are Odoo's own business, also with the contact."""
        order = self.SaleOrder.create(
            {
                "marketing_contact_id": self.contact.id,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        self.assertEqual(order.amount_untaxed, 10.0)
