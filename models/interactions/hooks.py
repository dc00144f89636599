from odoo import api, models


class Base(models.AbstractModel):
    """Hears of documents that are created and confirmed, on whatever model.

    What is not a matter of a rule is dropped at the first question: is there a state
    among the values, is there a rule for the model (a look into a cache).
    """

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if self.pool.ready:
            Rule = self.env["marketing.interaction.rule"]
            if Rule._get_active_rules(self._name):
                self.env["marketing.interaction.recorder"]._record_created(records)
        return records

    def write(self, vals):
        if "state" not in vals or not self.pool.ready:
            return super().write(vals)
        recorder = self.env["marketing.interaction.recorder"]
        records = recorder._get_unconfirmed(self)
        result = super().write(vals)
        recorder._record_confirmed(records)
        return result

    def _compute_field_value(self, field):
        if field.name != "state" or not field.store or not self.pool.ready:
            return super()._compute_field_value(field)
        recorder = self.env["marketing.interaction.recorder"]
        records = recorder._get_unconfirmed(self)
        result = super()._compute_field_value(field)
        recorder._record_confirmed(records)
        return result
