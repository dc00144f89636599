import io
import json
import re
import zipfile
from datetime import datetime

from odoo import api, fields, models
from odoo.tools import html2plaintext
from odoo.tools.mail import email_normalize_all, parse_contact_from_email

from ..contact.input import FileBytes, known_language
from ..sync.values import get_label, to_text
from .marketing_contact import check_officer

SCHEMA = 1
# what is told of a contact besides what it shares
TOLD = (
    *("number", "name", "is_company", "parent_id", "function", "street", "street2"),
    *("zip", "city", "state_id", "country_id", "phone", "email", "website", "vat"),
    *("company_registry", "lang", "industry_id", "tag_ids", "is_minor", "create_date"),
)
MESSAGES = ("comment", "email", "email_outgoing")


def to_date(value):
    """Return a date and time as people read it, in UTC."""
    return fields.Datetime.to_string(value) if value else ""


def get_initials(name):
    """Return the initials of somebody else's name."""
    return " ".join(f"{word[0]}." for word in re.findall(r"\w+", name or ""))


def is_internal(message):
    """Return whether a message is for ourselves."""
    return message.is_internal or message.subtype_id.internal


class MarketingContact(models.Model):
    """Telling somebody what we know of them."""

    _inherit = "marketing.contact"

    def privacy_answer(self, notes=False):
        """Return all that is known of the contacts, for the person who asks.

        Other people are named by their initials; of cards and documents only what the
        user may read.

        :param bool notes: whether internal notes and messages are told as well
        :return: the bytes of a ZIP file with `answer.html`, `data.json` and the files;
            by RPC in base64
        :raise AccessError: for others than those who see to privacy
        """
        check_officer(self.env)
        self.check_access("read")
        lang = known_language(self.env, self[:1].lang) or self.env.lang
        contacts = self.with_context(lang=lang, active_test=False, bin_size=False)
        told = [contact._privacy_get_answer(notes) for contact in contacts]
        data = {
            "schema": SCHEMA,
            "made_on": fields.Datetime.to_string(fields.Datetime.now()),
            "language": lang,
            "from": self.env.company.name,
            "left_out": any(part.pop("left_out") for part in told),
            "contacts": told,
        }
        page = contacts.env["ir.qweb"]._render(
            "marketing_contact.privacy_answer",
            {"data": data, "lang": lang},
        )
        output = io.BytesIO()
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("answer.html", f"<!DOCTYPE html>\n{page}")
            text = json.dumps(data, indent=1, ensure_ascii=False, default=str)
            archive.writestr("data.json", text)
            for file in contacts._privacy_get_files(notes):
                name = re.sub(r"[^\w. -]", "_", file.name or "file")
                archive.writestr(f"files/{file.id}-{name}", file.raw or b"")
        return FileBytes(output.getvalue())

    def _privacy_get_answer(self, notes):
        """Return what is known of a contact, by topics, extended by `super()`.

        Each is a list or a dict; `left_out`: is there more that the user may not read?
        """
        lineage = [x for x in self.get_lineage() if x["value"] or x["previous"]]
        links = self.relation_ids
        cards = links._get_readable_cards()
        own = {(self._name, self.id), *((card._name, card.id) for card in cards)}
        answer = {
            "contact": self._privacy_get_values(),
            "people": [
                {"initials": get_initials(p.name), "function": p.function}
                for p in self.child_ids
            ],
            "relations": [
                {
                    "as": link._get_kind_name() or link.business_relation_id.name,
                    "record": link.card_name or False,
                }
                for link in links
            ],
            "values": [self._privacy_tell_line(line, own) for line in lineage],
            "messages": self._privacy_get_messages(notes),
            "activities": [
                {"date": a.date_deadline, "what": a.summary or a.activity_type_id.name}
                for a in self.activity_ids._filtered_access("read")
            ],
            "consent": {
                "email_opt_out": self.is_blacklisted,
                "phone_opt_out": self.phone_blacklisted,
                "blocked": self.privacy_blocked,
            },
            "files": self._privacy_get_files(notes).mapped("name"),
            **({"notes": html2plaintext(self.comment or "")} if notes else {}),
        }
        answer["left_out"] = any(
            link.kind and link._get_card() not in cards for link in links
        ) or any(line["model"] and not line["display_name"] for line in lineage)
        return answer

    def _privacy_tell_line(self, line, own):
        """Return where a shared value came from, and what it was before.

        :param dict line: of the lineage
        :param set own: pairs of model and id of the records that are named
        """
        field, name = line["field"], line["display_name"]
        # sudo: the initials of whoever it was
        user = self.env["res.users"].sudo().browse(line["user_id"])
        return {
            "field": field,
            "label": get_label(self, field),
            "value": self._privacy_to_text(field, line["value"]),
            "before": self._privacy_to_text(field, line["previous"]),
            "from": name if (line["model"], line["id"]) in own else get_initials(name),
            "by": get_initials(user.name),
            "on": to_date(line["date"]),
        }

    def _privacy_get_values(self):
        """Return ``{name: {label, value}}`` of what is on the contact itself."""
        values = {}
        for name in TOLD:
            value = self[name]
            if isinstance(value, models.BaseModel):
                value = ", ".join(value._filtered_access("read").mapped("name"))
            elif isinstance(value, datetime):
                value = to_date(value)
            elif value:
                value = to_text(self, name, value)
            if value:
                values[name] = {"label": get_label(self, name), "value": value}
        return values

    @api.model
    def _privacy_to_text(self, name, value):
        """Return a value of the lineage for people."""
        if not value:
            return ""
        text = to_text(self, name, value)
        is_user = self._fields[name].comodel_name == "res.users"
        return get_initials(text) if is_user else text

    def _privacy_get_messages(self, notes):
        """Return the e-mails of the contact; with notes the internal messages, too."""
        messages = self.message_ids._filtered_access("read")
        if not notes:
            messages = messages.filtered(lambda m: m.message_type in MESSAGES)
            messages -= messages.filtered(is_internal)
        return [
            {
                "date": to_date(message.date),
                "subject": message.subject or "",
                "from": self._privacy_get_sender(message),
                "text": html2plaintext(message.body or ""),
            }
            for message in messages
        ]

    def _privacy_get_sender(self, message):
        """Return who wrote a message: the person's own address, others' initials."""
        sender = message.email_from or ""
        if not message.author_id:
            own = self._marketing_get_addresses() & set(email_normalize_all(sender))
            name = parse_contact_from_email(sender)[0]
            return sender if own else get_initials(name or sender.split("@")[0])
        # sudo: the initials of whoever it was
        return get_initials(message.author_id.sudo().name)

    def _privacy_get_files(self, notes):
        """Return the files of the contacts, those of internal messages with notes."""
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("res_field", "=", False),
            ]
        )
        if not notes:
            files -= self.message_ids.filtered(is_internal).attachment_ids
        return files
