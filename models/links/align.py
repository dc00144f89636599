"""Bringing a contact and a card into line when they are tied together."""

from contextlib import contextmanager

from ..sync import engine
from ..sync.rights import get_records, name_in_chatter
from ..sync.values import get_value, is_empty, is_same
from .checks import are_companies_compatible


class Pair:
    """A contact and the record it shares with, as the rules of linking look at them.

    :param contact: the contact, with the rights to read it
    :param card: the record of the card, likewise
    :param str master: ``contact``, ``card`` or ``neither``
    :param dict keep: ``{contact field: "contact" or "card"}``
    """

    def __init__(self, contact, card, master, keep):
        self.contact, self.card = contact, card
        self.master, self.keep = master, keep

    def get_winners(self, lines):
        """Return ``{line: which side's value is kept}`` when the two are linked.

        An empty value never beats a filled one. Lines of one block, such as an address,
        are one value: where the two sides contradict each other in any of them, one
        side's block wins whole, its empty fields included; where nothing contradicts
        they complete each other.

        :param list[SharedField] lines: the map of the link's kind
        :return: of the lines with something to do
        """
        winners = {}
        blocks = {}
        for line in lines:
            if line.block:
                blocks.setdefault(line.block, []).append(line)
            else:
                winners[line] = self._get_winner(line)
        for block in blocks.values():
            if not self._contradicts_in(block):
                for line in block:
                    winners[line] = self._get_winner(line)
                continue
            side = self._get_block_side(block)
            for line in block:
                contact_value, card_value = self._get_values(line)
                if side and contact_value != card_value:
                    winners[line] = _get_way(line, side)
        return {line: winners[line] for line in lines if winners.get(line)}

    def _get_values(self, line):
        return (
            get_value(self.contact, line.contact_field),
            get_value(self.card, line.card_field),
        )

    def _get_winner(self, line):
        """Return ``contact``, ``card``, or None if there is nothing to do."""
        contact_value, card_value = self._get_values(line)
        if contact_value == card_value:
            return None
        if is_empty(self.card, line.card_field, card_value):
            return _get_way(line, "contact")
        if is_empty(self.contact, line.contact_field, contact_value):
            return _get_way(line, "card")
        if line.contact_field not in self.keep and self.master == "neither":
            return None
        if not line.to_contact:
            return "contact"
        if not line.to_card:
            return "card"
        chosen = self.master if line.on_link == "master" else line.on_link
        return self.keep.get(line.contact_field, chosen)

    def _get_block_side(self, block):
        """Return whose block wins, None for neither's."""
        for line in block:
            if line.contact_field in self.keep:
                return self.keep[line.contact_field]
        if self.master == "neither":
            return None
        chosen = (line.on_link for line in block if line.on_link != "master")
        return next(chosen, self.master)

    def _contradicts_in(self, block):
        """Return whether the two sides of a block can't be one value.

        A state of one country contradicts another country, though the fields differ.
        """
        if any(self._contradicts(line) for line in block):
            return True
        countries = set()
        for record, side in (
            (self.contact, "contact_field"),
            (self.card, "card_field"),
        ):
            for line in block:
                field = record._fields[getattr(line, side)]
                if field.type != "many2one":
                    continue
                value = record[field.name]
                if value._name == "res.country.state":
                    value = value.country_id
                if value._name == "res.country" and value:
                    countries.add(value)
        return len(countries) > 1

    def _contradicts(self, line):
        """Return whether both sides are filled and differ, in more than notation."""
        contact_value, card_value = self._get_values(line)
        return (
            not is_same(self.contact, line.contact_field, contact_value, card_value)
            and not is_empty(self.contact, line.contact_field, contact_value)
            and not is_empty(self.card, line.card_field, card_value)
        )


def _get_way(line, winner):
    """Return the winner, or None if its value may not travel."""
    may_travel = line.to_card if winner == "contact" else line.to_contact
    return winner if may_travel else None


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
        _align_once(firsts, master, keep or {})


def _align_once(relations, master, keep):
    env = relations.env
    links = engine.get_links(relations.contact_id)
    own_links = [link for link in links if link.relation_id in relations._ids]
    records = get_records(env, engine.get_sides(own_links))
    from_card, from_contact = {}, {}
    for link in own_links:
        contact, card = records[link.contact], records[link.card]
        lines = env["marketing.sync.field"]._get_kind_map(link.kind)
        winners = Pair(contact, card, master, keep).get_winners(lines)
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
    moved = _get_moved_contacts(relations, company)
    for record in moved:
        record.company_id = False
    yield
    # what Odoo has yet to compute of the links is checked before the contacts move
    relations.exists().mapped("company_id")
    for record, target in moved.items():
        if target:
            record.company_id = target
        record._message_log(
            body=relations.env._(
                "This contact now belongs to %(company)s, as its customer, vendor "
                "or bank account was moved.",
                company=target.name or relations.env._("all companies"),
            )
        )


def _get_moved_contacts(relations, company):
    """Return ``{contact or person: its company afterwards}``, and let go of the links
    whose place in the company is taken.
    """
    kinds = relations._get_kinds()
    personal = set(relations._get_personal_kinds())
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
        if not moving or are_companies_compatible(own, company):
            continue
        others = staying.company_id
        fits = all(are_companies_compatible(company, c) for c in others)
        target = company if fits else others[:0]
        people = contact.with_context(active_test=False).child_ids
        for record in contact | people.filtered(
            lambda p, own=own: (
                p.company_id == own
                and personal.issuperset(p.relation_ids.mapped("kind"))
            )
        ):
            moved[record] = target
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
