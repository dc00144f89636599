import zlib

from odoo import api, models
from odoo.exceptions import ValidationError

# Texts in ordered indexes, here or on the partner. PostgreSQL compresses an entry and
# takes 2 704 bytes of it; a person's on the partner holds the company's name, too.
INDEXED_TEXTS = {"name", "number", "phone", "company_registry", "email", "vat"}
MAX_BYTES = 1250
MAX_COMPRESSED = 300


class MarketingContactValues(models.AbstractModel):
    """Values of contacts before they are saved: normalised, or refused."""

    _name = "marketing.contact.values"
    _description = "Values of Contacts"

    @api.model
    def _clean_values(self, vals, contact=None):
        """Normalise values as Odoo does on its partners.

        :raise ValidationError: for a VAT number that is wrong in its country, where
            the module that checks them (`base_vat`) is installed; for a text that is
            too long for an index
        """
        for name, value in vals.items():
            if isinstance(value, str):
                if "\0" in value:
                    self._marketing_check_values({name: value})
                if name in INDEXED_TEXTS:
                    self._check_length(name, value)
        Partner = self.env["res.partner"]
        if vals.get("website"):
            vals["website"] = Partner._clean_website(vals["website"])
        if vals.get("vat"):
            country = self.env["res.country"].browse(vals.get("country_id"))
            if contact and "country_id" not in vals:
                country = contact.country_id
            vals["vat"], _code = Partner._run_vat_checks(
                country,
                vals["vat"],
                partner_name=vals.get("name") or (contact and contact.name) or "",
            )
        return vals

    @api.model
    def _check_length(self, name, value):
        """Refuse what PostgreSQL would refuse with an error of its own."""
        text = value.encode(errors="replace")
        if len(text) > MAX_BYTES and len(zlib.compress(text)) > MAX_COMPRESSED:
            raise ValidationError(
                self.env._(
                    "The value of “%(field)s” is too long: %(count)s characters, "
                    "beginning with “%(start)s”. Shorten it to a few hundred.",
                    field=self._fields[name]._description_string(self.env),
                    count=len(value),
                    start=value[:30],
                )
            )
