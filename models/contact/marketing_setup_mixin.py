from odoo import api, fields, models


class MarketingSetupMixin(models.AbstractModel):
    """The fields of Marketing Setup, named once.

    A company has them, and the form that marketing's managers set them by: see
    `marketing.setup`. Another module adds its own here, and a line to the form's view.
    """

    _name = "marketing.setup.mixin"
    _description = "Fields of Marketing Setup"

    marketing_customer_relation_id = fields.Many2one(
        comodel_name="marketing.business.relation",
        string="Business Relation for Customers",
        default=lambda self: self._marketing_default_relation("customer"),
    )
    marketing_vendor_relation_id = fields.Many2one(
        comodel_name="marketing.business.relation",
        string="Business Relation for Vendors",
        default=lambda self: self._marketing_default_relation("vendor"),
    )
    marketing_bank_relation_id = fields.Many2one(
        comodel_name="marketing.business.relation",
        string="Business Relation for Bank Accounts",
        default=lambda self: self._marketing_default_relation("bank"),
    )
    marketing_contact_sequence_id = fields.Many2one(
        comodel_name="ir.sequence",
        string="Contact Numbers",
        default=lambda self: self.env["res.company"]._marketing_default_sequence(),
    )
    marketing_auto_create_contact = fields.Boolean(
        string="Create Contacts Automatically", default=True
    )
    marketing_people_to_contacts = fields.Boolean(
        string="People Become Contacts, Too", default=True
    )
    marketing_people_to_cards = fields.Boolean(
        string="Bring People to Customers and Vendors"
    )
    marketing_inherit_address = fields.Boolean(
        string="People Inherit the Address", default=True
    )
    marketing_inherit_salesperson = fields.Boolean(
        string="People Inherit the Salesperson", default=True
    )
    marketing_inherit_lang = fields.Boolean(
        string="People Inherit the Language", default=True
    )
    marketing_inherit_phone = fields.Boolean(string="People Inherit the Phone")
    marketing_inherit_website = fields.Boolean(string="People Inherit the Website")
    marketing_inherit_industry = fields.Boolean(string="People Inherit the Industry")
    marketing_journal_days = fields.Integer(
        string="Keep Journal for (Days)", default=365
    )

    @api.model
    def _marketing_default_relation(self, name):
        """Return the shipped business relation of a kind.

        :param str name: how its XML id ends
        """
        return self.env.ref(
            f"marketing_contact.marketing_business_relation_{name}",
            raise_if_not_found=False,
        )
