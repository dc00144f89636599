from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from ..models.sync.values import get_value
from .common import MarketingContactCommon


class TestSync(MarketingContactCommon):
    """What the sync guarantees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked()
        cls.env.flush_all()

    # ------------------------------------------------------------
    # 1. SAME EVERYWHERE
    # ------------------------------------------------------------

    def test_contact_reaches_all_cards(self):
        """BC-140, BC-141, BC-145: a change on the contact is on every card."""
        self.contact.phone = "+46 8 123 456"
        self.assertAll(
            [self.customer, self.vendor, self.bank], "phone", "+46 8 123 456"
        )

    def test_customer_reaches_contact_vendor_and_bank(self):
        """BC-137, GX-04: a change on the customer reaches everybody."""
        self.customer.write({"name": "New Name", "company_registry": "556677-8899"})
        self.assertAll([self.contact, self.vendor, self.bank], "name", "New Name")
        self.assertEqual(self.contact.company_registry, "556677-8899")
        self.assertEqual(self.vendor.company_registry, "556677-8899")

    def test_vendor_reaches_contact_customer_and_bank(self):
        """BC-147: a change on the vendor reaches everybody."""
        self.vendor.email = "info@acme.example"
        self.assertAll(
            [self.contact, self.customer, self.bank], "email", "info@acme.example"
        )

    def test_bank_reaches_everybody(self):
        """BC-139, BC-148: a change on the bank reaches contact and cards."""
        self.bank.write({"name": "The Bank", "country": self.sweden.id})
        self.assertAll([self.contact, self.customer, self.vendor], "name", "The Bank")
        self.assertAll(
            [self.contact, self.customer, self.vendor], "country_id", self.sweden
        )

    def test_bank_name_on_the_account(self):
        """The bank's name may be edited on the account as well."""
        account = self.contact.bank_account_ids
        account.bank_name = "Renamed Bank"
        self.assertEqual(self.contact.name, "Renamed Bank")
        self.assertEqual(self.customer.name, "Renamed Bank")

    def test_vat_and_image(self):
        """BC-144, §1.20 (4): no shared field is missed, the picture neither."""
        picture = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8"
            b"z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
        )
        self.contact.write({"vat": "SE123456789701", "image_1920": picture})
        self.assertAll([self.customer, self.vendor], "vat", "SE123456789701")
        self.assertTrue(self.customer.image_1920)
        self.assertEqual(self.customer.image_1920, self.contact.image_1920)
        self.assertEqual(self.vendor.image_1920, self.contact.image_1920)

    def test_every_shared_field_travels(self):
        """Every field of the shipped map, from the contact to customer and vendor."""
        values = {
            "name": "Full",
            "is_company": True,
            "street": "Street 1",
            "street2": "c/o Somebody",
            "zip": "123 45",
            "city": "Uppsala",
            "state_id": self.env.ref("base.state_us_5").id,
            "country_id": self.env.ref("base.us").id,
            "phone": "+1 555 0100",
            "email": "full@example.com",
            "website": "https://full.example.com",
            "company_registry": "12345",
            "lang": "en_US",
            "user_id": self.clerk.id,
            "industry_id": self.env["res.partner.industry"].create({"name": "I"}).id,
            "function": "Buyer",
        }
        self.contact.write(values)
        for line in self.Map.search([("contact_field", "in", list(values))]):
            for card in self.contact.relation_ids.filtered(
                lambda r, line=line: r.kind == line.kind
            ):
                record = card.partner_id or card.bank_id
                self.assertEqual(
                    get_value(record, line.card_field),
                    get_value(self.contact, line.contact_field),
                    f"{line.kind} {line.card_field}",
                )

    def test_salesperson_is_not_the_vendors(self):
        """GX-01, GX-03: the customer's salesperson follows, the vendor's stays."""
        self.vendor.user_id = self.employee
        self.assertFalse(self.contact.user_id)
        self.contact.user_id = self.clerk
        self.assertEqual(self.customer.user_id, self.clerk)
        self.assertEqual(self.vendor.user_id, self.employee)

    def test_refusal_rolls_back_and_names_card_and_field(self):
        """A card that refuses stops the save; the error says which and what."""
        bank = self.bank

        def refuse(banks, vals):
            # as an add-on does that knows the names of banks
            raise ValidationError("No bank of that name.")  # pylint: disable=translation-required

        with (
            patch.object(type(bank), "write", refuse),
            self.assertRaises(ValidationError) as caught,
        ):
            self.customer.name = "Nowhere"
        self.assertIn(bank.display_name, str(caught.exception))
        self.assertIn("Name", str(caught.exception))
        self.assertIn("No bank of that name.", str(caught.exception))

    def test_refused_save_leaves_nothing_for_the_next(self):
        """What changed along with a save that was refused travels with no later one."""
        Partner, Bank = type(self.Partner), type(self.Bank)
        write_partner, write_bank = Partner.write, Bank.write
        refuse = True

        def write_city_along(partners, vals):
            # as an add-on does that knows the cities of postal codes
            result = write_partner(partners, vals)
            if "zip" in vals:
                partners.write({"city": f"City of {vals['zip']}"})
            return result

        def refuse_bank(banks, vals):
            if refuse:
                raise ValueError("The bank refuses.")
            return write_bank(banks, vals)

        self.patch(Partner, "write", write_city_along)
        self.patch(Bank, "write", refuse_bank)
        with self.assertRaises(ValueError), self.cr.savepoint():
            self.contact.zip = "111 22"
        refuse = False
        # a difference that somebody made behind the sync's back
        self.env.cr.execute(
            "UPDATE res_partner SET city = 'Elsewhere' WHERE id = %s",
            [self.customer.id],
        )
        self.customer.invalidate_recordset(["city"])
        self.contact.phone = "08-1"
        self.assertAll([self.customer, self.vendor, self.bank], "phone", "08-1")
        self.assertAll([self.contact, self.vendor, self.bank], "city", False)
        # and when nobody refuses, it does travel
        self.contact.zip = "111 33"
        self.assertAll(
            [self.contact, self.customer, self.vendor, self.bank],
            "city",
            "City of 111 33",
        )

    def test_form_save(self):
        """A save by the form travels like any other."""
        with Form(self.contact) as form:
            form.street = "Form Street 5"
        self.assertAll(
            [self.customer, self.vendor, self.bank], "street", "Form Street 5"
        )
        with Form(self.customer) as form:
            form.city = "Malmö"
        self.assertAll([self.contact, self.vendor, self.bank], "city", "Malmö")

    def test_import_updates(self):
        """An import that updates a contact reaches the cards (load)."""
        self.env["ir.model.data"].create(
            {
                "module": "__import__",
                "name": "acme",
                "model": "marketing.contact",
                "res_id": self.contact.id,
            }
        )
        result = self.Contact.load(["id", "phone"], [["__import__.acme", "555 777"]])
        self.assertEqual(result["ids"], self.contact.ids)
        self.assertAll([self.customer, self.vendor, self.bank], "phone", "555 777")

    def test_code_before_and_after_name(self):
        """BC-153, BC-155, BC-157, §1.20 (2): saves from code travel like others."""
        partner = self.Partner.create({"name": "Blank", "customer_rank": 1})
        contact = partner.marketing_contact_id
        self.assertEqual(contact.name, "Blank")
        partner.name = "Filled"
        self.assertEqual(contact.name, "Filled")

    # ------------------------------------------------------------
    # 2. ONLY WHAT CHANGED
    # ------------------------------------------------------------

    def _drift(self, record, field, value):
        """Let a value come apart, as SQL of others can."""
        self.env.flush_all()
        self.env.cr.execute(
            f'UPDATE {record._table} SET "{field}" = %s WHERE id = %s',
            [value, record.id],
        )
        record.invalidate_recordset()

    def test_what_did_not_change_stays(self):
        """§1.20 (1): a drifted value is not overwritten by another field's change."""
        self._drift(self.customer, "city", "Drifted")
        self.contact.phone = "1"
        self.assertEqual(self.customer.city, "Drifted")
        self.customer.street = "2"
        self.assertFalse(self.contact.city)
        self.assertEqual(self.contact.street, "2")

    def test_same_value_written_again_stays_put(self):
        """A value that is written but was the same before does not travel."""
        self.contact.city = "Lund"
        self._drift(self.vendor, "city", "Drifted")
        self.contact.write({"city": "Lund", "phone": "7"})
        self.assertEqual(self.vendor.city, "Drifted")
        self.assertEqual(self.vendor.phone, "7")

    def test_emptying_empties_everywhere(self):
        """GX-05: emptying is a change like any other."""
        self.contact.phone = "1"
        self.vendor.phone = False
        self.assertAll([self.contact, self.customer, self.bank], "phone", False)

    def test_keep_filled(self):
        """Where the map says so, an emptied value leaves the others filled."""
        lines = self.Map.search([("contact_field", "=", "phone")])
        self.contact.phone = "1"
        lines.filtered(lambda line: line.kind == "customer").keep_filled = True
        self.contact.phone = False
        self.assertEqual(self.customer.phone, "1")
        self.assertFalse(self.vendor.phone)
        self.contact.phone = "2"
        self.customer.phone = False
        self.assertAll([self.contact, self.vendor, self.bank], "phone", "2")

    def test_direction(self):
        """A one-way line carries changes its way only."""
        line = self.Map.search(
            [("contact_field", "=", "street"), ("kind", "=", "customer")]
        )
        line.direction = "to_card"
        self.customer.street = "Own"
        self.assertFalse(self.contact.street)
        self.contact.street = "Contact's"
        self.assertEqual(self.customer.street, "Contact's")
        line.direction = "to_contact"
        self.contact.street = "Again"
        self.assertEqual(self.customer.street, "Contact's")
        self.customer.street = "Card's"
        self.assertAll([self.contact, self.vendor, self.bank], "street", "Card's")

    def test_inactive_line(self):
        self.Map.search([("contact_field", "=", "zip")]).active = False
        self.contact.zip = "9"
        self.assertAll([self.customer, self.vendor, self.bank], "zip", False)

    # ------------------------------------------------------------
    # 3. IT ENDS
    # ------------------------------------------------------------

    def test_second_save_writes_nothing(self):
        """The second identical save leaves no trace on the others."""
        self.contact.write({"phone": "1", "website": "acme.example", "name": "X"})
        self.env.flush_all()
        cards = [self.customer, self.vendor, self.bank]
        self.env.cr.execute("UPDATE res_partner SET write_date = '2001-01-01'")
        self.env.cr.execute("UPDATE res_bank SET write_date = '2001-01-01'")
        self.env.invalidate_all()
        self.contact.write({"phone": "1", "website": "acme.example", "name": "X"})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual({card.write_date.year for card in cards}, {2001})

    def test_normalisation_does_not_loop(self):
        """A website gets its scheme everywhere, and that's it."""
        self.contact.website = "acme.example"
        self.assertAll(
            [self.contact, self.customer, self.vendor],
            "website",
            "http://acme.example",
        )

    def test_vat_of_the_card_comes_back_normalised(self):
        """What the partner makes of a number is what the contact shows."""
        self.customer.write({"country_id": self.sweden.id, "vat": "se 123456789701"})
        self.assertEqual(self.contact.vat, self.customer.vat)
        self.assertEqual(self.vendor.vat, self.customer.vat)

    # ------------------------------------------------------------
    # 4. SET-BASED
    # ------------------------------------------------------------

    def _count_queries(self, contacts, value):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        contacts.write({"phone": value})
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_constant_number_of_queries(self):
        """Two hundred contacts saved together cost no more queries than two do."""
        groups = [self._linked(f"C{index}") for index in range(200)]
        contacts = self.Contact.union(*(group[0] for group in groups))
        self._count_queries(contacts[:2], "0")
        few = self._count_queries(contacts[:2], "1")
        many = self._count_queries(contacts, "2")
        # the ORM puts 100 rows into an UPDATE: 2 for the contacts, 4 for the partners
        # and 2 for the banks instead of one each
        self.assertLessEqual(many, few + 1 + 3 + 1)
        for contact, customer, vendor, bank in groups:
            self.assertAll([contact, customer, vendor, bank], "phone", "2")

    def test_one_save_costs_few_queries(self):
        """At most 8 queries more than writing the four records by themselves."""
        plain_contact = self._contact("Plain")
        plain_partners = self._partner("Plain") + self._partner("Plain")
        plain_bank = self.Bank.create({"name": "Plain"})

        def plain(value):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            plain_contact.write({"phone": value})
            plain_partners.write({"phone": value})
            plain_bank.write({"phone": value})
            self.env.flush_all()
            return self.cr.sql_log_count - before

        plain("0")
        self._count_queries(self.contact, "0")
        allowed = plain("1") + 8
        self.assertLessEqual(self._count_queries(self.contact, "1"), allowed)

    # ------------------------------------------------------------
    # 6., 7. CODES, ODOO'S OWN WRITES, ARCHIVED SIDES
    # ------------------------------------------------------------

    def test_clearing_a_code_does_not_stop_the_sync(self):
        """GX-17: the code gates creation, not the sync."""
        self.company.marketing_customer_relation_id = False
        self.contact.phone = "17"
        self.assertEqual(self.customer.phone, "17")
        with self.assertRaises(UserError):
            self._contact("New").with_user(self.clerk).sudo().create_card("customer")

    def test_changed_code_keeps_summary_and_sync(self):
        """§1.20 (19): another code in the setup degrades nothing."""
        other = self.env["marketing.business.relation"].create(
            {"code": "CLIENT", "name": "Client"}
        )
        contact = self._contact("Only Customer")
        customer = contact.create_card("customer")
        self.company.marketing_customer_relation_id = other
        contact.invalidate_recordset()
        self.assertEqual(contact.relation_summary, "customer")
        self.assertEqual(contact.customer_id, customer)
        contact.phone = "5"
        self.assertEqual(customer.phone, "5")

    def test_child_address_written_up(self):
        """An address that Odoo writes up from a child reaches the contact."""
        child = self._partner(
            "Person", parent_id=self.customer.id, is_company=False, type="contact"
        )
        child.write({"street": "From the child", "city": "Visby"})
        self.assertEqual(self.customer.street, "From the child")
        self.assertAll(
            [self.contact, self.vendor, self.bank], "street", "From the child"
        )

    def test_linked_subsidiary_hears_of_its_parents_address(self):
        """What the engine's write makes Odoo write on is heard of as well."""
        subsidiary = self._partner("Sub", parent_id=self.customer.id)
        sub_contact = self._contact("Sub")
        sub_contact.link_card("customer", subsidiary.id)
        self.contact.street = "Head Office 1"
        self.assertEqual(subsidiary.street, "Head Office 1")
        self.assertEqual(sub_contact.street, "Head Office 1")

    def test_computed_language_follows(self):
        """A stored computed field changes without being written."""
        self.env["res.lang"]._activate_lang("sv_SE")
        parent = self._partner("Parent", lang="sv_SE")
        self.customer.parent_id = parent
        self.assertEqual(self.customer.lang, "sv_SE")
        self.assertEqual(self.contact.lang, "sv_SE")
        self.assertEqual(self.vendor.lang, "sv_SE")

    def test_archived_sides_keep_in_step(self):
        self.vendor.active = False
        self.bank.active = False
        self.contact.active = False
        self.assertTrue(self.customer.active)
        self.contact.city = "Arkiv"
        self.assertAll([self.customer, self.vendor, self.bank], "city", "Arkiv")
        self.customer.city = "Öppet"
        self.assertAll([self.contact, self.vendor, self.bank], "city", "Öppet")

    def test_account_gets_another_bank(self):
        """The contact follows an account to its new bank, and its cards with it."""
        account = self.contact.bank_account_ids
        new_bank = self.Bank.create({"name": "Other Bank", "city": "Gävle"})
        account.bank_id = new_bank
        self.assertEqual(self.contact.name, "Other Bank")
        self.assertEqual(self.contact.city, "Gävle")
        self.assertEqual(self.customer.city, "Gävle")
        self.assertEqual(self.bank.name, "Acme", "the old bank is left as it was")
        self.contact.phone = "99"
        self.assertEqual(new_bank.phone, "99")
        self.assertFalse(self.bank.phone)

    def test_account_moves_to_the_contact_of_its_new_bank(self):
        other, _customer, _vendor, other_bank = self._linked("Other")
        account = self.contact.bank_account_ids
        account.bank_id = other_bank
        self.assertEqual(account.marketing_contact_id, other)
        self.assertFalse(self.contact.bank_account_ids)
        self.assertEqual(self.contact.name, "Acme")

    def test_unlinked_records_cost_one_look(self):
        """Most partners have no link: saving them costs one query in a transaction."""
        partner = self._partner("Alone")
        contact = self._contact("Alone")
        self.env.flush_all()
        self.env.invalidate_all()
        count = self._count_link_queries(lambda: partner.write({"phone": "1"}))
        self.assertLessEqual(count, 1)
        count = self._count_link_queries(lambda: partner.write({"phone": "2"}))
        self.assertEqual(count, 0)
        contact.link_card("customer", partner.id)
        partner.phone = "3"
        self.assertEqual(contact.phone, "3")
        with self.env.cr.savepoint() as savepoint:
            contact.relation_ids.unlink()
            partner.phone = "4"
            self.env.flush_all()
            self.assertEqual(contact.phone, "3")
            savepoint.rollback()
        partner.phone = "5"
        self.assertEqual(contact.phone, "5")

    def test_a_partner_known_without_links_gets_one(self):
        """By whatever way a link comes, the next save knows of it."""
        moved, merged = self._partner("Moved To"), self._partner("Merged Into")
        created = self._partner("Created From")
        partners = moved | merged | created
        partners.phone = "1"
        self.customer.phone = "2"
        self.assertEqual(partners.mapped("marketing_linked"), [False] * 3)
        relation = self.contact.relation_ids.filtered(lambda r: r.kind == "customer")
        relation.partner_id = moved
        moved.phone = "3"
        self.assertAll([self.contact, self.vendor, self.bank], "phone", "3")
        self.customer.phone = "4"
        self.assertEqual(self.contact.phone, "3")
        created_contact = created.create_marketing_contacts("customer")
        created.phone = "5"
        self.assertEqual(created_contact.phone, "5")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (moved | merged).ids, merged
        )
        merged.phone = "6"
        self.assertAll([self.contact, self.vendor, self.bank], "phone", "6")
        relation.unlink()
        merged.phone = "7"
        self.assertEqual(self.contact.phone, "6")

    def test_a_link_not_written_yet_counts(self):
        """What Odoo has yet to write of a link is known to the next save."""
        other = self.Bank.create({"name": "Other Bank"})
        account = self.contact.bank_account_ids
        relation = account.marketing_relation_ids
        account.bank_id = other
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_contact_relation SET bank_id = %s WHERE id = %s",
            [self.bank.id, relation.id],
        )
        self.env.invalidate_all()
        self.env.add_to_compute(relation._fields["bank_id"], relation)
        self.contact.phone = "1"
        self.assertEqual(other.phone, "1")
        self.assertFalse(self.bank.phone)

    def test_a_bank_known_without_links_gets_one(self):
        bank = self.Bank.create({"name": "Other Bank"})
        bank.phone = "1"
        self.contact.bank_account_ids.bank_id = bank
        bank.phone = "2"
        self.assertAll([self.contact, self.customer, self.vendor], "phone", "2")

    def _count_link_queries(self, function):
        """Return how many queries look for links."""
        queries = []
        execute = type(self.env.cr).execute

        def note(cr, query, *args, **kwargs):
            queries.append(str(getattr(query, "code", query)))
            return execute(cr, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", note):
            function()
            self.env.flush_all()
        return sum("FROM marketing_contact_relation" in query for query in queries)

    def test_company_type_follows(self):
        person = self._contact("Jane", is_company=False)
        customer = person.create_card("customer")
        customer.is_company = True
        self.assertTrue(person.is_company)
        person.company_type = "person"
        self.assertFalse(customer.is_company)
