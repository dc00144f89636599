from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from ..models.runs import workers
from .common import MarketingContactCommon


class TestCreateCard(MarketingContactCommon):
    """Create as customer, vendor, bank account."""

    def _template(self, **vals):
        return self.env["marketing.card.template"].create({"name": "Template", **vals})

    def test_customer_from_company(self):
        """BC-071, BC-272: all shared values are on the customer."""
        contact = self._contact(
            "Acme", phone="1", email="a@b.example", country_id=self.sweden.id
        )
        customer = contact.create_card("customer")
        self.assertRecordValues(
            customer,
            [
                {
                    "name": "Acme",
                    "phone": "1",
                    "email": "a@b.example",
                    "country_id": self.sweden.id,
                    "customer_rank": 1,
                    "supplier_rank": 0,
                    "is_company": True,
                    "company_id": False,
                }
            ],
        )
        self.assertEqual(contact.relation_summary, "customer")
        self.assertEqual(contact.customer_id, customer)
        self.assertEqual(len(customer.marketing_relation_ids), 1)

    def test_vendor_with_registry(self):
        """BC-080, BC-273"""
        contact = self._contact("Acme", company_registry="556677-8899")
        vendor = contact.create_card("vendor")
        self.assertEqual(vendor.company_registry, "556677-8899")
        self.assertEqual(vendor.supplier_rank, 1)
        self.assertEqual(contact.relation_summary, "vendor")

    def test_bank_account(self):
        """BC-076: account, bank and relation."""
        contact = self._contact("Our Bank", phone="1", city="Kiruna")
        account = contact.create_card("bank_account", values={"acc_number": "SE 1"})
        self.assertRecordValues(
            account, [{"acc_number": "SE 1", "partner_id": self.holder.id}]
        )
        self.assertRecordValues(
            account.bank_id, [{"name": "Our Bank", "phone": "1", "city": "Kiruna"}]
        )
        self.assertEqual(contact.relation_summary, "bank_account")
        second = contact.create_card("bank_account", values={"acc_number": "SE 2"})
        self.assertEqual(second.bank_id, account.bank_id)
        self.assertEqual(contact.bank_account_ids, account | second)
        holder = self._partner("Holder")
        third = contact.create_card(
            "bank_account", values={"acc_number": "SE 3", "holder_id": holder.id}
        )
        self.assertEqual(third.partner_id, holder)
        with self.assertRaises(UserError):
            contact.create_card("bank_account")

    def test_several_at_a_time(self):
        contacts = self.Contact.union(*(self._contact(f"C{i}") for i in range(5)))
        customers = contacts.create_card("customer")
        self.assertEqual(customers.mapped("name"), contacts.mapped("name"))
        self.assertEqual(contacts.mapped("customer_id"), customers)

    def test_template_fills_gaps(self):
        """BC-081, BC-082, BC-084, BC-086, BC-088: contact wins, template fills."""
        terms = self.env["account.payment.term"].create({"name": "60 days"})
        tag = self.env["res.partner.category"].create({"name": "Gold"})
        norway = self.env.ref("base.no")
        template = self._template(
            kind="customer",
            country_id=norway.id,
            property_payment_term_id=terms.id,
            category_id=tag.ids,
        )
        with_country = self._contact("Swede", country_id=self.sweden.id)
        without = self._contact("Norwegian")
        customers = (with_country | without).create_card("customer", template.id)
        self.assertRecordValues(
            customers,
            [{"country_id": self.sweden.id}, {"country_id": norway.id}],
        )
        self.assertEqual(customers.property_payment_term_id, terms)
        self.assertEqual(customers.category_id, tag)
        self.assertEqual(without.country_id, norway, "the two sides are the same")
        self.assertFalse(self._contact("None").create_card("customer").country_id)

    def test_values_do_not_beat_the_contact(self):
        contact = self._contact("Acme", phone="1")
        customer = contact.create_card(
            "customer", values={"phone": "2", "email": "v@x.example", "ref": "R1"}
        )
        self.assertRecordValues(
            customer, [{"phone": "1", "email": "v@x.example", "ref": "R1"}]
        )
        self.assertEqual(contact.email, "v@x.example")

    def test_person_without_company(self):
        """BC-098; BC-099, §1.20 (10): she can be customer, vendor and bank account."""
        person = self._contact("Jane", is_company=False, function="Farmer")
        customer = person.create_card("customer")
        self.assertRecordValues(
            customer, [{"name": "Jane", "is_company": False, "function": "Farmer"}]
        )
        vendor = person.create_card("vendor")
        self.assertEqual(vendor.name, "Jane")
        account = person.create_card("bank_account", values={"acc_number": "J"})
        self.assertEqual(account.bank_id.name, "Jane")
        self.assertEqual(person.relation_summary, "multiple")

    def test_no_relation_by_itself(self):
        """BC-097: creating a contact creates nothing else."""
        count = self.Partner.search_count([])
        contact = self._contact("Jane", is_company=False)
        self.assertFalse(contact.relation_ids)
        self.assertEqual(self.Partner.search_count([]), count)

    def test_person_with_company(self):
        """BC-102, BC-103: the company gets the vendor; a second one is refused."""
        company = self._contact("Company")
        people = self.Contact.create(
            [{"name": name, "parent_id": company.id} for name in ("A", "B")]
        )
        vendor = people.create_card("vendor")
        self.assertEqual(len(vendor), 1)
        self.assertEqual(vendor.name, "Company")
        self.assertEqual(vendor.marketing_contact_id, company)
        with self.assertRaises(UserError) as caught:
            people[0].create_card("vendor")
        self.assertIn("Company", str(caught.exception))

    def test_second_customer_is_refused(self):
        contact = self._contact()
        contact.create_card("customer")
        count = self.Partner.search_count([])
        with self.assertRaises(UserError):
            contact.create_card("customer")
        self.assertEqual(self.Partner.search_count([]), count)

    def test_no_contact_of_its_own(self):
        """BC-131: exactly one contact, though new customers get one by themselves."""
        self.assertTrue(self.company.marketing_auto_create_contact)
        count = self.Contact.search_count([])
        contact = self._contact()
        contact.create_card("customer", self._template().id)
        self.assertEqual(self.Contact.search_count([]), count + 1)

    def test_missing_code(self):
        """BC-072, BC-074"""
        contact = self._contact()
        self.company.write(
            {
                "marketing_customer_relation_id": False,
                "marketing_bank_relation_id": False,
            }
        )
        count = self.Bank.search_count([])
        for kind, values in (
            ("customer", None),
            ("bank_account", {"acc_number": "1"}),
        ):
            with self.assertRaises(UserError) as caught:
                contact.with_user(self.marketer).create_card(kind, values=values)
            self.assertIn("Business Relation for", str(caught.exception))
        self.assertEqual(self.Bank.search_count([]), count)

    def test_creating_needs_create_on_the_card(self):
        contact = self._contact()
        with self.assertRaises(AccessError):
            contact.with_user(self.marketer).create_card("customer")
        self.marketer.group_ids += self.env.ref("base.group_partner_manager")
        self.assertTrue(contact.with_user(self.marketer).create_card("customer"))

    def test_company_of_the_contact(self):
        contact = self._contact(company_id=self.company.id)
        self.assertEqual(contact.create_card("customer").company_id, self.company)

    # ------------------------------------------------------------
    # WIZARD
    # ------------------------------------------------------------

    def _wizard(self, contacts, kind, **vals):
        return (
            self.env["marketing.contact.create.card"]
            .with_context(active_model="marketing.contact", active_ids=contacts.ids)
            .create({"kind": kind, **vals})
        )

    def test_wizard_creates_and_opens(self):
        contacts = self._contact("A", phone="1") | self._contact("B")
        wizard = self._wizard(contacts, "customer")
        self.assertIn("A", wizard.preview)
        count = self.Partner.search_count([])
        action = wizard.action_create()
        self.assertEqual(self.Partner.search_count([]), count + 2)
        self.assertEqual(action["res_model"], "res.partner")
        one = self._wizard(self._contact("One"), "vendor").action_create()
        self.assertEqual(self.Partner.browse(one["res_id"]).name, "One")

    def test_what_opens_knows_no_defaults_of_the_list(self):
        contact = self._contact("One")
        here = {"default_is_company": True, "default_company_id": self.company.id}
        wizard = self._wizard(contact, "customer").with_context(**here)
        relation = self.Relation.with_context(**here)
        for action in (
            wizard.action_create(),
            relation.browse(contact.relation_ids.id).action_open_card(),
            contact.customer_id.with_context(**here).action_view_marketing_contact(),
        ):
            self.assertTrue(action["res_id"])
            self.assertFalse([k for k in action["context"] if k.startswith("default_")])

    def test_wizard_leaves_all_out(self):
        """No empty form opens, as if a customer had been made."""
        contacts = self.Contact
        for name in ("Fjord Kraft", "Berg Logistik"):
            email = f"post@{name.split()[0].lower()}.example"
            self._partner(name, email=email, customer_rank=1)
            contacts |= self._contact(name, email=email)
        wizard = self._wizard(contacts, "customer")
        action = wizard.action_create()
        self.assertFalse(contacts.customer_id)
        self.assertIn("look like somebody", action["params"]["message"])
        board = action["params"]["next"]
        shown = self.env["marketing.match"].search(board["domain"])
        self.assertEqual(board["res_model"], shown._name)
        self.assertEqual(shown.contact_id, contacts)

    def test_wizard_of_a_merged_contact(self):
        contact = self._contact("Old")
        contact.merge_into(self._contact("New"))
        wizard = self._wizard(contact, "customer")
        with self.assertRaises(UserError):
            wizard.action_create()

    def test_wizard_with_archived(self):
        """An archived contact that was ticked is none that was left out."""
        contacts = self._contact("A", active=False) | self._contact("B")
        self._wizard(contacts, "customer").action_create()
        self.assertEqual(contacts.customer_id.mapped("name"), ["A", "B"])

    def test_wizard_second_role(self):
        """BC-275, BC-297: one partner with both roles, or two."""
        contact = self._contact("Both")
        customer = contact.create_card("customer")
        wizard = self._wizard(contact, "vendor")
        self.assertEqual(wizard.other_partner_ids, customer)
        self.assertEqual(wizard.second_role, "same")
        wizard.action_create()
        self.assertEqual(contact.vendor_id, customer)
        self.assertEqual(customer.supplier_rank, 1)
        self.assertEqual(contact.relation_summary, "multiple")
        other = self._contact("Two")
        other_customer = other.create_card("customer")
        self._wizard(other, "vendor", second_role="separate").action_create()
        self.assertTrue(other.vendor_id)
        self.assertNotEqual(other.vendor_id, other_customer)

    def test_second_role_of_many(self):
        """All in one batch, in as many queries as one and no more."""

        def give(count):
            contacts = self.Contact.create([{"name": f"C {i}"} for i in range(count)])
            contacts.create_card("customer")
            wizard = self._wizard(contacts, "vendor")
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            wizard.action_create()
            self.env.flush_all()
            self.assertEqual(contacts.vendor_id, contacts.customer_id)
            self.assertEqual(len(contacts.relation_ids.batch_id), 2)
            return self.env.cr.sql_log_count - before

        few = give(2)
        self.assertLessEqual(give(8), few + 3)

    def test_second_role_in_the_background(self):
        """Nothing is linked in the request; some have a customer, some have not."""
        contacts = self.Contact.create([{"name": f"C {i}"} for i in range(4)])
        contacts[:3].create_card("customer")
        with patch.object(workers, "BACKGROUND_FROM", 3):
            action = self._wizard(contacts, "vendor").action_create()
        self.assertFalse(contacts.vendor_id)
        run = self.env["marketing.run"].browse(action["res_id"])
        with self.enter_registry_test_mode():
            self.env.ref("marketing_contact.ir_cron_runs").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((run.state, run.done), ("done", 4))
        self.assertEqual(contacts[:3].vendor_id, contacts[:3].customer_id)
        self.assertTrue(contacts[3].vendor_id)

    def test_two_people_of_one_company(self):
        """One customer for their company: nobody is said to be left out."""
        company = self._contact("Acme")
        people = self.Contact.create(
            [{"name": name, "parent_id": company.id} for name in ("Kim", "Lou")]
        )
        wizard = self._wizard(people, "customer")
        self.assertIn("“Acme” gets a new customer.", wizard.preview)
        self.assertNotIn("Left out", wizard.preview)

    def test_wizard_bank_account(self):
        contact = self._contact("Bank")
        wizard = self._wizard(contact, "bank_account", acc_number="12 34")
        self.assertEqual(wizard.holder_id, self.holder)
        wizard.action_create()
        self.assertEqual(contact.bank_account_ids.acc_number, "12 34")
        with self.assertRaises(UserError):
            self._wizard(
                contact | self._contact("C"), "bank_account", acc_number="1"
            ).action_create()


class TestContact(MarketingContactCommon):
    """The contact itself: numbers, hierarchy, normalisation."""

    def test_number_from_the_series(self):
        """BC-001"""
        contacts = self.Contact.create([{"name": str(i)} for i in range(3)])
        self.assertEqual(len(set(contacts.mapped("number"))), 3)
        self.assertTrue(all(contacts.mapped("number")))
        self.assertEqual(
            contacts[0].display_name, f"{contacts[0].number} {contacts[0].name}"
        )

    def test_taken_numbers_are_skipped(self):
        sequence = self.company.marketing_contact_sequence_id
        next_number = sequence.get_next_char(sequence.number_next_actual)
        self.Contact.with_context(import_file=True).create(
            {"name": "Imported", "number": next_number}
        )
        self.assertNotEqual(self._contact().number, next_number)

    def test_number_by_hand(self):
        with self.assertRaises(UserError):
            self._contact(number="X1")
        contact = self._contact()
        with self.assertRaises(UserError):
            contact.number = "X1"
        self.company.marketing_contact_sequence_id = False
        self.assertEqual(self._contact(number="X1").number, "X1")
        self.assertFalse(self._contact().number)

    def test_archived_series(self):
        """An archived series numbers nothing and creates no contact by itself."""
        self.company.marketing_contact_sequence_id.active = False
        self.assertFalse(self._contact().number)
        self.assertFalse(
            self.Partner.create({"name": "C", "customer_rank": 1}).marketing_contact_id
        )

    def test_series_of_another_company(self):
        other_company = self.env["res.company"].create({"name": "Second Company"})
        sequence = self.env["ir.sequence"].create(
            {"name": "S", "company_id": other_company.id}
        )
        with self.assertRaises(ValidationError):
            self.company.marketing_contact_sequence_id = sequence
        no_gap = self.env["ir.sequence"].create(
            {"name": "S", "company_id": False, "implementation": "no_gap"}
        )
        with self.assertRaises(ValidationError):
            self.company.marketing_contact_sequence_id = no_gap

    def test_hierarchy(self):
        company = self._contact("Company")
        person = self.Contact.create({"name": "P", "parent_id": company.id})
        with self.assertRaises(ValidationError):
            company.is_company = False
        with self.assertRaises(ValidationError):
            person.parent_id = person
        with self.assertRaises(ValidationError):
            person.is_company = True
        with self.assertRaises(ValidationError):
            self.Contact.create({"name": "Q", "parent_id": person.id})
        with self.assertRaises(ValidationError):
            company.parent_id = self._contact("Other")

    def test_person_takes_over_the_address(self):
        """BC-010, BC-011: in the form, if it has none."""
        company = self._contact("Company", street="S 1", city="Lund")
        person = self.Contact.new({"name": "P", "parent_id": company.id})
        person._onchange_parent_id()
        self.assertEqual((person.street, person.city), ("S 1", "Lund"))

    def test_found_by(self):
        contact = self._contact(
            "Findable", email="find@me.example", vat="SE123456789701"
        )
        for term in ("Findab", contact.number, "find@me", "123456789701"):
            self.assertIn(
                contact.id, [id_ for id_, _name in self.Contact.name_search(term)], term
            )

    def test_several_addresses(self):
        """BC-020: two addresses are accepted, as Odoo does."""
        self.assertTrue(self._contact(email="a@b.example; c@d.example").email)

    def test_unusual_names(self):
        for name in ("x" * 10000, "🦊 AB", "شركة", "=HYPERLINK(1)"):
            contact = self._contact(name)
            customer = contact.create_card("customer")
            self.assertEqual(customer.name, name)

    def test_summary(self):
        """BC-271, BC-278, BC-280, GX-15, and searched for as it is computed."""
        law, press = self.env["marketing.business.relation"].create(
            [{"code": "LAW1", "name": "Law"}, {"code": "PRESS1", "name": "Press"}]
        )
        company = self._contact("S customer")
        company.create_card("customer")
        contacts = {
            "none": self._contact("S none"),
            "customer": company,
            "other": self._contact("S other"),
            "multiple": self._contact("S multiple"),
        }
        person = self.Contact.create({"name": "S person", "parent_id": company.id})
        self.assertEqual(person.relation_summary, "customer")
        self.assertEqual(person.customer_id, company.customer_id)
        self.Relation.create(
            [
                {
                    "contact_id": contacts[name].id,
                    "business_relation_id": code.id,
                }
                for name, code in (
                    ("other", law),
                    ("multiple", law),
                    ("multiple", press),
                )
            ]
        )
        two_accounts = self._contact("S bank")
        for number in ("1", "2"):
            two_accounts.create_card("bank_account", values={"acc_number": number})
        contacts["bank_account"] = two_accounts
        for summary, contact in contacts.items():
            self.assertEqual(contact.relation_summary, summary)
            found = self.Contact.search(
                [("relation_summary", "=", summary), ("name", "=like", "S %")]
            )
            expected = contact | person if summary == "customer" else contact
            self.assertEqual(found, expected, summary)
        self.assertEqual(
            self.Contact.search_count(
                [("relation_summary", "!=", "none"), ("name", "=like", "S %")]
            ),
            5,
        )

    def test_a_customer_is_no_bank_by_accident(self):
        contact = self._contact("Acme")
        customer = contact.create_card("customer")
        wizard = self.env["marketing.contact.create.card"].create(
            {"contact_ids": contact.ids, "kind": "bank_account"}
        )
        self.assertEqual(wizard.bank_warning, "Acme")
        action = wizard.action_view_their_accounts()
        self.assertEqual(action["context"]["default_partner_id"], customer.id)
        wizard.kind = "vendor"
        self.assertFalse(wizard.bank_warning)

    def test_account_of_the_customer(self):
        """An account that the customer holds is none of ours, and makes no bank."""
        contact = self._contact("Acme")
        customer = contact.create_card("customer")
        bank = self.Bank.create({"name": "Their Bank"})
        known = self._account("THEIRS 1", bank, customer)
        user = new_test_user(
            self.env,
            "account_maker",
            "marketing_contact.group_marketing_contact_user,base.group_partner_manager",
        )
        wizard = (
            self.env["marketing.contact.create.card"]
            .with_user(user)
            .with_context(default_kind="bank_account", default_name="Not mine")
            .create({"contact_ids": contact.ids})
        )
        self.assertEqual(wizard.their_partner_id, customer)
        self.assertEqual(wizard.their_accounts, known.display_name)
        before = self.Account.search([])
        wizard.write(
            {
                "whose_account": "theirs",
                "acc_number": "THEIRS 2",
                "their_bank_id": bank.id,
            }
        )
        self.assertIn("does not become a bank", wizard.preview)
        self.assertEqual(self.Account.search([]), before)
        action = wizard.action_create()
        account = self.Account.search([]) - before
        self.assertEqual(action["res_id"], account.id)
        self.assertEqual(account.partner_id, customer)
        self.assertEqual(account.bank_id, bank)
        self.assertFalse(contact.bank_account_ids or account.marketing_contact_id)
        self.assertEqual(contact.relation_ids.mapped("kind"), ["customer"])

    def test_account_of_the_customer_needs_the_right_to_make_one(self):
        contact = self._contact("Acme")
        contact.create_card("customer")
        wizard = self.env["marketing.contact.create.card"].with_user(self.marketer)
        wizard = wizard.create(
            {
                "contact_ids": contact.ids,
                "kind": "bank_account",
                "whose_account": "theirs",
                "acc_number": "THEIRS 3",
            }
        )
        with self.assertRaises(AccessError):
            wizard.action_create()
