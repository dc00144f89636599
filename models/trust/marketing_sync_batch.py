from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.input import check_ids
from ..sync.kinds import get_target_models
from ..sync.rights import get_readable_names
from ..sync.values import get_label
from .undo import of_entries, undo

ORIGINS = [
    ("save", "Save"),
    ("link", "Link"),
    ("create", "Create as"),
    ("generate", "Create Contacts"),
    ("merge", "Merge"),
    ("repair", "Repair"),
    ("log", "Log Interaction"),
    ("schedule", "Schedule Activity"),
    ("undo", "Undo"),
]

# How many batches the daily clean-up deletes at a time: some seconds' worth.
VACUUM_BATCHES = 2000
# So long after a save its notification may come.
OWN_LAST = timedelta(seconds=30)
# So many fields are named in the list.
SHOWN_FIELDS = 4


class MarketingSyncBatch(models.Model):
    """What one save, link, merge, repair or undo did beyond the record at hand."""

    _name = "marketing.sync.batch"
    _description = "Synchronization"
    _order = "id desc"

    origin = fields.Selection(selection=ORIGINS, required=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        # an entry outlives who made it
        ondelete="set null",
        index="btree_not_null",
        default=lambda self: self.env.uid,
    )
    company_id = fields.Many2one(comodel_name="res.company", ondelete="set null")
    run_id = fields.Many2one(
        comodel_name="marketing.run",
        string="Bulk Work",
        ondelete="set null",
        index="btree_not_null",
    )
    date = fields.Datetime(
        required=True, default=lambda self: self.env.cr.now(), index=True
    )
    change_ids = fields.One2many(
        comodel_name="marketing.sync.change", inverse_name="batch_id", string="Changes"
    )
    change_count = fields.Integer(
        string="Number of Changes", compute="_compute_change_count"
    )
    relation_ids = fields.One2many(
        comodel_name="marketing.contact.relation",
        inverse_name="batch_id",
        string="Links Made",
    )
    created_ids = fields.Json(help="By model.")
    created_count = fields.Integer(
        string="Number Created", compute="_compute_created_count"
    )
    removed_links = fields.Json()
    moved_links = fields.Json()
    state = fields.Selection(
        selection=[
            ("applied", "Applied"),
            ("partly", "Partly Undone"),
            ("undone", "Undone"),
        ],
        string="Status",
        compute="_compute_state",
    )

    @api.depends("change_ids")
    def _compute_change_count(self):
        counts = dict(
            self.env["marketing.sync.change"]._read_group(
                [("batch_id", "in", self.ids)], ["batch_id"], ["__count"]
            )
        )
        for batch in self:
            batch.change_count = counts.get(batch, 0)

    @api.depends("created_ids")
    def _compute_created_count(self):
        for batch in self:
            batch.created_count = sum(map(len, (batch.created_ids or {}).values()))

    @api.depends("change_ids.state")
    def _compute_state(self):
        states = {}
        for batch, state in self.env["marketing.sync.change"]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "state"]
        ):
            states.setdefault(batch, set()).add(state)
        for batch in self:
            found = states.get(batch, {"applied"})
            batch.state = "partly" if len(found) > 1 else found.pop()

    summary = fields.Char(
        string="What Happened",
        compute="_compute_summary",
        search="_search_summary",
        help="The records that were changed, and the fields.",
    )

    @api.depends("change_ids", "relation_ids")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_summary(self):
        found = self._read_targets()
        names = get_readable_names(
            self.env, {row["first"] for row in found.values() if row["first"]}
        )
        for batch in self:
            row = found.get(batch.id)
            if not row:
                batch.summary = batch._get_whom()
                continue
            name = names.get(row["first"]) or self.env._("a record you may not see")
            name = self._and_more(name, row["count"] - 1)
            model = self.env.get(row["first"][0])
            labels = {
                get_label(model, field) if field in model._fields else field
                for field in row["fields"]
            }
            shown = sorted(labels)[:SHOWN_FIELDS]
            more = "…" if len(labels) > len(shown) else ""
            batch.summary = f"{name}: {', '.join(shown)}{more}"

    @api.model
    def _and_more(self, name, count):
        """Return a name and how many more there are."""
        if count < 1:
            return name
        return self.env._("%(record)s and %(count)s more", record=name, count=count)

    def _get_whom(self):
        """Return whom an entry is about that changed no value: what it linked or made,
        such as an interaction with whom.
        """
        if links := self.relation_ids.filtered("card_name"):
            return self._and_more(links[0].card_name, len(links) - 1)
        for model_name, ids in (self.created_ids or {}).items():
            records = self.env.get(model_name)
            if records is None:
                continue
            records = records.browse(ids).exists()._filtered_access("read")
            if "contact_id" in records._fields:
                # sudo: the name of a contact that the user may not read is left out
                records = records.sudo().contact_id.sudo(False)._filtered_access("read")
            if records:
                return self._and_more(records[0].display_name, len(records) - 1)
        return False

    def _read_targets(self):
        """Return ``{id: {first, count, fields}}``: the record that a batch began with,
        how many it changed, and which fields of them.
        """
        if not self.ids:
            return {}
        self.env["marketing.sync.change"].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT batch_id,
                       COUNT(DISTINCT (target_model, target_id)) AS count,
                       (ARRAY_AGG(source_model ORDER BY id))[1] AS model,
                       (ARRAY_AGG(source_id ORDER BY id))[1] AS res_id,
                       ARRAY_AGG(DISTINCT field_name) AS fields
                  FROM marketing_sync_change WHERE batch_id IN %s
              GROUP BY batch_id
                """,
                tuple(self.ids),
            )
        )
        return {
            row["batch_id"]: {
                "first": (row["model"], row["res_id"]),
                "count": row["count"],
                "fields": row["fields"],
            }
            for row in rows
            if row["model"] in self.env
        }

    def _search_summary(self, operator, value):
        """Find entries by the records and the fields that they changed."""
        if operator not in ("ilike", "=") or not isinstance(value, str):
            return NotImplemented
        changes = self.env["marketing.sync.change"]
        domain = Domain.FALSE
        for model_name in get_target_models(self.env):
            model = self.env[model_name].with_context(active_test=False)
            if model.has_access("read"):
                domain |= Domain("target_model", "=", model_name) & Domain(
                    "target_id",
                    "in",
                    model._search([("display_name", operator, value)]),
                )
            labels = [
                name
                for name in model._marketing_undoable_fields()
                if value.casefold() in get_label(model, name).casefold()
            ]
            domain |= Domain("target_model", "=", model_name) & Domain(
                "field_name", "in", labels
            )
        found = changes._search(domain).select("batch_id")
        return Domain("id", "in", found)

    @api.depends("origin", "date", "user_id")
    def _compute_display_name(self):
        origins = dict(self._fields["origin"]._description_selection(self.env))
        for batch in self:
            batch.display_name = self.env._(
                "%(origin)s by %(user)s",
                origin=origins.get(batch.origin, ""),
                user=batch.user_id.sudo().name or self.env._("a deleted user"),
            )

    # ------------------------------------------------------------
    # UNDO, see undo.py
    # ------------------------------------------------------------

    def _check_undo_access(self):
        """:raise AccessError: unless the user is a manager, or it is their own last"""
        if (
            not self.env.su
            and not self.env.user.has_group(
                "marketing_contact.group_marketing_contact_manager"
            )
            and not self._is_own_last()
        ):
            raise AccessError(
                self.env._(
                    "Only administrators of Marketing Contacts may undo what others "
                    "did, or what you did before your last change. Ask one of them."
                )
            )

    def _is_own_last(self):
        """Return whether it is one entry, and the last that the user made."""
        # sudo: users have no right on the journal; this is about their own entry
        entry = self.sudo().exists()
        return (
            len(entry) == 1
            and entry.user_id.id == self.env.uid
            and not entry.search_count(
                [("user_id", "=", self.env.uid), ("id", ">", entry.id)], limit=1
            )
        )

    @api.model
    def get_own_last(self, model, record_ids):
        """Return what the user just saved on records, if it reached others: for the
        notification that offers to undo it.

        :param str model: the name of the records' model
        :param record_ids: the id of the record, or a list of ids
        :return: ``{id, message}``, False if there is nothing
        """
        ids = check_ids(
            self.env, record_ids if isinstance(record_ids, list) else [record_ids]
        )
        own = {(model, id_) for id_ in ids}
        # sudo: as in _is_own_last
        entry = self.sudo().search([("user_id", "=", self.env.uid)], limit=1)
        if not entry or entry.date < self.env.cr.now() - OWN_LAST:
            return False
        changes = entry.change_ids.filtered(
            lambda c: (c.source_model, c.source_id) in own
        )
        targets = {(c.target_model, c.target_id) for c in changes} - own
        if entry.origin == "undo" or not targets:
            return False
        return entry._get_undo_offer(len(targets))

    def _get_undo_offer(self, count):
        """Return what a notification needs to offer an undo.

        :param int count: how many other records were changed
        """
        return {
            "id": self.id,
            "delete": bool(self.created_ids),
            "message": self.env._("%s other records were changed, too.", count)
            if count != 1
            else self.env._("One other record was changed, too."),
        }

    def _offer_undo(self, message, **params):
        """Return the action that says what was done and offers to undo it; where it
        is not the user's own last, the action that would come next.

        :param params: `next`, an action
        """
        if not self._is_own_last():
            return params.get("next", False)
        return {
            "type": "ir.actions.client",
            "tag": "marketing_offer_undo",
            "params": {
                "id": self.id,
                "message": message,
                # sudo: users have no right on the journal; what it made is theirs
                "delete": bool(self.sudo().created_ids),
                **params,
            },
        }

    def undo(self, delete_created=False):
        """Undo all that the batches did, the newest first.

        Values that somebody has changed since are left alone, and those of records
        that are no longer linked. Links that the batches made are removed, moved ones
        go back to where they were, links that they removed are made again.

        :param bool delete_created: also delete the records that the batches made and
            that nobody has used since
        :return: the changes that were left alone
        :raise AccessError: for others than managers, and of entries that concern
            nothing that the user may change
        """
        outcome = self._take_back(delete_created)
        return outcome.left | outcome.kept

    def _undo(self, delete_created=False):
        """Undo as :meth:`undo` says.

        :return: the changes that somebody has changed since, and sentences about what
            else could not be taken back
        """
        outcome = self._take_back(delete_created)
        return outcome.left, outcome.problems

    def _take_back(self, delete_created):
        """Undo as :meth:`undo` says. Return its :class:`Outcome`."""
        self._check_undo_access()
        if not self._is_own_last():
            self.check_access("read")
        return undo(self.env, of_entries(self), delete_created)

    def _get_created(self):
        """Return those of the records that the batch made that still exist, a list of
        recordsets.
        """
        self.ensure_one()
        return [
            self.env[model_name].browse(ids).exists()
            for model_name, ids in (self.created_ids or {}).items()
            if model_name in self.env
        ]

    def _get_links_noted(self):
        """Return the links that the batch removed or moved, on both ends, as pairs of
        an id and values: what it wrote there was written along a link.
        """
        noted = [(vals.get("id"), vals) for vals in self.removed_links or ()]
        for move in self.moved_links or ():
            noted += [(move["id"], move["old"]), (move["id"], move["new"])]
        return noted

    def _get_merged_keys(self):
        """Return the record keys of the contacts that the batch merged."""
        return set()

    def _take_merged_apart(self, env, journal):
        """Make contacts separate that the batch merged.

        :param env: the environment of who undoes
        :param journal: the open one
        :return: sentences about what was left alone
        """
        return []

    def action_undo(self, delete_created=False):
        """Undo, and list the changes that were left alone.

        :param bool delete_created: as for :meth:`undo`
        """
        return self._get_undo_action(self._take_back(delete_created))

    def action_preview_undo(self):
        """Open the preview of the undo."""
        self._check_undo_access()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo"),
            "res_model": "marketing.sync.undo",
            "view_mode": "form",
            "target": "new",
            "context": {"default_batch_ids": self.ids},
        }

    @api.model
    def _name_links(self, links):
        """Return the names of a few of the links' contacts, those the user may read."""
        contacts = links.contact_id
        names = get_readable_names(self.env, [(c._name, c.id) for c in contacts])
        shown = list(names.values())[:SHOWN_FIELDS]
        more = "…" if len(contacts) > len(shown) or not shown else ""
        return ", ".join(filter(None, [*shown, more]))

    @api.model
    def _get_undo_action(self, outcome):
        """Return the action that says what an undo left alone.

        :param outcome: its :class:`Outcome`
        """
        left, lines = outcome.left, outcome.problems + outcome.notes
        reload = {"type": "ir.actions.client", "tag": "soft_reload"}
        params = {"type": "success", "next": reload}
        if left:
            text = self.env._("Undone, but for %s values that were changed since.")
            lines.insert(0, text % len(left))
            if self.has_access("read"):
                # whose journal it is to read sees which
                params["next"] = {
                    "type": "ir.actions.act_window",
                    "name": self.env._("Left Alone: Changed Since"),
                    "res_model": "marketing.sync.change",
                    "view_mode": "list,form",
                    "views": [(False, "list"), (False, "form")],
                    "domain": [("id", "in", left.ids)],
                }
                if not (outcome.problems or outcome.notes):
                    return params["next"]
            params["type"] = "warning"
        if outcome.problems:
            title = self.env._("Not all could be undone")
            params |= {"type": "warning", "sticky": True, "title": title}
        elif outcome.apart:
            text = self.env._("Undone. Out of sync are now: %s.")
            lines.insert(0, text % self._name_links(outcome.apart))
            params["type"] = "warning"
        elif not left:
            lines.insert(0, self.env._("Undone: all values are back."))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {**params, "message": "\n".join(lines)},
        }

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

    def unlink(self):
        self._delete_changes(SQL("batch_id IN %s", tuple(self.ids) or (0,)))
        return super().unlink()

    @api.model
    def _delete_changes(self, condition):
        """Delete changes: no key of the database does it along with their batches."""
        self.env["marketing.sync.change"].flush_model()
        self.env.cr.execute(
            SQL("DELETE FROM marketing_sync_change WHERE %s", condition)
        )
        self.env["marketing.sync.change"].invalidate_model()

    @api.autovacuum
    def _gc_journal(self):
        """Delete what is older than the setup of its company says.

        :return: how many batches were deleted, and whether there are more
        """
        done = remaining = 0
        # sudo, active_test: the journal of archived companies ages as well
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        for company in companies.search([("marketing_journal_days", ">", 0)]):
            limit = self.env.cr.now() - timedelta(days=company.marketing_journal_days)
            rows = self.env.execute_query(
                SQL(
                    """
                    DELETE FROM marketing_sync_batch WHERE id IN (
                        SELECT id FROM marketing_sync_batch
                         WHERE date < %s AND (company_id = %s OR company_id IS NULL)
                         LIMIT %s)
                    RETURNING id
                    """,
                    limit,
                    company.id,
                    VACUUM_BATCHES,
                )
            )
            if rows:
                ids = tuple(row[0] for row in rows)
                self._delete_changes(SQL("batch_id IN %s", ids))
            done += len(rows)
            remaining += len(rows) == VACUUM_BATCHES
        self.invalidate_model()
        return done, remaining
