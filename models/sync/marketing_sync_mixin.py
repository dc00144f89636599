from collections import defaultdict

from odoo import api, fields, models, tools
from odoo.tools import SQL

from .marketing_sync_journal import ALONG, WRITING
from .sync_terms import CARD_MODELS, Link


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
        "marketing.sync.pass",
        "marketing.sync.preview",
        "marketing.sync.value",
    ]
    _description = "Contact Synchronization"

    # column of marketing_contact_relation that holds the records of the model
    _marketing_link_column = None

    marketing_linked = fields.Boolean(
        string="Linked with a Marketing Contact",
        compute="_compute_marketing_linked",
        exportable=False,
        help="Changes of shared details go to other records, too.",
    )

    def write(self, vals):
        watched = self._marketing_watched_fields(tuple(vals))
        if not watched:
            return super().write(vals)
        state = self._marketing_state()
        writing = state.get(WRITING)
        if not writing and not self._marketing_get_maybe_linked_ids():
            return super().write(vals)
        if writing:
            in_hand, others, held = self._marketing_split(vals, writing)
            for record, names in held:
                rest = {name: vals[name] for name in vals.keys() - names}
                if rest:
                    MarketingSyncMixin.write(record, rest)
            records = in_hand + others
            if not records:
                return True
        else:
            in_hand, others, records = self.browse(), self, self
        links = others._marketing_get_links()
        if not links and not in_hand:
            return super(MarketingSyncMixin, records).write(vals)
        elevated = self._marketing_elevated()
        linked = elevated.browse(others._marketing_filter_linked_ids(links))
        # the engine itself looks at what it has planned: here is what comes along
        along = in_hand and watched.difference(
            frozenset.intersection(*{writing[self._name, id_] for id_ in in_hand._ids})
        )
        touched = elevated.browse(in_hand._ids if along else ())
        before = linked._marketing_snapshot(watched)
        before_along = touched._marketing_snapshot(along)
        result = super(MarketingSyncMixin, records).write(vals)
        for node, changed in touched._marketing_changes(before_along).items():
            state.setdefault(ALONG, {}).setdefault(node, set()).update(changed)
        changes = linked._marketing_changes(before)
        if changes:
            with self._marketing_journal("save") as journal:
                relation_ids = {link.card: link.relation_id for link in links}
                for node, changed in changes.items():
                    relation_id = relation_ids.get(node)
                    for name, new in changed.items():
                        old = before[name][node[1]]
                        journal.note(node, name, old, new, node, relation_id)
                self._marketing_propagate(links, changes)
        return result

    def _marketing_split(self, vals, writing):
        """Return the records in the engine's hands, the others it may write on, and
        pairs of those that it may not write as a whole, and what is held back there.

        What Odoo writes on from a card, say a company's address to its people, runs
        with the engine's rights: what is guarded stays guarded there, too.
        """
        in_hand = self.browse(id_ for id_ in self._ids if (self._name, id_) in writing)
        others = self - in_hand
        held = []
        if others and self.env.su:
            guarded = others._marketing_guarded_fields(vals)
            held = [
                (record, guarded[record.id])
                for record in others
                if guarded.get(record.id)
            ]
            others = others.filtered(lambda record: not guarded.get(record.id))
            self._marketing_tell_nested(held, vals, writing)
        return in_hand, others, held

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
        """Return ``{field: {id: value}}``, with values that can be compared."""
        return {name: self._marketing_values(name) for name in field_names if self}

    def _marketing_changes(self, before):
        """Return ``{node: {field: new value}}`` of what is other than in a snapshot."""
        changes = {}
        for name, olds in before.items():
            for id_, new in self._marketing_values(name).items():
                if new != olds[id_]:
                    changes.setdefault((self._name, id_), {})[name] = new
        return changes

    # ------------------------------------------------------------
    # WITH WHOM
    # ------------------------------------------------------------

    def _marketing_get_links(self):
        """Return the links of the records' contacts, all cards of each included.

        Locks the contacts in the order of their ids: whoever saves any record of a
        group waits for the others there, before touching the cards. So two saves can't
        wait for each other.

        :rtype: list[Link]
        """
        contact_ids = self._marketing_get_linked_contact_ids()
        if not contact_ids:
            return []
        # who may not write holds up nobody: Odoo itself asks later
        self.check_access("write")
        self.env["marketing.contact.relation"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT relation.id, relation.kind, relation.contact_id,
                       relation.partner_id, relation.bank_id
                  FROM marketing_contact_relation relation
                  JOIN marketing_contact contact ON contact.id = relation.contact_id
                 WHERE relation.kind IS NOT NULL AND contact.id IN %s
              ORDER BY contact.id, relation.id
                   FOR NO KEY UPDATE OF contact
                """,
                contact_ids,
            )
        )
        if self._marketing_link_column == "contact_id":
            self._marketing_remember_linked({row[2] for row in rows})
        return [
            Link(
                relation_id,
                kind,
                ("marketing.contact", contact_id),
                (CARD_MODELS[kind], bank_id if kind == "bank_account" else card),
            )
            for relation_id, kind, contact_id, card, bank_id in rows
            if card or bank_id
        ]

    def _marketing_filter_linked_ids(self, links):
        """Return the ids of those records that are among the links."""
        side = "contact" if self._marketing_link_column == "contact_id" else "card"
        nodes = {getattr(link, side) for link in links}
        return [id_ for id_ in self._ids if (self._name, id_) in nodes]

    def _marketing_get_linked_contact_ids(self):
        """Return the ids of the contacts that the records are linked with.

        Of contacts these are their own ids, those without a link included, unless a
        look has been taken already.
        """
        ids = self._marketing_get_maybe_linked_ids()
        if not ids or self._marketing_link_column == "contact_id":
            return ids
        contact_ids = self._marketing_look_for_links(ids)
        self._marketing_remember_linked(contact_ids)
        return tuple({id_ for found in contact_ids.values() for id_ in found})

    # Most partners have no link: all that saves of theirs cost is one look in a
    # transaction. What it finds is kept as the value of a field, so that Odoo forgets
    # it with the first change of a link.

    def _marketing_get_maybe_linked_ids(self):
        """Return the ids of those records that are not known to have no link."""
        if not self._marketing_link_column:
            return ()
        linked = self._fields["marketing_linked"]._get_cache(self.env)
        return tuple(id_ for id_ in self._ids if id_ and linked.get(id_, True))

    def _marketing_remember_linked(self, linked_ids):
        """Remember what a look for the records' links has found."""
        linked = self._fields["marketing_linked"]._get_cache(self.env)
        linked.update((id_, id_ in linked_ids) for id_ in self._ids if id_)

    @api.model
    def _marketing_look_for_links(self, ids):
        """Return ``{record id: contact ids}`` of the linked records among `ids`."""
        contact_ids = defaultdict(list)
        if not ids:
            return contact_ids
        self.env["marketing.contact.relation"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(column)s, contact_id FROM marketing_contact_relation
                 WHERE %(column)s IN %(ids)s AND kind IS NOT NULL
                """,
                column=SQL.identifier(self._marketing_link_column),
                ids=ids,
            )
        )
        for id_, contact_id in rows:
            contact_ids[id_].append(contact_id)
        return contact_ids

    @api.model
    def _marketing_linked_depends(self):
        """Return what decides whether a record is linked."""
        return [
            f"{name}.{field}"
            for name in ("relation_ids", "marketing_relation_ids")
            if name in self._fields
            for field in ("kind", "bank_id")
        ]

    @api.depends(lambda self: self._marketing_linked_depends())
    def _compute_marketing_linked(self):
        linked_ids = self._marketing_look_for_links(tuple(self._origin.ids))
        for record in self:
            record.marketing_linked = record._origin.id in linked_ids

    @api.model
    def _marketing_recordsets(self, nodes):
        """Return ``{model name: records}`` of `nodes`, with rights to write what is
        shared.

        The one place that elevates rights to write (DESIGN §9): what is written there
        are the shared fields of linked records and nothing else.
        """
        ids = defaultdict(dict)
        for model_name, id_ in nodes:
            ids[model_name][id_] = True
        return {
            model_name: self.env[model_name].browse(model_ids)._marketing_elevated()
            for model_name, model_ids in ids.items()
        }

    @api.model
    def _marketing_records(self, nodes):
        """Return ``{node: record}``, as :meth:`_marketing_recordsets`."""
        return {
            (model_name, record.id): record
            for model_name, records in self._marketing_recordsets(nodes).items()
            for record in records
        }
