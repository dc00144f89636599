from datetime import datetime, timedelta

from odoo.tests import new_test_user, tagged

from odoo.addons.marketing_contact.tests.common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestAutomation(MarketingContactCommon):
    """A rule by date finds what who made it finds."""

    def test_filter_means_what_it_means_to_who_made_it(self):
        self.env["marketing.contact"].search([]).active = False
        other = self.env["res.company"].create({"name": "Other"})
        ann, bob, hidden = self.Contact.create(
            [
                {"name": "Ann"},
                {"name": "Bob"},
                {"name": "Hidden", "company_id": other.id},
            ]
        )
        ann.link_card("customer", self._partner("Ann", company_id=self.company.id).id)
        for contact in (bob, hidden):
            card = self._partner(contact.name, company_id=other.id)
            contact.link_card("customer", card.id)
        for company, expected in ((self.company, ann), (other, bob + hidden)):
            admin = new_test_user(
                self.env,
                f"admin_{company.id}",
                "base.group_system,marketing_contact.group_marketing_contact_manager",
                company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )
            action = self.env["ir.actions.server"].create(
                {
                    "name": "Note",
                    "model_id": self.env["ir.model"]._get_id("marketing.contact"),
                    "state": "code",
                    "code": f"record.write({{'comment': 'seen {company.id}'}})",
                }
            )
            self.env["base.automation"].with_user(admin).create(
                {
                    "name": "A day after",
                    "model_id": self.env["ir.model"]._get_id("marketing.contact"),
                    "trigger": "on_time_created",
                    "trg_date_range": 0,
                    "trg_date_range_type": "hour",
                    "filter_domain": "[('customer_id', '!=', False)]",
                    "action_server_ids": [(6, 0, action.ids)],
                }
            )
            self.env.cr.execute(
                "UPDATE marketing_contact SET create_date = %s",
                [datetime.now() - timedelta(days=1)],
            )
            with self.enter_registry_test_mode():
                self.env.ref(
                    "base_automation.ir_cron_data_base_automation_check"
                ).method_direct_trigger()
            self.env.invalidate_all()
            seen = self.Contact.search([("comment", "ilike", f"seen {company.id}")])
            self.assertEqual(seen, expected)
