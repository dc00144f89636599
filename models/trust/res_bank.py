from odoo import models


class ResBank(models.Model):
    """The form of a bank: preview, notice and lineage."""

    _name = "res.bank"
    _inherit = ["res.bank", "marketing.form.mixin"]
