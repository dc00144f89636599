from odoo import api, models

from ..contact.input import is_too_long
from ..contact.marketing_contact import INDEXED_TEXTS
from .rights import unnoticed
from .session import open_journal
from .values import NUMBERS

# signs that a contact takes of a card's name that is too long for it
MAX_NAME = 200


def _unnoticed_by_import(contacts):
    """Return the contacts such that an import tells no salesperson of each of them."""
    return unnoticed(contacts) if contacts.env.context.get("import_file") else contacts


class MarketingContact(models.Model):
    """The contact, which what its cards share goes through."""

    _name = "marketing.contact"
    _inherit = ["marketing.contact", "marketing.sync.mixin"]

    _marketing_link_column = "contact_id"

    @api.model_create_multi
    def create(self, vals_list):
        contacts = _unnoticed_by_import(self)
        return super(MarketingContact, contacts).create(vals_list).with_env(self.env)

    def write(self, vals):
        contacts = _unnoticed_by_import(self)
        # one entry, also where the values are cleaned by country and written in parts
        with open_journal(self.env, "save"):
            return super(MarketingContact, contacts).write(vals)

    def _marketing_role(self):
        return self.env._("Contact")

    def _marketing_write_shared(self, vals):
        # what comes from a card was checked there, or is older than the check: a
        # contact must not refuse a tax ID that the ledger has
        contacts = self.with_context(no_vat_validation=True)
        if vals.get("is_company") and self.parent_id:
            # a person that finance makes a company leaves its own (DESIGN §5.1)
            vals = {**vals, "parent_id": False}
        return super(MarketingContact, contacts)._marketing_write_shared(vals)

    def _marketing_get_unfit(self, values):
        """Return ``{id: names}`` of values that contacts can't take and that must not
        stop whoever saves a card: a required one is not emptied, none is too long for
        an index that cards don't have, a company with people stays a company.

        :param dict values: ``{id: {field: value}}``, as the engine plans them
        """
        required = {
            name
            for name, field in self._fields.items()
            if field.required and field.type not in ("boolean", *NUMBERS)
        }
        unfit = {}
        persons = []
        for id_, vals in values.items():
            names = {n for n in required.intersection(vals) if not vals[n]}
            if names := names | self._get_too_long(vals):
                unfit[id_] = names
            if vals.get("is_company") is False:
                persons.append(id_)
        if persons:
            people = self.with_context(active_test=False)._read_group(
                [("parent_id", "in", persons)], ["parent_id"]
            )
            for (company,) in people:
                unfit.setdefault(company.id, set()).add("is_company")
        return unfit

    @api.model
    def _get_too_long(self, vals):
        """Return the names of the values that are too long for a contact."""
        return {n for n in INDEXED_TEXTS & vals.keys() if is_too_long(vals[n])}

    @api.model
    def _marketing_fit(self, vals):
        """Make the values of a card such as a contact may be made with."""
        for name in self._get_too_long(vals):
            # half a number is another one
            vals[name] = f"{vals[name][:MAX_NAME]}…" if name == "name" else False

    def _marketing_held_back_text(self, name, labels):
        return self.env._(
            "%(record)s can't take the new value of %(fields)s and keeps its own: a "
            "contact needs a name, none that fills pages, and one with people stays a "
            "company.",
            record=name,
            fields=labels,
        )
