from odoo import fields, models
from odoo.fields import Domain

from ..models.segments.words import is_many
from ..models.sync.kinds import CONTACT_MODEL


class MailComposeMessage(models.TransientModel):
    """Letters to a segment, and no more of them than somebody may get."""

    _inherit = "mail.compose.message"

    marketing_missed_ids = fields.Many2many(
        comodel_name="marketing.contact",
        relation="marketing_compose_missed_rel",
        readonly=True,
    )
    marketing_held_ids = fields.Many2many(
        comodel_name="marketing.contact",
        relation="marketing_compose_held_rel",
        readonly=True,
    )

    def _process_mail_values_state(self, mail_values_dict):
        """Hold back letters to those who have had enough, in the moment of sending."""
        values = super()._process_mail_values_state(mail_values_dict)
        if not self._marketing_is_to_many():
            return values
        wanted = {
            res_id: info["mail_to_normalized"]
            for res_id, info in self._get_recipients_data(values).items()
            if values[res_id].get("state") not in ("cancel", "exception")
        }
        company = self._marketing_get_sender().company_id
        held = self.env["marketing.letter"]._hold_back(company, "mail", wanted)
        for res_id in held:
            values[res_id].update(state="cancel", is_notification=False)
        self.marketing_sent_count -= len(held)
        contacts = self.env[CONTACT_MODEL]
        self.marketing_held_ids |= contacts.browse(held)
        self.marketing_missed_ids |= contacts.browse(
            [res_id for res_id in values if res_id in held or res_id not in wanted]
        )
        return values

    def _marketing_get_sender(self):
        """Return who sends: of a mailing its responsible."""
        mailing = "mass_mailing_id" in self._fields and self.mass_mailing_id
        return (mailing and mailing.user_id) or self.env.user

    def _action_send_mail_mass_mail(self, res_ids, auto_commit=False):
        mails = super()._action_send_mail_mass_mail(res_ids, auto_commit=auto_commit)
        if self._marketing_is_to_many():
            self._marketing_note_use(self.env[CONTACT_MODEL].browse(res_ids))
        return mails

    def _marketing_note_use(self, contacts):
        """Keep whom the letter went to, for each segment it was sent to."""
        mailing = "mass_mailing_id" in self._fields and self.mass_mailing_id
        segments, purpose = self.env["marketing.segment"]._from_context(), "mail"
        if mailing:
            purpose, domain = "mailing", Domain(mailing._parse_mailing_domain())
            segments = segments.browse(
                [
                    id_
                    for condition in domain.iter_conditions()
                    if condition.field_expr == "segment_ids"
                    and is_many(condition.value)
                    for id_ in condition.value
                ]
            )
        sender = self._marketing_get_sender()
        segments.with_user(sender).exists()._filtered_access("read")._note_use(
            purpose, contacts, self.marketing_missed_ids, self.marketing_held_ids
        )
        sender.company_id._marketing_tell_held(self.marketing_held_ids, mailing)


class MailActivitySchedule(models.TransientModel):
    """Activities for the members of a segment."""

    _inherit = "mail.activity.schedule"

    def _marketing_note_use(self):
        for wizard in self.filtered(lambda w: w.res_model == CONTACT_MODEL):
            contacts = self.env[CONTACT_MODEL].browse(wizard._evaluate_res_ids())
            self.env["marketing.segment"]._from_context()._note_use(
                "activity", contacts
            )

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

    def action_log(self):
        action = super().action_log()
        self.env["marketing.segment"]._from_context()._note_use(
            "log", self._get_contacts()
        )
        return action
