import hashlib
import hmac
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.bridges import bridge
from ..sync.kinds import CONTACT_MODEL

# so many are named of those that were held back
NAMED = 40


class MarketingLetter(models.Model):
    """One letter of a mailing to one address, kept as long as it counts for the cap.

    Written only where a company has a cap (Marketing Setup); the address is a hash.
    """

    _name = "marketing.letter"
    _description = "Letter That Counts"
    _log_access = False

    address = fields.Char(required=True)
    channel = fields.Selection(
        selection=[("mail", "Email"), ("sms", "SMS")], required=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, index=True)
    _address = models.Index("(address, company_id, date)")

    @api.model
    def _hold_back(self, company, channel, addresses):
        """Count letters to addresses, and tell who has had enough already.

        Two that send at once wait for each other, or both would pass the last place.

        :param dict addresses: the addresses to reach, a list by recipient
        :return: the set of recipients whose every address has had as many letters as
            the company allows; the others' letters are counted from now on
        """
        if not (cap := company.marketing_mail_cap):
            return set()
        hashes = {
            recipient: [self._hash(address) for address in found]
            for recipient, found in addresses.items()
            if found
        }
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock(hashtext(%s), %s)", self._name, company.id
            )
        )
        # sudo: nobody has rights on what is counted
        letters, now = self.sudo(), fields.Datetime.now()
        counted = Domain("company_id", "=", company.id) & Domain(
            "channel", "=", channel
        )
        counted &= Domain("address", "in", list(set().union(*hashes.values())))
        since = now - timedelta(days=company.marketing_mail_cap_days)
        counted &= Domain("date", ">", since)
        counts = Counter(dict(letters._read_group(counted, ["address"], ["__count"])))
        held, made = set(), []
        kept = {"channel": channel, "company_id": company.id, "date": now}
        for recipient, found in hashes.items():
            if all(counts[address] >= cap for address in found):
                held.add(recipient)
            else:
                counts.update(found)
                made += [{"address": address, **kept} for address in found]
        letters.create(made)
        return held

    @api.model
    def _hash(self, address):
        # sudo: only administrators may read parameters
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        text = address.strip().lower()
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    @api.autovacuum
    def _gc_letters(self):
        """Remove what counts no more for any company."""
        companies = self.env["res.company"]
        ((days,),) = companies._read_group([], [], ["marketing_mail_cap_days:max"])
        before = fields.Datetime.now() - timedelta(days=days or 0)
        self.search([("date", "<=", before)]).unlink()


class MarketingSetupMixin(models.AbstractModel):
    """How many letters somebody may get."""

    _inherit = "marketing.setup.mixin"

    marketing_mail_cap = fields.Integer(string="Letters to One Address")
    marketing_mail_cap_days = fields.Integer(string="In Days", default=7)


class ResCompany(models.Model):
    _inherit = "res.company"

    _check_mail_cap = models.Constraint(
        "CHECK(marketing_mail_cap >= 0 AND marketing_mail_cap_days > 0)",
        "Letters to one address: 0 or more, in at least one day.",
    )

    def _marketing_get_held_reason(self, count):
        """Return in words how many letters the cap held back, and by which rule."""
        return self.env._(
            "%(count)s held back: %(cap)s in %(days)s days",
            count=count,
            cap=self.marketing_mail_cap,
            days=self.marketing_mail_cap_days,
        )

    def _marketing_tell_held(self, contacts, document=None):
        """Tell who sent, or a document, which contacts the cap held back."""
        if not contacts:
            return
        names = ", ".join(contacts[:NAMED].mapped("name"))
        more = " …" if len(contacts) > NAMED else ""
        text = f"{self._marketing_get_held_reason(len(contacts))} ({names}{more})"
        if document:
            document.message_post(body=text)
        else:
            self.env.user._bus_send(
                "simple_notification",
                {"type": "warning", "sticky": True, "message": text},
            )


@bridge
class SmsComposer(models.TransientModel):
    """Text messages, where the module `sms` is."""

    _register = False
    _module = "marketing_contact"
    _name = "sms.composer"
    _inherit = ["sms.composer"]

    def _prepare_mass_sms_values(self, records):
        """Hold back messages to those who have had enough, in the moment of sending."""
        values = super()._prepare_mass_sms_values(records)
        if records._name != CONTACT_MODEL:
            return values
        wanted = {
            res_id: [vals["number"]]
            for res_id, vals in values.items()
            if vals["state"] == "outgoing"
        }
        company = self.env.company
        held = self.env["marketing.letter"]._hold_back(company, "sms", wanted)
        for res_id in held:
            values[res_id]["state"] = "canceled"
        missed = [res_id for res_id, vals in values.items() if res_id not in wanted]
        self.env["marketing.segment"]._from_context()._note_use(
            "sms", records, records.browse([*missed, *held]), records.browse(held)
        )
        company._marketing_tell_held(records.browse(held))
        return values
