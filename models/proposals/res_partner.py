from odoo import models

from ..contact.input import ById, check_limit
from . import lookup
from .sides import PARTNER


class ResPartner(models.Model):
    """Customers and vendors, and which contacts are the same."""

    _inherit = "res.partner"

    def find_marketing_contacts(self, limit=5):
        """Return which of marketing's contacts may be the same as the partners.

        Addresses and people of companies have none of their own.

        :param int limit: how many for each partner
        :return: ``{partner id: [{model, id, display_name, score, band, reasons}]}``,
            best first, an entry for each partner
        """
        self.check_access("read")
        check_limit(self.env, limit)
        if not self.env["marketing.contact"].has_access("read"):
            return ById({id_: [] for id_ in self.ids})
        return lookup.find(self, PARTNER, limit=limit)
