from odoo import models

from ..sync.kinds import CONTACT_MODEL
from . import store


class MarketingContactRelation(models.Model):
    """A link that is made answers its proposal; one that goes or moves asks again."""

    _inherit = "marketing.contact.relation"

    # what others changed last is looked for by it
    _marketing_write_date_idx = models.Index("(write_date)")

    def _follow_links(self, left, options):
        result = super()._follow_links(left, options)
        if not options.new_contacts:
            contact_ids = {*left.get(CONTACT_MODEL, ()), *self.contact_id.ids}
            store.settle(self.env, contact_ids)
        return result

    def unlink(self):
        contact_ids = self.sudo().contact_id.ids  # sudo: whoever unlinks
        result = super().unlink()
        store.settle(self.env, contact_ids)
        return result
