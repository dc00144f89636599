"""Weighing the pairs that were found: how common what they share is, on which level
each comparison stands, and what that says for and against.
"""

import json
from pathlib import Path

from odoo.tools import SQL

from .comparisons import COMPARISONS
from .levels import bits_sql, level_sql
from .pipeline import trusted

WEIGHTS = json.loads((Path(__file__).parent / "weights.json").read_text())
# In how many records a word is rare at least: where there are few, all words would be
# common.
LEAST_TOTAL = 10000
# The bits from which on a pair is kept.
LEAST_BITS = -8
# what is counted of the values of those that are asked for
COUNTED = ("name_key", "email", "phone", "door")
COUNTED_LISTS = ("official", "domains")


def _count_sql(what, key, few):
    """Return the SQL of how many have a key of a record `l`.

    :param str what: ``most``: the parties on the side where more have it, or ``both``:
        the records of both sides
    :param SQL key: the key
    :param bool few: see :func:`counted_sql`
    """
    if few:
        return SQL("(n.%s->>(%s)::text)::int8", SQL(what), key)
    known = SQL("held" if what == "most" else "n_left + n_right")
    return SQL("(SELECT %s FROM match_count WHERE key = %s)", known, key)


def counted_sql(asked, total, few=False):
    """Return the query of those that are asked for with how many hold their values.

    :param str asked: their table
    :param int total: how many records there are on both sides
    :param bool few: whether the counts stand beside the records, else by key
    """
    counts = [
        SQL(
            "%s AS %s",
            _count_sql("most", SQL.identifier("l", name), few),
            SQL.identifier(f"n_{name}"),
        )
        for name in COUNTED
    ]
    most = SQL("COALESCE(%s, 1)", _count_sql("most", SQL("value"), few))
    counts += [_each_sql(most, name, f"n_{name}") for name in COUNTED_LISTS]
    # the name of a trade says little, however few there are in this list
    rarity = SQL(
        "LEAST(CASE WHEN l.is_company AND value & 1 = 1 THEN 6 END,"
        " ln(%s::float8 / GREATEST(COALESCE(%s, 2), 2)) / ln(2))",
        max(total, LEAST_TOTAL),
        _count_sql("both", SQL("value"), few),
    )
    # of many those only that were found
    found = SQL(
        "WHERE l.id IN (SELECT %s FROM match_candidate)",
        SQL.identifier("a_id" if asked == "match_left" else "b_id"),
    )
    return SQL(
        "SELECT l.*, %s FROM %s l %s",
        SQL(", ").join([*counts, _each_sql(rarity, "words", "rarity")]),
        SQL.identifier(asked),
        SQL("LEFT JOIN match_known n ON n.id = l.id") if few else found,
    )


def _each_sql(what, values, name):
    """Return the SQL of a list beside a list of a record `l`, one for each `value`."""
    return SQL(
        """
        ARRAY(SELECT %s FROM unnest(l.%s) WITH ORDINALITY AS u(value, place)
               ORDER BY place) AS %s
        """,
        what,
        SQL.identifier(values),
        SQL.identifier(name),
    )


# what either name has that the other lacks
RESTS = """(SELECT string_agg(u, '') AS rest FROM unnest(string_to_array(a.name, ' ')) u
             WHERE u <> ALL(string_to_array(b.name, ' '))) x,
           (SELECT string_agg(u, '') AS rest FROM unnest(string_to_array(b.name, ' ')) u
             WHERE u <> ALL(string_to_array(a.name, ' '))) y"""
# what one has for what the other has: a beginning of it, some of its letters, the first
# ones of the name, or the same with a slip
REST_LIKE = """(
    SELECT COALESCE(length(s) > 1 AND (
               starts_with(t, s)
               OR length(s) < 6 AND (strpos(first_letters, s) > 0
                  OR t LIKE regexp_replace(s, '(.)', '\\1%', 'g'))
               OR length(s) > 4 AND {alike}), FALSE)
      FROM {rests}, LATERAL (
        SELECT x.rest AS s, y.rest AS t, b.initials AS first_letters
         WHERE length(x.rest) <= length(y.rest)
        UNION ALL
        SELECT y.rest, x.rest, a.initials WHERE length(x.rest) > length(y.rest)) z)"""
# whether all that one name has and the other lacks are words that a name may lack
WEAK = """(SELECT bool_and(word & 2 = 2) FROM unnest({}.words) AS u(word)
            WHERE word <> ALL({}.words))"""
ROADS = "(SELECT a.road AS rest) x, (SELECT b.road AS rest) y"
REST = "(SELECT similarity(x.rest, y.rest) FROM {})"
# A slip: a letter more, less or another, or two that changed places: what is before
# and behind is the same; so is one half, which is asked first
SLIP = """(
    SELECT LEAST(length(x.rest), length(y.rest)) >= {least}
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
      FROM {rests}, LATERAL (
        SELECT LEAST(length(x.rest), length(y.rest)) / 2 - 1 AS half) h)"""


# by trigrams, or where the database has none
TRIGRAMS = {
    "alike": "GREATEST(similarity(a.name, b.name), similarity(a.plain, b.plain))",
    "rest": REST.format(RESTS),
    "rest_like": REST_LIKE.format(rests=RESTS, alike="similarity(s, t) >= 0.5"),
    "town": "similarity(a.city, b.city) >= 0.6",
    "road": "similarity(a.road, b.road)",
    "box": "similarity(a.box, b.box)",
    "brand": """GREATEST(
        CASE WHEN length(a.brand) > 3 THEN similarity(a.brand, b.plain) END,
        CASE WHEN length(b.brand) > 3 THEN similarity(b.brand, a.plain) END)""",
}
LETTERS = {
    "alike": """2.0 * w.shared
        / GREATEST(cardinality(a.words) + cardinality(b.words), 1)""",
    "rest": "CASE WHEN left(a.given, 1) = left(b.given, 1) THEN 0.3 ELSE 0 END",
    "rest_like": REST_LIKE.format(rests=RESTS, alike="FALSE"),
    "town": "FALSE",
    "road": "CASE WHEN left(a.road, 5) = left(b.road, 5) THEN 1 ELSE 0 END",
    "box": "CASE WHEN left(a.box, 6) = left(b.box, 6) THEN 0.6 ELSE 0 END",
    "brand": """CASE
        WHEN length(a.brand) > 3 AND left(a.brand, 5) = left(b.plain, 5)
          OR length(b.brand) > 3 AND left(b.brand, 5) = left(a.plain, 5)
        THEN 0.5 ELSE 0 END""",
}
# The likenesses of names, roads, mailboxes, and of a domain and the other's name; what
# is dear is worked out where it can say something.
ALIKE = """
CASE WHEN a.plain = '' OR b.plain = '' THEN 0
     WHEN a.plain = b.plain OR a.name = b.name THEN 1 ELSE {alike} END AS s,
CASE WHEN a.is_company = b.is_company AND a.name <> b.name
      AND abs(length(a.plain) - length(b.plain)) <= 1
     THEN COALESCE({slip}, FALSE) ELSE FALSE END AS slip,
CASE WHEN a.road = '' OR b.road = '' THEN 0 WHEN a.road = b.road THEN 1
     WHEN length(a.road) > 4 AND starts_with(b.road, a.road)
       OR length(b.road) > 4 AND starts_with(a.road, b.road) THEN 0.9
     WHEN a.house = b.house AND abs(length(a.road) - length(b.road)) <= 1
      AND {road_slip} THEN 0.9
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
CASE WHEN a.is_company AND b.is_company AND w.shared > 0
      AND w.shared < LEAST(cardinality(a.words), cardinality(b.words))
     THEN {rest_like} ELSE FALSE END AS rest_like,
CASE WHEN a.is_company AND b.is_company AND w.shared > 0
     THEN COALESCE({weak_a} OR {weak_b}, FALSE) ELSE FALSE END AS rest_weak,
CASE WHEN length(a.box) > 5 AND (a.free AND b.free OR a.host = b.host)
     THEN {box} ELSE 0 END AS box_s,
CASE WHEN a.is_company THEN {brand} END AS brand_s
"""
# what the two share: words, the rarest of them, and how many have the rarest number and
# the rarest domain
SHARED = """
CROSS JOIN LATERAL (
    SELECT COUNT(*) AS shared, COALESCE(MAX(n), 0) AS rare
      FROM unnest({own}.words, {own}.rarity) AS u(word, n)
     WHERE word = ANY({other}.words)
) w
CROSS JOIN LATERAL (
    SELECT MIN(n) AS n FROM unnest({own}.official, {own}.n_official) AS u(value, n)
     WHERE value = ANY({other}.official)
) o
CROSS JOIN LATERAL (
    SELECT MIN(n) AS n FROM unnest({own}.domains, {own}.n_domains) AS u(value, n)
     WHERE value = ANY({other}.domains)
) d
"""
# how many hold what is compared
HOLDERS = {
    "name": "{own}.n_name_key",
    "official": "o.n",
    "email": "{own}.n_email",
    "domain": "d.n",
    "phone": "{own}.n_phone",
    "door": "{own}.n_door",
}


def levels_sql(pairs, trigrams=True, comparisons=COMPARISONS, asked="match_left"):
    """Return the query of the pairs' levels.

    :param SQL pairs: see :func:`many_pairs`
    :param bool trigrams: whether the database has `pg_trgm`
    :param str asked: the table that `match_counted` was made of
    """
    own, other = ("a", "b") if asked == "match_left" else ("b", "a")
    levels = [f"({level_sql(c)})::int2 AS level_{c.name}" for c in comparisons]
    counts = [
        f"COALESCE({count}, 9) <= {limit} AS {word}_{name}".format(own=own)
        for name, count in HOLDERS.items()
        for word, limit in (("one", 1), ("few", 3))
    ]
    likenesses = TRIGRAMS if trigrams else LETTERS
    alike = ALIKE.format(
        slip=SLIP.format(rests=RESTS, least="CASE WHEN a.is_company THEN 5 ELSE 4 END"),
        road_slip=SLIP.format(rests=ROADS, least=4),
        weak_a=WEAK.format("a", "b"),
        weak_b=WEAK.format("b", "a"),
        **likenesses,
    )
    return SQL(
        """
        SELECT a.id AS a_id, b.id AS b_id, a.is_company AND b.is_company AS is_company,
               COALESCE(a.company_id, b.company_id) AS company_id, %(levels)s
          FROM %(pairs)s
          %(shared)s
          CROSS JOIN LATERAL (
            SELECT %(alike)s,
                   LEAST(cardinality(a.words), cardinality(b.words)) AS least_words,
                   %(counts)s
            OFFSET 0
          ) v
        """,
        levels=trusted(", ".join(levels)),
        pairs=pairs,
        shared=trusted(SHARED.format(own=own, other=other)),
        alike=trusted(alike),
        counts=trusted(", ".join(counts)),
    )


def weighed_sql(weights, comparisons=COMPARISONS, double=False):
    """Return the query of the pairs with their bits, of `match_level`: `a_id`, `b_id`,
    `company_id`, `bits`, the numbers of their `levels`, and `certain`: whether nothing
    that the two records say forbids to link them by themselves.

    :param dict weights: ``{"company": {comparison: {level: bits}, "prior": bits},
        "person": …}``
    :param bool double: whether both sides are the same
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
        trusted(certain_sql(comparisons, double)),
    )


# names that are one, with a slip or a word left out; words that hardly anybody has
ALIKE_NAMES = (
    *("initial", "slip", "close_9", "sound", "close_7", "acronym"),
    *("contained_rare", "close_6", "contained"),
)
RARE = ("rare_12", "rare_9")
# where both have a street, and another one
OTHER_DOORS = ("house", "zip_road_differs", "city_road_differs", "elsewhere")


def certain_sql(comparisons, double):
    """Return the SQL of whether a pair may be linked by itself."""
    levels = {c.name: [level.name for level in c.levels] for c in comparisons}

    def among(name, *wanted):
        numbers = ", ".join(str(levels[name].index(level) + 1) for level in wanted)
        return f"level_{name} IN ({numbers})"

    conditions = [
        f"NOT {among(comparison.name, *comparison.contradicts)}"
        for comparison in comparisons
        if comparison.contradicts
    ]
    conditions += _get_rules(among, double)
    return " AND ".join(f"({condition})" for condition in conditions)


# What keeps a pair from being sure, however many bits, beside a contradiction: unlike
# names without an official number of their own; an official number that others have,
# too, in another town; a name alone, or with nothing but a town; another street, of a
# phone.
def _get_rules(among, double):
    """Return the conditions under which a pair may be linked by itself.

    :param among: function of a comparison and levels: SQL of whether it is on one
    :param bool double: whether both sides are the same
    """
    same = ("same_one", "same_few", "same_many")
    door = among("place", "door_one", "door_few")
    own_number = among("official", "same_one")
    own_box = among("email", "same_one")
    own_domain = among("domain", "same_one")
    own_phone = among("phone", "same_one")
    alike = among("name", *same, *ALIKE_NAMES)
    # unlike names with a rare word in common, one phone and one door
    plain = f"{among('word', *RARE)} AND {among('phone', *same[:2])} AND {door}"
    # the name that a company trades under: its own mailbox or domain, at its door
    one_box = (
        f"({own_box} OR {own_domain}) AND {door} AND NOT {among('phone', 'differs')}"
        f" AND NOT {among('extra', 'both')}"
    )
    near = among("place", "road", "zip", "city", "house", "zip_road_differs")
    own = (
        f"{among('official', *same)} OR {among('email', *same)}"
        f" OR {among('email', 'like_box')} AND {near}"
        f" OR {among('phone', *same)} OR {among('account', 'same')}"
        f" OR {door} OR {among('place', 'road_only')}"
    )
    apart = (
        f"({among('extra', 'both')} OR {among('name', 'slip', 'sound')} AND is_company)"
    )
    # name, number and domain are those of all branches, which are no rivals there
    at_site = (
        f"{among('phone', *same)} OR {among('email', *same)} OR {door}"
        f" OR {among('place', 'road_only', 'road', 'zip', 'door_town')}"
        f" OR {among('account', 'same')} OR NOT is_company"
    )
    return [
        at_site if double else "TRUE",
        f"{alike} OR {own_number} OR is_company AND ({plain} OR {one_box})",
        f"NOT {among('official', 'same_few', 'same_many')} OR {own_phone}"
        f" OR {door} OR {among('place', 'road', 'zip', 'city')}",
        f"NOT {among('extra', 'town')}",
        f"NOT {among('extra', 'house', 'house_both')} OR {own_number}",
        f"NOT {among('first', 'differs')}",
        f"NOT {among('first', 'like')} OR {own_number} OR {own_box}",
        f"{own} OR {among('domain', *same)} OR NOT is_company"
        f" OR {among('place', 'road', 'zip', 'house', 'zip_road_differs')}",
        f"NOT {among('place', *OTHER_DOORS)} OR {own_number}"
        f" OR {among('email', 'same_one', 'like_box')}"
        f" OR {own_domain} OR {own_phone} AND {among('place', 'house')}"
        f" AND {among('name', *same, 'slip', 'close_9')}",
        f"{own} OR is_company",
        # nor a like name of the family, but for a slip, without door or mailbox
        f"NOT {among('first', 'family_like')} OR {own_number} OR {own_box} OR {door}"
        f" OR NOT {among('name', 'close_7', 'close_6', 'close_4', 'close_2')}",
        # Patel's phone and ZIP code may be Patil's
        f"NOT {apart} OR {own_number} OR {door} OR {among('email', *same)}"
        f" OR {among('domain', *same)} OR {among('account', 'same')}",
    ]
