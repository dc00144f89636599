from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestToursImport(HttpCase):
    """Lists come in by the importer's own screen, with nothing to set."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company._marketing_set_defaults()
        # databases that are older than the headings
        cls.env["marketing.import.heading"]._load_shipped()
        cls.user = new_test_user(
            cls.env,
            "tour_importer",
            "marketing_contact.group_marketing_contact_user",
            name="Tour Importer",
        )

    def _start(self, tour):
        # Odoo's own upload sends more than its controller takes, which is logged
        with mute_logger("odoo.http"):
            self.start_tour("/odoo/marketing-contacts", tour, login=self.user.login)

    def _find(self, name):
        return self.env["marketing.contact"].search([("name", "=", name)])

    def test_outlook(self):
        self._start("marketing_contact_import_outlook")
        tora, timo = self._find("Tora Tour"), self._find("Timo Tour")
        company = self._find("Tour Tak AB")
        self.assertTrue(company.is_company)
        self.assertFalse(tora.is_company or timo.is_company)
        self.assertEqual((tora | timo).parent_id, company)
        self.assertEqual(tora.phone, "+46 46 555 61")
        self.assertEqual(timo.phone, "+46 70 555 62 62")
        self.assertEqual(tora.email, "tora@tour-tak.example")

    def test_hubspot(self):
        self.env["res.partner"].with_context(marketing_contact_no_create=True).create(
            {
                "name": "Tour Rope Limited",
                "is_company": True,
                "customer_rank": 1,
                "website": "http://tour-rope.example",
                "phone": "0117 555 0163",
                "country_id": self.env.ref("base.uk").id,
            }
        )
        self._start("marketing_contact_import_hubspot")
        rope = self._find("Tour Rope Ltd")
        self.assertTrue(rope.is_company)
        self.assertEqual(rope.phone, "0117 555 0163")
        self.assertEqual(rope.website, "http://tour-rope.example")
        self.assertIn("MACHINERY", rope.comment)
