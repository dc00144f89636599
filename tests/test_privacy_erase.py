from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import convert_file

from ..models.runs import workers
from .common_privacy import PrivacyCommon


class TestPrivacyErase(PrivacyCommon):
    """What goes, what stays, and that the plan is the deed."""

    def _get(self, plan, where, model):
        return [line["id"] for line in plan[where] if line["model"] == model]

    def _reason(self, plan, record):
        (line,) = (
            line
            for lines in plan.values()
            for line in lines
            if (line["model"], line["id"]) == (record._name, record.id)
        )
        return line["reason"]

    # ------------------------------------------------------------
    # WHO MAY
    # ------------------------------------------------------------

    def test_who_may(self):
        jo = self._person()
        for user in (self.marketer, self.manager, self.clerk):
            mine = jo.with_user(user)
            for deed in (mine.privacy_plan, mine.privacy_erase, mine.privacy_answer):
                with self.assertRaises(AccessError):
                    deed()
        self.assertTrue(jo.with_user(self.officer).privacy_plan()["goes"])
        settings = new_test_user(self.env, "settings", "base.group_system")
        self.assertTrue(jo.with_user(settings).privacy_plan()["goes"])

    def test_bad_input(self):
        jo = self._person()
        with self.assertRaisesRegex(UserError, "minimise"):
            jo.privacy_plan("shred")
        self._request(jo, "restriction")
        with self.assertRaisesRegex(UserError, "PR/"):
            jo.privacy_erase()
        self.assertTrue(jo.exists())

        for deed in (self.Contact.privacy_plan, self.Contact.privacy_erase):
            with self.assertRaisesRegex(UserError, "nothing was erased"):
                deed()

    def test_plan_writes_nothing(self):
        jo = self._person()
        before = self.env["marketing.sync.batch"].search_count([])
        jo.privacy_plan()
        self.assertEqual(self.env["marketing.sync.batch"].search_count([]), before)
        self.assertFalse(self.Ban.search([]))

    def test_twice(self):
        jo = self._person()
        jo.privacy_erase()
        with self.assertRaisesRegex(UserError, "gone already"):
            jo.privacy_erase()

    def test_merged(self):
        jo, twin = self._person(), self._person("Jo M")
        twin.merge_into(jo)
        with self.assertRaisesRegex(UserError, "merged into"):
            twin.privacy_plan()
        jo.privacy_erase()
        self.assertFalse((jo | twin).exists())

    # ------------------------------------------------------------
    # CARDS
    # ------------------------------------------------------------

    def test_cards(self):
        """Of three customers, one has nothing, one an entry, one an open order."""
        for cards, expected in (
            ("keep", (True, True, True)),
            ("minimise", (False, False, True)),
            ("erase", (None, False, True)),
        ):
            people = self.Contact.browse()
            for name in ("Nothing", "Entry", "Order"):
                people |= self._person(
                    name, email=f"{name}.{cards}@x.example", phone=False
                )
            customers = people.create_card("customer")
            orders = self._sale_orders(partner=customers[1])
            orders |= self._sale_orders(partner=customers[2])
            orders[1].action_confirm()
            plan = people.privacy_erase(cards)
            self.assertEqual(
                tuple(bool(c.email) if c.exists() else None for c in customers),
                expected,
            )
            self.assertTrue(all(c.name for c in customers.exists()))
            self.assertEqual(set(self._get(plan, "stays", "sale.order")), {*orders.ids})

    def test_entry_that_names_the_card_in_a_line(self):
        jo = self._person()
        customer = jo.create_card("customer")
        accounts = self.env["account.account"].search([], limit=2)
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": customer.id,
                            "name": "Jo Marker",
                            "balance": balance,
                        }
                    )
                    for account, balance in zip(accounts, (5, -5), strict=True)
                ],
            }
        )
        entry.action_post()
        plan = jo.privacy_erase()
        self.assertEqual(self._get(plan, "stays", "account.move"), entry.ids)
        self.assertFalse(customer.email)

    def test_minimised_card_keeps_what_the_ledger_needs(self):
        jo = self._person(
            street="Main Street 1", vat="SE556677889901", website="jo.example"
        )
        customer = jo.create_card("customer")
        customer.comment = "note"
        jo.privacy_erase()
        self.assertEqual(customer.name, "Jo Marker")
        self.assertEqual(customer.street, "Main Street 1")
        self.assertEqual(customer.vat, "SE556677889901")
        self.assertFalse(customer.phone or customer.email or customer.website)
        self.assertFalse(customer.comment and "note" in customer.comment)
        self.assertNotIn("Jo", str(customer.message_ids[0].body))

    def test_addresses_of_an_erased_card(self):
        jo = self._person()
        customer = jo.create_card("customer")
        address = self.env["res.partner"].create(
            {"type": "delivery", "parent_id": customer.id, "street": "Back Yard"}
        )
        jo.privacy_erase("erase")
        self.assertFalse((customer | address).exists())

    def test_what_the_database_needs(self):
        """Also where another module points at the card and forbids to delete it."""
        jo = self._person()
        customer = jo.create_card("customer")
        self.env.flush_all()
        self.env.cr.execute(
            """CREATE TABLE marketing_test_needs (
                   partner_id int REFERENCES res_partner ON DELETE RESTRICT)"""
        )
        self.env.cr.execute(
            "INSERT INTO marketing_test_needs VALUES (%s)", customer.ids
        )
        jo.privacy_erase("erase")
        self.assertTrue(customer.exists())

    def test_two_cards_and_vendor(self):
        jo = self._person()
        customer, vendor = jo.create_card("customer"), jo.create_card("vendor")
        jo.privacy_erase()
        self.assertFalse(customer.email or vendor.email)

    def test_bank(self):
        contact = self._contact("Bank", email="b@bank.example")
        bank = self.Bank.create({"name": "Bank"})
        account = self._account("123", bank)
        contact.link_card("bank_account", account.id)
        plan = contact.privacy_erase("erase")
        self.assertIn(bank.id, self._get(plan, "stays", "res.bank"))
        self.assertIn(account.id, self._get(plan, "stays", "res.partner.bank"))
        self.assertEqual(bank.email, "b@bank.example")
        self.assertTrue(account.exists())

    def test_people_of_an_erased_company_stay(self):
        plan = self.contact.privacy_erase()
        self.assertTrue(self.person.exists())
        self.assertFalse(self.person.parent_id)
        self.assertEqual(self._get(plan, "stays", "marketing.contact"), self.person.ids)

    def test_child_of_an_erased_person(self):
        self.contact.link_people()
        child = self.env["res.partner"].create(
            {
                "name": "Miller",
                "parent_id": self.customer.id,
                "email": "miller@mill.example",
                "phone": "+46 8 1",
            }
        )
        self.assertEqual(child.marketing_relation_ids.contact_id, self.person)
        self.person.privacy_erase()
        self.assertFalse(child.email or child.phone)
        self.assertEqual(self.customer.email, "info@mill.example")
        self.assertTrue(self.contact.exists())

    def test_users_and_own_companies_are_never_touched(self):
        user = new_test_user(
            self.env, "erased_user", "base.group_user", email="u@x.example"
        )
        jo = self._person("U", email="u@x.example")
        jo.link_card("customer", user.partner_id.id)
        own = self._contact("Us")
        own.link_card("customer", self.company.partner_id.id)
        email = self.company.partner_id.email
        plan = (jo | own).privacy_erase("erase")
        self.assertEqual(user.partner_id.email, "u@x.example")
        self.assertEqual(self.company.partner_id.email, email)
        self.assertIn("user", self._reason(plan, user.partner_id))

    def test_what_the_asker_may_not_write(self):
        reader = new_test_user(
            self.env, "reader", "marketing_contact.group_marketing_contact_privacy"
        )
        jo = self._person()
        customer = jo.create_card("customer")
        plan = jo.with_user(reader).privacy_erase()
        self.assertEqual(customer.email, "jo@marker.example")
        self.assertIn("not yours", self._reason(plan, customer))

    # ------------------------------------------------------------
    # WHAT GOES AND WHAT IS NAMELESS
    # ------------------------------------------------------------

    def test_interactions_stay_without_the_person(self):
        # the rule as a new database has it, and an older one after its migration
        convert_file(
            self.env,
            "marketing_contact",
            "security/marketing_contact_security.xml",
            {},
            "init",
            noupdate=True,
        )
        jo = self._person()
        interaction = self.Interaction.create(
            {"contact_id": jo.id, "name": "Told of Jo", "note": "Jo", "cost": 7}
        )
        plan = jo.privacy_erase()
        self.assertEqual(
            self._get(plan, "nameless", "marketing.interaction"), interaction.ids
        )
        self.assertFalse(interaction.contact_id or interaction.note)
        self.assertNotIn("Jo", interaction.name)
        self.assertEqual(interaction.cost, 7)
        self.assertTrue(interaction.with_user(self.marketer).read(["name", "cost"]))

    def test_journal(self):
        jo = self._person()
        jo.create_card("customer")
        jo.phone = "+46 70 111 11 11"
        plan = jo.privacy_erase()
        batches = self.env["marketing.sync.batch"].browse(
            self._get(plan, "nameless", "marketing.sync.batch")
        )
        self.assertTrue(batches and batches.exists().user_id)
        self.assertFalse(batches.change_ids.filtered("new_value"))
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertEqual(entry.origin, "erase")
        self.assertFalse(entry.change_ids or entry.removed_links or entry.created_ids)

    def test_no_undo(self):
        jo = self._person()
        jo.create_card("customer")
        jo.privacy_erase()
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        entry.undo()
        self.assertFalse(jo.exists())

    def test_look_yourself(self):
        other = self._partner("Somebody", email="jo@marker.example")
        plan = self._person().privacy_plan()
        self.assertIn("look yourself", self._reason(plan, other))

    def test_files_of_wizards(self):
        jo = self._person(email="jo_m@marker.example")
        wizard = self.env["base_import.import"].create(
            {
                "res_model": "marketing.contact",
                "file": b"name,email\nJo,jo_m@marker.example\n",
                "file_name": "people.csv",
                "file_type": "text/csv",
            }
        )
        jo.privacy_erase()
        self.assertFalse(wizard.exists())

    def test_hidden_names(self):
        """What the asker may not read is counted, not named."""
        jo = self._person()
        customer = jo.create_card("customer")
        order = self._sale_orders(partner=customer)
        plan = jo.with_user(self.officer).privacy_plan()
        (line,) = (line for line in plan["stays"] if line["model"] == "sale.order")
        self.assertNotIn(order.name, line["display_name"])

    # ------------------------------------------------------------
    # MANY
    # ------------------------------------------------------------

    def test_thousand_in_the_background(self):
        people = self.Contact.create(
            [{"name": f"P {n}", "email": f"p{n}@many.example"} for n in range(1000)]
        )
        run = people.with_user(self.officer).privacy_erase()
        self.assertEqual(run._name, "marketing.run")
        run = run.sudo()
        part = run.part_ids[0]
        part._work()
        self.assertEqual(len(people.exists()), 1000 - part.total)
        for part in run.part_ids[1:]:
            part._work()
        self.assertFalse(people.exists())
        self.assertEqual(self.Ban.search_count([]), 1000)

    def test_request_of_many(self):
        """What is not done yet is not said to be; bans know their request."""
        people = self._person("A", phone=False) | self._person("B", email="b@x.example")
        request = self._request(people)
        wizard = self.env["marketing.privacy.erase"].with_user(self.officer)
        wizard = wizard.browse(request.action_erase()["res_id"])
        wizard.confirm_count = wizard.count
        with patch.object(workers, "SLOW_FROM", 2):
            run = self.env["marketing.run"].browse(wizard.action_erase()["res_id"])
        self.assertEqual(request.state, "open")
        for part in run.sudo().part_ids:
            part._work()
        self.assertFalse(people.exists())
        self.assertEqual(self.Ban.search([]).request_id, request.sudo())
        request.action_done()

    def test_queries_do_not_grow(self):
        def count(number):
            people = self.Contact.create(
                [
                    {"name": f"Q {n}", "email": f"q{number}.{n}@x.example"}
                    for n in range(number)
                ]
            )
            people.create_card("customer")
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            people.privacy_plan()
            return self.env.cr.sql_log_count - start

        count(1)
        self.assertLessEqual(count(40), count(1) + 5)

    def test_one_that_is_refused_stops_no_run(self):
        people = self._person("A", email="a@x.example") | self._person("B", email=False)
        self._request(people[0], "restriction")
        run = (
            self.env["marketing.run"]
            .with_user(self.officer)
            ._start("erase", {"contact_ids": people.ids, "cards": "minimise"})
        )
        run.sudo().part_ids._work()
        self.assertEqual(people.exists(), people[0])
        self.assertEqual(run.sudo().exception_ids.res_id, people[0].id)

    def test_companies(self):
        """An officer of another company touches nothing here."""
        other = self.env["res.company"].create({"name": "Second"})
        officer = new_test_user(
            self.env,
            "officer2",
            "marketing_contact.group_marketing_contact_privacy",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        jo = self._person(company_id=self.company.id)
        with self.assertRaises(AccessError):
            jo.with_user(officer).privacy_erase()
        self.assertTrue(jo.exists())
