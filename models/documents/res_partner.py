from odoo import models

from ..people.ties import PERSON_FIELDS
from .marketing_contact_opportunities import LEAD


class ResPartner(models.Model):
    """Whoever joins a customer or vendor brings their documents along; who becomes a
    customer is the customer of the contact on their leads.
    """

    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if not PERSON_FIELDS.isdisjoint(vals):
            # sudo: whoever edits a partner may have no right on contacts
            cards = self.sudo().commercial_partner_id - self
            linked = cards.filtered("marketing_linked")
            linked.marketing_relation_ids._claim_documents()
        return result

    def _marketing_auto_create_contacts(self, kinds=None):
        automatic = not self.env.context.get("marketing_contact_no_create")
        if LEAD in self.env and automatic and (not kinds or "customer" in kinds):
            cards = self._marketing_to_create_contacts("customer")
            # sudo: whoever sells may not see all leads, nor marketing's contacts
            leads = cards and self.env[LEAD].sudo().search(
                [
                    ("partner_id.commercial_partner_id", "in", cards.ids),
                    ("marketing_contact_id", "!=", False),
                ]
            )
            if leads:
                leads._marketing_link_partners()
        return super()._marketing_auto_create_contacts(kinds)
