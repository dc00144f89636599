from odoo import fields, models


class ResBank(models.Model):
    """The bank: what a bank account shares with its contact."""

    _name = "res.bank"
    _inherit = ["res.bank", "marketing.linked.mixin", "marketing.sync.mixin"]

    _marketing_link_column = "bank_id"

    marketing_relation_ids = fields.One2many(
        comodel_name="marketing.contact.relation",
        inverse_name="bank_id",
        string="Marketing Relations",
        groups="marketing_contact.group_marketing_contact_user",
        copy=False,
    )

    def write(self, vals):
        with self._marketing_journal("save"):
            return super().write(vals)

    def unlink(self):
        result = super().unlink()
        self._marketing_erase_journal()
        return result
