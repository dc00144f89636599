import io
import json
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.misc import clean_context

# What the engine is at, for each cursor. The cursor's own cache won't do: a savepoint
# that is rolled back, anywhere in between, empties it.
_states = WeakKeyDictionary()

JOURNAL = "journal"  # the open journal, if there is one
WRITING = "writing"  # {node in the engine's hands: the fields it writes there}
ALONG = "along"  # {node in the engine's hands: other fields that changed with them}

# What is written of a change, in the order of the lines that are copied.
COLUMNS = (
    "batch_id",
    "state",
    "relation_ref",
    "source_model",
    "source_id",
    "target_model",
    "target_id",
    "field_name",
    "old_value",
    "new_value",
    "asked_value",
)


class Journal:
    """What one save, link, creation, repair or undo has done so far.

    :ivar entries: ``{(node, field): {source, relation_id, old, new, display_name}}``
    :ivar relations: ids of the relations that were made
    :ivar created: the records that were made
    :ivar removed_links: values of the relations that were removed
    :ivar moved_links: ``{relation id: {"old": values, "new": values}}`` of the
        relations that got another contact or card
    :ivar held_back: texts about what the guard held back
    :ivar roles: ``{node: what the record is}``, kept by a preview only
    :ivar batch: the entry, made before the end where links are to point at it
    """

    def __init__(self, origin, dry=False):
        self.origin = origin
        self.dry = dry
        self.entries = {}
        self.relations = []
        self.created = None
        self.removed_links = []
        self.moved_links = {}
        self.held_back = []
        self.roles = {}
        self.batch = None

    def note(
        self,
        target,
        field,
        old,
        new,
        source,
        relation_id,
        display_name=None,
        asked=None,
    ):
        """Note a value written; several on one field become one entry.

        :param asked: the value that the record made `new` of, if it did
        """
        first = self.entries.get((target, field))
        self.entries[target, field] = {
            "source": source,
            "relation_id": relation_id,
            "old": first["old"] if first else old,
            "new": new,
            "asked": asked,
            "display_name": first["display_name"] if first else display_name,
        }

    def note_move(self, relation_id, old, new):
        """Note that a relation got another contact or card; two moves become one."""
        first = self.moved_links.get(relation_id)
        self.moved_links[relation_id] = {
            "old": first["old"] if first else old,
            "new": new,
        }

    def get_moves(self):
        """Return the relations that ended elsewhere, as lists that JSON can hold."""
        return [
            {"id": relation_id, **move}
            for relation_id, move in self.moved_links.items()
            if move["old"] != move["new"]
        ]

    def get_changes(self):
        """Return the entries that changed something."""
        return {
            key: entry
            for key, entry in self.entries.items()
            if entry["old"] != entry["new"]
        }


class MarketingSyncJournal(models.AbstractModel):
    """Keeping the journal: what a save and all that follows from it wrote."""

    _name = "marketing.sync.journal"
    _description = "Journal of Synchronized Records"

    @api.model
    def _marketing_state(self):
        """Return what the engine is at in this transaction."""
        return _states.setdefault(self.env.cr, {})

    # ------------------------------------------------------------
    # JOURNAL
    # ------------------------------------------------------------

    @contextmanager
    def _marketing_journal(self, origin, own=False):
        """Open a journal for what happens inside, or go on with the open one.

        It is written when it closes without an error.

        :param str origin: what happens, one of the origins of a batch
        :param bool own: keep a journal of its own also inside of another
        """
        state = self._marketing_state()
        outer = state.get(JOURNAL)
        if outer is not None and (outer.dry or not own):
            yield outer
            return
        journal = state[JOURNAL] = Journal(origin)
        try:
            yield journal
            self._marketing_write_journal(journal)
        finally:
            state[JOURNAL] = outer

    @api.model
    def _marketing_note_created(self, journal, pairs):
        """Note the values that records were made with.

        :param pairs: tuples of the source, the record made, the relation between the
            two, and the names of the shared fields of the record
        """
        made = {}
        for source, record, relation, names in pairs:
            made.setdefault((record._name, tuple(names)), []).append(
                (source, record, relation)
            )
        for (model_name, names), triples in made.items():
            ids = [record.id for _source, record, _relation in triples]
            records = self.env[model_name].browse(ids)._marketing_elevated()
            values = {name: records._marketing_values(name) for name in names}
            for source, record, relation in triples:
                target, origin = (model_name, record.id), (source._name, source.id)
                display_name = record.display_name if journal.dry else None
                for name, by_id in values.items():
                    if value := by_id[record.id]:
                        journal.note(
                            *(target, name, False, value),
                            *(origin, relation.id, display_name),
                        )

    @api.model
    def _marketing_write_journal(self, journal):
        """Write a batch with its changes, if anything reached another record."""
        moves = journal.get_moves()
        links = journal.relations or journal.removed_links or moves
        if not (journal.entries or links):
            return
        changes = journal.get_changes()
        if journal.origin == "save" and not links:
            if all(target == e["source"] for (target, _f), e in changes.items()):
                return
        if not (changes or links):
            return
        batch = self._marketing_open_batch(journal)
        vals = {}
        if journal.created:
            vals["created_model"] = journal.created._name
            vals["created_ids"] = journal.created.ids
        if journal.removed_links:
            vals["removed_links"] = journal.removed_links
        if moves:
            vals["moved_links"] = moves
        if vals:
            batch.write(vals)
        if changes:
            self._marketing_write_changes(batch, changes)

    @api.model
    def _marketing_open_batch(self, journal):
        """Return the journal's entry, made now unless it is there.

        One that was made before may have gone with a savepoint.
        """
        if not journal.batch or not journal.batch.exists():
            # sudo: whoever saves a record has no right to write the journal
            journal.batch = (
                self.env(context=clean_context(self.env.context))[
                    "marketing.sync.batch"
                ]
                .sudo()
                .create({"origin": journal.origin, "company_id": self.env.company.id})
            )
        return journal.batch

    @api.model
    def _marketing_write_changes(self, batch, changes):
        """Write the changes of a batch, all in one COPY, as Odoo writes its own lists
        of names: thousands of rows go with each large save.
        """
        texts = {}  # the same few values go to many records

        def dump(model_name, field, value):
            key = (model_name, field, value)
            if key not in texts:
                model = self.env[model_name]
                text = json.dumps(model._marketing_to_json(field, value))
                texts[key] = text.replace("\\", "\\\\")
            return texts[key]

        lines = []
        for (target, field), entry in changes.items():
            (source_model, source_id), (model, id_) = entry["source"], target
            old = dump(model, field, entry["old"])
            new = dump(model, field, entry["new"])
            asked = "\\N"
            if entry["asked"] is not None:
                asked = dump(model, field, entry["asked"])
            lines.append(
                f"{batch.id}\tapplied\t{entry['relation_id'] or 0}\t{source_model}\t"
                f"{source_id}\t{model}\t{id_}\t{field}\t{old}\t{new}\t{asked}\n"
            )
        change_model = self.env["marketing.sync.change"]
        change_model.flush_model()
        self.env.cr.copy_from(
            io.StringIO("".join(lines)), table=change_model._table, columns=COLUMNS
        )
        batch.invalidate_recordset(["change_ids", "change_count"])

    def _marketing_erase_journal(self):
        """Take the values of the records out of the journal; the entries stay.

        What is deleted leaves nothing personal behind.
        """
        if self.ids:
            self.env["marketing.sync.change"].flush_model()
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE marketing_sync_change
                       SET old_value = NULL, new_value = NULL, asked_value = NULL
                     WHERE target_model = %s AND target_id IN %s
                    """,
                    self._name,
                    tuple(self.ids),
                )
            )
            self.env["marketing.sync.change"].invalidate_model()
