import hashlib
import hmac
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

CONTACT = "marketing.contact"


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
        cap = company.marketing_mail_cap
        if not cap:
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
        counts = self._count(
            company, channel, {h for all_ in hashes.values() for h in all_}
        )
        held, letters = set(), []
        for recipient, found in hashes.items():
            if all(counts.get(address, 0) >= cap for address in found):
                held.add(recipient)
                continue
            for address in found:
                counts[address] = counts.get(address, 0) + 1
                letters.append(address)
        now = fields.Datetime.now()
        # sudo: nobody has rights on what is counted
        self.sudo().create(
            [
                {
                    "address": address,
                    "channel": channel,
                    "company_id": company.id,
                    "date": now,
                }
                for address in letters
            ]
        )
        return held

    @api.model
    def _count(self, company, channel, hashes):
        """Return how many letters the hashed addresses had in the company's days."""
        since = fields.Datetime.now() - timedelta(days=company.marketing_mail_cap_days)
        # sudo: nobody has rights on what is counted
        groups = self.sudo()._read_group(
            [
                ("address", "in", list(hashes)),
                ("channel", "=", channel),
                ("company_id", "=", company.id),
                ("date", ">", since),
            ],
            ["address"],
            ["__count"],
        )
        return dict(groups)

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
