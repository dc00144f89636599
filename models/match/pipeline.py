"""Finding the pairs that are worth weighing: the steps, once.

A step is a name and a query of those before. For many records each becomes a table of
the transaction, for few all are one statement. Pairs always stand the same way round,
whoever is asked for: `match_left` and `match_right` are queries that return rows of
:data:`~.normalise.COLUMNS`, those that are asked for and those that they may be. So a
pair has the same levels, however it is come by.
"""

from typing import NamedTuple

from odoo.tools import SQL

# A key that more pairs than that would share brings nobody together, nor one that more
# than so many have on a side: what they have in common besides does.
MAX_PAIRS = 400
MAX_HOLDERS = 48
# How few pairs a key may bring together for two records to be compared by so many of
# them: by one, two, three; by more they are compared in any case.
FEW_PAIRS = (16, 64, 100)
# Counting who has a word ends there; the planner's word is taken of those who have more
# than that many, and of up to so many rows only the latest of a record counts.
MAX_COUNT = 4000
MIN_COMMON = 1000
EXACT = 16


class Step(NamedTuple):
    """One of the steps.

    :param name: of its table
    :param query: what it holds
    :param index: the columns that later steps look it up by
    """

    name: str
    query: SQL
    index: str = ""


def trusted(text):
    """Return our own SQL, made of nothing that anybody sends."""
    return SQL(text.replace("%", "%%"))


# Whether a key `c` brings those who have it together.
BRINGS = SQL(
    "c.n_left * c.n_right BETWEEN 1 AND %s AND GREATEST(c.n_left, c.n_right) <= %s",
    MAX_PAIRS,
    MAX_HOLDERS,
)
# The keys that do, of `match_count`.
BRINGING = SQL(
    "SELECT key, n_left * n_right AS product FROM match_count c WHERE %s", BRINGS
)


# ------------------------------------------------------------
# KEYS
# ------------------------------------------------------------


def n_left_sql(right, left, ratio):
    """Return the SQL of how many records on the left have a key: counted where that
    decides something, not where there is nobody on the right; where there are many,
    they are taken to be about as many.

    :param SQL right: how many there are on the right
    :param SQL left: how many there are on the left, if they are to be counted
    :param float ratio: how many records there are on the left for each on the right
    """
    return SQL(
        "CASE WHEN %(right)s = 0 THEN 1 WHEN %(right)s <= %(most)s THEN %(left)s"
        " ELSE (%(right)s * %(ratio)s::float8)::int8 END",
        right=right,
        left=left,
        most=MAX_HOLDERS,
        ratio=ratio,
    )


def less_sql(linked):
    """Return the SQL of by how many rows are more than the parties that they are of, as
    far as is known of most of them: alike in name and place they are of one party, and
    a card counts with the contact that it is linked with. Then what they have in common
    is not what many have.

    :param SQL linked: whether a row is of such a card
    """
    return SQL(
        "CASE WHEN COUNT(*) > %s THEN 0"
        " WHEN MIN(party) = MAX(party) AND 2 * COUNT(party) > COUNT(*)"
        " THEN COUNT(*) - 1 ELSE COUNT(*) FILTER (WHERE %s) END",
        EXACT,
        linked,
    )


def many_counts(itself, ratio, linked="FALSE"):
    """Return the steps that count the keys of whole sides, as few are counted; and by
    how many parties they are held on the side that has more.

    :param bool itself: whether both sides are the same records
    :param float ratio: see :func:`n_left_sql`
    :param str linked: see :class:`~.sides.Side`, of the right side
    """
    if itself:
        query = SQL(
            """
            SELECT key, n AS n_left, n AS n_right, GREATEST(n - less, 1) AS held
              FROM (SELECT key, LEAST(COUNT(*) - 1, %(most)s) AS n, %(less)s AS less
                      FROM match_left, unnest(keys) AS key
                    GROUP BY key HAVING COUNT(*) > 1) l
            """,
            most=MAX_COUNT,
            less=less_sql(SQL("FALSE")),
        )
        return [Step("match_count", query, "key")]
    counts = SQL(
        """
        SELECT l.key, LEAST(l.n, %(most)s) AS own_n, l.less AS own_less,
               LEAST(COALESCE(r.n, 0), %(most)s) AS n, r.less
          FROM (SELECT key, COUNT(*) AS n, %(less)s AS less
                  FROM match_left, unnest(keys) AS key GROUP BY key) l
          LEFT JOIN (SELECT key, COUNT(*) AS n, %(right_less)s AS less
                       FROM (SELECT keys, party, %(linked)s AS linked
                               FROM match_right k OFFSET 0) k, -- once for each record
                            unnest(keys) AS key GROUP BY key) r
            ON r.key = l.key
        """,
        most=MAX_COUNT,
        less=less_sql(SQL("FALSE")),
        right_less=less_sql(SQL("linked")),
        linked=trusted(linked),
    )
    return [Step("match_count", _both_sql(counts, True, ratio), "key")]


def _both_sql(counts, from_left, ratio):
    """Return the query of keys with how many have them on either side, `n_left` and
    `n_right`, and by how many parties they are `held` on the side that has more.

    :param SQL counts: keys with how many have them on the own side, `own_n`, and on the
        other one, `n`, and how many more than parties, `own_less` and `less`
    :param bool from_left: whether the own side is the left one
    :param float ratio: see :func:`n_left_sql`
    """
    sides = [("own_n", "own_less"), ("n", "less")]
    (left, left_less), (right, right_less) = sides if from_left else sides[::-1]
    return SQL(
        """
        SELECT l.*, GREATEST(n_left - COALESCE(%(left_less)s, 0),
                             n_right - COALESCE(%(right_less)s, 0), 1) AS held
          FROM (SELECT l.*, %(left)s AS n_left, %(right)s AS n_right
                  FROM (%(counts)s) l) l
        """,
        left=n_left_sql(SQL(right), SQL(left), ratio),
        right=SQL(right),
        left_less=SQL(left_less),
        right_less=SQL(right_less),
        counts=counts,
    )


def current_sql(side):
    """Return the SQL of whether a row `k` of a side's keys is the latest of a record
    that is there. By scalar queries: each row costs two looks into an index, whatever
    the planner knows of the tables.
    """
    return SQL(
        "(k.made = (SELECT MAX(later.made) FROM %s later WHERE later.id = k.id)"
        " AND %s)",
        SQL.identifier(side.keys),
        there_sql(side),
    )


def there_sql(side):
    """Return the SQL of whether the record of a row `k` of a side's keys is there."""
    return SQL(
        "(SELECT TRUE FROM %s r WHERE r.id = k.id AND %s)",
        SQL.identifier(side.table),
        trusted(side.where),
    )


def holders_sql(side, scope, common):
    """Return the query of the rows of a side's keys that hold the key `l.key`: of how
    many records they are, `n`, and more than parties, `less`; where those are few
    enough to be brought together, their `ids` and times, `made`, with outdated rows.
    Where one more or less decides something, only the latest row of a record counts; of
    many a row that is outdated says little, and how many they are is only counted of a
    word, `l.word`.

    :param SQL scope: which rows `k` of the keys count
    :param dict common: ``{key: number}`` of the keys that are known to have many
    """
    return SQL(
        """
        SELECT known.n, 0 AS less, NULL::int4[] AS ids, NULL::int8[] AS made
          FROM unnest(%(common)s::int8[], %(numbers)s::int8[]) AS known(key, n)
         WHERE known.key = l.key
        UNION ALL
        SELECT CASE WHEN held.n > %(slack)s AND l.word THEN (
                        SELECT COUNT(*) FROM (%(rows)s LIMIT %(most)s) counted)
                    WHEN held.n > %(slack)s THEN held.n
                    WHEN held.n > %(exact)s THEN (
                        SELECT COUNT(DISTINCT id) FROM unnest(ids) AS u(id))
                    ELSE latest.n END, latest.less, ids, made
          FROM (SELECT COUNT(*) AS n, array_agg(f.id) AS ids,
                       array_agg(f.made) AS made, array_agg(f.party) AS parties
                  FROM (%(rows)s LIMIT %(slack)s + 1) f) held
          CROSS JOIN LATERAL (
            SELECT COUNT(*) AS n, %(less)s AS less
              FROM unnest(ids, made, parties) AS k(id, made, party)
             WHERE held.n <= %(exact)s AND %(current)s
          ) latest
         WHERE l.key <> ALL(%(common)s::int8[])
        """,
        common=list(common),
        numbers=list(common.values()),
        slack=MAX_HOLDERS * 5 // 4,
        exact=EXACT,
        current=current_sql(side),
        rows=_rows_sql(side, scope),
        most=MAX_COUNT,
        less=less_sql(trusted(side.linked)),
    )


def _rows_sql(side, scope):
    return SQL(
        "SELECT k.id, k.made, k.party FROM %s k WHERE k.keys @> ARRAY[l.key] AND %s",
        SQL.identifier(side.keys),
        scope,
    )


def few_counts(asked, left, right, scope, ratio, common):
    """Return the steps that count the keys of a few, by the index of all keys, and find
    who has them on the other side. A key that nobody has there is left out.

    :param str asked: the table of those that are asked for
    :param Side left: the side on the left
    :param Side right: the side on the right, the same for a side among itself
    :param SQL scope: see :func:`holders_sql`, as of `common`, which is by side
    :param float ratio: see :func:`n_left_sql`
    """
    own_keys = SQL(
        "SELECT id, key, key = ANY(words) AS word FROM %s, unnest(keys) AS key",
        SQL.identifier(asked),
    )
    own, other = (left, right) if asked == "match_left" else (right, left)
    found = SQL(
        """
        SELECT l.*, f.*
          FROM (SELECT key, bool_or(word) AS word FROM match_key GROUP BY key) l
          CROSS JOIN LATERAL (%s OFFSET 0) f WHERE f.n > %s
        """,
        holders_sql(other, scope, common[other.name]),
        int(left == right),
    )
    if left == right:
        query = SQL(
            """
            SELECT key, n - 1 AS n_left, n - 1 AS n_right, ids, made,
                   GREATEST(n - 1 - less, 1) AS held FROM (%s) l
            """,
            found,
        )
    else:
        counts = SQL(
            """
            SELECT l.*, h.n AS own_n, h.less AS own_less
              FROM (%s) l
              -- who has it on the own side, where that decides something
              LEFT JOIN LATERAL (
                SELECT * FROM (%s) h WHERE l.n <= %s OR l.word) h ON TRUE
            OFFSET 0 -- else counted anew for each use
            """,
            found,
            holders_sql(own, scope, common[own.name]),
            MAX_HOLDERS,
        )
        query = _both_sql(counts, own == left, ratio)
    return [Step("match_key", own_keys), Step("match_count", query)]


def side_keys_sql(name, ids=None):
    """Return the query of a side's keys that bring few enough pairs together.

    :param str name: the table of the side
    :param ids: only of these records
    """
    return SQL(
        """
        SELECT m.id, c.key, c.product
          FROM (SELECT m.id, unnest(m.keys) AS key FROM %s m WHERE %s) m
          JOIN match_brings c ON c.key = m.key
        """,
        SQL.identifier(name),
        SQL("TRUE") if ids is None else SQL("m.id = ANY(%s)", list(ids)),
    )


# ------------------------------------------------------------
# PAIRS
# ------------------------------------------------------------


def enough_sql(product):
    """Return the SQL of whether two records have enough in common to be compared.

    Three in four pairs share but one common key, and one of them in a thousand is true.

    :param SQL product: how many pairs a key brings together
    """
    conditions = [
        SQL("COUNT(*) = %s AND MIN(%s) <= %s", number, product, limit)
        for number, limit in enumerate(FEW_PAIRS, 1)
    ]
    return SQL("(%s OR COUNT(*) > %s)", SQL(" OR ").join(conditions), len(FEW_PAIRS))


def many_candidates(itself, fits, asked="match_left", ids=None):
    """Return the steps of the pairs that keys of whole sides bring together.

    :param str asked: the table of those that are asked for
    :param ids: only those of them, None for all
    :param bool itself: whether both sides are the same records
    :param SQL fits: whether rows `l` and `r` may be the same at all
    """
    pairs = SQL(
        """
        SELECT l.id AS a_id, r.id AS b_id
          FROM match_left_key l JOIN match_right_key r ON r.key = l.key %s
        GROUP BY l.id, r.id HAVING %s
        """,
        SQL("AND l.id < r.id" if ids is None else "AND l.id <> r.id")
        if itself
        else SQL(),
        enough_sql(SQL("l.product")),
    )
    candidates = SQL(
        """
        SELECT c.a_id, c.b_id FROM (%s) c
          JOIN match_left l ON l.id = c.a_id
          JOIN match_right r ON r.id = c.b_id
         WHERE %s
        """,
        pairs,
        fits,
    )
    return [
        # a table of its own, or each key of each record is looked up in that of all
        Step("match_brings", BRINGING, "key"),
        *(
            Step(f"{name}_key", side_keys_sql(name, name == asked and ids or None))
            for name in ("match_left", "match_right")
        ),
        Step("match_candidate", candidates, "a_id, b_id"),
    ]


def few_candidates():
    """Return the steps of whom the keys of a few bring together: for each record that
    is asked for, how many have its keys, and the ids of those found, with the times of
    the rows by which they were.
    """
    known = SQL(
        """
        SELECT u.id, jsonb_object_agg(c.key, c.held) AS most,
               jsonb_object_agg(c.key, c.n_left + c.n_right) AS both
          FROM match_key u JOIN match_count c ON c.key = u.key
        GROUP BY u.id
        """
    )
    candidates = SQL(
        """
        SELECT own_id, array_agg(id) AS ids, array_agg(made) AS made FROM (
            SELECT u.id AS own_id, f.id, f.made
              FROM match_key u
              JOIN match_count c ON c.key = u.key,
                   unnest(c.ids, c.made) AS f(id, made)
             WHERE %s
            GROUP BY u.id, f.id, f.made HAVING %s) pair
        GROUP BY own_id
        """,
        BRINGS,
        enough_sql(SQL("c.n_left * c.n_right")),
    )
    return [Step("match_known", known), Step("match_candidate", candidates)]


def few_pairs(asked, side, itself, fits):
    """Return the FROM clause of the pairs `a`, `b` of a few, the rows of those found
    being looked up one by one: what the planner knows of few it gets wrong.

    :param str asked: the table of those that are asked for
    :param Side side: of those that are found
    :param bool itself: whether both sides are the same records
    :param SQL fits: whether rows `a` and `b` may be the same at all
    """
    own, other = ("a", "b") if asked == "match_left" else ("b", "a")
    return SQL(
        """
        match_counted %(own)s
          JOIN match_candidate c ON c.own_id = %(own)s.id
          CROSS JOIN LATERAL unnest(c.ids, c.made) AS found(id, made)
          JOIN LATERAL (
            SELECT k.*, %(there)s AS there FROM %(keys)s k WHERE k.id = found.id
            ORDER BY k.made DESC LIMIT 1
          ) %(other)s ON %(other)s.made = found.made AND %(other)s.there
                         AND %(different)s AND %(fits)s
        """,
        own=SQL.identifier(own),
        other=SQL.identifier(other),
        keys=SQL.identifier(side.keys),
        there=there_sql(side),
        different=SQL("a.id <> b.id") if itself else SQL("TRUE"),
        fits=fits,
    )


def many_pairs(asked):
    """Return the FROM clause of the pairs `a`, `b` of many.

    :param str asked: the table of those that are asked for
    """
    a, b = (
        "match_counted" if name == asked else name
        for name in ("match_left", "match_right")
    )
    return SQL(
        "match_candidate c JOIN %s a ON a.id = c.a_id JOIN %s b ON b.id = c.b_id",
        SQL.identifier(a),
        SQL.identifier(b),
    )
