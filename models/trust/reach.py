"""What the person at work may take back of what entries of the journal say."""

from collections import defaultdict

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..links.flags import get_sides
from ..sync.kinds import CONTACT_MODEL, RecordKey, get_target_models
from ..sync.rights import get_recordsets, shown_name


class Reach:
    """What of a scope the person at work may take back.

    :ivar env: the environment of who asks
    :ivar keys: the record keys of what the scope is about
    :ivar there: those of them that are there
    :ivar own: those that the person may write on by hand
    :ivar drifted: ids of the links that are out of sync already
    :ivar shared: ``{record key: {link id: fields that the link shares there}}``
    :ivar contacts: ``{record key: keys of the contacts of its links}``
    """

    def __init__(self, env, scope):
        self.env = env
        self.shared, self.contacts = defaultdict(dict), defaultdict(set)
        self.keys = {key for change in scope.changes for key in change._get_sides()}
        self.keys |= get_keys(scope.links)
        noted = []
        if scope.whole:
            noted = scope.entry._get_links_noted()
            self.keys |= scope.entry._get_merged_keys()
        links = get_links_of(env, self.keys)
        self.drifted = set(links.filtered(lambda r: r.state == "drifted").ids)
        self.note_links(noted + [(link.id, link._get_link_values()) for link in links])
        self.there, self.own = _find_own(env, self.keys)
        contacts = [key for key in self.there if key.model == CONTACT_MODEL]
        if contacts and not self.own:
            raise AccessError(
                env._(
                    "This concerns records that you may not change, so that it is not "
                    "yours to undo. Ask an administrator of Marketing Contacts who "
                    "may."
                )
            )

    def note_links(self, links):
        """Note what links share, on both sides.

        :param links: pairs of a link's id and its values
        """
        ends = [
            (id_, vals["kind"], *self._get_ends(vals))
            for id_, vals in links
            if vals["kind"]
        ]
        cards = get_recordsets(self.env, {card for *_link, card in ends})
        shared = {
            key: get_record_keys(card._marketing_get_shared_record())
            for of_model in cards.values()
            for card in of_model.exists()
            for key in get_record_keys(card)
        }
        fields = {}
        for id_, kind, contact, card in ends:
            self.keys |= {contact, card}
            self.contacts[card].add(contact)
            for key in {contact} | shared.get(card, set()):
                if (key.model, kind) not in fields:
                    model = self.env[key.model]
                    fields[key.model, kind] = model._marketing_shared_fields([kind])
                known = self.shared[key].get(id_, frozenset())
                self.shared[key][id_] = known | fields[key.model, kind]
                self.contacts[key].add(contact)
                self.keys.add(key)

    def _get_ends(self, vals):
        """Return the keys of a link's contact and card; a plain relation has none."""
        card = self.env["marketing.contact.relation"]._get_card_of(vals)
        return RecordKey(CONTACT_MODEL, vals["contact_id"]), *get_record_keys(card)

    def holds(self, *keys):
        """Return whether one of the records, or the contact of one, is the user's to
        write on.
        """
        return any(
            key in self.own or not self.own.isdisjoint(self.contacts.get(key, ()))
            for key in keys
        )

    def may_put_back(self, change, undoable):
        """Return whether a value may be put back: along the link that brought it, if
        that still shares the field, or because the user might write it by hand.

        :param undoable: the fields of the model whose changes can be undone
        """
        target, source = change._get_sides()
        if change.field_name not in undoable or not self.holds(target, source):
            return False
        if target in self.own:
            return True
        links = self.shared.get(target, {})
        if change.relation_ref:
            return change.field_name in links.get(change.relation_ref, ())
        if target == source:
            return any(change.field_name in fields for fields in links.values())
        # what a person has from its company came along no link
        return True

    def get_problem(self, vals):
        """Return why a link can't be put back or removed, None if it can.

        :param dict vals: the link's values
        """
        ends = self._get_ends(vals)
        if not self.there.issuperset(ends):
            return self.env._(
                "A link can't be put back: its contact or the other record was "
                "deleted since."
            )
        if not self.holds(*ends):
            return self.env._(
                "A link of “%s” stays as it is: you may change neither side.",
                shown_name(self.env[CONTACT_MODEL].browse(vals["contact_id"])),
            )
        return None

    def check_links(self, vals_list):
        """:raise UserError: naming what stands in the way of links"""
        for vals in vals_list:
            if problem := self.get_problem(vals):
                raise UserError(problem)


def _find_own(env, keys):
    """Return those of the record keys that are there, and of them those that the person
    at work may write on by hand.
    """
    ids = defaultdict(set)
    for model_name, id_ in keys:
        if model_name in env:
            ids[model_name].add(id_)
    there, own = set(), set()
    for model_name, model_ids in ids.items():
        records = env[model_name].browse(model_ids).exists()
        there |= get_record_keys(records)
        own |= get_record_keys(records._filtered_access("write"))
    return there, own


def get_record_keys(*recordsets):
    """Return the keys of the records of recordsets."""
    return {RecordKey(records._name, i) for records in recordsets for i in records._ids}


def get_keys(relations):
    """Return the keys of both sides of links."""
    return {
        RecordKey(model_name, id_)
        for model_name, ids in get_sides(relations).items()
        for id_ in ids
    }


def get_links_of(env, keys):
    """Return the links of contacts, partners and banks, whoever may see them."""
    # sudo: a link may be one that the user may not see; its state must be right
    relations = env["marketing.contact.relation"].sudo()
    domain = Domain.FALSE
    for model_name in get_target_models(env):
        ids = [key[1] for key in keys if key[0] == model_name]
        domain |= Domain(env[model_name]._marketing_link_column, "in", ids)
    return relations.search(Domain("kind", "!=", False) & domain)
