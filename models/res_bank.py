from odoo import models


class ResBank(models.Model):
    """The bank: what a bank account shares with its contact."""

    _name = "res.bank"
    _inherit = ["res.bank", "marketing.sync.mixin"]

    _marketing_link_column = "bank_id"

    def preview_sync(self, vals):
        """Return what saving `vals` on the banks would write elsewhere.

        :param dict vals: as for ``write``
        :return: list of ``{model, id, display_name, field, old, new}``
        """
        return self._marketing_preview(lambda: self.write(dict(vals)))
