"""What is matched, and how its values are read: whole tables at a time, by SQL,
whatever rights there are. What people are shown is read with theirs.
"""

from typing import NamedTuple

from odoo.tools import SQL


class Side(NamedTuple):
    """One of the models that are matched.

    :param name: its name in the tables of keys
    :param label: what one of its records is called
    :param model: the model
    :param column: the field of a proposal that holds its record
    :param fields: ``{value of a Record: SQL}`` of the record `r`, its country being `c`
    :param country: the column of the country, None if there is none
    :param where: which of the model's records are matched, in SQL of `r`
    :param unsafe: which of them are never linked by themselves, likewise
    :param linked: which of them are linked with a contact, in SQL of their keys `k`:
        what they have is counted there
    :param further: queries of `id` and `write_date` of further rows that `fields`
        reads, the ids being those of the side's records
    :param further_models: the models of those rows and links
    """

    name: str
    label: str
    model: str
    column: str
    fields: dict
    country: str | None = "country_id"
    where: str = "TRUE"
    unsafe: str = "NOT r.active"
    linked: str = "FALSE"
    further: tuple = ()
    further_models: tuple = ()

    @property
    def table(self):
        """The table of the model."""
        return self.model.replace(".", "_")

    @property
    def keys(self):
        """The table of the model's keys."""
        return f"marketing_match_key_{self.name}"


class Identifier(NamedTuple):
    """A number of an add-on that names a party, such as a GLN.

    :param label: its name for people
    :param fields: ``{name of a side: its field}``; both sides need one
    :param same: the bits for the pair if it is the same
    :param differs: the bits against it if it isn't, below zero
    """

    label: str
    fields: dict
    same: float = 8.0
    differs: float = -6.0


def from_sql(side):
    """Return the FROM clause of a side's records `r` with their countries `c`."""
    table = SQL.identifier(side.table)
    if not side.country:
        return SQL("%s r", table)
    country = SQL.identifier("r", side.country)
    return SQL("%s r LEFT JOIN res_country c ON c.id = %s", table, country)


def columns_sql(side, identifiers):
    """Return the columns of the values of a record `r`, those of add-ons as `extra`.

    :param Side side: whose
    :param dict identifiers: ``{name: Identifier}`` of add-ons
    """
    columns = [
        SQL("%s AS %s", SQL(value), SQL.identifier(name))
        for name, value in side.fields.items()
    ]
    extra = _extra_sql(side, identifiers)
    return SQL(", ").join([*columns, SQL("%s AS extra", extra)] if extra else columns)


def _extra_sql(side, identifiers):
    extra = [
        SQL("%s, %s", name, SQL.identifier("r", identifier.fields[side.name]))
        for name, identifier in identifiers.items()
        if side.name in identifier.fields
    ]
    return SQL("json_build_object(%s)", SQL(", ").join(extra)) if extra else None


def version_sql(side, identifiers, signature):
    """Return the SQL of what changes with each value of a record `r` that is compared,
    whoever writes it, and with nothing else.

    :param Side side: whose
    :param dict identifiers: ``{name: Identifier}`` of add-ons
    :param str signature: what changes where values are read otherwise
    """
    values = [SQL(value) for value in side.fields.values()]
    extra = _extra_sql(side, identifiers)
    if extra:
        values.append(SQL("(%s)::text", extra))
    return SQL(
        "hashtextextended(ROW(%s, %s)::text, 0)", signature, SQL(", ").join(values)
    )
