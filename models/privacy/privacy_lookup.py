from odoo import models

from ..contact.bridges import bridge


@bridge
class PrivacyLookupWizardLine(models.TransientModel):
    """Odoo's own look-up archives what it finds; of contacts it says what is better
    done here. Where the module `privacy_lookup` is.
    """

    _register = False
    _module = "marketing_contact"
    _name = "privacy.lookup.wizard.line"
    _inherit = ["privacy.lookup.wizard.line"]

    def _onchange_is_active(self):
        result = super()._onchange_is_active()
        if "marketing.contact" in self.mapped("res_model"):
            return {
                "warning": {
                    "title": self.env._("Marketing Contact"),
                    "message": self.env._(
                        "An archived contact keeps all that is known of it. Block it, "
                        "or erase it by a request: Actions on the contact."
                    ),
                }
            }
        return result
