import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date
from odoo.tools.translate import LazyTranslate

from ..contact.answers import open_action
from ..runs.marketing_run import OPEN_STATES
from ..sync.kinds import get_kind_selection, get_kinds
from ..sync.rights import is_manager

GRAPH_DAYS = 14

_lt = LazyTranslate(__name__)

# What there is to do, for everybody, and what the number is of.
TO_DO = {
    "match": (_lt("Who Is Who"), _lt("to Decide")),
    "generate": (_lt("Create Contacts"), _lt("without a Contact")),
    "difference": (_lt("Differences"), _lt("to Repair")),
    "exception": (_lt("Bulk Work"), _lt("Not Done")),
    "activity": (_lt("Activities"), _lt("Overdue")),
}
# What managers see besides, with a tile for each kind in between.
JOURNAL = (_lt("Journal"), _lt("Entries"))
# What a click opens, of a kind its links.
OPENED = {
    "match": "marketing_match_action",
    "generate": "marketing_contact_generate_action",
    "difference": "marketing_sync_difference_action",
    "exception": "marketing_exception_action",
    "activity": "marketing_contact_action",
    "journal": "marketing_sync_batch_action",
}


class MarketingSyncOverview(models.Model):
    """The overview: a tile for each thing to look after, and what the number opens.

    The tiles are always the same; their counts are read when they are shown, as the
    user may see them, by a handful of grouped queries.
    """

    _name = "marketing.sync.overview"
    _description = "Overview"
    _auto = False
    _order = "id"
    _rec_name = "tile"

    tile = fields.Selection(selection=lambda self: self._get_tiles(), readonly=True)
    count = fields.Integer(string="Number", compute="_compute_counts")
    count_name = fields.Char(string="Of What", compute="_compute_counts")
    is_kind = fields.Boolean(compute="_compute_counts", help="The links of a kind.")
    drifted_count = fields.Integer(string="Out of Sync", compute="_compute_counts")
    unlinked_count = fields.Integer(
        string="Not Linked",
        compute="_compute_counts",
        help="Customers, vendors and bank accounts of your own without a contact.",
    )
    note = fields.Char(compute="_compute_counts")
    last_date = fields.Datetime(string="Last Time", compute="_compute_counts")
    last_text = fields.Char(string="Last Run", compute="_compute_counts")
    graph = fields.Text(compute="_compute_counts")

    @api.model
    def _get_tiles(self):
        """Return all tiles: what is to be done, and what managers see besides."""
        return [
            *((key, self.env._(name)) for key, (name, _verb) in TO_DO.items()),
            *self._get_kind_tiles(),
            ("journal", self.env._(JOURNAL[0])),
        ]

    @api.model
    def _get_kind_tiles(self):
        return get_kind_selection(self.env, plural=True)

    @property
    def _table_query(self):
        for_managers = is_manager(self.env)
        rows = [
            SQL("(%s, %s)", number, tile)
            for number, (tile, _name) in enumerate(self._get_tiles(), 1)
            if for_managers or tile in TO_DO
        ]
        return SQL(
            "SELECT id, tile FROM (VALUES %s) AS rows (id, tile)", SQL(", ").join(rows)
        )

    # ------------------------------------------------------------
    # COUNTS
    # ------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids", "lang", "tz")
    def _compute_counts(self):
        kinds = get_kinds(self.env)
        links = {
            (kind, state): count
            for kind, state, count in self.env[
                "marketing.contact.relation"
            ]._read_group([("kind", "!=", False)], ["kind", "state"], ["__count"])
        }
        unlinked = {kind: self._count_unlinked(kind) for kind in kinds}
        counters = {
            "match": self._count_matches,
            "generate": lambda: self._count_missing(unlinked),
            "difference": self._count_differences,
            "exception": self._count_exceptions,
            "activity": self._count_activities,
            "journal": self._count_entries,
        }
        nothing = {
            name: False
            for name, field in self._fields.items()
            if field.compute == "_compute_counts"
        }
        for overview in self:
            tile = overview.tile
            if tile in kinds:
                drifted = links.get((tile, "drifted"), 0)
                counted = {
                    "count": links.get((tile, "equal"), 0) + drifted,
                    "count_name": self.env._("Linked"),
                    "is_kind": True,
                    "drifted_count": drifted,
                    "unlinked_count": unlinked[tile],
                }
            else:
                counted = counters[tile]()
            if tile in TO_DO:
                counted["count_name"] = self.env._(TO_DO[tile][1])
            overview.update(nothing | counted)

    def _count_unlinked(self, kind):
        """Return how many cards of a kind have no contact, of those one may read."""
        cards = self._get_card_model(kind)
        if not cards.has_access("read"):
            return 0
        return cards.search_count(self._get_unlinked_domain(kind))

    @api.model
    def _count_matches(self):
        """Return how many pairs people are asked about, and how many are sure."""
        Match = self.env["marketing.match"]
        sure = Match.search_count(Match._get_sure_domain())
        return {
            "count": Match.search_count(Match._get_question_domain()),
            "note": self.env._("%s sure ones to link", sure) if sure else False,
        }

    @api.model
    def _count_missing(self, unlinked):
        """Return how many have no contact, of the kinds that people choose from.

        :param dict unlinked: the number by kind
        """
        found = [
            (name, unlinked[kind])
            for kind, name in self._get_kind_tiles()
            if unlinked[kind] and not get_kinds(self.env)[kind].personal
        ]
        return {
            "count": sum(count for _name, count in found),
            "note": ", ".join(f"{name}: {count}" for name, count in found),
        }

    def _get_who(self, user):
        """Return who did something, as the person at work reads it."""
        if user == self.env.user:
            return self.env._("by you")
        if user.active:
            return self.env._("by %s", user.name)
        return self.env._("by the daily check")

    @api.model
    def _count_differences(self):
        """Return the number of differences, and the last check."""
        # sudo: when links were compared last, by whomever
        runs = self.env["marketing.run"].sudo()
        done = [("origin", "=", "check"), ("state", "=", "done")]
        check = runs.search(done, order="end_date desc", limit=1)
        return {
            "count": self.env["marketing.sync.difference"].search_count([]),
            "last_date": check.end_date,
            "last_text": self._get_who(check.user_id),
        }

    @api.model
    def _count_exceptions(self):
        """Return how many records bulk work left out, of one's own or, for managers,
        everybody's.
        """
        exceptions = self.env["marketing.exception"]
        at_work = self.env["marketing.run"].search_count([("state", "in", OPEN_STATES)])
        return {
            "count": exceptions.search_count([("state", "=", "open")]),
            "note": self.env._("%s at work", at_work) if at_work else False,
        }

    @api.model
    def _count_activities(self):
        """Return how many contacts wait for the user, and the open requests."""
        requests = self.env["marketing.privacy.request"]
        open_ = requests.search_count([("state", "=", "open")])
        late = requests.search_count(
            [("state", "=", "open"), ("due_on", "<", fields.Date.context_today(self))]
        )
        return {
            "count": self.env["marketing.contact"].search_count(
                self._get_overdue_domain()
            ),
            "note": self.env._("%(open)s open, %(late)s overdue", open=open_, late=late)
            if open_
            else False,
        }

    @api.model
    def _get_overdue_domain(self):
        """Return the domain of the contacts with an activity of the user's own that
        should be done by now.
        """
        today = fields.Date.context_today(self)
        return [("my_activity_date_deadline", "<", today)]

    @api.model
    def _count_entries(self):
        """Return the entries of each of the last days, and the last one."""
        today = fields.Date.context_today(self)
        days = [today - timedelta(days=GRAPH_DAYS - 1 - i) for i in range(GRAPH_DAYS)]
        counts = {
            day.date(): count
            for day, count in self.env["marketing.sync.batch"]._read_group(
                self._get_recent_domain(), ["date:day"], ["__count"]
            )
        }
        last = self.env["marketing.sync.batch"].search([], limit=1)
        bars = [
            {
                "label": format_date(self.env, day, date_format="d"),
                "value": counts.get(day, 0),
                "type": "past",
            }
            for day in days
        ]
        return {
            "count": sum(counts.values()),
            "count_name": self.env._(JOURNAL[1]),
            "last_date": last.date,
            "last_text": last.display_name,
            # as Odoo's widget for dashboards reads it
            "graph": json.dumps([{"key": self.env._("Entries"), "values": bars}]),
        }

    # ------------------------------------------------------------
    # WHAT A CLICK OPENS
    # ------------------------------------------------------------

    @api.model
    def _get_card_model(self, kind):
        return self.env[get_kinds(self.env)[kind].card_model]

    @api.model
    def _get_unlinked_domain(self, kind):
        """Return the domain of the cards that have no link of a kind."""
        linked = Domain("marketing_relation_ids", "any", [("kind", "=", kind)])
        return self._get_card_model(kind)._marketing_card_domain(kind) & ~linked

    @api.model
    def _get_recent_domain(self):
        """Return the domain of the entries that the graph shows."""
        first = fields.Date.context_today(self) - timedelta(days=GRAPH_DAYS - 1)
        return [("date", ">=", fields.Datetime.to_string(first))]

    def action_open(self):
        """Open what the tile counts, or the wizard that does something about it."""
        self.ensure_one()
        found = {
            "match": {"search_default_open": 1, "search_default_ask": 1},
            "exception": {"search_default_open": 1, "search_default_group_code": 1},
            "activity": {
                "domain": self._get_overdue_domain(),
                "name": self.env._("Overdue Activities"),
            },
            "journal": {
                "domain": self._get_recent_domain(),
                "name": self.env._("Journal of the Last %s Days", GRAPH_DAYS),
            },
        }
        if xml_id := OPENED.get(self.tile):
            return open_action(self.env, xml_id, **found.get(self.tile, {}))
        return open_action(
            self.env,
            "marketing_contact_relation_action",
            [("kind", "=", self.tile)],
            self.env._("%(cards)s Linked with a Contact", cards=self._get_name()),
        )

    def _get_name(self):
        return dict(self._fields["tile"]._description_selection(self.env))[self.tile]

    def action_open_drifted(self):
        """Open the links of the kind that are out of sync."""
        self.ensure_one()
        # a link that holds back a value may be drifted without a difference listed
        return open_action(
            self.env,
            "marketing_contact_relation_action",
            [("kind", "=", self.tile)],
            name=self._get_name(),
            search_default_drifted=1,
        )

    def action_open_unlinked(self):
        """Open the cards without a contact."""
        self.ensure_one()
        if self.tile not in get_kinds(self.env):
            return self.action_open()
        name = self.env._("%(cards)s without a Contact", cards=self._get_name())
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._get_card_model(self.tile)._name,
            "view_mode": "list,form",
            "domain": list(self._get_unlinked_domain(self.tile)),
            # the wizard *Create Contacts* takes its kind from there
            "context": {"marketing_contact_kind": self.tile},
        }

    def action_create_contacts(self):
        """Open the wizard that creates the contacts of those that have none."""
        self.ensure_one()
        if self.tile not in get_kinds(self.env):
            return self.action_open()
        return open_action(
            self.env,
            "marketing_contact_generate_action",
            default_kind=self.tile,
            default_domain=repr(list(self._get_unlinked_domain(self.tile))),
        )

    def action_open_journal(self):
        """Open the journal."""
        return open_action(self.env, "marketing_sync_batch_action")

    def action_check(self):
        """Compare all links now, and open the differences."""
        self.env["marketing.contact.relation"].check_differences()
        # sudo: nobody makes runs by hand; this says when and by whom it was done
        self.env["marketing.run"].sudo().create(
            {"origin": "check", "state": "done", "end_date": fields.Datetime.now()}
        )
        return open_action(self.env, "marketing_sync_difference_action")
