from odoo import models


class ResBank(models.Model):
    """The bank: what a bank account shares with its contact."""

    _name = "res.bank"
    _inherit = ["res.bank", "marketing.sync.mixin"]

    _marketing_link_column = "bank_id"

    def write(self, vals):
        with self._marketing_journal("save"):
            return super().write(vals)

    def unlink(self):
        result = super().unlink()
        self._marketing_erase_journal()
        return result
