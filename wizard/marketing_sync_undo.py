from odoo import api, fields, models

from ..models.runs import workers


class MarketingSyncUndo(models.TransientModel):
    """Undo, with a preview first."""

    _name = "marketing.sync.undo"
    _inherit = ["marketing.preview.mixin"]
    _description = "Undo Synchronizations"

    batch_ids = fields.Many2many(
        comodel_name="marketing.sync.batch", string="To Undo", readonly=True
    )
    change_ids = fields.Many2many(
        comodel_name="marketing.sync.change", string="Changes to Undo", readonly=True
    )
    created_count = fields.Integer(compute="_compute_created_count")
    delete_created = fields.Boolean(
        string="Delete What Was Created",
        default=True,
        help="Also delete the records that were made and that nobody has "
        "used since: not saved again, without people, documents and entries.",
    )
    preview = fields.Html(
        string="What Will Happen", compute="_compute_preview", sanitize=False
    )

    @api.depends("batch_ids")
    def _compute_created_count(self):
        for wizard in self:
            wizard.created_count = sum(wizard.batch_ids.mapped("created_count"))

    @api.depends("batch_ids", "change_ids", "delete_created")
    def _compute_preview(self):
        for wizard in self:
            if wizard._is_for_background():
                # trying it takes as long as doing it, nearly
                text = self.env._(
                    "Values: %(changes)s, created: %(made)s, in %(entries)s entries. "
                    "That is undone in the background; its run says what was left "
                    "alone, and why.",
                    changes=sum(wizard.batch_ids.mapped("change_count")),
                    made=wizard.created_count,
                    entries=len(wizard.batch_ids),
                )
                wizard.preview = wizard._render_lines(text)
            else:
                wizard.preview = wizard._render_preview(lambda copy: copy._get_lines())

    def _is_for_background(self):
        """Return whether it is too much to be undone at once."""
        count = sum(self.batch_ids._origin.mapped("change_count")) + self.created_count
        return not self.change_ids and count >= workers.BACKGROUND_FROM

    def _undo(self):
        """Undo the entries, or some of their changes. Return the `Outcome`."""
        self.ensure_one()
        if self.change_ids:
            return self.change_ids._origin._take_back()
        return self.batch_ids._origin._take_back(self.delete_created)

    def _get_lines(self):
        """Undo. Return the sentences about what stays."""
        outcome = self._undo()
        lines = outcome.problems + outcome.notes
        if outcome.left:
            count = len(outcome.left)
            lines.insert(0, self.env._("Changed since and left alone: %s.", count))
        return lines

    def action_undo(self):
        """Undo and say what was left alone.

        What is very much is undone in the background; its run opens.
        """
        self.ensure_one()
        batches = self.batch_ids._origin
        if self._is_for_background():
            run = self.env["marketing.run"]._start(
                "undo",
                {"batch_ids": batches.ids, "delete_created": self.delete_created},
            )
            return run._get_records_action()
        return self.env["marketing.sync.batch"]._get_undo_action(self._undo())
