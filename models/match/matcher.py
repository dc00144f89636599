"""Comparing the records of two sides: for a few one statement with the index of the
keys, for many a table of the transaction for each step. Both take the same steps, see
:mod:`~.pipeline`.
"""

import json
from collections import defaultdict
from functools import cached_property
from math import log2
from typing import NamedTuple

from odoo.tools import SQL, split_every

from ..contact.companies import get_related_ids
from . import pipeline, weighing
from .judge import MAX_BITS
from .keys import Keys
from .levels import DIFFERS, SAME, Comparison, Level
from .pipeline import Step, trusted
from .statements import fetch_prepared, without_jit

# How many are compared by one statement.
FEW = 200
# From so many on as those sides hold, divided by this, whole sides are compared.
MANY_TIMES = 10
# Where the prior of doubles is kept, how it is found, and by how much it may move.
SHIFT, SHIFT_TURNS, SHIFT_LEAST, MAX_SHIFT = (
    "marketing_contact.match_shift",
    30,
    300,
    4.0,
)
KINDS = ("company", "person")


class Found(NamedTuple):
    """A pair that was found: `a_id` on the left, `b_id` on the right.

    :param company_id: of the company that one of the two belongs to
    :param bits: for and against, on the whole
    :param levels: the number of each comparison's level, 0 where nothing is said
    :param certain: whether nothing that the two records say forbids to link them
    """

    a_id: int
    b_id: int
    company_id: int | None
    bits: float
    levels: list
    certain: bool


class Matcher:
    """Compares the records of two sides.

    :param env: an environment; what may be read is said by who asks
    :param Side left: the side that pairs name first
    :param Side right: the other one, or the same
    :param dict identifiers: ``{name: Identifier}`` of add-ons
    :param Words words: as managers keep them
    :param comparisons: all that there are
    """

    def __init__(self, env, left, right, identifiers, words, comparisons):
        self.env = env
        self.cr = env.cr
        self.itself = left == right
        self.keys = {"left": Keys(env, left, identifiers, words)}
        self.keys["right"] = (
            self.keys["left"] if self.itself else Keys(env, right, identifiers, words)
        )
        self.left, self.right = left, right
        self.comparisons = comparisons
        self.trigrams = has_trigrams(env)

    def refresh(self, name):
        """Bring the keys of a side up to date, a bounded few.

        :param str name: ``left`` or ``right``
        :return: whether those are all that there are
        """
        return self.keys[name].refresh()

    def refresh_all(self):
        """Bring all keys of both sides up to date."""
        for keys in dict.fromkeys(self.keys.values()):
            for _count in keys.refresh_all():
                pass

    # ------------------------------------------------------------
    # WHAT MAY BE THE SAME AT ALL
    # ------------------------------------------------------------

    def _get_fits_sql(self, left="l", right="r"):
        """Return the SQL of whether two rows may be the same at all."""
        fits = f"{self._get_compatible_sql()} AND {self._get_family_sql()}"
        return trusted(fits.format(l=left, r=right))

    @cached_property
    def _related_ids(self):
        return get_related_ids(self.env)

    def _get_compatible_sql(self):
        """Return the SQL of whether the companies of rows {l} and {r} go together."""
        among = ""
        if self._related_ids:
            values = ", ".join(f"({a}, {b})" for a, b in sorted(self._related_ids))
            among = f"OR ({{l}}.company_id, {{r}}.company_id) IN ({values})"
        return (
            "({l}.company_id IS NULL OR {r}.company_id IS NULL"
            f" OR {{l}}.company_id = {{r}}.company_id {among})"
        )

    def _get_family_sql(self):
        """Return the SQL of whether rows {l} and {r} stand in the same place: companies
        with companies, people of a company within it.
        """
        if not self.itself:
            return "({l}.parent_id IS NULL AND {r}.parent_id IS NULL)"
        return (
            "({l}.is_company = {r}.is_company"
            " AND {l}.parent_id IS NOT DISTINCT FROM {r}.parent_id)"
        )

    # ------------------------------------------------------------
    # A FEW
    # ------------------------------------------------------------

    def find(self, ids, asked="left", company_ids=None):
        """Compare some records with the whole other side.

        :param ids: of the records that are asked for
        :param str asked: the side that they are on
        :param company_ids: of the companies whose values are counted, None for all
        :return: list of :class:`Found`, those with a chance
        """
        ids = list(ids)
        if not ids:
            return []
        self.keys[asked].make(ids)
        found = self._find(ids, asked, company_ids)
        # somebody went around Odoo: what is found must be as it is now
        other = "right" if asked == "left" else "left"
        others = {pair.b_id if asked == "left" else pair.a_id for pair in found}
        if self.keys[other].make(others):
            found = self._find(ids, asked, company_ids)
        return found

    def _find(self, ids, asked, company_ids):
        sizes, common = self._extent
        if not all(sizes):
            return []
        if company_ids is None and len(ids) >= max(FEW, sum(sizes) / MANY_TIMES):
            self.compare(asked, ids)
            self.cr.execute("SELECT * FROM match_weighed")
            rows = self.cr.fetchall()
            self.drop()
        else:
            rows = []
            for part in split_every(FEW, ids, list):
                query = self._get_few_sql(part, asked, company_ids, sizes, common)
                rows += fetch_prepared(self.cr, query)
        return [Found(*row) for row in rows]

    def _get_few_sql(self, ids, asked, company_ids, sizes, common):
        if company_ids is None:
            scope = SQL("TRUE")
        else:
            scope = SQL(
                "(k.company_id IS NULL OR k.company_id = ANY(%s))", list(company_ids)
            )
        own = f"match_{asked}"
        side = self.right if asked == "left" else self.left
        steps = [
            Step(own, self._get_rows_sql(asked, SQL("k.id = ANY(%s)", list(ids)))),
            *pipeline.few_counts(
                own,
                self.left,
                self.right,
                scope,
                self._get_ratio(sizes),
                common,
            ),
            *pipeline.few_candidates(),
            *self._get_last_steps(
                own,
                sizes,
                pipeline.few_pairs(
                    own, side, self.itself, self._get_fits_sql("a", "b")
                ),
                few=True,
            ),
        ]
        return SQL(
            "WITH %s SELECT * FROM match_weighed",
            SQL(", ").join(
                SQL("%s AS MATERIALIZED (%s)", SQL.identifier(step.name), step.query)
                for step in steps
            ),
        )

    def _get_last_steps(self, asked, sizes, pairs, few=False):
        """Return the steps that few and many have in common."""
        return [
            Step("match_counted", weighing.counted_sql(asked, sum(sizes), few), "id"),
            Step(
                "match_level",
                weighing.levels_sql(pairs, self.trigrams, self.comparisons, asked),
            ),
            Step(
                "match_weighed",
                SQL(
                    "SELECT a_id, b_id, company_id, bits, levels, certain"
                    " FROM (%s) weighed WHERE bits > %s",
                    weighing.weighed_sql(
                        self._get_weights(), self.comparisons, self.itself
                    ),
                    weighing.LEAST_BITS,
                ),
            ),
        ]

    def _get_weights(self, shift=None):
        """Return the weights: contacts among themselves have their own, and a prior by
        how many doubles there are.

        :param dict shift: ``{kind: bits}`` for the prior; by default as last found out
        """
        if not self.itself:
            return {kind: weighing.WEIGHTS[kind] for kind in KINDS}
        shift = get_shift(self.env) if shift is None else shift
        weights = {kind: weighing.WEIGHTS[f"double_{kind}"] for kind in KINDS}
        return {
            kind: known | {"prior": known["prior"] + shift.get(kind, 0.0)}
            for kind, known in weights.items()
        }

    def _get_rows_sql(self, name, condition):
        """Return the query of the latest rows of a side's records that are there.

        :param str name: ``left`` or ``right``
        :param SQL condition: only of these rows `k`
        """
        side = getattr(self, name)
        return SQL(
            """
            SELECT DISTINCT ON (k.id) k.* FROM %s k
              JOIN %s r ON r.id = k.id AND %s
             WHERE %s ORDER BY k.id, k.made DESC
            """,
            SQL.identifier(side.keys),
            SQL.identifier(side.table),
            trusted(side.where),
            condition,
        )

    def _get_ratio(self, sizes):
        return (sizes[0] + 1) / (sizes[1] + 1)

    @cached_property
    def _extent(self):
        """Return about how many rows of both sides there are, and about how many
        records have the keys that many have: as the planner knows it.

        :return: ``[left, right]`` and ``{name of the side: {key: number}}``
        """
        names = {side.keys: side.name for side in (self.left, self.right)}
        self.cr.execute(
            SQL(
                """
                SELECT c.relname, GREATEST(c.reltuples, 0)::int, known.*
                  FROM pg_class c
                  LEFT JOIN LATERAL (
                    SELECT array_agg(key), array_agg(LEAST(n, %s)::int8)
                      FROM pg_stats s,
                           unnest(s.most_common_elems::text::int8[],
                                  s.most_common_elem_freqs) AS u(key, freq),
                           LATERAL (SELECT u.freq * c.reltuples AS n) counted
                     WHERE s.schemaname = current_schema() AND s.attname = 'keys'
                           AND s.tablename = c.relname AND n >= %s
                           AND key IS NOT NULL -- the last figures are of no key
                  ) known ON TRUE
                 WHERE c.oid = ANY(%s::regclass[])
                """,
                pipeline.MAX_COUNT,
                pipeline.MIN_COMMON,
                list(names),
            )
        )
        sizes, common = {}, {}
        for table, size, keys, numbers in self.cr.fetchall():
            name = names[table]
            sizes[name] = size if size >= 1000 else self._count(table)
            common[name] = dict(zip(keys or (), numbers or (), strict=True))
        return [sizes[self.left.name], sizes[self.right.name]], common

    def _count(self, table):
        """Return how many rows a table has, up to a thousand."""
        query = "SELECT COUNT(*) FROM (SELECT FROM %s LIMIT 1000) k"
        self.cr.execute(SQL(query, SQL.identifier(table)))
        return self.cr.fetchone()[0]

    # ------------------------------------------------------------
    # MANY
    # ------------------------------------------------------------

    def compare(self, asked="left", ids=None, left=None, right=None):
        """Compare whole sides, into the table `match_weighed`, see
        :func:`~.weighing.weighed_sql`; `match_left` and `match_right` are the records.

        :param str asked: the side of those that are asked for
        :param ids: of those, None for all
        :param SQL left: the ids of the records on the left, None for all
        :param SQL right: likewise
        """
        sizes, _common = self._extent
        for name, query in (("left", left), ("right", right)):
            condition = SQL("r.id IN (%s)", query) if query else SQL("TRUE")
            self._make(Step(f"match_{name}", self._get_rows_sql(name, condition), "id"))
        own = f"match_{asked}"
        steps = [
            *pipeline.many_counts(
                self.itself, self._get_ratio(sizes), self.right.linked
            ),
            *pipeline.many_candidates(self.itself, self._get_fits_sql(), own, ids),
        ]
        last = self._get_last_steps(own, sizes, pipeline.many_pairs(own))
        steps += last[:-1]
        with without_jit(self.cr):
            for step in steps:
                self._make(step)
            if self.itself and ids is None and self._is_whole():
                self._find_shift()
                # by the prior that was found out
                last = self._get_last_steps(own, sizes, pipeline.many_pairs(own))
            steps.append(last[-1])
            self._make(steps[-1])
        self.drop([step.name for step in steps[:-1]])

    def _is_whole(self):
        """Return whether so many are compared that they tell of all."""
        query = (
            "SELECT (SELECT COUNT(*) FROM match_left) * 2 >= COUNT(DISTINCT id) FROM %s"
        )
        self.cr.execute(SQL(query, SQL.identifier(self.left.keys)))
        return self.cr.fetchone()[0]

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
                weighing.weighed_sql(self._get_weights(shift={}), self.comparisons),
            )
        )
        found = defaultdict(list)
        for kind, bits, count in self.cr.fetchall():
            found[kind].append((bits, count))
        shift = {
            kind: round(
                get_prior_shift(lines, weighing.WEIGHTS[f"double_{kind}"]["share"]), 1
            )
            for kind, lines in found.items()
        }
        # sudo: managers match, parameters are the administrator's
        self.env["ir.config_parameter"].sudo().set_param(SHIFT, json.dumps(shift))

    def drop(self, names=("match_weighed", "match_left", "match_right")):
        """Remove tables of the transaction."""
        tables = SQL(", ").join(map(SQL.identifier, names))
        self.cr.execute(SQL("DROP TABLE IF EXISTS %s", tables))

    def _make(self, step):
        """Make a table of the transaction, and tell the planner what is in it."""
        table = SQL.identifier(step.name)
        self.drop([step.name])
        self.cr.execute(
            SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", table, step.query)
        )
        if not step.index:
            return
        columns = trusted(step.index)
        self.cr.execute(SQL("CREATE INDEX ON %s (%s)", table, columns))
        self.cr.execute(SQL("ANALYZE %s (%s)", table, columns))


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


def get_odds(bits):
    """Return the odds of bits."""
    return 2.0 ** max(-MAX_BITS, min(MAX_BITS, bits))


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
    if env.registry.has_trigram:
        return True
    env.cr.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
    return bool(env.cr.rowcount)
