from odoo import api, fields, models
from odoo.exceptions import AccessError


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

    marketing_people_to_contacts = fields.Boolean(
        string="Bring People to Contacts",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_people_to_cards = fields.Boolean(
        string="Bring People to Customers and Vendors",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_inherit_address = fields.Boolean(
        string="Address",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_inherit_salesperson = fields.Boolean(
        string="Salesperson",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_inherit_lang = fields.Boolean(
        string="Language",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_inherit_phone = fields.Boolean(
        string="Phone",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_inherit_website = fields.Boolean(
        string="Website",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_inherit_industry = fields.Boolean(
        string="Industry",
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
    marketing_match_sure = fields.Integer(
        string="Sure from (%)", compute="_compute_setup", store=True, readonly=False
    )
    marketing_match_ask = fields.Integer(
        string="Ask from (%)", compute="_compute_setup", store=True, readonly=False
    )
    marketing_match_on_create = fields.Selection(
        selection=lambda self: (
            self.env["res.company"]
            ._fields["marketing_match_on_create"]
            ._description_selection(self.env)
        ),
        string="New Customers and Vendors",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_mail_cap = fields.Integer(
        string="Letters to One Address",
        compute="_compute_setup",
        store=True,
        readonly=False,
    )
    marketing_mail_cap_days = fields.Integer(
        string="In Days", compute="_compute_setup", store=True, readonly=False
    )
    match_forecast = fields.Char(string="What Moves", compute="_compute_match_forecast")

    @api.model
    def _get_setup_fields(self):
        """Return the names of the fields that the form shows, as on a company."""
        return [
            name
            for name, field in self._fields.items()
            if name.startswith("marketing_") and field.store
        ]

    @api.depends("company_id")
    def _compute_setup(self):
        for setup in self:
            # Odoo computes what is stored with all rights: who asks decides here
            company = setup.company_id & self.env.user.company_ids
            for name in self._get_setup_fields():
                setup[name] = company[name]

    @api.depends("company_id", "marketing_match_ask", "marketing_match_sure")
    def _compute_match_forecast(self):
        for setup in self:
            setup.match_forecast = self.env["marketing.match"]._get_forecast(
                setup.company_id & self.env.user.company_ids,
                setup.marketing_match_sure,
                setup.marketing_match_ask,
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Fill in what the caller leaves out: one value must not empty the others."""
        companies = self.env.user.company_ids
        for vals in vals_list:
            company = companies.browse(vals.get("company_id")) or self.env.company
            # sudo: managers of the module may not read all of a company; only their own
            # companies' setup
            for name in self._get_setup_fields() if company in companies else ():
                value = company.sudo()[name]
                vals.setdefault(name, self._fields[name].convert_to_write(value, self))
        return super().create(vals_list)

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
        names = self._get_setup_fields()
        vals = self.read(names, load=None)[0]
        # sudo: managers of the module may not write on companies; they set up the
        # module's own fields and nothing else. The access rights of this form say who.
        self.company_id.sudo().write({name: vals[name] for name in names})
        return {"type": "ir.actions.client", "tag": "soft_reload"}
