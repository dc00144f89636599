import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..contact.bridges import bridge

_logger = logging.getLogger(__name__)

CHOICES = {
    "mailing_domain",
    "mailing_filter_id",
    "mailing_model_id",
    "mailing_type",
    "schedule_type",
    "state",
    "user_id",
}
CHOOSER = "marketing_chooser_id"


@bridge
class MailingMailing(models.Model):
    """Mailings to contacts; there where the module `mass_mailing` is."""

    _register = False
    _module = "marketing_contact"
    _name = "mailing.mailing"
    _inherit = ["mailing.mailing"]

    # not `user_id`, which anybody may set to somebody else
    marketing_chooser_id = fields.Many2one(
        comodel_name="res.users",
        string="Recipients Chosen By",
        readonly=True,
        ondelete="set null",
        help="Who said last whom the mailing goes to, or sent it off.",
    )

    @api.model
    def _marketing_init_extension(self):
        """Whoever made the mailings that are there has chosen whom they go to."""
        self.env.cr.execute(
            "UPDATE mailing_mailing SET marketing_chooser_id = create_uid"
        )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.uid != SUPERUSER_ID:
            vals_list = [{**vals, CHOOSER: self.env.uid} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        # the scheduled action changes the state as well, and chooses nobody
        if self.env.uid != SUPERUSER_ID and vals.keys() & {CHOOSER, *CHOICES}:
            vals = {**vals, CHOOSER: self.env.uid}
        return super().write(vals)

    def _get_recipients_domain(self):
        """Let the filter mean what it means to those who mail: they may not read the
        contacts of other companies, and each company has customers of its own. The
        scheduled action that sends has all rights, and works in a company of its own.
        """
        domain = super()._get_recipients_domain()
        if self.mailing_model_real == "marketing.contact":
            # whoever mails: who sees to privacy sees them
            domain = Domain(domain) & Domain("privacy_hidden", "=", False)
        found = [
            self._marketing_find(domain, env) for env in self._marketing_get_owners()
        ]
        return Domain.AND(found) if found else domain

    def _marketing_get_owners(self):
        """Return the environments of who is responsible for a mailing that the system
        sends to contacts, or by asking for any, and of who has chosen its recipients,
        in the companies that both work for.
        """
        if not self.env.su or not (
            self.mailing_model_real == "marketing.contact"
            or "marketing_" in (self.mailing_domain or "")
        ):
            return []
        # as Odoo chooses whose language the mailing is sent in
        users = self.user_id | self[CHOOSER]
        shared = self.user_id.company_ids & self[CHOOSER].company_ids
        envs = []
        for user in users.filtered(lambda user: user.id != SUPERUSER_ID):
            companies = user.company_ids & shared or user.company_ids
            # the company of who is responsible is the current one
            companies = (self.user_id.company_id & companies) | companies
            user = self.with_user(user)
            envs.append(user.with_context(allowed_company_ids=companies.ids).env)
        return envs

    def _marketing_find(self, domain, env):
        """Return the domain of what a user finds by the mailing's own one; of nothing
        where that is refused: other mailings wait in the queue behind this one.
        """
        try:
            return Domain("id", "in", env[self.mailing_model_real]._search(domain))
        except (UserError, ValueError) as error:
            _logger.info("The mailing %s goes to nobody: %s", self.id, error)
            return Domain.FALSE

    def _action_send_mail(self, res_ids=None):
        """Let texts name the customers of the company that mails."""
        for mailing in self:
            for env in mailing._marketing_get_owners()[:1]:
                mailing = mailing.with_context(
                    allowed_company_ids=env.context["allowed_company_ids"]
                )
            super(MailingMailing, mailing)._action_send_mail(res_ids)
        return True
