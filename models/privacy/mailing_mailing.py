from odoo import models
from odoo.fields import Domain

from ..contact.bridges import bridge


@bridge
class MailingMailing(models.Model):
    """Mailings go to nobody who is blocked; where `mass_mailing` is."""

    _register = False
    _module = "marketing_contact"
    _name = "mailing.mailing"
    _inherit = ["mailing.mailing"]

    def _get_recipients_domain(self):
        domain = super()._get_recipients_domain()
        if self.mailing_model_real != "marketing.contact":
            return domain
        return Domain(domain) & Domain("privacy_hidden", "=", False)
