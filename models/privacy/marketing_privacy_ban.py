import hashlib
import hmac
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize_all

from ..contact.answers import reload
from ..contact.input import browse_one
from ..sync.session import get_session
from .marketing_contact import AUTOMATIC, check_officer

# a system parameter: what addresses are hashed with
HASH_KEY = "marketing_contact.privacy_key"


class MarketingPrivacyBan(models.Model):
    """An address that was erased on request: nobody makes a contact with it again.

    Only its hash is kept, by a secret of the database: it says nothing of whose it was.
    """

    _name = "marketing.privacy.ban"
    _description = "Erased Address"
    _order = "id desc"
    _rec_name = "date"

    key_hash = fields.Char(string="Technical Key", required=True, readonly=True)
    request_id = fields.Many2one(
        comodel_name="marketing.privacy.request",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    date = fields.Datetime(
        string="Erased On", required=True, readonly=True, default=fields.Datetime.now
    )

    _unique_key = models.Constraint("UNIQUE(key_hash)", "It is banned already.")

    def action_let_in(self):
        """Let the addresses be used again.

        :raise AccessError: for others than those who see to privacy
        """
        check_officer(self.env)
        self.unlink()
        return reload()

    # ------------------------------------------------------------
    # KEYS
    # ------------------------------------------------------------

    @api.model
    def _is_used(self):
        """Return whether anything was ever erased: others pay nothing, Odoo keeps its
        parameters in memory.
        """
        # sudo: whether there is one, not what it is
        return bool(self.env["ir.config_parameter"].sudo().get_param(HASH_KEY))

    @api.model
    def _get_keys(self, records):
        """Return ``{record: hashes of its e-mail addresses and its phone number}``."""
        # sudo: nobody else may read the secret, which is made when it is needed first
        parameters = self.env["ir.config_parameter"].sudo()
        if not self._is_used():
            parameters.set_param(HASH_KEY, secrets.token_hex(32))
        secret = parameters.get_param(HASH_KEY).encode()

        def get_hash(text):
            return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()

        keys = {}
        for record in records:
            values = set(email_normalize_all(record.email or ""))
            if record.phone:
                values.add(record._phone_format(fname="phone") or record.phone.strip())
            keys[record] = {get_hash(value) for value in values if value}
        return keys

    @api.model
    def _find(self, records):
        """Return ``{record: bans}`` of the records with an address that was erased."""
        # sudo: a ban holds whoever makes the contact
        bans = self.sudo()
        if not records or not bans._is_used():
            return {}
        keys = self._get_keys(records)
        found = bans.search([("key_hash", "in", list(set().union(*keys.values())))])
        by_key = {ban.key_hash: ban for ban in found}
        return {
            record: bans.concat(*(by_key[key] for key in own & by_key.keys()))
            for record, own in keys.items()
            if own & by_key.keys()
        }

    @api.model
    def _add(self, contacts):
        """Ban the addresses of contacts that are about to be erased."""
        if keys := sorted(set().union(*self._get_keys(contacts).values())):
            there = set(self.search([("key_hash", "in", keys)]).mapped("key_hash"))
            asked = self.env.context.get("marketing_privacy_request")
            request = browse_one(self.env["marketing.privacy.request"], asked)
            self.create(
                [
                    {"key_hash": key, "request_id": request.id}
                    for key in keys
                    if key not in there
                ]
            )

    # ------------------------------------------------------------
    # WHO MEETS ONE
    # ------------------------------------------------------------

    @api.model
    def _check_new(self, contacts):
        """:raise UserError: for a new contact with an address that was erased"""
        if self.env.context.get("marketing_privacy") is AUTOMATIC:
            return
        for contact in self._find(contacts.sudo()):
            self._refuse(contact.name)

    @api.model
    def _refuse(self, name):
        raise UserError(
            self.env._(
                "“%s” can't be a contact: a person with this email address or phone "
                "number was erased on request. Who sees to privacy can let it in.",
                name,
            )
        )

    @api.model
    def _tell_edited(self, contacts):
        """Say in the chatter of contacts that they got an address that was erased."""
        if found := self._find(contacts.sudo()):
            text = self.env._(
                "Its new email address or phone number is one that was erased on "
                "request. Make sure that this is meant."
            )
            named = contacts.sudo().browse(record.id for record in found)
            named._message_log_batch(bodies=dict.fromkeys(named.ids, text))

    @api.model
    def _leave_out(self, kind, records):
        """Return those of the records with an address that was erased, and list them in
        the inbox: automatic ways make no contact of them, and stop nobody.
        """
        found = self._find([record.sudo() for record in records])
        left = {record for record in records if record.sudo() in found}
        self._list_left(kind, left)
        return left

    @api.model
    def _list_left(self, kind, records):
        """List in the inbox of whom no contact was made.

        :param kind: what the records are cards of; None for the bans of who wrote
        """
        if not records:
            return
        error = UserError(
            self.env._(
                "No contact was made: a person with this address was erased on "
                "request. “Let In” makes one."
            )
        )
        # sudo: whoever makes a customer may not write the inbox
        Run = self.env["marketing.run"].sudo()
        run = Run.browse(get_session(self.env).run_id) or Run._privacy_get_run(kind)
        self.env["marketing.exception"].sudo()._note(
            run, [(record, error) for record in records]
        )


class MarketingException(models.Model):
    """Who was erased and comes again is in the inbox, to be let in or not."""

    _inherit = "marketing.exception"

    can_let_in = fields.Boolean(compute="_compute_can_let_in")

    def _compute_can_let_in(self):
        found = self._privacy_get_bans()
        for line in self:
            line.can_let_in = bool(found.get(line.id))

    def _privacy_get_bans(self):
        """Return ``{id of a line: bans}``."""
        bans = self.env["marketing.privacy.ban"]
        if not bans.has_access("read") or not bans._is_used():
            return {}
        records, own = {}, {}
        for line in self:
            if line.res_model == bans._name:
                own[line.id] = bans.browse(line.res_id).exists()
            model = self.env.get(line.res_model)
            if model is not None and {"email", "phone"} <= model._fields.keys():
                records[line.id] = model.sudo().browse(line.res_id).exists()
        found = bans._find([record for record in records.values() if record])
        return own | {id_: found[r] for id_, r in records.items() if r in found}

    def action_let_in(self):
        """Let in whom the lines are about, and try again."""
        check_officer(self.env)
        self.check_access("read")
        found = self._privacy_get_bans()
        self.env["marketing.privacy.ban"].concat(*found.values()).action_let_in()
        return self.action_retry()
