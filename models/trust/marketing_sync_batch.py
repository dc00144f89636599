from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.visible import VisibleLines
from ..sync.kinds import get_target_models
from ..sync.rights import get_readable_names
from ..sync.values import get_label

ORIGINS = [
    ("save", "Save"),
    ("link", "Link"),
    ("create", "Create"),
    ("generate", "Create Contacts"),
    ("merge", "Merge"),
    ("repair", "Repair"),
    ("log", "Log Interaction"),
    ("schedule", "Schedule Activity"),
    ("undo", "Undo"),
]

# How many batches the daily clean-up deletes at a time: some seconds' worth.
VACUUM_BATCHES = 2000
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
    change_ids = VisibleLines(
        comodel_name="marketing.sync.change", inverse_name="batch_id", string="Changes"
    )
    change_count = fields.Integer(
        string="Number of Changes", compute="_compute_change_count"
    )
    relation_ids = VisibleLines(
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
    # each with its id, and what it was merged into and whether it was active, before
    # and after; as the links, taken out of the list as it is undone
    merged_contacts = fields.Json()
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
    @api.depends_context("uid", "allowed_company_ids")
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

    @api.depends(
        *("origin", "change_ids.state", "relation_ids"),
        *("moved_links", "removed_links", "merged_contacts"),
    )
    def _compute_state(self):
        """Say what is left to undo: of the changes, the links and the merges."""
        # sudo: whether anything is left, not what; of which somebody may see nothing
        batches, states = self.sudo(), {}
        for batch, state in batches.env["marketing.sync.change"]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "state"]
        ):
            states.setdefault(batch.id, set()).add(state)
        for batch in batches:
            found = states.get(batch._origin.id, set())
            links = batch.moved_links or batch.relation_ids or batch.removed_links
            if links or batch.merged_contacts:
                found.add("applied")
            if batch.origin == "merge" and not batch.merged_contacts:
                found.add("undone")
            batch.state = "partly" if len(found) > 1 else next(iter(found), "undone")

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
        firsts = {id_: (row["model"], row["res_id"]) for id_, row in found.items()}
        names = get_readable_names(self.env, set(firsts.values()))
        hidden = self.env._("a record that you may not see")
        for batch in self:
            row = found.get(batch.id)
            if not row:
                batch.summary = batch._get_whom()
                continue
            name = names.get(firsts[batch.id]) or hidden
            name = self._and_more(name, row["count"] - 1)
            model = self.env[row["model"]]
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
        """Return ``{id: {model, res_id, count, fields}}``: the record that a batch
        began with, how many it changed, and which fields of them.
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
        return {row["batch_id"]: row for row in rows if row["model"] in self.env}

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
    # RETENTION
    # ------------------------------------------------------------

    def unlink(self):
        """Delete the changes along: no key of the database does it."""
        changes = self.env["marketing.sync.change"]
        changes.flush_model()
        self.env.cr.execute(
            SQL(
                "DELETE FROM marketing_sync_change WHERE batch_id IN %s",
                tuple(self.ids) or (0,),
            )
        )
        changes.invalidate_model()
        return super().unlink()

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
            domain = [("date", "<", limit), ("company_id", "in", [False, company.id])]
            old = self.search(domain, order="date", limit=VACUUM_BATCHES)
            old.unlink()
            done += len(old)
            remaining += len(old) == VACUUM_BATCHES
        return done, remaining
