"""What the rules of links, archives and guards say of pairs that were found."""

from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

from ..match.sides import SIDES
from ..sync.kinds import get_kinds


class Pair(NamedTuple):
    """A contact and what it may be the same as, by their ids."""

    id: int
    other_id: int


def _get_contact_pairs(found, left):
    """Return ``{(contact id, card id): pair of ids as found}``."""
    if left == "contact":
        return {(pair.id, pair.other_id): (pair.id, pair.other_id) for pair in found}
    return {(pair.other_id, pair.id): (pair.id, pair.other_id) for pair in found}


def _get_kinds(env, card_side, kind=None):
    """Return the kinds of links with records of a side."""
    model = SIDES[card_side].model
    return [
        known
        for known in get_kinds(env).values()
        if known.shared_model == model
        and known.setup_field
        and kind in (None, known.name)
    ]


def _read_relations(env, pairs, card_side):
    """Return the links of contacts and cards, and the column of the card."""
    column = SIDES[card_side].column
    # sudo: a rule holds whether or not the user may see what it is about
    relations = env["marketing.contact.relation"].sudo()
    relations.flush_model()
    relations = relations.search(
        Domain("kind", "!=", False)
        & (
            Domain("contact_id", "in", list({contact for contact, _card in pairs}))
            | Domain(column, "in", list({card for _contact, card in pairs}))
        )
    )
    return relations, column


def get_linked(env, found, left, right, kind=None):
    """Return the pairs that are linked already.

    :param kind: only as that; by default as whatever
    """
    if left == right or not found:
        return set()
    pairs = _get_contact_pairs(found, left)
    card_side = right if left == "contact" else left
    relations, column = _read_relations(env, pairs, card_side)
    linked = {
        (relation.contact_id.id, relation[column].id)
        for relation in relations
        if kind in (None, relation.kind)
    }
    return {pair for key, pair in pairs.items() if key in linked}


def get_obstacles(env, found, left, right, kind=None):
    """Return the pairs that a rule of the links forbids to link: the card has another
    contact, or its place on the contact is taken.
    """
    if left == right or not found:
        return set()
    pairs = _get_contact_pairs(found, left)
    card_side = right if left == "contact" else left
    relations, column = _read_relations(env, pairs, card_side)
    contact_of, places, banks = {}, set(), {}
    for relation in relations:
        contact_id = relation.contact_id.id
        if relation[column]:
            contact_of.setdefault(relation[column].id, set()).add(contact_id)
        places.add((contact_id, relation.kind, relation.company_id.id))
        if relation.bank_id:
            banks.setdefault(contact_id, set()).add(relation.bank_id.id)
    kinds = _get_kinds(env, card_side, kind)
    # sudo: as above
    cards = env[SIDES[card_side].model].sudo().browse({card for _c, card in pairs})
    companies = {}
    if "company_id" in cards._fields:
        companies = {card.id: card.company_id.id for card in cards}

    def is_free(contact_id, card_id):
        if contact_of.get(card_id, {contact_id}) != {contact_id}:
            return False
        if card_side == "bank":
            return banks.get(contact_id, {card_id}) == {card_id}
        company_id = companies.get(card_id, False)
        return any(
            not known.single or (contact_id, known.name, company_id) not in places
            for known in kinds
        )

    return {pair for key, pair in pairs.items() if not is_free(*key)}


def get_unsafe(env, side, ids):
    """Return those of the records that nothing is linked with by itself: archived ones,
    and partners of users and of our own companies, which are guarded.
    """
    # sudo: it holds whoever asks
    records = env[SIDES[side].model].sudo().browse(ids)
    unsafe = {record.id for record in records if not record.active}
    if side == "partner" and ids:
        env["res.users"].flush_model(["partner_id"])
        env["res.company"].flush_model(["partner_id"])
        rows = env.execute_query(
            SQL(
                "SELECT partner_id FROM res_users WHERE partner_id = ANY(%(ids)s) "
                "UNION "
                "SELECT partner_id FROM res_company WHERE partner_id = ANY(%(ids)s)",
                ids=list(ids),
            )
        )
        unsafe.update(id_ for (id_,) in rows)
    return unsafe
