from odoo import api, fields, models


class MailComposeMessage(models.TransientModel):
    """The composer sends to a contact's own address, which has no partner."""

    _inherit = "mail.compose.message"

    marketing_to_contact = fields.Boolean(
        string="To the Contact's Address",
        compute="_compute_marketing_to_contact",
        store=True,
        readonly=False,
        help="The message goes to the e-mail address of the marketing contact.",
    )

    @api.depends("model", "composition_mode", "subtype_is_log")
    def _compute_marketing_to_contact(self):
        for composer in self:
            composer.marketing_to_contact = (
                composer.model == "marketing.contact"
                and composer.composition_mode == "comment"
                and not composer.subtype_is_log
            )

    def _manage_mail_values(self, mail_values_all):
        values_by_id = super()._manage_mail_values(mail_values_all)
        if not self.marketing_to_contact or self.model != "marketing.contact":
            return values_by_id
        contacts = self.env["marketing.contact"].browse(values_by_id)
        for contact in contacts:
            values = values_by_id[contact.id]
            partners = self.env["res.partner"].browse(values.get("partner_ids"))
            # a company without an address of its own is reached by its primary contact
            reached = contact if contact.email else contact.primary_person_id
            if not reached.email:
                continue
            addresses = reached._marketing_filter_own_addresses(
                reached._marketing_get_addresses(), partners
            )
            if addresses:
                values["outgoing_email_to"] = ", ".join(addresses)
        return values_by_id
