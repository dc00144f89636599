from odoo import models


class ResBank(models.Model):
    _name = "res.bank"
    _inherit = ["res.bank", "marketing.matched.mixin"]
