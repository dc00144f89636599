from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestTypeSwitch(MarketingContactCommon):
    """What is asked before a company becomes a person, or a person a company."""

    def _ask(self, contact, is_company, user=None):
        return contact.with_user(user or self.marketer).get_type_question(is_company)

    def test_names_who_becomes_the_same(self):
        contact, _customer, _vendor, _bank = self._linked("Switch")
        answer = self._ask(contact, False)
        self.assertFalse(answer["refusal"])
        self.assertIn("“Switch” becomes a person when you save.", answer["question"])
        self.assertIn("Customer Switch", answer["question"])
        self.assertIn("Vendor Switch", answer["question"])
        self.assertTrue(contact.is_company)

    def test_asks_nothing_where_nobody_else_is_concerned(self):
        nothing = {"question": False, "refusal": False}
        self.assertEqual(self._ask(self._contact("Alone"), False), nothing)
        contact = self._linked("Same")[0]
        self.assertEqual(self._ask(contact, True), nothing)

    def test_refused_with_people(self):
        contact = self._linked("Crowded")[0]
        self._contact("One", is_company=False, parent_id=contact.id)
        answer = self._ask(contact, False)
        self.assertIn("must stay a company", answer["refusal"])

    def test_a_person_leaves_its_company(self):
        company = self._contact("Employer")
        customer = company.create_card("customer")
        child = self._partner("Ann", parent_id=customer.id, is_company=False)
        person = self._contact("Ann", is_company=False, parent_id=company.id)
        company.link_people()
        self.assertEqual(person.relation_ids.partner_id, child)
        answer = self._ask(person, True)
        self.assertIn("It leaves the company Employer.", answer["question"])
        self.assertIn("no longer linked with", answer["question"])
        self.assertEqual(person.parent_id, company)

    def test_who_may_not_read_learns_nothing(self):
        contact = self._linked("Hidden")[0]
        with self.assertRaises(AccessError):
            self._ask(contact, False, self.clerk)


@tagged("post_install", "-at_install")
class TestTypeSwitchTour(HttpCase):
    """The question in the browser."""

    def test_asked_before_saving(self):
        self.env.company._marketing_set_defaults()
        contact = self.env["marketing.contact"].create(
            {"name": "Tour Switch", "is_company": True}
        )
        customer = contact.create_card("customer")
        new_test_user(
            self.env,
            "tour_switch",
            "marketing_contact.group_marketing_contact_user,base.group_partner_manager",
            name="Tour Marketer",
        )
        self.start_tour(
            f"/odoo/marketing-contacts/{contact.id}",
            "marketing_contact_type_switch",
            login="tour_switch",
        )
        self.assertFalse(contact.is_company or customer.is_company)
