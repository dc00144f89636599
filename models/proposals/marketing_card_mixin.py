import logging

from odoo import api, models

from ..match.sides import SIDES
from ..sync.attempt import harmless
from ..sync.kinds import get_kinds
from . import lookup, store
from .rules import get_obstacles

_logger = logging.getLogger(__name__)

# Of how many cards is told what they are before they get contacts, by looking now.
MAX_COUNTED = 400


class MarketingCardMixin(models.AbstractModel):
    """Cards that get a contact: the one that is the same, if there is one."""

    _inherit = "marketing.card.mixin"

    @api.model
    def _marketing_find_same(self, kind, records, leave_asked=False):
        same, left, note_new = super()._marketing_find_same(kind, records, leave_asked)
        side = next(
            (s.name for s in SIDES.values() if records and s.model == _model(records)),
            None,
        )
        if side not in ("partner", "bank"):
            return same, left, note_new
        text = "Contacts of %s were not looked for"
        with harmless(self.env, _logger, text, list(records), flush=False) as errors:
            found = self._marketing_find_proposals(kind, side, records)
            pairs = [p[0] for proposals in found.values() for p in proposals]
            forbidden = get_obstacles(self.env, pairs, side, "contact", kind)
        if errors:
            # who is the same can be asked later; whoever makes a customer goes on
            return same, left, note_new
        doubles, asked = {}, []
        for record, proposals in found.items():
            pair, score, band = proposals[0]
            company = _company(record) or self.env.company
            mode = company.sudo().marketing_match_on_create
            if band == "sure" and mode == "link":
                same[record] = self.env["marketing.contact"].browse(pair.other_id)
                continue
            open_ = [p for p in proposals if p[2] != "unsure"]
            # what could not be linked anyway is no question: a double at most
            free = [p for p in open_ if (p[0].id, p[0].other_id) not in forbidden]
            if free and leave_asked:
                open_ = free
                left.add(record)
                asked += [(record, *proposal) for proposal in open_]
            elif open_:
                doubles[record] = open_
        if asked:
            store.propose(
                # sudo: proposals are written by the engine alone
                self.env["marketing.match"].sudo(),
                SIDES[side].column,
                [
                    _to_row(record, pair.other_id, record.id, pair, score, band)
                    for record, pair, score, band in asked
                ],
            )

        def note(created):
            if note_new:
                note_new(created)
            store.propose(
                # sudo: as above
                self.env["marketing.match"].sudo(),
                "other_contact_id",
                [
                    _to_row(
                        record, pair.other_id, created[record].id, pair, score, band
                    )
                    for record, proposals in doubles.items()
                    if record in created
                    for pair, score, band in proposals
                ],
            )

        return same, left, note

    @api.model
    def _marketing_count_same(self, kind, domain):
        """Up to some hundred are looked for now; of more what the board has counts."""
        linked, asked = super()._marketing_count_same(kind, domain)
        cards = self.search(domain, limit=MAX_COUNTED + 1)
        known = cards._marketing_get_known_contacts()
        records = {card: card._marketing_get_shared_record() for card in cards}
        side = next(
            (
                s
                for s in SIDES.values()
                if s.model == cards[:1]._marketing_get_shared_record()._name
            ),
            None,
        )
        if not cards or not side or side.name not in ("partner", "bank"):
            return linked, asked
        if len(cards) > MAX_COUNTED:
            return self._marketing_count_stored(kind, domain, side)
        missing = {r: card for card, r in records.items() if r not in known}
        found = self._marketing_find_proposals(kind, side.name, missing)
        bands = {}
        for record, proposals in found.items():
            band = proposals[0][2]
            mode = (
                (_company(record) or self.env.company).sudo().marketing_match_on_create
            )
            if band == "sure" and mode != "link":
                band = "ask"
            bands[record] = band
        cards = [bands.get(record) for record in records.values()]
        return linked + cards.count("sure"), asked + cards.count("ask")

    @api.model
    def _marketing_count_stored(self, kind, domain, side):
        """Return the same of what was proposed by now."""
        column = "partner_id" if side.name == "partner" else "bank_id"
        shared = get_kinds(self.env)[kind].shared_column
        cards = self._search(domain)
        if shared == "bank_id":
            cards = self.search(domain).bank_id.ids
        groups = self.env["marketing.match"]._read_group(
            [(column, "in", cards), ("state", "in", ("proposed", "later"))],
            ["band"],
            [f"{column}:count_distinct"],
        )
        counts = dict(groups)
        linked = counts.get("sure", 0)
        if self.env.company.sudo().marketing_match_on_create != "link":
            return 0, linked + counts.get("ask", 0)
        return linked, counts.get("ask", 0)

    @api.model
    def _marketing_find_proposals(self, kind, side, records):
        """Return ``{record: proposals}`` of those that may be the same as a contact."""
        groups = {}
        for record in records:
            company = _company(record) or self.env.company
            if company.sudo().marketing_match_on_create != "off":
                groups.setdefault(company, []).append(record.id)
        result = {}
        for company, ids in groups.items():
            model = self.env[SIDES[side].model].with_company(company)
            found = lookup.get_proposals(
                model.browse(ids),
                side,
                "contact",
                kind,
                as_superuser=True,
                keep_forbidden=True,
            )
            result |= {
                model.browse(id_).with_env(self.env): p for id_, p in found.items()
            }
        return result


def _model(records):
    return next(iter(records))._name


def _company(record):
    """Return the company of a record, whoever looks at it."""
    # sudo: the setup that counts is that of the card's company
    return record.sudo().company_id if "company_id" in record._fields else None


def _to_row(record, contact_id, other_id, pair, score, band):
    """Return a proposal as :func:`store.propose` takes it."""
    company = _company(record)
    return {
        "contact_id": contact_id,
        "other_id": other_id,
        "company_id": company.id if company else None,
        "score": score,
        "certain": band == "sure",
        "levels": pair.levels,
        "band": band,
    }
