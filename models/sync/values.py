"""Values of fields: compared, written, kept as JSON and shown to a person.

All that says when two values are the same stands here: in memory by :func:`get_value`,
in the database by :func:`comparable_sql`, in both without what is only written in
another way, such as blanks, by :func:`is_same`, for what normalising makes of a text by
:func:`bare`. A value is compared as :func:`get_value` returns it.
"""

import json
import re

from odoo import fields, tools
from odoo.fields import Command
from odoo.tools import SQL

from ..contact.input import known_language

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
PICTURES = ("binary", "image")
NUMBERS = ("integer", "float")

# How the values of a type become comparable; of the others only empty is made False.
CONVERTERS = {
    "float": lambda value: value,
    "html": lambda value: False if tools.is_html_empty(value) else str(value),
    "integer": lambda value: value,
    "many2many": lambda value: tuple(sorted(value._origin.ids)) or False,
    "many2one": lambda value: value._origin.id,
    "properties": lambda value: dump_properties(value._values),
    "reference": lambda value: f"{value._name},{value.id}" if value else False,
}

# How people write a phone number without meaning another one.
PHONE_SIGNS = r"[\s./()-]"
# Likewise the address of a website.
WEBSITE_SIGNS = r"^\s*(https?://)?(www\.)?|/?\s*$"


def dump_properties(values):
    """Return the values of properties as the text that is compared and written."""
    return json.dumps(values, sort_keys=True) if values else False


def get_label(model, field_name):
    """Return the translated name of a field."""
    return model._fields[field_name]._description_string(model.env)


# ------------------------------------------------------------
# COMPARING AND WRITING
# ------------------------------------------------------------


def get_value(record, field_name):
    """Return a field's value such that ``==`` says whether two are the same.

    An empty value is ``False`` (a boolean is never empty), a record its id, several
    records the sorted tuple of their ids.
    """
    field = record._fields[field_name]
    value = field.__get__(record)
    if value and field_name == "lang":
        return known_language(record.env, value)
    convert = CONVERTERS.get(field.type)
    return convert(value) if convert else value or False


def get_values(records, field_name):
    """Return ``{id: value}`` of a field, values as :func:`get_value` has them.

    Most of what a save costs beyond plain Odoo would be asking each record for each
    value; what is in memory is taken from there all at once.
    """
    field = records._fields[field_name]
    if field.type not in PLAIN_TYPES or not all(records._ids):
        return {record.id: get_value(record, field_name) for record in records}
    cached = _get_cached(records, field)
    values = {id_: cached[id_] or False for id_ in records._ids}
    if field_name == "lang":
        known = {code: known_language(records.env, code) for code in {*values.values()}}
        values = {id_: known[code] for id_, code in values.items()}
    return values


def _get_cached(records, field):
    """Return Odoo's memory of a plain field, with all of the records in it.

    The one place that reads it directly. It is right after a pending computation is
    done; any write, roll-back or invalidation changes the mapping itself, so it is
    asked for anew each time (tested in `tests/test_internals.py`).
    """
    if field.compute:
        field.recompute(records)
    cached = field._get_cache(records.env)
    while missing := [id_ for id_ in records._ids if id_ not in cached]:
        # reads a thousand of them, with the fields that Odoo reads along
        field.__get__(records.browse(missing[0]).with_prefetch(missing))
    return cached


def bare(text):
    """Return the letters and digits of a text: what normalising leaves alone."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def is_empty(model, field_name, value):
    """Return whether a value of the field is empty; no boolean or number is."""
    return not value and model._fields[field_name].type not in ("boolean", *NUMBERS)


def to_write(model, field_name, value):
    """Return a value as what ``write`` takes."""
    if model._fields[field_name].type == "many2many":
        return [Command.set(value or ())]
    return value


def to_json(model, field_name, value):
    """Return a value as JSON of what ``write`` takes."""
    kind = model._fields[field_name].type
    if kind == "many2many":
        return [[int(Command.SET), 0, list(value or ())]]
    if isinstance(value, bytes):
        return value.decode("ascii")
    if kind == "date" and value:
        return fields.Date.to_string(value)
    if kind == "datetime" and value:
        return fields.Datetime.to_string(value)
    return value


def from_json(model, field_name, value):
    """Return what :func:`to_json` was given."""
    kind = model._fields[field_name].type
    if kind == "many2many":
        return tuple(sorted(value[0][2])) or False if value else False
    if kind in PICTURES:
        return value.encode("ascii") if value else False
    if kind == "date":
        return fields.Date.to_date(value) or False
    if kind == "datetime":
        return fields.Datetime.to_datetime(value) or False
    if field_name == "lang":
        return known_language(model.env, value)
    return False if value is None else value


# ------------------------------------------------------------
# BLOCKS: several fields that are one value
# ------------------------------------------------------------

# what an address is made of
ADDRESS = ("street", "street2", "zip", "city", "state_id", "country_id")


class Block(dict):
    """The values of fields that are one value together, ``{field: value}``, as
    :func:`get_value` has them.

    :ivar model: the model of the fields
    """

    def __init__(self, model, values):
        super().__init__(values)
        self.model = model

    @classmethod
    def of(cls, record, names):
        """Return a record's values."""
        return cls(record, {name: get_value(record, name) for name in names})

    def pick(self, names):
        """Return the values of some of the fields."""
        return Block(self.model, {name: self[name] for name in names})

    def is_filled(self, name):
        """Return whether there is a value of a field."""
        return not is_empty(self.model, name, self[name])

    def contradicts(self, other):
        """Return whether the two can't be one: a value of both differs in more than how
        it is written, or they are of two countries, as a state of one is in another.
        """
        return (
            any(
                self.is_filled(name)
                and other.is_filled(name)
                and not is_same(self.model, name, self[name], value)
                for name, value in other.items()
            )
            or len(self._get_countries() | other._get_countries()) > 1
        )

    def get_gaps(self, other):
        """Return ``{field: value}`` of what `other` completes here: nothing where the
        two contradict each other.
        """
        if self.contradicts(other):
            return {}
        return {
            name: value
            for name, value in other.items()
            if other.is_filled(name) and not self.is_filled(name)
        }

    def _get_countries(self):
        """Return the ids of the countries that the values tell of."""
        countries = set()
        for name, value in self.items():
            comodel = self.model._fields[name].comodel_name
            if comodel == "res.country.state" and value:
                value = self.model.env[comodel].browse(value).country_id.id
                countries |= {value} if value else set()
            elif comodel == "res.country" and value:
                countries.add(value)
        return countries


# ------------------------------------------------------------
# SHOWING
# ------------------------------------------------------------


def to_text(model, field_name, value):
    """Return a value as a person reads it."""
    env = model.env
    field = model._fields[field_name]
    if field.type in PICTURES:
        return env._("(a picture)") if value else ""
    if field.type == "properties":
        return env._("(properties)") if value else ""
    if field.type == "boolean":
        return env._("Yes") if value else env._("No")
    if field.relational:
        ids = value if isinstance(value, tuple) else [value] if value else []
        # sudo: the name of a value that the user is shown anyway
        records = env[field.comodel_name].sudo().browse(ids).exists()
        return ", ".join(records.mapped("display_name"))
    if field.type == "selection":
        return dict(field._description_selection(env)).get(value, "")
    if field.type == "html":
        return tools.html2plaintext(value or "")
    return "" if value is False or value is None else str(value)


def get_text(record, field_name):
    """Return a record's value as a person reads it.

    As the record's user may read it: names of records by their rights.
    """
    field = record._fields[field_name]
    if field.relational or field.type == "selection":
        return field.convert_to_export(record[field_name], record) or ""
    return to_text(record, field_name, record[field_name])


# ------------------------------------------------------------
# IN THE DATABASE
# ------------------------------------------------------------


def get_notation(model, field_name):
    """Return what a text is that people write in several ways, None for others."""
    if field_name == "phone" or field_name in model._phone_get_number_fields():
        return "phone"
    if field_name in ("email", "website"):
        return field_name
    return "text" if model._fields[field_name].type in ("char", "text") else None


def is_same(model, field_name, value, other):
    """Return whether two values of a field differ in nothing, or in how they are
    written only: what :func:`comparable_sql` says in the database.

    :param value: as :func:`get_value` has it
    """
    if value == other or not (isinstance(value, str) and isinstance(other, str)):
        return value == other
    notation = get_notation(model, field_name)
    return _simplify(value, notation) == _simplify(other, notation)


def _simplify(text, notation):
    """Return a text as it is compared."""
    if notation == "phone":
        return re.sub(PHONE_SIGNS, "", text)
    if notation == "email":
        return text.strip().lower()
    if notation == "website":
        return re.sub(WEBSITE_SIGNS, "", text.lower())
    return " ".join(text.split()) if notation == "text" else text


def comparable_sql(model, alias, field_name, notation=None):
    """Return the SQL of a field's value such that equal values are equal.

    Empty is NULL; what differs in notation only does not differ.

    :param notation: as of :func:`get_notation`, by default that of the field
    """
    field = model._fields[field_name]
    notation = notation or get_notation(model, field_name)
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
    if field.type in NUMBERS:
        return SQL("COALESCE(%s, 0)", column)
    if field_name == "lang":
        codes = [code for code, _name in model.env["res.lang"].get_installed()]
        return SQL("CASE WHEN %s = ANY(%s) THEN %s END", column, codes, column)
    if notation == "phone":
        return SQL("NULLIF(regexp_replace(%s, %s, '', 'g'), '')", column, PHONE_SIGNS)
    if notation == "email":
        return SQL("NULLIF(lower(trim(%s)), '')", column)
    if notation == "website":
        simple = SQL("regexp_replace(lower(%s), %s, '', 'g')", column, WEBSITE_SIGNS)
        return SQL("NULLIF(%s, '')", simple)
    if notation == "text":
        simple = SQL(r"btrim(regexp_replace(%s, '\s+', ' ', 'g'))", column)
        return SQL("NULLIF(%s, '')", simple)
    if field.type in ("char", "text", "html", "selection"):
        return SQL("NULLIF(%s, '')", column)
    return column


def text_sql(model, alias, field_name):
    """Return the SQL of a field's value as text, to be listed as a difference."""
    field = model._fields[field_name]
    if field.column_type and field.type != "boolean":
        return SQL("%s::varchar", SQL.identifier(alias, field_name))
    return SQL("(%s)::varchar", comparable_sql(model, alias, field_name))
