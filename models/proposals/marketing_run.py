from odoo import api, models

from .workers import LinkWorker, MatchWorker


class MarketingRun(models.Model):
    """Bulk work on who is who."""

    _inherit = "marketing.run"

    @api.model
    def _get_workers(self):
        return super()._get_workers() | {"match": MatchWorker, "link": LinkWorker}
