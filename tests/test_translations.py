import polib

from odoo.tools import file_path

from .common import MarketingContactCommon


class TestTranslations(MarketingContactCommon):
    """Swedish is complete."""

    def _read(self, name):
        path = file_path(f"marketing_contact/i18n/{name}")
        return {entry.msgid: entry.msgstr for entry in polib.pofile(path)}

    def test_every_text_has_a_swedish_one(self):
        texts = self._read("marketing_contact.pot")
        swedish = self._read("sv.po")
        self.assertIn("Link with Existing", texts)
        for text in texts:
            self.assertTrue(swedish.get(text), f"No Swedish for: {text}")
