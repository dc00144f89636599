from odoo import api, models

from ..contact.input import check_one


class ResPartnerBank(models.Model):
    """A bank account's form: what it shares are the details of its bank."""

    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "marketing.form.mixin"]

    @api.model
    def _marketing_shared_fields(self, kinds=None):
        """The bank, and its details that are edited on the account."""
        return {"bank_id", "bank_name", "bank_bic"}

    def _marketing_get_journal_record(self):
        return self.bank_id

    def get_lineage(self):
        """Return where the details of the account's bank came from.

        :return: as for the bank, whose fields they are; nothing without a bank
        :raise AccessError: if the user may not read the account or its bank
        """
        check_one(self)
        self.check_access("read")
        return self.bank_id.get_lineage() if self.bank_id else []

    def get_lineage_texts(self):
        """Return the lineage of all the bank's details, to be shown beside the bank.

        :raise AccessError: if the user may not read the account or its bank
        """
        check_one(self)
        self.check_access("read")
        texts = self.bank_id.get_lineage_texts() if self.bank_id else {}
        lines = [line for lines in texts.values() for line in lines]
        return {"bank_id": lines} if lines else {}
