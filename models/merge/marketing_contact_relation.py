from odoo import api, models

from ..sync.kinds import CONTACT_MODEL


class MarketingContactRelation(models.Model):
    """A merged contact has no links: the one that stays has them."""

    _inherit = "marketing.contact.relation"

    @api.model
    def _check_links(self, vals_list, options):
        result = super()._check_links(vals_list, options)
        ids = {vals["contact_id"] for vals in vals_list} - {False}
        self.env[CONTACT_MODEL].browse(ids)._check_not_merged()
        return result
