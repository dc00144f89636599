from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MarketingContactCommon

ABSENT = ("base.automation", "crm.lead", "mailing.mailing")


@tagged("post_install", "-at_install")
class TestAbsent(MarketingContactCommon):
    """Where CRM and Email Marketing are not installed there is no trace of them.

    With them: the test add-on `marketing_contact_reach` in `tools/`.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.marketer
        cls.seller.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        cls.contact = cls._contact().with_user(cls.seller)

    def test_they_are_absent(self):
        """Else this and the next tests would say nothing."""
        self.assertFalse([name for name in ABSENT if name in self.env])

    def test_form(self):
        self.assertFalse(self.contact.has_crm)
        self.assertFalse(self.contact.opportunity_count)
        arch = etree.fromstring(self.contact.get_view(view_type="form")["arch"])
        (button,) = arch.xpath("//button[@name='action_new_opportunity']")
        self.assertIn("not has_crm", button.get("invisible"))
        (button,) = arch.xpath("//button[@name='action_view_opportunities']")
        self.assertEqual(button.get("invisible"), "not opportunity_count")

    def test_no_action_and_no_menu(self):
        bindings = self.env["ir.actions.actions"].get_bindings("marketing.contact")
        names = [action["name"] for action in bindings["action"]]
        self.assertIn("Send Email", names)
        self.assertEqual("Send SMS" in names, "sms.composer" in self.env)
        for action in ("new_opportunity", "view_opportunities"):
            with self.assertRaises(UserError):
                getattr(self.contact, f"action_{action}")()

    def test_nothing_in_the_database(self):
        names = self.env["ir.model.data"].search(
            [
                ("module", "=", "marketing_contact"),
                "|",
                ("name", "like", "crm_lead"),
                ("name", "like", "mailing_mailing"),
            ]
        )
        self.assertFalse(names)
        relations = self.env["ir.model.fields"].search(
            [("model", "like", "marketing.%"), ("relation", "in", ABSENT)]
        )
        self.assertFalse(relations)
