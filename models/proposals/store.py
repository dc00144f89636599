"""The proposals: renewing them set-wise, linking what they name, following merges."""

import json

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..links.put import put
from ..match.matcher import (
    AHEAD,
    BACK_SCORE,
    LEAST_SCORE,
    MAX_BITS,
    MAX_DOUBLES,
    MAX_KEPT,
    Matcher,
)
from ..match.sides import SIDES
from ..sync.kinds import get_kinds
from .lookalike import forget
from .rules import _get_kinds

# what a proposal is until somebody answers it
OPEN_STATES = ("proposed", "later")
SIDE_OF = {side.column: side.name for side in SIDES.values()}
CONFLICTS = {
    "partner_id": "(contact_id, partner_id) WHERE partner_id IS NOT NULL",
    "bank_id": "(contact_id, bank_id) WHERE bank_id IS NOT NULL",
    "other_contact_id": (
        "(LEAST(contact_id, other_contact_id), GREATEST(contact_id, other_contact_id))"
        " WHERE other_contact_id IS NOT NULL"
    ),
}


def band_sql(company):
    """Return the SQL of the band of a proposal, by the company's thresholds."""
    company = company.sudo()  # sudo: thresholds hold whoever asks
    return SQL(
        """
        CASE WHEN state = 'rejected' THEN 'unsure'
             WHEN certain AND score >= %s THEN 'sure'
             WHEN score >= %s THEN 'ask' ELSE 'unsure' END
        """,
        company.marketing_match_sure,
        company.marketing_match_ask,
    )


def sort_again(env, matches):
    """Put the proposals into their bands."""
    matches.flush_recordset()
    if matches:
        env.cr.execute(
            SQL(
                "UPDATE marketing_match SET band = %s WHERE id = ANY(%s)",
                band_sql(env.company),
                matches.ids,
            )
        )
        matches.invalidate_recordset(["band"])
        forget(env)


# ------------------------------------------------------------
# RENEW
# ------------------------------------------------------------


def renew(Match, target, contact_domain, partner_domain):
    """Compare all contacts with all records of a side and renew the proposals.

    :param Match: `marketing.match`, with the rights to write proposals
    :param str target: the field that holds what contacts are compared with
    :param Domain contact_domain: which contacts
    :param Domain partner_domain: which partners
    :return: the ids of the proposals
    """
    env = Match.env
    asking = Match.sudo(False).env
    right = SIDE_OF[target]
    matcher = Matcher(env, "contact", right)
    matcher.refresh()
    Match.flush_model()
    env["marketing.contact.relation"].flush_model()
    Contact = asking["marketing.contact"]
    if "merged_into_id" in Contact._fields:
        contact_domain &= Domain("merged_into_id", "=", False)
    contact_domain &= Contact._marketing_get_findable_domain()
    contacts = Contact._search(contact_domain).select()
    if target == "partner_id":
        others = asking["res.partner"]._search(partner_domain).select()
    elif target == "bank_id":
        others = asking["res.bank"]._search([]).select()
    else:
        others = contacts
    for _step in matcher.compare(contacts, others):
        pass
    ids = _save(Match, target)
    Match.invalidate_model()
    forget(env)
    return ids


def _save(Match, target):
    """Write what was found as proposals and remove those not found any more."""
    env = Match.env
    side = SIDES[SIDE_OF[target]]
    double = target == "other_contact_id"
    values = {
        "target": SQL.identifier(target),
        "target_name": target,
        "table": SQL.identifier(side.table),
        "obstacle": SQL("FALSE") if double else _obstacle_sql(env, side),
        "unsafe": _unsafe_sql(side),
        "rivals": SQL("0") if double else SQL("sum_left - odds"),
        "ahead": SQL("TRUE")
        if double
        else SQL(
            """
            bits - COALESCE(next_left, -60) >= %(ahead)s AND nth_left = 1
            AND bits - COALESCE(next_right, -60) >= %(ahead)s AND nth_right = 1
            AND 100 * odds / (1 + sum_right) >= %(back)s
            """,
            ahead=AHEAD,
            back=BACK_SCORE,
        ),
        "bits": MAX_BITS,
        "least": LEAST_SCORE,
        "kept": MAX_DOUBLES if double else MAX_KEPT,
        "company": env.company.id,
        "uid": env.uid,
        "now": env.cr.now(),
        "conflict": SQL(CONFLICTS[target]),
        "open": list(OPEN_STATES),
    }
    env.cr.execute(SQL("DROP TABLE IF EXISTS match_kept"))
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE match_kept ON COMMIT DROP AS
            WITH pair AS (
                SELECT m.*, power(2, LEAST(bits, %(bits)s)) AS odds,
                       l.company_id AS left_company, r.company_id AS right_company
                  FROM match_result m
                  JOIN match_left l ON l.id = m.a_id
                  JOIN match_right r ON r.id = m.b_id
                 WHERE NOT (%(obstacle)s)
            ), ranked AS (
                SELECT *, SUM(odds) OVER left_side AS sum_left,
                       SUM(odds) OVER right_side AS sum_right,
                       row_number() OVER from_left AS nth_left,
                       row_number() OVER from_right AS nth_right,
                       lead(bits) OVER from_left AS next_left,
                       lead(bits) OVER from_right AS next_right
                  FROM pair
                WINDOW left_side AS (PARTITION BY a_id),
                       right_side AS (PARTITION BY b_id),
                       from_left AS (PARTITION BY a_id ORDER BY bits DESC, b_id),
                       from_right AS (PARTITION BY b_id ORDER BY bits DESC, a_id)
            ), scored AS (
                SELECT *, 100 * odds / (1 + odds + %(rivals)s) AS score,
                       certain AND %(ahead)s AS is_certain
                  FROM ranked
            )
            SELECT a_id, b_id, score, levels,
                   is_certain AND NOT %(unsafe)s AS certain,
                   COALESCE(left_company, right_company) AS company_id
              FROM scored s
             WHERE score >= %(least)s AND nth_left <= %(kept)s
            """,
            **values,
        )
    )
    env.cr.execute(
        SQL(
            """
            DELETE FROM marketing_match m
             WHERE m.%(target)s IS NOT NULL AND m.state = 'proposed'
               AND m.contact_id IN (SELECT id FROM match_left)
               AND m.%(target)s IN (SELECT id FROM match_right)
               AND NOT EXISTS (
                SELECT FROM match_kept k WHERE (k.a_id, k.b_id) IN (
                    (m.contact_id, m.%(target)s), (m.%(target)s, m.contact_id)))
            """
            if double
            else """
            DELETE FROM marketing_match m
             WHERE m.%(target)s IS NOT NULL AND m.state = 'proposed'
               AND m.contact_id IN (SELECT id FROM match_left)
               AND m.%(target)s IN (SELECT id FROM match_right)
               AND NOT EXISTS (
                SELECT FROM match_kept k
                 WHERE k.a_id = m.contact_id AND k.b_id = m.%(target)s)
            """,
            target=values["target"],
        )
    )
    env.cr.execute(
        SQL(
            """
            WITH written AS (
                INSERT INTO marketing_match AS m (
                    contact_id, %(target)s, target, company_id, score, certain, levels,
                    band, state, user_id, date, create_uid, create_date, write_uid,
                    write_date)
                SELECT k.a_id, k.b_id, %(target_name)s, k.company_id, k.score,
                       k.certain,
                       k.levels,
                       CASE WHEN k.certain AND k.score >= c.marketing_match_sure
                            THEN 'sure'
                            WHEN k.score >= c.marketing_match_ask THEN 'ask'
                            ELSE 'unsure' END,
                       'proposed', %(uid)s, %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM match_kept k
                  JOIN res_company c ON c.id = COALESCE(k.company_id, %(company)s)
                ORDER BY k.a_id, k.b_id
                ON CONFLICT %(conflict)s DO UPDATE
                   SET score = excluded.score, certain = excluded.certain,
                       levels = excluded.levels, company_id = excluded.company_id,
                       state = CASE m.state WHEN 'linked' THEN 'proposed'
                                            ELSE m.state END,
                       band = CASE m.state WHEN 'rejected' THEN 'unsure'
                                           ELSE excluded.band END,
                       write_uid = excluded.write_uid, write_date = excluded.write_date
                RETURNING m.id, m.state, m.score
            )
            SELECT id FROM written WHERE state = ANY(%(open)s)
            ORDER BY score DESC, id
            """,
            **values,
        )
    )
    ids = [id_ for (id_,) in env.cr.fetchall()]
    env.cr.execute("DROP TABLE match_kept, match_result, match_left, match_right")
    return ids


def _obstacle_sql(env, side):
    """Return the SQL of whether a pair is linked, or a rule of the links forbids it."""
    if side.name == "bank":
        return SQL(
            """
            EXISTS (SELECT FROM marketing_contact_relation x WHERE x.bank_id = m.b_id)
            OR EXISTS (SELECT FROM marketing_contact_relation x
                        WHERE x.contact_id = m.a_id AND x.bank_id IS NOT NULL)
            """
        )
    kinds = _get_kinds(env, side.name)
    return SQL(
        """
        EXISTS (SELECT FROM marketing_contact_relation x
                 WHERE x.partner_id = m.b_id AND x.kind IS NOT NULL)
        OR %(kinds)s <= (
            SELECT COUNT(*) FROM marketing_contact_relation x
             WHERE x.contact_id = m.a_id AND x.kind = ANY(%(names)s)
               AND x.company_id IS NOT DISTINCT FROM r.company_id)
        """,
        kinds=len(kinds),
        names=[kind.name for kind in kinds],
    )


def _unsafe_sql(side):
    """Return the SQL of whether one of the two is archived or guarded."""
    archived = SQL(
        """
        (EXISTS (SELECT FROM marketing_contact x WHERE x.id = s.a_id AND NOT x.active)
        OR EXISTS (SELECT FROM %s x WHERE x.id = s.b_id AND NOT x.active)
        """,
        SQL.identifier(side.table),
    )
    if side.name != "partner":
        return SQL("%s)", archived)
    return SQL(
        """
        %s OR EXISTS (SELECT FROM res_users x WHERE x.partner_id = s.b_id)
        OR EXISTS (SELECT FROM res_company x WHERE x.partner_id = s.b_id))
        """,
        archived,
    )


def propose(Match, target, rows):
    """Propose pairs that were found while contacts were made.

    :param Match: `marketing.match`, with the rights to write proposals
    :param rows: dicts of `contact_id`, `other_id`, `company_id`, `score`, `certain`,
        `levels`, `band`
    """
    env = Match.env
    if not rows:
        return
    Match.flush_model()
    env.cr.execute(
        SQL(
            """
            INSERT INTO marketing_match AS m (
                contact_id, %(target)s, target, company_id, score, certain, levels,
                band, state, user_id, date, create_uid, create_date, write_uid,
                write_date)
            SELECT contact_id, other_id, %(name)s, company_id, score, certain, levels,
                   band, 'proposed', %(uid)s, %(now)s, %(uid)s, %(now)s, %(uid)s,
                   %(now)s
              FROM jsonb_to_recordset(%(rows)s) AS r(
                   contact_id int, other_id int, company_id int, score float8,
                   certain bool, levels jsonb, band varchar)
            ON CONFLICT %(conflict)s DO UPDATE
               SET score = excluded.score, certain = excluded.certain,
                   levels = excluded.levels,
                   band = CASE m.state WHEN 'rejected' THEN 'unsure'
                                       ELSE excluded.band END
            """,
            target=SQL.identifier(target),
            name=target,
            uid=env.uid,
            now=env.cr.now(),
            rows=json.dumps(rows),
            conflict=SQL(CONFLICTS[target]),
        )
    )
    Match.invalidate_model()
    forget(env)


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
    matches.sudo().write({"state": "linked", "user_id": env.uid, "date": env.cr.now()})


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
            # sudo: whoever links may not read ranks, fields of finance
            partner = match.partner_id.sudo()
            found = [k for k in of_partners if k.rank_field and partner[k.rank_field]]
            cards = [(kind, partner.id) for kind in found or of_partners[:1]]
        elif match.bank_id:
            cards = [
                (kinds["bank_account"], account.id)
                for account in accounts.get(match.bank_id.id, ())
            ]
            if not cards:
                raise UserError(env._("There is no account at this bank to link with."))
        yield (
            match,
            [
                {"contact_id": contact_id, "kind": kind.name, kind.card_column: card_id}
                for kind, card_id in cards
                if (contact_id, kind.name, card_id) not in existing
            ],
        )


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


# ------------------------------------------------------------
# MERGES
# ------------------------------------------------------------


def follow_merge(Match, model_name, source_ids, target_id):
    """Let the pairs of merged records follow the survivor; where it has such a pair
    already, the answer that says most stays: rejected, later, proposed.
    """
    rank = {"rejected": 0, "linked": 1, "later": 2, "proposed": 3}
    ids = [*source_ids, target_id]
    columns = [
        name
        for name in ("contact_id", *SIDE_OF)
        if Match._fields[name].comodel_name == model_name
    ]
    matches = Match.with_context(marketing_contact_with_merged=True).search(
        Domain.OR([(name, "in", ids)] for name in columns)
    )
    kept = {}
    for match in sorted(matches, key=lambda m: (rank[m.state], m.id)):
        after = {
            name: target_id if match[name].id in source_ids else match[name].id
            for name in ("contact_id", *SIDE_OF)
        }
        contacts = sorted(
            filter(None, (after["contact_id"], after["other_contact_id"]))
        )
        key = (*contacts, after["partner_id"], after["bank_id"])
        itself = after["contact_id"] == after["other_contact_id"]
        if itself and match.state == "linked":
            continue  # the pair that was merged: an undo needs it
        if itself or key in kept:
            match.unlink()
        else:
            kept[key] = (match, after)
    for match, after in kept.values():
        changed = {n: v for n, v in after.items() if match[n].id != v}
        if changed:
            match.write(changed)
