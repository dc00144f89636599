from odoo import api, fields, models

from ..models.contact.answers import close
from ..models.contact.input import get_active_ids
from ..models.runs import workers
from ..models.sync.session import open_journal


class MarketingInteractionLog(models.TransientModel):
    """Log an interaction for many contacts at once; one undo takes all of it back."""

    _name = "marketing.interaction.log"
    _inherit = ["marketing.interaction.mixin"]
    _description = "Log Interaction for Many"

    contact_ids = fields.Many2many(
        comodel_name="marketing.contact",
        string="Contacts",
        context={"active_test": False},
        default=lambda self: get_active_ids(self.env, "marketing.contact"),
    )
    effects = fields.Char(string="What Will Happen", compute="_compute_effects")
    template_id = fields.Many2one(domain="[('use', '=', 'hand')]")
    channel = fields.Selection(required=True)
    direction = fields.Selection(required=True)
    duration = fields.Float(help="In hours, for each of them.")

    @api.depends("contact_ids")
    @api.depends_context("lang")
    def _compute_effects(self):
        for wizard in self:
            contacts = wizard._get_contacts()
            if not contacts:
                wizard.effects = self.env._("Choose the contacts.")
            elif len(contacts) == 1:
                wizard.effects = self.env._("One interaction with “%s”.", contacts.name)
            else:
                wizard.effects = self.env._(
                    "The same interaction with %s contacts.", len(contacts)
                )
            if len(contacts) >= workers.BACKGROUND_FROM:
                wizard.effects += " " + self.env._(
                    "So many are logged in the background."
                )

    def _get_contacts(self):
        """Return the contacts that were chosen, but none that is merged."""
        return self.contact_ids._origin.filtered(lambda c: not c.merged_into_id)

    def action_log(self):
        """Log the interaction with each of the contacts.

        Very many are logged in the background; their run opens.

        :return: a notification that offers to undo it
        """
        self.ensure_one()
        contacts = self._get_contacts()
        contacts.check_access("read")
        # all that an interaction has as well
        names = self.env["marketing.interaction"]._fields.keys()
        names -= {"display_name", *models.MAGIC_COLUMNS}
        values = {
            name: field.convert_to_write(self[name], self)
            for name, field in self._fields.items()
            if name in names
        }
        if len(contacts) >= workers.BACKGROUND_FROM:
            values["date"] = fields.Datetime.to_string(self.date)
            run = self.env["marketing.run"]._start(
                "log", {"contact_ids": contacts.ids, "values": values}
            )
            return run._get_records_action(name=self.env._("Log Interaction"))
        with open_journal(self.env, "log") as journal:
            contacts._log_interactions(values)
        return journal.offer_undo(
            self.env,
            self.env._("Logged with %s contacts.", len(contacts)),
            next=close(),
        )
