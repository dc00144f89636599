import io
import json
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from odoo import api, models
from odoo.tools import SQL

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
)

# How many values a preview shows: nobody reads a table of thousands.
SHOWN_EFFECTS = 100


class Journal:
    """What one save, link, creation, repair or undo has done so far.

    :ivar entries: ``{(node, field): {source, relation_id, old, new, display_name}}``
    :ivar relations: ids of the relations that were made
    :ivar created: the records that were made
    :ivar removed_links: values of the relations that were removed
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
        self.held_back = []
        self.roles = {}
        self.batch = None

    def note(self, target, field, old, new, source, relation_id, display_name=None):
        """Note a value written; several on one field become one entry."""
        first = self.entries.get((target, field))
        self.entries[target, field] = {
            "source": source,
            "relation_id": relation_id,
            "old": first["old"] if first else old,
            "new": new,
            "display_name": first["display_name"] if first else display_name,
        }

    def get_changes(self):
        """Return the entries that changed something."""
        return {
            key: entry
            for key, entry in self.entries.items()
            if entry["old"] != entry["new"]
        }


class MarketingSyncJournal(models.AbstractModel):
    """Keeping the journal, and showing beforehand what would be in it."""

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
            records = self.env[model_name].browse(record.id for _s, record, _r in triples)
            values = {
                name: records._marketing_elevated()._marketing_values(name)
                for name in names
            }
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
        changes = journal.get_changes()
        if journal.origin == "save" and not journal.relations:
            if all(target == e["source"] for (target, _f), e in changes.items()):
                return
        if not (changes or journal.relations or journal.removed_links):
            return
        batch = self._marketing_open_batch(journal)
        vals = {}
        if journal.created:
            vals["created_model"] = journal.created._name
            vals["created_ids"] = journal.created.ids
        if journal.removed_links:
            vals["removed_links"] = journal.removed_links
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
                self.env["marketing.sync.batch"]
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
            lines.append(
                f"{batch.id}\tapplied\t{entry['relation_id'] or 0}\t{source_model}\t"
                f"{source_id}\t{model}\t{id_}\t{field}\t{old}\t{new}\n"
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
                       SET old_value = NULL, new_value = NULL
                     WHERE target_model = %s AND target_id IN %s
                    """,
                    self._name,
                    tuple(self.ids),
                )
            )
            self.env["marketing.sync.change"].invalidate_model()

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    def _marketing_preview(self, deed):
        """Return what `deed` would write elsewhere, and write nothing.

        The deed is done and rolled back: what is shown is what would happen, values as
        normalised as they will be, refusals included. It is done in an environment with
        a memory of its own, for a roll-back empties the memory, and with it a form that
        is being filled in.

        :param deed: function of the environment to do it in
        :return: list of ``{model, id, display_name, field, old, new}``
        """
        return self._marketing_try(deed)[0]

    def _marketing_try(self, deed):
        """Return what `deed` would write elsewhere, and the journal of it."""
        own_nodes = {(record._name, record.id) for record in self}
        state = self._marketing_state()
        outer = state.get(JOURNAL)
        journal = state[JOURNAL] = Journal("preview", dry=True)
        cr = self.env.cr
        cr.flush()
        transaction, cr.transaction = cr.transaction, None
        try:
            env = api.Environment(cr, self.env.uid, self.env.context, self.env.su)
            with cr.savepoint() as savepoint:
                deed(env)
                env.flush_all()
                for node in {target for target, _field in journal.get_changes()}:
                    journal.roles[node] = env[node[0]].browse(node[1])._marketing_role()
                savepoint.rollback()
        finally:
            cr.transaction = transaction
            state[JOURNAL] = outer
        created = journal.created
        if created:
            own_nodes.update((created._name, id_) for id_ in created._ids)
        changes = {
            key: entry
            for key, entry in journal.get_changes().items()
            if key[0] not in own_nodes
        }
        readable = self._marketing_get_readable({node for node, _field in changes})
        hidden = self.env._("a record that you may not see")
        effects = [
            {
                "model": node[0],
                "id": node[1],
                "display_name": entry["display_name"] if node in readable else hidden,
                "field": field,
                "old": entry["old"] if node in readable else False,
                "new": entry["new"],
            }
            for (node, field), entry in changes.items()
        ]
        return effects, journal

    @api.model
    def _marketing_get_readable(self, nodes):
        """Return those of the nodes whose records the user may read."""
        ids = {}
        for model_name, id_ in nodes:
            ids.setdefault(model_name, []).append(id_)
        return {
            (model_name, id_)
            for model_name, model_ids in ids.items()
            for id_ in self.env[model_name]
            .browse(model_ids)
            ._filtered_access("read")
            ._ids
        }

    def preview_sync(self, vals):
        """Return what saving `vals` on the records would write elsewhere.

        :param dict vals: as for ``write``
        :return: list of ``{model, id, display_name, field, old, new}``
        """
        self._marketing_check_values(vals)
        return self._marketing_preview(lambda env: self.with_env(env).write(dict(vals)))

    @api.model
    def _marketing_render(self, effects, problem=None, created=None, roles=None):
        """Return the effects of a preview as HTML for a form.

        :param list effects: as :meth:`_marketing_preview` returns them
        :param str problem: what stands in the way
        :param list created: lines about the records that will be created
        :param dict roles: ``{node: what the record is}``, by default what it is now
        """
        return self.env["ir.qweb"]._render(
            "marketing_contact.preview",
            {
                "effects": [
                    self._marketing_describe(effect, roles)
                    for effect in effects[:SHOWN_EFFECTS]
                ],
                "more": max(len(effects) - SHOWN_EFFECTS, 0),
                "problem": problem,
                "created": created or [],
            },
        )

    @api.model
    def _marketing_describe(self, effect, roles=None):
        """Return an effect of a preview with texts in place of technical values."""
        model = self.env[effect["model"]]
        name = effect["field"]
        role = (roles or {}).get((effect["model"], effect["id"]))
        return {
            "record": effect["display_name"],
            "role": role or model.browse(effect["id"])._marketing_role(),
            "field": model._fields[name]._description_string(self.env),
            "old": model._marketing_format_value(name, effect["old"]),
            "new": model._marketing_format_value(name, effect["new"]),
        }

    def _marketing_role(self):
        """Return what the record is in the user's words."""
        # sudo: only administrators may read the list of models (ir.model)
        return self.env["ir.model"].sudo()._get(self._name).name
