from lxml import etree

from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .common_documents import MarketingDocumentsCommon


@tagged("post_install", "-at_install")
class TestDocuments(MarketingDocumentsCommon):
    """Quotations and orders from the contact."""

    def _open(self, action, user=None):
        """Return the new order that the client would show for the action."""
        self.assertEqual(action["type"], "ir.actions.act_window")
        self.assertEqual(action["views"][0][1], "form")
        Model = self.env[action["res_model"]].with_user(user or self.seller)
        return Form(Model.with_context(**action["context"]))

    # ------------------------------------------------------------
    # FROM THE CONTACT
    # ------------------------------------------------------------

    def test_new_quotation(self):
        """BC-193, BC-200: the quotation of a linked contact has its customer."""
        self.contact.user_id = self.seller
        action = self.contact.with_user(self.seller).action_new_quotation()
        self.assertEqual(action["res_model"], "sale.order")
        with self._open(action) as form:
            self.assertEqual(form.partner_id, self.customer)
            self.assertEqual(form.marketing_contact_id, self.contact)
            self.assertEqual(form.user_id, self.seller)
        order = form.record
        self.assertEqual(order.company_id, self.env.company)
        self.assertEqual(order.state, "draft")
        self.assertEqual(self.contact.sale_order_count, 1)

    def test_new_documents_of_a_vendor(self):
        for name in ("action_new_rfq", "action_new_purchase_order"):
            action = getattr(self.contact.with_user(self.seller), name)()
            self.assertEqual(action["res_model"], "purchase.order")
            with self._open(action) as form:
                self.assertEqual(form.partner_id, self.vendor)
                self.assertEqual(form.marketing_contact_id, self.contact)
        self.assertEqual(self.contact.purchase_order_count, 2)

    def test_new_sale_order(self):
        action = self.contact.with_user(self.seller).action_new_sale_order()
        with self._open(action) as form:
            self.assertEqual(form.partner_id, self.customer)

    def test_person_of_a_company(self):
        """The document goes to the company's customer, the person is its contact."""
        action = self.person.with_user(self.seller).action_new_quotation()
        with self._open(action) as form:
            self.assertEqual(form.partner_id, self.customer)
            self.assertEqual(form.marketing_contact_id, self.person)
        self.assertEqual(form.record.marketing_contact_id, self.person)
        self.assertEqual(self.person.sale_order_count, 1)
        self.assertEqual(self.contact.sale_order_count, 1)

    def test_prospect_goes_by_create_as(self):
        """BC-194, BC-196, BC-209: no customer yet, so one is created on the way."""
        prospect = self._contact("Prospect")
        template = self.env["marketing.card.template"].create(
            {"name": "Good payers", "kind": "customer"}
        )
        action = prospect.with_user(self.seller).action_new_quotation()
        self.assertEqual(action["res_model"], "marketing.contact.create.card")
        self.assertFalse(prospect.customer_id)
        partners = self.Partner.search_count([])
        Wizard = self.env[action["res_model"]].with_user(self.seller)
        wizard = Form(Wizard.with_context(**action["context"]))
        wizard.template_id = template
        record = wizard.save()
        self.assertEqual(self.Partner.search_count([]), partners)
        following = record.action_create()
        self.assertEqual(following["res_model"], "sale.order")
        self.assertTrue(prospect.customer_id)
        with self._open(following) as form:
            self.assertEqual(form.partner_id, prospect.customer_id)
            self.assertEqual(form.marketing_contact_id, prospect)

    def test_lone_person_goes_by_create_as(self):
        """BC-197: a person without a company becomes the customer."""
        person = self.Contact.create({"name": "Lone Person"})
        action = person.with_user(self.seller).action_new_rfq()
        Wizard = self.env[action["res_model"]].with_user(self.seller)
        following = Form(Wizard.with_context(**action["context"])).save()
        following = following.action_create()
        self.assertEqual(following["res_model"], "purchase.order")
        self.assertEqual(person.vendor_id.name, "Lone Person")
        self.assertEqual(
            following["context"]["default_partner_id"], person.vendor_id.id
        )

    def test_person_of_a_prospect_stays_the_contact(self):
        company = self._contact("Prospect")
        person = self.Contact.create({"name": "Pat", "parent_id": company.id})
        action = person.with_user(self.seller).action_new_quotation()
        Wizard = self.env[action["res_model"]].with_user(self.seller)
        record = Form(Wizard.with_context(**action["context"])).save()
        context = record.action_create()["context"]
        self.assertEqual(context["default_partner_id"], company.customer_id.id)
        self.assertEqual(context["default_marketing_contact_id"], person.id)

    def test_contact_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.seller.company_ids += other
        contact = self._contact("Theirs", company_id=other.id)
        card = contact.with_company(other).create_card("customer")
        contact = contact.with_user(self.seller).with_context(
            allowed_company_ids=[self.env.company.id, other.id]
        )
        context = contact.action_new_quotation()["context"]
        self.assertEqual(context["default_partner_id"], card.id)
        self.assertEqual(context["default_company_id"], other.id)

    # ------------------------------------------------------------
    # ON THE ORDER
    # ------------------------------------------------------------

    def test_contact_fills_in_partner(self):
        form = Form(self.SaleOrder.with_user(self.seller))
        form.marketing_contact_id = self.contact
        self.assertEqual(form.partner_id, self.customer)
        self.assertEqual(form.marketing_contact_id, self.contact)

    def test_partner_fills_in_contact(self):
        for Model, partner in (
            (self.SaleOrder, self.customer),
            (self.PurchaseOrder, self.vendor),
        ):
            form = Form(Model.with_user(self.seller))
            form.partner_id = partner
            self.assertEqual(form.marketing_contact_id, self.contact)

    def test_choice_of_a_person_stays(self):
        """BC-220: another person of the customer's company is chosen."""
        form = Form(self.SaleOrder.with_user(self.seller))
        form.partner_id = self.customer
        form.marketing_contact_id = self.person
        self.assertEqual(form.partner_id, self.customer)
        form.partner_id = self.customer
        self.assertEqual(form.marketing_contact_id, self.person)
        order = form.save()
        self.assertEqual(order.marketing_contact_id, self.person)

    def test_choice_of_another_partner_wins(self):
        other = self._contact("Other")
        customer = other.create_card("customer")
        stranger = self._partner("Stranger")
        form = Form(self.SaleOrder.with_user(self.seller))
        form.marketing_contact_id = self.person
        form.partner_id = customer
        self.assertEqual(form.marketing_contact_id, other)
        form.partner_id = stranger
        self.assertFalse(form.marketing_contact_id)

    def test_prospect_on_an_order_stays(self):
        prospect = self._contact("Prospect")
        form = Form(self.SaleOrder.with_user(self.seller))
        form.marketing_contact_id = prospect
        stranger = self._partner("Stranger")
        form.partner_id = stranger
        self.assertEqual(form.marketing_contact_id, prospect)
        form.marketing_contact_id = self.contact
        self.assertEqual(form.partner_id, self.customer)
        # the customer is that of another contact: it can't stay
        # and the user is told so
        with self.assertLogs("odoo.tests.form.onchange", "WARNING") as told:
            form.marketing_contact_id = prospect
        self.assertIn("Prospect", told.output[0])
        self.assertFalse(form.partner_id)
        self.assertEqual(form.marketing_contact_id, prospect)

    def test_orders_by_code(self):
        child = self._partner("Buyer", parent_id=self.customer.id, is_company=False)
        self.assertEqual(
            self._sale_orders(partner=child).marketing_contact_id, self.contact
        )
        self.assertEqual(self._purchase_orders().marketing_contact_id, self.contact)
        order = self.SaleOrder.create({"marketing_contact_id": self.person.id})
        self.assertEqual(order.partner_id, self.customer)
        order = self._sale_orders(env=self.env(user=self.outsider))
        self.assertEqual(order.sudo().marketing_contact_id, self.contact)
        other = self._contact("Other").create_card("customer")
        order.partner_id = other
        self.assertEqual(order.sudo().marketing_contact_id.name, "Other")
        copy = self._sale_orders(marketing_contact_id=self.person.id).copy()
        self.assertEqual(copy.marketing_contact_id, self.person)
        copy = copy.copy({"partner_id": other.id})
        self.assertEqual(copy.marketing_contact_id.name, "Other")

    def test_newly_linked_customer(self):
        partner = self._partner("Late")
        child = self._partner("Buyer", parent_id=partner.id, is_company=False)
        orders = self._sale_orders(partner=partner) + self._sale_orders(partner=child)
        purchase = self._purchase_orders(partner=partner)
        contact = self._contact("Late")
        self.assertEqual(contact.sale_order_count, 0)
        contact.link_card("customer", partner.id)
        self.assertAll([*orders, purchase], "marketing_contact_id", contact)
        self.assertEqual(contact.sale_order_count, 2)
        self.assertEqual(contact.purchase_order_count, 1)

    def test_unlinked_and_deleted(self):
        order = self._sale_orders()
        date = order.write_date
        self.contact.relation_ids.filtered("partner_id").unlink()
        self.assertEqual(order.marketing_contact_id, self.contact)
        other = self._contact("Successor")
        other.link_card("customer", self.customer.id)
        self.assertEqual(order.marketing_contact_id, other)
        self.assertEqual(order.write_date, date)
        other.unlink()
        self.assertTrue(order.exists())
        self.assertFalse(order.marketing_contact_id)

    def test_person_who_left(self):
        """Also deleted, by who has no right on orders: the company keeps its orders."""
        orders = self._sale_orders(2, marketing_contact_id=self.person.id)
        purchase = self._purchase_orders(marketing_contact_id=self.person.id)
        self.env.flush_all()
        date = purchase.write_date
        self.person.with_user(self.marketer).parent_id = self._contact("Elsewhere")
        self.assertAll([*orders, purchase], "marketing_contact_id", self.contact)
        self.assertEqual(self.contact.sale_order_count, 2)
        self.assertEqual(self.person.sale_order_count, 0)
        self.assertEqual(purchase.write_date, date)
        heir = self.Contact.create({"name": "Heir", "parent_id": self.contact.id})
        orders.marketing_contact_id = heir
        heir.with_user(self.marketer).unlink()
        self.assertAll(orders, "marketing_contact_id", self.contact)

    def test_partner_who_joined(self):
        """The orders of a customer's new person are the customer's, as Odoo counts."""
        late = self._partner("Late", is_company=False)
        order = self._sale_orders(partner=late)
        self.assertFalse(order.marketing_contact_id)
        late.with_user(self.clerk).parent_id = self.customer
        self.assertTrue(self.contact._is_or_employs(order.marketing_contact_id))
        other = self._contact("Other")
        late.with_user(self.clerk).parent_id = other.create_card("customer")
        self.assertTrue(other._is_or_employs(order.marketing_contact_id))

    def test_companies(self):
        """A contact of one company doesn't stand on the orders of another."""
        other = self.env["res.company"].create({"name": "Other Company"})
        contact = self._contact("Ours", company_id=self.env.company.id)
        shared = self._partner("Shared")
        contact.link_card("customer", shared.id)
        ours = self._sale_orders(partner=shared)
        theirs = self.SaleOrder.create(
            {"partner_id": shared.id, "company_id": other.id}
        )
        self.assertEqual(ours.marketing_contact_id, contact)
        self.assertFalse(theirs.marketing_contact_id)
        contact.relation_ids.filtered("partner_id").unlink()
        contact.link_card("customer", shared.id)
        self.assertFalse(theirs.marketing_contact_id)

    def test_contacts_offered(self):
        """The form offers the contacts of the order's company and those above it."""
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        contacts = self._contact("Branch's", company_id=branch.id)
        ours = self._contact("Ours", company_id=self.env.company.id)
        contacts |= ours | self.contact
        for name in ("sale.order", "purchase.order"):
            arch = etree.fromstring(self.env[name].get_view(view_type="form")["arch"])
            (node,) = arch.xpath("//field[@name='marketing_contact_id']")
            for company, offered in (
                (branch, contacts),
                (self.env.company, ours | self.contact),
            ):
                domain = safe_eval(node.get("domain"), {"company_id": company.id})
                self.assertEqual(contacts.filtered_domain(domain), offered)

    def test_search_and_group(self):
        self._sale_orders(2)
        self._sale_orders(marketing_contact_id=self.person.id)
        groups = dict(
            self.SaleOrder._read_group(
                [("marketing_contact_id", "in", (self.contact + self.person).ids)],
                ["marketing_contact_id"],
                ["__count"],
            )
        )
        self.assertEqual(groups, {self.contact: 2, self.person: 1})
