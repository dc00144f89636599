from odoo import models


class ResPartner(models.Model):
    """The form of a customer or vendor: preview, notice and lineage."""

    _name = "res.partner"
    _inherit = ["res.partner", "marketing.form.mixin"]
