from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..contact.answers import open_action, reload
from ..contact.input import check_values
from ..proposals.states import get_states

GROUP = "marketing_contact.group_marketing_contact_privacy"
KEPT = {"privacy_blocked", "privacy_blocked_reason", "privacy_blocked_date"}
# who is found although they are blocked: an object of ours, which no client can send
AUTOMATIC = object()
# who blocks or unblocks, the same way
BLOCKING = object()


def is_officer(env):
    """Return whether the person at work may open what is blocked."""
    return env.uid == api.SUPERUSER_ID or env.user.has_group(GROUP)


def check_officer(env):
    """:raise AccessError: unless the person at work has the group of privacy"""
    if not (env.su or is_officer(env)):
        raise AccessError(
            env._(
                "This is for those who see to privacy. Ask an administrator for the "
                "group “Privacy” of Marketing Contacts, or open a request."
            )
        )


class MarketingContact(models.Model):
    """Contacts that are blocked: nothing goes out to them, hardly anybody sees them.

    Their cards stay as they are, and in step.
    """

    _inherit = "marketing.contact"

    privacy_blocked = fields.Boolean(
        string="Blocked", readonly=True, index="btree_not_null"
    )
    privacy_blocked_reason = fields.Char(string="Blocked Because", readonly=True)
    privacy_blocked_date = fields.Datetime(
        string="Blocked On", readonly=True, copy=False
    )
    is_minor = fields.Boolean(
        string="Is a Minor",
        help="A child is blocked until somebody who sees to privacy unblocks it.",
    )
    # a column, so that a list costs no look at companies
    privacy_hidden = fields.Boolean(
        string="Blocked, or of a Blocked Company",
        compute="_compute_privacy_hidden",
        store=True,
        precompute=True,
        copy=False,
    )

    @api.depends(
        "merged_into_id.privacy_blocked", "parent_id.privacy_blocked", "privacy_blocked"
    )
    def _compute_privacy_hidden(self):
        for contact in self:
            contact.privacy_hidden = (
                contact.privacy_blocked
                or contact.parent_id.privacy_blocked
                or contact.merged_into_id.privacy_blocked
            )

    @api.depends("privacy_hidden")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """A link to somebody who is blocked says so, and the number."""
        result = super()._compute_display_name()
        if not is_officer(self.env):
            for contact in self.filtered("privacy_hidden"):
                contact.display_name = contact._privacy_get_hidden_name()
        return result

    def _privacy_get_hidden_name(self):
        """Return what others than those who see to privacy read of the contact."""
        return self.env._("%s (blocked)", self.number or f"#{self.id}")

    # ------------------------------------------------------------
    # BLOCK
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        wishes = [self._privacy_take_wish(vals) for vals in vals_list]
        contacts = super().create([vals for vals, _wish in wishes])
        for contact, (_vals, wish) in zip(contacts, wishes, strict=True):
            if wish:
                contact._privacy_block(wish[0])
        self.env["marketing.privacy.ban"]._check_new(contacts)
        return contacts

    def write(self, vals):
        only_minor = vals.get("is_minor") and not vals.get("privacy_blocked")
        # who is a minor already may have been unblocked
        known = self.filtered("is_minor") if only_minor else self.browse()
        vals, wish = self._privacy_take_wish(vals)
        result = super().write(vals)
        if wish:
            new = (self - known).filtered(lambda c: not c.privacy_blocked)
            new._privacy_block(wish[0])
        if not {"email", "phone"}.isdisjoint(vals):
            self.env["marketing.privacy.ban"]._tell_edited(self)
        return result

    def web_save(self, vals, specification, next_id=None):
        """Who blocks a minor by saving it reads it no more: the form keeps the rest."""
        check_values(self, vals)
        check_values(self, specification)
        if not all(isinstance(spec, dict) for spec in specification.values()):
            raise UserError(self.env._("What to read of each field is a dictionary."))
        if not vals.get("is_minor") or is_officer(self.env):
            return super().web_save(vals, specification, next_id)
        saved = super().web_save(vals, {})
        values = {}
        for name in specification:
            field = self._fields.get(name)
            plain = field and not field.relational and field.type != "binary"
            if plain and self._has_field_access(field, "read"):
                # sudo: what the user has just typed
                values[name] = self.browse(saved[0]["id"]).sudo()[name]
            else:
                many = field and field.type in ("one2many", "many2many")
                values[name] = [] if many else False
        return [{**values, **saved[0]}]

    @api.model
    def _privacy_take_wish(self, vals):
        """Return the values without what blocking keeps, and the wish to block.

        :return: the values, and a tuple with the reason, None for no wish
        """
        if KEPT.isdisjoint(vals) and not vals.get("is_minor"):
            return vals, None
        if self.env.context.get("marketing_privacy_blocking") is BLOCKING:
            return vals, None
        wish = None
        if vals.get("privacy_blocked"):
            wish = (vals.get("privacy_blocked_reason"),)
        elif vals.get("is_minor"):
            wish = (self.env._("Is a minor"),)
        return {n: value for n, value in vals.items() if n not in KEPT}, wish

    def action_privacy_block(self, reason=None):
        """Block the contacts, and the people of blocked companies along with them.

        :param str reason: why, for the chatter
        :return: what the client does next: who may not see them goes to the list
        :raise UserError: for a contact that was merged into another one
        """
        self.check_access("write")
        self._check_not_merged()
        self.filtered(lambda c: not c.privacy_blocked)._privacy_block(reason)
        if is_officer(self.env):
            return reload()
        return {
            **open_action(
                self.env, "marketing_contact_action", default_is_company=True
            ),
            "target": "main",
        }

    def _privacy_block(self, reason):
        if not self:
            return
        # sudo: who blocks may not see the contacts any more
        contacts = self.sudo()
        contacts.with_context(marketing_privacy_blocking=BLOCKING).write(
            {
                "privacy_blocked": True,
                "privacy_blocked_reason": reason or False,
                "privacy_blocked_date": fields.Datetime.now(),
            }
        )
        self.env.flush_all()
        text = self.env._("Blocked by %(user)s.", user=self.env.user.name)
        if reason:
            text = self.env._(
                "Blocked by %(user)s: %(reason)s",
                user=self.env.user.name,
                reason=reason,
            )
        contacts._message_log_batch(bodies=dict.fromkeys(contacts.ids, text))
        hidden = contacts | contacts.with_context(active_test=False).child_ids
        for contact in hidden.filtered("activity_ids"):
            contact.activity_ids.res_name = contact._privacy_get_hidden_name()
        # what is proposed about them is taken back; answers stay
        about = Domain("contact_id", "in", hidden.ids)
        about |= Domain("other_contact_id", "in", hidden.ids)
        proposed = Domain("state", "in", get_states(open=True))
        hidden.env["marketing.match"].search(about & proposed).unlink()

    def action_privacy_unblock(self):
        """Make the contacts ordinary ones again.

        :raise AccessError: for others than those who see to privacy
        """
        check_officer(self.env)
        self.check_access("write")
        blocked = self.filtered("privacy_blocked")
        if blocked:
            blocking = blocked.with_context(marketing_privacy_blocking=BLOCKING)
            blocking.write(dict.fromkeys(KEPT, False))
            text = self.env._("Unblocked by %(user)s.", user=self.env.user.name)
            blocked._message_log_batch(bodies=dict.fromkeys(blocked.ids, text))
        return reload()

    # ------------------------------------------------------------
    # WHAT A BLOCKED CONTACT IS NOT FOR
    # ------------------------------------------------------------

    def _privacy_refuse(self):
        """:raise UserError: naming a contact that is blocked"""
        # sudo: whether one is blocked, not who it is
        hidden = self.sudo().filtered("privacy_hidden")
        if hidden:
            raise UserError(
                self.env._(
                    "“%s” is blocked: nothing is sent to it, and nothing is made or "
                    "linked from it. Who sees to privacy can unblock it.",
                    hidden[0].with_env(self.env).sudo().display_name,
                )
            )

    def _privacy_leave_out(self):
        """Return those that are not blocked, of whom there must be some."""
        free = self.sudo().filtered(lambda c: not c.privacy_hidden).with_env(self.env)
        if self and not free:
            self._privacy_refuse()
        if len(free) < len(self):
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "message": self.env._(
                        "%s blocked contacts were left out.", len(self) - len(free)
                    ),
                },
            )
        return free

    def export_data(self, fields_to_export):
        return super(MarketingContact, self._privacy_leave_out()).export_data(
            fields_to_export
        )

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        """Whoever is blocked is in no column of another record either."""
        shown = self
        if not _is_toplevel_call:
            # sudo: whether they are blocked, not who they are
            shown = self - self.sudo().filtered("privacy_hidden").sudo(self.env.su)
        return super(MarketingContact, shown)._export_rows(
            fields, _is_toplevel_call=_is_toplevel_call
        )

    def create_card(self, *args, **kwargs):
        self._get_linking_contact()._privacy_refuse()
        return super().create_card(*args, **kwargs)

    @api.model
    def _merge_all(self, merges):
        ids = {id_ for m in merges for id_ in (*m.survivor._ids, *m.sources._ids)}
        self.browse(ids)._privacy_refuse()
        return super()._merge_all(merges)

    def _marketing_get_reached(self):
        """A blocked person is not written to in the name of its company."""
        reached = super()._marketing_get_reached()
        return self if reached.privacy_hidden else reached

    def _message_sms(self, *args, **kwargs):
        self._privacy_refuse()
        return super()._message_sms(*args, **kwargs)

    def _sms_get_recipients_info(self, *args, **kwargs):
        info = super()._sms_get_recipients_info(*args, **kwargs)
        for contact in self.filtered("privacy_hidden"):
            info[contact.id] |= {"sanitized": False, "number": False}
        return info

    # ------------------------------------------------------------
    # WHO IS WHO
    # ------------------------------------------------------------

    @api.model
    def _marketing_get_findable_domain(self):
        domain = super()._marketing_get_findable_domain()
        if self.env.context.get("marketing_privacy") is AUTOMATIC:
            return domain
        return domain & Domain("privacy_hidden", "=", False)

    @api.readonly
    def find_cards(self, kind=None, limit=5):
        hidden = self.filtered("privacy_hidden")
        found = super(MarketingContact, self - hidden).find_cards(kind, limit)
        found.update({id_: [] for id_ in hidden.ids})
        return found

    @api.readonly
    def find_duplicates(self, limit=5):
        hidden = self.filtered("privacy_hidden")
        found = super(MarketingContact, self - hidden).find_duplicates(limit)
        found.update({id_: [] for id_ in hidden.ids})
        return found
