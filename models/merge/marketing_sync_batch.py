from collections import defaultdict

from odoo import api, models

from ..sync.kinds import CONTACT_MODEL, RecordKey
from ..sync.rights import get_readable_names, shown_name
from . import moves
from .references import get_references


class MarketingSyncBatch(models.Model):
    """Undoing merges of contacts, and undoing that."""

    _inherit = "marketing.sync.batch"

    @api.depends("merged_contacts")
    def _compute_summary(self):
        """A merge says who was merged into whom."""
        result = super()._compute_summary()
        merges = self.filtered(lambda b: b.origin == "merge" and b.merged_contacts)
        entries = {batch: batch.merged_contacts for batch in merges}
        names = get_readable_names(
            self.env,
            {
                (CONTACT_MODEL, id_)
                for found in entries.values()
                for id_ in (found[0]["id"], found[0]["new"][0])
            },
        )
        hidden = self.env._("a record that you may not see")
        for batch, found in entries.items():
            source = names.get((CONTACT_MODEL, found[0]["id"]), hidden)
            survivor = names.get((CONTACT_MODEL, found[0]["new"][0]), hidden)
            more = len(found) - 1
            into_one = len({entry["new"][0] for entry in found}) == 1
            summary = self.env._(
                "%(contacts)s into %(contact)s",
                contacts=self._and_more(source, more) if into_one else source,
                contact=survivor,
            )
            batch.summary = summary if into_one else self._and_more(summary, more)
        return result

    # ------------------------------------------------------------
    # MERGED CONTACTS
    # ------------------------------------------------------------

    def _get_merged_keys(self):
        """Return the record keys of the contacts that the batch merged."""
        return {
            RecordKey(CONTACT_MODEL, id_)
            for entry in self.merged_contacts or ()
            for id_ in (entry["id"], entry["old"][0], entry["new"][0])
            if id_
        }

    def _take_merged_apart(self, env, journal):
        """Make contacts separate that the batch merged, merge again what it had made
        separate, and give back what has not moved since.

        :param env: the environment of who undoes
        :param journal: the open one
        :return: sentences about what was left alone
        """
        problems, entries = [], self.merged_contacts or []
        contacts = self.env[CONTACT_MODEL].browse(entry["id"] for entry in entries)
        there = contacts.exists()
        # whoever may not change a contact makes nothing of it
        own = set(there.with_env(env)._filtered_access("write"))
        there = set(there)
        done, left = [], []
        for entry, contact in zip(entries, contacts, strict=True):
            problem = self._get_restore_problem(entry, contact, there, own)
            if problem:
                problems.append(problem)
                left.append(entry)
                continue
            contact._set_merged_into(journal, *entry["old"])
            done.append(entry)
        if not done:
            return problems
        contacts._forget_lists()
        problems += self._return_moved(journal, done)
        again = {entry["id"]: entry["old"][0] for entry in done if entry["old"][0]}
        if again:
            # what came to them while they were separate follows as well
            self.env["marketing.contact.merge.move"]._follow(journal, again)
        self.merged_contacts = left or False
        self._tell_restored(done)
        return problems

    def _get_restore_problem(self, entry, contact, there, own):
        """Return why a contact can't be as it was before the batch, None if it can."""
        if contact not in there:
            return self.env._("A merged contact was deleted since.")
        if contact not in own:
            return self.env._("A merged contact stays: it is not yours to change.")
        into = contact.merged_into_id
        survivor_id = entry["old"][0]
        if not survivor_id and into:
            return None
        name = shown_name(contact.with_env(self.env(su=False)))
        if not survivor_id:
            return self.env._("“%s” is no longer merged.", name)
        moved = {move["id"] for move in self.moved_links or ()}
        links = contact.relation_ids.filtered("kind") - self.relation_ids
        if set(links.ids) - moved:
            return self.env._("“%s” was linked since and is not merged again.", name)
        survivor = contact.browse(survivor_id).exists()
        if into or not survivor or survivor.merged_into_id:
            return self.env._(
                "“%s” can't be merged again: one of the two was merged or deleted "
                "since.",
                name,
            )
        return None

    def _return_moved(self, journal, entries):
        """Let what the batch moved point where it did; what somebody has moved since
        stays.

        :return: sentences about what stays
        """
        self.env.flush_all()
        Move = self.env["marketing.contact.merge.move"]
        parted = {entry["id"] for entry in entries}
        # where one of the two is still as the batch left it, so is its share
        own_moves = Move.search([("batch_id", "=", self.id)]).filtered(
            lambda move: {move.from_id, move.to_id} & parted
        )
        went = self.env[CONTACT_MODEL].browse(own_moves.mapped("to_id")).exists()
        # a later merge may have brought along what came to one
        holders = {contact.id: contact | contact.merged_into_id for contact in went}
        references = {(r.model, r.field): r for r in get_references(self.env)}
        # the field is gone if the add-on that had it is
        known = own_moves.filtered(lambda m: (m.res_model, m.field_name) in references)
        rows = defaultdict(dict)
        for move in known:
            reference = references[move.res_model, move.field_name]
            for contact in holders.get(move.to_id, ()):
                row = moves.Row(move.res_id, contact.id, move.from_id)
                rows[reference][row] = move
        moved = moves.move(self.env, {r: list(found) for r, found in rows.items()})
        Move._note_in(journal, moved)
        staying = known - Move.union(
            *(rows[r][row] for r, done in moved.items() for row in done)
        )
        left = {
            name: self.env[name].browse(set(of_model.mapped("res_id"))).exists()
            for name, of_model in staying.grouped("res_model").items()
        }
        staying = staying.filtered(
            lambda move: move.res_id in left[move.res_model]._ids
        )
        (own_moves - staying).unlink()
        return self._get_left_texts(left.values())

    def _get_left_texts(self, left):
        """Return sentences about records that stay where they are now, without those
        that the user may not see.

        :param left: recordsets
        """
        texts, hidden = [], False
        for records in left:
            readable = records.with_user(self.env.uid)._filtered_access("read")
            hidden = hidden or len(readable) < len(records)
            if readable:
                texts.append(
                    self.env._(
                        "%(model)s: %(count)s moved or changed since and stay where "
                        "they are.",
                        # sudo: only administrators may read the list of models
                        model=self.env["ir.model"].sudo()._get(records._name).name,
                        count=len(readable),
                    )
                )
        if hidden and not texts:
            texts.append(self.env._("Not all could be given back."))
        return texts

    def _tell_restored(self, entries):
        """Say on the contacts that they are separate again, or one once more."""
        again, apart = defaultdict(list), defaultdict(list)
        for entry in entries:
            if survivor_id := entry["old"][0]:
                again[survivor_id].append(entry["id"])
            else:
                apart[entry["new"][0]].append(entry["id"])
        contacts = self.env[CONTACT_MODEL]
        contacts._tell_merged(self.env._("No longer merged with: %s"), apart)
        contacts._tell_merged(self.env._("Merged again with: %s"), again)
