from odoo import api, fields, models

from .res_company import THRESHOLDS


class ResConfigSettings(models.TransientModel):
    """Settings: what other thresholds would move."""

    _inherit = "res.config.settings"

    marketing_match_forecast = fields.Char(
        string="What Moves", compute="_compute_marketing_match_forecast"
    )

    @api.depends("company_id", *THRESHOLDS)
    def _compute_marketing_match_forecast(self):
        for settings in self:
            settings.marketing_match_forecast = self.env[
                "marketing.match"
            ]._get_forecast(
                settings.company_id,
                settings.marketing_match_sure,
                settings.marketing_match_ask,
            )
