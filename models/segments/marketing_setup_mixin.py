from odoo import fields, models


class MarketingSetupMixin(models.AbstractModel):
    """How many letters somebody may get."""

    _inherit = "marketing.setup.mixin"

    marketing_mail_cap = fields.Integer(string="Letters to One Address")
    marketing_mail_cap_days = fields.Integer(string="In Days", default=7)
