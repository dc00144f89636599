"""Whose value is kept, field by field, where contacts become one."""

import json
from typing import NamedTuple

from odoo.models import MAGIC_COLUMNS, BaseModel

from ..sync.values import ADDRESS, Block, dump_properties, get_value, is_empty

MERGED_TYPES = {
    "binary",
    "boolean",
    "char",
    "date",
    "datetime",
    "float",
    "html",
    "image",
    "integer",
    "many2one",
    "monetary",
    "reference",
    "selection",
    "text",
}
# What makes the contact itself, or is no value of it.
OWN_FIELDS = {
    *MAGIC_COLUMNS,
    "active",
    "color",
    "company_id",
    "is_company",
    "marketing_linked",
    "marketing_lookalike",
    "merged_into_id",
    "message_bounce",
    "number",
}


class Merge(NamedTuple):
    """Contacts that become one.

    :ivar survivor: the one that stays
    :ivar sources: those that go
    :ivar keep: ``{field: contact whose value stays}``
    :ivar keep_links: ``{(kind, company id): contact whose links stay}``, where only one
        contact's can; a company id of None stands for all
    """

    survivor: BaseModel
    sources: BaseModel
    keep: dict
    keep_links: dict

    def get_contacts(self):
        """Return all of them: the one that stays, then the newest first."""
        newest = self.sources.sorted(lambda c: (c.write_date, c.id), reverse=True)
        contacts = self.survivor + newest
        return contacts.with_prefetch(self.survivor._prefetch_ids)


def get_merged_fields(contacts):
    """Return the names of the fields of which one contact's value is kept."""
    return [
        name
        for name, field in contacts._fields.items()
        if field.store
        and name not in OWN_FIELDS
        and field.type in MERGED_TYPES
        and not field.readonly
        and not field.related
    ]


def get_united_fields(contacts):
    """Return the names of the fields of which all contacts' values are kept."""
    return [
        name
        for name, field in contacts._fields.items()
        if field.store
        and (
            (field.type == "properties" and not field.readonly)
            or (field.type == "many2many" and not field.compute)
        )
        and not field.related
        and name not in OWN_FIELDS
    ]


def unite(merge, name):
    """Return the values of all contacts in one, as :func:`get_value` has it.

    :param Merge merge: read with the rights to do so
    :param str name: one of :func:`get_united_fields`
    """
    contacts = merge.get_contacts()
    values = [get_value(contact, name) for contact in contacts]
    field = contacts._fields[name]
    if field.type == "many2many":
        ids = set().union(*(value or () for value in values))
        # nobody is among their own
        ids -= set(contacts._ids if field.comodel_name == contacts._name else ())
        return tuple(sorted(ids)) or False
    united = {}
    for value in values:
        for key, filled in json.loads(value or "{}").items():
            # a tick is never empty
            if united.get(key) in (None, "", []) or (
                united[key] is False and filled is not True
            ):
                united[key] = filled
    return dump_properties(united)


def get_blocks(env):
    """Return ``{field: block}`` of the fields that are one value together."""
    blocks = dict.fromkeys(ADDRESS, "address")
    for line in env["marketing.sync.field"]._get_map():
        if line.block:
            blocks[line.contact_field] = line.block
    return blocks


def get_winners(merge, names, blocks):
    """Return ``{field: contact}`` whose value the one that stays has afterwards.

    What is asked for, unless it is empty, else its own, else the newest filled. A block
    is one value: others complete it only where they contradict it nowhere.

    :param Merge merge: read with the rights to do so
    :param list names: as of :func:`get_merged_fields`
    :param dict blocks: as of :func:`get_blocks`
    """
    contacts = merge.get_contacts()
    winners = {}
    members = {}
    for name in names:
        if name in blocks:
            members.setdefault(blocks[name], []).append(name)
            continue
        # nobody is to point at themselves
        itself = contacts._fields[name].comodel_name == contacts._name
        filled = contacts.filtered(
            lambda c, name=name, itself=itself: (
                _is_filled(c, name) and not (itself and c[name] in contacts)
            )
        )
        kept = merge.keep.get(name)
        winners[name] = kept if kept and kept in filled else (filled or contacts)[0]
    for block in members.values():
        winners.update(_get_block_winners(merge, contacts, block))
    return winners


def _get_block_winners(merge, contacts, block):
    for name in block:
        kept = merge.keep.get(name)
        if kept and _has_block(kept, block):
            return dict.fromkeys(block, kept)
    first = next((c for c in contacts if _has_block(c, block)), merge.survivor)
    winners = dict.fromkeys(block, first)
    for contact in contacts - first:
        own = Block(contact, {n: get_value(c, n) for n, c in winners.items()})
        other = Block.of(contact, block)
        winners.update(dict.fromkeys(own.get_gaps(other), contact))
    return winners


def _is_filled(contact, name):
    return not is_empty(contact, name, get_value(contact, name))


def _has_block(contact, block):
    return any(_is_filled(contact, name) for name in block)
