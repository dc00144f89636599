"""Who is who, for some records and one person: only what they may read, and why."""

from collections import defaultdict
from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.input import ById
from ..match.judge import MAX_KEPT, band_sql, judged_sql
from ..match.levels import get_bits
from ..match.statements import without_jit
from ..match.weighing import WEIGHTS
from ..sync.kinds import CONTACT_MODEL
from .rules import linked_sql, obstacle_sql, rejected_sql, unsafe_sql

# From so many pairs on PostgreSQL takes judging them for work that is worth compiling.
MANY = 200
# what people need not be told, as another comparison says it
SILENT = {"word", "first", "extra", "brand"}


class Proposal(NamedTuple):
    """A pair that has a chance, as it is judged.

    :param free: whether no rule of the links forbids it
    :param levels: ``{comparison: level}``
    :param chance: the score as the one who asked sees it, of all found for that one
    """

    contact_id: int
    other_id: int
    company_id: int | None
    score: float
    certain: bool
    band: str
    free: bool
    levels: dict
    chance: float = 100


def find(records, side, kind=None, limit=5):
    """Return ``{id: [{model, id, display_name, score, band, reasons}]}``, best first.

    :param records: the records asked for: contacts, or records of the side
    :param Side side: what contacts are compared with
    :param str kind: only what could be linked as that
    :param int limit: how many for each
    """
    result = ById({id_: [] for id_ in records.ids})
    env = records.env
    asked = records._name == CONTACT_MODEL
    other_model = env[side.model if asked else CONTACT_MODEL]
    comparisons = env["marketing.match"]._get_comparisons()
    proposals, _complete = get_proposals(records, side, kind, limit=limit)
    for id_, found in proposals.items():
        for proposal in found[:limit]:
            other = other_model.browse(
                proposal.other_id if asked else proposal.contact_id
            )
            result[id_].append(
                {
                    "model": other._name,
                    "id": other.id,
                    "display_name": other.display_name,
                    "score": round(proposal.score, 4),
                    "band": proposal.band,
                    "reasons": get_reasons(
                        comparisons, proposal.levels, records.browse(id_), other
                    ),
                }
            )
    return result


def get_proposals(
    records,
    side,
    kind=None,
    as_superuser=False,
    keep_forbidden=None,
    limit=MAX_KEPT,
    unsure=True,
):
    """Return ``{id: [Proposal]}``, best first, of what has a chance, and whether all
    that there is was looked through: what others changed lately by the thousand is read
    in the background.

    :param records: the records asked for: contacts, or records of the side
    :param Side side: what contacts are compared with
    :param str kind: only what could be linked as that
    :param bool as_superuser: for what links by itself: all that there is counts
    :param bool keep_forbidden: keep what a rule forbids to link; by default where no
        kind is asked for
    :param int limit: how many are needed for each, None for all
    :param bool unsure: whether those are wanted that nobody is asked about
    """
    if not records:
        return {}, True
    question = Question(records.env, side, kind, as_superuser)
    asked = "left" if records._name == CONTACT_MODEL else "right"
    result = defaultdict(list)
    for proposal in question.ask(records.ids, asked, limit, unsure):
        if proposal.free or (not kind if keep_forbidden is None else keep_forbidden):
            id_ = proposal.contact_id if asked == "left" else proposal.other_id
            result[id_].append(proposal)
    for proposals in result.values():
        proposals.sort(key=lambda p: (-p.score, -p.chance, p.contact_id, p.other_id))
    return result, question.complete


class Question:
    """Who is who, of some contacts or some records of another side.

    :param env: of who asks
    :param Side side: what contacts are compared with
    :param str kind: what is to be linked, None if it may be anything
    :param bool as_superuser: all that there is counts, not only what may be read
    """

    def __init__(self, env, side, kind=None, as_superuser=False):
        self.env = env
        self.kind = kind
        self.as_superuser = as_superuser
        self.matcher = env["marketing.match"]._get_matcher(side)
        self.left, self.right = self.matcher.left, self.matcher.right
        self.complete = True

    def ask(self, ids, asked, limit, unsure=True):
        """Yield the proposals of some records.

        :param ids: of the records
        :param str asked: the side that they are on
        :param int limit: how many are needed for each, None for all
        :param bool unsure: whether those are wanted that nobody is asked about
        """
        double = self.matcher.itself
        own, other = (0, 1) if asked == "left" else (1, 0)
        pairs = self._find(ids, asked)
        judged = self._judge(pairs, asked)
        if not unsure:
            # rivals, which are looked for next, make nobody surer
            judged = [row for row in judged if row[5] != "unsure"]
        if not double and judged:
            # what the rivals of those found are, from their side
            others = self._get_best(judged, own, limit)
            back = self._find(others, "right" if asked == "left" else "left")
            pairs = {(pair.a_id, pair.b_id): pair for pair in (*pairs, *back)}
            judged = self._judge(list(pairs.values()), asked)
            judged = [row for row in judged if row[other] in others]
        ids = set(ids)
        for row in judged:
            if row[own] in ids:
                yield self._read(row)

    def _get_best(self, judged, own, limit):
        """Return the ids of the best others of each record."""
        by_id = defaultdict(list)
        for row in judged:
            by_id[row[own]].append((-row[9], row[1 - own]))
        limit = max(limit, MAX_KEPT) if limit is not None else None
        return {id_ for rows in by_id.values() for _s, id_ in sorted(rows)[:limit]}

    def _find(self, ids, asked):
        """Return the pairs of some records with what may be read of the other side."""
        self.complete &= self.matcher.refresh("right" if asked == "left" else "left")
        company_ids = None
        if not self.as_superuser:
            company_ids = (self.env.companies | self.env.companies.parent_ids).ids
        found = self.matcher.find(ids, asked, company_ids)
        other, number = (self.right, 1) if asked == "left" else (self.left, 0)
        model = self.env[other.model].with_context(active_test=False)
        domain = Domain.TRUE
        if other.model == CONTACT_MODEL:
            domain = model._marketing_get_findable_domain()
        if not found or self.as_superuser and domain.is_true():
            return found
        if self.as_superuser:
            model = model.sudo()  # for what links by itself all that there is counts
        domain &= Domain("id", "in", [pair[number] for pair in found])
        readable = set(model.search(domain).ids)
        return [pair for pair in found if pair[number] in readable]

    def _judge(self, pairs, asked):
        """Return the rows of pairs as they are judged, see `judged_sql`."""
        if not pairs:
            return []
        columns = list(zip(*pairs, strict=True))
        rows = SQL(
            """
            SELECT a_id, b_id, company_id, bits, levels::int2[], certain
              FROM unnest(%s::int4[], %s::int4[], %s::int4[], %s::float8[], %s::text[],
                          %s::bool[])
                AS pairs(a_id, b_id, company_id, bits, levels, certain)
            """,
            *map(list, columns[:4]),
            ["{" + ",".join(map(str, levels)) + "}" for levels in columns[4]],
            list(columns[5]),
        )
        query = banded_sql(self.env, self.left, self.right, rows, self.kind, asked)
        if len(pairs) < MANY:
            return self.env.execute_query(query)
        with without_jit(self.env.cr):
            return self.env.execute_query(query)

    def _read(self, row):
        levels = {
            comparison.name: comparison.levels[number - 1].name
            for comparison, number in zip(self.matcher.comparisons, row[7], strict=True)
            if number
        }
        return Proposal(*row[:7], levels, row[9])


def banded_sql(env, left, right, pairs, kind=None, asked="left"):
    """Return the query of pairs as they are judged: by the links there are, the rules
    of links, guards, people's answers and the thresholds of the companies.

    :param env: of who asks; its company's thresholds count for what is shared
    :param Side left: the contacts
    :param Side right: what they are compared with
    :param SQL pairs: rows as the pipeline's last step says
    :param str kind: what is to be linked, None if it may be anything
    :param str asked: the side that is asked for
    :return: the query of a :class:`Proposal`, with the numbers of the levels, `nth` and
        `chance`
    """
    for name in ("marketing.contact.relation", "marketing.match", "res.company"):
        env[name].flush_model()
    env["res.users"].flush_model(["partner_id"])
    for side in (left, right):
        env[side.model].flush_model()
    judged = judged_sql(
        pairs,
        linked_sql(env, right, kind),
        obstacle_sql(env, right, kind),
        unsafe_sql(left, right),
        left == right,
        asked,
    )
    return SQL(
        """
        SELECT a_id, b_id, company_id, score, certain, %s AS band, free, levels, nth,
               chance
          FROM (%s) m JOIN %s t ON t.id = COALESCE(m.company_id, %s)
        """,
        band_sql(rejected_sql(left, right)),
        judged,
        THRESHOLDS,
        env.company.id,
    )


# the thresholds of each company
THRESHOLDS = SQL(
    "(SELECT id, marketing_match_sure AS sure, marketing_match_ask AS ask"
    " FROM res_company)"
)


# ------------------------------------------------------------
# REASONS
# ------------------------------------------------------------


def get_reasons(comparisons, levels, record, other):
    """Return why two records may be the same, what weighs most first: per comparison
    `name`, `label`, `value`, `other_value`, `text`, `tone`, `bits`, and whether it is
    `shown` at a glance.

    Values are left out of what the person at work may not read.

    :param comparisons: all that there are
    :param dict levels: ``{comparison: level}``
    """
    env = record.env
    double = record._name == other._name
    is_company = all(getattr(r, "is_company", True) for r in (record, other))
    kind = ("double_" if double else "") + ("company" if is_company else "person")
    readable = record.has_access("read"), other.has_access("read")
    reasons = []
    for comparison in comparisons:
        name = levels.get(comparison.name)
        level = next((level for level in comparison.levels if level.name == name), None)
        if not level:
            continue
        bits = get_bits(comparison, WEIGHTS[kind]).get(name, 0.0)
        value, other_value = (
            _get_value(side, comparison) if may else ""
            for side, may in zip((record, other), readable, strict=True)
        )
        reasons.append(
            {
                "name": comparison.name,
                "label": env._(comparison.label),
                "value": value,
                "other_value": other_value,
                "text": env._(level.text),
                "tone": level.tone,
                "bits": bits,
                "shown": comparison.name not in SILENT and abs(bits) >= 0.5,
            }
        )
    return sorted(reasons, key=lambda reason: -abs(reason["bits"]))


def _get_value(record, comparison):
    """Return a record's value of a comparison, for people."""
    values = []
    for name in comparison.fields:
        if name == "country_id" and record._name == "res.bank":
            name = "country"
        field = record._fields.get(name)
        if not field:
            continue
        value = record[name]
        if field.type == "many2one":
            value = value.display_name
        elif field.type == "boolean":
            value = record.env._("Company") if value else record.env._("Person")
        if value:
            values.append(str(value))
    return ", ".join(values)
