from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tools import mute_logger

from .common import MarketingContactCommon


class TestLink(MarketingContactCommon):
    """Link with existing, and the rules of the relations."""

    # ------------------------------------------------------------
    # MASTER AND KEEP
    # ------------------------------------------------------------

    def test_link_contact_wins(self):
        """BC-055, GX-14: with the contact as master its values are on the card."""
        contact = self._contact("Contact", phone="1", city="Lund")
        customer = self._partner("Customer", phone="2")
        relation = contact.link_card("customer", customer.id)
        self.assertEqual(contact.name, "Contact")
        self.assertRecordValues(
            customer, [{"name": "Contact", "phone": "1", "city": "Lund"}]
        )
        self.assertRecordValues(
            relation,
            [
                {
                    "contact_id": contact.id,
                    "kind": "customer",
                    "partner_id": customer.id,
                    "business_relation_id": (
                        self.company.marketing_customer_relation_id.id
                    ),
                    "state": "equal",
                }
            ],
        )

    def test_link_card_wins(self):
        """BC-056, BC-058: with the card as master the contact takes its values."""
        contact = self._contact("Contact", phone="1")
        vendor = self._partner("Vendor", phone="2")
        contact.link_card("vendor", vendor.id, master="card")
        self.assertRecordValues(contact, [{"name": "Vendor", "phone": "2"}])

    def test_empty_never_beats_filled(self):
        """§1.20 (1): linking wipes out nothing, whoever is master."""
        for master in ("contact", "card"):
            contact = self._contact("Same", phone="1", is_company=True)
            customer = self._partner("Same", email="a@b.example")
            contact.link_card("customer", customer.id, master=master)
            self.assertRecordValues(
                contact + contact.browse(), [{"phone": "1", "email": "a@b.example"}]
            )
            self.assertRecordValues(customer, [{"phone": "1", "email": "a@b.example"}])

    def test_boolean_is_never_empty(self):
        contact = self._contact("P", is_company=False)
        customer = self._partner("P", is_company=True)
        contact.link_card("customer", customer.id)
        self.assertFalse(customer.is_company)

    def test_keep_field_by_field(self):
        contact = self._contact("Contact", phone="1", city="Lund", street="A")
        customer = self._partner("Customer", phone="2", city="Malmö", street="B")
        contact.link_card("customer", customer.id, keep={"phone": "card"})
        expected = {"name": "Contact", "phone": "2", "city": "Lund", "street": "A"}
        self.assertRecordValues(contact, [expected])
        self.assertRecordValues(customer, [expected])

    def test_keep_empty_does_not_beat_filled(self):
        contact = self._contact("C", phone="1")
        customer = self._partner("C")
        contact.link_card("customer", customer.id, keep={"phone": "card"})
        self.assertEqual(contact.phone, "1")
        self.assertEqual(customer.phone, "1")

    def test_on_link_of_the_map(self):
        line = self.Map.search(
            [("kind", "=", "customer"), ("contact_field", "=", "phone")]
        )
        line.on_link = "card"
        contact = self._contact("Contact", phone="1")
        customer = self._partner("Customer", phone="2")
        contact.link_card("customer", customer.id)
        self.assertRecordValues(contact, [{"name": "Contact", "phone": "2"}])

    def test_linking_travels_to_other_cards(self):
        contact, customer, _vendor, bank = self._linked("Old", phone="1")
        contact.relation_ids.filtered(lambda r: r.kind == "vendor").unlink()
        vendor = self._partner("New", phone="2", website="http://new.example")
        contact.link_card("vendor", vendor.id, master="card")
        self.assertAll([contact, customer, vendor, bank], "phone", "2")
        self.assertAll([contact, customer], "website", "http://new.example")

    def test_rank_is_raised(self):
        """A linked partner is in the ERP's own list of customers or vendors."""
        partner = self._partner("Ranked", customer_rank=3)
        contact = self._contact("Ranked")
        contact.link_card("customer", partner.id)
        contact.link_card("vendor", partner.id)
        self.assertRecordValues(partner, [{"customer_rank": 3, "supplier_rank": 1}])

    def test_unlink_changes_nothing_else(self):
        contact, customer, vendor, bank = self._linked("U", phone="1")
        contact.relation_ids.unlink()
        self.assertAll([contact, customer, vendor, bank], "phone", "1")
        contact.phone = "2"
        self.assertAll([customer, vendor, bank], "phone", "1")

    def test_link_bank_account_creates_missing_bank(self):
        contact = self._contact("Bank of Us", phone="1", city="Umeå")
        account = self._account("ACC1")
        contact.link_card("bank_account", account.id)
        self.assertRecordValues(
            account.bank_id, [{"name": "Bank of Us", "phone": "1", "city": "Umeå"}]
        )
        account.bank_id.phone = "2"
        self.assertEqual(contact.phone, "2")
        self.assertEqual(account.acc_number, "ACC1")
        self.assertEqual(account.partner_id, self.holder)

    def test_person_with_company_links_the_company(self):
        """§1.20 (9): linking and creating act on the company's contact alike."""
        company = self._contact("Company")
        person = self._contact("Person", is_company=False, parent_id=company.id)
        customer = self._partner("Customer")
        person.link_card("customer", customer.id)
        self.assertEqual(customer.marketing_contact_id, company)
        self.assertFalse(person.relation_ids)
        self.assertEqual(person.relation_summary, "customer")

    def test_link_by_creating_a_relation(self):
        """A relation that an import or the API creates links just the same."""
        contact = self._contact("Contact", phone="1")
        customer = self._partner("Customer", email="c@d.example")
        relation = self.Relation.create(
            {"contact_id": contact.id, "kind": "customer", "partner_id": customer.id}
        )
        self.assertEqual(
            relation.business_relation_id, self.company.marketing_customer_relation_id
        )
        self.assertEqual(customer.name, "Contact")
        self.assertEqual(contact.email, "c@d.example")
        self.assertEqual(customer.customer_rank, 1)

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def test_card_has_one_contact_per_kind(self):
        """BC-064, BC-065: a linked card can't be linked again."""
        _contact, customer, vendor, bank = self._linked()
        other = self._contact("Other")
        for kind, card in (
            ("customer", customer),
            ("vendor", vendor),
            ("bank_account", self._account("X", bank)),
        ):
            with self.assertRaises(ValidationError) as caught:
                other.link_card(kind, card.id)
            self.assertIn("Acme", str(caught.exception))

    def test_contact_has_one_customer(self):
        """BC-064: naming the customer that is there."""
        contact = self._linked()[0]
        with self.assertRaises(ValidationError) as caught:
            contact.link_card("customer", self._partner("Second").id)
        self.assertIn("Acme", str(caught.exception))

    def test_partner_with_both_roles_has_one_contact(self):
        partner = self._partner("Both")
        self._contact("One").link_card("customer", partner.id)
        with self.assertRaises(ValidationError):
            self._contact("Two").link_card("vendor", partner.id)

    def test_a_bank_has_one_contact_and_a_contact_one_bank(self):
        contact, _customer, _vendor, bank = self._linked()
        contact.link_card("bank_account", self._account("SECOND", bank).id)
        self.assertEqual(contact.bank_account_count, 2)
        other_bank = self.Bank.create({"name": "Other Bank"})
        with self.assertRaises(ValidationError):
            contact.link_card("bank_account", self._account("3", other_bank).id)
        with self.assertRaises(ValidationError):
            self._contact("New").link_card("bank_account", self._account("4", bank).id)

    def test_one_customer_in_each_company(self):
        """One contact, the customer of company A and of company B."""
        other_company = self.env["res.company"].create({"name": "Second Company"})
        contact = self._contact()
        here = self._partner("Here", company_id=self.company.id)
        there = self._partner("There", company_id=other_company.id)
        shared = self._partner("Shared")
        contact.link_card("customer", shared.id)
        self.assertEqual(contact.customer_id, shared)
        contact.link_card("customer", here.id)
        contact.link_card("customer", there.id)
        contact.invalidate_recordset()
        self.assertEqual(contact.customer_id, here)
        self.assertEqual(contact.with_company(other_company).customer_id, there)
        self.assertEqual(self.Contact.search([("customer_id", "=", here.id)]), contact)
        self.assertFalse(self.Contact.search([("customer_id", "=", shared.id)]))
        self.assertEqual(here.phone, there.phone)
        contact.phone = "1"
        self.assertAll([here, there, shared], "phone", "1")

    def test_branch_has_its_own_customer(self):
        """A branch's own card counts before that of its company, and that before the
        shared one.
        """
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        contact = self._contact("Contact", company_id=False)
        shared = contact.create_card("customer", values={"company_id": False})
        above = contact.create_card("customer", values={"company_id": self.company.id})
        at_branch = contact.with_company(branch)
        self.assertEqual(at_branch.customer_id, above)
        own = contact.create_card("customer", values={"company_id": branch.id})
        self.assertEqual(at_branch.customer_id, own)
        self.assertEqual(contact.customer_id, above)
        Contact = self.Contact.with_company(branch)
        self.assertEqual(Contact.search([("customer_id", "=", own.id)]), contact)
        self.assertFalse(Contact.search([("customer_id", "in", [above.id, shared.id])]))
        self.assertEqual(self.Contact.search([("customer_id", "=", above.id)]), contact)

    def test_contact_and_card_of_different_companies(self):
        other_company = self.env["res.company"].create({"name": "Second Company"})
        contact = self._contact(company_id=self.company.id)
        with self.assertRaises(ValidationError):
            contact.link_card(
                "customer", self._partner("X", company_id=other_company.id).id
            )

    def test_only_commercial_entities_are_cards(self):
        company = self._partner("Company")
        address = self._partner(
            "Address", parent_id=company.id, is_company=False, type="delivery"
        )
        with self.assertRaises(UserError):
            self._contact().link_card("customer", address.id)

    def test_people_of_addresses_are_people(self):
        """Whom linking brings along, the wizard's tick is about."""
        customer = self._partner("Customer")
        depot = self._partner(
            "Depot", parent_id=customer.id, is_company=False, type="delivery"
        )
        wizard = self.env["marketing.contact.link"].create(
            {"contact_id": self._contact().id, "partner_id": customer.id}
        )
        self.assertFalse(wizard.has_people)
        self._partner("Ann", parent_id=depot.id, is_company=False, type="contact")
        wizard.invalidate_recordset(["has_people"])
        self.assertTrue(wizard.has_people)
        wizard.action_link()
        self.assertEqual(wizard.contact_id.child_ids.name, "Ann")

    def test_card_that_gets_a_parent_stays_linked(self):
        contact = self._contact("P", is_company=False)
        customer = contact.create_card("customer")
        customer.parent_id = self._partner("Parent")
        self.assertEqual(contact.customer_id, customer)
        contact.function = "Boss"
        self.assertEqual(customer.function, "Boss")

    def test_plain_codes(self):
        """BC-025, BC-026: a plain code stands on the contact once."""
        law = self.env["marketing.business.relation"].create(
            {"code": " lawx ", "name": "Law Firm"}
        )
        self.assertEqual(law.code, "LAWX")
        contact = self._contact()
        vals = {"contact_id": contact.id, "business_relation_id": law.id}
        relation = self.Relation.create(vals)
        self.assertEqual(law.contact_count, 1)
        self.assertIn("Law Firm", relation.display_name)
        with self.assertRaises(ValidationError):
            self.Relation.create(vals)

    def test_reserved_code_is_not_given_by_hand(self):
        """BC-027, §1.20: by no way in, form or code."""
        contact = self._contact()
        for field in ("customer", "vendor", "bank"):
            code = self.company[f"marketing_{field}_relation_id"]
            with self.assertRaises(ValidationError):
                self.Relation.create(
                    {"contact_id": contact.id, "business_relation_id": code.id}
                )

    def test_database_holds_the_rules(self):
        """§1.20 (7): not even SQL gets round them."""
        contact, customer, _vendor, _bank = self._linked()
        code = self.company.marketing_customer_relation_id
        other = self._contact("Other")
        self.env.flush_all()
        bad_rows = [
            # a kind without a target, a target without a kind, the wrong target
            (contact.id, code.id, "customer", None, None),
            (contact.id, code.id, None, customer.id, None),
            (contact.id, code.id, "bank_account", customer.id, None),
            # a card twice, a second customer
            (other.id, code.id, "customer", customer.id, None),
            (contact.id, code.id, "customer", self._partner("Two").id, None),
        ]
        for row in bad_rows:
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    """
                    INSERT INTO marketing_contact_relation
                        (contact_id, business_relation_id, kind, partner_id,
                         bank_account_id, state)
                    VALUES (%s, %s, %s, %s, %s, 'equal')
                    """,
                    row,
                )

    def test_relation_in_use_is_not_deleted(self):
        self._linked()
        with self.assertRaises(ValidationError):
            self.company.marketing_customer_relation_id.unlink()

    def test_renamed_code_changes_nothing(self):
        """BC-029"""
        contact = self._contact()
        contact.create_card("customer")
        code = self.company.marketing_customer_relation_id
        code.code = "client"
        self.assertEqual(code.code, "CLIENT")
        self.assertEqual(contact.relation_summary, "customer")
        self.assertIn(contact, code.relation_ids.contact_id)

    # ------------------------------------------------------------
    # ERRORS
    # ------------------------------------------------------------

    def test_missing_code(self):
        """BC-033, BC-052, BC-054: names the field; leads those to it who may."""
        self.company.write(
            {
                "marketing_customer_relation_id": False,
                "marketing_vendor_relation_id": False,
                "marketing_bank_relation_id": False,
            }
        )
        contact = self._contact()
        cards = {
            "customer": self._partner(),
            "vendor": self._partner(),
            "bank_account": self._account("1", self.Bank.create({"name": "B"})),
        }
        before = self.Relation.search_count([])
        for kind, card in cards.items():
            with self.assertRaises(RedirectWarning) as caught:
                contact.with_user(self.manager).link_card(kind, card.id)
            self.assertIn("Business Relation for", caught.exception.args[0])
            self.assertEqual(
                caught.exception.args[1],
                self.env.ref("marketing_contact.marketing_setup_action").id,
            )
            with self.assertRaises(UserError) as caught:
                contact.with_user(self.marketer).link_card(kind, card.id)
            self.assertIn("Business Relation for", str(caught.exception))
        self.assertEqual(self.Relation.search_count([]), before)

    def test_bad_arguments(self):
        contact = self._contact()
        customer = self._partner()
        deleted = self._partner()
        deleted.unlink()
        for args in (
            ("employee", customer.id),
            ("customer", deleted.id),
            ("customer", 0),
            ("customer", "1"),
            ("customer", True),
            ("customer", None),
            ("customer", customer.id, "both"),
            ("customer", customer.id, "contact", {"phone": "nobody"}),
            ("customer", customer.id, "contact", {"acc_number": "card"}),
            ("customer", customer.id, "contact", ["phone"]),
        ):
            with self.assertRaises(UserError, msg=str(args)):
                contact.link_card(*args)
        self.assertFalse(contact.relation_ids)

    def test_linking_needs_read_on_the_card(self):
        other_company = self.env["res.company"].create({"name": "Second Company"})
        hidden = self._partner("Hidden", company_id=other_company.id)
        with self.assertRaises(AccessError):
            self._contact().with_user(self.marketer).link_card("customer", hidden.id)

    # ------------------------------------------------------------
    # PREVIEW AND WIZARD
    # ------------------------------------------------------------

    def test_preview_link_writes_nothing(self):
        contact = self._contact("Contact", phone="1")
        customer = self._partner("Customer", email="c@d.example")
        preview = contact.preview_link("customer", customer.id)
        self.assertEqual(
            {
                (line["model"], line["field"], line["old"], line["new"])
                for line in preview
            },
            {
                ("res.partner", "name", "Customer", "Contact"),
                ("res.partner", "phone", False, "1"),
                ("marketing.contact", "email", False, "c@d.example"),
            },
        )
        self.assertFalse(contact.relation_ids)
        self.assertEqual(customer.name, "Customer")
        self.assertFalse(contact.email)

    def test_wizard_choices(self):
        contact = self._contact("Contact", phone="1", city="Lund")
        vendor = self._partner("Vendor", phone="2", city="Malmö", zip="9")
        wizard = self.env["marketing.contact.link"].create(
            {"contact_id": contact.id, "kind": "vendor", "partner_id": vendor.id}
        )
        self.assertRecordValues(
            wizard.line_ids.sorted("field_name"),
            [
                {
                    "field_name": "city",
                    "contact_value": "Lund",
                    "card_value": "Malmö",
                    "keep": "contact",
                },
                {
                    "field_name": "name",
                    "contact_value": "Contact",
                    "card_value": "Vendor",
                    "keep": "contact",
                },
                {
                    "field_name": "phone",
                    "contact_value": "1",
                    "card_value": "2",
                    "keep": "contact",
                },
                {
                    "field_name": "zip",
                    "contact_value": "",
                    "card_value": "9",
                    # the address is one value
                    "keep": "contact",
                },
            ],
        )
        wizard.master = "card"
        self.assertEqual(set(wizard.line_ids.mapped("keep")), {"card"})
        wizard.line_ids.filtered(lambda x: x.field_name == "phone").keep = "contact"
        self.assertIn("Malmö", wizard.preview)
        # on one look: what changes on whom
        self.assertIn(f"{contact.display_name} (values: 3)", wizard.effects)
        self.assertIn("Vendor (values: 1)", wizard.effects)
        wizard.action_link()
        expected = {"name": "Vendor", "phone": "1", "city": "Malmö", "zip": "9"}
        self.assertRecordValues(contact, [expected])
        self.assertRecordValues(vendor, [expected])

    def test_wizard_moves_the_link(self):
        """§1.20 (8), part 3 (2): both sides have contacts already; move the link."""
        contact = self._contact("Mine")
        other = self._contact("Theirs")
        vendor = self._partner("Vendor")
        other.link_card("vendor", vendor.id, master="card")
        wizard = self.env["marketing.contact.link"].create(
            {"contact_id": contact.id, "kind": "vendor", "partner_id": vendor.id}
        )
        self.assertEqual(wizard.existing_contact_id, other)
        self.assertIn("belongs to the contact", wizard.effects)
        wizard.conflict_action = "move"
        wizard.action_link()
        self.assertEqual(vendor.marketing_contact_id, contact)
        self.assertTrue(other.exists())
        self.assertFalse(other.relation_ids)

    def test_wizard_merges_the_contacts(self):
        """…or merge that contact into this one: nothing is lost."""
        contact = self._contact("Mine", phone="1")
        customer = contact.create_card("customer")
        other = self._contact("Theirs", email="theirs@x.example")
        vendor = other.create_card("vendor")
        person = self._contact("Person", is_company=False, parent_id=other.id)
        other.message_post(body="remember me")
        wizard = self.env["marketing.contact.link"].create(
            {
                "contact_id": contact.id,
                "kind": "vendor",
                "partner_id": vendor.id,
                "conflict_action": "merge",
            }
        )
        wizard.action_link()
        self.assertEqual(other.merged_into_id, contact)
        self.assertFalse(other.active)
        self.assertEqual(person.parent_id, contact)
        self.assertEqual(contact.customer_id, customer)
        self.assertEqual(contact.vendor_id, vendor)
        self.assertIn("remember me", "".join(contact.message_ids.mapped("body")))
        expected = {"name": "Mine", "phone": "1", "email": "theirs@x.example"}
        for record in (contact, customer, vendor):
            self.assertRecordValues(record, [expected])

    def test_linking_reads_no_other_links(self):
        """With 200 000 links, one more must not look at all of them."""
        others = self.Partner.create([{"name": f"Other {i}"} for i in range(5)])
        others.create_marketing_contacts("customer")
        link_ids = others.marketing_relation_ids.ids
        contact = self._contact("New")
        partner = self._partner("New")
        self.env.flush_all()
        self.env.invalidate_all()
        contact.link_card("customer", partner.id)
        kinds = self.Relation._fields["kind"]._get_cache(self.env)
        self.assertFalse(set(link_ids) & set(kinds))

    def test_merge_with_two_customers_is_refused(self):
        contact = self._contact("Mine")
        contact.create_card("customer")
        other = self._contact("Theirs")
        other.create_card("customer")
        with self.assertRaises(ValidationError):
            other.merge_into(contact)
