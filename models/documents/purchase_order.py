from odoo import models


class PurchaseOrder(models.Model):
    """Requests for quotation and purchase orders, made out to a contact's vendor."""

    _name = "purchase.order"
    _inherit = ["purchase.order", "marketing.document.mixin"]

    _marketing_card_kind = "vendor"

    def _merge_alternative_po(self, rfqs):
        self._marketing_take_contact(rfqs)
        return super()._merge_alternative_po(rfqs)
