"""Moving what points at contacts from one to another, set-wise, there and back.

What may not move, because the other contact has the same already, stays where it is:
no row is lost.
"""

from collections import Counter, defaultdict
from functools import lru_cache
from typing import NamedTuple

from odoo.tools import SQL
from odoo.tools.sql import table_columns

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

    :param dict rows_by_reference: ``{Reference: rows}``; all is flushed
    :return: the same with those that moved
    """
    constraints = _get_constraints(env, rows_by_reference)
    moved, dependent = {}, []
    for reference, rows in rows_by_reference.items():
        staying = _get_clashing(env, reference, rows, constraints[reference.table])
        rows = [row for row in rows if row not in staying]
        if not rows:
            continue
        moved[reference] = rows
        # sudo, here and below: what the user may not see or write follows as well
        records = env[reference.model].sudo().browse(row.id for row in rows)
        field = env[reference.model]._fields[reference.get_field_name()]
        if any(other.store for other in env.registry.get_dependent_fields(field)):
            records.modified([field.name], before=True)
            dependent.append((records, field.name))
        _update(env, reference, rows)
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


def _forget(env, field):
    """Take out of memory what was moved, and all that is computed of it."""
    inverses = env.registry.field_inverses[field]
    dependent = env.registry.get_dependent_fields(field)
    for other in {field, *inverses, *dependent}:
        env[other.model_name].invalidate_model([other.name], flush=False)


def _update(env, reference, rows):
    """Write where the rows point now."""
    for part in _split_rows(reference, rows):
        env.cr.execute(
            SQL(
                """
                UPDATE %(table)s place SET %(column)s = %(value)s FROM %(moving)s
                 WHERE %(key)s = moving.row_id AND %(holds)s AND %(condition)s
                """,
                table=SQL.identifier(reference.table),
                column=SQL.identifier(reference.column),
                value=reference.replaced(
                    "place", SQL("moving.from_id"), SQL("moving.to_id")
                ),
                moving=moving_sql(part),
                key=SQL.identifier("place", reference.key),
                holds=reference.holds("place", SQL("moving.from_id")),
                condition=reference.get_condition("place"),
            )
        )


def _split_rows(reference, rows):
    """Return the rows in lists for a statement each, which writes a row only once."""
    if reference.how not in ("list", "definition"):
        return [rows]
    parts, counts = [], Counter()
    for row in rows:
        if counts[row.id] == len(parts):
            parts.append([])
        parts[counts[row.id]].append(row)
        counts[row.id] += 1
    return parts


def moving_sql(rows):
    """Return rows for a FROM clause, as `moving` (`row_id`, `from_id`, `to_id`)."""
    return SQL(
        "unnest(%s, %s, %s) AS moving (row_id, from_id, to_id)",
        *map(list, zip(*rows, strict=True)),
    )


# ------------------------------------------------------------
# WHAT MAY NOT MOVE
# ------------------------------------------------------------


class Constraint(NamedTuple):
    """What the database asks of a table's rows.

    :ivar keys: of a unique index, its expressions
    :ivar condition: of a partial index, its condition; of a check, what it checks
    """

    keys: tuple
    condition: str


def _get_constraints(env, references):
    """Return ``{table: constraints}``, unique indexes and checks, as the database has
    them: also those of a module that nobody here knows.
    """
    constraints = defaultdict(list)
    tables = sorted({r.table for r in references if r.how != "many2many"})
    if not tables:
        return constraints
    rows = env.execute_query(
        SQL(
            """
            SELECT class.relname,
                   ARRAY(SELECT pg_get_indexdef(index.indexrelid, place, TRUE)
                           FROM generate_series(1, index.indnkeyatts::int) place),
                   pg_get_expr(index.indpred, index.indrelid)
              FROM pg_index index JOIN pg_class class ON class.oid = index.indrelid
             WHERE index.indisunique AND NOT index.indisprimary
               AND class.relname IN %(tables)s
               AND class.relnamespace = current_schema::regnamespace
             UNION ALL
            SELECT class.relname, NULL, pg_get_expr(con.conbin, con.conrelid)
              FROM pg_constraint con JOIN pg_class class ON class.oid = con.conrelid
             WHERE con.contype = 'c' AND class.relname IN %(tables)s
               AND class.relnamespace = current_schema::regnamespace
            """,
            tables=tuple(tables),
        )
    )
    for table, keys, condition in rows:
        constraints[table].append(Constraint(tuple(keys or ()), condition or "TRUE"))
    return constraints


def _get_clashing(env, reference, rows, constraints):
    """Return the rows whose move the database would refuse."""
    if reference.how in ("many2many", "list"):
        return _get_doubled(env, reference, rows) if rows else set()
    constraints = [
        constraint
        for constraint in constraints
        if reference.column in " ".join((*constraint.keys, constraint.condition))
    ]
    staying = set()
    clashing = bool(rows)
    # what stays is in the way of others, in turn
    while clashing and constraints:
        moving = [row for row in rows if row not in staying]
        clashing = set()
        for constraint in constraints:
            if moving:
                ids = _get_breaking_ids(env, reference, moving, constraint)
                clashing.update(row for row in moving if row.id in ids)
        staying |= clashing
    return staying


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


def _get_breaking_ids(env, reference, rows, constraint):
    """Return the ids of the rows that would break a constraint once they moved.

    It is asked of the rows as they would be, whatever it is made of: a check of each,
    a unique index of them among each other and beside those that stay, which the index
    itself finds.
    """
    # what the database itself says of its constraints
    condition = SQL("(%s)", SQL(constraint.condition.replace("%", "%%")))
    after = _get_rows_after(env, reference, rows)
    if not constraint.keys:
        query = SQL("SELECT id FROM (%s) after WHERE NOT %s", after, condition)
        return {row[0] for row in env.execute_query(query)}
    keys = [SQL("(%s)", SQL(key.replace("%", "%%"))) for key in constraint.keys]
    names = [SQL.identifier(f"marketing_key_{n}") for n in range(len(keys))]
    query = SQL(
        """
        WITH moving AS MATERIALIZED (
            SELECT id AS marketing_id, %(named)s
              FROM (%(after)s) after WHERE %(condition)s)
        SELECT marketing_id FROM (
            SELECT *, row_number() OVER (
                    PARTITION BY %(names)s ORDER BY marketing_id) AS marketing_place
              FROM moving WHERE %(filled)s) moving
         WHERE marketing_place > 1 OR EXISTS (
               SELECT FROM %(table)s
                WHERE %(same)s AND %(condition)s
                  AND id NOT IN (SELECT marketing_id FROM moving))
        """,
        named=_comma(SQL("%s AS %s", *pair) for pair in zip(keys, names, strict=True)),
        names=_comma(names),
        filled=_and(SQL("%s IS NOT NULL", name) for name in names),
        same=_and(SQL("%s = %s", *pair) for pair in zip(keys, names, strict=True)),
        after=after,
        condition=condition,
        table=SQL.identifier(reference.table),
    )
    return {row[0] for row in env.execute_query(query)}


def _get_rows_after(env, reference, rows):
    """Return the query of the rows as they would be once they moved."""
    others = table_columns(env.cr, reference.table).keys() - {reference.column}
    return SQL(
        """
        SELECT %(others)s, %(value)s AS %(column)s
          FROM %(table)s place
          JOIN %(moving)s ON moving.row_id = place.id
        """,
        others=_comma(SQL.identifier("place", name) for name in others),
        value=reference.replaced("place", SQL("moving.from_id"), SQL("moving.to_id")),
        column=SQL.identifier(reference.column),
        table=SQL.identifier(reference.table),
        moving=moving_sql(rows),
    )


def _comma(parts):
    return SQL(", ").join(parts)


def _and(parts):
    return SQL(" AND ").join(parts)
