from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..contact.companies import get_open_ids


class MarketingContact(models.Model):
    """Recipients of mailings (`mass_mailing`) and of text messages (`sms`), where these
    modules are: both ask for what is here by its name.
    """

    _inherit = "marketing.contact"

    _mailing_enabled = True

    def _mailing_get_default_domain(self, mailing):
        """Return whom a new mailing goes to: who has an e-mail, for text messages a
        phone, and does not object.

        Where the user works for several companies, those of the companies chosen.
        """
        by_phone = mailing.mailing_type == "sms"
        address = "phone_sanitized" if by_phone else "email_normalized"
        refused = "phone_sanitized_blacklisted" if by_phone else "is_blacklisted"
        domain = Domain(address, "!=", False) & Domain(refused, "=", False)
        domain &= Domain("privacy_hidden", "=", False)
        if len(self.env.user.company_ids) > 1:
            domain &= Domain("company_id", "in", get_open_ids(self.env.companies))
        return list(domain)

    def action_send_sms(self):
        """Open Odoo's form for a text message to the contacts.

        :raise UserError: where the module for text messages is not installed
        """
        if "sms.composer" not in self.env:
            raise UserError(self.env._("Install the app SMS to send text messages."))
        self._privacy_leave_out()
        if len(self) == 1:
            recipients = {
                "default_composition_mode": "comment",
                "default_res_id": self.id,
            }
        else:
            recipients = {
                "default_composition_mode": "mass",
                "default_mass_keep_log": True,
                "default_res_ids": self.ids,
            }
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sms.sms_composer_action_form"
        )
        action["context"] = {"default_res_model": self._name, **recipients}
        return action
