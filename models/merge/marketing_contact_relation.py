from odoo import api, models
from odoo.exceptions import ValidationError

from ..sync.kinds import CONTACT_MODEL
from ..sync.rights import shown_name


class MarketingContactRelation(models.Model):
    """A merged contact has no links: the one that stays has them."""

    _inherit = "marketing.contact.relation"

    @api.model
    def _check_links(self, vals_list, options):
        super()._check_links(vals_list, options)
        ids = {vals["contact_id"] for vals in vals_list} - {False}
        # sudo: the rights on the contacts are checked already
        contacts = self.env[CONTACT_MODEL].sudo().browse(ids)
        if merged := contacts.filtered("merged_into_id")[:1]:
            raise ValidationError(
                self.env._(
                    "“%(contact)s” was merged into “%(survivor)s”. Link that one.",
                    contact=shown_name(merged.with_env(self.env)),
                    survivor=shown_name(merged.merged_into_id.with_env(self.env)),
                )
            )
