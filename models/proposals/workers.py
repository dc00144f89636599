"""Bulk work of who is who."""

from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ..runs.workers import Worker
from . import store
from .states import get_states

_lt = LazyTranslate(__name__)


class MatchWorker(Worker):
    """Compare all contacts with customers and vendors, banks, and each other: one part
    for each. Params: `contact_domain`, `partner_domain`.
    """

    label = _lt("Look Who Is Who")
    model = "ir.model"
    results = "marketing_contact.marketing_match_action"
    # they would count each other's proposals
    parallel = False

    def get_results_text(self, name):
        Match = self.env["marketing.match"]
        asked = Domain("state", "in", get_states(asked=True))
        return self.env._(
            "%(sure)s sure, %(ask)s to ask: look at them",
            sure=Match.search_count(asked & Domain("band", "=", "sure")),
            ask=Match.search_count(asked & Domain("band", "=", "ask")),
        )

    def get_domain(self):
        return Domain(
            "model",
            "in",
            [side.model for side in self.env["marketing.match"]._get_sides().values()],
        )

    def get_part_size(self):
        return 1

    def check(self):
        self.env["marketing.match"]._check_manager()

    def work(self, records):
        # sudo: proposals are written by the engine alone
        Match = self.env["marketing.match"].sudo()
        for record in records:
            domain = "partner_domain" if record.model == "res.partner" else None
            store.renew(
                Match,
                Match._get_side(record.model),
                Domain(self.params.get("contact_domain") or Domain.TRUE),
                Domain(self.params.get(domain) or Domain.TRUE),
            )


class LinkWorker(Worker):
    """Link the contacts with what they are surely the same as. Params: `match_ids`."""

    label = _lt("Link All Sure Ones")
    model = "marketing.match"
    ids = "match_ids"
    results = "marketing_contact.marketing_match_action"

    def get_domain(self):
        return super().get_domain() & Domain("state", "in", get_states(open=True))

    def check(self):
        self.env["marketing.contact"].check_access("write")

    def work(self, records):
        store.link(records)
