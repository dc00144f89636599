from odoo import api, models
from odoo.fields import Domain
from odoo.tools import split_every
from odoo.tools.translate import LazyTranslate

from ..runs.workers import Worker
from ..sync.kinds import CONTACT_MODEL

_lt = LazyTranslate(__name__)

# A merge moves what thousands of others may point at: short transactions.
MERGES_AT_ONCE = 200


class MergeWorker(Worker):
    """Merge contacts. Params: `pairs`, lists of the id of the contact that goes and
    that of the one to merge it into.
    """

    label = _lt("Merge Contacts")

    def get_model(self):
        return self.env[CONTACT_MODEL].with_context(active_test=False)

    def get_domain(self):
        return Domain("id", "in", [pair[0] for pair in self.params["pairs"]])

    def get_parts(self):
        """All that go into one contact stand in one part: no two workers wait for each
        other.
        """
        open_ids = set(self.search(self.get_domain()).ids)
        groups = {}
        for source_id, survivor_id in self.params["pairs"]:
            if source_id in open_ids:
                groups.setdefault(survivor_id, []).append(source_id)
        parts = split_every(MERGES_AT_ONCE, groups.values(), list)
        return [[id_ for ids in part for id_ in ids] for part in parts]

    def check(self):
        self.env[CONTACT_MODEL].check_access("write")

    def work(self, records):
        survivors = dict(self.params["pairs"])
        contacts = records.with_env(self.env)
        contacts._merge_pairs(
            (contact, contacts.browse(survivors[contact.id])) for contact in contacts
        )


class MarketingRun(models.Model):
    """Bulk merging."""

    _inherit = "marketing.run"

    @api.model
    def _get_workers(self):
        return super()._get_workers() | {"merge": MergeWorker}
