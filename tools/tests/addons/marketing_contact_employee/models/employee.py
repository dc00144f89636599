from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from odoo.addons.marketing_contact.models.links.registry import (
    TargetConstraint,
)
from odoo.addons.marketing_contact.models.sync.kinds import Kind

_lt = LazyTranslate(__name__)


class MarketingContactRelation(models.Model):
    _inherit = "marketing.contact.relation"

    employee_id = fields.Many2one("hr.employee", ondelete="cascade", index=True)
    _check_employee = TargetConstraint("employee_id", "Choose the employee.")
    _unique_employee = models.Constraint("UNIQUE(employee_id, kind)", "Linked already.")

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() | {
            "employee": Kind(
                name="employee",
                label=_lt("Employee"),
                plural=_lt("Employees"),
                card_model="hr.employee",
                card_column="employee_id",
                setup_field="marketing_employee_relation_id",
            )
        }


class ResCompany(models.Model):
    _inherit = "res.company"

    marketing_employee_relation_id = fields.Many2one("marketing.business.relation")


class HrEmployee(models.Model):
    _name = "hr.employee"
    _inherit = [
        "hr.employee",
        "marketing.card.mixin",
        "marketing.form.mixin",
        "marketing.sync.mixin",
    ]
    _marketing_link_column = "employee_id"

    marketing_relation_ids = fields.One2many(
        "marketing.contact.relation", "employee_id"
    )

    def unlink(self):
        self._marketing_unlink_relations()
        return super().unlink()
