from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..contact.answers import open_form
from ..sync.values import ADDRESS

LEAD = "crm.lead"


class MarketingContact(models.Model):
    """Opportunities of a contact, where the module `crm` is."""

    _inherit = "marketing.contact"

    has_crm = fields.Boolean(
        string="Opportunities Possible",
        compute="_compute_has_crm",
        help="Opportunities are there, and the user may make them.",
    )
    opportunity_count = fields.Integer(
        string="Opportunities",
        compute="_compute_opportunity_count",
        help="Those of the contact, of its customers and vendors and of its people.",
    )

    @api.depends_context("uid")
    def _compute_has_crm(self):
        self.has_crm = LEAD in self.env and self.env[LEAD].has_access("create")

    @api.depends("has_crm")
    def _compute_offers_documents(self):
        result = super()._compute_offers_documents()
        for contact in self.filtered("has_crm"):
            contact.offers_documents = True
        return result

    def _get_used(self):
        used = super()._get_used()
        if LEAD not in self.env:
            return used
        # sudo: what the user may not see is used as well; leads of a customer have
        # the contact by the customer
        groups = (
            self._get_leads()
            .sudo()
            ._read_group(
                [("marketing_contact_id", "in", self.ids), ("partner_id", "=", False)],
                ["marketing_contact_id"],
            )
        )
        return used | self.browse(contact.id for (contact,) in groups)

    @api.depends("child_ids", "relation_ids.partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_opportunity_count(self):
        counts = {}
        if self._origin and LEAD in self.env and self.env[LEAD].has_access("read"):
            counts = self._count_opportunities()
        for contact in self:
            contact.opportunity_count = counts.get(contact._origin.id, 0)

    def _count_opportunities(self):
        """Return ``{contact id: number}``, one grouped query however many contacts.

        A lead that has the contact and its customer as well counts once.
        """
        by_contact = self._get_companies_of_people()
        by_partner = self._get_partners_of_people(by_contact)
        counts = {}
        for contact, partner, count in self._get_leads()._read_group(
            self._get_opportunities_domain(by_contact, by_partner),
            ["marketing_contact_id", "partner_id"],
            ["__count"],
        ):
            # sudo: a customer whom the user may not read, of a lead that may be read
            card = partner.sudo().commercial_partner_id
            for contact_id in (
                by_contact.get(contact.id, set())
                | by_partner.get(partner.id, set())
                | by_partner.get(card.id, set())
            ):
                counts[contact_id] = counts.get(contact_id, 0) + count
        return counts

    @api.model
    def _get_leads(self):
        """Return the model of leads, lost ones included, as Odoo counts them."""
        return self.env[LEAD].with_context(active_test=False)

    def _get_partners_of_people(self, by_contact):
        """Return ``{partner id: ids of self it counts for}`` of customers and vendors,
        and of what people are there.

        :param dict by_contact: as :meth:`_get_companies_of_people` returns
        """
        by_partner = {}
        relations = self.env["marketing.contact.relation"].search_fetch(
            [("contact_id", "in", list(by_contact)), ("partner_id", "!=", False)],
            ["contact_id", "partner_id"],
        )
        for relation in relations:
            counted = by_partner.setdefault(relation.partner_id.id, set())
            counted |= by_contact[relation.contact_id.id]
        return by_partner

    @api.model
    def _get_opportunities_domain(self, contact_ids, partner_ids):
        """Return the domain of the leads of contacts, of partners and theirs."""
        # sudo: people and addresses of a customer whom the user may not read
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        family = Partner._search(
            Domain("commercial_partner_id", "in", list(partner_ids))
            | Domain("id", "in", list(partner_ids))
        )
        return Domain("marketing_contact_id", "in", list(contact_ids)) | Domain(
            "partner_id", "in", family
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_opportunities(self):
        """Open the opportunities of the contact, its customers, vendors and people."""
        self.ensure_one()
        self._check_has_crm()
        by_contact = self._get_companies_of_people()
        partner_ids = list(self._get_partners_of_people(by_contact))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm.crm_lead_opportunities"
        )
        action["display_name"] = self.env._("Opportunities of %s", self.name)
        action["views"] = sorted(action["views"], key=lambda view: view[1] != "list")
        action["domain"] = list(
            Domain("marketing_contact_id", "in", list(by_contact))
            | Domain("partner_id.commercial_partner_id", "in", partner_ids)
            | Domain("partner_id", "in", partner_ids)
        )
        action["context"] = {**self._get_opportunity_defaults(), "active_test": False}
        return action

    def action_new_opportunity(self):
        """Open a new opportunity, for the contact's customer if it has one."""
        self.ensure_one()
        self._check_has_crm()
        self.env[LEAD].check_access("create")
        self._check_active_for_documents()
        return open_form(
            self.env._("New Opportunity"),
            LEAD,
            view_id=self.env.ref("crm.crm_lead_view_form").id,
            **self._with_own_company()._get_company_context(),
            **self._get_opportunity_defaults(),
        )

    @api.model
    def _check_has_crm(self):
        """:raise UserError: where the module `crm` is not installed"""
        if LEAD not in self.env:
            raise UserError(
                self.env._("Install the app CRM to work with opportunities.")
            )

    def _get_opportunity_defaults(self):
        """Return the context of a new opportunity."""
        contact = self._with_own_company()
        card = contact._get_current_cards()[contact]["customer"][:1]
        person = self.primary_person_id.filtered("active") or self
        defaults = {
            "default_type": "opportunity",
            "default_marketing_contact_id": self.id,
            "default_partner_id": person._get_partner_at(card).id,
            "default_name": self.env._("Opportunity of %s", self.name),
        }
        if own_company := self.company_id or self.parent_id.company_id:
            defaults["default_company_id"] = own_company.id
        salesperson = self.user_id or self.parent_id.user_id
        if salesperson.active:
            defaults["default_user_id"] = salesperson.id
        return defaults

    def _get_lead_values(self):
        """Return what a lead without a customer has from the contact.

        The address is that of the person, else that of the company, as a whole.
        """
        self.ensure_one()
        company = self if self.is_company else self.parent_id
        person = self.primary_person_id.filtered("active")
        person = person if self.is_company else self
        located = self if any(self[name] for name in ADDRESS) else company
        language = self.env["res.lang"]._get_data(code=self.lang or "")
        values = {
            "partner_name": company.name,
            "contact_name": person.name,
            "function": person.function,
            "email_from": self.email or person.email or company.email,
            "phone": self.phone or person.phone or company.phone,
            "website": self.website or company.website,
            "lang_id": language.id,
            **{
                name: located._fields[name].convert_to_write(located[name], located)
                for name in ADDRESS
            },
        }
        return {name: value for name, value in values.items() if value}
