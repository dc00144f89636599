from odoo.tests import HttpCase, new_test_user, tagged

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestFirstStart(MarketingContactCommon):
    """What an empty list of contacts offers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._marketing_set_defaults()
        cls.Contact.with_context(active_test=False).search([]).unlink()
        cls._partner("First Customer", customer_rank=1)

    def _get_help(self, user, is_company=True):
        """Return what the empty list asks for."""
        contacts = self.Contact.with_user(user)
        return str(
            contacts.with_context(default_is_company=is_company).get_first_steps()
        )

    def _get_wizard_count(self, user, kind):
        wizard = self.env["marketing.contact.generate"].with_user(user)
        return wizard.with_context(default_kind=kind).create({}).count_all

    def test_offers_what_there_is(self):
        text = self._get_help(self.marketer)
        count = self._get_wizard_count(self.marketer, "customer")
        self.assertGreater(count, 0)
        self.assertIn(f"Create from Customers ({count})", text)
        self.assertIn(">Import<", text)
        self.assertIn(">New<", text)

    def test_offers_nothing_more_once_there_is_a_contact(self):
        self._contact("First")
        self.assertEqual(self._get_help(self.marketer), "")

    def test_people_come_from_no_customer(self):
        text = self._get_help(self.marketer, is_company=False)
        self.assertNotIn("Create from", text)
        self.assertIn(">New<", text)

    def test_no_number_of_what_one_may_not_read(self):
        self.env["ir.rule"].create(
            {
                "name": "No customers",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('customer_rank', '=', 0)]",
                "groups": self.env.ref(
                    "marketing_contact.group_marketing_contact_user"
                ).ids,
            }
        )
        self.assertNotIn("Create from Customers", self._get_help(self.marketer))

    def test_who_may_create_nothing_is_offered_nothing(self):
        access = self.env["ir.model.access"].search(
            [("model_id.model", "=", "marketing.contact"), ("perm_create", "=", True)]
        )
        access.perm_create = False
        self.assertEqual(self._get_help(self.marketer), "")


@tagged("post_install", "-at_install")
class TestFirstStartTour(HttpCase):
    """The first steps in the browser."""

    def test_create_from_customers(self):
        self.env.company._marketing_set_defaults()
        contacts = self.env["marketing.contact"].with_context(active_test=False)
        contacts.search([]).unlink()
        partners = self.env["res.partner"].with_context(
            marketing_contact_no_create=True
        )
        customer = partners.create({"name": "Tour First", "customer_rank": 1})
        new_test_user(
            self.env,
            "tour_first",
            "marketing_contact.group_marketing_contact_user",
            name="Tour Marketer",
        )
        self.start_tour(
            "/odoo/marketing-contacts", "marketing_contact_first", login="tour_first"
        )
        self.assertTrue(customer.marketing_relation_ids)
