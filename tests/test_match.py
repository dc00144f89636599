from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools.translate import LazyTranslate

from ..models.match import matcher
from ..models.match.sides import Identifier
from .common import MarketingContactCommon

_lt = LazyTranslate(__name__)

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

    def test_link_wizard(self):
        wizard = self.env["marketing.contact.link"].create(
            {"contact_id": self.acme.id, "kind": "customer"}
        )
        self.assertFalse(wizard.partner_id, "nothing is chosen beforehand")
        self.assertEqual(wizard.proposals[0]["id"], self.partner.id)
        wizard.partner_id = self.partner
        self.assertFalse(wizard.is_unlike)
        wizard.partner_id = self.other
        self.assertTrue(wizard.is_unlike)

    def test_import_of_contacts(self):
        self.acme.unlink()
        result = self.Contact.load(
            ["name", "email", "phone"],
            [
                ["Åkessons Måleri AB", "info@akessonsmaleri.se", "031-7123456"],
                ["Akessons Maleri", "info@akessonsmaleri.se", ""],
                ["Quite Another", "", ""],
            ],
        )
        self.assertEqual(len(result["ids"]), 3)
        matches = self.Match.search([("contact_id", "in", result["ids"])])
        self.assertIn(self.partner, matches.partner_id)
        self.assertTrue(matches.other_contact_id)

    def test_import_of_partners(self):
        result = self.Partner.load(
            ["name", "is_company", "email", "phone"],
            [["Åkessons Måleri", "1", "info@akessonsmaleri.se", "0317123456"]],
        )
        match = self.Match.search([("partner_id", "in", result["ids"])])
        self.assertEqual(match.contact_id, self.acme)

    def test_identifiers_of_add_ons(self):
        """A number of an add-on finds, compares and explains."""
        Match = type(self.Match)
        fields = {"contact": "function", "partner": "function"}
        identifier = Identifier(_lt("GLN"), fields)
        names = patch.object(
            Match, "_get_identifiers", lambda self: {"gln": identifier}
        )
        one = self._contact("Aaaaa", function="73 500 1234")
        other = self._partner("Bbbbb", function="735001234")
        self.assertFalse(one.find_cards()[one.id])
        with names:
            found = one.find_cards()[one.id]
            self.assertEqual([p["id"] for p in found], other.ids)
            reasons = {r["label"]: r["tone"] for r in found[0]["reasons"]}
            self.assertEqual(reasons["GLN"], "same")
            self.assertTrue(self.Match.match_all([("id", "=", one.id)]))

    def test_without_trigrams(self):
        with patch.object(matcher, "has_trigrams", lambda env: False):
            found = self.acme.find_cards()[self.acme.id]
            self.assertEqual(found[0]["id"], self.partner.id)
            self.assertIn(
                self.partner,
                self.Match.match_all([("id", "=", self.acme.id)]).partner_id,
            )
