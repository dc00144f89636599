from odoo import api, fields, models
from odoo.tools.mail import email_normalize, email_split_and_format

from ..models.contact.answers import close, notify
from ..models.contact.input import known_language

CONTACT = "marketing.contact"


class MailRenderMixin(models.AbstractModel):
    """Templates and the composer write to contacts in languages that are in use."""

    _inherit = "mail.render.mixin"

    def _render_lang(self, res_ids, engine="inline_template"):
        languages = super()._render_lang(res_ids, engine=engine)
        if self.render_model != CONTACT:
            return languages
        return {
            res_id: known_language(self.env, lang) or ""
            for res_id, lang in languages.items()
        }


class MailComposeMessage(models.TransientModel):
    """The composer sends to a contact's own address, which has no partner."""

    _inherit = "mail.compose.message"

    marketing_to_contact = fields.Boolean(
        string="To the Contact's Address",
        compute="_compute_marketing_to_contact",
        store=True,
        readonly=False,
        help="The message goes to the email address of the marketing contact.",
    )

    marketing_sent_count = fields.Integer(
        string="Contacts Sent To", readonly=True, export_string_translation=False
    )
    marketing_reach = fields.Char(
        string="Whom It Reaches", compute="_compute_marketing_reach"
    )

    @api.depends("composition_mode", "model", "res_ids")
    @api.depends_context("lang")
    def _compute_marketing_reach(self):
        """Say beforehand how many of those who were chosen have an address."""
        for composer in self:
            reached = total = 0
            if composer._marketing_is_to_many():
                ids = composer._evaluate_res_ids()
                domain = [("id", "in", ids), ("email_normalized", "!=", False)]
                reached, total = self.env[CONTACT].search_count(domain), len(ids)
            if total == 1 and not reached:
                composer.marketing_reach = self.env._("There is no email address.")
            elif total > 1:
                composer.marketing_reach = self.env._(
                    "%(reached)s of %(total)s have an email address.",
                    reached=reached,
                    total=total,
                )
            else:
                composer.marketing_reach = False

    def action_send_mail(self):
        """Say afterwards how many contacts a message went to."""
        action = super().action_send_mail()
        if len(self) != 1 or not self._marketing_is_to_many():
            return action
        sent = self.marketing_sent_count
        if sent == 1:
            message = self.env._("Sent to 1 contact.")
        else:
            message = self.env._("Sent to %s contacts.", sent)
        return notify(message, "success" if sent else "warning", next=action or close())

    @api.depends("model", "composition_mode", "subtype_is_log")
    def _compute_marketing_to_contact(self):
        for composer in self:
            composer.marketing_to_contact = (
                composer.model == CONTACT
                and composer.composition_mode == "comment"
                and not composer.subtype_is_log
            )

    # ------------------------------------------------------------
    # ONE
    # ------------------------------------------------------------

    def _manage_mail_values(self, mail_values_all):
        values_by_id = super()._manage_mail_values(mail_values_all)
        if not self.marketing_to_contact or self.model != CONTACT:
            return values_by_id
        contacts = self.env[CONTACT].browse(values_by_id)
        for contact in contacts:
            values = values_by_id[contact.id]
            partners = self.env["res.partner"].browse(values.get("partner_ids"))
            addresses = contact._marketing_filter_own_addresses(
                contact._marketing_get_addresses(), partners
            )
            if addresses:
                values["outgoing_email_to"] = ", ".join(addresses)
        return values_by_id

    # ------------------------------------------------------------
    # MANY
    # ------------------------------------------------------------

    def _marketing_is_to_many(self):
        return self.composition_mode == "mass_mail" and self.model == CONTACT

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Write to each contact in its language, unless the template knows better."""
        if (
            kwargs.get("compute_lang")
            and self._marketing_is_to_many()
            and not (self.lang or self.template_id.lang)
        ):
            contacts = self.env[CONTACT].browse(res_ids)
            kwargs["res_ids_lang"] = {
                contact.id: known_language(
                    self.env, contact._marketing_get_reached().lang
                )
                or self.env.lang
                for contact in contacts
            }
            # Odoo would ask the template, which knows no language; the other key, of
            # less weight than the languages, lets it translate nevertheless
            kwargs["compute_lang"] = False
            kwargs["set_lang"] = self.env.lang or "en_US"
        return super()._render_field(field, res_ids, *args, **kwargs)

    def _generate_template_for_composer(self, res_ids, *args, **kwargs):
        """Keep the addresses as they are: contacts have no partners, nor get them."""
        if not self._marketing_is_to_many():
            return super()._generate_template_for_composer(res_ids, *args, **kwargs)
        kwargs["find_or_create_partners"] = False
        values = super()._generate_template_for_composer(res_ids, *args, **kwargs)
        nobody = [
            res_id
            for res_id in res_ids
            if not values[res_id].get("email_to")
            and not values[res_id].get("partner_ids")
        ]
        contacts = self.env[CONTACT].browse(nobody)
        for res_id, found in contacts._message_get_default_recipients().items():
            values[res_id] |= found
        return values

    def _process_mail_values_state(self, mail_values_dict):
        """Leave out those addresses of a contact that are on the blacklist."""
        if self._marketing_is_to_many() and self.use_exclusion_list:
            addresses = {
                res_id: email_split_and_format(values.get("email_to") or "")
                for res_id, values in mail_values_dict.items()
            }
            unwanted = self._marketing_get_unwanted(addresses)
            for res_id, found in addresses.items():
                wanted = [
                    address
                    for address in found
                    if email_normalize(address, strict=False) not in unwanted
                ]
                # with none left Odoo is to say why nothing was sent
                if wanted and len(wanted) < len(found):
                    mail_values_dict[res_id]["email_to"] = ", ".join(wanted)
        values = super()._process_mail_values_state(mail_values_dict)
        if self._marketing_is_to_many():
            # the mails themselves may be gone once they are sent
            self.marketing_sent_count += sum(
                each.get("state") not in ("cancel", "exception")
                for each in values.values()
            )
        return values

    def _get_blacklist_record_ids(self, mail_values_dict, recipients_info=None):
        """Also those that are reached by the address of somebody who is on it."""
        blacklisted = super()._get_blacklist_record_ids(
            mail_values_dict, recipients_info
        )
        if self._marketing_is_to_many() and self.use_exclusion_list and recipients_info:
            addresses = {
                res_id: info["mail_to_normalized"]
                for res_id, info in recipients_info.items()
                if info["mail_to_normalized"]
            }
            unwanted = self._marketing_get_unwanted(addresses)
            blacklisted |= {
                res_id
                for res_id, found in addresses.items()
                if unwanted.issuperset(found)
            }
        return blacklisted

    @api.model
    def _marketing_get_unwanted(self, addresses):
        """Return the normalised addresses that are on the blacklist.

        :param dict addresses: lists of addresses, by whatever
        """
        normalized = {
            email_normalize(address, strict=False)
            for found in addresses.values()
            for address in found
        }
        # sudo: who sends may have no right on the blacklist
        blacklist = self.env["mail.blacklist"].sudo()
        listed = blacklist.search([("email", "in", list(normalized - {False}))])
        return set(listed.mapped("email"))
