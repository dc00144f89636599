from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..sync.rights import shown_name
from .values import get_merged_fields, get_united_fields

# Said by merging and by nobody else.
MERGING_FIELDS = {"merged_into_id", "merged_ids"}
# Of the contact itself, which no merge changes, but nobody on a merged one either.
IDENTITY_FIELDS = {"company_id", "company_type", "is_company", "number"}
# Who has this very object merges, or undoes it: no client can send it.
BY_MERGING = object()


def _without(vals):
    """Return values without who is merged into whom."""
    return {name: vals[name] for name in vals if name not in MERGING_FIELDS}


class MarketingContact(models.Model):
    """What holds of merged contacts.

    They stay in the database, archived, so that an undo brings them back with their ids
    and numbers; they are found under the one that stays, and take nothing new.
    """

    _inherit = "marketing.contact"

    merged_into_id = fields.Many2one(
        comodel_name="marketing.contact",
        readonly=True,
        # what is erased is erased with all that was merged into it
        ondelete="cascade",
        index="btree_not_null",
        copy=False,
        help="The contact that has all that this one had.",
    )
    merged_ids = fields.One2many(
        comodel_name="marketing.contact",
        inverse_name="merged_into_id",
        string="Merged Contacts",
        readonly=True,
        context={"active_test": False},
        copy=False,
    )

    _check_merged = models.Constraint(
        "CHECK(merged_into_id IS NULL OR active IS NOT TRUE AND merged_into_id != id)",
        "A contact that was merged into another one stays archived. Undo the merge to "
        "have it back.",
    )

    # ------------------------------------------------------------
    # SEARCH: merged contacts are in no list, and found under the one that stays
    # ------------------------------------------------------------

    @api.model
    def _search(self, domain, *args, active_test=True, **kwargs):
        domain = Domain(domain)
        if (
            # where Odoo follows a field to its record, this is no list
            active_test
            and not self.env.context.get("marketing_contact_with_merged")
            and not any(
                condition.field_expr.split(".")[0] == "merged_into_id"
                for condition in domain.iter_conditions()
            )
        ):
            domain &= Domain("merged_into_id", "=", False)
        return super()._search(domain, *args, active_test=active_test, **kwargs)

    @api.model
    def _search_display_name(self, operator, value):
        """Find contacts by what was merged into them, too."""
        domain = super()._search_display_name(operator, value)
        # the ids of a few matches have those of merged contacts among them
        few = getattr(domain, "field_expr", None) == "id"
        if few or not value or operator not in ("=", "in", "ilike"):
            return domain
        return domain | Domain("merged_ids", "any", domain)

    @api.model
    def _get_first_ids(self, domain, limit):
        contacts = self.with_context(marketing_contact_with_merged=True)
        query = contacts._search(domain, limit=limit)
        columns = [SQL.identifier(query.table, n) for n in ("id", "merged_into_id")]
        rows = self.env.execute_query(query.select(*columns))
        if len(rows) == limit:
            # there may be more, whatever these come to
            return [id_ for id_, _into in rows]
        merged = {id_: into for id_, into in rows if into}
        # nobody finds a contact by the name of another that they may not see
        readable = self.browse(merged).with_user(self.env.uid)._filtered_access("read")
        return list(
            dict.fromkeys(
                merged[id_] if into else id_
                for id_, into in rows
                if not into or id_ in readable._ids
            )
        )

    # ------------------------------------------------------------
    # WRITE: only merging says who is merged, and nobody adds to them
    # ------------------------------------------------------------

    @api.model
    def _add_missing_default_values(self, values):
        self._check_merging_fields(values)
        # whatever the context has: nobody is merged from the start
        return _without(super()._add_missing_default_values(values))

    def write(self, vals):
        if self.env.context.get("marketing_contact_by") is BY_MERGING:
            return super().write(vals)
        self._check_merging_fields(vals)
        return super().write(_without(vals))

    def _check_merging_fields(self, vals):
        """:raise UserError: if the values say other than what is who is merged"""
        for name in MERGING_FIELDS.intersection(vals):
            value = vals[name] or False
            if name == "merged_into_id" and self:
                # as it is, such as in an export that comes back, it may be said
                same = all(contact[name].id == value for contact in self)
            else:
                same = not value
            if not same:
                raise UserError(
                    self.env._(
                        "“%(field)s” is said by merging alone. Choose Merge for the "
                        "contacts that are the same, or undo the merge.",
                        field=self._fields[name]._description_string(self.env),
                    )
                )

    def _check_not_merged(self):
        """Refuse what is new on a merged contact.

        :raise ValidationError: naming the contact that has all it had
        """
        # sudo: what is merged takes nothing, whoever may see it
        for contact in self.sudo().filtered("merged_into_id")[:1]:
            raise ValidationError(
                self.env._(
                    "“%(contact)s” was merged into “%(survivor)s”. Choose that one.",
                    contact=shown_name(contact.with_env(self.env)),
                    survivor=shown_name(contact.merged_into_id.with_env(self.env)),
                )
            )

    @api.constrains(
        lambda self: (
            *get_merged_fields(self),
            *get_united_fields(self),
            *IDENTITY_FIELDS,
        )
    )
    def _check_values_not_merged(self):
        """Nobody writes values on a merged contact."""
        self._check_not_merged()

    @api.constrains("parent_id", "primary_person_id")
    def _check_people_not_merged(self):
        """Nobody joins a merged company, whose people are at the one that stays."""
        (self.parent_id | self.primary_person_id)._check_not_merged()

    def _marketing_guarded_fields(self, field_names):
        """Nor does an undo, or whoever else writes along links."""
        # sudo: whoever writes
        merged = self.sudo().filtered("merged_into_id")
        guarded = dict.fromkeys(merged.ids, set(field_names))
        return super()._marketing_guarded_fields(field_names) | guarded

    def _marketing_held_back_text(self, name, labels):
        # sudo: whoever reads it
        survivor = self.sudo().merged_into_id.with_env(self.env)
        if not survivor:
            return super()._marketing_held_back_text(name, labels)
        return self.env._(
            "%(contact)s was merged into “%(survivor)s” and keeps its %(fields)s.",
            contact=name,
            survivor=shown_name(survivor),
            fields=labels,
        )

    def _set_merged_into(self, journal, survivor_id, active):
        """Say that the contacts are merged into another one, or into none again."""
        journal.merged_contacts += [
            {
                "id": contact.id,
                "old": [contact.merged_into_id.id, contact.active],
                "new": [survivor_id, active],
            }
            for contact in self
        ]
        # sudo: nobody says so by hand
        contacts = self.sudo().with_context(marketing_contact_by=BY_MERGING)
        contacts.write({"merged_into_id": survivor_id, "active": active})

    @api.model
    def _forget_lists(self):
        """Take lists of contacts that are read already out of memory."""
        lists = [n for n, f in self._fields.items() if f.comodel_name == self._name]
        self.invalidate_model(lists)

    # ------------------------------------------------------------
    # DELETION AND ARCHIVING
    # ------------------------------------------------------------

    def unlink(self):
        self.check_access("unlink")
        # sudo: whoever may delete the contact deletes what is one with it
        merged = self.sudo().merged_ids - self
        gone = self.ids + merged.ids
        if merged:
            merged.unlink()
        result = super().unlink()
        self.env["marketing.contact.merge.move"]._erase(gone)
        return result

    @api.constrains("active")
    def _check_merged_archived(self):
        for contact in self:
            if contact.active and contact.merged_into_id:
                raise ValidationError(
                    self.env._(
                        "“%(contact)s” was merged into “%(survivor)s” and stays "
                        "archived. Undo the merge to have it back.",
                        contact=contact.display_name,
                        survivor=shown_name(contact.merged_into_id),
                    )
                )
