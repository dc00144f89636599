"""The rules of links that a constraint of the database can't say, in words
that name the records. What is called `relations` are those of
`marketing.contact.relation`, whose rights count.
"""

from itertools import product

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..sync.kinds import CONTACT_MODEL
from ..sync.rights import shown_name


def check_one_contact(relations):
    """A card, and what it shares, has one contact; where several cards share a record,
    as accounts do their bank, a contact has one such record.

    :raise ValidationError: naming the card and the contact that has it
    """
    kinds = relations._get_kinds()
    collective = {
        kind.name: kind.shared_column
        for kind in kinds.values()
        if kind.shared_column != kind.card_column
    }
    columns = list(dict.fromkeys(kind.shared_column for kind in kinds.values()))
    domain = Domain.OR(
        Domain(column, "in", relations[column].ids) for column in columns
    ) | (
        Domain("contact_id", "in", relations.contact_id.ids)
        & Domain("kind", "in", list(collective))
    )
    # sudo: the rule holds whether or not the user may see the other relations
    groups = {}
    for other in relations.sudo().search(domain):
        for key in (other.contact_id, *(other[column] for column in columns)):
            if key:
                groups.setdefault(key, []).append(other)
    own_ids = set(relations._ids)
    for group in groups.values():
        own = [relation for relation in group if relation.id in own_ids]
        for relation, other in product(own, group):
            if relation == other:
                continue
            record = relation._get_shared_record()
            same_record = record and record == other._get_shared_record()
            same_contact = relation.contact_id == other.contact_id
            if same_record and not same_contact:
                raise ValidationError(
                    relations.env._(
                        "“%(card)s” already belongs to the contact “%(contact)s”. "
                        "Move the link, merge the two contacts, or unlink it "
                        "there first.",
                        card=shown_name(record.with_env(relations.env)),
                        contact=shown_name(other.contact_id.with_env(relations.env)),
                    )
                )
            if (
                same_contact
                and relation.kind == other.kind
                and relation.kind in collective
                and record
                and other._get_shared_record()
                and not same_record
            ):
                raise ValidationError(
                    relations.env._(
                        "The contact “%(contact)s” stands for “%(bank)s”; "
                        "“%(account)s” belongs to another one. Link it with the "
                        "contact of its own.",
                        contact=relation.contact_id.display_name,
                        bank=other._get_shared_record().display_name,
                        account=relation._get_card().display_name,
                    )
                )


def are_companies_compatible(company, other):
    """Return whether records of the two companies may be linked."""
    return (
        not company
        or not other
        or company in other.parent_ids
        or other in company.parent_ids
    )


def check_free(relations, vals_list):
    """Raise a clear error for what the unique indexes would refuse.

    :raise ValidationError: naming the contact that has the card, or the card that the
        contact has
    """
    env = relations.env
    kinds = relations._get_kinds()
    # sudo: a card may be taken by a contact that the user may not see
    of_sides = Domain("contact_id", "in", [vals["contact_id"] for vals in vals_list])
    columns = relations._get_card_columns()
    for column in columns:
        ids = {vals.get(column) for vals in vals_list} - {None, False}
        of_sides |= Domain(column, "in", list(ids))
    taken = relations.sudo().search_fetch(
        Domain("kind", "!=", False) & of_sides,
        ["contact_id", "kind", "company_id", *columns],
    )
    by_card = {(r.kind, r._get_card().id): r for r in taken}
    by_contact = {
        (r.contact_id.id, r.kind, r.company_id.id): r
        for r in taken
        if r.kind in kinds and kinds[r.kind].single
    }
    seen = set()
    for vals in vals_list:
        kind = kinds[vals["kind"]]
        card = relations._get_card_of(vals)
        place = (vals["contact_id"], kind.name, card.sudo().company_id.id)
        keys = {(kind.name, card.id)} | ({place} if kind.single else set())
        if seen & keys:
            raise ValidationError(
                env._(
                    "“%(card)s” can't be linked as %(kind)s together with the "
                    "others: each has one contact, a contact one customer and "
                    "one vendor in each company. Leave out one of the two.",
                    card=card.display_name,
                    kind=relations._get_kind_name(kind.name),
                )
            )
        seen |= keys
        if relation := by_card.get((kind.name, card.id)):
            raise ValidationError(
                env._(
                    "“%(card)s” is linked with the contact “%(contact)s” already. "
                    "Unlink it there first, or move the link.",
                    card=card.display_name,
                    contact=shown_name(relation.contact_id.with_env(env)),
                )
            )
        if relation := by_contact.get(place):
            raise ValidationError(_get_taken_text(env, relation))


def check_places(relations, contact_ids):
    """Raise a clear error for links that can't move to other contacts.

    :param dict contact_ids: ``{link id: contact id}``
    :raise ValidationError: naming the contact that has such a card already
    """
    kinds = relations._get_kinds()
    # sudo: the rule holds whether or not the user may see the other relations
    others = relations.sudo().search(
        [
            ("contact_id", "in", list(set(contact_ids.values()))),
            ("kind", "in", [kind.name for kind in kinds.values() if kind.single]),
            ("id", "not in", relations.ids),
        ]
    )
    taken = {(r.contact_id.id, r.kind, r.company_id.id): r for r in others}
    for relation in relations:
        place = (contact_ids[relation.id], relation.kind, relation.company_id.id)
        if other := taken.get(place):
            raise ValidationError(_get_taken_text(relations.env, other))


def _get_taken_text(env, relation):
    """Return the sentence that says which card a contact has already."""
    return env._(
        "The contact “%(contact)s” is linked with the %(kind)s “%(card)s” already. "
        "Unlink that one first.",
        contact=shown_name(relation.contact_id.with_env(env)),
        kind=relation._get_kind_name(),
        card=shown_name(relation._get_card().with_env(env)),
    )


def check_plain(relations, vals_list):
    """:raise ValidationError: if a contact has one of the plain codes already"""
    if not vals_list:
        return
    env = relations.env
    pairs = {
        (vals.get("contact_id"), vals.get("business_relation_id")) for vals in vals_list
    }
    if len(pairs) < len(vals_list):
        raise ValidationError(
            env._(
                "The same business relation is given to a contact twice. Leave "
                "out one of the two."
            )
        )
    known = relations.search(
        [("kind", "=", False), ("contact_id", "in", [pair[0] for pair in pairs])]
    )
    for relation in known:
        if (relation.contact_id.id, relation.business_relation_id.id) in pairs:
            raise ValidationError(
                env._(
                    "The contact “%(contact)s” has the business relation "
                    "“%(relation)s” already.",
                    contact=relation.contact_id.display_name,
                    relation=relation.business_relation_id.display_name,
                )
            )


def check_cards(relations, vals_list):
    """Check that each kind has its own target and nothing else, and that the cards
    exist, may be read and can be cards.

    :raise ValidationError: for a missing target, or two
    :raise UserError: for a card that is gone or can't be one
    :raise AccessError: for a card that the user may not read
    """
    env = relations.env
    kinds = relations._get_kinds()
    columns = relations._get_card_columns()
    ids = {model_name: [] for model_name in columns.values()}
    tied = {model_name: set() for model_name in columns.values()}
    for vals in vals_list:
        kind = kinds[vals["kind"]]
        filled = {column for column in columns if vals.get(column)}
        if filled != {kind.card_column}:
            raise ValidationError(
                env._(
                    "A customer or vendor relation needs a customer or vendor, a "
                    "bank account relation a bank account, and neither the other. "
                    "Choose what to link the contact “%(contact)s” with.",
                    contact=env[CONTACT_MODEL].browse(vals["contact_id"]).display_name,
                )
            )
        ids[kind.card_model].append(vals[kind.card_column])
        if kind.personal:
            tied[kind.card_model].add(vals[kind.card_column])
    for model_name, card_ids in ids.items():
        cards = env[model_name].browse(dict.fromkeys(card_ids))
        if len(cards.exists()) < len(cards):
            raise UserError(
                env._("What to link with does not exist any more. Choose another.")
            )
        cards.check_access("read")
        cards.filtered(
            lambda card, tied=tied[model_name]: card.id not in tied
        )._marketing_check_cards()
