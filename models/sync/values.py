from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.misc import clean_context

# Types whose values in memory are what is compared, but for an empty one.
PLAIN_TYPES = {
    "boolean",
    "char",
    "date",
    "datetime",
    "many2one",
    "selection",
    "text",
}

# How the values of a type become comparable; of the others only empty is made False.
CONVERTERS = {
    "float": lambda value: value,
    "html": lambda value: False if tools.is_html_empty(value) else str(value),
    "integer": lambda value: value,
    "many2many": lambda value: tuple(sorted(value._origin.ids)) or False,
    "many2one": lambda value: value._origin.id,
}


class MarketingSyncValue(models.AbstractModel):
    """Values of fields: compared, written, kept as JSON and shown to a person."""

    _name = "marketing.sync.value"
    _description = "Values of Synchronized Records"

    # ------------------------------------------------------------
    # WHAT A CALLER SENDS
    # ------------------------------------------------------------

    def _marketing_check_one(self):
        """:raise UserError: unless called on exactly one record"""
        if len(self) != 1:
            raise UserError(
                self.env._(
                    "Choose one record of “%(model)s”: there are %(count)s here.",
                    model=self.env["ir.model"]._get(self._name).sudo().name,
                    count=len(self),
                )
            )

    @api.model
    def _marketing_check_values(self, vals):
        """Check that `vals` may be values of the model's records, as for `write`.

        :raise UserError: naming the field that there is not, or what it can't take
        """
        if not isinstance(vals, dict):
            raise UserError(
                self.env._(
                    "Values are given as a dictionary of field names and values, "
                    "not as %(values)s.",
                    values=repr(vals),
                )
            )
        for name, value in vals.items():
            if name not in self._fields:
                raise UserError(
                    self.env._(
                        "There is no field “%(field)s” on “%(model)s”. Choose an "
                        "existing field.",
                        field=name,
                        model=self._description,
                    )
                )
            if isinstance(value, str) and "\0" in value:
                raise UserError(
                    self.env._(
                        "The value of “%(field)s” holds a NUL character, which can't "
                        "be saved. Remove it.",
                        field=self._fields[name]._description_string(self.env),
                    )
                )

    @api.model
    def _marketing_shown_name(self, record):
        """Return the name of a record for a message, if the user may read it."""
        if record.with_user(self.env.uid).has_access("read"):
            return record.sudo().display_name
        return self.env._("a record that you may not see")

    def _marketing_name_in_chatter(self, contact):
        """Return the record's name for a message that all readers of `contact` read:
        empty where they are more than those of the record.
        """
        record = self.sudo()
        company = record.company_id if "company_id" in record._fields else None
        if company and company != contact.sudo().company_id:
            return self.env._("of another company")
        return f"“{record.display_name}”"

    # ------------------------------------------------------------
    # COMPARING, WRITING, SHOWING
    # ------------------------------------------------------------

    def _marketing_elevated(self):
        """Return the records with the rights, and pictures whole, as the engine reads
        and writes them.
        """
        # sudo: the editor may lack the right on other sides, or on fields of this one
        records = self.sudo()._marketing_without_defaults()
        if self.env.context.get("bin_size"):
            records = records.with_context(bin_size=False)
        return records

    def _marketing_without_defaults(self):
        """Return the records without the defaults of the screen that one comes from.

        The web client sends an action's `default_*` keys along with everything that is
        started there; what is made of another model gets our values only (DESIGN §4).
        """
        if any(key.startswith("default_") for key in self.env.context):
            context = clean_context(self.env.context)
            return self.with_env(self.env(context=context))
        return self

    def _marketing_value(self, field_name):
        """Return a field's value such that ``==`` says whether two are the same.

        An empty value is ``False`` (a boolean is never empty), a record its id,
        several records the sorted tuple of their ids.
        """
        field = self._fields[field_name]
        value = field.__get__(self)
        convert = CONVERTERS.get(field.type)
        return convert(value) if convert else value or False

    def _marketing_values(self, field_name):
        """Return ``{id: value}`` of a field, values as :meth:`_marketing_value` has
        them.

        Most of what a save costs beyond plain Odoo would be asking each record for
        each value; what is in memory is taken from there all at once.
        """
        field = self._fields[field_name]
        if field.type not in PLAIN_TYPES or not all(self._ids):
            return {record.id: record._marketing_value(field_name) for record in self}
        if field.compute:
            field.recompute(self)
        cache = field._get_cache(self.env)
        while missing := [id_ for id_ in self._ids if id_ not in cache]:
            # reads a thousand of them, with the fields that Odoo reads along
            field.__get__(self.browse(missing[0]).with_prefetch(missing))
        return {id_: cache[id_] or False for id_ in self._ids}

    @api.model
    def _marketing_to_write(self, field_name, value):
        """Return the value of :meth:`_marketing_value` as what ``write`` takes."""
        if self._fields[field_name].type == "many2many":
            return [Command.set(value or ())]
        return value

    @api.model
    def _marketing_is_empty(self, value, field_name):
        """Return whether `value` of the field is empty; no boolean or number is."""
        return (
            self._fields[field_name].type not in ("boolean", "integer", "float")
            and not value
        )

    @api.model
    def _marketing_to_json(self, field_name, value):
        """Return a value of :meth:`_marketing_value` as JSON of what `write` takes."""
        kind = self._fields[field_name].type
        if kind == "many2many":
            return [[int(Command.SET), 0, list(value or ())]]
        if isinstance(value, bytes):
            return value.decode("ascii")
        if kind == "date" and value:
            return fields.Date.to_string(value)
        if kind == "datetime" and value:
            return fields.Datetime.to_string(value)
        return value

    @api.model
    def _marketing_from_json(self, field_name, value):
        """Return what :meth:`_marketing_to_json` was given."""
        kind = self._fields[field_name].type
        if kind == "many2many":
            return tuple(sorted(value[0][2])) or False if value else False
        if kind in ("binary", "image"):
            return value.encode("ascii") if value else False
        if kind == "date":
            return fields.Date.to_date(value) or False
        if kind == "datetime":
            return fields.Datetime.to_datetime(value) or False
        return False if value is None else value

    def _marketing_format(self, field_name):
        """Return a field's value as a person reads it."""
        self.ensure_one()
        field = self._fields[field_name]
        value = self[field_name]
        if field.type in ("binary", "image"):
            return self.env._("(a picture)") if value else ""
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "html":
            return tools.html2plaintext(value or "")
        return field.convert_to_export(value, self) or ""

    @api.model
    def _marketing_format_value(self, field_name, value):
        """Return a value of :meth:`_marketing_value` as a person reads it."""
        field = self._fields[field_name]
        if field.type in ("binary", "image"):
            return self.env._("(a picture)") if value else ""
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.relational:
            ids = value if isinstance(value, tuple) else [value] if value else []
            # sudo: the name of a value that the user is shown anyway
            records = self.env[field.comodel_name].sudo().browse(ids).exists()
            return ", ".join(records.mapped("display_name"))
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "html":
            return tools.html2plaintext(value or "")
        return "" if value is False or value is None else str(value)

    @api.model
    def _marketing_comparable_sql(self, alias, field_name):
        """Return the SQL of a field's value such that equal values are equal.

        Empty is NULL; what differs in notation only does not differ.
        """
        field = self._fields[field_name]
        column = SQL.identifier(alias, field_name)
        if field.type == "many2many":
            return SQL(
                """(SELECT array_agg(%(other)s ORDER BY %(other)s) FROM %(table)s
                     WHERE %(own)s = %(id)s)""",
                other=SQL.identifier(field.column2),
                own=SQL.identifier(field.column1),
                table=SQL.identifier(field.relation),
                id=SQL.identifier(alias, "id"),
            )
        if field.type == "boolean":
            return SQL("COALESCE(%s, FALSE)", column)
        if field.type in ("integer", "float"):
            return SQL("COALESCE(%s, 0)", column)
        if field_name in self._phone_get_number_fields() or field_name == "phone":
            return SQL(
                "NULLIF(regexp_replace(%s, %s, '', 'g'), '')", column, r"[\s./()-]"
            )
        if field_name == "email":
            return SQL("NULLIF(lower(trim(%s)), '')", column)
        if field.type in ("char", "text", "html", "selection"):
            return SQL("NULLIF(%s, '')", column)
        return column

    @api.model
    def _marketing_text_sql(self, alias, field_name):
        """Return the SQL of a field's value as text, to be listed as a difference."""
        field = self._fields[field_name]
        if field.column_type and not field.type == "boolean":
            return SQL("%s::varchar", SQL.identifier(alias, field_name))
        return SQL("(%s)::varchar", self._marketing_comparable_sql(alias, field_name))
