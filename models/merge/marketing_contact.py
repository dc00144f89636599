from itertools import chain

from odoo import api, models, tools
from odoo.tools import SQL

from ..links.align import align
from ..links.put import put
from ..sync import engine
from ..sync.kinds import PlannedWrite, RecordKey
from ..sync.rights import elevated, name_in_chatter
from ..sync.session import open_journal
from ..sync.values import get_value
from . import checks, moves
from .references import find_plain_references, find_property_fields
from .values import (
    Merge,
    get_blocks,
    get_merged_fields,
    get_united_fields,
    get_winners,
    unite,
)


class MarketingContact(models.Model):
    """Merging contacts that are one and the same."""

    _inherit = "marketing.contact"

    # ------------------------------------------------------------
    # MERGE
    # ------------------------------------------------------------

    def merge_into(self, target, keep=None):
        """Merge the contacts into another one, which takes over all they have.

        All that points at them follows, what is empty on `target` is filled in by the
        newest of them, and its customers, vendors and banks take its values. The
        merged contacts are archived; an undo of the entry in the journal brings them
        back.

        :param target: the contact that stays, or its id
        :param dict keep: ``{field: id of the contact whose value stays}``, for one of
            several cards of a kind ``{kind: id of the contact whose card stays}``
        :return: `target`
        :raise UserError: if they can't be one; then nothing is changed
        """
        survivor = checks.read_survivor(self, target)
        self._merge_all([checks.read_keep(self, survivor, keep)])
        return survivor

    def _get_usual_survivor(self):
        """Return whom the others usually go into: with most links, then the oldest."""
        return self.sorted(lambda c: (-len(c.relation_ids), c.id))[:1]

    @api.model
    def _merge_pairs(self, pairs):
        """Merge many contacts, set-wise: all or none.

        :param pairs: of a contact that goes and the one to merge it into
        :raise UserError: naming two that can't be one
        """
        groups = {}
        for source, survivor in pairs:
            groups[survivor] = groups.get(survivor, self.browse()) | source
        self._merge_all([Merge(t, sources, {}, {}) for t, sources in groups.items()])

    @api.model
    def _merge_all(self, merges):
        """Do several merges, each contact in one of them only: all or none."""
        merges = [merge for merge in merges if merge.sources]
        if not merges:
            return
        checks.check_merges(self.env, merges)
        with self.env.cr.savepoint(), open_journal(self.env, "merge") as journal:
            self._lock_merged(merges)
            self._follow_merged(merges, journal)
            values, relinked = self._decide_merged(merges)
            moved = self._move_links(relinked)
            self._write_merged_values(values)
            align(moved)
            if "drifted" in moved.mapped("state"):
                moved.check_differences()
            for merge in merges:
                merge.sources._set_merged_into(journal, merge.survivor.id, active=False)
            self._forget_lists()
            self._tell_merged(
                self.env._("Merged with the following contacts: %s"),
                {merge.survivor.id: merge.sources.ids for merge in merges},
            )

    def _lock_merged(self, merges):
        """Lock the contacts in the order of their ids, as every save does.

        Those that stay are written as well, though nothing changes: who merges one of
        them into a third at the same time has to start over, and then sees who came.
        """
        survivors = tuple(merge.survivor.id for merge in merges)
        ids = (*survivors, *(id_ for merge in merges for id_ in merge.sources.ids))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT FROM marketing_contact WHERE id IN %s ORDER BY id FOR UPDATE",
                ids,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE marketing_contact SET active = active WHERE id IN %s", survivors
            )
        )

    @api.model
    @tools.ormcache()
    def _get_plain_references(self):
        """Return what of the registry points at contacts."""
        return tuple(find_plain_references(self.env))

    @api.model
    @tools.ormcache()
    def _get_property_fields(self):
        """Return the fields that hold properties."""
        return tuple(find_property_fields(self.env))

    @api.model
    def _follow_merged(self, merges, journal):
        """Let all that points at merged contacts point at those that stay.

        Extend it by `super()` for what does not follow by itself.

        :param list[Merge] merges: what is merged
        :param Journal journal: the open one
        """
        survivors = {id_: m.survivor.id for m in merges for id_ in m.sources.ids}
        # sudo: what is not the same holds whoever merges
        self.env["marketing.match"].sudo()._keep_rejected(survivors)
        self.env["marketing.contact.merge.move"]._follow(journal, survivors)

    @api.autovacuum
    def _gc_merged(self):
        """Let follow what has come to merged contacts since: written by somebody at the
        very moment of the merge, or in a form that was still open.
        """
        # sudo: as in a merge, whatever it is
        merged = self.sudo().search(
            [("merged_into_id", "!=", False), ("active", "=", False)]
        )
        if merged:
            survivors = {c.id: c.merged_into_id.id for c in merged}
            moved = moves.move_all(self.env, survivors)
            self.env["marketing.contact.merge.move"]._note_late(moved)

    # ------------------------------------------------------------
    # LINKS
    # ------------------------------------------------------------

    @api.model
    def _decide_merged(self, merges):
        """Return what the contacts that stay will have: ``{survivor: {field: (value,
        contact it is from)}}``, and ``{survivor: (links to move, links to give up)}``.

        :raise UserError: for cards of which only one contact's can stay
        """
        # sudo: values and links that the user may not see follow as well
        contacts = elevated(
            self.browse(dict.fromkeys(chain(*(m.get_contacts()._ids for m in merges))))
        )
        contacts.mapped("name")
        relations = contacts.with_context(active_test=False).relation_ids
        relations.fetch(["contact_id", "kind", "company_id", "business_relation_id"])
        names, united = get_merged_fields(contacts), get_united_fields(contacts)
        blocks = get_blocks(self.env)
        values, links = {}, {}
        for plain in merges:
            merge = Merge(
                plain.survivor.with_env(contacts.env).with_prefetch(contacts._ids),
                plain.sources.with_env(contacts.env).with_prefetch(contacts._ids),
                {n: contacts.browse(c.id) for n, c in plain.keep.items()},
                plain.keep_links,
            )
            survivor = merge.survivor
            found = values[survivor] = {}
            for name, winner in get_winners(merge, names, blocks).items():
                value = get_value(winner, name)
                if value != get_value(survivor, name):
                    found[name] = (value, winner)
            for name in united:
                value = unite(merge, name)
                if value != get_value(survivor, name):
                    found[name] = (value, merge.sources[0])
            links[survivor] = checks.split_links(merge)
        return values, links

    def _move_links(self, links):
        """Move links as :meth:`_decide_merged` has them. Return those with a card."""
        # sudo: links to cards that the user may not see move as well
        Relation = self.env["marketing.contact.relation"].sudo()
        moving = Relation.union(*(own for own, _leaving in links.values()))
        if leaving := Relation.union(*(leaving for _own, leaving in links.values())):
            leaving.unlink()
        vals_list = [
            {"contact_id": survivor.id}
            for survivor, (own, _leaving) in links.items()
            for _link in own
        ]
        if moving:
            put(moving, vals_list, align=False, new_cards=False, ties=False)
        return moving.filtered("kind")

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    def _write_merged_values(self, values):
        """Write values as :meth:`_decide_merged` has them, also on the cards."""
        planned, changes = [], {}
        for survivor, found in values.items():
            key = RecordKey(self._name, survivor.id)
            for name, (value, source) in found.items():
                origin = RecordKey(self._name, source.id)
                old = get_value(survivor, name)
                planned.append(PlannedWrite(key, name, value, origin, 0, old))
                changes.setdefault(key, {})[name] = value
        if not planned:
            return
        survivors = self.browse(survivor.id for survivor in values)
        links = engine.get_links(survivors)
        for key, vals in engine.apply_writes(self.env, planned, []).items():
            # what came out other than planned
            changes.setdefault(key, {}).update(vals)
        shared = self._marketing_shared_fields()
        changes = {
            key: {name: value for name, value in vals.items() if name in shared}
            for key, vals in changes.items()
        }
        engine.propagate(self.env, links, changes)

    def _marketing_undoable_fields(self):
        names = super()._marketing_undoable_fields()
        return names.union(get_merged_fields(self), get_united_fields(self))

    # ------------------------------------------------------------
    # AFTERWARDS
    # ------------------------------------------------------------

    @api.model
    def _tell_merged(self, text, merged):
        """Say on the contacts that stay, as far as they are there, which ones were
        merged into them or are separate again.

        :param str text: what to say, with a place for the names
        :param dict merged: ``{id of the one that stays: ids of the others}``
        """
        # all names at once
        self.browse(chain(*merged.values())).mapped("display_name")
        bodies = {
            survivor.id: text
            % ", ".join(
                name_in_chatter(contact, survivor)
                for contact in self.browse(merged[survivor.id])
            )
            for survivor in self.browse(merged).exists()
        }
        if bodies:
            self.browse(bodies)._message_log_batch(bodies=bodies)
