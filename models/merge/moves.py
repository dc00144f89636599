"""Moving what points at contacts from one to another, set-wise, there and back.

What may not move, because the other contact has the same already, stays where it is:
no row is lost.
"""

from functools import lru_cache
from typing import NamedTuple

from psycopg2 import IntegrityError

from odoo.tools import SQL

from .references import CONTACT_MODEL, get_references

# Where ids are kept that Odoo remembers beyond the transaction.
REMEMBERED = {"ir.default", "ir.model.data"}


class Row(NamedTuple):
    """A row that points at a contact and is to point at another one.

    :ivar id: of the record; of a many2many, of the one that has the field
    """

    id: int
    from_id: int
    to_id: int


def move_all(env, survivors):
    """Let all that points at contacts point at others.

    :param dict survivors: ``{contact id: id of the contact to point at}``
    :return: ``{Reference: rows that moved}``
    """
    return move(env, find_pointing(env, survivors))


def find_pointing(env, survivors):
    """Return what points at contacts.

    :param dict survivors: as of :func:`move_all`
    :return: ``{Reference: rows}`` of the references that have any
    """
    env.flush_all()
    references = filter_used(env, get_references(env), list(survivors))
    return {reference: find(env, reference, survivors) for reference in references}


def move(env, rows_by_reference):
    """Move rows, and have computed what depends on them.

    One reference after the other: what one has moved counts when it is asked whether
    the rows of the next may go.

    :param dict rows_by_reference: ``{Reference: rows}``; all is flushed; what is
        elsewhere by now stays there
    :return: the same with those that moved
    """
    moved, dependent = {}, []
    for reference, rows in rows_by_reference.items():
        if reference.how in ("many2many", "list") and rows:
            doubled = _get_doubled(env, reference, rows)
            rows = [row for row in rows if row not in doubled]
        if not rows:
            continue
        field = env[reference.model]._fields[reference.get_field_name()]
        if rows := _update(env, reference, rows):
            moved[reference] = rows
            dependent += _get_dependent(env, field, rows)
        _forget(env, field)
    for records, field_name in dependent:
        records.modified([field_name])
    if any(reference.model in REMEMBERED for reference in moved):
        env.registry.clear_cache()
    return moved


def find(env, reference, survivors):
    """Return the rows of a reference that point at contacts.

    :param dict survivors: ``{contact id: id of the contact to point at}``
    :rtype: list[Row]
    """
    rows = env.execute_query(
        SQL(
            """
            SELECT %(key)s, map.from_id, map.to_id
              FROM unnest(%(from_ids)s, %(to_ids)s) AS map (from_id, to_id)
              JOIN %(table)s place ON %(holds)s
             WHERE %(condition)s
          ORDER BY 2, 1
            """,
            key=SQL.identifier("place", reference.key),
            from_ids=list(survivors),
            to_ids=list(survivors.values()),
            table=SQL.identifier(reference.table),
            holds=reference.holds("place", SQL("map.from_id")),
            condition=reference.get_condition("place"),
        )
    )
    return [
        row
        for row in (Row(*values) for values in rows)
        # nobody is to point at itself
        if not (reference.model == CONTACT_MODEL and row.id == row.to_id)
    ]


def filter_used(env, references, ids):
    """Return the references that have rows which point at the contacts.

    :param list ids: of contacts, one at least
    """
    rows = env.execute_query(
        SQL(
            "WITH map (from_id) AS (SELECT unnest(%s)) %s",
            list(ids),
            _get_used_query(tuple(references)),
        )
    )
    return [references[place] for (place,) in sorted(rows)]


@lru_cache(maxsize=8)
def _get_used_query(references):
    """Return the query of which references are used: it is long, and nearly always the
    same.
    """
    return SQL(" UNION ALL ").join(
        SQL(
            """SELECT %(place)s WHERE EXISTS (
                SELECT FROM map JOIN %(table)s place ON %(holds)s
                 WHERE %(condition)s)""",
            place=place,
            table=SQL.identifier(reference.table),
            holds=reference.holds("place", SQL("map.from_id")),
            condition=reference.get_condition("place"),
        )
        for place, reference in enumerate(references)
    )


def _get_dependent(env, field, rows):
    """Return the records of rows that moved and the contacts that these have left, each
    with the name of the field that has changed.
    """
    if not any(other.store for other in env.registry.get_dependent_fields(field)):
        return []
    # sudo: what the user may not see or write follows as well
    records = env[field.model_name].sudo().browse(row.id for row in rows)
    contacts = env[CONTACT_MODEL].sudo().browse({row.from_id for row in rows})
    inverses = env.registry.field_inverses[field]
    return [(records, field.name)] + [
        (contacts, inverse.name)
        for inverse in inverses
        if inverse.model_name == CONTACT_MODEL
    ]


def _forget(env, field):
    """Take out of memory what was moved, and all that is computed of it."""
    inverses = env.registry.field_inverses[field]
    dependent = env.registry.get_dependent_fields(field)
    for other in {field, *inverses, *dependent}:
        env[other.model_name].invalidate_model([other.name], flush=False)


def _update(env, reference, rows):
    """Write where the rows point now. Return those that were there, and that the
    database lets go.
    """
    moved, left = [], rows
    try:
        with env.cr.savepoint(flush=False):
            while left:
                query = _get_update(reference, moving_sql(left))
                env.cr.execute(query, log_exceptions=False)
                found = {Row(*values) for values in env.cr.fetchall()}
                if not found:
                    break
                moved += found
                # of several contacts in one row, one moves at a time
                left = [row for row in left if row not in found]
    except IntegrityError:
        return _move_each(env, reference, rows)
    return moved


def _get_update(reference, moving):
    """Return the statement that writes where rows point now.

    :param SQL moving: the rows, see :func:`moving_sql`
    """
    return SQL(
        """
        UPDATE %(table)s place SET %(column)s = %(value)s FROM %(moving)s
         WHERE %(key)s = moving.row_id AND %(holds)s AND %(condition)s
        RETURNING moving.*
        """,
        table=SQL.identifier(reference.table),
        column=SQL.identifier(reference.column),
        value=reference.replaced("place", SQL("moving.from_id"), SQL("moving.to_id")),
        moving=moving,
        key=SQL.identifier("place", reference.key),
        holds=reference.holds("place", SQL("moving.from_id")),
        condition=reference.get_condition("place"),
    )


def moving_sql(rows):
    """Return rows for a FROM clause, as `moving` (`row_id`, `from_id`, `to_id`)."""
    return SQL(
        "unnest(%s, %s, %s) AS moving (row_id, from_id, to_id)",
        *map(list, zip(*rows, strict=True)),
    )


# ------------------------------------------------------------
# WHAT MAY NOT MOVE
# ------------------------------------------------------------

# Does the statement for one row, and says whether it was there and the database let it.
TRY_MOVE = """
    CREATE OR REPLACE FUNCTION pg_temp.marketing_try_move(
        statement text, row_id int, from_id int, to_id int) RETURNS bool AS $body$
    DECLARE count int;
    BEGIN
        EXECUTE statement USING row_id, from_id, to_id;
        GET DIAGNOSTICS count = ROW_COUNT;
        RETURN count > 0;
    EXCEPTION WHEN integrity_constraint_violation THEN
        RETURN FALSE;
    END $body$ LANGUAGE plpgsql
    """


def _move_each(env, reference, rows):
    """Move the rows one by one, by a single query: what an index or a check of the
    database refuses stays, whichever columns it is of. Return those that moved.
    """
    one = SQL("(VALUES ($1, $2, $3)) AS moving (row_id, from_id, to_id)")
    statement = env.cr.mogrify(_get_update(reference, one)).decode()
    env.cr.execute(TRY_MOVE)
    staying = rows
    while staying:
        tried = staying
        query = SQL(
            """
            SELECT row_id, from_id, to_id FROM %s
             WHERE NOT pg_temp.marketing_try_move(%s, row_id, from_id, to_id)
            """,
            moving_sql(tried),
            statement,
        )
        staying = [Row(*values) for values in env.execute_query(query)]
        if len(staying) == len(tried):
            break
        # what has moved now may have been in the way of others
    staying = set(staying)
    return [row for row in rows if row not in staying]


def _get_doubled(env, reference, rows):
    """Return the rows of records that hold several contacts, and the other already."""
    there = set(
        env.execute_query(
            SQL(
                """
                SELECT moving.row_id, moving.to_id
                  FROM %(moving)s
                  JOIN %(table)s place ON %(key)s = moving.row_id AND %(holds)s
                """,
                moving=moving_sql(rows),
                table=SQL.identifier(reference.table),
                key=SQL.identifier("place", reference.key),
                holds=reference.holds("place", SQL("moving.to_id")),
            )
        )
    )
    doubled = set()
    for row in rows:
        if (row.id, row.to_id) in there:
            doubled.add(row)
        there.add((row.id, row.to_id))
    return doubled
