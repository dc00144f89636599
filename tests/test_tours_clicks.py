import re

from odoo.tests import BaseCase, HttpCase, new_test_user, tagged
from odoo.tools import file_open

JOB = re.compile(r'job\("(.*?)", (\d+),')
TOURS = "marketing_contact/static/tests/tours/marketing_contact_clicks_tours.js"


@tagged("post_install", "-at_install")
class TestClicks(BaseCase):
    """The commonest jobs take no more clicks than on Odoo's own screens."""

    def _read_table(self):
        """Return ``{job: (clicks here, clicks in Odoo or None)}`` of the docs."""
        with file_open("marketing_contact/docs/clicks.md") as file:
            rows = [line.strip().strip("|").split("|") for line in file if "|" in line]
        cells = [[cell.strip() for cell in row] for row in rows[2:]]
        return {
            name: (int(here), int(odoo) if odoo.isdigit() else None)
            for name, here, odoo, _how in cells
        }

    def test_none_more_than_odoo(self):
        table = self._read_table()
        self.assertGreaterEqual(len(table), 20)
        for name, (here, odoo) in table.items():
            with self.subTest(name):
                self.assertTrue(odoo is None or here <= odoo)

    def test_counted_in_the_browser(self):
        """What the tours count is what the table says."""
        with file_open(TOURS) as file:
            counted = {name: int(count) for name, count in JOB.findall(file.read())}
        table = {name: here for name, (here, _odoo) in self._read_table().items()}
        self.assertEqual({name: table.get(name) for name in counted}, counted)


@tagged("post_install", "-at_install")
class TestClicksTours(HttpCase):
    """The jobs are done in the browser; each tour counts its clicks."""

    browser_size = "1440x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company._marketing_set_defaults()
        cls.login = "clicker"
        new_test_user(
            cls.env,
            cls.login,
            "marketing_contact.group_marketing_contact_user,"
            "base.group_partner_manager,sales_team.group_sale_salesman_all_leads",
            name="Clicker",
            email="clicker@own.example",
        )
        sweden = cls.env.ref("base.se")
        contacts = cls.env["marketing.contact"]
        company = contacts.create(
            {
                "name": "Click Mill AB",
                "is_company": True,
                "phone": "+46 8 555 90 01",
                "email": "info@click-mill.example",
                "country_id": sweden.id,
            }
        )
        names = ["Prospect One", "Prospect Two", "Prospect Three", "Linked", "Unwanted"]
        contacts.create(
            [
                {"name": "Ann Click", "is_company": False, "parent_id": company.id},
                *({"name": f"Click {n}", "is_company": True} for n in names),
                {"name": "Click Double", "is_company": True},
                {"name": "Click Double Ltd", "is_company": True},
                *(
                    {
                        "name": f"Click Bulk {n}",
                        "email": f"bulk{n}@click.example",
                        "is_company": True,
                    }
                    for n in range(20)
                ),
            ]
        )
        cls.env.company.country_id = sweden
        partners = cls.env["res.partner"].with_context(marketing_contact_no_create=True)
        customer = partners.create({"name": "Clack Customer", "is_company": True})
        linked = partners.create({"name": "Clack Linked", "is_company": True})
        contacts.search([("name", "=", "Click Linked")]).link_card(
            "customer", linked.id
        )
        customer.customer_rank = 0
        same = {
            "name": "Click Nordkvarn Spannmål AB",
            "is_company": True,
            "email": "info@click-nordkvarn.example",
            "phone": "+46 8 555 77 66",
            "country_id": sweden.id,
        }
        contact = contacts.create(same)
        partners.create({**same, "customer_rank": 1})
        cls.env["marketing.match"].match_all([("id", "=", contact.id)])

    def _start(self, name):
        path = "/odoo/marketing-contacts"
        self.start_tour(path, f"marketing_contact_clicks_{name}", login=self.login)

    def test_one(self):
        self._start("one")

    def test_links(self):
        self._start("links")

    def test_many(self):
        self._start("many")
