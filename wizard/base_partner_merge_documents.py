from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Give the documents of merged partners the contact of the survivor."""
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        # sudo: whoever merges partners may have no right on contacts
        relations = self.env["marketing.contact.relation"].sudo()
        relations.search([("partner_id", "in", partner_ids)])._claim_documents()
        return result
