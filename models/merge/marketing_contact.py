from itertools import chain

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..links.alignment import align
from ..sync import engine
from ..sync.kinds import PlannedWrite, RecordKey
from ..sync.rights import elevated, name_in_chatter, shown_name
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
    """Merging contacts that are one and the same.

    The merged ones stay in the database, archived, so that an undo brings them back
    with their ids and numbers; they are found under the one that stays.
    """

    _inherit = "marketing.contact"

    merged_into_id = fields.Many2one(
        comodel_name="marketing.contact",
        readonly=True,
        # what is erased is erased with all that was merged into it
        ondelete="cascade",
        index="btree_not_null",
        copy=False,
        help="The contact that has all that this one had.",
    )
    merged_ids = fields.One2many(
        comodel_name="marketing.contact",
        inverse_name="merged_into_id",
        string="Merged Contacts",
        context={"active_test": False},
        copy=False,
    )

    _check_merged = models.Constraint(
        "CHECK(merged_into_id IS NULL OR active IS NOT TRUE AND merged_into_id != id)",
        "A contact that was merged into another one stays archived. Undo the merge to "
        "have it back.",
    )

    # ------------------------------------------------------------
    # SEARCH: merged contacts are in no list, and found under the one that stays
    # ------------------------------------------------------------

    @api.model
    def _search(self, domain, *args, active_test=True, **kwargs):
        domain = Domain(domain)
        if (
            # where Odoo follows a field to its record, this is no list
            active_test
            and not self.env.context.get("marketing_contact_with_merged")
            and not any(
                condition.field_expr.split(".")[0] == "merged_into_id"
                for condition in domain.iter_conditions()
            )
        ):
            domain &= Domain("merged_into_id", "=", False)
        return super()._search(domain, *args, active_test=active_test, **kwargs)

    @api.model
    def _search_display_name(self, operator, value):
        """Find contacts by what was merged into them, too."""
        domain = super()._search_display_name(operator, value)
        # the ids of a few matches have those of merged contacts among them
        few = getattr(domain, "field_expr", None) == "id"
        if few or not value or operator not in ("=", "in", "ilike"):
            return domain
        return domain | Domain("merged_ids", "any", domain)

    @api.model
    def _get_first_ids(self, domain, limit):
        contacts = self.with_context(marketing_contact_with_merged=True)
        query = contacts._search(domain, limit=limit)
        columns = [SQL.identifier(query.table, n) for n in ("id", "merged_into_id")]
        rows = self.env.execute_query(query.select(*columns))
        merged = {id_: into for id_, into in rows if into}
        # nobody finds a contact by the name of another that they may not see
        readable = self.browse(merged).with_user(self.env.uid)._filtered_access("read")
        return list(
            dict.fromkeys(
                merged[id_] if into else id_
                for id_, into in rows
                if not into or id_ in readable._ids
            )
        )

    def unlink(self):
        # sudo: whoever may delete the contact deletes what is one with it
        merged = self.sudo().merged_ids
        result = super(MarketingContact, self | merged.with_env(self.env)).unlink()
        self.env["marketing.contact.merge.move"]._erase(self.ids + merged.ids)
        return result

    @api.constrains("active")
    def _check_merged_archived(self):
        for contact in self:
            if contact.active and contact.merged_into_id:
                raise ValidationError(
                    self.env._(
                        "“%(contact)s” was merged into “%(survivor)s” and stays "
                        "archived. Undo the merge to have it back.",
                        contact=contact.display_name,
                        survivor=shown_name(contact.merged_into_id),
                    )
                )

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
        target = self._browse_merge_target(target)
        if len(set(self._ids)) < len(self._ids):
            raise ValidationError(
                self.env._("A contact is given twice. Choose different ones to merge.")
            )
        values, links = self._read_merge_keep(target, keep)
        self._merge_all([Merge(target, self, values, links)])
        return target

    @api.model
    def _merge_pairs(self, pairs):
        """Merge many contacts, set-wise: all or none.

        :param pairs: of a contact that goes and the one to merge it into
        :raise UserError: naming two that can't be one
        """
        groups = {}
        for source, target in pairs:
            groups[target] = groups.get(target, self.browse()) | source
        self._merge_all([Merge(t, sources, {}, {}) for t, sources in groups.items()])

    @api.model
    def _browse_merge_target(self, target):
        """:raise UserError: unless `target` is one contact, or the id of one"""
        if isinstance(target, models.BaseModel):
            target = target.ids if target._name == self._name else []
        ids = target if isinstance(target, list) else [target]
        valid = len(ids) == 1 and isinstance(ids[0], int) and ids[0] > 0
        valid = valid and not isinstance(ids[0], bool)
        contact = self.browse(ids if valid else ()).exists()
        if not contact:
            raise UserError(
                self.env._("Choose the one contact to merge the others into.")
            )
        return contact

    def _read_merge_keep(self, target, keep):
        """Return what to keep, checked: ``{field: contact}`` and ``{(kind, None):
        contact}``.

        :raise UserError: naming what there is not
        """
        if not isinstance(keep or {}, dict):
            raise UserError(
                self.env._("What to keep is given by field, not as %s.", repr(keep))
            )
        kinds = self.env["marketing.contact.relation"]._get_kinds()
        names = get_merged_fields(self)
        contacts = {contact.id: contact for contact in self | target}
        values, links = {}, {}
        for name, contact_id in (keep or {}).items():
            contact = contacts.get(getattr(contact_id, "id", contact_id))
            if (name not in names and name not in kinds) or not contact:
                raise UserError(
                    self.env._(
                        "“%(field)s” can't be kept of “%(contact)s”: name a field of "
                        "contacts and one of the contacts that are merged.",
                        field=name,
                        contact=contact_id,
                    )
                )
            if name in kinds:
                links[name, None] = contact
            else:
                values[name] = contact
        return values, links

    @api.model
    def _merge_all(self, merges):
        """Do several merges, each contact in one of them only: all or none, set-wise.

        :param list[Merge] merges: what to merge
        """
        merges = [merge for merge in merges if merge.sources]
        if not merges:
            return
        checks.check_merges(self.env, merges)
        with self.env.cr.savepoint(), open_journal(self.env, "merge") as journal:
            self._lock_merged(merges)
            self._follow_merged(merges, journal)
            values, relinked = self._decide_merged(merges)
            moved = self._move_links(merges, relinked, journal)
            self._write_merged_values(values)
            align(moved)
            if "drifted" in moved.mapped("state"):
                moved.check_differences()
            self._archive_merged(merges, journal)
            self._tell_merged(merges)

    def _lock_merged(self, merges):
        """Lock the contacts in the order of their ids, as every save does."""
        ids = {id_ for m in merges for id_ in (m.target.id, *m.sources.ids)}
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT FROM marketing_contact WHERE id IN %s ORDER BY id FOR UPDATE",
                tuple(ids),
            )
        )

    @api.model
    @tools.ormcache()
    def _get_plain_references(self):
        """Return what of the registry points at contacts, as plain tuples."""
        return tuple(tuple(reference) for reference in find_plain_references(self.env))

    @api.model
    @tools.ormcache()
    def _get_property_fields(self):
        """Return the fields that hold properties, as plain tuples."""
        return tuple(find_property_fields(self.env))

    @api.model
    def _follow_merged(self, merges, journal):
        """Let all that points at merged contacts point at those that stay.

        Extend it by `super()` for what does not follow by itself.

        :param list[Merge] merges: what is merged
        :param Journal journal: the open one
        """
        targets = {id_: m.target.id for m in merges for id_ in m.sources.ids}
        # sudo: what is not the same holds whoever merges
        self.env["marketing.match"].sudo()._keep_rejected(targets)
        moved = moves.move_all(self.env, targets)
        if not journal.dry:
            batch = journal.get_batch(self.env)
            self.env["marketing.contact.merge.move"]._note(batch, moved)

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
            moves.move_all(self.env, {c.id: c.merged_into_id.id for c in merged})

    # ------------------------------------------------------------
    # LINKS
    # ------------------------------------------------------------

    @api.model
    def _decide_merged(self, merges):
        """Return what the contacts that stay will have: ``{target: {field: (value,
        contact it is from)}}``, and ``{target: (links to move, links to give up)}``.

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
                plain.target.with_env(contacts.env).with_prefetch(contacts._ids),
                plain.sources.with_env(contacts.env).with_prefetch(contacts._ids),
                {n: contacts.browse(c.id) for n, c in plain.keep.items()},
                plain.keep_links,
            )
            target = merge.target
            found = values[target] = {}
            for name, winner in get_winners(merge, names, blocks).items():
                value = get_value(winner, name)
                if value != get_value(target, name):
                    found[name] = (value, winner)
            for name in united:
                value = unite(merge, name)
                if value != get_value(target, name):
                    found[name] = (value, merge.sources[0])
            links[target] = checks.split_links(merge)
        return values, links

    def _move_links(self, merges, links, journal):
        """Move the links of merged contacts. Return those with a card.

        :param dict links: as of :meth:`_decide_merged`
        """
        # sudo: links to cards that the user may not see move as well
        Relation = self.env["marketing.contact.relation"].sudo()
        moving, leaving = Relation, Relation
        for own_moving, own_leaving in links.values():
            moving |= own_moving
            leaving |= own_leaving
        if leaving:
            journal.removed_links += [link._get_link_values() for link in leaving]
            leaving.unlink()
        if moving:
            moving._move_to(
                {
                    link.id: target.id
                    for target, (own_moving, _leaving) in links.items()
                    for link in own_moving
                }
            )
        return moving.filtered("kind")

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    def _write_merged_values(self, values):
        """Write the values on the contacts that stay, and bring them to their cards.

        :param dict values: as of :meth:`_decide_merged`
        """
        planned, changes = [], {}
        for target, found in values.items():
            key = RecordKey(self._name, target.id)
            for name, (value, source) in found.items():
                origin = RecordKey(self._name, source.id)
                old = get_value(target, name)
                planned.append(PlannedWrite(key, name, value, origin, 0, old))
                changes.setdefault(key, {})[name] = value
        if not planned:
            return
        targets = self.browse(target.id for target in values)
        links = engine.get_links(targets)
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

    def _archive_merged(self, merges, journal):
        """Archive the merged contacts, and note which they were."""
        for merge in merges:
            journal.merged_contacts += [
                {
                    "id": contact.id,
                    "old": [False, contact.active],
                    "new": [merge.target.id, False],
                }
                for contact in merge.sources
            ]
            merge.sources._set_merged_into(merge.target.id, active=False)
        self._forget_lists()

    def _set_merged_into(self, target_id, active):
        """Say that the contacts are merged into another one, or into none again."""
        # sudo: nobody says so by hand
        self.sudo().write({"merged_into_id": target_id, "active": active})

    @api.model
    def _forget_lists(self):
        """Take lists of contacts that are read already out of memory."""
        lists = [n for n, f in self._fields.items() if f.comodel_name == self._name]
        self.invalidate_model(lists)

    def _tell_merged(self, merges):
        """Say on the contacts that stay which ones were merged into them."""
        bodies = {
            merge.target.id: self.env._(
                "Merged with the following contacts: %s",
                ", ".join(name_in_chatter(s, merge.target) for s in merge.sources),
            )
            for merge in merges
        }
        self.browse(bodies)._message_log_batch(bodies=bodies)
