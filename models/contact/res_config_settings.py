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
    marketing_people_to_contacts = fields.Boolean(
        related="company_id.marketing_people_to_contacts", readonly=False
    )
    marketing_people_to_cards = fields.Boolean(
        related="company_id.marketing_people_to_cards", readonly=False
    )
    marketing_inherit_address = fields.Boolean(
        related="company_id.marketing_inherit_address", readonly=False
    )
    marketing_inherit_salesperson = fields.Boolean(
        related="company_id.marketing_inherit_salesperson", readonly=False
    )
    marketing_inherit_lang = fields.Boolean(
        related="company_id.marketing_inherit_lang", readonly=False
    )
    marketing_inherit_phone = fields.Boolean(
        related="company_id.marketing_inherit_phone", readonly=False
    )
    marketing_inherit_website = fields.Boolean(
        related="company_id.marketing_inherit_website", readonly=False
    )
    marketing_inherit_industry = fields.Boolean(
        related="company_id.marketing_inherit_industry", readonly=False
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
