from odoo import models
from odoo.fields import Domain

from ..contact.bridges import bridge


@bridge
class MailingMailing(models.Model):
    """Mailings to contacts; there where the module `mass_mailing` is."""

    _register = False
    _module = "marketing_contact"
    _name = "mailing.mailing"
    _inherit = ["mailing.mailing"]

    def _get_recipients_domain(self):
        """Leave out whom the person who mails may not read, such as the contacts of
        other companies: the scheduled action that sends has all rights.
        """
        domain = super()._get_recipients_domain()
        if self.mailing_model_real != "marketing.contact" or not self.env.su:
            return domain
        # as Odoo chooses whose language the mailing is sent in
        user = self.user_id or self.write_uid
        Contact = self.env["marketing.contact"].with_user(user)
        if not Contact.has_access("read"):
            return Domain.FALSE
        rules = self.env["ir.rule"].with_user(user)
        rules = rules.with_context(allowed_company_ids=user.company_ids.ids)
        return domain & rules._compute_domain("marketing.contact", "read")
