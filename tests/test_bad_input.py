import random

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import MarketingContactCommon

# Values that are unusual and right: they are kept, and reach every side, unchanged.
UNUSUAL = [
    "L" * 10_000,
    "Smörgås & Söner 🧀🇸🇪👩‍👩‍👧",
    "شركة المثال \u200f(RTL) \u202bאב\u202c",
    '=HYPERLINK("http://x.example","x")',
    "@SUM(A1:A9)",
    "-1+1|cmd",
    "'; DROP TABLE res_partner; --",
    "<script>alert(1)</script>",
    "%(name)s {0} %s",
    "a\ttab\nand a line",
]


class TestBadValues(MarketingContactCommon):
    """Values that are unusual, and values that are wrong."""

    def test_unusual_names(self):
        contact, customer, vendor, bank = self._linked()
        for value in UNUSUAL:
            contact.name = value
            self.assertAll([contact, customer, vendor, bank], "name", value)
            self.assertEqual(contact.get_lineage()[-1]["field"], "zip")
            self.assertTrue(contact.display_name.endswith(value))
        self.env.flush_all()
        relations = contact.relation_ids
        self.assertFalse(relations.check_differences())

    def test_ids_that_are_none(self):
        """Whoever opens a wizard may send anything as what was chosen."""
        for name, model_name, fields in (
            ("create.card", "marketing.contact", ["contact_ids"]),
            ("merge.wizard", "marketing.contact", ["contact_ids"]),
            ("generate", "res.partner", ["selected_count"]),
        ):
            wizard = self.env[f"marketing.contact.{name}"]
            for ids in (5, "all", [["x"]], [-1], {"a": 1}):
                wizard = wizard.with_context(active_model=model_name, active_ids=ids)
                with self.assertRaisesRegex(UserError, "list of ids"):
                    wizard.default_get(fields)

    def test_too_long_for_an_index(self):
        """PostgreSQL's indexes take so many bytes: said before it refuses them."""
        contact, customer, vendor, bank = self._linked()
        generator = random.Random(1)
        signs = [chr(code) for code in range(0x4E00, 0x9FFF)]
        words = "".join(generator.choices(signs, k=10_000))
        digits = "".join(generator.choices("0123456789", k=10_000))
        for field, value in (
            ("name", words),
            ("name", digits),
            ("company_registry", words),
        ):
            label = contact._fields[field].string
            for attempt in (
                lambda vals: contact.write(vals),
                lambda vals: self._contact(**{"name": "New", **vals}),
                lambda vals: contact.preview_sync(vals),
            ):
                with self.assertRaisesRegex(ValidationError, f"“{label}”.*too long"):
                    attempt({field: value})
        # a partner's, a contact's has no limit
        for attempt in (contact.write, contact.preview_sync):
            with self.assertRaises(ValidationError) as caught:
                attempt({"phone": digits})
            self.assertIn("“Phone” is too long", str(caught.exception))
        self.env.flush_all()
        self.assertAll([contact, customer, vendor, bank], "name", "Acme")
        for value in (words[:400], digits[:1200], "12" * 5000):
            contact.name = value
            self.env.flush_all()
            self.assertAll([customer, vendor, bank], "name", value)

    def test_long_values_of_others_stop_nobody(self):
        """What a partner or a bank takes, its contact takes as well, or keeps its own;
        whoever saves it is not stopped.
        """
        generator = random.Random(1)
        emails = ", ".join(
            f"{generator.getrandbits(64):x}@x.example" for _i in range(99)
        )
        phones = ", ".join(f"+46 70 {generator.getrandbits(24)}" for _i in range(52))
        words = "".join(chr(generator.randrange(0x4E00, 0x9FFF)) for _i in range(600))
        many = "".join(str(generator.randrange(10)) for _i in range(10_000))
        contact, customer, vendor, bank = self._linked()
        customer.with_user(self.clerk).write({"email": emails, "phone": phones})
        self.assertAll([contact, customer, vendor, bank], "email", emails)
        self.assertAll([contact, customer, vendor, bank], "phone", phones)
        customer.with_user(self.clerk).write(
            {"company_registry": words, "city": "Here"}
        )
        self.env.flush_all()
        self.assertAll([contact, vendor, bank], "city", "Here")
        self.assertFalse(contact.company_registry)
        relation = contact.relation_ids.filtered(lambda r: r.kind == "customer")
        self.assertEqual(relation.state, "drifted")
        self.assertIn("Company ID", contact.message_ids[:1].body)
        alone = self._contact(phone=many, email=emails * 10)
        self.env.flush_all()
        self.assertEqual(self.Contact.search([("phone", "=", many)]), alone)
        self.assertIn(
            alone, self.Contact.search([("phone_mobile_search", "ilike", many[:9])])
        )

    def test_contacts_of_others_with_long_values(self):
        generator = random.Random(1)
        emails = ", ".join(
            f"{generator.getrandbits(64):x}@x.example" for _i in range(99)
        )
        words = "".join(chr(generator.randrange(0x4E00, 0x9FFF)) for _i in range(600))
        vals = {"email": emails, "company_registry": words, "city": "Here"}
        customer = self.Partner.with_user(self.clerk).create(
            {"name": "Acme", "is_company": True, "customer_rank": 1, **vals}
        )
        contact = customer.sudo().marketing_contact_id
        self.assertEqual((contact.email, contact.city), (emails, "Here"))
        self.assertFalse(contact.company_registry)
        self.assertEqual(contact.relation_ids.state, "drifted")
        self.assertIn("Company ID", contact.message_ids[:1].body)
        bank = self.Bank.create({"name": words, "phone": words, "email": emails})
        contact = self._account("B1", bank).create_marketing_contacts()
        self.assertTrue(words.startswith(contact.name[:-1]))
        self.assertGreater(len(contact.name), 100)
        self.assertEqual(contact.phone, words)
        self.assertEqual(bank.name, words)
        self.env.flush_all()
        self.assertEqual(contact.relation_ids.state, "drifted")
        self.assertTrue(contact.relation_ids.check_differences())

    def test_export_keeps_formulas_as_text(self):
        """Odoo writes what an export returns as text cells, whatever it begins with."""
        contact = self._contact("=1+1", phone="+46 70")
        exported = contact.export_data(["name", "phone"])["datas"]
        self.assertEqual(exported, [["=1+1", "+46 70"]])
        result = self.Contact.load(["name", "phone"], exported)
        self.assertEqual(self.Contact.browse(result["ids"]).name, "=1+1")

    def test_nul_character(self):
        """The database takes none: the error says so and names the field."""
        contact = self._linked()[0]
        for attempt in (
            lambda: self._contact("nul\0"),
            lambda: contact.write({"street": "nul\0"}),
            lambda: contact.preview_sync({"street": "nul\0"}),
            lambda: contact.create_card("customer", values={"comment": "\0"}),
        ):
            with self.assertRaisesRegex(UserError, "NUL"):
                attempt()

    def test_malformed_addresses_and_phones(self):
        """Marketing keeps what it was told, as Odoo's partners do."""
        contact, customer, vendor, bank = self._linked()
        for field, value in (
            ("email", "nobody"),
            ("email", "a@b@c, <d"),
            ("phone", "call me"),
            ("phone", "+" * 500),
            ("website", "not a site"),
        ):
            contact[field] = value
            expected = contact[field]
            cards = (
                [customer, vendor]
                if field == "website"
                else [
                    customer,
                    vendor,
                    bank,
                ]
            )
            self.assertAll(cards, field, expected)
        contact.email = "nobody"
        self.assertFalse(contact.email_normalized)
        self.assertFalse(contact.phone_sanitized)

    def test_empty_name(self):
        contact, customer = self._linked()[:2]
        for side in (contact, customer):
            with self.assertRaises(Exception) as caught, mute_logger("odoo.sql_db"):
                with self.env.cr.savepoint():
                    side.name = False
                    self.env.flush_all()
            # the database's own refusal, which the service words for the user
            self.assertIn(
                type(caught.exception).__name__,
                {"CheckViolation", "NotNullViolation", "ValidationError"},
            )
            self.env.invalidate_all()
        self.assertAll([contact, customer], "name", "Acme")

    def test_form_of_a_new_contact(self):
        with self.assertRaisesRegex(AssertionError, "name"):
            with Form(self.Contact) as form:
                form.email = "x@y.example"
        with Form(self.Contact) as form:
            form.name = "By Form"
        self.assertEqual(form.record.name, "By Form")


class TestBadTies(MarketingContactCommon):
    """Contacts, cards and codes tied in ways they can't be."""

    def _assert_refused(self, vals, error=(UserError, IntegrityError)):
        with self.assertRaises(Exception, msg=str(vals)) as caught:
            with self.env.cr.savepoint():
                self.Relation.create(vals)
        self.assertIsInstance(caught.exception, error)

    @mute_logger("odoo.sql_db")
    def test_relation_without_sense(self):
        contact, partner = self._contact(), self._partner()
        account = self._account("BAD-1", self.Bank.create({"name": "B"}))
        gone = self._partner()
        gone.unlink()
        base = {"contact_id": contact.id}
        for vals in (
            {"kind": "customer"},
            {"kind": "customer", "partner_id": gone.id},
            {"kind": "customer", "bank_account_id": account.id},
            {
                "kind": "customer",
                "partner_id": partner.id,
                "bank_account_id": account.id,
            },
            {"kind": "bank_account", "partner_id": partner.id},
            {"partner_id": partner.id},
            {"kind": "customer", "partner_id": partner.id, "contact_id": False},
            {},
        ):
            self._assert_refused({**base, **vals})
        self._assert_refused({**base, "kind": "lawyer", "partner_id": partner.id})
        self.assertFalse(contact.relation_ids)

    def test_same_card_twice_in_a_batch(self):
        first, second = self._contact("First"), self._contact("Second")
        partner, other = self._partner("P"), self._partner("Q")

        def tie(contact, card, kind="customer"):
            return {"contact_id": contact.id, "kind": kind, "partner_id": card.id}

        for batch in (
            [tie(first, partner), tie(first, partner)],
            [tie(first, partner), tie(second, partner)],
            [tie(first, partner), tie(first, other)],
            [tie(first, partner), tie(second, partner, "vendor")],
        ):
            self._assert_refused(batch, ValidationError)
        self.assertFalse((first + second).relation_ids)
        code = self.env["marketing.business.relation"].create(
            {"code": "TWICE", "name": "Twice"}
        )
        plain = {"contact_id": first.id, "business_relation_id": code.id}
        self._assert_refused([plain, plain], ValidationError)

    def test_same_account_twice_in_a_batch(self):
        contact, other = self._contact(), self._contact("Other")
        account = self._account("BAD-2", self.Bank.create({"name": "B"}))
        vals = {
            "contact_id": contact.id,
            "kind": "bank_account",
            "bank_account_id": account.id,
        }
        self._assert_refused([vals, vals], ValidationError)
        self._assert_refused([vals, {**vals, "contact_id": other.id}], ValidationError)

    def test_company_of_itself_and_cycles(self):
        company, person = self._contact(), self._contact("Jane", is_company=False)
        for contact in (company, person):
            with self.assertRaises(UserError):
                contact.parent_id = contact
        person.parent_id = company
        with self.assertRaises(ValidationError):
            company.parent_id = person
        with self.assertRaises(ValidationError):
            company.write({"is_company": False, "parent_id": person.id})

    def test_archived_sides_can_be_linked(self):
        """What is archived is there: it is linked and kept in step like the rest."""
        contact = self._contact("Old", active=False, phone="1")
        partner = self._partner("Old", active=False)
        relation = contact.link_card("customer", partner.id)
        self.assertEqual(partner.phone, "1")
        self.assertFalse(contact.active or partner.active)
        self.assertEqual(contact.customer_id, partner)
        with self.assertRaises(ValidationError):
            self._contact().link_card("customer", partner.id)
        relation.unlink()
        self.assertEqual(partner.phone, "1")

    def test_archived_code(self):
        """A code that is archived counts as long as Marketing Setup names it."""
        code = self.company.marketing_customer_relation_id
        code.active = False
        self.assertTrue(self._contact().link_card("customer", self._partner().id))

    def test_one_code_for_two_kinds(self):
        for first, second in (
            ("customer", "vendor"),
            ("customer", "bank"),
            ("bank", "vendor"),
        ):
            with self.assertRaisesRegex(ValidationError, "more than one kind"):
                code = self.company[f"marketing_{second}_relation_id"]
                self.company[f"marketing_{first}_relation_id"] = code

    def test_series(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        Sequence = self.env["ir.sequence"]
        for vals in ({"company_id": other.id}, {"implementation": "no_gap"}):
            sequence = Sequence.create({"name": "S", "company_id": False, **vals})
            with self.assertRaisesRegex(ValidationError, "number series"):
                self.company.marketing_contact_sequence_id = sequence
        archived = Sequence.create({"name": "A", "company_id": False, "active": False})
        self.company.marketing_contact_sequence_id = archived
        contact = self._contact("By Hand", number="H-1")
        self.assertEqual(contact.number, "H-1")
        self.assertFalse(self._contact().number)

    def test_empty_numbers(self):
        """Blanks are none: two of them are not the same, nor does a list with an empty
        column take the number away that the series gave.
        """
        drawn = self._contact("Drawn", number=" ")
        self.assertTrue(drawn.number.strip())
        for empty in (False, "", "  "):
            number = drawn.number
            drawn.with_user(self.marketer).write({"number": empty, "city": "Kiruna"})
            self.assertEqual((drawn.number, drawn.city), (number, "Kiruna"))
        result = self.Contact.load([".id", "number"], [[str(drawn.id), ""]])
        self.assertEqual((result["messages"], drawn.number), ([], number))
        self.company.marketing_contact_sequence_id = False
        contacts = self.Contact.create(
            [{"name": "N", "number": number} for number in ("", " ", " H-2 ")]
        )
        self.assertEqual(contacts.mapped("number"), [False, False, "H-2"])
        contacts[2].number = ""
        self.assertFalse(contacts[2].number)

    def test_number_of_a_list(self):
        """Whoever calls `load` imports, with or without the screen."""
        result = self.Contact.with_user(self.marketer).load(
            ["name", "number"], [["Of the List", "L-77"], ["Another", ""]]
        )
        self.assertFalse(result["messages"])
        first, second = self.Contact.browse(result["ids"])
        self.assertEqual(first.number, "L-77")
        self.assertTrue(second.number)
        with self.assertRaisesRegex(UserError, "by hand"):
            self._contact("By Hand", number="L-78")

    def test_empty_code(self):
        codes = self.env["marketing.business.relation"]
        code = codes.create({"code": "zz", "name": "Z"})
        for empty in (False, "", "  "):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                code.code = empty
                self.env.flush_all()

    def test_lines_of_the_map(self):
        self.env["ir.model.fields"].create(
            {
                "name": "x_translated",
                "model_id": self.env["ir.model"]._get("marketing.contact").id,
                "ttype": "char",
                "translate": "standard",
            }
        )
        self.Map.with_context(active_test=False).search([]).unlink()
        for contact_field, card_field, text in (
            ("function", "nope", "no field"),
            ("nope", "function", "no field"),
            ("function", "signup_type", "can't be shared"),
            ("function", "display_name", "can't be shared"),
            ("function", "commercial_company_name", "can't be shared"),
            ("x_translated", "function", "each language"),
            ("function", "barcode", "each company"),
            ("function", "user_id", "same type"),
            ("user_id", "parent_id", "protected"),
            ("child_count", "color", "not stored"),
        ):
            with self.assertRaises(ValidationError) as caught:
                self.Map.create(
                    {
                        "kind": "vendor",
                        "contact_field": contact_field,
                        "card_field": card_field,
                    }
                )
            self.assertIn(text, caught.exception.args[0])
        line = self.Map.create(
            {"kind": "vendor", "contact_field": "city", "card_field": "city"}
        )
        with self.assertRaises(ValidationError):
            line.card_field = "email_normalized"
