import csv
from collections import defaultdict
from pathlib import Path

from odoo.tests import tagged

from .common_match import MatchCommon

# A language, person or company, whether it is one, and how two lists have it
NAMES = Path(__file__).parent / "data" / "names.tsv"


@tagged("post_install", "-at_install")
class TestMatchLanguages(MatchCommon):
    """Names of people and companies as lists of many countries have them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with NAMES.open(encoding="utf-8") as file:
            cls.lines = list(csv.DictReader(file, delimiter="\t", quoting=3))

    def _find(self, same, phone=False, zip_code=False):
        """Return ``{language: [(names, band)]}`` of the pairs that are one or not."""
        lines = [line for line in self.lines if (line["same"] == "1") == same]
        sides = []
        # that get no contact of their own accord
        partners = self.Partner.with_context(marketing_contact_no_create=True)
        for column, model in (("name", self.Contact), ("other_name", partners)):
            rows = [
                {
                    "name": line[column],
                    "is_company": line["kind"] == "company",
                    "phone": f"+46 31 7{number:03} {number:02}" if phone else False,
                    "zip": f"4{number:03}1" if zip_code else False,
                }
                for number, line in enumerate(lines, 100)
            ]
            sides.append(model.create(rows))
        bands = self._bands(sides[0])
        found = defaultdict(list)
        for line, contact, partner in zip(lines, *sides, strict=True):
            names = (line["name"], line["other_name"])
            band = bands.get((contact.id, partner.id))
            found[line["language"]].append((names, band))
        return found

    def _count(self, found, least):
        """Check how many of 21 are asked or sure in each language."""
        for language, pairs in found.items():
            missing = [names for names, band in pairs if band not in ("ask", "sure")]
            with self.subTest(language=language, missing=missing):
                share = (len(pairs) - len(missing)) / len(pairs)
                self.assertGreaterEqual(21 * share, least)

    def test_by_name_alone(self):
        self._count(self._find(True), 17)

    def test_with_a_phone(self):
        self._count(self._find(True, phone=True), 19.9)

    def test_others_at_one_phone(self):
        for language, pairs in self._find(False, True, True).items():
            for names, band in pairs:
                with self.subTest(language=language, names=names):
                    self.assertNotEqual(band, "sure")

    def test_what_is_read_in_signs(self):
        """Whoever shares the family's name alone is asked, not linked."""
        phone = {"phone": "+81 3 5550 9876"}
        names = (("田中太郎", "Taro Tanaka"), ("王小红", "Wang Xiaohong"))
        for name, other in names:
            contact, partner = self._pair(name, other, phone, False)
            self.assertEqual(self._bands(contact)[contact.id, partner.id], "ask")
            contact, partner = self._pair(name, "Peter Miller", phone, False)
            self.assertNotIn((contact.id, partner.id), self._likely(contact, 95))
