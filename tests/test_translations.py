import re

import polib

from odoo.tools import file_path

from .common import MarketingContactCommon

LANGUAGES = ("sv", "de", "fr")
# %s, %(name)s and the like; the names of tags, and what they do and look like
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z%]", re.IGNORECASE)
TAG = re.compile(r"</?[a-z]\w*")
ATTRIBUTE = re.compile(r'\b((?:class|invisible|href|name)="[^"]*")')
# words that have another one here: one word for one thing
FOREIGN_WORDS = {
    "sv": r"kundorder|ramorder|ramavtal|marknadskontakt|länka\w* med|\bkortet\b",
    "de": r"\bdu\b|\bdein\w*|debitor\b|kreditor\b|\bkarten?\b",
    "fr": r"\btu\b|\btes\b|bon de commande",
}


class TestTranslations(MarketingContactCommon):
    """Swedish, German and French have every text."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls._read("marketing_contact.pot")
        cls.files = {language: cls._read(f"{language}.po") for language in LANGUAGES}

    @staticmethod
    def _read(name):
        return polib.pofile(file_path(f"marketing_contact/i18n/{name}"))

    def _check_entries(self, find):
        """Fail with the texts where `find(entry, language)` returns something."""
        for language, entries in self.files.items():
            with self.subTest(language=language):
                found = {
                    entry.msgid: problem
                    for entry in entries
                    if (problem := find(entry, language))
                }
                self.assertFalse(found, f"{language}: {found}")

    def test_every_text_is_translated(self):
        texts = {entry.msgid for entry in self.template}
        self.assertIn("Link with Existing", texts)
        for language, entries in self.files.items():
            with self.subTest(language=language):
                self.assertEqual(entries.metadata["Language"], language)
                self.assertFalse(entries.obsolete_entries())
                translated = {entry.msgid for entry in entries if entry.msgstr.strip()}
                self.assertEqual(len(entries), len(texts))
                self.assertFalse(texts - translated)

    def test_none_is_a_guess(self):
        self._check_entries(lambda entry, language: entry.fuzzy)

    def test_the_same_placeholders(self):
        def find(entry, language):
            # "Progress (%)" has none
            asked = sorted(PLACEHOLDER.findall(entry.msgid))
            given = sorted(PLACEHOLDER.findall(entry.msgstr))
            return asked != given and (asked, given)

        self._check_entries(find)

    def test_the_same_tags(self):
        def find(entry, language):
            return any(
                pattern.findall(entry.msgid) != pattern.findall(entry.msgstr)
                for pattern in (TAG, ATTRIBUTE)
            )

        self._check_entries(find)

    def test_one_word_for_one_thing(self):
        def find(entry, language):
            return re.findall(FOREIGN_WORDS[language], entry.msgstr, re.IGNORECASE)

        self._check_entries(find)

    def test_shipped_series_speaks_the_language_of_the_user(self):
        for code in ("sv_SE", "de_DE", "fr_FR"):
            self.env["res.lang"]._activate_lang(code)
        series = self.env.ref("marketing_contact.sequence_marketing_contact")
        other = series.copy({"name": "Marketing Contacts"})

        def name(record, language):
            return record.with_context(lang=language).display_name

        self.assertEqual(name(series, "en_US"), "Marketing Contacts")
        self.assertEqual(name(series, "sv_SE"), "Marknadsföringskontakter")
        self.assertEqual(name(series, "de_DE"), "Marketingkontakte")
        self.assertEqual(name(series, "fr_FR"), "Contacts marketing")
        self.assertEqual(name(other, "sv_SE"), "Marketing Contacts")
        series.name = "Prospects"
        self.assertEqual(name(series, "sv_SE"), "Prospects")
