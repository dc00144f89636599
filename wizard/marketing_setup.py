from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.contact.answers import reload


class MarketingSetup(models.TransientModel):
    """Marketing Setup for those who manage the module but not the system.

    Odoo lets only system administrators into Settings, and only access managers write
    on companies. This form shows and saves the setup's own fields of a company, and
    nothing else of it.
    """

    _name = "marketing.setup"
    _inherit = ["marketing.setup.mixin"]
    _description = "Marketing Setup"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    match_forecast = fields.Char(string="What Moves", compute="_compute_match_forecast")

    @api.model
    def _get_setup_fields(self):
        """Return the names of the fields that a company has as well."""
        return [
            name
            for name in self.env["marketing.setup.mixin"]._fields
            if name.startswith("marketing_")
        ]

    def _get_setup(self, company):
        """Return the values of a company's setup by field, none of one that the user
        does not work in.
        """
        # sudo: managers of the module may not read all of a company
        company = (company & self.env.user.company_ids).sudo()
        names = self._get_setup_fields() if company else ()
        return {
            name: self._fields[name].convert_to_write(company[name], self)
            for name in names
        }

    @api.onchange("company_id")
    def _onchange_company_id(self):
        self.update(self._get_setup(self.company_id))

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
        companies = self.env["res.company"]
        return super().create(
            [
                self._get_setup(
                    companies.browse(vals.get("company_id")) or self.env.company
                )
                | vals
                for vals in vals_list
            ]
        )

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
        return reload()
