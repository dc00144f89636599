"""Segments in mailings (`mass_mailing`) and text messages (`sms`), where these are."""

import ast

from odoo import fields, models

from ..contact.bridges import bridge
from .marketing_letter import CONTACT, HELD
from .words import is_many, iterate_conditions


@bridge
class MailingMailing(models.Model):
    _register = False
    _module = "marketing_contact"
    _name = "mailing.mailing"
    _inherit = ["mailing.mailing"]

    def _action_send_mail(self, res_ids=None):
        before = {mailing.id: set(mailing.mailing_trace_ids.ids) for mailing in self}
        result = super()._action_send_mail(res_ids)
        for mailing in self.filtered(lambda m: m.mailing_model_real == CONTACT):
            mailing._marketing_note_use(before[mailing.id])
        return result

    def _marketing_note_use(self, before):
        """Keep whom the mailing went to, for each segment that it names, and say in
        its chatter what was held back.
        """
        traces = self.mailing_trace_ids.filtered(lambda trace: trace.id not in before)
        held = traces.filtered(lambda trace: trace.failure_type == HELD)
        missed = traces.filtered(lambda t: t.trace_status in ("cancel", "error"))
        company = self.user_id.company_id or self.env.company
        reason = held and company._marketing_get_held_reason(len(held))
        if reason:
            self.message_post(body=reason)
        contacts = self.env[CONTACT].with_user(self.user_id or self.env.user)
        for segment in self._marketing_get_segments():
            segment._note_use(
                "mailing",
                contacts.browse(traces.mapped("res_id")),
                missed=contacts.browse(missed.mapped("res_id")),
                held=(len(held), reason),
            )

    def _marketing_get_segments(self):
        """Return the segments that the mailing's recipients are said by."""
        ids = [
            id_
            for condition in iterate_conditions(self._get_recipients_domain())
            if condition.field_expr == "segment_ids" and is_many(condition.value)
            for id_ in condition.value
            if isinstance(id_, int)
        ]
        segments = self.env["marketing.segment"].with_user(
            self.user_id or self.env.user
        )
        return segments.browse(ids).exists()._filtered_access("read")


@bridge
class MailingTrace(models.Model):
    _register = False
    _module = "marketing_contact"
    _name = "mailing.trace"
    _inherit = ["mailing.trace"]

    failure_type = fields.Selection(selection_add=[(HELD, "Enough letters already")])


@bridge
class SmsSms(models.Model):
    _register = False
    _module = "marketing_contact"
    _name = "sms.sms"
    _inherit = ["sms.sms"]

    failure_type = fields.Selection(selection_add=[(HELD, "Enough letters already")])


@bridge
class SmsComposer(models.TransientModel):
    _register = False
    _module = "marketing_contact"
    _name = "sms.composer"
    _inherit = ["sms.composer"]

    def _prepare_mass_sms_values(self, records):
        """Hold back messages to those who have had enough, in the moment of sending."""
        values = super()._prepare_mass_sms_values(records)
        if records._name == CONTACT:
            wanted = {
                res_id: [vals["number"]]
                for res_id, vals in values.items()
                if vals["state"] == "outgoing"
            }
            held = self.env["marketing.letter"]._hold_back(
                self.env.company, "sms", wanted
            )
            for res_id in held:
                values[res_id].update(state="canceled", failure_type=HELD)
            self._marketing_note_use(records, values, len(held))
        return values

    def _marketing_note_use(self, records, values, held):
        segment = self.env["marketing.segment"]._from_context()
        if segment:
            missed = [
                id_ for id_, vals in values.items() if vals["state"] == "canceled"
            ]
            company = self.env.company
            reason = held and company._marketing_get_held_reason(held)
            segment._note_use(
                "sms", records, records.browse(missed), held=(held, reason)
            )


@bridge
class MailingFilter(models.Model):
    _register = False
    _module = "marketing_contact"
    _name = "mailing.filter"
    _inherit = ["mailing.filter"]

    def _marketing_find(self, segment):
        """Return the filter of a segment, which has its name."""
        filters = self.search([("mailing_model_name", "=", CONTACT)])
        wanted = [("segment_ids", "in", [segment.id])]
        return filters.filtered(
            lambda f: [tuple(leaf) for leaf in _read(f.mailing_domain)] == wanted
        )[:1]


def _read(domain):
    try:
        return ast.literal_eval(domain)
    except (ValueError, SyntaxError):
        return []
