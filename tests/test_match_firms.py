from odoo.tests import tagged

from .common_match import MatchCommon

# By kind: one company in two ways, as lists without anything but names have it
ONE = {
    "first letters": (
        ("Imperial Chemical Industries PLC", "ICI"),
        ("Hewlett Packard Enterprise Co", "HPE"),
        ("Union Bank of Switzerland", "UBS"),
        ("Tordelström & Svensson AB", "T&S AB"),
    ),
    "with the legal form": (
        ("Bharat Heavy Electricals Limited", "BHEL"),
        ("Société Nationale des Chemins de Fer", "SNCF"),
    ),
    "within the name": (
        ("Blue Cross Blue Shield of Michigan", "BCBS of Michigan"),
        ("Fiat Chrysler Automobiles NV", "FCA Fiat Chrysler"),
    ),
    "more than one": (
        ("Micron Technology Inc", "Micron Technologies"),
        ("Walgreen Pharmacy", "Walgreens Pharmacies"),
    ),
    "letters doubled": (
        ("Balfour Beatty Construction", "Balfour Beaty Constr."),
        ("Phillip Morris Tobacco", "Philip Morris Tobaco"),
    ),
    "shortened": (
        ("New York Life Insurance Co.", "New York Life Ins Co"),
        ("Bouwbedrijf Jansen", "Jansen Bouw"),
        ("Union Pacific Railroad Company", "Union Pacific RR Co"),
        ("Gebroeders de Vries BV", "Gebr. de Vries"),
    ),
    "numbers": (
        ("A-1 Auto Parts", "A1 Auto Parts Inc."),
        ("First Farmers of Omaha", "1st Farmers of Omaha"),
    ),
    "apostrophes": (
        ("Nat'l Institute of Standards", "National Institute of Standards"),
        ("Int'l Harvester Dealers", "International Harvester Dealers"),
    ),
    "a slip among words": (
        ("Deloaren Bygg AB", "Delvaren Bygg"),
        ("Verprixa International", "Veprixa International"),
    ),
    "additions": (
        ("Dyson Technology Limited", "Dyson Ltd"),
        ("Cisco Systems Inc", "Cisco"),
        ("Vodafone Group Services Ltd", "Vodafone Limited"),
    ),
}
# what they have in common is a trade: nobody is asked
TWO = (
    ("Universität Hamburg", "Universität Freiburg"),
    ("Apotheke am Markt", "Apotheke am Dom"),
    ("Malerbetrieb Klein", "Malerbetrieb Groß"),
    ("Metropolitan Museum", "Natural History Museum"),
)


@tagged("post_install", "-at_install")
class TestMatchFirms(MatchCommon):
    """Names of companies, and nothing else."""

    def test_one_company(self):
        found = {
            kind: [self._pair(*names) for names in pairs] for kind, pairs in ONE.items()
        }
        contacts = self.Contact.browse(
            [contact.id for pairs in found.values() for contact, _partner in pairs]
        )
        bands = self._bands(contacts)
        for kind, pairs in found.items():
            for contact, partner in pairs:
                with self.subTest(kind=kind, name=contact.name):
                    self.assertEqual(bands.get((contact.id, partner.id)), "ask")

    def test_additions_and_first_letters_are_likely(self):
        kinds = ("first letters", "additions")
        pairs = [self._pair(*names) for kind in kinds for names in ONE[kind]]
        contacts = self.Contact.browse([contact.id for contact, _partner in pairs])
        likely = self._likely(contacts, 50)
        for contact, partner in pairs:
            with self.subTest(name=contact.name):
                self.assertIn((contact.id, partner.id), likely)

    def test_a_trade_in_common_is_no_question(self):
        pairs = [self._pair(*names) for names in TWO]
        contacts = self.Contact.browse([contact.id for contact, _partner in pairs])
        bands = self._bands(contacts)
        for contact, partner in pairs:
            with self.subTest(name=contact.name):
                self.assertNotIn(bands.get((contact.id, partner.id)), ("ask", "sure"))

    def test_a_mailbox_of_a_town_is_a_branch(self):
        """Two branches with one tax ID, of one of which nothing is said of where."""
        both = {"vat": "DE136695976", "website": "https://ferlummeier.example"}
        contact, partner = self._pair(
            "Ferlummeier & Größer",
            "Ferlummeier & Größer AG",
            both,
            email="office@ferlummeier.example",
        )
        contact.write({"email": "stuttgart@ferlummeier.example", "city": "Stuttgart"})
        self.assertEqual(self._bands(contact)[contact.id, partner.id], "ask")
        partner.city = "Stuttgart"
        self.assertEqual(self._bands(contact)[contact.id, partner.id], "sure")

    def test_a_mailbox_of_the_family(self):
        """A mailbox in another one's first name is that of both."""
        both = {"street": "ul. Łąkowa 52A", "zip": "30-041", "city": "Kraków"}
        for family, mailbox, band in (
            ("Cortaski", "pawel_cortaski", "ask"),
            ("Dunajski", "m.dunajski", "sure"),
        ):
            both["email"] = f"{mailbox}@hotmail.example"
            names = [f"Marek {family}"] * 2
            contact, partner = self._pair(*names, both, is_company=False)
            self.assertEqual(self._bands(contact)[contact.id, partner.id], band)

    def test_companies_of_one_house(self):
        """What tells them apart is more than what a name may lack, as long as no number
        of their own is the same.
        """
        number = {"vat": "BE0477472701"}
        for name, words, others in (
            ("virmolden", "", "Holding"),
            ("kastrelle", "Immobilien", "Bakkerij"),
            ("ombrafine", "Group", "Invest"),
        ):
            names = [f"{name.title()} {word}".strip() for word in (words, others)]
            house = {
                "phone": f"+32 3 123 {len(others)}7 01",
                "street": f"{name}laan {len(words) + 3}",
                "city": "Antwerpen",
                "email": f"info@{name}.example",
            }
            with self.subTest(names=names):
                contact, partner = self._pair(*names, house)
                self.assertEqual(self._bands(contact)[contact.id, partner.id], "ask")
                for record in (contact, partner):
                    record.write(number)
                self.assertEqual(self._bands(contact)[contact.id, partner.id], "sure")
                for record in (contact, partner):
                    record.vat = False

    def test_branches_among_contacts(self):
        """Name, number and domain are those of all branches: two contacts that have
        nothing else in common are asked.
        """
        both = {
            "name": "Trosavik Plåt AB",
            "is_company": True,
            "company_registry": "556012-5790",
            "website": "https://trosavikplat.example",
        }
        left = self._contact(**both, city="Falun", email="karin@trosavikplat.example")
        right = self._contact(**both, email="order@trosavikplat.example")
        for phone, band in ((False, "ask"), ("+46 23 123 77", "sure")):
            (left + right).phone = phone
            found = left.find_duplicates()[left.id]
            self.assertEqual([(p["id"], p["band"]) for p in found], [(right.id, band)])

    def test_a_town_in_the_name(self):
        """Of one branch, unless the other is known to be there."""
        both = {"vat": "DE136695976", "website": "https://ferlummeier.example"}
        names = ("Ferlummeier Bau Leipzig GmbH", "Ferlummeier Bau GmbH")
        contact, partner = self._pair(*names, both)
        contact.city = "Leipzig"
        self.assertEqual(self._bands(contact)[contact.id, partner.id], "ask")
        partner.city = "Leipzig"
        self.assertEqual(self._bands(contact)[contact.id, partner.id], "sure")

    def test_what_is_their_own(self):
        """A domain or phone that nobody else has tells more than a street."""
        door = {"street": "Storgatan 12", "zip": "581 33", "city": "Linköping"}
        names = ("Kalvesta Rör AB", "Ombrano")
        web = {"website": "https://kalvesta.example", "country_id": self.sweden.id}
        contact, partner = self._pair(*names, door | web)
        self.assertEqual(self._bands(contact)[contact.id, partner.id], "sure")
        names = ("Belmora Snickeri", "Belmora Snickeri AB")
        phone = door | {"phone": "+46 13 123 99 88"}
        contact, partner = self._pair(*names, phone)
        partner.street = "Storgatan 14"
        self.assertEqual(self._bands(contact)[contact.id, partner.id], "sure")
