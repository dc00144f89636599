"""Asking who is who: for a few records at once, or for all.

Both take the same steps of :mod:`~.pairs`; for a few they are one statement with the
keys' index, for many each is a table of the transaction.
"""

import json
from collections import defaultdict
from math import log2
from typing import NamedTuple

from odoo.tools import SQL, split_every

from . import pairs
from .comparisons import DIFFERS, SAME, Comparison, Level
from .keys import Keys
from .pairs import trusted
from .sides import version_sql

# From so many on a whole side is compared at once.
FEW = 200
# How many times larger the other side may be for so many to be compared with it whole.
MANY_TIMES = 50
# A key of more than that brings nobody together; counting ends there.
MAX_COUNT = 4000
# How far a pair must be ahead of the second best of either side, in bits, to be sure.
AHEAD = 2.5
# and how good its chance must be the other way round, of all contacts for the card.
BACK_SCORE = 90
# The least chance, in per cent, that is worth keeping, and how many for each record.
LEAST_SCORE, MAX_KEPT = 0.5, 5
# How many doubles of one record are kept.
MAX_DOUBLES = 20
# Where the prior of doubles is kept, how it is found, and by how much it may move.
SHIFT, SHIFT_TURNS, SHIFT_LEAST, MAX_SHIFT = (
    "marketing_contact.match_shift",
    30,
    300,
    4.0,
)
KINDS = ("company", "person")
# How many bits count: beyond that, all is certain.
MAX_BITS = 60


class Found(NamedTuple):
    """A pair that was found.

    :param id: of the record that was asked for
    :param other_id: of the one found
    :param bits: for and against, on the whole
    :param levels: ``{comparison: level}``
    :param certain: whether nothing forbids to link it by itself, as far as the two
        records say
    """

    id: int
    other_id: int
    bits: float
    levels: dict
    certain: bool


# names that are one, with a slip or a word left out; words that hardly anybody has
ALIKE_NAMES = (
    *("initial", "close_9", "sound", "close_7", "acronym", "contained_rare"),
    *("close_6", "contained"),
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


class Matcher:
    """Compares the records of two sides.

    :param env: an environment; what may be read is said by who asks
    :param str left: the side that is asked for
    :param str right: the side that is looked through
    """

    def __init__(self, env, left, right):
        self.env = env
        self.cr = env.cr
        self.left, self.right = Keys(env, left), Keys(env, right)
        self.itself = left == right
        self.comparisons = env["marketing.match"]._get_comparisons()
        self.trigrams = has_trigrams(env)

    def refresh(self, ids=None):
        """Bring the keys of both sides up to date.

        :param ids: of the records on the left that will be asked for, None for all
        """
        whole = ids is None
        if self.itself or whole:
            self.left.refresh(whole)
        else:
            self.left.make(ids)
        if not self.itself:
            self.right.refresh(whole)

    def _get_weights(self, shift=None):
        """Return the weights: contacts among themselves have their own, and a prior by
        how many doubles there are.

        :param dict shift: ``{kind: bits}`` for the prior; by default as last found out
        """
        if not self.itself:
            return {kind: pairs.WEIGHTS[kind] for kind in KINDS}
        shift = get_shift(self.env) if shift is None else shift
        weights = {kind: pairs.WEIGHTS[f"double_{kind}"] for kind in KINDS}
        return {
            kind: known | {"prior": known["prior"] + shift.get(kind, 0.0)}
            for kind, known in weights.items()
        }

    def _find_shift(self):
        """Find out, of the pairs of `match_level`, how many doubles there are, and keep
        it for who asks for a few.
        """
        self.cr.execute(
            SQL(
                """
                SELECT CASE WHEN is_company THEN 'company' ELSE 'person' END,
                       round(bits::numeric, 1)::float8, COUNT(*)
                  FROM (%s) weighed GROUP BY 1, 2
                """,
                pairs.weighed_sql(self._get_weights(shift={}), self.comparisons),
            )
        )
        found = defaultdict(list)
        for kind, bits, count in self.cr.fetchall():
            found[kind].append((bits, count))
        shift = {
            kind: round(
                get_prior_shift(lines, pairs.WEIGHTS[f"double_{kind}"]["share"]), 1
            )
            for kind, lines in found.items()
        }
        # sudo: managers match, parameters are the administrator's
        self.env["ir.config_parameter"].sudo().set_param(SHIFT, json.dumps(shift))

    def _get_compatible_sql(self, left, right):
        """Return the SQL of whether the companies of two records go together."""
        companies = self.env["res.company"].sudo().search([])
        related = {
            (company.id, parent.id)
            for company in companies
            for parent in company.parent_ids - company
        }
        related |= {(parent, child) for child, parent in related}
        among = ""
        if related:
            values = ", ".join(f"({a}, {b})" for a, b in sorted(related))
            among = f"OR ({left}.company_id, {right}.company_id) IN ({values})"
        return (
            f"({left}.company_id IS NULL OR {right}.company_id IS NULL"
            f" OR {left}.company_id = {right}.company_id {among})"
        )

    def _get_family_sql(self, left, right):
        """Return the SQL of whether two records stand in the same place: companies with
        companies, people of a company within it.
        """
        if not self.itself:
            return f"({left}.parent_id IS NULL AND {right}.parent_id IS NULL)"
        return (
            f"({left}.is_company = {right}.is_company"
            f" AND {left}.parent_id IS NOT DISTINCT FROM {right}.parent_id)"
        )

    def _get_pair_sql(self):
        left, right = "l", "r"
        return (
            f"{self._get_compatible_sql(left, right)}"
            f" AND {self._get_family_sql(left, right)}"
        )

    # ------------------------------------------------------------
    # A FEW
    # ------------------------------------------------------------

    def find(self, ids, company_ids=None, again=True):
        """Compare a few records with the whole other side.

        :param ids: of the records on the left
        :param company_ids: of the companies whose values are counted, None for all
        :return: list of :class:`Found`, those with a chance
        """
        result = []
        n_right = self._estimate(self.right.side)
        if not n_right:
            return result
        if (
            company_ids is None
            and not self.itself
            and len(ids) >= FEW
            and n_right <= len(ids) * MANY_TIMES
        ):
            return self._find_many(ids)
        for batch in split_every(FEW, ids, list):
            rows = self._find_few(batch, company_ids)
            stale = [row[1] for row in rows if not row[5]]
            if stale and again and self.right.make(stale):
                # somebody went around Odoo: what is found must be as it is now
                result += self.find(batch, company_ids, again=False)
                continue
            result += [self._read(row) for row in rows if row[5]]
        return result

    def _find_few(self, ids, company_ids):
        """Return the rows of the one statement that compares a few.

        Thousands of keys are looked up in it, each by the index. What a transaction has
        only just written, such as an import, the planner takes for so few rows that it
        would read all of them for each key.
        """
        self.cr.execute("SET LOCAL enable_seqscan TO off")
        self.cr.execute(self._get_few_sql(ids, company_ids))
        rows = self.cr.fetchall()
        self.cr.execute("SET LOCAL enable_seqscan TO DEFAULT")
        return rows

    def _find_many(self, ids):
        """Return the same, by comparing with the whole other side at once."""
        table = SQL.identifier(self.right.side.table)
        for _step in self.compare(
            SQL("SELECT unnest(%s)", list(ids)), SQL("SELECT id FROM %s", table)
        ):
            pass
        self.cr.execute("SELECT a_id, b_id, bits, levels, certain FROM match_result")
        found = [Found(*row) for row in self.cr.fetchall()]
        self.cr.execute("DROP TABLE match_result, match_left, match_right")
        return found

    def _read(self, row):
        id_, other_id, bits, certain, numbers, _current = row
        levels = {
            comparison.name: comparison.levels[number - 1].name
            for comparison, number in zip(self.comparisons, numbers, strict=True)
            if number
        }
        return Found(id_, other_id, bits, levels, certain)

    def _get_few_sql(self, ids, company_ids):
        left, right = self.left.side, self.right.side
        n_left, n_right = self._estimate(left), self._estimate(right)
        if company_ids is None:
            scope = SQL("TRUE")
        else:
            scope = SQL(
                "(k.company_id IS NULL OR k.company_id = ANY(%s))", list(company_ids)
            )

        def count(side):
            return SQL(
                "(SELECT COUNT(DISTINCT id) FROM (SELECT k.id FROM %s k "
                "WHERE k.keys @> ARRAY[l.key] AND %s LIMIT %s) counted)",
                SQL.identifier(side.keys),
                scope,
                MAX_COUNT,
            )

        if self.itself:
            right_count = SQL("%s - 1", count(right))
            left_count = SQL("n_right")
            other = "r.id <> l.id"
        else:
            right_count = count(right)
            # only where it decides something; else about as many as on the right
            left_count = SQL(
                """
                CASE WHEN n_right = 0 THEN 1 WHEN n_right <= %s THEN %s
                     ELSE (n_right * %s::float8)::int8 END
                """,
                pairs.MAX_PAIRS,
                count(left),
                (n_left + 1) / (n_right + 1),
            )
            other = "TRUE"
        return SQL(
            """
            WITH match_left AS MATERIALIZED (
                SELECT DISTINCT ON (k.id) k.*
                  FROM %(left_keys)s k
                  JOIN %(left_table)s r ON r.id = k.id AND k.version = %(left_version)s
                 WHERE k.id = ANY(%(ids)s)
                ORDER BY k.id
            ), match_key AS MATERIALIZED (
                SELECT l.key, %(right_count)s AS n_right
                  FROM (SELECT DISTINCT unnest(keys) AS key FROM match_left) l
            ), match_count AS MATERIALIZED (
                SELECT l.key, %(left_count)s AS n_left, n_right FROM match_key l
            ), match_counted AS MATERIALIZED (
                %(counted)s
            ), match_left_key AS MATERIALIZED (
                %(left_key)s
            ), match_pair AS MATERIALIZED (
                SELECT l.id AS a_id, r.id AS b_id, r.ctid AS place, r.version,
                       COUNT(*) AS n
                  FROM match_left_key l
                  JOIN %(right_keys)s r ON r.keys @> ARRAY[l.key]
                 WHERE %(other)s AND %(fits)s
                GROUP BY l.id, r.id, r.ctid, r.version
                HAVING %(enough)s
            ), match_place AS MATERIALIZED (
                SELECT p.a_id, p.b_id, p.place, p.n,
                       p.version = %(right_version)s AS current
                  FROM match_pair p
                  JOIN %(right_table)s r ON r.id = p.b_id
                 WHERE %(right_where)s
            ), match_current AS MATERIALIZED (
                SELECT DISTINCT ON (a_id, b_id) * FROM match_place
                ORDER BY a_id, b_id, current DESC
            ), match_candidate AS MATERIALIZED (
                SELECT a_id, b_id, place, current FROM (
                    SELECT *, row_number() OVER (
                           PARTITION BY a_id ORDER BY n DESC) AS nth
                      FROM match_current) ranked
                 WHERE nth <= %(rivals)s
            ), match_right AS MATERIALIZED (
                SELECT DISTINCT ON (k.id) k.*
                  FROM match_candidate c JOIN %(right_keys)s k ON k.ctid = c.place
            ), match_level AS MATERIALIZED (
                %(levels)s
            ), match_weighed AS MATERIALIZED (
                %(weighed)s
            )
            SELECT w.a_id, w.b_id, w.bits, %(certain)s, ARRAY[%(numbers)s], c.current
              FROM match_weighed w
              JOIN match_candidate c ON c.a_id = w.a_id AND c.b_id = w.b_id
             WHERE w.bits > -8 OR NOT c.current
            """,
            left_keys=SQL.identifier(left.keys),
            left_table=SQL.identifier(left.table),
            left_version=version_sql(self.left.signature),
            right_keys=SQL.identifier(right.keys),
            right_table=SQL.identifier(right.table),
            right_version=version_sql(self.right.signature),
            right_where=trusted(right.where),
            ids=list(ids),
            right_count=right_count,
            left_count=left_count,
            counted=pairs.counted_sql(n_left + n_right),
            left_key=pairs.side_keys_sql(
                "match_left", ("id", "company_id", "parent_id", "is_company")
            ),
            enough=pairs.enough_sql(SQL("l.product")),
            other=trusted(other),
            fits=trusted(self._get_pair_sql()),
            rivals=pairs.MAX_RIVALS,
            levels=pairs.levels_sql(self.trigrams, self.comparisons),
            weighed=pairs.weighed_sql(self._get_weights(), self.comparisons),
            certain=trusted(certain_sql(self.comparisons)),
            numbers=trusted(", ".join(f"level_{c.name}" for c in self.comparisons)),
        )

    def _estimate(self, side):
        """Return about how many rows there are, without counting them."""
        self.cr.execute(
            "SELECT GREATEST(reltuples, 0)::int FROM pg_class WHERE oid = %s::regclass",
            [side.keys],
        )
        estimate = self.cr.fetchone()[0]
        if estimate < 1000:
            self.cr.execute(SQL("SELECT COUNT(*) FROM %s", SQL.identifier(side.keys)))
            estimate = self.cr.fetchone()[0]
        return estimate

    # ------------------------------------------------------------
    # MANY
    # ------------------------------------------------------------

    def compare(self, left_query, right_query):
        """Compare many records of both sides, into the table `match_result`: `a_id`,
        `b_id`, `bits`, `certain`, `levels`.

        :param SQL left_query: the ids of the records on the left
        :param SQL right_query: likewise
        :return: a generator of what is done, for a progress
        """
        yield from self._make_sides(left_query, right_query)
        self.cr.execute("SELECT COUNT(*) FROM match_left")
        total = self.cr.fetchone()[0]
        self.cr.execute("SELECT COUNT(*) FROM match_right")
        total += self.cr.fetchone()[0]
        count = pairs.COUNT_SELF if self.itself else pairs.COUNT_MANY
        self._make("match_count", count, "key")
        for side in ("left", "right"):
            self._make(f"match_{side}_key", pairs.side_keys_sql(f"match_{side}"))
        self._make("match_counted", pairs.counted_sql(total), "id")
        yield "keys"
        fits = SQL(
            """
            SELECT c.a_id, c.b_id FROM (%s) c
              JOIN match_left l ON l.id = c.a_id
              JOIN match_right r ON r.id = c.b_id
             WHERE %s
            """,
            pairs.candidates_sql(self.itself),
            trusted(self._get_pair_sql()),
        )
        self._make("match_candidate", fits)
        yield "candidates"
        self._make("match_level", pairs.levels_sql(self.trigrams, self.comparisons))
        if self.itself and self._is_whole():
            self._find_shift()
        yield "levels"
        levels = ", ".join(
            f"'{c.name}', (ARRAY[{', '.join(repr(level.name) for level in c.levels)}])"
            f"[level_{c.name}]"
            for c in self.comparisons
        )
        self._make(
            "match_result",
            SQL(
                """
                SELECT a_id, b_id, is_company, bits, %(certain)s AS certain,
                       json_strip_nulls(json_build_object(%(levels)s))::jsonb AS levels
                  FROM (%(weighed)s) weighed
                 WHERE bits > -8
                """,
                certain=trusted(certain_sql(self.comparisons)),
                levels=trusted(levels),
                weighed=pairs.weighed_sql(self._get_weights(), self.comparisons),
            ),
        )
        for name in ("match_level", "match_candidate", "match_left_key"):
            self.cr.execute(SQL("DROP TABLE %s", SQL.identifier(name)))
        yield "weights"

    def _is_whole(self):
        """Return whether so many are compared that they tell of all."""
        self.cr.execute("SELECT COUNT(*) FROM match_left")
        return self.cr.fetchone()[0] * 2 >= self._estimate(self.left.side)

    def _make_sides(self, left_query, right_query):
        for name, keys, query in (
            ("match_left", self.left, left_query),
            ("match_right", self.right, right_query),
        ):
            self._make(
                name,
                SQL(
                    """
                    SELECT DISTINCT ON (k.id) k.*
                      FROM %(keys)s k
                      JOIN %(table)s r ON r.id = k.id AND k.version = %(version)s
                     WHERE r.id IN (%(query)s) AND %(where)s
                    ORDER BY k.id
                    """,
                    keys=SQL.identifier(keys.side.keys),
                    table=SQL.identifier(keys.side.table),
                    version=version_sql(keys.signature),
                    query=query,
                    where=trusted(keys.side.where),
                ),
                "id",
            )
            yield name

    def _make(self, name, query, index=None):
        """Make a table of the transaction, and tell the planner how large it is."""
        self.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(name)))
        self.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s",
                SQL.identifier(name),
                query,
            )
        )
        if index:
            self.cr.execute(
                SQL("CREATE INDEX ON %s (%s)", SQL.identifier(name), trusted(index))
            )
        columns = {
            "match_count": "key",
            "match_left_key": "key",
            "match_right_key": "key",
        }
        looked_at = columns.get(name, index or "a_id, b_id")
        self.cr.execute(
            SQL("ANALYZE %s (%s)", SQL.identifier(name), trusted(looked_at))
        )


# ------------------------------------------------------------
# CHANCES
# ------------------------------------------------------------


def get_odds(bits):
    """Return the odds of bits."""
    return 2.0 ** max(-MAX_BITS, min(MAX_BITS, bits))


def get_shift(env):
    """Return ``{kind: bits}``: by how much more, or less, doubles there are than in the
    lists that the weights were learned from, when all were compared last.
    """
    # sudo: who is who is asked by all, parameters are the administrator's
    return json.loads(env["ir.config_parameter"].sudo().get_param(SHIFT) or "{}")


def get_prior_shift(lines, share):
    """Return by how many bits more pairs are true than where the weights were learned:
    what the pairs say by the prior, the prior says by the pairs, until both agree.

    :param lines: list of ``(bits, how many pairs)``
    :param float share: of the pairs that were true there
    """
    total = sum(count for _bits, count in lines)
    shift = 0.0
    for _turn in range(SHIFT_TURNS):
        true = sum(
            count * (1 - 1 / (1 + get_odds(bits + shift))) for bits, count in lines
        )
        # few pairs say little
        found = (true + share * SHIFT_LEAST) / (total + SHIFT_LEAST)
        shift = log2(found / (1 - found)) - log2(share / (1 - share))
    return max(-MAX_SHIFT, min(MAX_SHIFT, shift))


def get_scores(found):
    """Return ``{(id, other id): score}``: the chance of each pair, of all that were
    found for the record.

    :param found: list of :class:`Found`
    """
    sums = defaultdict(float)
    for pair in found:
        sums[pair.id] += get_odds(pair.bits)
    return {
        (pair.id, pair.other_id): 100 * get_odds(pair.bits) / (1 + sums[pair.id])
        for pair in found
    }


def get_double_scores(found):
    """Return ``{(id, other id): score}``: a record may have several doubles, they are
    no rivals.
    """
    return {
        (pair.id, pair.other_id): 100 * get_odds(pair.bits) / (1 + get_odds(pair.bits))
        for pair in found
    }


def get_ahead(found, key):
    """Return ``{pair: by how many bits it is ahead of the next of its record}``.

    :param found: list of :class:`Found`
    :param key: which record of a pair, by a function
    """
    best = {}
    for pair in found:
        best.setdefault(key(pair), []).append(pair.bits)
    ahead = {}
    for pair in found:
        rivals = sorted(best[key(pair)], reverse=True)
        others = rivals[1:2] if rivals[0] == pair.bits else rivals[:1]
        ahead[pair.id, pair.other_id] = pair.bits - (others[0] if others else -MAX_BITS)
    return ahead


def get_identifier_comparison(name, identifier):
    """Return the comparison of an add-on's number."""
    value = f"(%s.extra->>'{name}')"
    a, b = value % "a", value % "b"
    return Comparison(
        f"identifier_{name}",
        identifier.label,
        (name,),
        (
            Level("same", f"{a} = {b}", identifier.label, SAME),
            Level("differs", f"{a} <> {b}", identifier.label, DIFFERS),
        ),
        ("differs",),
        {"same": identifier.same, "differs": identifier.differs},
    )


def has_trigrams(env):
    """Return whether the database has what compares names letter by letter."""
    return env.registry.has_trigram or _has_extension(env)


def _has_extension(env):
    env.cr.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
    return bool(env.cr.rowcount)
