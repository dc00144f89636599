from odoo import fields, models

from ..models.segments.marketing_letter import CONTACT, HELD


class MailComposeMessage(models.TransientModel):
    """Letters to a segment, and no more of them than somebody may get."""

    _inherit = "mail.compose.message"

    marketing_segment_id = fields.Many2one(
        comodel_name="marketing.segment", string="Segment", readonly=True
    )

    def _process_mail_values_state(self, mail_values_dict):
        """Hold back letters to those who have had enough, in the moment of sending."""
        values = super()._process_mail_values_state(mail_values_dict)
        if self.composition_mode != "mass_mail" or self.model != CONTACT:
            return values
        company = self._marketing_get_sender_company()
        if company.marketing_mail_cap:
            wanted = {
                res_id: info["mail_to_normalized"]
                for res_id, info in self._get_recipients_data(values).items()
                if values[res_id].get("state") not in ("cancel", "exception")
            }
            held = self.env["marketing.letter"]._hold_back(company, "mail", wanted)
            for res_id in held:
                values[res_id].update(
                    state="cancel", failure_type=HELD, is_notification=False
                )
        return values

    def _marketing_get_sender_company(self):
        """Return the company that sends: of a mailing that of its responsible."""
        mailing = "mass_mailing_id" in self._fields and self.mass_mailing_id
        return (mailing and mailing.user_id.company_id) or self.env.company

    def _action_send_mail_mass_mail(self, res_ids, auto_commit=False):
        if self.model != CONTACT:
            return super()._action_send_mail_mass_mail(res_ids, auto_commit=auto_commit)
        mails = super()._action_send_mail_mass_mail(res_ids, auto_commit=auto_commit)
        # what was sent may be deleted by now, what was left out is kept
        left = mails.exists().filtered(
            lambda mail: mail.state in ("cancel", "exception")
        )
        held = left.filtered(lambda mail: mail.failure_type == HELD)
        company = self._marketing_get_sender_company()
        reason = held and company._marketing_get_held_reason(len(held))
        if self.marketing_segment_id:
            self.marketing_segment_id._note_use(
                "mail",
                self.env[CONTACT].browse(res_ids),
                missed=self.env[CONTACT].browse(left.mapped("res_id")),
                held=(len(held), reason),
            )
        if reason:
            names = self.env[CONTACT].browse(held[:5].mapped("res_id"))
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "sticky": True,
                    "message": f"{reason}: {', '.join(names.mapped('name'))}"
                    + (" …" if len(held) > len(names) else ""),
                },
            )
        return mails


class MailMail(models.Model):
    _inherit = "mail.mail"

    failure_type = fields.Selection(selection_add=[(HELD, "Enough letters already")])


class MailNotification(models.Model):
    _inherit = "mail.notification"

    failure_type = fields.Selection(selection_add=[(HELD, "Enough letters already")])


class MailActivitySchedule(models.TransientModel):
    """Activities for the members of a segment."""

    _inherit = "mail.activity.schedule"

    marketing_segment_id = fields.Many2one(
        comodel_name="marketing.segment", string="Segment", readonly=True
    )

    def _marketing_note_use(self):
        for wizard in self.filtered("marketing_segment_id"):
            if wizard.res_model == CONTACT:
                contacts = self.env[CONTACT].browse(wizard._evaluate_res_ids())
                wizard.marketing_segment_id._note_use("activity", contacts)

    def action_schedule_plan(self):
        action = super().action_schedule_plan()
        self._marketing_note_use()
        return action

    def _action_schedule_activities(self):
        activities = super()._action_schedule_activities()
        self._marketing_note_use()
        return activities


class MarketingInteractionLog(models.TransientModel):
    """The same interaction with all members of a segment."""

    _inherit = "marketing.interaction.log"

    marketing_segment_id = fields.Many2one(
        comodel_name="marketing.segment", string="Segment", readonly=True
    )

    def action_log(self):
        action = super().action_log()
        if self.marketing_segment_id:
            self.marketing_segment_id._note_use("log", self.contact_ids._origin)
        return action
