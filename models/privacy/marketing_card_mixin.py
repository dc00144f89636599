from odoo import api, models

from .marketing_contact import AUTOMATIC


class MarketingCardMixin(models.AbstractModel):
    """New cards: a blocked contact that surely is the same is linked, nothing more; who
    was erased before gets no contact again.
    """

    _inherit = "marketing.card.mixin"

    @api.model
    def _marketing_find_proposals(self, kind, side, records):
        finding = self.with_context(marketing_privacy=AUTOMATIC)
        found, complete = super(MarketingCardMixin, finding)._marketing_find_proposals(
            kind, side, records
        )
        found = {record.with_env(self.env): p for record, p in found.items()}
        ids = {proposal.contact_id for ps in found.values() for proposal in ps}
        # sudo: whether they are blocked, whoever makes a customer
        contacts = self.env["marketing.contact"].sudo().browse(ids)
        hidden = set(contacts.filtered("privacy_hidden")._ids)
        # nobody is asked about them
        kept = {
            record: [
                p for p in proposals if p.contact_id not in hidden or p.band == "sure"
            ]
            for record, proposals in found.items()
        }
        return {
            record: proposals for record, proposals in kept.items() if proposals
        }, complete

    def _marketing_link_same(self, kind, same, include_people=None):
        hidden = {r: c for r, c in same.items() if c.sudo().privacy_hidden}
        free = {r: c for r, c in same.items() if r not in hidden}
        linked = super()._marketing_link_same(kind, free, include_people)
        if hidden:
            # sudo: whoever makes a customer may not see who is blocked
            cards = self.sudo().with_context(marketing_privacy=AUTOMATIC)
            hidden = {r.with_env(cards.env): c for r, c in hidden.items()}
            linked |= super(MarketingCardMixin, cards)._marketing_link_same(
                kind, hidden, include_people=False
            )
        return linked

    @api.model
    def _marketing_leave_out(self, kind, records):
        left = super()._marketing_leave_out(kind, records)
        return left | self.env["marketing.privacy.ban"]._leave_out(kind, records)
