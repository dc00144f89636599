from odoo import api, models

from .merge_worker import MergeWorker


class MarketingRun(models.Model):
    """Bulk merging."""

    _inherit = "marketing.run"

    @api.model
    def _get_workers(self):
        return super()._get_workers() | {"merge": MergeWorker}
