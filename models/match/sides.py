"""The models that are matched, and how their values are read: whole tables at a time,
by SQL, whatever rights there are. What people are shown is read with theirs.
"""

from typing import NamedTuple

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


class Side(NamedTuple):
    """One of the models that are matched.

    :param name: its name in the tables of keys
    :param model: the model
    :param column: the field of `marketing.match` that holds it
    :param fields: ``{value of a Record: SQL}`` of the record `r`, its country being `c`
    :param country: the column of the country
    :param where: which of the model's records are matched
    """

    name: str
    model: str
    column: str
    fields: dict
    country: str = "country_id"
    where: str = "TRUE"

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


_PLACE = {
    "name": "r.name",
    "street": "concat_ws(' ', r.street, r.street2)",
    "zip": "r.zip",
    "city": "r.city",
    "country": "c.code",
    "phone": "r.phone",
    "email": "r.email",
}
_PARTY = _PLACE | {
    "company_id": "r.company_id",
    "is_company": "COALESCE(r.is_company, FALSE)",
    "phone_read": "r.phone_sanitized",
    "website": "r.website",
    "vat": "r.vat",
    "company_registry": "r.company_registry",
}
SIDES = {
    side.name: side
    for side in (
        Side(
            "contact",
            "marketing.contact",
            "other_contact_id",
            _PARTY
            | {
                "parent_id": "CASE WHEN r.is_company THEN NULL ELSE r.parent_id END",
                "accounts": """(
                    SELECT string_agg(account.sanitized_acc_number, ' ')
                      FROM marketing_contact_relation relation
                      JOIN res_partner_bank account
                        ON account.partner_id = relation.partner_id
                     WHERE relation.contact_id = r.id AND account.active)""",
            },
            where="r.merged_into_id IS NULL",
        ),
        Side(
            "partner",
            "res.partner",
            "partner_id",
            _PARTY
            | {
                "accounts": """(
                    SELECT string_agg(account.sanitized_acc_number, ' ')
                      FROM res_partner_bank account
                     WHERE account.partner_id = r.id AND account.active)""",
            },
            where="r.commercial_partner_id = r.id",
        ),
        Side(
            "bank",
            "res.bank",
            "bank_id",
            _PLACE | {"is_company": "TRUE", "accounts": "r.bic"},
            country="country",
        ),
    )
}


def version_sql(signature):
    """Return the SQL of what changes with each change of the record `r`, by whomever.

    A row's place changes with each write, also with one by SQL and with a second one in
    the same transaction, which `write_date` doesn't tell.

    :param str signature: what changes where rows are read otherwise
    """
    return SQL("(%s || r.xmin::text || r.ctid::text)", f"{signature}/")


def source_sql(side, signature, identifiers, ids):
    """Return the query of the values of records, in the order of `RECORD`.

    :param Side side: whose
    :param dict identifiers: ``{name: Identifier}`` of add-ons
    :param list ids: of the records
    """
    columns = [
        SQL("%s AS %s", SQL(value), SQL.identifier(name))
        for name, value in side.fields.items()
    ]
    extra = [
        SQL("%s, %s", name, SQL.identifier("r", identifier.fields[side.name]))
        for name, identifier in identifiers.items()
        if side.name in identifier.fields
    ]
    if extra:
        columns.append(SQL("json_build_object(%s) AS extra", SQL(", ").join(extra)))
    return SQL(
        """
        SELECT r.id, %(version)s AS version, %(columns)s
          FROM %(table)s r
          LEFT JOIN res_country c ON c.id = r.%(country)s
         WHERE r.id = ANY(%(ids)s)
        """,
        version=version_sql(signature),
        columns=SQL(", ").join(columns),
        table=SQL.identifier(side.table),
        country=SQL.identifier(side.country),
        ids=list(ids),
    )
