"""The rules of links that a constraint of the database can't say in words that name the
records. What is called `relations` are those that are changed, none where new ones are
made; their rights count.
"""

from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..sync.kinds import CONTACT_MODEL, get_kinds
from ..sync.rights import shown_name

# ------------------------------------------------------------
# EACH LINK BY ITSELF
# ------------------------------------------------------------


def check_sides(relations, vals_list, new_cards=True):
    """Check that the user may link the contacts with the cards, that each kind has its
    own card and nothing else, and that no plain code stands twice on a contact.

    :param list vals_list: the values of each relation, with all that follows from them
    :param bool new_cards: whether a card that a relation had not has to be fit for it
    :raise ValidationError: for a missing card, or two, or a plain code given twice
    :raise UserError: for a record that can't be a card
    :raise AccessError: for a record that the user may not link
    """
    env = relations.env
    relations.check_access("write" if relations else "create")
    contact_ids = {vals["contact_id"] for vals in vals_list} - {False}
    env[CONTACT_MODEL].browse(contact_ids).check_access("write")
    known = relations or [relations] * len(vals_list)
    kinds = get_kinds(env)
    cards = {name: env[name] for name in kinds.columns.values()}
    new = {name: env[name] for name in cards}
    for relation, vals in zip(known, vals_list, strict=True):
        kind = kinds.get(vals["kind"])
        if {c for c in kinds.columns if vals[c]} != (
            {kind.card_column} if kind else set()
        ):
            _refuse_card(env, vals)
        if not kind:
            continue
        card = relations._get_card_of(vals)
        cards[kind.card_model] += card
        is_new = relation.kind != kind.name or relation._get_card() != card
        if is_new and new_cards and not kind.personal:
            new[kind.card_model] += card
    for model_name, of_model in cards.items():
        of_model.check_access("read")
        new[model_name]._marketing_check_cards()
    _check_plain(relations, [vals for vals in vals_list if not vals["kind"]])


def _refuse_card(env, vals):
    raise ValidationError(
        env._(
            "A customer or vendor relation needs a customer or vendor, a "
            "bank account relation a bank account, and neither the other. "
            "Choose what to link the contact “%(contact)s” with.",
            contact=env[CONTACT_MODEL].browse(vals["contact_id"]).display_name,
        )
    )


def _check_plain(relations, vals_list):
    """:raise ValidationError: if a contact has one of the plain codes already"""
    if not vals_list:
        return
    env = relations.env
    pairs = {(vals["contact_id"], vals["business_relation_id"]) for vals in vals_list}
    if len(pairs) < len(vals_list):
        raise ValidationError(
            env._(
                "The same business relation is given to a contact twice. Leave "
                "out one of the two."
            )
        )
    known = relations.search(
        Domain("kind", "=", False)
        & Domain("contact_id", "in", [pair[0] for pair in pairs])
        & Domain("id", "not in", relations.ids)
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


# ------------------------------------------------------------
# LINKS AMONG EACH OTHER
# ------------------------------------------------------------


def check_free(relations, vals_list):
    """Check that each card, and what it shares, has one contact, and a contact one card
    of a kind that stands once in a company; several only where they share a record, as
    accounts do their bank.

    To be asked when the flags are raised: nobody else can link the two sides then.

    :param list vals_list: the values of each relation, with all that follows from them
    :raise ValidationError: naming the contact that has the card, or the card that the
        contact has
    """
    kinds = get_kinds(relations.env)
    linking = [vals for vals in vals_list if vals["kind"]]
    taken = {}  # place -> pairs of what stands there and the link, as far as it is made
    for other in _find_others(relations, linking):
        if kind := kinds.get(other.kind):
            vals = {name: other[name].id for name in ("contact_id", "company_id")}
            vals[kind.card_column] = other._get_card().id
            vals[kind.shared_column] = other._get_shared_record().id
            for place, holder in _get_places(kind, vals):
                taken.setdefault(place, []).append((holder, other))
    for vals in linking:
        places = _get_places(kinds[vals["kind"]], vals)
        for place, holder in places:
            for current, other in taken.get(place, ()):
                if holder is None or holder != current:
                    raise ValidationError(
                        _get_refusal(relations, vals, place, other)
                        if other
                        else _get_refusal_together(relations, vals)
                    )
        for place, holder in places:
            taken.setdefault(place, []).append((holder, None))


def _find_others(relations, vals_list):
    """Return the links that have a side of those to be, whoever may see them."""
    if not vals_list:
        return relations.browse()
    kinds = get_kinds(relations.env)
    shared = (kind.shared_column for kind in kinds.values())
    columns = dict.fromkeys(("contact_id", *kinds.columns, *shared))
    domain = Domain.OR(
        Domain(column, "in", list({vals[column] for vals in vals_list} - {False}))
        for column in columns
    )
    # a link whose card has moved leaves its place in the database before another comes
    relations.flush_model(["company_id"])
    # sudo: the rules hold whether or not the user may see the other links
    return relations.sudo().search_fetch(
        domain & Domain("kind", "!=", False) & Domain("id", "not in", relations.ids),
        ["kind", "company_id", *columns],
    )


def _get_places(kind, vals):
    """Return the places that a link takes, as pairs of a place and who may be there:
    None for this link alone.
    """
    contact_id, record_id = vals["contact_id"], vals[kind.shared_column]
    places = [(("card", kind.name, vals[kind.card_column]), None)]
    if kind.single:
        places.append((("kind", contact_id, kind.name, vals["company_id"]), None))
    if record_id:
        places.append((("record", kind.shared_model, record_id), contact_id))
        if kind.shared_column != kind.card_column:
            places.append((("sharing", contact_id, kind.name), record_id))
    return places


def _get_refusal(relations, vals, place, other):
    """Return why a link can't be beside another one.

    :param place: the place that both would take, as of :func:`_get_places`
    """
    env = relations.env
    card = relations._get_card_of(vals)
    contact = shown_name(other.contact_id.with_env(env))
    if place[0] == "card":
        return env._(
            "“%(card)s” is linked with the contact “%(contact)s” already. "
            "Unlink it there first, or move the link.",
            card=card.display_name,
            contact=contact,
        )
    if place[0] == "record":
        return env._(
            "“%(card)s” already belongs to the contact “%(contact)s”. "
            "Move the link, merge the two contacts, or unlink it "
            "there first.",
            card=shown_name(other._get_shared_record().with_env(env)),
            contact=contact,
        )
    if place[0] == "sharing":
        return env._(
            "The contact “%(contact)s” stands for “%(bank)s”; "
            "“%(account)s” belongs to another one. Link it with the "
            "contact of its own.",
            contact=contact,
            bank=other._get_shared_record().display_name,
            account=card.display_name,
        )
    return env._(
        "The contact “%(contact)s” is linked with the %(kind)s “%(card)s” already. "
        "Unlink that one first.",
        contact=contact,
        kind=other._get_kind_name(),
        card=shown_name(other._get_card().with_env(env)),
    )


def _get_refusal_together(relations, vals):
    """Return why a link can't be put together with another one."""
    return relations.env._(
        "“%(card)s” can't be linked as %(kind)s together with the "
        "others: each has one contact, a contact one customer and "
        "one vendor in each company. Leave out one of the two.",
        card=relations._get_card_of(vals).display_name,
        kind=relations._get_kind_name(vals["kind"]),
    )
