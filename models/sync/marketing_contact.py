from odoo import models

from .session import open_journal
from .values import NUMBERS


class MarketingContact(models.Model):
    """The contact, which what its cards share goes through."""

    _name = "marketing.contact"
    _inherit = ["marketing.contact", "marketing.sync.mixin"]

    _marketing_link_column = "contact_id"

    def write(self, vals):
        # one entry, also where the values are cleaned by country and written in parts
        with open_journal(self.env, "save"):
            return super().write(vals)

    def unlink(self):
        result = super().unlink()
        self._marketing_erase_journal()
        return result

    def _marketing_role(self):
        return self.env._("Contact")

    def _marketing_write_shared(self, vals):
        # what comes from a card was checked there, or is older than the check: a
        # contact must not refuse a tax ID that the ledger has
        contacts = self.with_context(no_vat_validation=True)
        if vals.get("is_company") and (members := contacts.filtered("parent_id")):
            # a person that finance makes a company belongs to no other one
            members.parent_id = False
        return super(MarketingContact, contacts)._marketing_write_shared(vals)

    def _marketing_get_unfit(self, values):
        """A required value is not emptied, a company with people stays a company."""
        required = {
            name
            for name, field in self._fields.items()
            if field.required and field.type not in ("boolean", *NUMBERS)
        }
        unfit = {}
        persons = []
        for id_, vals in values.items():
            if empty := {n for n in required.intersection(vals) if not vals[n]}:
                unfit[id_] = empty
            if vals.get("is_company") is False:
                persons.append(id_)
        if persons:
            people = self.with_context(active_test=False)._read_group(
                [("parent_id", "in", persons)], ["parent_id"]
            )
            for (company,) in people:
                unfit.setdefault(company.id, set()).add("is_company")
        return unfit

    def _marketing_held_back_text(self, name, labels):
        return self.env._(
            "%(record)s can't take the new value of %(fields)s and keeps its own: a "
            "contact needs a name, and one with people stays a company.",
            record=name,
            fields=labels,
        )
