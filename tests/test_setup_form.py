from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user

from .common import MarketingContactCommon


class TestSetupForm(MarketingContactCommon):
    """Marketing Setup, for managers without rights on the system."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.code = cls.env["marketing.business.relation"].create(
            {"code": "CLIENT", "name": "Client"}
        )
        cls.action = cls.env.ref("marketing_contact.marketing_setup_action")

    def _open(self, user):
        Setup = self.env[self.action.res_model].with_user(user)
        return Form(Setup.with_context(allowed_company_ids=user.company_ids.ids))

    def test_manager_changes_setup(self):
        self.assertFalse(self.manager.has_group("base.group_system"))
        self.assertFalse(self.manager.has_group("base.group_erp_manager"))
        form = self._open(self.manager)
        self.assertEqual(
            form.marketing_vendor_relation_id, self.company.marketing_vendor_relation_id
        )
        form.marketing_customer_relation_id = self.code
        form.marketing_auto_create_contact = False
        vendor_code = self.company.marketing_vendor_relation_id
        form.save().action_save()
        self.assertEqual(self.company.marketing_customer_relation_id, self.code)
        self.assertFalse(self.company.marketing_auto_create_contact)
        self.assertEqual(self.company.marketing_vendor_relation_id, vendor_code)
        self.assertTrue(self.company.marketing_contact_sequence_id)

    def test_manager_empties_code(self):
        form = self._open(self.manager)
        form.marketing_bank_relation_id = self.code.browse()
        form.save().action_save()
        self.assertFalse(self.company.marketing_bank_relation_id)

    def test_setup_of_chosen_company(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.manager.company_ids += other
        own_code = self.company.marketing_customer_relation_id
        setup = (
            self.env["marketing.setup"]
            .with_user(self.manager)
            .create({"company_id": other.id})
        )
        setup.marketing_customer_relation_id = self.code
        setup.action_save()
        self.assertEqual(other.marketing_customer_relation_id, self.code)
        self.assertEqual(self.company.marketing_customer_relation_id, own_code)

    def test_changed_series_forbids_no_company(self):
        """Whatever somebody makes of the shipped series, companies can be founded: with
        it where it fits, else without one.
        """
        admin = new_test_user(
            self.env, "founder", "base.group_erp_manager,base.group_partner_manager"
        )
        Company = self.env["res.company"].with_user(admin)
        sequence = self.company.marketing_contact_sequence_id
        shipped = {"company_id": False, "implementation": "standard"}
        for number, (vals, fits) in enumerate(
            [
                ({}, True),
                ({"active": False}, True),
                ({"use_date_range": True}, True),
                ({"company_id": self.company.id}, False),
                ({"implementation": "no_gap"}, False),
                ({"code": "sale.order"}, False),
            ]
        ):
            with self.subTest(vals=vals):
                sequence.write({**shipped, "active": True, **vals})
                if sequence.use_date_range:
                    sequence.next_by_id()
                    self.assertTrue(sequence.date_range_ids)
                company = Company.create({"name": f"Founded {number}"})
                found = company.sudo().marketing_contact_sequence_id
                self.assertEqual(bool(found), fits)
                self._contact(company_id=company.id)

    def test_foreign_company_refused(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        setup = (
            self.env["marketing.setup"]
            .with_user(self.manager)
            .create({"company_id": other.id, "marketing_auto_create_contact": False})
        )
        with self.assertRaises(AccessError):
            setup.action_save()
        self.assertTrue(other.marketing_auto_create_contact)

    def test_others_refused(self):
        for user in (self.marketer, self.clerk, self.employee):
            with self.assertRaises(AccessError):
                self.env["marketing.setup"].with_user(user).create({})

    def test_saves_the_setup_only(self):
        for name in self.env["marketing.setup"]._get_setup_fields():
            self.assertTrue(name.startswith("marketing_"))
            self.assertIn(name, self.company._fields)

    def test_each_field_is_there_once(self):
        """Company and form have the same fields, and all of them are shown."""
        setup = self.env["marketing.setup"]
        names = setup._get_setup_fields()
        ours = {
            name
            for name, field in self.company._fields.items()
            if name.startswith("marketing_") and "marketing_contact" in field._modules
        }
        self.assertEqual(ours, set(names))
        arch = etree.fromstring(setup.get_view(view_type="form")["arch"])
        self.assertLessEqual(ours, set(arch.xpath("//field/@name")))
        form = self._open(self.manager)
        for name in names:
            self.assertIs(
                type(setup._fields[name]), type(self.company._fields[name]), name
            )
            self.assertEqual(form[name], self.company[name], name)

    def test_another_company_brings_its_own(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        other.marketing_journal_days = 12
        self.manager.company_ids += other
        form = self._open(self.manager)
        form.company_id = other
        self.assertEqual(form.marketing_journal_days, 12)
        form.save().action_save()
        self.assertNotEqual(self.company.marketing_journal_days, 12)

    def test_settings_lead_there(self):
        arch = self.env["res.config.settings"].get_view(view_type="form")["arch"]
        action = self.env.ref("marketing_contact.marketing_setup_action")
        self.assertIn(f'name="{action.id}"', arch)
        fields = self.env["res.config.settings"]._fields
        self.assertFalse([name for name in fields if name.startswith("marketing_")])
