"""Who is who, for some records and one person: only what they may read, and why."""

from collections import defaultdict

from odoo.fields import Domain

from ..match.matcher import (
    AHEAD,
    BACK_SCORE,
    LEAST_SCORE,
    Matcher,
    get_ahead,
    get_double_scores,
    get_scores,
)
from ..match.pairs import WEIGHTS
from ..match.sides import SIDES
from .rpc import ById
from .rules import get_linked, get_obstacles, get_unsafe
from .store import propose

# what people need not be told, as another comparison says it
SILENT = {"word", "first", "extra", "brand"}


def find(records, left, right, kind=None, limit=5, as_superuser=False):
    """Return ``{id: [{model, id, display_name, score, band, reasons}]}``, best first.

    :param records: the records asked for
    :param str left: their side
    :param str right: the side that is looked through
    :param str kind: only what could be linked as that
    :param int limit: how many for each
    :param bool as_superuser: for what links by itself: all that there is counts
    """
    result = ById({id_: [] for id_ in records.ids})
    if not result:
        return result
    env = records.env
    proposals = get_proposals(records, left, right, kind, as_superuser)
    comparisons = env["marketing.match"]._get_comparisons()
    model = env[SIDES[right].model]
    for id_, found in proposals.items():
        for pair, score, band in found[:limit]:
            other = model.browse(pair.other_id)
            result[id_].append(
                {
                    "model": other._name,
                    "id": other.id,
                    "display_name": other.display_name,
                    "score": round(score, 4),
                    "band": band,
                    "reasons": get_reasons(
                        comparisons,
                        pair.levels,
                        records.browse(id_),
                        other,
                        double=left == right,
                    ),
                }
            )
    return result


def get_proposals(
    records, left, right, kind=None, as_superuser=False, keep_forbidden=None
):
    """Return ``{id: [(Found, score, band)]}``, best first, of what has a chance.

    :param bool keep_forbidden: keep what a rule forbids to link; by default where no
        kind is asked for
    """
    env = records.env
    keep_forbidden = not kind if keep_forbidden is None else keep_forbidden
    matcher = Matcher(env, left, right)
    matcher.refresh(records.ids)
    company_ids = None
    if not as_superuser:
        companies = env.companies | env.companies.parent_ids
        company_ids = companies.ids
    found = matcher.find(records.ids, company_ids)
    found = _keep_readable(env, found, right, as_superuser)
    linked = get_linked(env, found, left, right, kind)
    found = [pair for pair in found if (pair.id, pair.other_id) not in linked]
    obstacles = get_obstacles(env, found, left, right, kind)
    if not keep_forbidden:
        found = [pair for pair in found if (pair.id, pair.other_id) not in obstacles]
    double = left == right
    scores = (get_double_scores if double else get_scores)(found)
    company = env.company.sudo()  # sudo: thresholds hold whoever asks
    sure, ask = company.marketing_match_sure, company.marketing_match_ask
    certain = {
        (pair.id, pair.other_id)
        for pair in found
        if pair.certain
        and scores[pair.id, pair.other_id] >= sure
        and (pair.id, pair.other_id) not in obstacles
    }
    if certain:
        certain = _get_certain(
            matcher, certain, found, left, right, company_ids, as_superuser
        )
    rejected = _get_rejected(env, found, left, right)
    result = defaultdict(list)
    for pair in found:
        key = (pair.id, pair.other_id)
        score = scores[key]
        if score < LEAST_SCORE:
            continue
        if key in rejected:
            band = "unsure"
        elif key in certain:
            band = "sure"
        else:
            band = "ask" if score >= ask else "unsure"
        result[pair.id].append((pair, score, band))
    for proposals in result.values():
        proposals.sort(key=lambda proposal: (-proposal[1], proposal[0].other_id))
    return result


def propose_for(records, left, right):
    """Store what the records may be the same as, such as after an import: in one set,
    for people to look at.

    :param str left: the side of the records
    """
    env = records.env
    swapped = right == "contact"
    rows = []
    for id_, found in get_proposals(records, left, right, as_superuser=True).items():
        for pair, score, band in found:
            if band == "unsure":
                continue
            company = records.browse(id_).sudo().company_id
            rows.append(
                {
                    "contact_id": pair.other_id if swapped else id_,
                    "other_id": id_ if swapped else pair.other_id,
                    "company_id": company.id or None,
                    "score": score,
                    "certain": band == "sure",
                    "levels": pair.levels,
                    "band": band,
                }
            )
    seen = {}
    for row in rows:
        seen.setdefault(frozenset((row["contact_id"], row["other_id"])), row)
    rows = list(seen.values()) if left == right else rows
    column = SIDES[left if swapped and left != right else right].column
    # sudo: proposals are written by the engine alone
    propose(env["marketing.match"].sudo(), column, rows)


def _keep_readable(env, found, side, as_superuser):
    """Return the pairs whose other record is there and may be read."""
    model = env[SIDES[side].model].with_context(active_test=False)
    if as_superuser:
        model = model.sudo()
    domain = Domain("id", "in", [pair.other_id for pair in found])
    if side == "contact":
        domain &= model._marketing_get_findable_domain()
    ids = set(model.search(domain).ids)
    if "merged_into_id" in model._fields:
        merged = model.sudo().search(
            [("id", "in", list(ids)), ("merged_into_id", "!=", False)]
        )
        ids -= set(merged.ids)
    return [pair for pair in found if pair.other_id in ids]


def _get_certain(matcher, certain, found, left, right, company_ids, as_superuser):
    """Return those of the pairs that are clearly ahead on both sides, and neither
    archived nor guarded.
    """
    env = matcher.env
    unsafe_left = get_unsafe(env, left, {id_ for id_, _other in certain})
    unsafe_right = get_unsafe(env, right, {other for _id, other in certain})
    certain = {
        (id_, other)
        for id_, other in certain
        if id_ not in unsafe_left and other not in unsafe_right
    }
    if left == right or not certain:
        return certain
    ahead = get_ahead(found, lambda pair: pair.id)
    certain = {key for key in certain if ahead[key] >= AHEAD}
    matcher.left.refresh()
    back = Matcher(env, right, left).find(
        list({other for _id, other in certain}), company_ids
    )
    back = _keep_readable(env, back, left, as_superuser)
    linked = get_linked(env, back, right, left)
    back = [pair for pair in back if (pair.id, pair.other_id) not in linked]
    behind = get_ahead(back, lambda pair: pair.id)
    scores = get_scores(back)
    return {
        (id_, other)
        for id_, other in certain
        if behind.get((other, id_), 0) >= AHEAD
        and scores.get((other, id_), 0) >= BACK_SCORE
    }


def _get_rejected(env, found, left, right):
    """Return the pairs of ids that somebody said are not the same."""
    if not found:
        return set()
    # sudo: an answer holds whoever gave it
    Match = env["marketing.match"].sudo()
    rejected = set()
    if left == right:
        ids = [pair.id for pair in found]
        for match in Match.search(
            [
                ("state", "=", "rejected"),
                ("other_contact_id", "!=", False),
                "|",
                ("contact_id", "in", ids),
                ("other_contact_id", "in", ids),
            ]
        ):
            pair = (match.contact_id.id, match.other_contact_id.id)
            rejected |= {pair, pair[::-1]}
        return rejected
    swapped = right == "contact"
    column = SIDES[left if swapped else right].column
    contact_ids = [pair.other_id if swapped else pair.id for pair in found]
    for match in Match.search(
        [
            ("state", "=", "rejected"),
            ("contact_id", "in", contact_ids),
            (column, "!=", False),
        ]
    ):
        pair = (match.contact_id.id, match[column].id)
        rejected.add(pair[::-1] if swapped else pair)
    return rejected


# ------------------------------------------------------------
# REASONS
# ------------------------------------------------------------


def get_reasons(comparisons, levels, record, other, double=None):
    """Return why two records may be the same, what weighs most first: per comparison
    `name`, `label`, `value`, `other_value`, `text`, `tone`, `bits`, and whether it is
    `shown` at a glance.

    Values are left out of what the person at work may not read.

    :param comparisons: all that there are
    :param dict levels: ``{comparison: level}``
    """
    env = record.env
    double = record._name == other._name if double is None else double
    is_company = getattr(other, "is_company", True) and getattr(
        record, "is_company", True
    )
    kind = ("double_" if double else "") + ("company" if is_company else "person")
    readable = record.has_access("read"), other.has_access("read")
    reasons = []
    for comparison in comparisons:
        level = next(
            (lv for lv in comparison.levels if lv.name == levels.get(comparison.name)),
            None,
        )
        if not level:
            continue
        weights = WEIGHTS[kind].get(comparison.name, {})
        bits = weights.get(level.name, comparison.bits.get(level.name, 0.0))
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
