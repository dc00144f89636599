from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact.answers import open_action, open_form
from ..contact.input import known_language
from ..contact.visible import VisibleLines
from ..sync.session import open_journal

# the tab shows as many; the button beside it opens all
TIMELINE_LENGTH = 80
SQL_OPERATORS = {name: SQL(name) for name in ("<", "<=", ">", ">=")}


class MarketingContact(models.Model):
    """What happened between us and a contact."""

    _inherit = "marketing.contact"

    interaction_ids = VisibleLines(
        comodel_name="marketing.interaction",
        inverse_name="contact_id",
        copy=False,
    )
    timeline_ids = fields.Many2many(
        comodel_name="marketing.interaction",
        compute="_compute_timeline_ids",
        help="The latest interactions, those of a company's people included.",
    )
    interaction_count = fields.Integer(
        string="Number of Interactions",
        compute="_compute_interaction_count",
        help="Those of a company's people are counted with the company, too.",
    )
    last_interaction_date = fields.Datetime(
        string="Last Interaction",
        compute="_compute_interaction_count",
        search="_search_last_interaction_date",
        help="With the contact or, for a company, with one of its people.",
    )

    def _get_used(self):
        # sudo: what the user may not see is used as well
        groups = (
            self.env["marketing.interaction"]
            .sudo()
            ._read_group([("contact_id", "in", self.ids)], ["contact_id"])
        )
        used = self.browse(contact.id for (contact,) in groups)
        return super()._get_used() | used

    @api.depends("child_ids.interaction_ids.date", "interaction_ids.date")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_interaction_count(self):
        counts, dates = {}, {}
        if self._origin:
            counted_for = self._get_companies_of_people()
            groups = self.env["marketing.interaction"]._read_group(
                [("contact_id", "in", list(counted_for))],
                ["contact_id"],
                ["__count", "date:max"],
            )
            for contact, count, date in groups:
                for contact_id in counted_for[contact.id]:
                    counts[contact_id] = counts.get(contact_id, 0) + count
                    dates[contact_id] = max(date, dates.get(contact_id, date))
        for contact in self:
            contact.interaction_count = counts.get(contact._origin.id, 0)
            contact.last_interaction_date = dates.get(contact._origin.id, False)

    def _search_last_interaction_date(self, operator, value):
        """Find contacts by when they were spoken to last, as far as the user sees it;
        an empty date is that of those who never were.
        """

        def to_sql(model, alias, query):
            date = model._field_to_sql(alias, "last_interaction_date", query)
            if operator == "in":
                values = tuple(v for v in value if v)
                found = SQL("%s IN %s", date, values) if values else SQL("FALSE")
                never = SQL("%s IS NULL", date) if False in value else SQL("FALSE")
                return SQL("(%s OR %s)", found, never)
            return SQL("%s %s %s", date, SQL_OPERATORS[operator], value)

        if operator not in {"in", *SQL_OPERATORS}:
            return NotImplemented
        return Domain.custom(to_sql=to_sql)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let contacts be searched and grouped by when they were spoken to last, which
        is no column: everybody sees other interactions.
        """
        if field_expr != "last_interaction_date":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        interactions = self.env["marketing.interaction"]
        interactions.flush_model(["contact_id", "date"])
        self.flush_model(["parent_id"])
        visible = interactions._search([]).subselect()
        contact_id = SQL.identifier(alias, "id")
        return SQL(
            """
            GREATEST(
                (SELECT MAX(i.date) FROM marketing_interaction i
                  WHERE i.contact_id = %(id)s AND i.id IN %(visible)s),
                (SELECT MAX(i.date) FROM marketing_interaction i
                   JOIN marketing_contact person ON person.id = i.contact_id
                  WHERE person.parent_id = %(id)s AND i.id IN %(visible)s))
            """,
            id=contact_id,
            visible=visible,
        )

    @api.depends("child_ids.interaction_ids", "interaction_ids.date")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_timeline_ids(self):
        Interaction = self.env["marketing.interaction"]
        for contact in self:
            contact_ids = list(contact._origin._get_companies_of_people())
            contact.timeline_ids = Interaction.search(
                [("contact_id", "in", contact_ids)], limit=TIMELINE_LENGTH
            )

    def action_view_interactions(self):
        """Open the interactions with the contact and its people."""
        self.ensure_one()
        return open_action(
            self.env,
            "marketing_interaction_action",
            [("contact_id", "in", list(self._get_companies_of_people()))],
            self.env._("Interactions with %s", self.name),
            default_contact_id=self.id,
        )

    @api.model
    def _marketing_save_filters(self):
        """Ship the saved filters of whom to speak to next, for all users; who deletes
        them doesn't get them again. Their names are in the administrator's language.
        """
        lang = known_language(self.env, self.env.ref("base.user_admin").lang)
        env = self.with_context(lang=lang or None).env
        names = {
            "customers": env._("Customers not spoken to for 90 days"),
            "prospects": env._("Prospects without interaction"),
            "overdue": env._("Next activity overdue"),
        }
        domains = {
            "customers": [
                ["customer_id", "!=", False],
                "|",
                ["last_interaction_date", "=", False],
                ["last_interaction_date", "<", "-90d"],
            ],
            "prospects": [
                ["relation_summary", "=", "none"],
                ["last_interaction_date", "=", False],
            ],
            "overdue": [["activity_ids.date_deadline", "<", "today"]],
        }
        self.env["ir.filters"]._load_records(
            [
                {
                    "xml_id": f"marketing_contact.ir_filters_{key}",
                    "noupdate": True,
                    "values": {
                        "name": name,
                        "model_id": self._name,
                        "domain": repr(domains[key]),
                        "user_ids": False,
                    },
                }
                for key, name in names.items()
            ]
        )

    def _log_interactions(self, values):
        """Log the same interaction with each of the contacts; the journal knows them,
        so that they can be taken back.

        :param dict values: of the interactions, but the contact
        :return: the interactions
        """
        with open_journal(self.env, "log") as journal:
            interactions = self.env["marketing.interaction"].create(
                [{**values, "contact_id": contact.id} for contact in self]
            )
            journal.note_made(interactions)
            journal.get_batch(self.env)
        return interactions

    def action_log_interaction(self):
        """Open the form of a new interaction, to be filled in by hand: a call, unless
        somebody says otherwise.
        """
        self.ensure_one()
        view = self.env.ref("marketing_contact.marketing_interaction_view_form_log")
        return open_form(
            self.env._("Log Interaction"),
            "marketing.interaction",
            "new",
            view.id,
            default_contact_id=self.id,
            default_name=self.env._("Call"),
            default_channel="phone",
            default_direction="outgoing",
        )
