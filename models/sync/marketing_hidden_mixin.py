from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class MarketingHiddenMixin(models.AbstractModel):
    """Hides records that tell of others which the user may not read.

    What no record rule can say: it would have to ask the rules of another model.
    """

    _name = "marketing.hidden.mixin"
    _description = "Record That Tells of Others"

    @api.model
    def _get_readable_domain(self):
        """Return the domain of the records that hide nothing from the user."""
        raise NotImplementedError

    @api.model
    def _get_hidden_text(self):
        """Return what to tell whoever asks for a hidden record."""
        raise NotImplementedError

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._get_readable_domain()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self.ids or self._get_readable_domain().is_true():
            return result
        left = (self - result[0] if result else self).exists()
        forbidden = left - left.search([("id", "in", left.ids)])
        if not forbidden:
            return result
        if result:
            return result[0] | forbidden, result[1]
        return forbidden, lambda: AccessError(self._get_hidden_text())
