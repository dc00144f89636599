from odoo import api, fields, models

from ..models.contact.answers import close
from ..models.sync.session import open_journal


class MailActivitySchedule(models.TransientModel):
    """Scheduling activities with contacts ends in an offer to undo it."""

    _inherit = "mail.activity.schedule"

    marketing_effects = fields.Char(
        string="What Will Happen", compute="_compute_marketing_effects"
    )

    @api.depends("res_model", "res_ids")
    @api.depends_context("lang")
    def _compute_marketing_effects(self):
        for wizard in self:
            of_contacts = wizard.res_model == "marketing.contact"
            count = len(wizard._evaluate_res_ids()) if of_contacts else 0
            wizard.marketing_effects = count > 1 and self.env._(
                "An activity with each of %s contacts.", count
            )

    def action_schedule_activities(self):
        if self.res_model != "marketing.contact":
            return super().action_schedule_activities()
        with open_journal(self.env, "schedule") as journal:
            activities = self._action_schedule_activities()
            journal.note_made(activities)
        return journal.offer_undo(
            self.env,
            self.env._("Scheduled with %s contacts.", len(activities)),
            next=close(),
        )
