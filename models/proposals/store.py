"""The proposals: renewing them set-wise, linking what they name, following merges."""

import json

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..links.put import put
from ..match.judge import MAX_DOUBLES, MAX_KEPT, band_sql
from ..match.pipeline import trusted
from ..match.statements import without_jit
from ..sync.kinds import CONTACT_MODEL, get_kinds
from . import lookup
from .lookalike import forget
from .rules import get_link_kinds
from .states import BY_WEIGHT, LINKED, PROPOSED, REJECTED, get_states

UNIQUE_CONTACTS = (
    "(LEAST(contact_id, other_contact_id), GREATEST(contact_id, other_contact_id))"
    " WHERE other_contact_id IS NOT NULL"
)
# of a proposal that is there already: what was answered stays
REJECTED_SQL = SQL("state = %s", REJECTED)


def conflict_sql(side):
    """Return where a pair with a side's record stands once."""
    if side.model == CONTACT_MODEL:
        return SQL(UNIQUE_CONTACTS)
    column = SQL.identifier(side.column)
    return SQL("(contact_id, %s) WHERE %s IS NOT NULL", column, column)


def sort_again(Match, condition):
    """Put proposals into the bands of their companies' thresholds, the current one's
    where both records are shared.

    :param SQL condition: which proposals `m`
    """
    env = Match.env
    Match.flush_model()
    env["res.company"].flush_model()
    env.cr.execute(
        SQL(
            """
            UPDATE marketing_match m SET band = %s FROM %s t
             WHERE t.id = COALESCE(m.company_id, %s) AND %s
            """,
            band_sql(REJECTED_SQL),
            lookup.THRESHOLDS,
            env.company.id,
            condition,
        )
    )
    Match.invalidate_model(["band"])
    forget(env)


# ------------------------------------------------------------
# RENEW
# ------------------------------------------------------------


def renew(Match, side, contact_domain, other_domain):
    """Compare all contacts with all records of a side and renew the proposals.

    :param Match: `marketing.match`, with the rights to write proposals
    :param Side side: what contacts are compared with
    :param Domain contact_domain: whose proposals are renewed
    :param Domain other_domain: likewise; the others are rivals all the same
    :return: the ids of the proposals
    """
    env = Match.env
    asking = Match.sudo(False).env
    matcher = asking["marketing.match"]._get_matcher(side)
    matcher.refresh_all()
    Match.flush_model()
    domains = [contact_domain, contact_domain if matcher.itself else other_domain]
    readable, wanted = [], []
    for one, domain in zip((matcher.left, matcher.right), domains, strict=True):
        # archived ones are rivals, but nobody is asked about them
        model = asking[one.model]
        findable = Domain.TRUE
        if one.model == CONTACT_MODEL:
            findable = model._marketing_get_findable_domain()
        every = model.with_context(active_test=False)._search(findable)
        readable.append(every.select())
        wanted.append(model._search(domain).select())
    matcher.compare(left=readable[0], right=readable[1])
    ids = _save(Match, asking, matcher, wanted)
    Match.invalidate_model()
    forget(env)
    return ids


def _save(Match, asking, matcher, wanted):
    """Write what was found as proposals and remove those not found any more."""
    side = matcher.right
    with without_jit(Match.env.cr):
        _keep_found(asking, matcher, wanted)
        _remove_lost(Match, matcher)
        ids = _write(Match, side, SQL("SELECT * FROM match_kept"))
    matcher.drop(("match_kept", "match_asked", "match_other"))
    matcher.drop()
    return ids


def _keep_found(asking, matcher, wanted):
    """Make tables of the transaction of what was found and is kept, and of whose
    proposals are renewed.
    """
    rows = SQL("SELECT * FROM match_weighed")
    asking.cr.execute(
        SQL(
            """
            DROP TABLE IF EXISTS match_kept, match_asked, match_other;
            CREATE TEMPORARY TABLE match_asked ON COMMIT DROP AS
            SELECT id FROM match_left WHERE id IN (%(left)s);
            CREATE TEMPORARY TABLE match_other ON COMMIT DROP AS
            SELECT id FROM match_right WHERE id IN (%(right)s);
            CREATE TEMPORARY TABLE match_kept ON COMMIT DROP AS
            SELECT m.a_id AS contact_id, m.b_id AS other_id, m.company_id, m.score,
                   m.certain, m.band, %(levels)s AS levels
              FROM (%(judged)s) m
             WHERE m.free AND m.nth <= %(kept)s
                   AND m.a_id IN (SELECT id FROM match_asked)
                   AND m.b_id IN (SELECT id FROM match_other)
            """,
            left=wanted[0],
            right=wanted[1],
            levels=_levels_sql(matcher.comparisons),
            judged=lookup.banded_sql(asking, matcher.left, matcher.right, rows),
            kept=MAX_DOUBLES if matcher.itself else MAX_KEPT,
        )
    )


def _remove_lost(Match, matcher):
    """Remove the proposals of what was not found any more, but for people's answers."""
    side = matcher.right
    found = SQL("k.contact_id = m.contact_id AND k.other_id = m.%s", side_column(side))
    if matcher.itself:
        found = SQL(
            "(%s OR k.contact_id = m.other_contact_id AND k.other_id = m.contact_id)",
            found,
        )
    Match.env.cr.execute(
        SQL(
            """
            DELETE FROM marketing_match m
             WHERE m.state = ANY(%(gone)s)
               AND m.contact_id IN (SELECT id FROM match_asked)
               AND m.%(column)s IN (SELECT id FROM match_other)
               AND NOT EXISTS (SELECT FROM match_kept k WHERE %(found)s)
            """,
            gone=get_states(kept=False),
            column=side_column(side),
            found=found,
        )
    )


def side_column(side):
    """Return the SQL of the column that holds a side's record."""
    return SQL.identifier(side.column)


def _levels_sql(comparisons):
    """Return the SQL of the levels by name, as proposals keep them."""
    names = ", ".join(
        f"'{c.name}', (ARRAY[{', '.join(repr(level.name) for level in c.levels)}])"
        f"[levels[{number}]]"
        for number, c in enumerate(comparisons, 1)
    )
    return trusted(f"json_strip_nulls(json_build_object({names}))::jsonb")


def propose(Match, side, proposals):
    """Propose pairs that were found.

    :param Match: `marketing.match`, with the rights to write proposals
    :param Side side: what the contacts are compared with
    :param proposals: list of :class:`~.lookup.Proposal`
    """
    # a pair may be found from either end
    unique = {}
    for proposal in proposals:
        key = (proposal.contact_id, proposal.other_id)
        unique.setdefault(
            frozenset(key) if side.model == CONTACT_MODEL else key, proposal
        )
    if not unique:
        return
    Match.flush_model()
    rows = json.dumps([proposal._asdict() for proposal in unique.values()])
    _write(
        Match,
        side,
        SQL(
            """
            SELECT contact_id, other_id, company_id, score, certain, band, levels
              FROM jsonb_to_recordset(%s) AS r(
                   contact_id int, other_id int, company_id int, score float8,
                   certain bool, band varchar, levels jsonb)
            """,
            rows,
        ),
    )
    Match.invalidate_model()
    forget(Match.env)


def _write(Match, side, rows):
    """Write proposals; what people answered stays as it is.

    :param SQL rows: `contact_id`, `other_id`, `company_id`, `score`, `certain`, `band`,
        `levels`
    :return: the ids of those that are open, best first
    """
    env = Match.env
    env.cr.execute(
        SQL(
            """
            WITH written AS (
                INSERT INTO marketing_match AS m (
                    contact_id, %(column)s, target, company_id, score, certain, levels,
                    band, state, user_id, date, create_uid, create_date, write_uid,
                    write_date)
                SELECT contact_id, other_id, %(target)s, company_id, score, certain,
                       levels, band, %(proposed)s, %(uid)s, %(now)s, %(uid)s, %(now)s,
                       %(uid)s, %(now)s
                  FROM (%(rows)s) k ORDER BY contact_id, other_id
                ON CONFLICT %(conflict)s DO UPDATE
                   SET score = excluded.score, certain = excluded.certain,
                       levels = excluded.levels, company_id = excluded.company_id,
                       state = CASE m.state WHEN %(linked)s THEN %(proposed)s
                                            ELSE m.state END,
                       band = CASE m.state WHEN %(rejected)s THEN 'unsure'
                                           ELSE excluded.band END,
                       write_uid = excluded.write_uid, write_date = excluded.write_date
                RETURNING m.id, m.state, m.score
            )
            SELECT id FROM written WHERE state = ANY(%(open)s)
            ORDER BY score DESC, id
            """,
            column=side_column(side),
            target=side.column,
            proposed=PROPOSED,
            linked=LINKED,
            rejected=REJECTED,
            uid=env.uid,
            now=env.cr.now(),
            rows=rows,
            conflict=conflict_sql(side),
            open=get_states(open=True),
        )
    )
    return [id_ for (id_,) in env.cr.fetchall()]


# ------------------------------------------------------------
# LINK
# ------------------------------------------------------------


def link(matches):
    """Link contacts with what they are the same as, all of them or none.

    :raise UserError: if a rule of the links, or a lack of accounts, forbids one of them
    :raise RedirectWarning: if Marketing Setup lacks the code of a kind
    """
    env = matches.env
    wanted = list(_get_wanted(matches))
    _check_setup(env, wanted)
    vals_list = [vals for _match, of_match in wanted for vals in of_match]
    if vals_list:
        put(env["marketing.contact.relation"], vals_list, master="neither")
    # sudo: people answer proposals, they write nothing else on them
    matches.sudo().write({"state": LINKED, "user_id": env.uid, "date": env.cr.now()})


def _get_wanted(matches):
    """Yield each proposal with the values of its relations, none if it is linked.

    :raise UserError: if there is nothing to link with
    """
    env = matches.env
    kinds = get_kinds(env)
    matches.contact_id.check_access("write")
    contacts = matches.contact_id._get_linking_contact()
    matches.partner_id.check_access("read")
    # sudo: a link counts whether or not the user may see it
    existing = {
        (r.contact_id.id, r.kind, r._get_card().id)
        for r in contacts.sudo().relation_ids
        if r.kind
    }
    of_partners = [
        k for k in kinds.values() if k.card_model == "res.partner" and k.setup_field
    ]
    accounts = _get_accounts(matches.bank_id)
    for match in matches:
        contact_id = match.contact_id._get_linking_contact().id
        cards = []
        if match.partner_id:
            cards = _get_roles(match.partner_id, of_partners)
        elif match.bank_id:
            at_bank = accounts.get(match.bank_id.id, ())
            cards = [(kinds["bank_account"], account.id) for account in at_bank]
            if not cards:
                raise UserError(env._("There is no account at this bank to link with."))
        vals_list = [
            {"contact_id": contact_id, "kind": kind.name, kind.card_column: card_id}
            for kind, card_id in cards
            if (contact_id, kind.name, card_id) not in existing
        ]
        yield match, vals_list


def _get_roles(partner, kinds):
    """Return what a partner is to be linked as, with its id: what its ranks say, the
    first of the kinds if they say nothing.
    """
    partner = partner.sudo()  # sudo: whoever links may not read ranks, finance's fields
    found = [kind for kind in kinds if kind.rank_field and partner[kind.rank_field]]
    return [(kind, partner.id) for kind in found or kinds[:1]]


def _get_accounts(banks):
    """Return ``{bank id: accounts}``: those of our own companies, else all at it."""
    env = banks.env
    if not banks:
        return {}
    accounts = env["res.partner.bank"].search([("bank_id", "in", banks.ids)])
    # sudo: an account may be of a company that the user may not see
    companies = env["res.company"].sudo().search([])
    result = {}
    for bank, at_bank in accounts.grouped("bank_id").items():
        own = at_bank.filtered(lambda a: a.partner_id in companies.partner_id)
        result[bank.id] = own or at_bank
    return result


def _check_setup(env, wanted):
    """Raise what leads to the setup, if a kind's code is missing."""
    kinds = get_kinds(env)
    needed = set()
    for match, vals_list in wanted:
        company = match.company_id or env.company
        needed |= {(company, vals["kind"]) for vals in vals_list}
    for company, kind in sorted(needed, key=lambda pair: (pair[0].id, pair[1])):
        if kinds[kind].setup_field:
            company._marketing_require_relation(kind)


def settle(env, contact_ids, match_ids=()):
    """Bring the proposals of contacts to what the links say: those of what is linked
    are answered by it; of what is linked no more is asked again.

    :param contact_ids: of the contacts
    :param match_ids: of further proposals
    """
    if not contact_ids and not match_ids:
        return
    # sudo: a link answers a proposal whoever makes it
    Match = env["marketing.match"].sudo()
    for model in (Match, env["marketing.contact.relation"]):
        model.flush_model()
    sides = Match._get_sides().values()
    columns = [side.column for side in sides if side.model != CONTACT_MODEL]
    cards = SQL(", ").join(SQL.identifier("p", column) for column in columns)
    env.cr.execute(
        SQL(
            """
            UPDATE marketing_match p
               SET state = CASE WHEN p.state = %(linked)s THEN %(proposed)s
                                ELSE %(linked)s END
              FROM (SELECT p.id, p.contact_id, p.target, COALESCE(%(cards)s) AS b_id
                      FROM marketing_match p
                     WHERE p.contact_id = ANY(%(contacts)s) OR p.id = ANY(%(ids)s)) m
             WHERE p.id = m.id AND m.b_id IS NOT NULL
                   AND p.state = ANY(%(states)s)
                   AND (p.state = %(linked)s) IS DISTINCT FROM EXISTS (
                    SELECT FROM marketing_contact_relation x
                     WHERE x.contact_id = m.contact_id AND x.kind IS NOT NULL
                           AND (%(is_linked)s))
            """,
            linked=LINKED,
            proposed=PROPOSED,
            cards=cards,
            contacts=list(contact_ids),
            ids=list(match_ids),
            states=[LINKED, *get_states(open=True)],
            is_linked=_is_linked_sql(Match),
        )
    )
    if env.cr.rowcount:
        Match.invalidate_model(["state"])
        forget(env)


def _is_linked_sql(Match):
    """Return the SQL of whether a link `x` is with the other one of a proposal `m`."""
    columns = {
        kind.shared_column: side.column
        for side in Match._get_sides().values()
        for kind in get_link_kinds(Match.env, side)
    }
    return SQL(" OR ").join(
        SQL("(%s = m.b_id AND m.target = %s)", SQL.identifier("x", column), target)
        for column, target in columns.items()
    )


# ------------------------------------------------------------
# MERGES
# ------------------------------------------------------------


def follow_merge(Match, model_name, source_ids, survivor_id):
    """Let the pairs of merged records follow the survivor; where it has such a pair
    already, the answer that says most stays: rejected, later, proposed.
    """
    ids = [*source_ids, survivor_id]
    names = ["contact_id", *(s.column for s in Match._get_sides().values())]
    columns = [name for name in names if Match._fields[name].comodel_name == model_name]
    matches = Match.with_context(marketing_contact_with_merged=True).search(
        Domain.OR([(name, "in", ids)] for name in columns)
    )
    kept = {}
    for match in sorted(matches, key=lambda m: (BY_WEIGHT.index(m.state), m.id)):
        after = {
            name: survivor_id if match[name].id in source_ids else match[name].id
            for name in names
        }
        contacts = sorted(
            filter(None, (after["contact_id"], after["other_contact_id"]))
        )
        cards = (after[name] for name in names[1:] if name != "other_contact_id")
        key = (*contacts, *cards)
        itself = after["contact_id"] == after["other_contact_id"]
        if itself and match.state == LINKED:
            continue  # the pair that was merged: an undo needs it
        if itself or key in kept:
            match.unlink()
        else:
            kept[key] = (match, after)
    for match, after in kept.values():
        changed = {n: v for n, v in after.items() if match[n].id != v}
        if changed:
            match.write(changed)
    settle(Match.env, (), [match.id for match, _after in kept.values()])
