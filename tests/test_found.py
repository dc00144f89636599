from lxml import etree

from odoo import fields
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..models.contact import marketing_contact_finding
from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestFound(MarketingContactCommon):
    """What somebody types into the search box of the contacts, and presses Enter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orchard = cls._contact(
            "Quince Orchard AB",
            city="Stockholm",
            country_id=cls.sweden.id,
            phone="+46 8 123 45 67",
            email="Info@quince-orchard.example",
            vat="SE556036079301",
            company_registry="556036-0793",
        )
        cls.anna = cls._contact(
            "Anna Berg", is_company=False, parent_id=cls.orchard.id, phone="070-555 01"
        )
        cls.other = cls._contact("Quince Mill", city="Lund", phone="0046(0)8-777 88")

    def _find(self, text, user=None):
        """Return the contacts that the list shows after Enter."""
        Contact = self.Contact.with_user(user or self.marketer)
        arch = etree.fromstring(Contact.get_view(view_type="search")["arch"])
        box = arch.find(".//field")
        domain = safe_eval(box.get("filter_domain"), {"self": text})
        found = Contact.web_search_read(domain, {"name": {}}, limit=80)
        return self.Contact.browse(record["id"] for record in found["records"])

    def assertFound(self, texts, contacts):
        for text in texts:
            self.assertEqual(self._find(text), contacts, text)

    def test_number_name_email_and_ids(self):
        texts = (
            self.orchard.number,
            "info@quince-orch",
            f"{self.orchard.number} Quince Orchard AB",
            "Info <info@quince-orchard.example>",
            "SE556036079301",
            "556036-0793",
            "036-07",
            "quince orchard",
        )
        for text in texts:
            self.assertIn(self.orchard, self._find(text), text)
            self.assertNotIn(self.other, self._find(text), text)

    def test_nobody_learns_what_a_hidden_company_is_called(self):
        self.env["ir.rule"].create(
            {
                "name": "All but one",
                "model_id": self.env["ir.model"]._get_id("marketing.contact"),
                "domain_force": [("id", "!=", self.orchard.id)],
            }
        )
        self.assertIn(self.anna, self._find("anna"))
        self.assertFalse(self._find("orchard") & (self.anna | self.orchard))
        self.assertFalse(self._find("anna orchard"))
        found = self.Contact.with_user(self.marketer).name_search("anna orchard")
        self.assertFalse(found)

    def test_phone_in_any_spelling(self):
        texts = (
            "+46 8 123",
            "+46 (0)8 123 45",
            "+4681234567",
            "0046 8 123",
            "00468123",
            "08-123",
            "08 123 45 67",
            "(08) 123 45",
            "081234567",
            "123 45",
            "45 67",
            "46 8 123",
        )
        self.assertFound(texts, self.orchard)
        self.assertFound(("070 555", "+46 70 555 01", "004670555", "55501"), self.anna)
        texts = ("08 777 88", "+46 8 777", "+46(0)8777", "0046877788")
        self.assertFound(texts, self.other)

    def test_phone_of_another_country(self):
        self.assertFalse(self._find("+47 8 123 45"))
        self.assertFalse(self._find("09 123 45"))

    def test_town_and_words_in_any_order(self):
        texts = ("stockholm", "stockholm orchard", "Orchard, Stockholm", "ab orch sto")
        for text in texts:
            self.assertEqual(self._find(text) & self.orchard, self.orchard, text)
            self.assertFalse(self._find(text) & self.other, text)
        self.assertFound(("lund", "mill lund quince", "Lund 777"), self.other)
        self.assertFalse(self._find("lund orchard"))

    def test_a_person_by_the_company(self):
        self.assertEqual(self._find("quince orchard") & self.anna, self.anna)
        self.assertFound(("orchard anna", "Berg AB orchard", "Anna quince"), self.anna)

    def test_merged_ones_are_found_under_who_stays(self):
        self._contact("Medlar Hall", city="Umeå").merge_into(self.other.id)
        self.assertFound(("medlar", "hall umeå"), self.other)

    def test_by_what_it_is_linked_with(self):
        """In the editor of filters: *Business Relations contains …*."""
        secret = self.env["res.company"].create({"name": "Secret Company"})
        owner = self._partner("Cidery Holding", company_id=secret.id)
        self.other.link_card("customer", self._partner("Mill").id)
        self.orchard.with_context(
            allowed_company_ids=[self.company.id, secret.id]
        ).link_card("customer", owner.id, master="card")
        contacts = self.Contact.with_user(self.marketer)
        contacts = contacts.with_context(allowed_company_ids=self.company.ids)
        ours = [("id", "in", (self.orchard | self.other).ids)]
        for operator, value, found in (
            ("ilike", "quince mill", self.other),
            ("ilike", "cidery holding", contacts),
            ("not ilike", "quince mill", self.orchard),
            ("ilike", "cust", self.other),
        ):
            self.assertEqual(
                contacts.search([*ours, ("relation_ids", operator, value)]),
                found.with_env(contacts.env),
                (operator, value),
            )
        relation = self.other.relation_ids.with_env(contacts.env)
        names = relation.name_search("quince mill")
        self.assertEqual(names, [(relation.id, relation.display_name)])

    def test_where_a_contact_is_chosen(self):
        for text in ("stockholm AB quince info", "08 123 45", "+46 8 123 45"):
            found = self.Contact.with_user(self.marketer).name_search(text)
            self.assertEqual([id_ for id_, _name in found], self.orchard.ids, text)

    def test_many_are_found_as_few_are(self):
        texts = ("quince", "08 123", "quince ab", "+46 8", "Quince 8-777", "medlar")
        self._contact("Medlar Hall").merge_into(self.other.id)
        few = {text: self._find(text) for text in texts}
        self.patch(marketing_contact_finding, "FEW_MATCHES", 0)
        for text, found in few.items():
            self.assertTrue(found, text)
            self.assertEqual(self._find(text), found, text)

    def test_signs_that_mean_something_elsewhere(self):
        for text in "% _ + ( () [ ' \" \\ , 0 00 +4 +46".split():
            self._find(text)

    def test_not_spoken_to_counts_who_never_was(self):
        spoken = self._contact("Spoken To")
        self.env["marketing.interaction"].create(
            {"contact_id": spoken.id, "name": "Call", "date": fields.Datetime.now()}
        )
        Contact = self.Contact.with_user(self.marketer)
        arch = etree.fromstring(Contact.get_view(view_type="search")["arch"])
        domain = arch.find(".//filter[@name='not_spoken_to']").get("domain")
        found = Contact.search(safe_eval(domain))
        self.assertLessEqual(self.orchard, found)
        self.assertNotIn(spoken, found)

    def test_the_menu_of_filters_is_read_at_a_glance(self):
        Contact = self.Contact.with_user(self.marketer)
        arch = etree.fromstring(Contact.get_view(view_type="search")["arch"])
        shown = arch.xpath(".//filter[not(@invisible)]")
        self.assertLessEqual(len(shown), 16, [node.get("string") for node in shown])
