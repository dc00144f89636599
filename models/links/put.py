"""The one way in: here links are made and changed, whoever asks.

`create` and `write` of `marketing.contact.relation` come here. Code that knows more
calls :func:`put`, which stores by those two, so that whoever extends them hears of it.
"""

from typing import NamedTuple

from odoo.exceptions import UserError

from ..contact.input import check_ids, without_defaults
from ..sync.kinds import CONTACT_MODEL, get_kinds
from ..sync.session import get_session, open_journal
from . import checks, flags
from .align import align

# what linking looks at on cards, as far as they have it
READ_OF_CARDS = ("bank_id", "commercial_partner_id", "company_id")


class LinkOptions(NamedTuple):
    """How to link.

    :ivar master: whose value wins where both sides are filled and differ: ``contact``,
        ``card`` or ``neither``
    :ivar keep: ``{contact field: "contact" or "card"}``, exceptions to master
    :ivar align: False where the caller knows that the two sides are the same, or sees
        to the values himself
    :ivar new_contacts: True where nobody else can know of the contacts yet
    :ivar new_cards: False where a card has only become another record, as by a merge
    :ivar ties: False where the caller sees to the people of both sides
    :ivar to_contacts: whether people whom only the card has become contacts; None as
        Marketing Setup says
    :ivar to_cards: whether people whom only the contact has become the card's; likewise
    """

    master: str = "contact"
    keep: dict | None = None
    align: bool = True
    new_contacts: bool = False
    new_cards: bool = True
    ties: bool = True
    to_contacts: bool | None = None
    to_cards: bool | None = False


def put(relations, vals_list, store=None, **options):
    """Make links, or change those that are there: all of them or none.

    :param relations: none to make new ones, else those to change
    :param list vals_list: the values of each of them, as `create` and `write` take them
    :param store: what stores them, by default `create` or `write` of the relations
    :param options: see :class:`LinkOptions`
    :return: the relations
    :raise UserError: for an unknown kind, or a card that is gone or can't be one
    :raise ValidationError: if a rule of the links is broken
    :raise RedirectWarning: if Marketing Setup lacks the code of a kind
    """
    env, options = relations.env, LinkOptions(**options)
    relations = without_defaults(relations)
    before = [relation._get_link_values() for relation in relations]
    left = flags.get_sides(relations)
    vals_list = _prepare(relations, before, vals_list)
    checks.check_sides(relations, vals_list, options.new_cards)
    relations._check_links(vals_list, options)
    flags.raise_flags(relations.env, _get_sides(relations, vals_list, options))
    checks.check_free(relations, vals_list)
    with open_journal(env, "link") as journal:
        links = _store(relations, vals_list, store, journal)
        moved = _note(journal, links, before)
        flags.lower_flags(env, left, links)
        moved._raise_ranks()
        _align(moved, options, is_new=not before)
        moved._follow_links(left, options)
    return links.with_env(env)


# ------------------------------------------------------------
# WHOSE LINK, WHICH CARD, WHICH CODE
# ------------------------------------------------------------


def _prepare(relations, before, vals_list):
    """Return the values of links with all that follows from them, whatever the caller
    says of that: the contact that carries the link, its code, the company of the card
    and what it shares. Odoo would compute them one by one.
    """
    filled = [
        _fill(relations, old, vals)
        for old, vals in zip(before or [{}] * len(vals_list), vals_list, strict=True)
    ]
    _read_sides(relations, filled)
    codes = {}
    known = relations or [relations] * len(vals_list)
    return [
        _follow_card(relation, full, vals, codes)
        for relation, full, vals in zip(known, filled, vals_list, strict=True)
    ]


def _fill(relations, old, vals):
    """Return all values of a link: those of before count where `vals` name no others,
    but for the card of another kind.
    """
    names = relations._get_side_names()
    full = {**old, **vals}
    full |= {name: full.get(name) or False for name in names}
    kind = None
    if full["kind"]:
        relations.env[CONTACT_MODEL]._check_kind(full["kind"])
        kind = get_kinds(relations.env)[full["kind"]]
    if old and full["kind"] != old["kind"]:
        for column in get_kinds(relations.env).columns:
            if not (kind and kind.card_column == column):
                full[column] = vals.get(column) or False
    return full


def _read_sides(relations, vals_list):
    """Read contacts and cards all at once; what follows looks at them singly.

    :raise UserError: for ids that are none, or of records that are gone
    """
    env = relations.env
    sides = {"contact_id": CONTACT_MODEL, **get_kinds(env).columns}
    codes = [vals["business_relation_id"] for vals in vals_list]
    check_ids(env, [code for code in codes if code])
    for column, model_name in sides.items():
        ids = check_ids(env, [vals[column] for vals in vals_list if vals[column]])
        # sudo: the rights are checked where the values are used
        records = env[model_name].sudo().browse(dict.fromkeys(ids))
        if len(records.exists()) < len(records):
            raise UserError(
                env._("What to link with does not exist any more. Choose another.")
            )
        if ids and column == "contact_id":
            records.fetch(["is_company", "parent_id"])
            records.sudo(env.su).check_access("write")
        elif ids:
            records.fetch([n for n in READ_OF_CARDS if n in records._fields])


def _follow_card(relation, full, vals, codes):
    """Return the values of a link with what follows from its contact and its card.

    :param relation: the one to be changed, if there is one
    :param dict full: as of :func:`_fill`
    :param dict vals: what the caller gave
    :param dict codes: ``{(company, kind): id of the code}``, as far as it is known
    """
    env = relation.env
    kinds = get_kinds(env)
    shared = {kind.shared_column for kind in kinds.values()} - kinds.columns.keys()
    full = {**full, **dict.fromkeys(shared, False), "company_id": False}
    kind = kinds.get(full["kind"])
    if not kind:
        return full
    # sudo: the rights on the card are checked where all are there
    card = env[kind.card_model].sudo().browse(full[kind.card_column])
    company = card.company_id
    full[kind.shared_column] = card._marketing_get_shared_record().id
    full["company_id"] = company.id
    if kind.personal:
        return {**full, "business_relation_id": False}
    contact = env[CONTACT_MODEL].browse(full["contact_id"])
    full["contact_id"] = contact._get_linking_contact().id
    is_other = relation.kind != kind.name or relation.company_id != company
    if not full["business_relation_id"] or (
        is_other and not vals.get("business_relation_id")
    ):
        company = company or env.company
        if (company, kind) not in codes:
            codes[company, kind] = company._marketing_require_relation(kind.name).id
        full["business_relation_id"] = codes[company, kind]
    return full


def _get_sides(relations, vals_list, options):
    """Return ``{model name: ids}`` of what links will share, for :mod:`.flags`."""
    kinds = get_kinds(relations.env)
    sides = {}
    for vals in vals_list:
        if kind := kinds.get(vals["kind"]):
            sides.setdefault(kind.shared_model, set()).add(vals[kind.shared_column])
            if not options.new_contacts:
                sides.setdefault(CONTACT_MODEL, set()).add(vals["contact_id"])
    return sides


# ------------------------------------------------------------
# STORING
# ------------------------------------------------------------


def _store(relations, vals_list, store, journal):
    """Insert new links, or write on those that are there what differs."""
    session = get_session(relations.env)
    if not relations:
        if not journal.dry and any(vals["kind"] for vals in vals_list):
            # the links point at the entry that made them
            journal.get_batch(relations.env)
        with session.storing(relations._get_sides_of(vals) for vals in vals_list):
            return (store or relations.create)(vals_list).with_env(relations.env)
    groups = {}
    for relation, vals in zip(relations, vals_list, strict=True):
        changed = {
            name: value
            for name, value in vals.items()
            if name not in relation._fields
            or relation._fields[name].convert_to_write(relation[name], relation)
            != value
        }
        key = repr(sorted(changed.items()))
        groups.setdefault(key, [changed, []])[1].append(relation.id)
    with session.storing(relations._ids):
        for changed, ids in groups.values():
            if changed:
                group = relations.browse(ids)
                (store or type(group).write)(group, changed)
    return relations


def _note(journal, links, before):
    """Note in the journal the links that were made, or what was made of others.

    :return: the relations that are new, or tie others than before
    """
    if not before:
        plain = links.filtered(lambda link: not link.kind)
        # sudo: only administrators may write the entry; a plain relation has none
        plain.sudo().batch_id = False
        journal.relations += (links - plain).ids
        return links
    moved = []
    for link, old in zip(links, before, strict=True):
        new = link._get_link_values()
        journal.note_move(link.id, old, new)
        code = {"business_relation_id": old["business_relation_id"]}
        if old != new | code:
            moved.append(link.id)
    return links.browse(moved)


def _align(links, options, is_new):
    """Bring the two sides of links into line, and see what is left."""
    linked = links.filtered("kind")
    if options.align and linked:
        align(linked, options.master, options.keep)
        if options.master == "neither" or not is_new:
            # sudo: what differs is listed, whoever may see the links
            linked.sudo().check_differences()
