from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date, html2plaintext
from odoo.tools.mail import email_normalize_all

from ..contact.answers import open_form
from ..contact.input import check_one, without_defaults
from ..sync.rights import get_readable_names
from ..trust.preview import try_out
from .marketing_contact import AUTOMATIC, GROUP, check_officer, is_officer
from .plan import PERSONAL

KEPT_DAYS = 30
REMIND_DAYS = 7
SHOWN = 20
# who closes requests: an object of ours, which no client can send
CLOSING = object()


class MarketingPrivacyRequest(models.Model):
    """What somebody asks of us about their data, and by when it is due."""

    _name = "marketing.privacy.request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Privacy Request"
    # the overdue ones first, those that are closed last
    _order = "is_closed, due_on, id"
    _rec_name = "reference"
    _check_company_auto = True

    reference = fields.Char(readonly=True, copy=False, default="/")
    name = fields.Char(string="Name as Asked", copy=False)
    email = fields.Char(copy=False)
    phone = fields.Char(copy=False)
    contact_ids = fields.Many2many(
        comodel_name="marketing.contact",
        relation="marketing_privacy_request_contact_rel",
        string="Contacts",
        context={"active_test": False},
        copy=False,
    )
    other_found = fields.Text(string="Also Found", readonly=True, copy=False)
    kind = fields.Selection(
        selection=[
            ("access", "Access"),
            ("erasure", "Erasure"),
            ("restriction", "Restriction"),
            ("objection", "Objection"),
            ("rectification", "Rectification"),
        ],
        required=True,
        default="access",
        tracking=True,
    )
    received_on = fields.Date(required=True, default=fields.Date.context_today)
    due_on = fields.Date(
        compute="_compute_due_on",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        tracking=True,
    )
    is_extended = fields.Boolean(string="Extended", readonly=True, copy=False)
    days_left = fields.Integer(compute="_compute_days_left")
    has_lookup = fields.Boolean(compute="_compute_days_left")
    identity_checked_by = fields.Many2one(
        comodel_name="res.users",
        copy=False,
        tracking=True,
    )
    identity_note = fields.Char(string="How It Was Checked", copy=False)
    state = fields.Selection(
        selection=[("open", "Open"), ("done", "Done"), ("refused", "Refused")],
        string="Status",
        required=True,
        readonly=True,
        default="open",
        copy=False,
        tracking=True,
    )
    is_closed = fields.Boolean(compute="_compute_is_closed", store=True)
    result = fields.Text(copy=False)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        default=lambda self: self._default_user_id(),
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company
    )
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="marketing_privacy_request_attachment_rel",
        string="Files",
        readonly=True,
        copy=False,
    )

    @api.model
    def _default_user_id(self):
        """Return who enters it, if they see to privacy, else the first who does."""
        if is_officer(self.env):
            return self.env.user
        # sudo: most users may not read groups
        officers = self.env.ref(GROUP).sudo().all_user_ids
        return officers.filtered(
            lambda u: u.active and self.env.company in u.company_ids
        )[:1]

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("received_on")
    def _compute_due_on(self):
        for request in self:
            months = 3 if request.is_extended else 1
            received = request.received_on
            request.due_on = received and request._shift(received, months=months)

    @api.model
    def _shift(self, date, **delta):
        """Return a date so much later.

        :param delta: as of `relativedelta`
        :raise UserError: for a date near the end of all dates, a slip of the hand
        """
        try:
            return date + relativedelta(**delta)
        except (OverflowError, ValueError) as error:
            raise UserError(
                self.env._(
                    "A request can't be dated %s. Correct the year.",
                    format_date(self.env, date),
                )
            ) from error

    @api.depends("due_on", "state")
    def _compute_days_left(self):
        today = fields.Date.context_today(self)
        for request in self:
            is_open = request.state == "open" and request.due_on
            request.has_lookup = "privacy.lookup.wizard" in self.env
            request.days_left = (request.due_on - today).days if is_open else 0

    @api.depends("state")
    def _compute_is_closed(self):
        for request in self:
            request.is_closed = request.state != "open"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"].sudo()  # sudo: users draw numbers only
        for vals in vals_list:
            vals["reference"] = sequence.next_by_code(self._name) or "/"
            # what the system keeps, whatever a client sends
            vals |= {"state": "open", "is_extended": False, "attachment_ids": []}
            if not is_officer(self.env):
                vals |= {"identity_checked_by": False, "result": False}
        requests = super().create(vals_list)
        requests._remind()
        return requests

    def write(self, vals):
        state = vals.get("state")
        closing = self.env.context.get("marketing_privacy_closing") is CLOSING
        if state in ("done", "refused") and not closing:
            self.write({n: value for n, value in vals.items() if n != "state"})
            close = self.action_done if state == "done" else self.action_refuse
            close()
            return True
        result = super().write(vals)
        if {"due_on", "received_on", "user_id"} & vals.keys():
            self.filtered(lambda r: r.state == "open")._remind()
        return result

    def _remind(self):
        """Plan the activity of who is responsible, a week before it is due."""
        # sudo: a user who opens a request may not plan for others
        for request in self.sudo():
            request.activity_ids.unlink()
            if request.user_id and request.due_on:
                request.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=request._shift(request.due_on, days=-REMIND_DAYS),
                    summary=request.env._("Due on %s", request.due_on),
                    user_id=request.user_id.id,
                )

    def action_extend(self, reason=None):
        """Put the date off by two months, once.

        :param str reason: why, which the person has to be told
        """
        check_one(self)
        check_officer(self.env)
        self._check_open()
        if self.is_extended:
            raise UserError(
                self.env._("The request %s was extended already.", self.reference)
            )
        due_on = self._shift(self.due_on, months=2)
        self.write({"is_extended": True, "due_on": due_on})
        self._message_log(
            body=self.env._(
                "Extended by two months: %s", reason or self.env._("no reason given")
            )
        )

    def _check_open(self):
        for request in self.filtered("is_closed"):
            raise UserError(
                self.env._("The request %s is closed already.", request.reference)
            )

    def _check_identity(self):
        """:raise UserError: unless somebody has made sure who asks"""
        check_officer(self.env)
        self._check_open()
        for request in self.filtered(lambda r: not r.identity_checked_by):
            raise UserError(
                self.env._(
                    "Make sure first that it is the person who asks in %s, and enter "
                    "who has checked it.",
                    request.reference,
                )
            )

    # ------------------------------------------------------------
    # FIND
    # ------------------------------------------------------------

    def action_find(self):
        """Find whose request it is: contacts with this e-mail or phone, and those that
        surely are the same; what else has that address is listed.
        """
        check_one(self)
        check_officer(self.env)
        self._check_open()
        addresses = self._get_addresses()
        lines = []
        hidden = self._find_contacts(addresses)
        found = hidden.with_env(self.env)._filtered_access("read")
        if found < hidden:
            lines.append(self.env._("There is more in companies that you don't see."))
        known = {(r._name, r.id) for r in (*found, *found.relation_ids.partner_id)}
        for proposal in self._ask_matcher():
            key = proposal["model"], proposal["id"]
            if key[0] == found._name and proposal["band"] == "sure":
                found |= found.browse(proposal["id"])
            elif key not in known and proposal["band"] != "unsure":
                lines.append(
                    self.env._("May be the same: %s", proposal["display_name"])
                )
        lines += self._find_others(addresses)
        self.write(
            {
                "contact_ids": [Command.set(found.ids)],
                "other_found": "\n".join(dict.fromkeys(lines)),
            }
        )
        return True

    def _get_addresses(self):
        """Return the addresses and numbers asked for, by the field they are in."""
        country = self.company_id.country_id
        phone = self.phone and self._phone_format(number=self.phone, country=country)
        return {
            "email_normalized": email_normalize_all(self.email or ""),
            "phone_sanitized": [phone] if phone else [],
            # of no country that is known
            "phone": [self.phone.strip()] if self.phone else [],
        }

    def _find_contacts(self, addresses):
        """Return the contacts with one of the addresses, whoever may see them: archived
        ones as well, and whom those were merged into that had it.
        """
        emails = addresses["email_normalized"]
        domain = Domain.OR(Domain(name, "in", vals) for name, vals in addresses.items())
        # one of several in a field
        domain |= Domain.OR(Domain("email", "ilike", email) for email in emails)
        # sudo: whether there are more, not who
        Contact = self.env["marketing.contact"].sudo()
        found = Contact.with_context(
            active_test=False, marketing_contact_with_merged=True
        ).search(domain)
        found = found.filtered(
            lambda c: (
                c.phone_sanitized in addresses["phone_sanitized"]
                or c.phone in addresses["phone"]
                or not set(emails).isdisjoint(email_normalize_all(c.email or ""))
            )
        )
        return found.filtered(lambda c: not c.merged_into_id) | found.merged_into_id

    def _ask_matcher(self):
        """Return who the matcher takes a contact like the person for."""
        proposals = []
        if not self.name:
            return proposals
        vals = {"name": self.name, "email": self.email, "phone": self.phone}

        def look(env):
            # no number of the series is drawn; who is blocked or banned is found, too
            Contact = without_defaults(env["marketing.contact"]).with_context(
                import_file=True, marketing_privacy=AUTOMATIC
            )
            contact = Contact.create([{**vals, "number": f"/{self.id}/"}])
            proposals.extend(contact.find_duplicates()[contact.id])
            proposals.extend(contact.find_cards()[contact.id])

        try_out(self.browse(), look)
        return proposals

    def _find_others(self, addresses):
        """Return what else has the address, a line each; nothing of it is touched."""
        more = self.env._("There is more in companies that you don't see.")
        lines = []
        for model, label, domain in self._get_other_domains(addresses):
            if model not in self.env:
                continue
            # sudo: whether there are more; names only of those that the user may read
            Model = self.env[model].sudo().with_context(active_test=False)
            records = Model.search(domain, limit=SHOWN)
            names = get_readable_names(self.env, [(model, r.id) for r in records])
            lines += [f"{label}: {name}" for name in names.values()]
            lines += [more] * (len(names) < len(records))
        return lines

    @api.model
    def _get_other_domains(self, addresses):
        """Yield models, what people call their records, and a domain of each."""
        emails = addresses["email_normalized"]
        address = Domain.OR(Domain(n, "in", vals) for n, vals in addresses.items())
        free = Domain("marketing_relation_ids", "=", False)
        yield "res.partner", self.env._("Partner without contact"), address & free
        yield "crm.lead", self.env._("Lead"), address
        if emails:
            own = Domain("email_normalized", "in", emails)
            yield "mailing.contact", self.env._("Mailing contact"), own
            user = Domain("login", "in", emails) | Domain("partner_id", "any", own)
            yield "res.users", self.env._("User (never touched)"), user

    # ------------------------------------------------------------
    # ANSWER, ERASE, CLOSE
    # ------------------------------------------------------------

    def action_answer(self):
        """Attach what we know of the person, and close the request."""
        check_one(self)
        self._check_identity()
        answer = self.contact_ids.privacy_answer()
        attachment = without_defaults(self.env["ir.attachment"]).create(
            {
                "name": f"{self.reference}.zip".replace("/", "-"),
                "raw": answer,
                "res_model": self._name,
                "res_id": self.id,
                "mimetype": "application/zip",
            }
        )
        self.write({"attachment_ids": [Command.link(attachment.id)]})
        self._close("done", self.env._("Answered: the answer is attached for a month."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }

    def action_erase(self):
        """Open the plan of erasing the contacts, to be confirmed."""
        check_one(self)
        self._check_identity()
        if not self.contact_ids:
            raise UserError(
                self.env._("Find or choose the contacts of %s first.", self.reference)
            )
        return self.contact_ids._privacy_get_erase_action(self.id)

    def action_lookup(self):
        """Open Odoo's own look-up, filled in with who asks.

        :raise UserError: where the module for it is not installed
        """
        check_one(self)
        if "privacy.lookup.wizard" not in self.env:
            raise UserError(self.env._("Install the app Privacy to look up more."))
        return open_form(
            self.env._("Look Up"),
            "privacy.lookup.wizard",
            "new",
            default_name=self.name,
            default_email=self.email,
        )

    def action_block(self):
        """Block the contacts of the request, and close it unless it is to restrict."""
        check_one(self)
        self._check_identity()
        self.contact_ids.action_privacy_block(self.reference)
        return True

    def action_done(self):
        """Close the request: what was asked is done."""
        for request in self:
            request._check_identity()
            request._close("done", request.result or self.env._("Done."))

    def action_refuse(self):
        """Close the request without doing what was asked."""
        check_officer(self.env)
        self._check_open()
        for request in self:
            if not html2plaintext(request.result or "").strip():
                raise UserError(
                    self.env._("Say in Result why %s is refused.", request.reference)
                )
            request._close("refused", request.result)

    def _close(self, state, result):
        """Close the request; who asked is forgotten."""
        vals = {"state": state, "result": result}
        if state == "done":
            vals |= dict.fromkeys(PERSONAL, False)
            vals["contact_ids"] = [Command.clear()]
        self.with_context(marketing_privacy_closing=CLOSING).write(vals)
        # sudo: activities of others as well
        self.sudo().activity_ids.unlink()

    @api.autovacuum
    def _gc_answers(self):
        """Delete answers a month after they were made."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("create_date", "<", limit)]
        ).unlink()
