from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..contact.answers import open_form
from ..runs import workers
from ..sync.session import open_journal
from .marketing_contact import check_officer
from .plan import CARDS, Plan


class MarketingContact(models.Model):
    """Erasing contacts: by a plan that is exactly the deed."""

    _inherit = "marketing.contact"

    def privacy_plan(self, cards="minimise"):
        """Return what erasing the contacts would do; nothing is written.

        :param str cards: what becomes of customers, vendors and people of theirs:
            ``keep``, ``minimise`` or ``erase``
        :return: ``{"goes": […], "nameless": […], "stays": […]}``, lists of ``{model,
            id, display_name, what, reason}``
        :raise AccessError: for others than those who see to privacy
        """
        return self._privacy_make_plan(cards).get_lines()

    def privacy_erase(self, cards="minimise"):
        """Erase the contacts as :meth:`privacy_plan` says, in one transaction; for
        good: there is no undo.

        :return: what was done, as the plan; for a thousand and more the
            `marketing.run` that does it
        :raise UserError: if they are gone already, or a request of restriction is open
        """
        check_officer(self.env)
        if len(self) >= workers.SLOW_FROM:
            self._privacy_check_erase(cards)
            request_id = self.env.context.get("marketing_privacy_request")
            params = {"contact_ids": self.ids, "cards": cards}
            return self.env["marketing.run"]._start(
                "erase", params | {"request_id": request_id}
            )
        self._privacy_lock()
        plan = self._privacy_make_plan(cards)
        lines = plan.get_lines()
        # sudo: requests and bans are kept by the system
        self.env["marketing.privacy.ban"].sudo()._add(plan.contacts)
        with open_journal(plan.env, "erase", own=True) as journal:
            journal.get_batch(plan.env)
            plan.do()
            journal.forget()
        registry, uid = self.env.registry, self.env.uid

        def clean_files():
            with registry.cursor() as cr:
                api.Environment(cr, uid, {})["ir.attachment"].sudo()._gc_file_store()

        self.env.cr.postcommit.add(clean_files)
        return lines

    def _privacy_make_plan(self, cards):
        """Return the plan, when all have said what becomes of theirs."""
        check_officer(self.env)
        self._privacy_check_erase(cards)
        plan = Plan(self, cards)
        plan.contacts._privacy_collect(plan)
        plan.collect_cards()
        plan.collect_elsewhere()
        return plan

    @api.model
    def _privacy_collect(self, plan):
        """Say what becomes of what is known of the contacts, extended by `super()`.

        :param Plan plan: with the contacts, and `goes`, `nameless`, `stays`, and
            `documents` of its partners to be filled in
        """
        plan.collect()

    def _privacy_check_erase(self, cards):
        """:raise UserError: if the contacts can't be erased"""
        if cards not in CARDS:
            raise UserError(
                self.env._(
                    "Cards can be treated in these ways only: %(ways)s, not “%(way)s”.",
                    ways=", ".join(CARDS),
                    way=cards,
                )
            )
        there = self.exists()
        if not there or len(there) < len(self):
            raise UserError(
                self.env._("Some of these contacts are gone. Choose them again.")
                if there
                else self.env._("These contacts are gone already: nothing was erased.")
            )
        self.check_access("unlink")
        self._check_not_merged()
        asked = [("state", "=", "open"), ("kind", "=", "restriction")]
        asked += [("contact_ids", "in", self.ids)]
        # sudo: whoever's request it is
        requests = self.env["marketing.privacy.request"].sudo()
        if request := requests.search(asked, limit=1):
            raise UserError(
                self.env._(
                    "The request %s to restrict is open: what it is about must stay. "
                    "Close it first.",
                    request.reference,
                )
            )

    def _privacy_lock(self):
        """Lock the contacts: of two at once the second finds nothing."""
        # what was tracked before is written now, to be found
        self.env.cr.flush()
        self.env.cr.execute(
            "SELECT FROM marketing_contact WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
            [self.ids],
        )
        self.invalidate_recordset(flush=False)

    @api.model
    def _tell_cards_of_deletion(self, names):
        """The chatter of cards does not name who was erased."""
        if self.env.context.get("marketing_privacy_erase"):
            names = dict.fromkeys(names, self.env._("of this record"))
        return super()._tell_cards_of_deletion(names)

    # ------------------------------------------------------------
    # WHERE TO LOOK
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _privacy_get_address_fields(self):
        """Return the models and names of the indexed fields that hold addresses, and
        of partners in any case.
        """
        own = ("res.partner", "email_normalized"), ("res.partner", "phone_sanitized")
        return own + tuple(
            (model._name, name)
            for model in self.env.registry.values()
            if not (model._abstract or model._transient) and model._auto
            for name, field in model._fields.items()
            if ("email" in name or "phone" in name)
            and field.type in ("char", "text")
            and field.store
            and field.index
            and not field.translate
            and not field.company_dependent
            and not field.inherited
        )

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

    @api.model
    def _privacy_get_dates(self, since):
        """Return queries of what happened, with `contact_id` and `date`, extended by
        `super()`.

        :param str since: ``interaction`` or ``document``; nothing of others
        """
        return []

    @api.model
    def _privacy_get_busy(self):
        """Return queries of the `contact_id` of those who are in the middle of
        something, extended by `super()`.
        """
        return [
            SQL(
                "SELECT res_id AS contact_id FROM mail_activity "
                "WHERE res_model = 'marketing.contact'"
            )
        ]

    # ------------------------------------------------------------
    # BUTTONS
    # ------------------------------------------------------------

    def action_privacy_request(self, kind="access"):
        """Open a new request about the contacts, filled in with who they are."""
        self.check_access("read")
        first = self[:1]
        return open_form(
            self.env._("Request"),
            "marketing.privacy.request",
            default_kind=kind,
            default_name=first.name,
            default_email=first.email,
            default_phone=first.phone,
            default_contact_ids=[Command.set(self.ids)],
        )

    def action_privacy_erase(self):
        """Open the plan of erasing the contacts, to be confirmed."""
        check_officer(self.env)
        return self._privacy_get_erase_action()

    def _privacy_get_erase_action(self, request_id=False):
        vals = {"contact_ids": [Command.set(self.ids)], "request_id": request_id}
        wizard = self.env["marketing.privacy.erase"].create(vals)
        return wizard._get_records_action(name=self.env._("Erase"), target="new")
