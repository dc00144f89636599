import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.answers import open_action
from ..contact.input import check_domain, check_one, read_domain
from ..runs.marketing_run import OPEN_STATES
from ..sync.attempt import harmless
from ..sync.values import get_text
from .marketing_contact import check_officer, is_officer

_logger = logging.getLogger(__name__)


class MarketingRetentionRule(models.Model):
    """How long contacts are kept, and what becomes of them then."""

    _name = "marketing.retention.rule"
    _description = "Retention Rule"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    domain = fields.Char(
        string="Which Contacts", default="[]", required=True, help="All if left empty."
    )
    months = fields.Integer(required=True, default=24)
    since = fields.Selection(
        selection=[
            ("interaction", "Last Interaction"),
            ("document", "Last Order or Invoice"),
            ("write", "Last Change"),
            ("create", "Creation"),
        ],
        required=True,
        default="interaction",
        help="Who never had an interaction or a document counts since the creation.",
    )
    action = fields.Selection(
        selection=[
            ("ask", "Ask the Salesperson"),
            ("block", "Block"),
            ("archive", "Archive"),
            ("erase", "Erase"),
        ],
        required=True,
        default="ask",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", help="Contacts of this company only."
    )

    _check_months = models.Constraint(
        "CHECK(months BETWEEN 1 AND 1200)", "Choose a month or more, 1200 at most."
    )

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                check_domain(self.env["marketing.contact"], rule.domain)
            except UserError as error:
                raise ValidationError(
                    self.env._(
                        "The filter of “%(rule)s” can't be read: %(domain)s",
                        rule=rule.name,
                        domain=rule.domain,
                    )
                ) from error

    # ------------------------------------------------------------
    # WHO IS DUE
    # ------------------------------------------------------------

    def _get_due_domain(self):
        """Return the domain of the contacts that the rule is for now."""
        check_one(self)
        limit = fields.Datetime.now() - relativedelta(months=self.months)
        domain = read_domain(self.env, self.domain)
        domain &= Domain(self._get_date_field(), "<", limit)
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        if self.action in ("ask", "archive"):
            domain &= Domain("active", "=", True)
        if self.action in ("ask", "block"):
            domain &= Domain("privacy_hidden", "=", False)
        contacts = self.env["marketing.contact"]
        spared = contacts._privacy_get_busy()
        if happened := contacts._privacy_get_dates(self.since):
            rows = SQL(" UNION ALL ").join(happened)
            spared.append(SQL("SELECT * FROM (%s) late WHERE date >= %s", rows, limit))
        if self.action == "ask":
            # an answer, that is an activity done, holds as long as the rule says
            spared.append(
                SQL(
                    """
                    SELECT res_id AS contact_id FROM mail_message
                     WHERE model = 'marketing.contact'
                       AND mail_activity_type_id IS NOT NULL AND date >= %s
                    """,
                    limit,
                )
            )
        return domain & Domain.AND(
            Domain(
                "id",
                "not in",
                SQL(
                    "(SELECT contact_id FROM (%s) spared WHERE contact_id IS NOT NULL)",
                    rows,
                ),
            )
            for rows in spared
        )

    def _get_date_field(self):
        return "write_date" if self.since == "write" else "create_date"

    def action_dry_run(self):
        """Return what the rule would do now; nothing is written.

        :return: list of ``{id, display_name, since, action, reason}``
        """
        check_officer(self.env)
        check_one(self)
        Contact = self.env["marketing.contact"].with_context(active_test=False)
        query = Contact._search(self._get_due_domain(), order="id")
        names = ("id", "number", "name", self._get_date_field())
        rows = self.env.execute_query(
            query.select(*(SQL.identifier(query.table, name) for name in names))
        )
        latest = {}
        if happened := Contact._privacy_get_dates(self.since):
            latest = dict(
                self.env.execute_query(
                    SQL(
                        "SELECT contact_id, MAX(date) FROM (%s) happened "
                        "WHERE date IS NOT NULL GROUP BY contact_id",
                        SQL(" UNION ALL ").join(happened),
                    )
                )
            )
        reason = self.env._(
            "%(since)s more than %(months)s months ago",
            since=get_text(self, "since"),
            months=self.months,
        )
        return [
            {
                "id": id_,
                "display_name": " ".join(filter(None, (number, name))),
                "since": max(date, latest.get(id_, date)),
                "action": get_text(self, "action"),
                "reason": reason,
            }
            for id_, number, name, date in rows
        ]

    def action_view_due(self):
        """Open whom the rule is for now."""
        ids = [line["id"] for line in self.action_dry_run()]
        return open_action(
            self.env,
            "marketing_contact_action",
            [("id", "in", ids)],
            self.env._("%(rule)s: %(count)s", rule=self.name, count=len(ids)),
            active_test=False,
        )

    # ------------------------------------------------------------
    # EVERY NIGHT
    # ------------------------------------------------------------

    @api.model
    def _cron_apply(self):
        """Start a run for each rule, with the rights of who wrote it last."""
        runs = self.env["marketing.run"].search(
            [("origin", "=", "retention"), ("state", "in", OPEN_STATES)]
        )
        at_work = {run.params["rule_id"] for run in runs}
        for rule in self.search([("id", "not in", list(at_work))]):
            # what is wrong with one of them holds up none of the others
            with harmless(self.env, _logger, "The rule %s can't be applied", rule.id):
                rule._start_run()

    def _start_run(self):
        """Start the run of the rule, if somebody is due."""
        user = self.write_uid
        companies = self.company_id or user.company_id | user.company_ids
        is_own = user.active and companies <= user.company_ids
        if not (is_own and is_officer(self.with_user(user).env)):
            _logger.info("Nobody who sees to privacy wrote the rule %s", self.name)
            return
        own = self.with_user(user).with_context(allowed_company_ids=companies.ids)
        contacts = own.env["marketing.contact"].with_context(active_test=False)
        if contacts.search_count(own._get_due_domain(), limit=1):
            own.env["marketing.run"]._start("retention", {"rule_id": self.id})

    def _apply(self, contacts):
        """Do with the contacts what the rule says."""
        check_one(self)
        if self.action == "block":
            contacts.action_privacy_block(self.name)
        elif self.action == "archive":
            contacts.action_archive()
        elif self.action == "erase":
            contacts.privacy_erase()
        else:
            for user, of_user in contacts.grouped("user_id").items():
                # who left, or sees it no more, can't answer: who wrote the rule does
                asked = of_user.with_user(user) if user.active else of_user.browse()
                asked = asked._filtered_access("write").with_env(self.env)
                self._ask(user, asked)
                self._ask(self.write_uid, of_user - asked)

    def _ask(self, user, contacts):
        contacts.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Still needed? %s", self.name),
            user_id=user.id,
        )
