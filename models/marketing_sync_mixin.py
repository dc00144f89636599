from collections import defaultdict

from odoo import api, models, tools
from odoo.tools import SQL

from .marketing_sync_journal import JOURNAL, WRITING
from .sync_terms import CARD_MODELS, TARGET_MODELS, Effect, InHand, Link

# A value that one side normalises goes back to the others once; what they then make
# of it is theirs. So two sides that normalise differently can't chase each other.
MAX_ROUNDS = 3


class MarketingSyncMixin(models.AbstractModel):
    """The engine: who hears of a change, and what they get.

    Contacts, partners, bank accounts and banks inherit it. A `write` on any of them is
    compared before and after; what changed among the shared fields goes to the contact
    and to its other cards, in one pass and one transaction (DESIGN §5).

    A record is named by its *node*, the pair of its model's name and its id. While the
    engine writes, the nodes in its hands are noted for the transaction: a write
    on one of them starts no pass of its own, a write on any other record does. So what
    Odoo itself writes on (child addresses, normalised numbers) is heard of as well.
    """

    _name = "marketing.sync.mixin"
    _inherit = [
        "marketing.sync.guard",
        "marketing.sync.journal",
        "marketing.sync.lineage",
        "marketing.sync.notice",
        "marketing.sync.value",
    ]
    _description = "Contact Synchronization"

    # column of marketing_contact_relation that holds the records of the model
    _marketing_link_column = None

    def write(self, vals):
        watched = self._marketing_watched_fields(tuple(vals))
        if not watched:
            return super().write(vals)
        writing = self._marketing_state().get(WRITING)
        if writing:
            in_hand, others = self._marketing_split(vals, writing)
            records = in_hand + others
        else:
            in_hand, others, records = self.browse(), self, self
        links = others._marketing_get_links()
        if not links and not in_hand:
            return super(MarketingSyncMixin, records).write(vals)
        own_ids = {
            id_
            for link in links
            for name, id_ in (link.contact, link.card)
            if name == self._name
        }
        # sudo: the editor may lack the right to read a shared field (field groups)
        elevated = self.sudo().with_context(bin_size=False)
        linked = elevated.browse(id_ for id_ in others._ids if id_ in own_ids)
        # the engine itself looks at what it has planned: here is what comes along
        along = in_hand and watched.difference(
            frozenset.intersection(
                *{writing[self._name, id_].planned for id_ in in_hand._ids}
            )
        )
        touched = elevated.browse(in_hand._ids if along else ())
        before = linked._marketing_snapshot(watched)
        before_along = touched._marketing_snapshot(along)
        result = super(MarketingSyncMixin, records).write(vals)
        for node, changed in touched._marketing_changes(before_along).items():
            writing[node].changed.update(changed)
        changes = linked._marketing_changes(before)
        if changes:
            with self._marketing_journal("save") as journal:
                relation_ids = {link.card: link.relation_id for link in links}
                for node, changed in changes.items():
                    relation_id = relation_ids.get(node)
                    for name, new in changed.items():
                        old = before[node][name]
                        journal.note(node, name, old, new, node, relation_id)
                self._marketing_propagate(links, changes)
        return result

    def _marketing_split(self, vals, writing):
        """Return the records in the engine's hands, and the others it may write on.

        What Odoo writes on from a card, say a company's address to its people, runs
        with the engine's rights: what is guarded stays guarded there, too.
        """
        in_hand = self.browse(id_ for id_ in self._ids if (self._name, id_) in writing)
        others = self - in_hand
        if others and self.env.su:
            guarded = others._marketing_guarded_fields(vals)
            others = others.filtered(lambda record: not guarded.get(record.id))
        return in_hand, others

    # ------------------------------------------------------------
    # WHAT CHANGED
    # ------------------------------------------------------------

    @tools.ormcache("self._name", "field_names")
    def _marketing_watched_fields(self, field_names):
        """Return the shared fields that writing `field_names` may change.

        Besides the written ones these are the stored computed fields that depend on
        them, such as the language of a partner that gets a parent.
        """
        shared = self._marketing_shared_fields()
        watched = shared.intersection(field_names)
        for name in field_names:
            if shared and name in self._fields:
                watched |= {
                    field.name
                    for field in self.pool.get_dependent_fields(self._fields[name])
                    if field.model_name == self._name and field.name in shared
                }
        return frozenset(watched)

    @api.model
    def _marketing_shared_fields(self):
        """Return the names of the model's own shared fields."""
        lines = self.env["marketing.sync.field"]._get_map()
        if self._name == "marketing.contact":
            return {line.contact_field for line in lines}
        return {
            line.card_field for line in lines if CARD_MODELS[line.kind] == self._name
        }

    def _marketing_snapshot(self, field_names):
        """Return ``{node: {field: value}}``, with values that can be compared."""
        return {
            (self._name, record.id): {
                name: record._marketing_value(name) for name in field_names
            }
            for record in self
        }

    def _marketing_changes(self, before):
        """Return ``{node: {field: new value}}`` of what is other than in a snapshot."""
        changes = {}
        for record in self if before else ():
            node = (self._name, record.id)
            changed = {
                name: value
                for name, old in before[node].items()
                if (value := record._marketing_value(name)) != old
            }
            if changed:
                changes[node] = changed
        return changes

    # ------------------------------------------------------------
    # WITH WHOM
    # ------------------------------------------------------------

    def _marketing_get_links(self):
        """Return the links of the records' contacts, all cards of each included.

        One query, which also locks the contacts in the order of their ids: whoever
        saves any record of a group waits for the others there, before touching the
        cards. So two saves can't wait for each other.

        :rtype: list[Link]
        """
        if not self.ids or not self._marketing_link_column:
            return []
        Relation = self.env["marketing.contact.relation"]
        Relation.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT relation.id, relation.kind, relation.contact_id,
                       relation.partner_id, relation.bank_id
                  FROM marketing_contact_relation relation
                  JOIN marketing_contact contact ON contact.id = relation.contact_id
                 WHERE relation.kind IS NOT NULL
                   AND relation.contact_id IN (
                        SELECT contact_id
                          FROM marketing_contact_relation
                         WHERE %(column)s IN %(ids)s AND kind IS NOT NULL)
              ORDER BY contact.id, relation.id
                   FOR NO KEY UPDATE OF contact
                """,
                column=SQL.identifier(self._marketing_link_column),
                ids=tuple(self.ids),
            )
        )
        return [
            Link(
                relation_id=relation_id,
                kind=kind,
                contact=("marketing.contact", contact_id),
                card=(CARD_MODELS[kind], bank_id if kind == "bank_account" else card),
            )
            for relation_id, kind, contact_id, card, bank_id in rows
            if card or bank_id
        ]

    @api.model
    def _marketing_records(self, nodes):
        """Return ``{node: record}`` for `nodes`, with rights to write what is shared.

        The one place that elevates rights (DESIGN §9).
        """
        ids = defaultdict(list)
        for model_name, id_ in nodes:
            ids[model_name].append(id_)
        # sudo: the editor of one side may lack every right on the others; what is
        # written there are the shared fields of linked records and nothing else.
        return {
            (model_name, record.id): record
            for model_name, model_ids in ids.items()
            for record in self.env[model_name]
            .sudo()
            .with_context(bin_size=False)
            .browse(model_ids)
        }

    # ------------------------------------------------------------
    # THE PASS
    # ------------------------------------------------------------

    @api.model
    def _marketing_propagate(self, links, changes):
        """Bring what changed to the contacts and to their cards.

        :param list[Link] links: the links along which to go
        :param dict changes: ``{node: {field: new value}}``
        :raise UserError: of the class of the refusal, if a record refuses its new
            value; names the record and the fields
        """
        records = self._marketing_records(
            {node for link in links for node in (link.contact, link.card)}
        )
        for _round in range(MAX_ROUNDS):
            effects = self._marketing_plan(links, changes, records)
            effects = self._marketing_hold_back(effects, records)
            if not effects:
                break
            changes = self._marketing_apply(effects, changes, records)

    @api.model
    def _marketing_plan(self, links, changes, records):
        """Decide what the changes make of the records: the one truth of the sync.

        Preview, sync and undo all go by it.

        :rtype: list[Effect]
        """
        shared = defaultdict(list)
        for line in self.env["marketing.sync.field"]._get_map():
            shared[line.kind].append(line)
        effects = {}
        news = {}  # contact -> {field: (value, source)}

        def add(target, field, value, source, link, keep_filled):
            record = records[target]
            old = record._marketing_value(field)
            if old == value:
                return True
            if keep_filled and record._marketing_is_empty(value, field):
                return False
            effects[target, field] = Effect(
                target, field, value, source, link.relation_id, old
            )
            return True

        for link in links:
            changed = changes.get(link.card)
            for line in shared[link.kind] if changed else ():
                if line.to_contact and line.card_field in changed:
                    name = line.contact_field
                    value = changed[line.card_field]
                    if add(
                        link.contact, name, value, link.card, link, line.keep_filled
                    ):
                        news.setdefault(link.contact, {})[name] = (value, link.card)
        for node, changed in changes.items():
            if node[0] == "marketing.contact":
                for name, value in changed.items():
                    effects.pop((node, name), None)
                    news.setdefault(node, {})[name] = (value, node)
        for link in links:
            contact_news = news.get(link.contact)
            for line in shared[link.kind] if contact_news else ():
                if line.to_card and line.contact_field in contact_news:
                    value, source = contact_news[line.contact_field]
                    if link.card != source:
                        name = line.card_field
                        add(link.card, name, value, source, link, line.keep_filled)
        return list(effects.values())

    @api.model
    def _marketing_apply(self, effects, sources, records):
        """Write the effects, one batch for each model and set of values.

        :return: ``{node: {field: value}}`` of what came out other than planned,
            because the record normalised it or changed others along
        """
        state = self._marketing_state()
        journal = state.get(JOURNAL)
        values = {}
        for effect in effects:
            values.setdefault(effect.target, {})[effect.field] = effect.value
        names = {
            node: records[node].display_name
            for node in (values if journal and journal.dry else ())
        }
        batches = {model_name: {} for model_name in TARGET_MODELS}
        for node, vals in values.items():
            batches[node[0]].setdefault(tuple(vals.items()), []).append(node[1])
        writing = state.setdefault(WRITING, {})
        taken = {}
        for node in [*values, *sources]:
            if node not in writing:
                planned = frozenset(values.get(node, ()))
                taken[node] = writing[node] = InHand(planned, set())
        try:
            for model_name, model_batches in batches.items():
                for batch, ids in model_batches.items():
                    targets = records[model_name, ids[0]].browse(ids)
                    targets._marketing_write_batch(dict(batch))
        finally:
            for node in taken:
                del writing[node]
        others = {}
        for effect in effects:
            target, field = effect.target, effect.field
            new = records[target]._marketing_value(field)
            if new != effect.value and new != effect.old:
                others.setdefault(target, {})[field] = new
            if journal:
                journal.note(
                    target,
                    field,
                    effect.old,
                    new,
                    effect.source,
                    effect.relation_id,
                    names.get(target),
                )
        for node, in_hand in taken.items():
            for field in in_hand.changed:
                value = records[node]._marketing_value(field)
                others.setdefault(node, {})[field] = value
        return others
