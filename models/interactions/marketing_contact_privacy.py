from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, html2plaintext

from ..sync.values import get_text


class MarketingContact(models.Model):
    """What privacy has to do with interactions, mailings and text messages."""

    _inherit = "marketing.contact"

    @api.model
    def _privacy_collect(self, plan):
        """Interactions stay, without the person: their number and cost count."""
        result = super()._privacy_collect(plan)
        interactions = self.env["marketing.interaction"].search(
            [("contact_id", "in", self.ids)]
        )
        about = self.env["marketing.interaction"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        )
        plan.nameless(
            about,
            {"res_model": False, "res_id": False, "res_name": False},
            self.env._("No longer points to the contact."),
        )
        plan.nameless(
            interactions,
            {
                "contact_id": False,
                "name": self.env._("Erased"),
                "note": False,
                "mail_message_id": False,
            },
            self.env._("Loses person, subject and note; number and cost stay."),
        )
        plan.goes(
            interactions.attachment_ids.filtered(
                lambda a: a.res_model in (False, interactions._name)
            )
        )
        self._privacy_collect_sent(plan)
        return result

    @api.model
    def _privacy_collect_sent(self, plan):
        """Add what apps for mailings and text messages keep of them to the plan."""
        addresses = plan.get_addresses(self)
        for model, domain in (
            ("mailing.contact", Domain("email_normalized", "in", addresses)),
            (
                "mailing.trace",
                Domain("email", "in", addresses)
                | Domain("model", "=", self._name) & Domain("res_id", "in", self.ids),
            ),
            (
                "sms.sms",
                Domain("number", "in", addresses)
                | Domain("mail_message_id.model", "=", self._name)
                & Domain("mail_message_id.res_id", "in", self.ids),
            ),
        ):
            if model in self.env:
                records = self.env[model].search(domain)
                plan.goes(records)
                if "message_ids" in records._fields:
                    plan.goes(records.message_ids)

    def _privacy_get_answer(self, notes):
        answer = super()._privacy_get_answer(notes)
        # those of other companies the user does not see
        interactions = self.interaction_ids.sorted("date", reverse=True)
        answer["interactions"] = [
            {
                "date": interaction.date,
                "what": interaction.name,
                "channel": get_text(interaction, "channel"),
                "document": interaction.res_name or "",
                **({"note": html2plaintext(interaction.note or "")} if notes else {}),
            }
            for interaction in interactions
        ]
        if "mailing.trace" in self.env and self.env["mailing.trace"].has_access("read"):
            traces = self.env["mailing.trace"].search(
                [("model", "=", self._name), ("res_id", "=", self.id)]
            )
            answer["mailings"] = [
                {
                    "date": trace.sent_datetime,
                    "subject": trace.mass_mailing_id.subject or "",
                    "opened_on": trace.open_datetime,
                }
                for trace in traces
            ]
        return answer

    @api.model
    def _privacy_get_dates(self, since):
        queries = super()._privacy_get_dates(since)
        if since == "interaction":
            self.env["marketing.interaction"].flush_model(["contact_id", "date"])
            queries += [
                SQL("SELECT contact_id, date FROM marketing_interaction"),
                SQL(
                    """SELECT person.parent_id, i.date FROM marketing_interaction i
                         JOIN marketing_contact person ON person.id = i.contact_id"""
                ),
            ]
        return queries
