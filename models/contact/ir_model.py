from odoo import api, models

from . import bridges


class IrModel(models.Model):
    """Models of modules that need not be installed, see `bridges.py`."""

    _inherit = "ir.model"

    # here, because this model is loaded before those that put methods on others'
    # classes, which must find ours below theirs
    def _register_hook(self):
        super()._register_hook()
        self._marketing_extend_models()

    @api.model
    def _marketing_extend_models(self, update=False):
        """Extend the models that are there.

        :param bool update: whether the module is installed or updated just now
        """
        for model_name in bridges.extend(self.env, update=update):
            self.env[model_name]._marketing_init_extension()
