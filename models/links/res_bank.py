from odoo import models

from ..contact.visible import VisibleLines
from ..sync.session import open_journal


class ResBank(models.Model):
    """The bank: what a bank account shares with its contact."""

    _name = "res.bank"
    _inherit = ["res.bank", "marketing.card.mixin", "marketing.sync.mixin"]

    _marketing_link_column = "bank_id"

    marketing_relation_ids = VisibleLines(
        comodel_name="marketing.contact.relation",
        inverse_name="bank_id",
        string="Marketing Relations",
        groups="marketing_contact.group_marketing_contact_user",
        copy=False,
    )

    def write(self, vals):
        with open_journal(self.env, "save"):
            return super().write(vals)

    def _marketing_prepare_contact(self):
        """A bank has no company of its own: accounts of several companies share it."""
        self.ensure_one()
        return {"is_company": True, "company_id": False}
