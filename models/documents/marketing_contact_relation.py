from odoo import api, models

DOCUMENT_MODELS = ("sale.order", "purchase.order")


class MarketingContactRelation(models.Model):
    """Newly linked cards bring their documents along."""

    _inherit = "marketing.contact.relation"

    @api.model_create_multi
    def create(self, vals_list):
        relations = super().create(vals_list)
        relations._claim_documents()
        return relations

    def write(self, vals):
        result = super().write(vals)
        if {"contact_id", "partner_id"} & vals.keys() and (
            not self._get_options().prepared
        ):
            self._claim_documents()
        return result

    def _move_to(self, contact_ids):
        result = super()._move_to(contact_ids)
        self._claim_documents()
        return result

    def _claim_documents(self):
        """Count the orders of the linked customers and vendors with the contact."""
        links = self.filtered("partner_id")
        if links:
            self.flush_model(["contact_id", "partner_id"])
            for model_name in DOCUMENT_MODELS:
                self.env[model_name]._marketing_claim(links)
