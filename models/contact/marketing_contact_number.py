from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# So many matches are sorted by name; where there are more, the names are gone through.
FEW_MATCHES = 1000


class MarketingContactNumber(models.AbstractModel):
    """The number of a contact, drawn from the series of Marketing Setup."""

    _name = "marketing.contact.number"
    _description = "Number of a Marketing Contact"

    number = fields.Char(
        copy=False,
        index="trigram",
        help="Drawn from the number series of Marketing Setup.",
    )
    number_readonly = fields.Boolean(compute="_compute_number_readonly")

    @api.model
    def _search_display_name(self, operator, value):
        """Find contacts by name, number, e-mail or VAT.

        Asked for the first few in the order of their names, PostgreSQL goes through
        all names in order, although hardly any matches. So few matches come first.
        """
        domain = super()._search_display_name(operator, value)
        if operator in ("=", "in", "ilike") and value:
            domain |= self._get_shown_domain(operator, value)
        if operator != "ilike" or not value:
            return domain
        # sudo, archived as well: who sees which is for the search around this to say
        contacts = self.sudo().with_context(active_test=False)
        matches = contacts._search(domain, limit=FEW_MATCHES + 1)
        ids = matches.get_result_ids()
        return Domain("id", "in", ids) if len(ids) <= FEW_MATCHES else domain

    @api.model
    def _get_shown_domain(self, operator, value):
        """Return the domain of what is shown, a number and a name, as exports have it
        and as people copy it.
        """
        domain = Domain.FALSE
        for text in [value] if isinstance(value, str) else value:
            words = text.split(" ") if isinstance(text, str) else []
            # a number hardly has more than two blanks in it
            for cut in range(1, min(len(words), 4)):
                number, name = " ".join(words[:cut]), " ".join(words[cut:])
                how = "ilike" if operator == "ilike" else "="
                domain |= Domain("number", "=", number) & Domain("name", how, name)
        return domain

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_number_readonly(self):
        for contact in self:
            contact.number_readonly = bool(contact._get_number_sequence())

    def _get_number_sequence(self):
        """Return the active number series of the contact's or the current company."""
        company = self[:1].company_id or self.env.company
        # sudo: users may not read the setup of companies and the number series
        sequence = company.sudo().marketing_contact_sequence_id
        return sequence.filtered("active")

    @api.model
    def _check_manual_number(self, sequence, number):
        """Numbers are given by hand only without a series, or by an import."""
        if sequence and not self.env.context.get("import_file"):
            raise UserError(
                self.env._(
                    "The number %(number)s can't be given by hand: contacts draw their "
                    "numbers from the series “%(sequence)s”. Leave the number empty.",
                    number=number,
                    sequence=sequence.name,
                )
            )

    @api.model
    def _set_numbers(self, vals_list):
        """Draw the numbers that are missing, one query for each series."""
        wanting = {}
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id"))
            company = company or self.env.company
            sequence = company.sudo().marketing_contact_sequence_id.filtered("active")
            if vals.get("number"):
                self._check_manual_number(sequence, vals["number"])
            elif sequence:
                wanting.setdefault(sequence, []).append(vals)
        for sequence, wanting_vals in wanting.items():
            numbers = sequence._marketing_draw_free_numbers(len(wanting_vals))
            for vals, number in zip(wanting_vals, numbers, strict=True):
                vals["number"] = number
