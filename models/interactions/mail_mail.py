import logging

import psycopg2

from odoo import SUPERUSER_ID, models

_logger = logging.getLogger(__name__)


class SentMails:
    """The mails that went out together, to be recorded all at once.

    In the context while they are sent; two of them are never equal.
    """

    def __init__(self):
        self.items = []

    def add(self, mails, partners, addresses, failure_type=None):
        """Note the mails with the partners and addresses that they reached."""
        # sudo: whoever sends may not read mails; they may be deleted once sent
        for mail in mails.sudo():
            message = mail.mail_message_id
            internal = message.is_internal or message.subtype_id.internal
            if not (mail.model and mail.res_id) or internal:
                continue
            reached = list(addresses)
            # copies go with what is sent to addresses, else by themselves
            if mail.email_cc and (addresses or not (mail.email_to or failure_type)):
                reached.append(mail.email_cc)
            if not partners and not reached:
                continue
            user = mail.create_uid
            if user.id == SUPERUSER_ID:
                # the system sent for somebody
                user = mail.author_id.user_ids[:1] or user
            self.items.append(
                {
                    "model": mail.model,
                    "res_id": mail.res_id,
                    "message_id": message.id,
                    "rfc_id": mail.message_id,
                    "partner_ids": [partner.id for partner in partners],
                    "addresses": reached,
                    "subject": mail.subject,
                    "user_id": user.id,
                }
            )


class MailMail(models.Model):
    """Records the mails that reached a contact, when they have gone out."""

    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        Rule = self.env["marketing.interaction.rule"]
        if not Rule._get_active_models("email"):
            return super()._send(*args, **kwargs)
        sent = SentMails()
        mails = self.with_context(marketing_contact_sent_mails=sent)
        result = super(MailMail, mails)._send(*args, **kwargs)
        self.env["marketing.interaction"]._record_mails(sent.items)
        return result

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        sent = self.env.context.get("marketing_contact_sent_mails")
        if isinstance(sent, SentMails):
            try:
                sent.add(self, success_pids, success_emails, failure_type)
            except psycopg2.Error:
                # the transaction is of no use any more, to nobody
                raise
            except Exception:
                _logger.exception("A mail could not be recorded")
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
