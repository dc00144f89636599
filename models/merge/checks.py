"""Which contacts can be one, which of their links, and what may be kept."""

from collections import defaultdict

from odoo.exceptions import UserError, ValidationError
from odoo.models import BaseModel

from ..contact.companies import is_open_to
from ..contact.input import browse_one
from ..people.ties import get_employer
from ..sync.kinds import CONTACT_MODEL, get_kinds
from ..sync.rights import shown_name
from .values import Merge, get_merged_fields


def check_merges(env, merges):
    """Check that all contacts of the merges may become one, in words for people.

    :param list[Merge] merges: each contact in one of them only
    :raise ValidationError: naming the two that can't be merged
    :raise UserError: naming what can't be kept
    :raise AccessError: if the user may not write on a contact
    """
    contacts = env[CONTACT_MODEL]
    seen = set()
    for merge in merges:
        contacts |= merge.survivor | merge.sources
    contacts.check_access("write")
    contacts.fetch(
        ["name", "number", "is_company", "company_id", "merged_into_id", "parent_id"]
    )
    for merge in merges:
        survivor = merge.survivor.with_prefetch(contacts._ids)
        for source in merge.sources.with_prefetch(contacts._ids):
            if problem := _get_problem(env, source, survivor):
                raise ValidationError(problem)
        ids = [merge.survivor.id, *merge.sources._ids]
        if len(set(ids)) < len(ids) or seen.intersection(ids):
            raise ValidationError(
                env._("A contact is given twice. Choose different ones to merge.")
            )
        seen.update(ids)
        _check_keep(env, merge)


def _get_problem(env, source, survivor):
    """Return why a contact can't be merged into another one, None if it can."""
    names = {"merged": source.display_name, "target": survivor.display_name}
    if source == survivor:
        return env._("“%(merged)s” can't be merged into itself.", **names)
    for contact in (source, survivor):
        if into := contact.merged_into_id:
            return env._(
                "“%(contact)s” was merged into “%(survivor)s” already. Choose that.",
                contact=contact.display_name,
                survivor=shown_name(into),
            )
    if source.parent_id == survivor or survivor.parent_id == source:
        return env._(
            "“%(merged)s” and “%(target)s” are a company and one of its people, so "
            "they can't be one contact.",
            **names,
        )
    if source.is_company != survivor.is_company:
        return env._(
            "A person and a company can't be one contact: “%(merged)s” and "
            "“%(target)s”. Make both the same first.",
            **names,
        )
    # all who see the one that goes must see the one that stays
    if is_open_to(survivor.company_id, source.company_id):
        return None
    if not source.company_id:
        return env._(
            "“%(merged)s” is there for all companies, “%(target)s” for %(company)s "
            "only. Merge them the other way round.",
            # sudo: users may not read all companies
            company=survivor.company_id.sudo().name,
            **names,
        )
    return env._(
        "“%(merged)s” and “%(target)s” belong to different companies, so they can't be "
        "merged.",
        **names,
    )


# ------------------------------------------------------------
# WHAT IS KEPT
# ------------------------------------------------------------


def read_survivor(contacts, survivor):
    """Return the contact to merge into, whatever a caller sends for it.

    :raise UserError: unless it is one contact, or the id of one
    """
    if isinstance(survivor, list) and len(survivor) == 1:
        survivor = survivor[0]
    contact = browse_one(contacts, survivor)
    if not contact:
        raise UserError(
            contacts.env._("Choose the one contact to merge the others into.")
        )
    return contact


def read_keep(contacts, survivor, keep):
    """Return the merge of contacts into another one, with what to keep of whom.

    :param keep: as a caller sends it, see `merge_into`
    :raise UserError: unless fields and kinds are given with a contact each
    """
    env = contacts.env
    if not isinstance(keep or {}, dict):
        raise UserError(env._("What to keep is given by field, not as %s.", repr(keep)))
    kinds = get_kinds(env)
    merge = Merge(survivor, contacts, {}, {})
    for name, value in (keep or {}).items():
        contact = browse_one(contacts, value)
        if not contact:
            _refuse_keep(env, name, value)
        if name in kinds:
            merge.keep_links[name, None] = contact
        else:
            merge.keep[name] = contact
    return merge


def _check_keep(env, merge):
    """Check that what is kept is a value of one of those that are merged: a line of a
    wizard may name any field and any contact.

    :raise UserError: naming what can't be kept
    """
    if not merge.keep and not merge.keep_links:
        return
    # who asks decides, whoever has read the contacts
    contacts = env[CONTACT_MODEL] | merge.survivor | merge.sources
    names = get_merged_fields(contacts)
    kinds = get_kinds(env)
    for name, kept in merge.keep.items():
        field = contacts._fields[name] if name in names else None
        if not (field and contacts._has_field_access(field, "read")) or (
            kept not in contacts
        ):
            _refuse_keep(env, name, kept)
    for (name, _company_id), kept in merge.keep_links.items():
        if name not in kinds or kept not in contacts:
            _refuse_keep(env, name, kept)


def _refuse_keep(env, name, value):
    is_contact = isinstance(value, BaseModel) and len(value) == 1
    raise UserError(
        env._(
            "“%(field)s” can't be kept of “%(contact)s”: name a field of contacts and "
            "one of the contacts that are merged.",
            field=name,
            contact=shown_name(value.with_env(env)) if is_contact else value,
        )
    )


# ------------------------------------------------------------
# LINKS
# ------------------------------------------------------------


def get_collisions(merge):
    """Return the links of which only one contact's can stay.

    :param Merge merge: with the rights to read all links
    :return: ``{(kind, company id): links}``, by the contact's order
    """
    kinds = get_kinds(merge.survivor.env)
    places = defaultdict(dict)
    links = (merge.survivor | merge.sources).relation_ids
    for link in links.filtered(lambda link: link.kind in kinds):
        kind = kinds[link.kind]
        if kind.single:
            places[kind.name, link.company_id.id][link] = link
        elif kind.shared_column != kind.card_column:
            # such as bank accounts: several, at one bank
            if record := link._get_shared_record():
                places[kind.name, None][link] = record
    return {
        place: list(links)
        for place, links in places.items()
        if len(set(links.values())) > 1
    }


def split_links(merge):
    """Return the links that move to the contact that stays, and those to give up.

    :param Merge merge: with the rights to read all links
    :raise ValidationError: for links of which only one contact's can stay, unless the
        merge says whose
    """
    leaving, keep = merge.survivor.relation_ids.browse(), merge.keep_links
    for (kind, company_id), links in get_collisions(merge).items():
        kept = keep.get((kind, company_id)) or keep.get((kind, None))
        others = [link for link in links if not kept or link.contact_id.id != kept.id]
        if len(others) == len(links):
            _refuse_collision(merge, links)
        leaving = leaving.union(*others)
    codes = {link.business_relation_id for link in _get_plain(merge.survivor)}
    for link in _get_plain(merge.sources):
        if link.business_relation_id in codes:
            leaving |= link
        codes.add(link.business_relation_id)
    leaving |= _get_double_ties(merge) | _get_homeless_ties(merge)
    return merge.sources.relation_ids - leaving, leaving


def _get_double_ties(merge):
    """Return the ties of people beyond the first with each customer or vendor: a person
    stands for one of its contacts.
    """
    ties = (merge.survivor | merge.sources).relation_ids._filter_ties()
    known = set()
    double = ties.browse()
    for tie in ties:
        employer = get_employer(tie.partner_id)
        if employer in known:
            double |= tie
        known.add(employer)
    return double


def _get_homeless_ties(merge):
    """Return the ties of merged persons with children of a company that is not that of
    the one who stays.
    """
    ties = merge.sources.relation_ids._filter_ties()
    if not ties:
        return ties
    employer = merge.keep.get("parent_id", merge.survivor).parent_id
    partners = employer.relation_ids.partner_id
    return ties.filtered(
        lambda tie: (
            not partners & (tie.partner_id.parent_id | get_employer(tie.partner_id))
        )
    )


def _get_plain(contacts):
    return contacts.relation_ids.filtered(lambda link: not link.kind)


def _refuse_collision(merge, links):
    env = merge.survivor.env(su=False)
    first = links[0]
    other = next(link for link in links if link.contact_id != first.contact_id)
    raise ValidationError(
        env._(
            "“%(contact)s” and “%(other)s” are linked with different ones as "
            "%(kind)s: “%(card)s” and “%(other_card)s”. Choose which of them stays, or "
            "unlink one of them first.",
            contact=first.contact_id.display_name,
            other=other.contact_id.display_name,
            kind=first._get_kind_name(),
            card=shown_name(first._get_card().with_env(env)),
            other_card=shown_name(other._get_card().with_env(env)),
        )
    )
