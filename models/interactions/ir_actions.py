from odoo import api, models
from odoo.tools import frozendict

SEND_SMS = "marketing_contact.marketing_contact_action_send_sms"


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @api.model
    def _get_bindings(self, model_name):
        """Offer text messages where their module is installed."""
        bindings = super()._get_bindings(model_name)
        if model_name != "marketing.contact" or "sms.composer" in self.env:
            return bindings
        action_id = self.env["ir.model.data"]._xmlid_to_res_id(
            SEND_SMS, raise_if_not_found=False
        )
        return frozendict(
            {
                kind: tuple(a for a in actions if a["id"] != action_id)
                for kind, actions in bindings.items()
            }
        )
