"""What links, their rules, archives, guards and people's answers say of pairs, as SQL
on a pair `m` of a contact (`a_id`) and a record of another side (`b_id`).
"""

from odoo.tools import SQL

from ..match.pipeline import trusted
from ..sync.kinds import get_kinds
from .states import REJECTED


def get_link_kinds(env, side, kind=None):
    """Return the kinds of links with records of a side.

    :param str kind: only this one, by default all
    """
    return [
        known
        for known in get_kinds(env).values()
        if known.shared_model == side.model
        and known.setup_field
        and kind in (None, known.name)
    ]


def linked_sql(env, side, kind=None):
    """Return whether the two are linked, as whatever or as a kind."""
    column = _get_link_column(env, side)
    if not column:
        return SQL("FALSE")
    return SQL(
        """
        EXISTS (SELECT FROM marketing_contact_relation x
                 WHERE x.contact_id = m.a_id AND %s = m.b_id AND %s)
        """,
        SQL.identifier("x", column),
        SQL("x.kind = %s", kind) if kind else SQL("x.kind IS NOT NULL"),
    )


def obstacle_sql(env, side, kind=None):
    """Return whether a rule of the links forbids to link the two: the card has another
    contact, or its place on the contact is taken, whatever it is to be linked as.
    """
    column = _get_link_column(env, side)
    if not column:
        return SQL("FALSE")
    card = SQL.identifier("x", column)
    company = SQL("NULL")
    if "company_id" in env[side.model]._fields:
        company = SQL(
            "(SELECT company_id FROM %s WHERE id = m.b_id)", SQL.identifier(side.table)
        )
    taken = [
        _taken_sql(known, card, company) for known in get_link_kinds(env, side, kind)
    ]
    return SQL(
        """
        EXISTS (SELECT FROM marketing_contact_relation x
                 WHERE %s = m.b_id AND x.contact_id <> m.a_id AND x.kind IS NOT NULL)
        OR (%s)
        """,
        card,
        SQL(" AND ").join(taken) if taken else SQL("TRUE"),
    )


def _taken_sql(kind, card, company):
    """Return whether the place of a kind on the contact is taken, for a card of a
    company; `card` is the one of a link `x`.
    """
    if kind.single:
        place = SQL("x.company_id IS NOT DISTINCT FROM %s", company)
    elif kind.shared_column != kind.card_column:
        # several, all of them with the same one behind
        place = SQL("%s <> m.b_id", card)
    else:
        place = SQL("FALSE")
    return SQL(
        """
        EXISTS (SELECT FROM marketing_contact_relation x
                 WHERE x.contact_id = m.a_id AND x.kind = %s AND %s)
        """,
        kind.name,
        place,
    )


def unsafe_sql(left, right):
    """Return whether one of the two is never linked by itself: archived or guarded."""
    return SQL(" OR ").join(
        SQL(
            "EXISTS (SELECT FROM %s r WHERE r.id = %s AND (%s))",
            SQL.identifier(side.table),
            SQL.identifier("m", column),
            trusted(side.unsafe),
        )
        for side, column in ((left, "a_id"), (right, "b_id"))
    )


def rejected_sql(left, right):
    """Return whether somebody said that the two are not the same."""
    one = SQL(
        "x.contact_id = m.a_id AND %s = m.b_id", SQL.identifier("x", right.column)
    )
    if left == right:
        other = SQL("x.contact_id = m.b_id AND x.other_contact_id = m.a_id")
        one = SQL("(%s OR %s)", one, other)
    return SQL(
        "EXISTS (SELECT FROM marketing_match x WHERE %s AND x.state = %s)",
        one,
        REJECTED,
    )


def _get_link_column(env, side):
    """Return the column of links that holds a side's records; none for contacts."""
    return next((kind.shared_column for kind in get_link_kinds(env, side)), None)


def look_at(env, side, pairs, kind=None):
    """Return ``{(contact id, other id): (linked, forbidden)}`` of pairs.

    :param Side side: of the others
    :param pairs: ``(contact id, other id)``
    """
    if not pairs:
        return {}
    env["marketing.contact.relation"].flush_model()
    rows = env.execute_query(
        SQL(
            "SELECT a_id, b_id, %s, %s FROM unnest(%s, %s) AS m(a_id, b_id)",
            linked_sql(env, side, kind),
            obstacle_sql(env, side, kind),
            [contact_id for contact_id, _other in pairs],
            [other_id for _contact, other_id in pairs],
        )
    )
    return {(a, b): (linked, forbidden) for a, b, linked, forbidden in rows}
