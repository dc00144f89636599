from odoo import SUPERUSER_ID, models

from ..contact.bridges import bridge


@bridge
class BaseAutomation(models.Model):
    """Rules by date on contacts; there where the module `base_automation` is."""

    _register = False
    _module = "marketing_contact"
    _name = "base.automation"
    _inherit = ["base.automation"]

    def _search_time_based_automation_records(self, *, until):
        """Let the filter mean what it means to who made the rule: each company has
        customers of its own, and the scheduled action works in one of its own.
        """
        owner = self.create_uid
        concerned = self.model_name == "marketing.contact" or "marketing_" in (
            self.filter_domain or ""
        )
        if self.env.uid != SUPERUSER_ID or owner.id == SUPERUSER_ID or not concerned:
            return super()._search_time_based_automation_records(until=until)
        companies = (owner.company_id | owner.company_ids).ids
        rule = self.with_user(owner).with_context(allowed_company_ids=companies)
        if not rule.env[self.model_name].has_access("read"):
            return self.env[self.model_name]
        found = super(BaseAutomation, rule)._search_time_based_automation_records(
            until=until
        )
        return found.with_env(self.env)
