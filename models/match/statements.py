"""How statements of ours are run: what PostgreSQL is told for them and no other."""

import itertools
import re
from contextlib import contextmanager
from hashlib import blake2b

from odoo.tools import SQL


@contextmanager
def settings(cr, asked=None, **values):
    """Run the statements inside with settings of PostgreSQL, those after as before.

    :param cr: the cursor
    :param SQL asked: what else to ask on the way
    :param values: ``{setting: value}``
    :return: yields the answer
    """
    names = list(values)
    cr.execute(
        SQL(
            "SELECT %s, %s",
            asked or SQL("NULL"),
            SQL(", ").join(
                SQL("current_setting(%s), set_config(%s, %s, TRUE)", n, n, values[n])
                for n in names
            ),
        )
    )
    answer, *found = cr.fetchone()
    before = found[::2]
    yield answer
    # not after an error: the transaction is of no more use, or back at a savepoint
    cr.execute(
        SQL(
            "SELECT %s",
            SQL(", ").join(
                SQL("set_config(%s, %s, TRUE)", name, value)
                for name, value in zip(names, before, strict=True)
            ),
        )
    )


def without_jit(cr):
    """Have PostgreSQL compile none of the statements inside: quick ones, which that
    would only slow down.

    :param cr: the cursor
    """
    return settings(cr, jit="off")


def fetch_prepared(cr, query):
    """Return the rows of a statement that each connection reads and plans but once:
    for a few records that takes longer than all else.

    :param cr: the cursor
    :param SQL query: whose text is the same for all that ask alike, whatever its
        parameters are
    """
    numbers = itertools.count(1)
    text = re.sub(
        "%[s%]", lambda m: "%" if m[0] == "%%" else f"${next(numbers)}", query.code
    )
    digest = blake2b(text.encode(), digest_size=12).hexdigest()
    name = SQL.identifier(f"marketing_match_{digest}")
    # asked of the connection that we have: who pools them changes it under us
    known = SQL(
        "EXISTS (SELECT FROM pg_prepared_statements WHERE name = %s)",
        f"marketing_match_{digest}",
    )
    plans = {"jit": "off", "plan_cache_mode": "force_generic_plan"}
    with settings(cr, known, **plans) as is_prepared:
        if not is_prepared:
            cr.execute(SQL("PREPARE %s AS %s", name, SQL(text.replace("%", "%%"))))
        values = SQL(", ").join(SQL("%s", value) for value in query.params)
        cr.execute(SQL("EXECUTE %s (%s)", name, values))
        return cr.fetchall()
