from odoo import models


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    # as of what is matched: accounts are compared with their holder
    _marketing_write_date_idx = models.Index("(write_date)")
