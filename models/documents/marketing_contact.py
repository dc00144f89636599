from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..contact.answers import open_form
from ..contact.companies import is_open_to
from ..people.ties import PERSON_FIELDS


class MarketingContact(models.Model):
    """Quotations and orders of a contact."""

    _inherit = "marketing.contact"

    sale_order_ids = fields.One2many(
        comodel_name="sale.order",
        inverse_name="marketing_contact_id",
        groups="sales_team.group_sale_salesman",
        copy=False,
    )
    purchase_order_ids = fields.One2many(
        comodel_name="purchase.order",
        inverse_name="marketing_contact_id",
        groups="purchase.group_purchase_user",
        copy=False,
    )
    sale_order_count = fields.Integer(
        string="Sales Orders", compute="_compute_sale_order_count"
    )
    purchase_order_count = fields.Integer(
        string="Purchase Orders", compute="_compute_purchase_order_count"
    )
    # what the user may not make out is not offered
    can_sell = fields.Boolean(compute="_compute_can_make_out")
    can_buy = fields.Boolean(compute="_compute_can_make_out")
    offers_documents = fields.Boolean(compute="_compute_offers_documents")

    @api.depends("customer_id", "vendor_id")
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_can_make_out(self):
        """A document is for a customer or vendor who is there, or may be created."""
        # Odoo computes with the rights of who asks, unless somebody raised them
        env = self.sudo(self.env.uid == api.SUPERUSER_ID).env
        sell = env["sale.order"].has_access("create")
        buy = env["purchase.order"].has_access("create")
        for contact in self:
            able = contact.can_create_partners
            contact.can_sell = sell and bool(contact.customer_id or able)
            contact.can_buy = buy and bool(contact.vendor_id or able)

    @api.depends("can_sell", "can_buy")
    def _compute_offers_documents(self):
        for contact in self:
            contact.offers_documents = contact.can_sell or contact.can_buy

    @api.depends("child_ids.sale_order_ids", "sale_order_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_sale_order_count(self):
        counts = self._count_with_people("sale.order", "marketing_contact_id")
        for contact in self:
            contact.sale_order_count = counts.get(contact._origin.id, 0)

    @api.depends("child_ids.purchase_order_ids", "purchase_order_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_purchase_order_count(self):
        counts = self._count_with_people("purchase.order", "marketing_contact_id")
        for contact in self:
            contact.purchase_order_count = counts.get(contact._origin.id, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if PERSON_FIELDS.isdisjoint(vals):
            return super().write(vals)
        # sudo: the orders stay with the company, whatever the user may see
        companies = self.sudo().parent_id
        result = super().write(vals)
        companies._claim_documents()
        return result

    def unlink(self):
        # sudo: as in write
        companies = self.sudo().exists().parent_id - self
        result = super().unlink()
        companies._claim_documents()
        return result

    def _claim_documents(self):
        """Give companies the orders of their customers and vendors on which somebody
        stands who left.
        """
        linked = self.exists().filtered("marketing_linked")
        linked.relation_ids._claim_documents()

    # ------------------------------------------------------------
    # OPEN
    # ------------------------------------------------------------

    def _get_documents_action(self, xml_id):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        action["domain"] = [
            ("marketing_contact_id", "in", list(self._get_companies_of_people()))
        ]
        action["context"] = {"default_marketing_contact_id": self.id}
        return action

    def action_view_sale_orders(self):
        """Open the quotations and orders of the contact and of its people."""
        action = self._get_documents_action("sale.action_orders")
        action["display_name"] = self.env._("Sales Orders of %s", self.name)
        action["context"]["default_partner_id"] = self.customer_id.id
        return action

    def action_view_purchase_orders(self):
        """Open the requests for quotation and orders of the contact and its people."""
        action = self._get_documents_action("purchase.purchase_form_action")
        action["display_name"] = self.env._("Purchase Orders of %s", self.name)
        action["context"]["default_partner_id"] = self.vendor_id.id
        return action

    # ------------------------------------------------------------
    # CREATE
    # ------------------------------------------------------------

    def action_new_quotation(self):
        """Open a new quotation for the contact's customer."""
        return self._get_new_document_action(
            "customer", "sale.order", self.env._("New Quotation"), "quotation"
        )

    def action_new_sale_order(self):
        """Open a new sales order for the contact's customer."""
        return self._get_new_document_action(
            "customer", "sale.order", self.env._("New Sales Order"), "sale_order"
        )

    def action_new_rfq(self):
        """Open a new request for quotation for the contact's vendor."""
        return self._get_new_document_action(
            "vendor", "purchase.order", self.env._("New Request for Quotation"), "rfq"
        )

    def action_new_purchase_order(self):
        """Open a new purchase order for the contact's vendor."""
        return self._get_new_document_action(
            "vendor",
            "purchase.order",
            self.env._("New Purchase Order"),
            "purchase_order",
        )

    def _get_new_document_action(self, kind, model_name, title, document):
        """Return the action that opens a new document, by way of *Create as* if the
        contact has no such card yet.

        A person's document is made out to the company's card, with the person as its
        contact.

        :raise UserError: for an archived contact
        """
        self.ensure_one()
        self.env[model_name].check_access("create")
        self._check_active_for_documents()
        contact = self._with_own_company()
        company = contact.env.company
        card = contact._get_current_cards()[contact][kind][:1]
        if not card:
            return contact._get_create_as_action(kind, document)
        # the primary contact of a company comes first
        person = self.primary_person_id.filtered("active") or self
        context = {
            **contact._get_company_context(),
            "default_partner_id": person._get_partner_at(card).id,
            "default_marketing_contact_id": person.id,
            "default_company_id": company.id,
        }
        salesperson = self.user_id or self.parent_id.user_id
        if model_name == "sale.order" and salesperson.active:
            context["default_user_id"] = salesperson.id
        return open_form(title, model_name, **context)

    def _check_active_for_documents(self):
        """:raise UserError: for an archived or blocked contact"""
        self._privacy_refuse()
        if not self.active:
            raise UserError(
                self.env._(
                    "The contact “%(contact)s” is archived. Unarchive it to make out "
                    "a new document.",
                    contact=self.display_name,
                )
            )

    def _with_own_company(self):
        """Return the contact in the company that its documents are made out in: the
        current one, unless the contact belongs to another.
        """
        company = self.env.company
        own_company = self.company_id or self.parent_id.company_id
        if not is_open_to(own_company, company):
            company = own_company
        return self.with_company(company)

    def _get_partner_at(self, card):
        """Return the partner that a person is at a customer or vendor, else that."""
        ties = self.relation_ids.partner_id._filtered_access("read")
        children = ties.filtered(lambda c: c.active and c.commercial_partner_id == card)
        return (children or card)[:1]

    def _get_company_context(self):
        """Return the context of actions in the company of the environment.

        Nothing, unless the contact belongs to another one than the user works in.
        """
        company_ids = self.env.context.get("allowed_company_ids")
        if company_ids and self.company_id.id == company_ids[0]:
            return {"allowed_company_ids": company_ids}
        return {}

    def _get_create_as_action(self, kind, document):
        """Return the wizard that creates the card and goes on to the document."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"marketing_contact.marketing_contact_create_card_action_{kind}"
        )
        action["context"] = {
            **self._get_company_context(),
            "default_kind": kind,
            "default_contact_ids": [Command.set(self.ids)],
            "default_next_document": document,
            "default_next_contact_id": self.id,
        }
        return action
