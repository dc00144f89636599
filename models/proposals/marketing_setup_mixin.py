from odoo import fields, models


class MarketingSetupMixin(models.AbstractModel):
    """How sure is sure, and what is done by itself."""

    _inherit = "marketing.setup.mixin"

    marketing_match_sure = fields.Integer(string="The Same From (%)", default=95)
    marketing_match_ask = fields.Integer(string="Asked About From (%)", default=10)
    marketing_match_on_create = fields.Selection(
        selection=[
            ("off", "Make a new contact"),
            ("propose", "Make a new contact and propose who is the same"),
            ("link", "Link with the contact that is surely the same"),
        ],
        string="New Customers and Vendors",
        default="link",
        required=True,
    )
