from odoo import api, models
from odoo.fields import Domain

from ..sync.kinds import get_kinds
from ..sync.session import open_journal
from . import people
from .ties import IS_CHILD


class ResPartner(models.Model):
    """The people of customers and vendors: their child contacts, never an address."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        people.tie_new_children(partners)
        return partners

    def write(self, vals):
        employers = people.get_employers(self, vals)
        if employers is None:
            return super().write(vals)
        with open_journal(self.env, "save"):
            result = super().write(vals)
            people.follow_children(self, employers)
        return result

    @api.model
    def _marketing_card_domain(self, kind):
        if get_kinds(self.env)[kind].personal:
            linked = Domain("commercial_partner_id.marketing_linked", "=", True)
            return IS_CHILD & linked
        return super()._marketing_card_domain(kind)

    def _compute_marketing_sync_summary(self):
        """Name those of the people who are contacts as well."""
        result = super()._compute_marketing_sync_summary()
        # sudo: as for the contact itself; names only of those that the user may read
        for partner in self.sudo():
            company = partner.marketing_relation_ids.contact_id[:1]
            children = company.child_ids.relation_ids.partner_id.filtered(
                lambda p, own=partner: p.commercial_partner_id == own
            )
            readable = children.sudo(False)._filtered_access("read")
            if company.is_company and readable:
                names = self.env._("people: %s", ", ".join(readable.mapped("name")))
                known = partner.marketing_sync_summary
                partner.marketing_sync_summary = f"{known}, {names}"
        return result
