from odoo import api, models
from odoo.tools.mail import email_normalize_all

CONTACT = "marketing.contact"


class MailComposeMessage(models.TransientModel):
    """The composer writes to nobody who is blocked."""

    _inherit = "mail.compose.message"

    def _manage_mail_values(self, mail_values_all):
        if self.marketing_to_contact and self.model == CONTACT:
            self.env[CONTACT].browse(mail_values_all)._privacy_refuse()
        return super()._manage_mail_values(mail_values_all)

    def _get_blacklist_record_ids(self, mail_values_dict, recipients_info=None):
        """Those that are blocked are left out and counted, as if on the blacklist."""
        listed = super()._get_blacklist_record_ids(mail_values_dict, recipients_info)
        if not self._marketing_is_to_many():
            return listed
        # sudo: whether they are blocked, not who they are
        contacts = self.env[CONTACT].sudo().browse(mail_values_dict)
        return set(listed) | set(contacts.filtered("privacy_hidden")._ids)


class MailMail(models.Model):
    """Whatever makes a mail to a blocked contact, it does not go out; mail to others
    with the same address does.
    """

    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        # sudo: whoever sends may not read mails, nor who is blocked
        mails = self.sudo().filtered(lambda m: m.model == CONTACT and m.email_to)
        contacts = mails.env[CONTACT].browse(set(mails.mapped("res_id"))).exists()
        hidden = {
            contact.id: contact._marketing_get_addresses()
            for contact in contacts.filtered("privacy_hidden")
        }
        blocked = mails.filtered(
            lambda mail: (
                hidden.get(mail.res_id, set()) & set(email_normalize_all(mail.email_to))
            )
        ).with_env(self.env)
        if blocked:
            blocked.write({"state": "cancel", "failure_type": "mail_bl"})
        return super(MailMail, self - blocked)._send(*args, **kwargs)


class MailActivitySchedule(models.TransientModel):
    """Activities of many are planned for those who are not blocked."""

    _inherit = "mail.activity.schedule"

    def _get_applied_on_records(self):
        records = super()._get_applied_on_records()
        if records and records._name == CONTACT and len(records) > 1:
            return records._privacy_leave_out()
        return records


class MailThread(models.AbstractModel):
    """Mail of somebody who was erased makes no contact; other ways it takes stay."""

    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        # a route is a model, the id of a thread, and more
        new = [route for route in routes or () if route[0] == CONTACT and not route[1]]
        if new:
            bans = self.env["marketing.privacy.ban"]
            sender = self.env[CONTACT].new({"email": message_dict.get("email_from")})
            if found := bans._find(sender):
                bans._list_left(None, bans.concat(*found.values()))
                routes = [route for route in routes if route not in new]
        return super()._message_route_process(message, message_dict, routes)
