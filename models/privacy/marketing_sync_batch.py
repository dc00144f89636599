from odoo import fields, models


class MarketingSyncBatch(models.Model):
    """Erasing contacts is an entry of the journal, without values."""

    _inherit = "marketing.sync.batch"

    origin = fields.Selection(
        selection_add=[("erase", "Erase")], ondelete={"erase": "cascade"}
    )
