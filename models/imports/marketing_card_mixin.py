from odoo import api, models

from ..contact.trial import is_trial
from ..sync.session import holding_back
from .proposing import propose_for_imported


class MarketingCardMixin(models.AbstractModel):
    """Customers, vendors and bank accounts that are imported."""

    _inherit = "marketing.card.mixin"

    @api.model
    def load(self, fields, data):
        """Make the contacts of an import once, in one set, when all is there."""
        with holding_back(self.env) as waiting:
            result = super().load(fields, data)
        if result["ids"] and not is_trial(self.env.cr):
            for (_model, kinds), cards in waiting.items():
                cards.exists()._marketing_auto_create_contacts(list(kinds))
            propose_for_imported(self.browse(result["ids"]))
        return result
