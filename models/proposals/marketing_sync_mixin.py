from odoo import api, models

from ..match.keys import note_written
from .lookalike import Lookalike


class MarketingSyncMixin(models.AbstractModel):
    """What shares values is matched as well: remembers what is written after somebody
    asked in the same transaction. It costs no query.
    """

    _inherit = "marketing.sync.mixin"

    # what others changed last is looked for by it
    _marketing_write_date_idx = models.Index("(write_date)")

    marketing_lookalike = Lookalike(
        string="Looks Like Another",
        groups="marketing_contact.group_marketing_contact_user",
        help="An open proposal of Who Is Who names the record.",
    )

    def _write_multi(self, vals_list):
        note_written(self.env, self._name, self._ids)
        return super()._write_multi(vals_list)

    @api.model
    def _create(self, data_list):
        records = super()._create(data_list)
        note_written(self.env, self._name, records._ids)
        return records
