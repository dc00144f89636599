"""The journal: what one save, link, creation, repair or undo has written where."""

import io
import json

from odoo.tools import SQL

from .kinds import RecordKey
from .rights import elevated
from .values import get_values, to_json

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


# what is noted in lists that only grow
LISTS = ("relations", "made", "removed_links", "merged_contacts", "held_back")


class Journal:
    """What one save, link, creation, repair or undo has done so far.

    What is rolled back with a savepoint, anybody's, is taken back here as well, see
    :func:`session.open_journal`.

    :ivar entries: ``{(record key, field): {source, relation_id, old, new, asked}}``
    :ivar relations: ids of the relations that were made
    :ivar made: the keys of the records that were made
    :ivar removed_links: ids and values of the relations that were removed
    :ivar moved_links: ``{relation id: {"old": values, "new": values}}`` of the
        relations that got another contact or card
    :ivar merged_contacts: which contacts were merged into which, or no more, as lists
        that JSON can hold
    :ivar held_back: texts about what the guard held back
    :ivar shown: ``{record key: Shown}``, kept by a preview only
    :ivar batch: the entry, made before the end where links are to point at it
    """

    def __init__(self, origin, dry=False, run_id=None):
        self.origin = origin
        self.run_id = run_id
        self.dry = dry
        self.entries = {}
        self.relations = []
        self.made = []
        self.removed_links = []
        self.moved_links = {}
        self.merged_contacts = []
        self.held_back = []
        self.shown = {}
        self.batch = None
        # what was in a dictionary before each note
        self._steps = []

    # ------------------------------------------------------------
    # SAVEPOINTS
    # ------------------------------------------------------------

    def mark(self):
        """Return how far the journal is, for :meth:`take_back`."""
        return len(self._steps), [len(getattr(self, n)) for n in LISTS], self.batch

    def take_back(self, mark):
        """Forget what was noted since a mark: it was rolled back."""
        steps, lengths, self.batch = mark
        while len(self._steps) > steps:
            notes, key, before = self._steps.pop()
            if before is None:
                del notes[key]
            else:
                notes[key] = before
        for name, length in zip(LISTS, lengths, strict=True):
            del getattr(self, name)[length:]

    def _set(self, notes, key, value):
        """Note a value in a dictionary such that it can be taken back."""
        self._steps.append((notes, key, notes.get(key)))
        notes[key] = value

    # ------------------------------------------------------------
    # NOTE
    # ------------------------------------------------------------

    def note(self, target, field, old, new, source, relation_id, asked=None):
        """Note a value written; several on one field become one entry.

        :param asked: the value that the record made `new` of, if it did
        """
        first = self.entries.get((target, field))
        entry = {
            "source": source,
            "relation_id": relation_id,
            "old": first["old"] if first else old,
            "new": new,
            "asked": asked,
        }
        self._set(self.entries, (target, field), entry)

    def note_created(self, quadruples):
        """Note the values that records were made with.

        :param quadruples: the source, the record made, the relation between the two,
            and the names of the shared fields of the record
        """
        made = {}
        for source, record, relation, names in quadruples:
            made.setdefault((record._name, tuple(names)), []).append(
                (source, record, relation)
            )
        for (model_name, names), triples in made.items():
            env = triples[0][1].env
            ids = [record.id for _source, record, _relation in triples]
            records = elevated(env[model_name].browse(ids))
            values = {name: get_values(records, name) for name in names}
            for source, record, relation in triples:
                target, origin = (model_name, record.id), (source._name, source.id)
                for name, by_id in values.items():
                    if value := by_id[record.id]:
                        self.note(target, name, False, value, origin, relation.id)

    def note_made(self, records):
        """Note that records were made, which an undo may delete again."""
        self.made += [RecordKey(records._name, id_) for id_ in records._ids]

    def note_move(self, relation_id, old, new):
        """Note that a relation got another contact or card; two moves become one."""
        first = self.moved_links.get(relation_id)
        move = {"old": first["old"] if first else old, "new": new}
        self._set(self.moved_links, relation_id, move)

    def note_removed(self, relations):
        """Note the relations that are about to be removed."""
        self.removed_links += [
            {"id": relation.id, **relation._get_link_values()} for relation in relations
        ]

    def forget(self):
        """Leave nothing to undo, nor a value: only that, when and by whom."""
        self.entries, self.moved_links = {}, {}
        self.relations, self.made = [], []
        self.removed_links, self.merged_contacts = [], []

    # ------------------------------------------------------------
    # WHAT IT COMES TO
    # ------------------------------------------------------------

    def get_changes(self):
        """Return the entries that changed something."""
        return {
            key: entry
            for key, entry in self.entries.items()
            if entry["old"] != entry["new"]
        }

    # ------------------------------------------------------------
    # SAVE
    # ------------------------------------------------------------

    def save(self, env):
        """Write a batch with its changes, if anything reached another record."""
        made = {}
        for model_name, id_ in self.made:
            made.setdefault(model_name, []).append(id_)
        vals = {
            "created_ids": made,
            "removed_links": self.removed_links,
            "moved_links": [
                {"id": relation_id, **move}
                for relation_id, move in self.moved_links.items()
                if move["old"] != move["new"]
            ],
            "merged_contacts": self.merged_contacts,
        }
        vals = {name: value for name, value in vals.items() if value}
        changes = self.get_changes()
        reached = self.origin != "save" or any(
            target != entry["source"] for (target, _field), entry in changes.items()
        )
        if not (vals or self.relations or (changes and reached)):
            return
        batch = self.get_batch(env)
        if vals:
            batch.write(vals)
        if changes:
            _copy_changes(env, batch, changes)

    def get_batch(self, env):
        """Return the journal's entry, made now unless it is there."""
        if not self.batch:
            # by SQL, as its changes: each save makes one, and nothing hears of it
            rows = env.execute_query(
                SQL(
                    """
                    INSERT INTO marketing_sync_batch
                        (origin, run_id, user_id, company_id, date,
                         create_uid, create_date, write_uid, write_date)
                    VALUES (%(origin)s, %(run)s, %(user)s, %(company)s, %(now)s,
                            %(user)s, %(now)s, %(user)s, %(now)s)
                    RETURNING id
                    """,
                    origin=self.origin,
                    run=self.run_id,
                    user=env.uid,
                    company=env.company.id,
                    now=env.cr.now(),
                )
            )
            # sudo: whoever saves a record has no right to write the journal
            self.batch = env["marketing.sync.batch"].sudo().browse(rows[0])
        return self.batch

    def offer_undo(self, env, message, **params):
        """Return the action that says what was done and offers to undo it.

        :param str message: what was done
        :param params: `next`, the action that comes next
        """
        entry = self.batch or env["marketing.sync.batch"]
        return entry._offer_undo(message, **params)


def _copy_changes(env, batch, changes):
    """Write the changes of a batch, all in one COPY, as Odoo writes its own lists of
    names: thousands of rows go with each large save.
    """
    texts = {}  # the same few values go to many records

    def dump(model_name, field, value):
        text = json.dumps(to_json(env[model_name], field, value))
        return text.replace("\\", "\\\\")

    def get_texts(model_name, field, old, new, asked):
        key = (model_name, field, old, new, asked)
        if key not in texts:
            text = f"{dump(model_name, field, old)}\t{dump(model_name, field, new)}"
            last = "\\N" if asked is None else dump(model_name, field, asked)
            texts[key] = f"{text}\t{last}"
        return texts[key]

    lines = []
    for (target, field), entry in changes.items():
        (source_model, source_id), (model, id_) = entry["source"], target
        values = get_texts(model, field, entry["old"], entry["new"], entry["asked"])
        lines.append(
            f"{batch.id}\tapplied\t{entry['relation_id'] or 0}\t{source_model}\t"
            f"{source_id}\t{model}\t{id_}\t{field}\t{values}\n"
        )
    change_model = env["marketing.sync.change"]
    change_model.flush_model()
    env.cr.copy_from(
        io.StringIO("".join(lines)), table=change_model._table, columns=COLUMNS
    )
    batch.invalidate_recordset(["change_ids", "change_count"])


def erase(env, condition):
    """Take the values of changes out of the journal; the entries stay.

    What is deleted leaves nothing personal behind.

    :param SQL condition: which of the changes
    """
    changes = env["marketing.sync.change"]
    changes.flush_model()
    env.cr.execute(
        SQL(
            """
            UPDATE marketing_sync_change
               SET old_value = NULL, new_value = NULL, asked_value = NULL WHERE %s
            """,
            condition,
        )
    )
    changes.invalidate_model()
