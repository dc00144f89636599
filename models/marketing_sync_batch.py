from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

ORIGINS = [
    ("save", "Save"),
    ("link", "Link"),
    ("create", "Create as"),
    ("generate", "Create Contacts"),
    ("repair", "Repair"),
    ("undo", "Undo"),
]

# How many batches the daily clean-up deletes at a time: some seconds' worth.
VACUUM_BATCHES = 2000


class MarketingSyncBatch(models.Model):
    """What one save, link, creation, repair or undo did beyond the record at hand."""

    _name = "marketing.sync.batch"
    _description = "Synchronization"
    _order = "id desc"

    origin = fields.Selection(selection=ORIGINS, required=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    company_id = fields.Many2one(comodel_name="res.company", ondelete="set null")
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
    created_model = fields.Char()
    created_ids = fields.Json()
    created_count = fields.Integer(
        string="Records Made", compute="_compute_created_count"
    )
    removed_links = fields.Json()
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
            batch.created_count = len(batch.created_ids or ())

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

    @api.depends("origin", "date", "user_id")
    def _compute_display_name(self):
        origins = dict(self._fields["origin"]._description_selection(self.env))
        for batch in self:
            batch.display_name = self.env._(
                "%(origin)s by %(user)s",
                origin=origins.get(batch.origin, ""),
                user=batch.user_id.sudo().name or "",
            )

    # ------------------------------------------------------------
    # UNDO
    # ------------------------------------------------------------

    @api.model
    def _check_undo_access(self):
        """:raise AccessError: unless the user is a manager"""
        if not self.env.su and not self.env.user.has_group(
            "marketing_contact.group_marketing_contact_manager"
        ):
            raise AccessError(
                self.env._(
                    "Only administrators of Marketing Contacts may undo what the "
                    "synchronization did. Ask one of them."
                )
            )

    def undo(self, delete_created=False):
        """Undo all that the batches did, the newest first.

        Values that somebody has changed since are left alone. Links that the batches
        made are removed, links that they removed (an undo) are made again.

        :param bool delete_created: also delete the records that the batches made and
            that nobody has used since
        :return: the changes that were left alone
        :raise AccessError: for others than managers
        """
        self._check_undo_access()
        self.check_access("read")
        left = self.env["marketing.sync.change"]
        engine = self.env["marketing.sync.mixin"]
        with engine._marketing_journal("undo") as journal:
            # sudo: managers have the right to undo, not to write the journal
            for batch in self.sudo().sorted("id", reverse=True):
                batch._restore_links(journal)
                created = batch._get_created()
                nodes = {(created._name, id_) for id_ in created._ids}
                kept = batch.change_ids.filtered(
                    lambda c, nodes=nodes: (
                        (c.target_model, c.target_id) in nodes and c.state == "applied"
                    )
                )
                left |= (batch.change_ids - kept)._undo()
                batch._remove_links(journal)
                if delete_created:
                    gone = batch._delete_unused(created)
                    erased = kept.filtered(lambda c, gone=gone: c.target_id in gone)
                    erased.state = "undone"
                    kept -= erased
                left |= kept.with_env(self.env)
        return left.with_env(self.env)

    def _get_created(self):
        """Return those of the records that the batch made that still exist."""
        self.ensure_one()
        if not self.created_model or self.created_model not in self.env:
            return self.env["marketing.contact"]
        return self.env[self.created_model].browse(self.created_ids or ()).exists()

    def _remove_links(self, journal):
        """Remove the links that the batch made, and remember them."""
        for relation in self.relation_ids:
            journal.removed_links.append(
                {
                    "contact_id": relation.contact_id.id,
                    "kind": relation.kind,
                    "business_relation_id": relation.business_relation_id.id,
                    "partner_id": relation.partner_id.id,
                    "bank_account_id": relation.bank_account_id.id,
                }
            )
        self.relation_ids.unlink()

    def _restore_links(self, journal):
        """Make the links again that the batch, an undo, removed."""
        vals_list = [
            vals
            for vals in self.removed_links or ()
            if self.env["marketing.contact"].browse(vals["contact_id"]).exists()
            and self.env["marketing.contact.relation"]._browse_card(vals).exists()
        ]
        self.removed_links = False
        if vals_list:
            self.env["marketing.contact.relation"]._create_links(vals_list, align=False)

    def _delete_unused(self, records):
        """Delete the records that nobody has used since. Return the ids of those gone.

        Used is what was saved again, has messages, or what Odoo refuses to delete.
        """
        gone = set()
        for record in records:
            if record.write_date > record.create_date or (
                record._name == "marketing.contact" and record.child_ids
            ):
                continue
            try:
                with self.env.cr.savepoint():
                    # the user's own rights: who may not delete a card keeps it
                    record.with_env(self.env).sudo(False).unlink()
            except (AccessError, UserError):
                continue
            gone.add(record.id)
        return gone

    def action_undo(self):
        """Undo, and list the changes that were left alone."""
        return self._get_undo_action(self.undo())

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
    def _get_undo_action(self, left):
        """Return the action that says what an undo left alone."""
        if not left:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "success",
                    "message": self.env._("Undone: all values are back."),
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Left Alone: Changed Since"),
            "res_model": "marketing.sync.change",
            "view_mode": "list,form",
            "domain": [("id", "in", left.ids)],
        }

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

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
            done += len(rows)
            remaining += len(rows) == VACUUM_BATCHES
        self.invalidate_model()
        return done, remaining
