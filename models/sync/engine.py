from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from .marketing_sync_journal import ALONG, JOURNAL, WRITING
from .sync_terms import TARGET_MODELS, Effect

# A value that one side normalises goes back to the others once; what they then make
# of it is theirs. So two sides that normalise differently can't chase each other.
MAX_ROUNDS = 3


def _bare(text):
    """Return the letters and digits of a text: what normalising leaves alone."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


class MarketingSyncPass(models.AbstractModel):
    """One pass of the engine: what a change makes of the others, and writing it."""

    _name = "marketing.sync.pass"
    _description = "Pass of a Synchronization"

    @api.model
    def _marketing_propagate(self, links, changes):
        """Bring what changed to the contacts and to their cards.

        :param list[Link] links: the links along which to go
        :param dict changes: ``{node: {field: new value}}``
        :raise UserError: of the class of the refusal, if a record refuses its new
            value; names the record and the fields
        """
        records = self._marketing_recordsets(
            {node for link in links for node in (link.contact, link.card)}
        )
        # what reaches another record is in the journal, whoever called (DESIGN §5.7)
        with self._marketing_journal("save"):
            for _round in range(MAX_ROUNDS):
                effects = self._marketing_plan(links, changes, records)
                effects = self._marketing_hold_back(effects)
                effects, settled = self._marketing_split_settled(effects)
                if not effects and not settled:
                    break
                if effects:
                    changes = self._marketing_apply(effects, changes, records)
                else:
                    changes = {}
                for (model_name, id_), vals in settled.items():
                    changes.setdefault((model_name, id_), {}).update(vals)

    @api.model
    def _marketing_plan(self, links, changes, records):
        """Decide what the changes make of the records: the one truth of the sync.

        Preview, sync and undo all go by it.

        :param dict records: ``{model name: records}`` of the links
        :rtype: list[Effect]
        """
        effects = {}
        news = {}  # contact -> {field: (value, source)}
        olds = {}  # (model, field) -> {id: value}, read as need be

        def add(target, field, value, source, relation_id, keep_filled):
            model_name, id_ = target
            key = (model_name, field)
            if key not in olds:
                olds[key] = records[model_name]._marketing_values(field)
            old = olds[key][id_]
            if old == value:
                return True
            if keep_filled and records[model_name]._marketing_is_empty(value, field):
                return False
            effects[target, field] = Effect(
                target, field, value, source, relation_id, old
            )
            return True

        incoming = self._marketing_get_incoming(links, changes)
        unfit = self._marketing_get_unfit_incoming(incoming, records)
        for contact, value, card, relation_id, line in incoming:
            name = line.contact_field
            if name in unfit.get(contact[1], ()):
                # what the contact can't take goes no further either
                continue
            if add(contact, name, value, card, relation_id, line.keep_filled):
                news.setdefault(contact, {})[name] = (value, card)
        for node, changed in changes.items():
            if node[0] == "marketing.contact":
                for name, value in changed.items():
                    effects.pop((node, name), None)
                    news.setdefault(node, {})[name] = (value, node)
        lines = self._marketing_lines("to_card", "contact_field", news)
        for relation_id, kind, contact, card in links if lines else ():
            contact_news = news.get(contact)
            for line in lines[kind] if contact_news else ():
                if line.contact_field in contact_news:
                    value, source = contact_news[line.contact_field]
                    if card != source:
                        name = line.card_field
                        add(card, name, value, source, relation_id, line.keep_filled)
        return list(effects.values())

    @api.model
    def _marketing_get_incoming(self, links, changes):
        """Return what changed on cards and goes to contacts, as tuples of contact,
        value, card, relation and line of the map.
        """
        lines = self._marketing_lines("to_contact", "card_field", changes)
        incoming = []
        for relation_id, kind, contact, card in links if lines else ():
            changed = changes.get(card)
            for line in lines[kind] if changed else ():
                if line.card_field in changed:
                    value = changed[line.card_field]
                    incoming.append((contact, value, card, relation_id, line))
        return incoming

    @api.model
    def _marketing_split_settled(self, effects):
        """Return the effects to write, and ``{node: {field: value}}`` of the records
        that made, the last time, what they have now of the very value that they are to
        get: an add-on's capitals, say. They need no write, the sender gets theirs.
        """
        variants = {
            (effect.target, effect.field): effect
            for effect in effects
            if isinstance(effect.value, str)
            and isinstance(effect.old, str)
            and _bare(effect.value) == _bare(effect.old)
        }
        if not variants:
            return effects, {}
        Change = self.env["marketing.sync.change"]
        Change.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (target_model, target_id, field_name)
                       target_model, target_id, field_name, asked_value, new_value
                  FROM marketing_sync_change
                 WHERE target_id IN %s AND target_model IN %s AND field_name IN %s
                   AND asked_value IS NOT NULL
              ORDER BY target_model, target_id, field_name, id DESC
                """,
                tuple({target[1] for target, _field in variants}),
                tuple({target[0] for target, _field in variants}),
                tuple({field for _target, field in variants}),
            )
        )
        settled = {}
        for model_name, id_, field, asked, new in rows:
            effect = variants.get(((model_name, id_), field))
            if effect and effect.value == asked and effect.old == new:
                settled.setdefault(effect.target, {})[field] = effect.old
        effects = [e for e in effects if e.field not in settled.get(e.target, ())]
        return effects, settled

    @api.model
    def _marketing_get_unfit_incoming(self, incoming, records):
        """Return ``{contact id: fields}`` that contacts can't take, and tell.

        :param list incoming: tuples of contact, value, card, relation and line
        """
        values = {}
        for contact, value, _card, _relation_id, line in incoming:
            if not (
                line.keep_filled
                and records[contact[0]]._marketing_is_empty(value, line.contact_field)
            ):
                values.setdefault(contact[1], {})[line.contact_field] = value
        if not values:
            return {}
        contacts = records["marketing.contact"]
        unfit = contacts._marketing_get_unfit(values)
        held = [
            Effect(contact, name, value, card, relation_id, None)
            for contact, value, card, relation_id, line in incoming
            if (name := line.contact_field) in unfit.get(contact[1], ())
            and contacts.browse(contact[1])._marketing_value(name) != value
        ]
        if held:
            self._marketing_tell_held_back(held)
        return unfit

    @api.model
    def _marketing_lines(self, direction, side, changes):
        """Return ``{kind: lines}`` of the map that go a way and carry a change.

        :param str direction: ``to_card`` or ``to_contact``
        :param str side: ``contact_field`` or ``card_field``
        :param dict changes: ``{node: {field: anything}}``
        """
        names = {name for changed in changes.values() for name in changed}
        lines = defaultdict(list)
        for line in self.env["marketing.sync.field"]._get_map():
            if getattr(line, direction) and getattr(line, side) in names:
                lines[line.kind].append(line)
        return lines

    @api.model
    def _marketing_apply(self, effects, sources, records=None):
        """Write the effects, one batch for each model and set of values.

        :param list[Effect] effects: what to write
        :param sources: the nodes that it comes from
        :param dict records: ``{model name: records}`` with all targets among them
        :return: ``{node: {field: value}}`` of what came out other than planned,
            because the record normalised it or changed others along
        """
        state = self._marketing_state()
        journal = state.get(JOURNAL)
        values = {}
        for effect in effects:
            values.setdefault(effect.target, {})[effect.field] = effect.value
        records = records or self._marketing_recordsets(values)
        names = {}
        if journal and journal.dry:
            names = {
                node: record.display_name
                for node, record in self._marketing_records(values).items()
            }
        batches = {model_name: {} for model_name in TARGET_MODELS}
        for (model_name, id_), vals in values.items():
            batches[model_name].setdefault(tuple(vals.items()), []).append(id_)
        writing, along = state.setdefault(WRITING, {}), state.setdefault(ALONG, {})
        taken = self._marketing_take(writing, batches, sources)
        try:
            for model_name, model_batches in batches.items():
                for batch, ids in model_batches.items():
                    targets = records[model_name].browse(ids)
                    targets._marketing_write_batch(dict(batch))
        finally:
            for node in taken:
                del writing[node]
            # taken out also when a write was refused: the next pass knows nothing of it
            changed = {node: along.pop(node) for node in taken if node in along}
        others = {}
        news = {}
        for target, field, value, source, relation_id, old in effects:
            model_name, id_ = target
            key = (model_name, field)
            if key not in news:
                news[key] = records[model_name]._marketing_values(field)
            new = news[key][id_]
            asked = None
            if new != value:
                asked = value
                others.setdefault(target, {})[field] = new
            if journal:
                journal.note(
                    *(target, field, old, new, source, relation_id),
                    *(names.get(target), asked),
                )
        for node, record in self._marketing_records(changed).items():
            for field in changed[node]:
                others.setdefault(node, {})[field] = record._marketing_value(field)
        return others

    @api.model
    def _marketing_take(self, writing, batches, sources):
        """Take what is about to be written, and where it comes from, in hand.

        :return: the nodes that nobody had in hand before
        """
        taken = []
        for model_name, model_batches in batches.items():
            for batch, ids in model_batches.items():
                planned = frozenset(name for name, _value in batch)
                for id_ in ids:
                    if (model_name, id_) not in writing:
                        writing[model_name, id_] = planned
                        taken.append((model_name, id_))
        for node in sources:
            if node not in writing:
                writing[node] = frozenset()
                taken.append(node)
        return taken
