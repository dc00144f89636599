import time

from odoo.tests import tagged

from ..models.match import names, normalise, scripts
from .common import MarketingContactCommon

SIGNS = 100_000
# seconds; a pattern that backtracks takes minutes for the longest
PATIENCE = 5
SHAPES = ("a", "a.", "a@", "@", "@a.", " ", "1", "1.", "a ", "(0)", "a://", "a/b ", "ß")
TEXTS = {
    "name", "street", "zip", "city", "phone", "email", "website", "vat",
    "company_registry",
}  # fmt: skip
WORDS = normalise.Words(
    frozenset({"ab"}),
    frozenset({"mail.example"}),
    {"str": "strasse"},
    frozenset({"gatan", "strasse"}),
)


@tagged("post_install", "-at_install")
class TestNormalise(MarketingContactCommon):
    """What people typed is taken apart, however long and whatever it is made of."""

    def assertSoon(self, start, what):
        self.assertLess(time.process_time() - start, PATIENCE, what)

    def test_emails(self):
        for text, address in {
            "Ann <Ann@X.example>": "ann@x.example",
            "a@b.c; d@e.f": "a@b.c",
            "a@b@c.d": "b@c.d",
            "a@b c@d.e": "c@d.e",
            "@x.example a@.b. a@b.": "",
            "a@b..": "a@b",
            "nobody": "",
            "": "",
        }.items():
            self.assertEqual(normalise.get_email(text), address, text)

    def test_values_are_cut(self):
        for shape in SHAPES:
            long = shape * (SIGNS // len(shape))
            rows = [
                normalise.get_row(
                    normalise.Record(1, "", **dict.fromkeys(TEXTS, text)), WORDS
                )
                for text in (long, long[: normalise.LONGEST])
            ]
            self.assertEqual(*rows, shape)

    def test_a_record_has_one_row_in_each_process(self):
        """Of two domains the same one is the brand, in whatever order they are met."""
        for letter in "abcdefghij":
            row = normalise.get_row(
                normalise.Record(
                    *(1, ""),
                    website=f"https://z{letter}quux.example",
                    email=f"info@{letter}zquux.example",
                    is_company=True,
                ),
                WORDS,
            )
            self.assertEqual(row["brand"], f"{letter}zquux")

    def test_no_pattern_backtracks(self):
        functions = [
            scripts.split_words,
            lambda text: names.get_person_name(text, WORDS),
            lambda text: names.get_town(text, WORDS),
            names.get_zip,
            normalise.get_host,
            normalise.get_email,
            normalise.get_phones,
            normalise.get_vat,
            normalise.get_registry,
            lambda text: normalise.get_company_words(text, WORDS),
            lambda text: names.get_road(text, WORDS),
        ]
        for shape in SHAPES:
            start = time.process_time()
            for function in functions:
                function(shape * (SIGNS // len(shape)) + "é")
            self.assertSoon(start, shape)

    def test_nobody_waits_for_what_is_on_a_contact(self):
        for shape in ("a", "a.", "a b"):
            self._contact(
                "Long", email=shape * SIGNS, street=shape * SIGNS, city=shape * SIGNS
            )
        start = time.process_time()
        customer = self.Partner.create({"name": "Long", "customer_rank": 1})
        self.assertTrue(customer.sudo().marketing_contact_id)
        self.assertSoon(start, "a new customer")

    def test_reasons_of_the_inbox(self):
        run = self.env["marketing.run"].create({"origin": "match"})
        start = time.process_time()
        error = ValueError("“" * SIGNS)
        self.env["marketing.exception"]._note(run, [(self._contact(), error)])
        self.assertSoon(start, "a reason")
