from odoo import api, fields, models
from odoo.exceptions import ValidationError

THRESHOLDS = ("marketing_match_sure", "marketing_match_ask")


class ResCompany(models.Model):
    """Marketing Setup: how sure is sure, and what is done by itself."""

    _inherit = "res.company"

    marketing_match_sure = fields.Integer(
        string="Sure from (%)",
        default=95,
        help="From this chance on a contact and a customer, vendor or bank are taken "
        "for the same without asking, if nothing else speaks against it.",
    )
    marketing_match_ask = fields.Integer(
        string="Ask from (%)",
        default=10,
        help="From this chance on people are asked whether two are the same.",
    )
    marketing_match_on_create = fields.Selection(
        selection=[
            ("off", "Make a new contact"),
            ("propose", "Make a new contact and propose who is the same"),
            ("link", "Link with the contact that is surely the same"),
        ],
        string="New Customers and Vendors",
        default="link",
        required=True,
        help="What happens where contacts are made from customers, vendors and bank "
        "accounts, by themselves or by Create Contacts.",
    )

    @api.constrains(*THRESHOLDS)
    def _check_marketing_match(self):
        for company in self:
            ask, sure = company.marketing_match_ask, company.marketing_match_sure
            if not 0 < ask <= sure <= 100:
                raise ValidationError(
                    self.env._(
                        "“Sure from” and “Ask from” are per cents from 1 to 100, "
                        "and to be sure takes no less than to ask."
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(THRESHOLDS):
            # sudo: whoever sets the thresholds moves the proposals, all of them
            self.env["marketing.match"].sudo()._sort_again(self)
        return result
