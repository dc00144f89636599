from odoo import models


class SaleOrder(models.Model):
    """Quotations and sales orders, made out to the customer of a contact."""

    _name = "sale.order"
    _inherit = ["sale.order", "marketing.document.mixin"]

    _marketing_card_kind = "customer"
