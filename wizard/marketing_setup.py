from odoo import api, fields, models
from odoo.exceptions import AccessError

SETUP_FIELDS = (
    "marketing_customer_relation_id",
    "marketing_vendor_relation_id",
    "marketing_bank_relation_id",
    "marketing_contact_sequence_id",
    "marketing_auto_create_contact",
    "marketing_journal_days",
)


class MarketingSetup(models.TransientModel):
    """Marketing Setup for those who manage the module but not the system.

    Odoo lets only system administrators into Settings, and only access managers write
    on companies. This form shows and saves the setup's own fields of a company, and
    nothing else of it.
    """

    _name = "marketing.setup"
    _description = "Marketing Setup"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    marketing_customer_relation_id = fields.Many2one(
        comodel_name="marketing.business.relation",
        string="Customers",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_vendor_relation_id = fields.Many2one(
        comodel_name="marketing.business.relation",
        string="Vendors",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_bank_relation_id = fields.Many2one(
        comodel_name="marketing.business.relation",
        string="Bank Accounts",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_contact_sequence_id = fields.Many2one(
        comodel_name="ir.sequence",
        string="Contact Numbers",
        compute="_compute_setup",
        store=True,
        readonly=False,
        domain="[('implementation', '=', 'standard'), "
        "('company_id', 'in', [company_id, False])]",
    )
    marketing_auto_create_contact = fields.Boolean(
        string="Create Contacts Automatically",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )

    marketing_journal_days = fields.Integer(
        string="Keep Journal for (Days)",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )

    @api.depends("company_id")
    def _compute_setup(self):
        for setup in self:
            for name in SETUP_FIELDS:
                setup[name] = setup.company_id[name]

    @api.depends("company_id")
    def _compute_display_name(self):
        for setup in self:
            setup.display_name = self.env._("Marketing Setup")

    def action_save(self):
        """Save the setup on the company.

        :raise AccessError: for a company that the user does not work in
        """
        self.ensure_one()
        self.check_access("write")
        if self.company_id not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "You don't work in the company “%(company)s”, so its Marketing "
                    "Setup is not yours to change.",
                    company=self.company_id.sudo().name,
                )
            )
        vals = self.read(SETUP_FIELDS, load=None)[0]
        # sudo: managers of the module may not write on companies; they set up the
        # module's own fields and nothing else. The access rights of this form say who.
        self.company_id.sudo().write({name: vals[name] for name in SETUP_FIELDS})
        return {"type": "ir.actions.client", "tag": "soft_reload"}
