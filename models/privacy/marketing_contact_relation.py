from odoo import api, models

from .marketing_contact import AUTOMATIC


class MarketingContactRelation(models.Model):
    """Blocked contacts get no new links; those that they have stay in step."""

    _inherit = "marketing.contact.relation"

    @api.model
    def _check_links(self, vals_list, options):
        if self.env.context.get("marketing_privacy") is not AUTOMATIC:
            ids = {vals["contact_id"] for vals in vals_list}
            ids -= {False, None, *self.contact_id.ids}
            self.env["marketing.contact"].browse(ids)._privacy_refuse()
        return super()._check_links(vals_list, options)

    def _filter_peopled(self):
        links = super()._filter_peopled()
        return links.filtered(lambda link: not link.contact_id.privacy_hidden)
