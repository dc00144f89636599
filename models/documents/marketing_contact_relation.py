from odoo import models

# those of modules that need not be installed are left out where they are not there
DOCUMENT_MODELS = ("sale.order", "purchase.order", "crm.lead")


class MarketingContactRelation(models.Model):
    """Newly linked cards bring their documents along."""

    _inherit = "marketing.contact.relation"

    def _follow_links(self, left, options):
        result = super()._follow_links(left, options)
        cards = self._filter_cards()
        if options.new_contacts and cards:
            # who becomes a contact along with the company has orders of their own
            cards.contact_id.child_ids.relation_ids._claim_documents()
        cards._claim_documents()
        return result

    def _claim_documents(self):
        """Count the orders of the linked customers and vendors with the contact."""
        links = self.filtered("partner_id")
        if links:
            self.flush_model(["contact_id", "partner_id"])
            for name in DOCUMENT_MODELS:
                model = self.env.get(name)
                if model is not None and "marketing_contact_id" in model._fields:
                    model._marketing_claim(links)
