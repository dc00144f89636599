from odoo.addons.mail.controllers.thread import ThreadController as MailThreadController


class ThreadController(MailThreadController):
    """What is written to a contact in the chatter goes to its address."""

    def _prepare_message_data(self, post_data, *, thread, **kwargs):
        data = super()._prepare_message_data(post_data, thread=thread, **kwargs)
        emails = post_data.get("partner_emails")
        if thread._name == "marketing.contact" and emails:
            partners = thread.env["res.partner"].browse(data.get("partner_ids"))
            addresses = thread._marketing_filter_own_addresses(emails, partners)
            if addresses:
                data["outgoing_email_to"] = ", ".join(addresses)
        return data
