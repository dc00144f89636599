import logging

from odoo import api, models
from odoo.fields import Domain

from ..sync.attempt import harmless
from ..sync.kinds import get_kinds
from . import lookup, store, waiting
from .sides import CONTACT
from .states import get_states

_logger = logging.getLogger(__name__)

# Of how many cards is told what they are before they get contacts, by looking now.
MAX_COUNTED = 400
# the best first
BANDS = ("sure", "ask", "unsure")


class MarketingCardMixin(models.AbstractModel):
    """Cards that get a contact: the one that is the same, if there is one."""

    _inherit = "marketing.card.mixin"

    @api.model
    def _marketing_find_same(self, kind, records, leave_asked=False):
        nothing = super()._marketing_find_same(kind, records, leave_asked)
        if not records:
            return nothing
        side = self.env["marketing.match"]._get_side(next(iter(records))._name)
        if not side:
            return *nothing[:2], _let_wait
        text = "Contacts of %s were not looked for"
        with harmless(self.env, _logger, text, list(records), flush=False) as errors:
            found, complete = self._marketing_find_proposals(kind, side, records)
        if errors:
            # who is the same can be asked later; whoever makes a customer goes on
            return nothing
        same, asked, doubles = self._marketing_sort_proposals(found, leave_asked)
        # sudo: proposals are written by the engine alone
        Match = self.env["marketing.match"].sudo()
        store.propose(Match, side, [p for found in asked.values() for p in found])

        def note(created):
            store.propose(
                Match,
                CONTACT,
                [
                    proposal._replace(other_id=created[record].id)
                    for record, proposals in doubles.items()
                    if record in created
                    for proposal in proposals
                ],
            )
            if not complete and created:
                new = {contact.id for contact in created.values()}
                waiting.wait(self.env, self.env["marketing.contact"].browse(new))

        return same, set(asked), note

    @api.model
    def _marketing_sort_proposals(self, found, leave_asked):
        """Return what becomes of records by what was found for them: ``{record:
        contact}`` that is surely the same, ``{record: proposals}`` to be asked, and
        those of a new contact that may be the double of one.

        :param dict found: ``{record: proposals}``
        :param bool leave_asked: whether records of which is asked get no new contact
        """
        Contact = self.env["marketing.contact"]
        same, asked, doubles = {}, {}, {}
        for record, proposals in found.items():
            sure = next((p for p in proposals if p.band == "sure"), None)
            if sure and _get_mode(record) == "link":
                same[record] = Contact.browse(sure.contact_id)
                continue
            open_ = [proposal for proposal in proposals if proposal.band != "unsure"]
            # what could not be linked anyway is no question: a double at most
            free = [proposal for proposal in open_ if proposal.free]
            if free and leave_asked:
                asked[record] = free
            elif open_:
                doubles[record] = open_
        return same, asked, doubles

    @api.model
    def _marketing_count_same(self, kind, domain):
        """Up to some hundred are looked for now; of more what the board has counts."""
        cards = self.search(domain, limit=MAX_COUNTED + 1)
        shared = cards[:1]._marketing_get_shared_record()
        side = cards and self.env["marketing.match"]._get_side(shared._name)
        if not side:
            return super()._marketing_count_same(kind, domain)
        if len(cards) > MAX_COUNTED:
            return self._marketing_count_stored(kind, domain, side)
        known = cards._marketing_get_known_contacts()
        records = {card: card._marketing_get_shared_record() for card in cards}
        missing = {r: card for card, r in records.items() if r not in known}
        found, _complete = self._marketing_find_proposals(kind, side, missing)
        bands = {}
        for record, proposals in found.items():
            band = min((p.band for p in proposals), key=BANDS.index)
            if band == "sure" and _get_mode(record) != "link":
                band = "ask"
            bands[record] = band
        cards = [bands.get(record) for record in records.values()]
        return cards.count("sure"), cards.count("ask")

    @api.model
    def _marketing_count_stored(self, kind, domain, side):
        """Return the same of what was proposed by now."""
        known = get_kinds(self.env)[kind]
        records = self._search(domain)
        if known.shared_column != known.card_column:
            records = self.search(domain)[known.shared_column].ids
        groups = self.env["marketing.match"]._read_group(
            Domain(side.column, "in", records)
            & Domain("state", "in", get_states(open=True)),
            ["band"],
            [f"{side.column}:count_distinct"],
        )
        counts = dict(groups)
        linked = counts.get("sure", 0)
        if self.env.company.sudo().marketing_match_on_create != "link":
            return 0, linked + counts.get("ask", 0)
        return linked, counts.get("ask", 0)

    @api.model
    def _marketing_find_proposals(self, kind, side, records):
        """Return ``{record: proposals}`` of those that may be the same as a contact, as
        far as anybody is asked about it, and whether all contacts were looked through.
        """
        model = self.env[side.model]
        wanted = [record.id for record in records if _get_mode(record) != "off"]
        found, complete = lookup.get_proposals(
            model.browse(wanted),
            side,
            kind,
            as_superuser=True,
            keep_forbidden=True,
            unsure=False,
        )
        return {
            model.browse(id_): proposals for id_, proposals in found.items()
        }, complete


def _let_wait(created):
    """Have the doubles of new contacts looked for behind the save: those of records
    that contacts are not compared with themselves.

    :param dict created: ``{record: its new contact}``
    """
    wanted = [record for record in created if _get_mode(record) != "off"]
    if wanted:
        new = {created[record].id for record in wanted}
        contacts = created[wanted[0]].browse(new)
        waiting.wait(contacts.env, contacts)


def _get_mode(record):
    """Return what is to happen where a record is the same as a contact."""
    # sudo: the setup that counts is that of the card's company, whoever looks at it
    company = record.sudo().company_id if "company_id" in record._fields else None
    return (company or record.env.company.sudo()).marketing_match_on_create
