from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.contact.answers import notify, reload
from ..models.runs import workers

# How many differences the preview tries out: some seconds' worth, and more than
# anybody reads.
PREVIEWED_DIFFERENCES = 200


class MarketingSyncRepair(models.TransientModel):
    """Repair differences between contacts and cards, with a preview first."""

    _name = "marketing.sync.repair"
    _inherit = ["marketing.preview.mixin"]
    _description = "Repair Differences"

    difference_ids = fields.Many2many(
        comodel_name="marketing.sync.difference",
        string="To Repair",
        required=True,
        readonly=True,
    )
    winner = fields.Selection(
        selection=[
            ("contact", "The contacts' values"),
            ("card", "The values of customers, vendors and banks"),
        ],
        string="Keep",
        required=True,
        default="contact",
        help="Their values reach the contacts and, from there, what else these are "
        "linked with.",
    )
    difference_count = fields.Integer(string="Differences", compute="_compute_counts")
    relation_count = fields.Integer(string="Links", compute="_compute_counts")
    unseen_count = fields.Integer(
        string="Not Shown",
        compute="_compute_counts",
        help="Differences that are repaired as well, beyond those of the preview.",
    )
    # stored: it is made by writing, which the reading of a form must not do
    preview = fields.Html(
        string="What Will Happen",
        compute="_compute_preview",
        store=True,
        sanitize=False,
    )

    @api.depends("difference_ids")
    def _compute_counts(self):
        for wizard in self:
            differences = wizard.difference_ids
            wizard.difference_count = len(differences)
            wizard.relation_count = len(differences.relation_id)
            wizard.unseen_count = max(len(differences) - PREVIEWED_DIFFERENCES, 0)

    @api.depends("difference_ids", "winner")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = wizard._render_preview(
                lambda copy: copy._repair(PREVIEWED_DIFFERENCES) and None
            )

    def _repair(self, limit=None):
        """Repair the differences, the first `limit` ones only for a preview.

        :return: those of the differences that are left
        :raise UserError: if the differences are listed no longer
        """
        self.ensure_one()
        differences = self.difference_ids._origin[:limit].exists()
        if not differences:
            raise UserError(
                self.env._(
                    "These differences are listed no longer: the records were "
                    "compared or repaired meanwhile. Choose again from the list."
                )
            )
        keys = set(differences._get_keys())
        left = differences._repair(self.winner)
        return left.filtered(lambda difference: difference._get_keys()[0] in keys)

    def action_repair(self):
        """Repair the differences, and say which of them are left.

        Very many are repaired in the background; their run opens.
        """
        self.ensure_one()
        if self.difference_count >= workers.BACKGROUND_FROM:
            differences = self.difference_ids._origin.exists()
            run = self.env["marketing.run"]._start(
                "repair",
                {
                    "winner": self.winner,
                    "relation_ids": differences.relation_id.ids,
                    "fields": sorted(set(differences.mapped("contact_field"))),
                },
            )
            return run._get_records_action()
        count = self.difference_count
        left = self._repair()
        if left:
            message = self.env._(
                "Differences left: %(count)s. User accounts keep their own values; the "
                "chatter of the contacts says more.",
                count=len(left),
            )
        else:
            message = self.env._("Differences repaired: %(count)s.", count=count)
        return notify(message, "warning" if left else "success", next=reload())
