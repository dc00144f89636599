from odoo import models

from ..models.sync.session import open_journal


class MailActivitySchedule(models.TransientModel):
    """Scheduling activities with contacts ends in an offer to undo it."""

    _inherit = "mail.activity.schedule"

    def action_schedule_activities(self):
        if self.res_model != "marketing.contact":
            return super().action_schedule_activities()
        with open_journal(self.env, "schedule") as journal:
            activities = self._action_schedule_activities()
            journal.note_made(activities)
            batch = journal.get_batch(self.env)
        return batch._offer_undo(
            self.env._("Scheduled with %s contacts.", len(activities)),
            next={"type": "ir.actions.act_window_close"},
        )
