"""Segments in text messages, where the module `sms` is."""

from odoo import models

from ..contact.bridges import bridge
from .marketing_letter import CONTACT


@bridge
class SmsComposer(models.TransientModel):
    _register = False
    _module = "marketing_contact"
    _name = "sms.composer"
    _inherit = ["sms.composer"]

    def _prepare_mass_sms_values(self, records):
        """Hold back messages to those who have had enough, in the moment of sending."""
        values = super()._prepare_mass_sms_values(records)
        if records._name != CONTACT:
            return values
        wanted = {
            res_id: [vals["number"]]
            for res_id, vals in values.items()
            if vals["state"] == "outgoing"
        }
        company = self.env.company
        held = self.env["marketing.letter"]._hold_back(company, "sms", wanted)
        for res_id in held:
            values[res_id]["state"] = "canceled"
        missed = [res_id for res_id, vals in values.items() if res_id not in wanted]
        self.env["marketing.segment"]._from_context()._note_use(
            "sms", records, records.browse([*missed, *held]), records.browse(held)
        )
        company._marketing_tell_held(records.browse(held))
        return values
