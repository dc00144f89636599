from odoo import models


class ResBank(models.Model):
    """The form of a bank: preview, notice and lineage."""

    _name = "res.bank"
    _inherit = ["res.bank", "marketing.form.mixin"]

    def _get_used(self):
        """Return those of new banks that have accounts made since."""
        # sudo: what the user may not see is used as well; archived is gone
        accounts = self.env["res.partner.bank"].sudo()
        accounts = accounts.search([("bank_id", "in", self.ids)])
        return accounts.filtered(
            lambda a: a.create_date > a.bank_id.create_date
        ).bank_id
