from odoo.tests import tagged

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestNames(MarketingContactCommon):
    """Telling two of one name apart where one of them is chosen."""

    def _get_choices(self, records, text):
        """Return what a drop-down offers, as the web client asks for it."""
        found = records.web_name_search(text, {"display_name": {}})
        return {
            line["id"]: line.get("__formatted_display_name") or line["display_name"]
            for line in found
        }

    def test_two_contacts_of_one_name(self):
        lund = self._contact("Twin Mills", city="Lund")
        paris = self._contact("Twin Mills", city="Paris")
        bare = self._contact("Twin Mills")
        choices = self._get_choices(self.Contact.with_user(self.marketer), "Twin Mills")
        self.assertEqual(
            choices,
            {
                lund.id: f"{lund.number} Twin Mills \t --Lund--",
                paris.id: f"{paris.number} Twin Mills \t --Paris--",
                bare.id: f"{bare.number} Twin Mills",
            },
        )
        self.assertEqual(lund.display_name, f"{lund.number} Twin Mills")

    def test_two_people_of_one_name(self):
        company = self._contact("Home of Twins")
        person = self._contact(
            "Ann Twin", is_company=False, parent_id=company.id, city="Lund"
        )
        choices = self._get_choices(self.Contact.with_user(self.marketer), "Ann Twin")
        name = f"{person.number} Ann Twin \t --Home of Twins, Lund--"
        self.assertEqual(choices, {person.id: name})

    def test_names_of_many_cost_the_same(self):
        company = self._contact("Home of Many")

        def count(number):
            people = self.Contact.create(
                [
                    {"name": f"P{i}", "parent_id": company.id, "city": "Lund"}
                    for i in range(number)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            people.with_context(formatted_display_name=True).mapped("display_name")
            return self.env.cr.sql_log_count - start

        count(2)
        self.assertEqual(count(3), count(30))

    def test_two_customers_of_one_name(self):
        lund = self._partner("Twin Customer", city="Lund", vat="SE556036079301")
        paris = self._partner("Twin Customer", city="Paris")
        Partner = self.Partner.with_user(self.clerk)
        choices = self._get_choices(
            Partner.with_context(marketing_choice=True, show_vat=True), "Twin Customer"
        )
        self.assertEqual(
            choices,
            {
                lund.id: f"Twin Customer \t --Lund, {lund.vat}--",
                paris.id: "Twin Customer \t --Paris--",
            },
        )
        # Odoo's own screens stay as they are
        choices = self._get_choices(Partner, "Twin Customer")
        self.assertEqual(set(choices.values()), {"Twin Customer"})
