import logging

from odoo import api, fields, models

from ..contact.bridges import bridge
from ..contact.companies import is_open_to
from ..contact.input import browse_one
from ..links.put import put
from ..sync.attempt import Attempt, harmless

_logger = logging.getLogger(__name__)


@bridge
class CrmLead(models.Model):
    """Leads and opportunities of a contact, with or without a customer; there where
    the module `crm` is.
    """

    _register = False
    _module = "marketing_contact"
    _name = "crm.lead"
    _inherit = ["crm.lead", "marketing.document.mixin"]

    _marketing_card_kind = "customer"
    _marketing_count_fields = ("opportunity_count",)

    # for everybody: what the form asks when it makes a partner
    marketing_has_contact = fields.Boolean(
        string="Has a Marketing Contact",
        compute="_compute_marketing_has_contact",
        compute_sudo=True,
    )

    @api.depends("marketing_contact_id")
    def _compute_marketing_has_contact(self):
        for lead in self:
            lead.marketing_has_contact = bool(lead.marketing_contact_id)

    @api.model
    def _marketing_init_extension(self):
        """Give the leads that are there the contacts of their partners."""
        if self.sudo().with_context(active_test=False).search_count([], limit=1):
            # sudo: at loading there is no user
            relations = self.env["marketing.contact.relation"].sudo()
            if links := relations.search([("partner_id", "!=", False)]):
                self._marketing_claim(links)

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """Fill in what is known of the contact that a lead is made for."""
        values = super().default_get(fields_list)
        # not every form of leads shows the contact of the screen that one comes from
        default = self.env.context.get("default_marketing_contact_id")
        contact = browse_one(self.env["marketing.contact"], default)
        contact = contact.sudo(False)._filtered_access("read")
        if contact and not values.get("partner_id"):
            for name, value in contact._get_lead_values().items():
                if name in fields_list and not values.get(name):
                    values[name] = value
        return values

    @api.onchange("marketing_contact_id")
    def _onchange_marketing_contact_id(self):
        """Fill in the customer, if the contact has one, else what is known of it."""
        result = super()._onchange_marketing_contact_id()
        if not self.marketing_contact_id or self.partner_id:
            return result
        contact = self.marketing_contact_id._origin._filtered_access("read")
        if not contact:
            return result
        for name, value in contact._get_lead_values().items():
            if not self[name]:
                self[name] = value
        # no warning: a lead needs no customer
        return None

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._marketing_meet_contacts()
        leads._marketing_recount()
        return leads

    @api.model
    def _marketing_complete(self, vals, contact):
        vals = super()._marketing_complete(vals, contact)
        if vals.get("partner_id"):
            return vals
        return {**contact._get_lead_values(), **vals}

    def write(self, vals):
        if {"partner_id", "marketing_contact_id"}.isdisjoint(vals):
            return super().write(vals)
        # sudo: whoever works on leads may have no right on contacts
        known = self.sudo().filtered("marketing_contact_id")
        result = super().write(vals)
        self._marketing_meet_contacts(known)
        self._marketing_recount()
        return result

    def unlink(self):
        result = super().unlink()
        self._marketing_recount()
        return result

    @api.model
    def _marketing_recount(self):
        """Let contacts count their leads anew, in this transaction as well."""
        self.env["marketing.contact"].invalidate_model(
            self._marketing_count_fields, flush=False
        )

    # ------------------------------------------------------------
    # WHAT ODOO DOES OF ITS OWN ACCORD
    # ------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_vals):
        """Make nobody a customer who was written to, as Odoo notes them on the lead:
        that is for who sells something, or says so.
        """
        lead = self.with_context(marketing_contact_no_create=True)
        return super(CrmLead, lead)._message_post_after_hook(message, msg_vals)

    def _merge_opportunity(self, *args, **kwargs):
        """As above: who stood on another lead was chosen for that one."""
        leads = self.with_context(marketing_contact_no_create=True)
        merged = super(CrmLead, leads)._merge_opportunity(*args, **kwargs)
        return merged.with_env(self.env)

    def _merge_dependences(self, opportunities):
        self._marketing_take_contact(opportunities)
        return super()._merge_dependences(opportunities)

    # ------------------------------------------------------------
    # A LEAD BECOMES A CUSTOMER
    # ------------------------------------------------------------

    def _marketing_is_elsewhere(self, contact):
        """A lead may turn a vendor into a customer as well."""
        self.ensure_one()
        return bool(self._marketing_get_customer_relations(contact))

    def _marketing_get_customer_relations(self, contact):
        """Return the links with customers that count for the lead's company."""
        company = self.company_id or self.partner_id.company_id or self.env.company
        return contact._get_linking_contact().relation_ids.filtered(
            lambda relation: (
                relation.kind == "customer" and is_open_to(relation.company_id, company)
            )
        )

    def _marketing_meet_contacts(self, known=None):
        """Link the partners that leads were given with the contacts of the leads,
        where these have no customer yet; harmless, nobody's lead is stopped.

        :param known: those that had a contact before
        """
        if self.env.context.get("marketing_contact_no_create"):
            return
        leads = self._marketing_link_partners()
        # who was entered in the form of such a lead got no contact there, see _get_view
        entered = (leads | known if known else leads).partner_id.commercial_partner_id
        entered.with_env(self.env)._marketing_auto_create_contacts(["customer"])

    def _marketing_link_partners(self):
        """Link the partners of leads with their contacts. Return those with both."""
        # sudo: whoever works on leads may have no right on contacts and their links
        leads = self.sudo().filtered(
            lambda lead: lead.partner_id and lead.marketing_contact_id
        )
        links = {"card": [], "contact": []}
        for card, contact in leads._marketing_get_pairs().items():
            # a company that was entered as a person is one nevertheless
            keep = "contact" if contact.is_company else "card"
            links[keep].append(
                {"contact_id": contact.id, "kind": "customer", "partner_id": card.id}
            )
        for keep, vals_list in links.items():
            self._marketing_link_harmlessly(vals_list, {"is_company": keep})
        return leads

    def _marketing_get_pairs(self):
        """Return ``{card: contact}`` of the partners and contacts to be linked."""
        # read at once
        contacts = self.marketing_contact_id._get_linking_contact()
        contacts.relation_ids.mapped("company_id")
        contacts.child_ids.mapped("email_normalized")
        cards = self.partner_id.commercial_partner_id
        left = cards.filtered("marketing_relation_ids") | self._marketing_get_own(cards)
        pairs = {}
        for lead in self:
            card = lead.partner_id.commercial_partner_id
            contact = lead.marketing_contact_id._get_linking_contact()
            if pairs.setdefault(card, contact) != contact:
                left |= card
            if not lead._marketing_fits(card, contact):
                left |= card
        seen = set()
        return {
            card: contact
            for card, contact in pairs.items()
            if card not in left and not (contact in seen or seen.add(contact))
        }

    @api.model
    def _marketing_get_own(self, partners):
        """Return the partners of users and of our companies, who are no customers just
        because they stand on a lead.
        """
        # sudo: as in _marketing_meet_contacts
        Users = self.env["res.users"].sudo().with_context(active_test=False)
        Companies = self.env["res.company"].sudo().with_context(active_test=False)
        domain = [("partner_id", "in", partners.ids)]
        users = Users.search([*domain, ("share", "=", False)])
        return users.partner_id | Companies.search(domain).partner_id

    def _marketing_fits(self, card, contact):
        """Return whether a partner is to be the contact's first customer."""
        if not (
            contact.active and card.active
        ) or self._marketing_get_customer_relations(contact):
            return False
        if contact.is_company == card.is_company:
            return True
        if card.is_company:
            # else a person of a company that is no contact yet
            return self.partner_id == card
        # else a person of the contact, by Odoo's own mark, name or e-mail
        people = contact.child_ids
        return not (
            card.company_name
            or card.name in people.mapped("name")
            or card.email_normalized in set(people.mapped("email_normalized")) - {False}
        )

    @api.model
    def _marketing_link_harmlessly(self, links, keep):
        """Link, all at once, or one by one where a rule forbids some."""
        if not links:
            return
        # sudo: as in _marketing_meet_contacts
        Relation = self.env["marketing.contact.relation"].sudo()

        def link(some):
            put(Relation, some, master="neither", keep=keep)

        text = "The customers of leads were not linked: %s"
        with harmless(self.env, _logger, text, links):
            for _link, error in Attempt(self.env, link).work(links).refused:
                _logger.info("The customer of a lead was not linked: %s", error)

    # ------------------------------------------------------------
    # VIEWS
    # ------------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Show the contact, which no view of this module's data can: it would need
        the module `crm`.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        for node in arch.xpath("//field[@name='partner_id']"):
            if node.xpath("ancestor::field"):
                continue
            if view_type == "form":
                self._marketing_show_contact(node)
            elif view_type in ("list", "search"):
                attributes = {"optional": "hide"} if view_type == "list" else {}
                node.addnext(self._marketing_make_node(node, attributes))
                break
        return arch, view

    @api.model
    def _marketing_show_contact(self, node):
        """Put the contact above the customer of a form."""
        attributes = {
            name: node.get(name) for name in ("class", "nolabel") if node.get(name)
        }
        if not node.xpath("ancestor::*[contains(@class, 'quick_create')]"):
            node.addprevious(self._marketing_make_node(node, attributes))
            # who is entered here is the lead's contact, and gets no second one
            no_create = "'marketing_contact_no_create': marketing_has_contact"
            context = (node.get("context") or "{}").strip()
            node.set("context", f"{{{no_create}, {context[1:]}")
            node.addprevious(
                node.makeelement(
                    "field", {"name": "marketing_has_contact", "invisible": "1"}
                )
            )

    @api.model
    def _marketing_make_node(self, node, attributes):
        return node.makeelement(
            "field",
            {
                "name": "marketing_contact_id",
                "string": self.env._("Marketing Contact"),
                **attributes,
            },
        )
