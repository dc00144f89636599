"""What the ledger says of contacts, through their customers and vendors.

Nothing is stored: each figure is one query over orders or invoices, as the reader's
rights and current company let it see them.
"""

import operator as python
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

from ..sync.kinds import get_kinds

COMPARE = {"<": python.lt, "<=": python.le, ">": python.gt, ">=": python.ge}
ORDERS = [("state", "=", "sale")]
INVOICES = [("state", "=", "posted")]
CUSTOMER_INVOICES = ("out_invoice", "out_receipt")


class Source(NamedTuple):
    """Where a figure comes from: documents, whose they are, what is told of them."""

    model: str
    partner: str  # the column of the documents' partner
    column: str  # the column that is aggregated
    aggregate: str
    domain: list  # of the documents of the current company
    # what a contact without documents has: nothing, or no money
    nothing: object = False


# by the contact's fields
SOURCES = {
    "last_order_date": Source("sale.order", "partner_id", "date_order", "MAX", ORDERS),
    "ordered_product_ids": Source(
        *("sale.order.line", "order_partner_id", "product_id", "ARRAY_AGG"),
        [*ORDERS, ("product_id", "!=", False)],
    ),
    "last_invoice_date": Source(
        *("account.move", "commercial_partner_id", "invoice_date", "MAX"),
        [*INVOICES, ("move_type", "in", CUSTOMER_INVOICES)],
    ),
    "invoiced_12m": Source(
        *("account.move", "commercial_partner_id", "amount_untaxed_signed", "SUM"),
        [
            *INVOICES,
            ("move_type", "in", (*CUSTOMER_INVOICES, "out_refund")),
            ("invoice_date", ">=", "today -12m"),
            ("invoice_date", "<=", "today"),
        ],
        0.0,
    ),
    "overdue_amount": Source(
        *("account.move.line", "partner_id", "amount_residual", "SUM"),
        [
            ("parent_state", "=", "posted"),
            ("move_id.move_type", "in", CUSTOMER_INVOICES),
            ("account_type", "=", "asset_receivable"),
            ("date_maturity", "<", "today"),
            ("reconciled", "=", False),
        ],
        0.0,
    ),
}


def may_read(env, name):
    """Return whether the user may read the documents that a field of the contact tells
    of; of any other field there are none.
    """
    return name not in SOURCES or env[SOURCES[name].model].has_access("read")


def figures_sql(env, name, domain=(), contact_ids=None):
    """Return the query of ``contact_id, value`` for the contacts that have documents.

    :param str name: the contact's field
    :param domain: of the documents, beside the source's own
    :param contact_ids: of these contacts only
    :raise AccessError: for who may not read the documents
    """
    source = SOURCES[name]
    model = env[source.model]
    own = Domain(source.domain) & Domain("company_id", "=", env.company.id)
    query = model._search(own & Domain(domain))
    model.flush_model([source.column, source.partner])
    env["res.partner"].flush_model(["commercial_partner_id"])
    relations = env["marketing.contact.relation"]
    relations.flush_model(["contact_id", "kind", "partner_id"])
    kinds = tuple(kind.name for kind in get_kinds(env).of_model("res.partner"))
    column = SQL.identifier(model._table, source.column)
    if source.aggregate == "ARRAY_AGG":
        column = SQL("DISTINCT %s", column)
    some = SQL("TRUE")
    if contact_ids is not None:
        some = SQL("contact_id IN %s", tuple(contact_ids))
    return SQL(
        """
        SELECT link.contact_id, %(value)s AS value
          FROM %(documents)s
          JOIN res_partner card ON card.id = %(partner)s
          JOIN (SELECT DISTINCT contact_id, partner_id FROM marketing_contact_relation
                 WHERE kind IN %(kinds)s AND %(some)s) link
            ON link.partner_id = card.commercial_partner_id
         WHERE %(where)s
         GROUP BY link.contact_id
        """,
        value=SQL("%s(%s)", SQL(source.aggregate), column),
        documents=query.from_clause,
        partner=SQL.identifier(model._table, source.partner),
        kinds=kinds,
        some=some,
        where=query.where_clause,
    )


def _contacts(found, having=None, negative=False):
    """Return the domain of the contacts that a query of figures names, or of others."""

    def to_sql(_model, alias, _query):
        return SQL(
            "%s %s (SELECT contact_id FROM (%s) figure WHERE %s)",
            SQL.identifier(alias, "id"),
            SQL("NOT IN") if negative else SQL("IN"),
            found,
            having or SQL("TRUE"),
        )

    return Domain.custom(to_sql=to_sql)


def search(env, name, operator, value):
    """Return the domain of the contacts whose figure compares so with a value.

    :return: NotImplemented for other operators than ``in`` and comparisons; of products
        than ``in``, ``any`` and likeness
    """
    if name == "ordered_product_ids":
        return _search_products(env, name, operator, value)
    found, nothing = figures_sql(env, name), SOURCES[name].nothing
    if operator == "in":
        values = [nothing if v is False else v for v in value]
        without = nothing in values
        some = tuple(v for v in values if v is not False)
        met = SQL("value IN %s", some) if some else SQL("FALSE")
    elif operator in COMPARE:
        without = nothing is not False and COMPARE[operator](nothing, float(value))
        met = SQL("value %s %s", SQL(operator), value)
    else:
        return NotImplemented
    if without:
        # who has no documents is among them: all but those whose documents say no
        return _contacts(found, SQL("(%s) IS NOT TRUE", met), negative=True)
    return _contacts(found, met)


def _search_products(env, name, operator, value):
    if operator in ("ilike", "like", "=ilike", "=like"):
        operator, value = "any", [("display_name", operator, value)]
    if operator not in ("in", "any"):
        return NotImplemented
    nobody = Domain.FALSE
    if operator == "in":
        names = [v for v in value if isinstance(v, str)]
        if False in value:
            nobody = _contacts(figures_sql(env, name), negative=True)
        value = env["product.product"]._search(
            Domain("id", "in", [v for v in value if v and v not in names])
            | Domain("display_name", "in", names),
            active_test=False,
        )
    found = figures_sql(env, name, [("product_id", operator, value)])
    return nobody | _contacts(found)
