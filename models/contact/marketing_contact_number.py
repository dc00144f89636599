from odoo import api, fields, models
from odoo.exceptions import UserError

from .trial import is_trial


class MarketingContact(models.Model):
    """Numbering contacts by the series of their company."""

    _inherit = "marketing.contact"

    number = fields.Char(
        copy=False,
        index="trigram",
        help="Drawn from the number series of Marketing Setup.",
    )
    number_readonly = fields.Boolean(compute="_compute_number_readonly")

    _unique_number = models.Constraint(
        "UNIQUE(number)", "There is a contact with this number already."
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_number_readonly(self):
        for contact in self:
            contact.number_readonly = bool(self._get_sequence(contact.company_id))

    @api.model
    def _get_sequence(self, company):
        """Return the active number series of a company, by default the current one."""
        # sudo: users may not read the setup of companies and the number series
        company = (company or self.env.company).sudo()
        return company.marketing_contact_sequence_id.filtered("active")

    @api.model
    def _check_manual_number(self, sequence, number):
        """Numbers are given by hand only without a series, or by an import."""
        if sequence and not self.env.context.get("import_file"):
            raise UserError(
                self.env._(
                    "The number %(number)s can't be given by hand: contacts draw their "
                    "numbers from the series “%(sequence)s”. Leave the number empty.",
                    number=number,
                    sequence=sequence.display_name,
                )
            )

    def _settle_number(self, vals):
        """Return the values of a write; where a series gives the numbers, an empty cell
        of a list takes none away.
        """
        sequence = self._get_sequence(self[:1].company_id)
        if str(vals["number"] or "").strip():
            self._check_manual_number(sequence, vals["number"])
        elif sequence:
            return {name: value for name, value in vals.items() if name != "number"}
        return vals

    @api.model
    def _set_numbers(self, vals_list):
        """Draw the numbers that are missing, one query for each series.

        None for what will be rolled back: a series takes no number back.
        """
        wanting = {}
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id"))
            sequence = self._get_sequence(company)
            if vals.get("number"):
                self._check_manual_number(sequence, vals["number"])
            elif sequence and not is_trial(self.env.cr):
                wanting.setdefault(sequence, []).append(vals)
        for sequence, wanting_vals in wanting.items():
            numbers = sequence._marketing_draw_free_numbers(len(wanting_vals))
            for vals, number in zip(wanting_vals, numbers, strict=True):
                vals["number"] = number
