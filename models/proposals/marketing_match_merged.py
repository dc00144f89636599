from odoo import api, models
from odoo.tools import SQL

from . import lookup, store
from .lookalike import forget
from .sides import CONTACT
from .states import REJECTED, get_states

# *not the same* of one that is merged holds for who stays
KEEP_REJECTED = """
    WITH pair AS (
        SELECT id, contact_id AS one, partner_id, bank_id,
               other_contact_id AS other, state
          FROM marketing_match
         UNION ALL
        SELECT id, other_contact_id, NULL, NULL, contact_id, state
          FROM marketing_match WHERE other_contact_id IS NOT NULL),
    merged AS (
        SELECT * FROM UNNEST(%(sources)s, %(survivors)s)
            AS m (source, survivor))
    UPDATE marketing_match kept
       SET state = %(rejected)s, band = 'unsure'
      FROM merged
      JOIN pair gone ON gone.one = merged.source
                    AND gone.state = %(rejected)s
      JOIN merged beside ON beside.survivor = merged.survivor
      JOIN pair stays ON stays.one IN (beside.source, beside.survivor)
       AND (stays.partner_id = gone.partner_id
            OR stays.bank_id = gone.bank_id
            OR stays.other = gone.other)
     WHERE kept.id = stays.id AND kept.state = ANY(%(open)s)
"""


class MarketingMatch(models.Model):
    """What becomes of proposals when records are merged."""

    _inherit = "marketing.match"

    # ------------------------------------------------------------
    # MERGED RECORDS
    # ------------------------------------------------------------

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
        if not survivors:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                KEEP_REJECTED,
                rejected=REJECTED,
                open=get_states(open=True),
                sources=list(survivors),
                survivors=list(survivors.values()),
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model(["band", "state"])
            forget(self.env)

    @api.model
    def _propose_double(self, contact, other):
        """List two contacts as surely the same: of one card, such as after a merge."""
        company = contact.company_id or other.company_id
        certain = contact.is_company == other.is_company
        double = lookup.Proposal(
            contact.id, other.id, company.id or None, 100, certain, "sure", True, {}
        )
        store.propose(self.sudo(), CONTACT, [double])
