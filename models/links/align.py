"""Bringing a contact and a card into line when they are tied together."""

from contextlib import contextmanager

from ..contact.companies import go_together
from ..sync import engine
from ..sync.kinds import CONTACT_MODEL, get_kinds
from ..sync.rights import get_records, name_in_chatter
from ..sync.values import Block, get_value
from .flags import raise_flags


def get_winners(contact, card, lines, master, keep=None):
    """Return ``{line: which side's value is kept}`` when the two are linked.

    An empty value never beats a filled one. Lines of one block, such as an address,
    are one value: where the two sides contradict each other, one side's block wins
    whole, its empty fields included; where nothing contradicts they complete each
    other.

    :param contact: the contact, with the rights to read it
    :param card: the record that the card shares, likewise
    :param list[SharedField] lines: the map of the link's kind
    :param str master: ``contact``, ``card`` or ``neither``
    :param dict keep: ``{contact field: "contact" or "card"}``, exceptions to master
    :return: of the lines with something to do
    """
    keep = keep or {}
    own = Block.of(contact, [line.contact_field for line in lines])
    names = {line.contact_field: line.card_field for line in lines}
    other = Block(contact, {n: get_value(card, own) for n, own in names.items()})
    sides = {line: _get_side(line, own, other, master, keep) for line in lines}
    blocks = {}
    for line in lines:
        blocks.setdefault(line.block, []).append(line)
    for name, of_block in blocks.items():
        names = [line.contact_field for line in of_block]
        if name and own.pick(names).contradicts(other.pick(names)):
            sides |= dict.fromkeys(of_block, _get_choice(of_block, master, keep))
    return {
        line: side
        for line, side in sides.items()
        if side
        and line.may_send(side)
        and own[line.contact_field] != other[line.contact_field]
    }


def _get_side(line, own, other, master, keep):
    """Return whose value wins of a field that is a value by itself, None for neither's.

    :param Block own: the contact's values
    :param Block other: the card's
    """
    name = line.contact_field
    if not other.is_filled(name):
        return "contact"
    if not own.is_filled(name):
        return "card"
    side = _get_choice([line], master, keep)
    if side is None or line.both_ways:
        return side
    return "contact" if line.to_card else "card"


def _get_choice(lines, master, keep):
    """Return whose value or block wins, None for neither's: that of the first field to
    be kept, else of the first line that says so, else the master's.
    """
    for line in lines:
        if line.contact_field in keep:
            return keep[line.contact_field]
    if master == "neither":
        return None
    return next((line.on_link for line in lines if line.on_link != "master"), master)


def align(relations, master="contact", keep=None):
    """Bring each contact and its card into line, as chosen when linking.

    An empty value never beats a filled one. What changes on the contact goes on to its
    other cards.

    :param str master: ``contact``, ``card`` or ``neither``
    :param dict keep: ``{contact field: "contact" or "card"}``, exceptions to master
    """
    remaining = relations
    while remaining:
        # one relation of each contact at a time: the next one starts from there
        firsts = relations.browse(
            {relation.contact_id.id: relation.id for relation in remaining}.values()
        )
        remaining -= firsts
        _align_once(firsts, master, keep)


def _align_once(relations, master, keep):
    env = relations.env
    links = engine.get_links(relations.contact_id)
    own_ids = set(relations._ids)
    own_links = [link for link in links if link.relation_id in own_ids]
    records = get_records(env, engine.get_sides(own_links))
    from_card, from_contact = {}, {}
    for link in own_links:
        contact, card = records[link.contact], records[link.card]
        lines = env["marketing.sync.field"]._get_kind_map(link.kind)
        winners = get_winners(contact, card, lines, master, keep)
        for line, winner in winners.items():
            if winner == "card":
                value = get_value(card, line.card_field)
                from_card.setdefault(link.card, {})[line.card_field] = value
            else:
                value = get_value(contact, line.contact_field)
                from_contact.setdefault(link.contact, {})[line.contact_field] = value
    if from_card:
        engine.propagate(env, links, from_card)
    if from_contact:
        engine.propagate(env, own_links, from_contact)


# ------------------------------------------------------------
# CARDS THAT MOVE TO ANOTHER COMPANY
# ------------------------------------------------------------


@contextmanager
def following(relations, company_id):
    """Let contacts follow cards that a write, inside, moves to another company:
    finance is not stopped by what only marketing knows.

    The contact goes along, or becomes a shared one where it has cards elsewhere. Where
    it has such a card there already, it keeps that one, and the moved card's link goes.

    :param relations: the links of the cards, with the rights to write them
    :param company_id: id of the company that the cards move to, or False
    """
    if not relations:
        yield
        return
    company = relations.env["res.company"].browse(company_id or ())
    # who gives one of the contacts another company at the same time starts over
    raise_flags(relations.env, {CONTACT_MODEL: relations.contact_id.ids})
    moved = _get_moved_contacts(relations, company)
    for record in moved:
        record.company_id = False
    yield
    # what Odoo has yet to compute of the links is checked before the contacts move
    relations.exists().mapped("company_id")
    for record, home in moved.items():
        if home:
            record.company_id = home
        record._message_log(
            body=relations.env._(
                "This contact now belongs to %(company)s, as its customer, vendor "
                "or bank account was moved.",
                company=home.name or relations.env._("all companies"),
            )
        )


def _get_moved_contacts(relations, company):
    """Return ``{contact or person: its company afterwards}``, and let go of the links
    whose place in the company is taken.
    """
    kinds = get_kinds(relations.env)
    personal = set(kinds.personal)
    moved = {}
    for contact, moving in relations.grouped("contact_id").items():
        staying = contact.relation_ids._filter_cards() - moving
        taken = {r.kind for r in staying if r.company_id == company}
        for relation in moving:
            if not kinds[relation.kind].single:
                continue
            if relation.kind not in taken:
                taken.add(relation.kind)
                continue
            moving -= relation
            _leave_taken(relation, company)
        own = contact.company_id
        if not moving or go_together(own, company):
            continue
        others = staying.company_id
        fits = all(go_together(company, c) for c in others)
        home = company if fits else others[:0]
        people = contact.with_context(active_test=False).child_ids
        for record in contact | people.filtered(
            lambda p, own=own: (
                p.company_id == own
                and personal.issuperset(p.relation_ids.mapped("kind"))
            )
        ):
            moved[record] = home
    return moved


def _leave_taken(relation, company):
    """Remove a link whose place is taken in the company its card moves to."""
    env = relation.env
    contact = relation.contact_id
    text = env._(
        "%(kind)s %(card)s was moved to %(company)s, where this contact has "
        "another one, and is no longer linked with this contact.",
        kind=relation._get_kind_name(),
        card=name_in_chatter(relation._get_card(), contact),
        company=company.name or env._("all companies"),
    )
    relation.unlink()
    contact._message_log(body=text)
