from odoo import api, models
from odoo.fields import Domain

from ..contact.input import ById, check_limit
from ..sync.kinds import get_kinds
from . import lookup
from .sides import CONTACT


class MarketingContact(models.Model):
    """Contacts, and who of customers, vendors, banks and contacts is the same."""

    _inherit = "marketing.contact"

    @api.model
    def _marketing_get_findable_domain(self):
        """Return the domain of the contacts that may be found as who is who, extended
        by `super()`.
        """
        return Domain.TRUE

    def find_cards(self, kind=None, limit=5):
        """Return which customers, vendors and banks may be the same as the contacts.

        :param str kind: only what could be linked as that
        :param int limit: how many for each contact
        :return: ``{contact id: [{model, id, display_name, score, band, reasons}]}``,
            best first, an entry for each contact; banks as `res.bank`
        """
        self.check_access("read")
        check_limit(self.env, limit)
        kinds = get_kinds(self.env)
        if kind is not None:
            self._check_kind(kind)
        wanted = [kinds[kind]] if kind else kinds.values()
        models_ = {known.shared_model for known in wanted if known.setup_field}
        result = ById({id_: [] for id_ in self.ids})
        for side in self.env["marketing.match"]._get_sides().values():
            if side.model not in models_ or not self.env[side.model].has_access("read"):
                continue
            for id_, proposals in lookup.find(self, side, kind, limit).items():
                result[id_] += proposals
        for id_, proposals in result.items():
            result[id_] = sorted(proposals, key=lambda p: -p["score"])[:limit]
        return result

    def find_duplicates(self, limit=5):
        """Return which other contacts may be the same as these: companies among
        companies, persons among persons, people of a company within it.

        :return: as :meth:`find_cards`
        """
        self.check_access("read")
        check_limit(self.env, limit)
        return lookup.find(self, CONTACT, limit=limit)
