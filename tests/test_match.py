from odoo.tests import tagged

from .common import MarketingContactCommon

ADDRESS = {"street": "Storgatan 12", "zip": "411 38", "city": "Göteborg"}


@tagged("post_install", "-at_install")
class TestMatch(MarketingContactCommon):
    """Who is who: what is found, with what reasons, and what is never paired."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Match = cls.env["marketing.match"]
        cls.acme = cls._contact(
            "Åkessons Måleri AB",
            email="info@akessonsmaleri.se",
            phone="+46 31 712 34 56",
            country_id=cls.sweden.id,
            **ADDRESS,
        )
        cls.partner = cls._partner(
            "AKESSONS MALERI AKTIEBOLAG",
            website="https://www.akessonsmaleri.se",
            phone="031-7123456",
            vat="SE556012579001",
            country_id=cls.sweden.id,
            street="Storg. 12",
            city="Goteborg",
        )
        cls.other = cls._partner("Nordic Bygg AB", city="Malmö", phone="040-998877")

    def test_find_cards(self):
        found = self.acme.find_cards()
        self.assertEqual(list(found), [self.acme.id])
        best = found[self.acme.id][0]
        self.assertEqual((best["model"], best["id"]), ("res.partner", self.partner.id))
        self.assertEqual(best["band"], "sure")
        self.assertGreater(best["score"], 95)
        texts = {reason["name"]: reason for reason in best["reasons"]}
        self.assertEqual(texts["phone"]["value"], self.acme.phone)
        self.assertTrue(texts["name"]["text"])

    def test_find_marketing_contacts(self):
        found = (self.partner | self.other).find_marketing_contacts()
        self.assertEqual(found[self.partner.id][0]["id"], self.acme.id)
        self.assertEqual(found[self.partner.id][0]["band"], "sure")
        self.assertFalse([p for p in found[self.other.id] if p["band"] == "sure"])

    def test_find_duplicates(self):
        twin = self._contact(
            "Akesson Måleri", email="info@akessonsmaleri.se", zip="41138"
        )
        found = self.acme.find_duplicates()
        self.assertEqual(found[self.acme.id][0]["id"], twin.id)

    def test_match_all(self):
        matches = self.Match.match_all()
        pair = matches.filtered(lambda m: m.partner_id == self.partner)
        self.assertEqual(pair.contact_id, self.acme)
        self.assertEqual(pair.band, "sure")
        self.assertTrue(pair.reasons)
        pair.action_link()
        self.assertEqual(self.acme.customer_id, self.partner)
        self.assertEqual(pair.state, "linked")
        self.assertEqual(self.partner.street, "Storg. 12")

    def _customer(self, name, **vals):
        """Return a new customer, which gets its contact by itself."""
        return self.Partner.create(
            {"name": name, "is_company": True, "customer_rank": 1, **vals}
        )

    def _copy_of_acme(self, **vals):
        return self._customer(
            "Åkessons Måleri Aktiebolag",
            **{
                "email": "info@akessonsmaleri.se",
                "phone": "031 712 34 56",
                "country_id": self.sweden.id,
                **vals,
            },
        )

    def test_new_customer_links_the_same(self):
        self.partner.unlink()
        customer = self._copy_of_acme()
        self.assertEqual(customer.marketing_contact_id, self.acme)
        self.assertEqual(self.acme.name, "Åkessons Måleri AB", "what differs stays")
        self.assertEqual(customer.zip, ADDRESS["zip"], "what was empty is filled in")

    def test_new_customer_proposes(self):
        self.partner.unlink()
        self.company.marketing_match_on_create = "propose"
        customer = self._copy_of_acme()
        contact = customer.marketing_contact_id
        self.assertTrue(contact)
        self.assertNotEqual(contact, self.acme)
        double = self.Match.search([("other_contact_id", "!=", False)])
        self.assertEqual(
            double.contact_id | double.other_contact_id, contact | self.acme
        )

    def test_new_customer_off(self):
        self.partner.unlink()
        self.company.marketing_match_on_create = "off"
        customer = self._copy_of_acme()
        self.assertNotEqual(customer.marketing_contact_id, self.acme)
        self.assertFalse(self.Match.search([]))
