from odoo import api, models
from odoo.exceptions import ValidationError

THRESHOLDS = ("marketing_match_sure", "marketing_match_ask")


class ResCompany(models.Model):
    """Marketing Setup: how sure is sure, and what is done by itself."""

    _inherit = "res.company"

    @api.constrains(*THRESHOLDS)
    def _check_marketing_match(self):
        for company in self:
            ask, sure = company.marketing_match_ask, company.marketing_match_sure
            if not 0 < ask <= sure <= 100:
                raise ValidationError(
                    self.env._(
                        "“The Same From” and “Asked About From” are per cents from 1 "
                        "to 100, "
                        "and to be sure takes no less than to ask."
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(THRESHOLDS):
            # sudo: whoever sets the thresholds moves the proposals, all of them
            self.env["marketing.match"].sudo()._sort_again(self)
        return result
