"""Finding pairs and weighing them: the steps, once.

A step is a name and a query of those before. For many records each becomes a table of
the transaction, for few all are one statement. Pairs always stand the same way round,
whoever is asked for: `match_left` and `match_right` are queries that return rows of
:data:`~.normalise.COLUMNS`, those that are asked for and those that they may be. So a
pair has the same levels, however it is come by.
"""

import json
from pathlib import Path
from typing import NamedTuple

from odoo.tools import SQL

from .comparisons import COMPARISONS, bits_sql, level_sql

WEIGHTS = json.loads((Path(__file__).parent / "weights.json").read_text())
# A key that more pairs than that would share brings nobody together.
MAX_PAIRS = 400
# How few pairs a key may bring together for two records to be compared by so many of
# them: by one, two, three; by more they are compared in any case.
FEW_PAIRS = (16, 64, 100)
# Counting who has a key ends there; the planner's word is taken of those who have more
# than that many, and of up to so many rows only the latest of a record counts.
MAX_COUNT = 4000
MIN_COMMON = 1000
EXACT = 16
# In how many records a word is rare at least: where there are few, all words would be
# common.
LEAST_TOTAL = 10000
# The bits from which on a pair is kept.
LEAST_BITS = -8
# what is counted of the values of those that are asked for
COUNTED = ("name_key", "email", "phone", "door")
COUNTED_LISTS = ("official", "domains")


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
        most=MAX_PAIRS,
        ratio=ratio,
    )


def many_counts(itself, ratio):
    """Return the steps that count the keys of whole sides, as few are counted.

    :param bool itself: whether both sides are the same records
    :param float ratio: see :func:`n_left_sql`
    """
    if itself:
        query = SQL(
            """
            SELECT key, LEAST(COUNT(*) - 1, %(most)s) AS n_left,
                   LEAST(COUNT(*) - 1, %(most)s) AS n_right
              FROM match_left, unnest(keys) AS key
            GROUP BY key HAVING COUNT(*) > 1
            """,
            most=MAX_COUNT,
        )
        return [Step("match_count", query, "key")]
    query = SQL(
        """
        SELECT key, n_right, %(left)s AS n_left
          FROM (SELECT l.key, LEAST(l.n, %(most)s) AS n_own,
                       LEAST(COALESCE(r.n, 0), %(most)s) AS n_right
                  FROM (SELECT key, COUNT(*) AS n
                          FROM match_left, unnest(keys) AS key GROUP BY key) l
                  LEFT JOIN (SELECT key, COUNT(*) AS n
                               FROM match_right, unnest(keys) AS key GROUP BY key) r
                    ON r.key = l.key) l
        """,
        left=n_left_sql(SQL("n_right"), SQL("n_own"), ratio),
        most=MAX_COUNT,
    )
    return [Step("match_count", query, "key")]


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
    many records they are, `n`, and, where those are few enough to be brought together,
    the `ids` and times, `made`, of the rows, outdated ones among them.

    The index is asked once for each key. Where one more or less decides something, only
    the latest row of a record counts; of many a row that is outdated says little.

    :param SQL scope: which rows `k` of the keys count
    :param dict common: ``{key: number}`` of the keys that are known to have many
    """
    rows = SQL(
        "SELECT k.id, k.made FROM %s k WHERE k.keys @> ARRAY[l.key] AND %s",
        SQL.identifier(side.keys),
        scope,
    )
    return SQL(
        """
        SELECT known.n, NULL::int4[] AS ids, NULL::int8[] AS made
          FROM unnest(%(common)s::int8[], %(numbers)s::int8[]) AS known(key, n)
         WHERE known.key = l.key
        UNION ALL
        SELECT CASE WHEN n > %(slack)s THEN (
                        SELECT COUNT(*) FROM (%(rows)s LIMIT %(most)s) counted)
                    WHEN n > %(exact)s THEN (
                        SELECT COUNT(DISTINCT id) FROM unnest(ids) AS u(id))
                    ELSE (SELECT COUNT(*) FROM unnest(ids, made) AS k(id, made)
                           WHERE %(current)s) END, ids, made
          FROM (SELECT COUNT(*) AS n, array_agg(f.id) AS ids,
                       array_agg(f.made) AS made
                  FROM (%(rows)s LIMIT %(slack)s + 1) f) held
         WHERE l.key <> ALL(%(common)s::int8[])
        """,
        common=list(common),
        numbers=list(common.values()),
        slack=2 * MAX_PAIRS,
        exact=EXACT,
        current=current_sql(side),
        rows=rows,
        most=MAX_COUNT,
    )


def few_counts(asked, left, right, scope, ratio, common):
    """Return the steps that count the keys of a few, by the index of all keys: how many
    have each on either side, and who on the other one. A key that nobody has there
    decides nothing: it is left out.

    :param str asked: the table of those that are asked for
    :param Side left: the side on the left
    :param Side right: the side on the right, the same for a side among itself
    :param SQL scope: which rows of the keys count
    :param float ratio: see :func:`n_left_sql`
    :param dict common: by side, see :func:`holders_sql`
    """
    keys = Step(
        "match_key",
        SQL("SELECT id, key FROM %s, unnest(keys) AS key", SQL.identifier(asked)),
    )
    own, other = (left, right) if asked == "match_left" else (right, left)
    found = SQL(
        """
        SELECT l.key, f.* FROM (SELECT DISTINCT key FROM match_key) l
          CROSS JOIN LATERAL (%s OFFSET 0) f WHERE f.n > %s
        """,
        holders_sql(other, scope, common[other.name]),
        int(left == right),
    )
    if left == right:
        query = SQL(
            "SELECT key, n - 1 AS n_left, n - 1 AS n_right, ids, made FROM (%s) l",
            found,
        )
        return [keys, Step("match_count", query)]
    counted = SQL("(SELECT n FROM (%s) h)", holders_sql(own, scope, common[own.name]))
    here, there = SQL("n_own"), SQL("n")
    if own == right:
        here, there = there, here
    query = SQL(
        """
        SELECT key, %(left)s AS n_left, %(right)s AS n_right, ids, made
          FROM (SELECT l.*, %(counted)s AS n_own FROM (%(found)s) l
                OFFSET 0 -- else counted anew for each use
               ) l
        """,
        right=there,
        left=n_left_sql(there, here, ratio),
        counted=counted,
        found=found,
    )
    return [keys, Step("match_count", query)]


def side_keys_sql(name, ids=None):
    """Return the query of a side's keys that bring few enough pairs together.

    :param str name: the table of the side
    :param ids: only of these records
    """
    return SQL(
        """
        SELECT m.id, c.key, c.n_left * c.n_right AS product
          FROM %s m, unnest(m.keys) AS u(key)
          JOIN match_count c ON c.key = u.key
         WHERE c.n_left * c.n_right BETWEEN 1 AND %s AND %s
        """,
        SQL.identifier(name),
        MAX_PAIRS,
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
        SELECT u.id, jsonb_object_agg(c.key, GREATEST(c.n_left, c.n_right)) AS most,
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
             WHERE c.n_left * c.n_right BETWEEN 1 AND %s
            GROUP BY u.id, f.id, f.made HAVING %s) pair
        GROUP BY own_id
        """,
        MAX_PAIRS,
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


# ------------------------------------------------------------
# LEVELS AND BITS
# ------------------------------------------------------------


def counted_sql(asked, total, few=False):
    """Return the query of those that are asked for with how many hold their values.

    :param str asked: their table
    :param int total: how many records there are on both sides
    :param bool few: whether the counts stand beside the records, else by key
    """
    source = SQL("%s l", SQL.identifier(asked))
    if few:
        source = SQL("%s LEFT JOIN match_known n ON n.id = l.id", source)

    def count(what, key):
        if few:
            return SQL("(n.%s->>(%s)::text)::int8", SQL(what), key)
        known = SQL(
            "GREATEST(n_left, n_right)" if what == "most" else "n_left + n_right"
        )
        return SQL("(SELECT %s FROM match_count WHERE key = %s)", known, key)

    single = [
        SQL(
            "%s AS %s",
            count("most", SQL.identifier("l", name)),
            SQL.identifier(f"n_{name}"),
        )
        for name in COUNTED
    ]
    lists = [
        SQL(
            """
            ARRAY(SELECT COALESCE(%s, 1)
                    FROM unnest(l.%s) WITH ORDINALITY AS u(value, place)
                   ORDER BY place) AS %s
            """,
            count("most", SQL("value")),
            SQL.identifier(name),
            SQL.identifier(f"n_{name}"),
        )
        for name in COUNTED_LISTS
    ]
    return SQL(
        """
        SELECT l.*, %(counts)s,
               ARRAY(SELECT ln(%(total)s::float8 / GREATEST(COALESCE(%(both)s, 2), 2))
                            / ln(2)
                       FROM unnest(l.words) WITH ORDINALITY AS u(value, place)
                      ORDER BY place) AS rarity
          FROM %(source)s
        """,
        counts=SQL(", ").join([*single, *lists]),
        total=max(total, LEAST_TOTAL),
        both=count("both", SQL("value")),
        source=source,
    )


# what either name has that the other lacks
RESTS = """(SELECT string_agg(u, '') AS rest FROM unnest(string_to_array(a.name, ' ')) u
             WHERE u <> ALL(string_to_array(b.name, ' '))) x,
           (SELECT string_agg(u, '') AS rest FROM unnest(string_to_array(b.name, ' ')) u
             WHERE u <> ALL(string_to_array(a.name, ' '))) y"""
REST = "(SELECT similarity(x.rest, y.rest) FROM {})"
# a letter more, less or another, or two that changed places: what is before and behind
# is the same; so is one half, which is asked first
SLIP = """(
    SELECT length(x.rest) > 4 AND length(y.rest) > 4
           AND (left(x.rest, half) = left(y.rest, half)
                OR right(x.rest, half) = right(y.rest, half))
           AND EXISTS (
            SELECT FROM generate_series(0, length(x.rest)) n
             WHERE left(x.rest, n) = left(y.rest, n)
                   AND (substr(x.rest, n + 2) = substr(y.rest, n + 2)
                        OR substr(x.rest, n + 2) = substr(y.rest, n + 1)
                        OR substr(x.rest, n + 1) = substr(y.rest, n + 2)
                        OR substr(x.rest, n + 3) = substr(y.rest, n + 3)
                        AND substr(x.rest, n + 1, 2)
                            = reverse(substr(y.rest, n + 1, 2))))
      FROM {}, LATERAL (
        SELECT LEAST(length(x.rest), length(y.rest)) / 2 - 1 AS half) h)"""


def _alike_sql(trigrams):
    """Return the SQL of the likenesses: of names, roads, mailboxes, and of a domain and
    the other's name.
    """
    rest, slip = REST.format(RESTS), SLIP.format(RESTS)
    town = "similarity(a.city, b.city) >= 0.6"
    if trigrams:
        alike = "GREATEST(similarity(a.name, b.name), similarity(a.plain, b.plain))"
        road = "similarity(a.road, b.road)"
        box = "similarity(a.box, b.box)"
        brand = """GREATEST(
            CASE WHEN length(a.brand) > 3 THEN similarity(a.brand, b.plain) END,
            CASE WHEN length(b.brand) > 3 THEN similarity(b.brand, a.plain) END)"""
    else:
        rest = "CASE WHEN left(a.given, 1) = left(b.given, 1) THEN 0.3 ELSE 0 END"
        town = "FALSE"
        alike = """2.0 * w.shared
            / GREATEST(cardinality(a.words) + cardinality(b.words), 1)"""
        road = "CASE WHEN left(a.road, 5) = left(b.road, 5) THEN 1 ELSE 0 END"
        box = "CASE WHEN left(a.box, 6) = left(b.box, 6) THEN 0.6 ELSE 0 END"
        brand = """CASE WHEN length(a.brand) > 3 AND left(a.brand, 5) = left(b.plain, 5)
            OR length(b.brand) > 3 AND left(b.brand, 5) = left(a.plain, 5)
            THEN 0.5 ELSE 0 END"""
    # what is dear is worked out where it can say something
    return trusted(
        f"""
        CASE WHEN a.plain = '' OR b.plain = '' THEN 0
             WHEN a.plain = b.plain OR a.name = b.name THEN 1 ELSE {alike} END AS s,
        CASE WHEN a.is_company AND b.is_company AND a.name <> b.name
              AND abs(length(a.plain) - length(b.plain)) <= 1
             THEN COALESCE({slip}, FALSE) ELSE FALSE END AS slip,
        CASE WHEN a.road = '' OR b.road = '' THEN 0 WHEN a.road = b.road THEN 1
             WHEN length(a.road) > 4 AND starts_with(b.road, a.road)
               OR length(b.road) > 4 AND starts_with(a.road, b.road) THEN 0.9
             WHEN a.zip = b.zip OR a.city = b.city OR a.house = b.house
             THEN {road} ELSE 0 END AS road_s,
        CASE WHEN a.city = '' OR b.city = '' THEN FALSE
             WHEN a.city = b.city OR starts_with(a.city, b.city || ' ')
               OR starts_with(b.city, a.city || ' ') THEN TRUE
             ELSE {town} END AS same_city,
        CASE WHEN NOT (a.is_company OR b.is_company OR a.short OR b.short)
              AND w.shared > 0 AND a.name <> b.name
             -- two letters that changed places are a slip, not another name
             THEN CASE WHEN a.sound = b.sound AND length(a.sound) > 3 THEN 1
                       ELSE {rest} END END AS rest_s,
        CASE WHEN length(a.box) > 5 AND (a.free AND b.free OR a.host = b.host)
             THEN {box} ELSE 0 END AS box_s,
        CASE WHEN a.is_company THEN {brand} END AS brand_s
        """
    )


def levels_sql(pairs, trigrams=True, comparisons=COMPARISONS, asked="match_left"):
    """Return the query of the pairs' levels.

    :param SQL pairs: see :func:`many_pairs`
    :param bool trigrams: whether the database has `pg_trgm`
    :param str asked: the table that `match_counted` was made of
    """
    own, other = ("a", "b") if asked == "match_left" else ("b", "a")
    levels = [
        SQL(
            "(%s)::int2 AS %s",
            trusted(level_sql(comparison)),
            SQL.identifier(f"level_{comparison.name}"),
        )
        for comparison in comparisons
    ]
    holders = {
        "name": f"{own}.n_name_key",
        "official": "o.n",
        "email": f"{own}.n_email",
        "domain": "d.n",
        "phone": f"{own}.n_phone",
        "door": f"{own}.n_door",
    }
    counts = [
        trusted(f"COALESCE({count}, 9) <= {limit} AS {word}_{name}")
        for name, count in holders.items()
        for word, limit in (("one", 1), ("few", 3))
    ]
    return SQL(
        """
        SELECT a.id AS a_id, b.id AS b_id, a.is_company AND b.is_company AS is_company,
               COALESCE(a.company_id, b.company_id) AS company_id, %(levels)s
          FROM %(pairs)s
          CROSS JOIN LATERAL (
            SELECT COUNT(*) AS shared, COALESCE(MAX(n), 0) AS rare
              FROM unnest(%(own)s.words, %(own)s.rarity) AS u(word, n)
             WHERE word = ANY(%(other)s.words)
          ) w
          CROSS JOIN LATERAL (
            SELECT MIN(n) AS n
              FROM unnest(%(own)s.official, %(own)s.n_official) AS u(value, n)
             WHERE value = ANY(%(other)s.official)
          ) o
          CROSS JOIN LATERAL (
            SELECT MIN(n) AS n
              FROM unnest(%(own)s.domains, %(own)s.n_domains) AS u(value, n)
             WHERE value = ANY(%(other)s.domains)
          ) d
          CROSS JOIN LATERAL (
            SELECT %(alike)s,
                   LEAST(cardinality(a.words), cardinality(b.words)) AS least_words,
                   %(counts)s
            OFFSET 0
          ) v
        """,
        levels=SQL(", ").join(levels),
        alike=_alike_sql(trigrams),
        counts=SQL(", ").join(counts),
        pairs=pairs,
        own=SQL.identifier(own),
        other=SQL.identifier(other),
    )


def weighed_sql(weights, comparisons=COMPARISONS):
    """Return the query of the pairs with their bits, of `match_level`: `a_id`, `b_id`,
    `company_id`, `bits`, the numbers of their `levels`, and `certain`: whether nothing
    that the two records say forbids to link them by themselves.

    :param dict weights: ``{"company": {comparison: {level: bits}, "prior": bits},
        "person": …}``
    """
    prior = SQL(
        "CASE WHEN is_company THEN %s::float8 ELSE %s::float8 END",
        weights["company"]["prior"],
        weights["person"]["prior"],
    )
    terms = [trusted(bits_sql(comparison, weights)) for comparison in comparisons]
    return SQL(
        """
        SELECT a_id, b_id, company_id, %s AS bits, ARRAY[%s]::int2[] AS levels,
               %s AS certain, is_company
          FROM match_level
        """,
        SQL(" + ").join([prior, *terms]),
        trusted(", ".join(f"level_{c.name}" for c in comparisons)),
        trusted(certain_sql(comparisons)),
    )


# names that are one, with a slip or a word left out; words that hardly anybody has
ALIKE_NAMES = (
    *("initial", "slip", "close_9", "sound", "close_7", "acronym"),
    *("contained_rare", "close_6", "contained"),
)
RARE = ("rare_12", "rare_9")
# where both have a street, and another one
OTHER_DOORS = ("house", "zip_road_differs", "city_road_differs", "elsewhere")


# What keeps a pair from being sure, however many bits: a contradiction; unlike names
# without an official number of their own; an official number that others have, too, in
# another town; a name alone, or with nothing but a town; another street, of a phone.
def certain_sql(comparisons):
    """Return the SQL of whether a pair may be linked by itself."""
    by_name = {comparison.name: comparison for comparison in comparisons}

    def among(name, *levels):
        known = [level.name for level in by_name[name].levels]
        numbers = ", ".join(str(known.index(level) + 1) for level in levels)
        return f"level_{name} IN ({numbers})"

    conditions = [
        f"NOT {among(comparison.name, *comparison.contradicts)}"
        for comparison in comparisons
        if comparison.contradicts
    ]
    same = ("same_one", "same_few", "same_many")
    door = among("place", "door_one", "door_few")
    own_number = among("official", "same_one")
    alike = among("name", *same, *ALIKE_NAMES)
    # unlike names with a rare word in common, one phone and one door
    plain = f"{among('word', *RARE)} AND {among('phone', *same[:2])} AND {door}"
    # the name that a company trades under: its own mailbox, at its door
    one_box = (
        f"{among('email', 'same_one')} AND {door} AND NOT {among('phone', 'differs')}"
    )
    moved = among("place", *OTHER_DOORS)
    own = " OR ".join(
        (
            among("official", *same),
            among("email", *same, "like_box"),
            among("phone", *same),
            among("account", "same"),
            among("place", "door_one", "door_few", "road_only"),
        )
    )
    else_ = " OR ".join(
        (
            own,
            among("domain", *same),
            among("place", "road", "zip", "house", "zip_road_differs"),
        )
    )
    conditions += [
        f"{alike} OR {own_number} OR is_company AND ({plain} OR {one_box})",
        f"NOT {among('official', 'same_few', 'same_many')}"
        f" OR {door} OR {among('place', 'road', 'zip', 'city')}",
        f"NOT {among('extra', 'town')}",
        f"NOT {among('first', 'differs')}",
        f"NOT {among('first', 'like')} OR {own_number} OR {among('email', 'same_one')}",
        f"{else_} OR NOT is_company",
        f"NOT {moved} OR {own_number} OR {among('email', 'same_one', 'like_box')}"
        f" OR {among('domain', 'same_one')}",
        f"{own} OR is_company",
    ]
    return " AND ".join(f"({condition})" for condition in conditions)
