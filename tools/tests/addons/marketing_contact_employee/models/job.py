from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from odoo.addons.marketing_contact.models.links.registry import (
    TargetConstraint,
)
from odoo.addons.marketing_contact.models.sync.kinds import Kind

_lt = LazyTranslate(__name__)


class MarketingContactRelation(models.Model):
    _inherit = "marketing.contact.relation"

    job_id = fields.Many2one("hr.job", ondelete="cascade", index=True)
    department_id = fields.Many2one(
        "hr.department",
        compute="_compute_department_id",
        store=True,
        precompute=True,
        readonly=False,
        ondelete="set null",
        index=True,
    )
    _check_job = TargetConstraint("job_id", "Choose the job.")
    _unique_job = models.Constraint("UNIQUE(job_id)", "Linked already.")

    @api.depends("job_id.department_id")
    def _compute_department_id(self):
        for relation in self:
            relation.department_id = relation.job_id.department_id

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() | {
            "job": Kind(
                name="job",
                label=_lt("Job"),
                plural=_lt("Jobs"),
                card_model="hr.job",
                card_column="job_id",
                shared_model="hr.department",
                shared_column="department_id",
                setup_field="marketing_job_relation_id",
                single=False,
            )
        }


class ResCompany(models.Model):
    _inherit = "res.company"

    marketing_job_relation_id = fields.Many2one("marketing.business.relation")


class HrDepartment(models.Model):
    _name = "hr.department"
    _inherit = [
        "hr.department",
        "marketing.card.mixin",
        "marketing.form.mixin",
        "marketing.sync.mixin",
    ]
    _marketing_link_column = "department_id"

    phone = fields.Char()
    marketing_relation_ids = fields.One2many(
        "marketing.contact.relation", "department_id"
    )


class HrJob(models.Model):
    _name = "hr.job"
    _inherit = ["hr.job", "marketing.card.mixin"]

    marketing_relation_ids = fields.One2many("marketing.contact.relation", "job_id")

    def unlink(self):
        self._marketing_unlink_relations()
        return super().unlink()

    def _marketing_get_shared_record(self):
        return self.department_id

    def _marketing_filter_cards(self):
        return self.filtered("department_id")

    @api.model
    def _marketing_kind_domain(self, kind):
        return Domain("department_id", "!=", False)
