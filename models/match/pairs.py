"""Finding pairs and weighing them, as SQL in steps.

Each step is a name and a query. For many records each becomes a table of the
transaction, one after the other; for few all are one statement. What is asked for is
`left`, what is looked through is `right`: queries that return rows of
:data:`~.normalise.COLUMNS`.
"""

import json
from pathlib import Path

from odoo.tools import SQL

from .comparisons import COMPARISONS, bits_sql, level_sql

WEIGHTS = json.loads((Path(__file__).parent / "weights.json").read_text())
# A key that more pairs than that would share brings nobody together.
MAX_PAIRS = 400
# How few pairs a key may bring together for two records to be compared by so many of
# them: by one, two, three; by more they are compared in any case.
FEW_PAIRS = (16, 64, 100)
# How many records a record is compared with at most, those with the most in common.
MAX_RIVALS = 60
# In how many records a word is rare at least: where there are few, all words would be
# common.
LEAST_TOTAL = 10000
# what is counted of the left side's values: how many hold it on either side
COUNTED = ("name_key", "email", "phone", "door")
COUNTED_LISTS = ("official", "domains")


def trusted(text):
    """Return our own SQL, made of nothing that anybody sends."""
    return SQL(text.replace("%", "%%"))


COUNT_MANY = SQL(
    """
    SELECT l.key, l.n AS n_left, COALESCE(r.n, 0) AS n_right
      FROM (SELECT key, COUNT(*) AS n
              FROM match_left, unnest(keys) AS key GROUP BY key) l
      LEFT JOIN (SELECT key, COUNT(*) AS n
                   FROM match_right, unnest(keys) AS key GROUP BY key) r
        ON r.key = l.key
    """
)
COUNT_SELF = SQL(
    """
    SELECT key, COUNT(*) - 1 AS n_left, COUNT(*) - 1 AS n_right
      FROM match_left, unnest(keys) AS key
    GROUP BY key HAVING COUNT(*) > 1
    """
)


def side_keys_sql(name, columns=("id",)):
    """Return the query of a side's keys that bring few enough pairs together.

    :param str name: the table or step of the side
    :param columns: what to have of the side's rows besides
    """
    return SQL(
        """
        SELECT %s, c.key, c.n_left * c.n_right AS product
          FROM %s m, unnest(m.keys) AS u(key)
          JOIN match_count c ON c.key = u.key
         WHERE c.n_left * c.n_right BETWEEN 1 AND %s
        """,
        SQL(", ").join(SQL.identifier("m", column) for column in columns),
        SQL.identifier(name),
        MAX_PAIRS,
    )


def counted_sql(total):
    """Return the query of the left side with how many hold its values.

    :param int total: how many records there are on both sides
    """
    single = [
        SQL(
            "(SELECT GREATEST(n_left, n_right) FROM match_count"
            " WHERE key = l.%s) AS %s",
            SQL.identifier(name),
            SQL.identifier(f"n_{name}"),
        )
        for name in COUNTED
    ]
    lists = [
        SQL(
            """
            ARRAY(SELECT COALESCE(GREATEST(n_left, n_right), 1)
                    FROM unnest(l.%s) WITH ORDINALITY AS u(value, place)
                    LEFT JOIN match_count ON key = value ORDER BY place) AS %s
            """,
            SQL.identifier(name),
            SQL.identifier(f"n_{name}"),
        )
        for name in COUNTED_LISTS
    ]
    return SQL(
        """
        SELECT l.*, %(counts)s,
               ARRAY(SELECT ln(%(total)s::float8
                               / GREATEST(COALESCE(n_left + n_right, 2), 2)) / ln(2)
                       FROM unnest(l.words) WITH ORDINALITY AS u(value, place)
                       LEFT JOIN match_count ON key = value ORDER BY place) AS rarity
          FROM match_left l
        """,
        counts=SQL(", ").join([*single, *lists]),
        total=max(total, LEAST_TOTAL),
    )


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


def candidates_sql(itself):
    """Return the query of the pairs that keys bring together.

    :param bool itself: whether both sides are the same records
    """
    return SQL(
        """
        SELECT l.id AS a_id, r.id AS b_id, COUNT(*) AS n
          FROM match_left_key l
          JOIN match_right_key r ON r.key = l.key %s
        GROUP BY l.id, r.id
        HAVING %s
        """,
        SQL("AND l.id < r.id") if itself else SQL(),
        enough_sql(SQL("l.product")),
    )


def _alike_sql(trigrams):
    """Return the SQL of the likenesses: of names, roads, mailboxes, and of a domain and
    the other's name.
    """
    rest = """(SELECT similarity(x.rest, y.rest)
          FROM (SELECT string_agg(u, '') AS rest
                  FROM unnest(string_to_array(a.name, ' ')) u
                 WHERE u <> ALL(string_to_array(b.name, ' '))) x,
               (SELECT string_agg(u, '') AS rest
                  FROM unnest(string_to_array(b.name, ' ')) u
                 WHERE u <> ALL(string_to_array(a.name, ' '))) y)"""
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
              AND w.shared > 0 AND a.name <> b.name THEN {rest} END AS rest_s,
        CASE WHEN length(a.box) > 5 AND (a.free AND b.free OR a.host = b.host)
             THEN {box} ELSE 0 END AS box_s,
        CASE WHEN a.is_company THEN {brand} END AS brand_s
        """
    )


def levels_sql(trigrams=True, comparisons=COMPARISONS):
    """Return the query of the pairs' levels, of `match_candidate`, `match_counted` and
    `match_right`.

    :param bool trigrams: whether the database has `pg_trgm`
    """
    levels = [
        SQL(
            "(%s)::int2 AS %s",
            trusted(level_sql(comparison)),
            SQL.identifier(f"level_{comparison.name}"),
        )
        for comparison in comparisons
    ]
    holders = {
        "name": "a.n_name_key",
        "official": "o.n",
        "email": "a.n_email",
        "domain": "d.n",
        "phone": "a.n_phone",
        "door": "a.n_door",
    }
    counts = [
        trusted(f"COALESCE({count}, 9) <= {limit} AS {word}_{name}")
        for name, count in holders.items()
        for word, limit in (("one", 1), ("few", 3))
    ]
    return SQL(
        """
        SELECT a.id AS a_id, b.id AS b_id, a.is_company AND b.is_company AS is_company,
               %(levels)s
          FROM match_candidate c
          JOIN match_counted a ON a.id = c.a_id
          JOIN match_right b ON b.id = c.b_id
          CROSS JOIN LATERAL (
            SELECT COUNT(*) AS shared, COALESCE(MAX(n), 0) AS rare
              FROM unnest(a.words, a.rarity) AS u(word, n) WHERE word = ANY(b.words)
          ) w
          CROSS JOIN LATERAL (
            SELECT MIN(n) AS n FROM unnest(a.official, a.n_official) AS u(value, n)
             WHERE value = ANY(b.official)
          ) o
          CROSS JOIN LATERAL (
            SELECT MIN(n) AS n FROM unnest(a.domains, a.n_domains) AS u(value, n)
             WHERE value = ANY(b.domains)
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
    )


def weighed_sql(weights, comparisons=COMPARISONS):
    """Return the query of the pairs with their bits, of `match_level`.

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
        "SELECT *, %s AS bits FROM match_level", SQL(" + ").join([prior, *terms])
    )
