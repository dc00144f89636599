import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date
from odoo.tools.translate import LazyTranslate

from ..sync.kinds import get_kinds

GRAPH_DAYS = 14
GRAPH_FIELDS = 5

_lt = LazyTranslate(__name__)

# The tiles besides those of the kinds.
OWN_TILES = {
    "contact": _lt("Contacts"),
    "difference": _lt("Differences"),
    "journal": _lt("Journal"),
}


class MarketingSyncOverview(models.Model):
    """The administrator's overview: a tile for each thing to look after.

    The tiles are always the same; their counts are read when they are shown, as the
    user may see them, by a handful of grouped queries.
    """

    _name = "marketing.sync.overview"
    _description = "Overview of the Synchronization"
    _auto = False
    _order = "id"
    _rec_name = "tile"

    tile = fields.Selection(selection=lambda self: self._get_tiles(), readonly=True)
    count = fields.Integer(string="Number", compute="_compute_counts")
    drifted_count = fields.Integer(string="Out of Sync", compute="_compute_counts")
    unlinked_count = fields.Integer(
        string="Not Linked",
        compute="_compute_counts",
        help="Contacts without a business relation; customers, vendors and bank "
        "accounts of your own without a contact.",
    )
    last_date = fields.Datetime(string="Last Time", compute="_compute_counts")
    last_text = fields.Char(string="Last Run", compute="_compute_counts")
    graph = fields.Text(compute="_compute_counts")

    @api.model
    def _get_tiles(self):
        """Return the tiles: one for each kind between those of the module itself."""
        names = {key: self.env._(name) for key, name in OWN_TILES.items()}
        first = ("contact", names.pop("contact"))
        return [first, *self._get_kind_tiles(), *names.items()]

    @api.model
    def _get_kind_tiles(self):
        return self.env["marketing.contact.relation"]._get_kind_selection(plural=True)

    @property
    def _table_query(self):
        tiles = enumerate((tile for tile, _name in self._get_tiles()), 1)
        rows = [SQL("(%s, %s)", i, tile) for i, tile in tiles]
        return SQL(
            "SELECT id, tile FROM (VALUES %s) AS rows (id, tile)", SQL(", ").join(rows)
        )

    # ------------------------------------------------------------
    # COUNTS
    # ------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids", "lang", "tz")
    def _compute_counts(self):
        links = self._get_link_counts()
        for overview in self:
            vals = dict.fromkeys(("count", "drifted_count", "unlinked_count"), 0)
            vals |= {"last_date": False, "last_text": False}
            if overview.tile == "contact":
                counted = overview._count_contacts(links)
            elif overview.tile == "difference":
                counted = overview._count_differences()
            elif overview.tile == "journal":
                counted = overview._count_changes()
            else:
                counted = overview._count_links(links[overview.tile])
            bars = counted.pop("bars")
            overview.update({**vals, **counted, "graph": self._get_graph(bars)})

    @api.model
    def _get_link_counts(self):
        """Return ``{kind: {state: number of links}}``."""
        relations = self.env["marketing.contact.relation"]
        counts = {k: {"equal": 0, "drifted": 0} for k in get_kinds(relations.env)}
        for kind, state, count in relations._read_group(
            [("kind", "in", list(counts))], ["kind", "state"], ["__count"]
        ):
            counts[kind][state] = count
        return counts

    def _count_contacts(self, links):
        """Return the counts of contacts, and how many links of each kind there are."""
        Contact = self.env["marketing.contact"]
        return {
            "count": Contact.search_count([]),
            "drifted_count": Contact.search_count([("drifted", "=", True)]),
            "unlinked_count": Contact.search_count([("relation_summary", "=", "none")]),
            "bars": [
                (name, sum(links[kind].values()), "past")
                for kind, name in self._fields["tile"]._description_selection(self.env)
                if kind in links
            ],
        }

    def _count_links(self, states):
        """Return the counts of the links of the tile's kind."""
        unlinked = self._get_card_model().search_count(self._get_unlinked_domain())
        return {
            "count": sum(states.values()),
            "drifted_count": states["drifted"],
            "unlinked_count": unlinked,
            "bars": [
                (self.env._("In Sync"), states["equal"], "past"),
                (self.env._("Out of Sync"), states["drifted"], "future"),
                (self.env._("Not Linked"), unlinked, "none"),
            ],
        }

    def _get_who(self, user):
        """Return who did something, as the person at work reads it."""
        if user == self.env.user:
            return self.env._("by you")
        if user.active:
            return self.env._("by %s", user.name)
        return self.env._("by the daily check")

    def _count_differences(self):
        """Return the number of differences, where they are, and the last check."""
        Difference = self.env["marketing.sync.difference"]
        field = Difference._fields["contact_field"]
        names = dict(field._description_selection(self.env))
        found = Difference._read_group(
            [], ["contact_field"], ["__count"], order="__count DESC"
        )
        # sudo: when links were compared last, by whomever
        check = (
            self.env["marketing.run"]
            .sudo()
            .search(
                [("origin", "=", "check"), ("state", "=", "done")],
                order="end_date desc",
                limit=1,
            )
        )
        return {
            "count": sum(count for _field, count in found),
            "last_date": check.end_date,
            "last_text": self._get_who(check.user_id),
            "bars": [
                (names.get(field, field), count, "future")
                for field, count in found[:GRAPH_FIELDS]
            ],
        }

    def _count_changes(self):
        """Return the changes of each of the last days, and the last run."""
        today = fields.Date.context_today(self)
        days = [today - timedelta(days=GRAPH_DAYS - 1 - i) for i in range(GRAPH_DAYS)]
        counts = {
            day.date(): count
            for day, count in self.env["marketing.sync.change"]._read_group(
                self._get_recent_domain(), ["date:day"], ["__count"]
            )
        }
        last = self.env["marketing.sync.batch"].search([], limit=1)
        return {
            "count": sum(counts.values()),
            "last_date": last.date,
            "last_text": last.display_name,
            "bars": [
                (
                    format_date(self.env, day, date_format="d"),
                    counts.get(day, 0),
                    "past",
                )
                for day in days
            ],
        }

    @api.model
    def _get_graph(self, bars):
        """Return the data of a bar chart, as Odoo's widget for dashboards reads it."""
        values = [
            {"label": label, "value": value, "type": color}
            for label, value, color in bars
        ]
        return json.dumps([{"key": self.env._("Number"), "values": values}])

    # ------------------------------------------------------------
    # WHAT A CLICK OPENS
    # ------------------------------------------------------------

    def _get_card_model(self):
        """Return the model of the cards of the tile's kind."""
        kinds = get_kinds(self.env)
        return self.env[kinds[self.tile].card_model]

    def _get_unlinked_domain(self):
        """Return the domain of the cards that have no link of the tile's kind."""
        linked = Domain("marketing_relation_ids", "any", [("kind", "=", self.tile)])
        return self._get_card_model()._marketing_card_domain(self.tile) & ~linked

    @api.model
    def _get_recent_domain(self):
        """Return the domain of the changes that the graph shows."""
        first = fields.Date.context_today(self) - timedelta(days=GRAPH_DAYS - 1)
        return [("date", ">=", fields.Datetime.to_string(first))]

    def _get_action(self, xml_id, domain=None, name=None, **context):
        """Return one of the module's actions, narrowed down."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"marketing_contact.{xml_id}"
        )
        if domain is not None:
            action["domain"] = list(domain)
        if name:
            action["display_name"] = action["name"] = name
        action["context"] = context
        return action

    def action_open(self):
        """Open what the tile counts: contacts, links, differences or changes."""
        self.ensure_one()
        if self.tile == "contact":
            return self._get_action("marketing_contact_action", default_is_company=True)
        if self.tile == "difference":
            return self._get_action("marketing_sync_difference_action")
        if self.tile == "journal":
            return self._get_action(
                "marketing_sync_change_action",
                self._get_recent_domain(),
                name=self.env._("Changes of the Last %s Days", GRAPH_DAYS),
            )
        return self._get_action(
            "marketing_contact_relation_action",
            [("kind", "=", self.tile)],
            name=self.env._("%(cards)s Linked with a Contact", cards=self._get_name()),
        )

    def _get_name(self):
        """Return the tile's name for people."""
        return dict(self._fields["tile"]._description_selection(self.env))[self.tile]

    def action_open_drifted(self):
        """Open the contacts, or the differences of the kind, that are out of sync."""
        self.ensure_one()
        if self.tile == "contact":
            return self._get_action(
                "marketing_contact_action", search_default_drifted=1
            )
        # a link that holds back a value may be drifted without a difference listed
        return self._get_action(
            "marketing_contact_relation_action",
            [("kind", "=", self.tile)],
            name=self._get_name(),
            search_default_drifted=1,
        )

    def action_open_unlinked(self):
        """Open the contacts without a relation, or the cards without a contact."""
        self.ensure_one()
        if self.tile == "contact":
            return self._get_action(
                "marketing_contact_action", search_default_unlinked=1
            )
        name = self.env._("%(cards)s without a Contact", cards=self._get_name())
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._get_card_model()._name,
            "view_mode": "list,form",
            "domain": list(self._get_unlinked_domain()),
            # the wizard *Create Contacts* takes its kind from there
            "context": {"marketing_contact_kind": self.tile},
        }

    def action_create_contacts(self):
        """Open the wizard that creates the contacts of those that have none."""
        self.ensure_one()
        if self.tile in OWN_TILES:
            return self.action_open()
        return {
            **self._get_action("marketing_contact_generate_action"),
            "context": {
                "default_kind": self.tile,
                "default_domain": repr(list(self._get_unlinked_domain())),
            },
        }

    def action_open_journal(self):
        """Open the journal."""
        return self._get_action("marketing_sync_batch_action")

    def action_check(self):
        """Compare all links now, and open the differences."""
        self.env["marketing.contact.relation"].check_differences()
        # sudo: nobody makes runs by hand; this says when and by whom it was done
        self.env["marketing.run"].sudo().create(
            {"origin": "check", "state": "done", "end_date": fields.Datetime.now()}
        )
        return self._get_action("marketing_sync_difference_action")
