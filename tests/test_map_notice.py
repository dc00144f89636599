import contextlib

from odoo.exceptions import ValidationError
from odoo.tests import Form

from .common import MarketingContactCommon
from .test_trust import PICTURE


class TestMapNotice(MarketingContactCommon):
    """What a change of the map comes to, shown before it is saved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the links of the demo data would count as well
        cls.Relation.search([]).unlink()
        cls.links = [cls._linked(f"Company {number}") for number in range(3)]
        cls.contacts = cls.Contact.union(*(link[0] for link in cls.links))
        cls.customers = cls.Partner.union(*(link[1] for link in cls.links))
        cls.Form = cls.Map.with_user(cls.manager)

    def _field(self, model, name):
        return self.env["ir.model.fields"]._get(model, name)

    @contextlib.contextmanager
    def _new(self, kind="customer", contact="color", card="color"):
        """Yield a filled form that is not saved."""
        form = Form(self.Form)
        form.kind = kind
        form.contact_field_id = self._field("marketing.contact", contact)
        model = "res.bank" if kind == "bank_account" else "res.partner"
        form.card_field_id = self._field(model, card)
        yield form

    def test_a_new_line(self):
        self.contacts[0].color = 1
        self.customers[0].color = 2
        self.customers[1].color = 3
        count = self.env["marketing.sync.batch"].search_count([])
        with self._new() as form:
            notice = form.change_notice
            self.assertIn("3 links", notice)
            self.assertIn("2 differ", notice)
            form.direction = "to_card"
            self.assertNotIn("Differences", form.change_notice)
        self.assertEqual(self.contacts.mapped("color"), [1, 0, 0])
        self.assertEqual(self.env["marketing.sync.batch"].search_count([]), count)

    def test_filled_on_both_sides(self):
        self.contacts[0].comment = "<p>A</p>"
        self.customers[0].comment = "<p>B</p>"
        self.customers[1].comment = "<p>C</p>"
        with self._new(contact="comment", card="comment") as form:
            self.assertIn("2 differ (1 of them", form.change_notice)
            form.keep_filled = True
            self.assertIn("1 differ (1 of them", form.change_notice)

    def test_what_is_counted_is_what_the_check_finds(self):
        self.customers[1].color = 3
        with self._new() as form:
            self.assertIn("1 differ", form.change_notice)
            form.save()
        self.assertEqual(self.contacts.mapped("color"), [0, 0, 0])
        found = self.contacts.relation_ids.check_differences()
        self.assertEqual(found.mapped("contact_field"), ["color"])

    def test_an_edited_line(self):
        line = self.Map.search([("kind", "=", "customer"), ("card_field", "=", "city")])
        line.active = False
        self.customers[2].city = "Lund"
        with Form(line.with_user(self.manager)) as form:
            self.assertFalse(form.change_notice)
            form.active = True
            self.assertIn("1 differ", form.change_notice)
            form.active = False
            self.assertFalse(form.change_notice)
        line.active = True
        with Form(line.with_user(self.manager)) as form:
            form.on_link = "card"
            self.assertFalse(form.change_notice)
            form.active = False
            self.assertIn("3 links will no longer", form.change_notice)
            form.active = True

    def test_bank_tags_and_pictures(self):
        with self._new("bank_account", "function", "bic") as form:
            self.assertIn("protected", form.change_notice)
            with self.assertRaises(ValidationError):
                form.save()
        tags = self.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        self.contacts[0].tag_ids = self.customers[0].category_id = tags
        self.customers[1].category_id = tags[0]
        with self._new(contact="tag_ids", card="category_id") as form:
            self.assertIn("1 differ (0 of them", form.change_notice)
        pictures = self.Map.search([("card_field", "=", "image_1920")])
        pictures.active = False
        self.customers[0].image_1920 = PICTURE
        line = pictures.filtered(lambda p: p.kind == "customer")
        with Form(line.with_user(self.manager)) as form:
            form.active = True
            self.assertIn("1 differ (0 of them", form.change_notice)
            form.active = False

    def test_pairs_that_may_not_be_shared(self):
        with self._new(contact="comment", card="color") as form:
            self.assertIn("can't be shared", form.change_notice)
            with self.assertRaises(ValidationError):
                form.save()
        with self._new(contact="comment", card="customer_rank") as form:
            self.assertIn("protected", form.change_notice)

    def test_one_query_whatever_the_number(self):
        line = self.Map.search([("kind", "=", "customer"), ("card_field", "=", "city")])
        shared = line._get_shared_field()
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertEqual(self.Relation._count_differences(shared), (3, 0, 0))
        with self.assertQueryCount(0):
            self.assertFalse(line.change_notice)
