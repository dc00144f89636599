from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    marketing_customer_relation_id = fields.Many2one(
        related="company_id.marketing_customer_relation_id", readonly=False
    )
    marketing_vendor_relation_id = fields.Many2one(
        related="company_id.marketing_vendor_relation_id", readonly=False
    )
    marketing_bank_relation_id = fields.Many2one(
        related="company_id.marketing_bank_relation_id", readonly=False
    )
    marketing_contact_sequence_id = fields.Many2one(
        related="company_id.marketing_contact_sequence_id", readonly=False
    )
    marketing_journal_days = fields.Integer(
        related="company_id.marketing_journal_days", readonly=False
    )
    marketing_auto_create_contact = fields.Boolean(
        related="company_id.marketing_auto_create_contact", readonly=False
    )
    marketing_match_sure = fields.Integer(
        related="company_id.marketing_match_sure", readonly=False
    )
    marketing_match_ask = fields.Integer(
        related="company_id.marketing_match_ask", readonly=False
    )
    marketing_match_on_create = fields.Selection(
        related="company_id.marketing_match_on_create", readonly=False
    )
