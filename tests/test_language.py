from odoo.tests import Form, tagged

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestLanguage(MarketingContactCommon):
    """A language that was switched off, which Odoo takes nowhere, is none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.french = cls.env["res.lang"]._activate_lang("fr_FR")
        cls.contact = cls._contact("Moulin", lang="fr_FR", city="Lyon")
        cls.french.active = False

    def test_new_cards(self):
        for kind in ("customer", "vendor"):
            card = self.contact.with_user(self.manager).sudo().create_card(kind)
            self.assertEqual(card.city, "Lyon")
            self.assertFalse(self.contact.relation_ids.check_differences())

    def test_link_and_save(self):
        partner = self._partner("Moulin", lang="en_US")
        relation = self.contact.link_card("customer", partner.id)
        self.assertEqual(self.contact.lang, "en_US")
        self.assertEqual(relation.state, "equal")
        self.contact.city = "Paris"
        self.assertEqual(partner.city, "Paris")

    def test_merge_and_undo(self):
        target = self._contact("Le Moulin", lang="en_US")
        self.contact.merge_into(target)
        self.assertEqual(target.lang, "en_US")
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        batch.undo()
        self.assertFalse(self.contact.merged_into_id)

    def test_undo(self):
        self.french.active = True
        partner = self._partner("Moulin", lang="fr_FR")
        self.contact.link_card("customer", partner.id)
        partner.lang = "en_US"
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.env.flush_all()
        self.french.active = False
        self.env.invalidate_all()
        batch.undo()
        self.assertEqual(self.contact.city, "Lyon")

    def test_form_copy_and_people(self):
        self.assertEqual(self.contact.copy().city, "Lyon")
        form = Form(self.contact.with_user(self.marketer))
        form.city = "Nice"
        self.assertEqual(form.save().city, "Nice")
        person = self.Contact.create({"name": "Meunier", "parent_id": self.contact.id})
        self.assertEqual(person.city, "Nice")
        self.contact.message_post(body="Hello", partner_ids=self.holder.ids)
