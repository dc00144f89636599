from odoo import api, models
from odoo.fields import Domain

from . import lookup, store
from .sides import CONTACT
from .states import REJECTED, get_states


class MarketingMatch(models.Model):
    """What becomes of proposals when records are merged."""

    _inherit = "marketing.match"

    @api.model
    def _follow_merge(self, model_name, source_ids, survivor_id):
        """Let the pairs of merged records follow the survivor; one that was rejected
        stays so.

        :param str model_name: of the records
        :param source_ids: of those that are gone or archived
        :param int survivor_id: of the survivor
        """
        if self._get_side(model_name):
            store.follow_merge(self.sudo(), model_name, list(source_ids), survivor_id)

    @api.model
    def _keep_rejected(self, survivors):
        """Let *not the same* hold for who stays, where several of those that become one
        have a proposal of a pair.

        :param dict survivors: ``{id of a merged contact: id of the one that stays}``
        """
        ids = [*survivors, *survivors.values()]
        matches = self.with_context(marketing_contact_with_merged=True).search(
            Domain("contact_id", "in", ids) | Domain("other_contact_id", "in", ids)
        )
        pairs, rejected = {}, set()
        for match in matches:
            sides = (match.contact_id, match._get_other())
            ends = [sides, sides[::-1]] if match.other_contact_id else [sides]
            pairs[match] = {(survivors.get(one.id, one.id), x) for one, x in ends}
            if match.state == REJECTED:
                gone = [(one, x) for one, x in ends if one.id in survivors]
                rejected |= {(survivors[one.id], x) for one, x in gone}
        kept = matches.filtered(
            lambda m: m.state in get_states(open=True) and rejected & pairs[m]
        )
        kept.write({"state": REJECTED, "band": "unsure"})

    @api.model
    def _propose_double(self, contact, other):
        """List two contacts as surely the same: of one card, such as after a merge."""
        company = contact.company_id or other.company_id
        certain = contact.is_company == other.is_company
        double = lookup.Proposal(
            contact.id, other.id, company.id or None, 100, certain, "sure", True, {}
        )
        store.propose(self.sudo(), CONTACT, [double])
