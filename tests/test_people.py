from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..models.people import people
from ..models.runs import workers
from .common import MarketingContactCommon


class TestPeople(MarketingContactCommon):
    """The people of a company and those of its customer are the same (§14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._partner("Azure", is_company=True, customer_rank=1)
        cls.anna = cls._child(cls.customer, "Anna Berg", email="Anna@azure.example")
        cls.bo = cls._child(cls.customer, "Bo Ek", function="Buyer")

    @classmethod
    def _child(cls, partner, name, **values):
        return cls.Partner.create({"name": name, "parent_id": partner.id, **values})

    def _ties(self, contact):
        return contact.child_ids.relation_ids.filtered(lambda r: r.kind == "person")

    def _person(self, contact, name, **values):
        return self.Contact.create({"name": name, "parent_id": contact.id, **values})

    # ------------------------------------------------------------
    # TIES
    # ------------------------------------------------------------

    def test_create_contacts_brings_people_along(self):
        address = self._child(self.customer, "Dock 3", type="delivery")
        contact = self.customer.create_marketing_contacts("customer")
        self.assertEqual(set(contact.child_ids.mapped("name")), {"Anna Berg", "Bo Ek"})
        ties = self._ties(contact)
        self.assertEqual(ties.partner_id, self.anna | self.bo)
        self.assertFalse(ties.business_relation_id)
        self.assertFalse(address.marketing_contact_id)
        person = self.bo.marketing_contact_id
        self.assertEqual((person.function, person.is_company), ("Buyer", False))
        # no business relation of its own: that of its company
        self.assertEqual(person.relation_summary, "customer")
        self.assertEqual(person.customer_id, self.customer)
        self.assertEqual(self.bo.customer_rank, 0)
        self.assertIn(
            person, self.Contact.search([("relation_summary", "=", "customer")])
        )
        self.assertFalse(
            self.Contact.search([("relation_summary", "=", "multiple")])
            & contact.child_ids
        )

    def test_values_travel_both_ways(self):
        contact = self.customer.create_marketing_contacts("customer")
        person = self.anna.marketing_contact_id
        self.anna.phone = "+46 8 555 010 01"
        self.assertEqual(person.phone, "+46 8 555 010 01")
        person.write({"function": "Head of Sales", "city": "Lund"})
        self.assertEqual(self.anna.function, "Head of Sales")
        self.assertNotEqual(self.anna.city, "Lund")
        self.assertEqual(contact.city, False)

    def test_link_ties_who_is_there(self):
        """By their e-mail, else by their name; the master of the link decides."""
        contact = self._contact("Azure Ltd", is_company=True)
        anna = self._person(contact, "A. Berg", email="anna@AZURE.example", phone="1")
        bo = self._person(contact, "bo  ek", function="Cook")
        other = self._person(contact, "Someone Else")
        contact.link_card("customer", self.customer.id, master="card")
        self.assertEqual(anna.relation_ids.partner_id, self.anna)
        self.assertEqual(bo.relation_ids.partner_id, self.bo)
        self.assertFalse(other.relation_ids)
        self.assertEqual(anna.name, "Anna Berg")
        self.assertEqual(bo.function, "Buyer")
        self.assertEqual(self.anna.phone, "1")
        self.assertEqual(len(contact.child_ids), 3)

    def test_a_common_mailbox_identifies_nobody(self):
        self.customer.email = "info@azure.example"
        (self.anna | self.bo).write({"email": "info@azure.example"})
        contact = self._contact("Azure Ltd", is_company=True)
        self.company.marketing_people_to_contacts = False
        one = self._person(contact, "Zoe", email="info@azure.example")
        contact.link_card("customer", self.customer.id)
        self.assertFalse(one.relation_ids)

    def test_switch_off(self):
        self.company.marketing_people_to_contacts = False
        contact = self._contact("Azure Ltd", is_company=True)
        bo = self._person(contact, "Bo Ek")
        contact.link_card("customer", self.customer.id)
        self.assertEqual(contact.child_ids, bo)
        self.assertEqual(bo.relation_ids.partner_id, self.bo)
        self._child(self.customer, "New")
        self.assertEqual(contact.child_ids, bo)
        self.company.marketing_people_to_contacts = True
        ties = contact.link_people()
        self.assertEqual(len(ties), 2)
        self.assertFalse(contact.link_people())

    def test_new_child_becomes_a_person(self):
        contact = self.customer.create_marketing_contacts("customer")
        new = self._child(self.customer, "Nils", phone="3")
        self.assertEqual(new.marketing_contact_id.parent_id, contact)
        address = self._child(self.customer, "Dock", type="delivery")
        self.assertFalse(address.marketing_contact_id)
        address.type = "contact"
        self.assertEqual(address.marketing_contact_id.parent_id, contact)
        joining = self._partner("Joining", is_company=False)
        joining.parent_id = self.customer
        self.assertEqual(joining.marketing_contact_id.parent_id, contact)
        none = self.Partner.with_context(marketing_contact_no_create=True).create(
            {"name": "None", "parent_id": self.customer.id}
        )
        self.assertFalse(none.marketing_contact_id)

    def test_new_person_becomes_a_child(self):
        contact = self.customer.create_marketing_contacts("customer")
        person = self._person(contact, "Off")
        self.assertFalse(person.relation_ids)
        self.company.marketing_people_to_cards = True
        marketer = contact.with_user(self.marketer)
        person = marketer.create(
            {"name": "Eva", "parent_id": contact.id, "email": "eva@azure.example"}
        )
        child = person.sudo().relation_ids.partner_id
        self.assertEqual((child.name, child.parent_id), ("Eva", self.customer))
        self.assertEqual(child.email, "eva@azure.example")
        self.assertEqual(child.type, "contact")

    def test_customer_and_vendor_apart(self):
        contact = self.customer.create_marketing_contacts("customer")
        vendor = self._partner("Azure Supplies", is_company=True)
        anna = self._child(vendor, "Anna Berg")
        contact.link_card("vendor", vendor.id)
        person = self.anna.marketing_contact_id
        self.assertEqual(anna.marketing_contact_id, person)
        self.assertEqual(len(person.relation_ids), 2)
        person.phone = "7"
        self.assertEqual((self.anna.phone, anna.phone), ("7", "7"))

    def test_import_in_any_order(self):
        contact = self._contact("Late", is_company=True)
        self._person(contact, "Anna Berg", email="anna@azure.example")
        customer = self._partner("Late", is_company=True)
        contact.link_card("customer", customer.id)
        child = self._child(customer, "Anna B", email="anna@azure.example")
        self.assertEqual(child.marketing_contact_id, contact.child_ids)
        self.assertEqual(child.marketing_contact_id.name, "Anna Berg")
        self.assertEqual(contact.child_ids.relation_ids.state, "drifted")

    # ------------------------------------------------------------
    # THE LIFE OF A TIE
    # ------------------------------------------------------------

    def test_unlinking_takes_it_along_and_undo_brings_it_back(self):
        contact = self.customer.create_marketing_contacts("customer")
        persons = contact.child_ids
        contact.relation_ids.unlink()
        self.assertFalse(persons.relation_ids)
        self.assertEqual(contact.child_ids, persons)
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        entry.undo()
        self.assertEqual(contact.customer_id, self.customer)
        self.assertEqual(len(persons.relation_ids), 2)
        contact.relation_ids.unlink()
        contact.link_card("customer", self.customer.id)
        self.assertEqual(len(persons.relation_ids), 2)
        self.assertEqual(contact.child_ids, persons)

    def test_person_changes_company(self):
        contact = self.customer.create_marketing_contacts("customer")
        person = self.anna.marketing_contact_id
        person.parent_id = self._contact("Elsewhere", is_company=True)
        self.assertFalse(person.relation_ids)
        self.assertEqual(self.anna.parent_id, self.customer)
        person.parent_id = contact
        self.assertEqual(person.relation_ids.partner_id, self.anna)

    def test_child_leaves(self):
        contact = self.customer.create_marketing_contacts("customer")
        person = self.anna.marketing_contact_id
        self.anna.parent_id = self._partner("Elsewhere", is_company=True)
        self.assertFalse(person.relation_ids)
        self.assertEqual(person.parent_id, contact)
        person = self.bo.marketing_contact_id
        self.bo.type = "delivery"
        self.assertFalse(person.relation_ids)
        self.bo.type = "contact"
        self.assertEqual(person.relation_ids.partner_id, self.bo)
        self.bo.is_company = True
        self.assertFalse(person.relation_ids)

    def test_moving_the_link(self):
        """The persons stay with their contact."""
        contact = self.customer.create_marketing_contacts("customer")
        persons = contact.child_ids
        other = self._contact("Other", is_company=True)
        contact.relation_ids.contact_id = other
        self.assertEqual(contact.child_ids, persons)
        self.assertFalse(persons.relation_ids)
        self.assertEqual(len(other.child_ids.relation_ids), 2)

    def test_deletions(self):
        contact = self.customer.create_marketing_contacts("customer")
        person, bo = self.anna.marketing_contact_id, self.bo.marketing_contact_id
        self.anna.unlink()
        self.assertTrue(person.exists())
        bo.unlink()
        self.assertTrue(self.bo.exists())
        contact.unlink()
        self.assertTrue(all((self.bo | self.customer).exists()) and person.exists())

    def test_archiving_touches_nobody_else(self):
        contact = self.customer.create_marketing_contacts("customer")
        person = self.anna.marketing_contact_id
        self.anna.active = False
        self.assertTrue(person.active)
        self.anna.active = True
        contact.active = False
        self.assertTrue(self.anna.active and self.customer.active and person.active)

    def test_only_where_they_belong(self):
        contact = self.customer.create_marketing_contacts("customer")
        stranger = self._contact("Stranger", is_company=False)
        with self.assertRaises(ValidationError):
            stranger.link_card("person", self.anna.id)
        self.company.marketing_people_to_contacts = False
        new = self._child(self.customer, "New")
        person = self.anna.marketing_contact_id
        with self.assertRaises(ValidationError):
            person.link_card("person", new.id)
        one = self._person(contact, "One")
        one.link_card("person", new.id, master="card")
        self.assertEqual(one.name, "New")

    def test_merged_partners(self):
        contact = self.customer.create_marketing_contacts("customer")
        twin = self._partner("Azure AB", is_company=True)
        cecilia = self._child(twin, "Cecilia")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | twin).ids, twin)
        self.assertEqual(contact.customer_id, twin)
        self.assertEqual(
            contact.child_ids.relation_ids.partner_id, self.anna | self.bo | cecilia
        )

    def test_moves_to_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.marketer.company_ids += other
        self.customer.company_id = self.company
        contact = self.customer.create_marketing_contacts("customer")
        self.assertEqual(contact.company_id, self.company)
        self.customer.company_id = other
        self.assertEqual((contact | contact.child_ids).company_id, other)
        self.assertEqual(len(self._ties(contact)), 2)

    # ------------------------------------------------------------
    # GUARD, JOURNAL, DRIFT
    # ------------------------------------------------------------

    def test_portal_user_keeps_the_email(self):
        """Portal customers are children most of the time."""
        self.customer.create_marketing_contacts("customer")
        person = self.anna.marketing_contact_id
        new_test_user(
            self.env,
            "anna",
            "base.group_portal",
            partner_id=self.anna.id,
            email="anna@azure.example",
        )
        person.with_user(self.marketer).write({"email": "x@evil.example", "phone": "9"})
        self.assertEqual(self.anna.email_normalized, "anna@azure.example")
        self.assertEqual(self.anna.phone, "9")
        self.assertEqual(person.relation_ids.state, "drifted")

    def test_preview_undo_lineage_and_drift(self):
        self.customer.create_marketing_contacts("customer")
        person = self.anna.marketing_contact_id
        effects = self.anna.preview_sync({"phone": "5"})
        self.assertEqual(
            [(e["model"], e["id"]) for e in effects], [(person._name, person.id)]
        )
        self.anna.phone = "5"
        lineage = {line["field"]: line for line in person.get_lineage()}
        self.assertEqual(lineage["phone"]["id"], self.anna.id)
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        entry.undo()
        self.assertFalse(person.phone or self.anna.phone)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET phone = 'x' WHERE id = %s", [self.anna.id]
        )
        self.env.invalidate_all()
        differences = person.relation_ids.check_differences()
        self.assertEqual(differences.mapped("contact_field"), ["phone"])

    def test_generated_people_go_with_the_undo(self):
        contact = self.customer.create_marketing_contacts("customer")
        persons = contact.child_ids
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        entry.undo(delete_created=True)
        self.assertFalse((contact | persons).exists())
        self.assertEqual(len((self.anna | self.bo).exists()), 2)

    def test_map_refuses_an_address(self):
        for name in ("city", "vat", "is_company"):
            with self.assertRaises(ValidationError):
                self.env["marketing.sync.field"].create(
                    {"kind": "person", "contact_field": name, "card_field": name}
                )

    def test_link_wizard(self):
        contact = self._contact("Azure Ltd")
        Link = self.env["marketing.contact.link"].with_user(self.marketer)
        for include_people, count in ((False, 0), (True, 2)):
            wizard = Link.create(
                {
                    "contact_id": contact.id,
                    "kind": "customer",
                    "partner_id": self.customer.id,
                    "include_people": include_people,
                }
            )
            self.assertTrue(wizard.has_people)
            wizard.action_link()
            self.assertEqual(len(contact.child_ids), count)
            contact.relation_ids.unlink()

    def test_create_as_wizard(self):
        contact = self._contact("New Co")
        person = self._person(contact, "Buyer", phone="5")
        Wizard = self.env["marketing.contact.create.card"]
        wizard = Wizard.create(
            {"contact_ids": person.ids, "kind": "customer", "include_people": True}
        )
        self.assertEqual(wizard.company_names, "New Co")
        self.assertTrue(wizard.has_people)
        self.assertIn("Buyer", wizard.preview)
        self.assertFalse(contact.customer_id)
        wizard.action_create()
        child = contact.customer_id.child_ids
        self.assertEqual((child.name, child.phone), ("Buyer", "5"))
        self.assertEqual(person.relation_ids.partner_id, child)

    def test_overview_offers_to_link_people(self):
        self.company.marketing_people_to_contacts = False
        contact = self.customer.create_marketing_contacts("customer")
        wizard = self.env["marketing.people.link"].with_user(self.marketer).create({})
        before = wizard.count_people
        self.assertGreaterEqual(before, 2)
        wizard.action_link()
        self.assertEqual(len(contact.child_ids), 2)
        again = self.env["marketing.people.link"].create({})
        self.assertEqual(again.count_people, before - 2)

    def test_link_people_beside_another_company(self):
        """Who may not see a link with another company's vendor is not stopped by it."""
        self.company.marketing_people_to_contacts = False
        contact = self.customer.create_marketing_contacts("customer")
        other = self.env["res.company"].create({"name": "Other"})
        contact.create_card("vendor", values={"company_id": other.id})
        self.env.flush_all()
        self.env.invalidate_all()
        mine = contact.with_user(self.marketer)
        self.assertEqual(len(mine.link_people()), 0)
        self.env["marketing.people.link"].with_user(self.marketer).create(
            {}
        ).action_link()
        self.assertEqual(len(contact.child_ids), 2)

    def test_link_people_in_the_background(self):
        self.company.marketing_people_to_contacts = False
        contact = self.customer.create_marketing_contacts("customer")
        with patch.object(workers, "BACKGROUND_FROM", 1):
            action = self.env["marketing.people.link"].create({}).action_link()
        run = self.env["marketing.run"].browse(action["res_id"])
        self.assertEqual(run.origin, "people")
        with self.enter_registry_test_mode():
            self.env.ref("marketing_contact.ir_cron_runs").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(contact.child_ids), 2)
        run.batch_ids.undo(delete_created=True)
        self.assertFalse(contact.child_ids)

    def test_link_undone(self):
        """The persons that a link brought go with it, if nobody used them."""
        contact = self._contact("Azure Ltd")
        contact.link_card("customer", self.customer.id)
        self.assertEqual(len(contact.child_ids), 2)
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        entry.undo(delete_created=True)
        self.assertFalse(contact.child_ids or contact.relation_ids)

    def test_hidden_children_are_left_out(self):
        self.env["ir.rule"].create(
            {
                "name": "No Bo",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('name', '!=', 'Bo Ek')]",
                "groups": [
                    Command.link(
                        self.env.ref(
                            "marketing_contact.group_marketing_contact_user"
                        ).id
                    )
                ],
            }
        )
        contact = self._contact("Azure Ltd")
        contact.with_user(self.marketer).link_card("customer", self.customer.id)
        self.assertEqual(contact.child_ids.mapped("name"), ["Anna Berg"])

    def test_a_refusal_stops_nobody(self):
        """A new person or child is there, whatever goes wrong with its twin."""
        contact = self.customer.create_marketing_contacts("customer")
        self.company.marketing_people_to_cards = True
        logger = "odoo.addons.marketing_contact.models.people.people"
        with (
            patch.object(people, "bring_along", side_effect=UserError("no")),
            mute_logger(logger),
        ):
            self._person(contact, "Eva")
            self._child(self.customer, "Nils")

    def test_orders_and_interactions(self):
        """A quotation for a child stands on the person (§14)."""
        contact = self.customer.create_marketing_contacts("customer")
        person = self.anna.marketing_contact_id
        order = self.env["sale.order"].create({"partner_id": self.anna.id})
        self.assertEqual(order.marketing_contact_id, person)
        self.assertEqual((contact.sale_order_count, person.sale_order_count), (1, 1))
        order.partner_id = self.customer
        self.assertEqual(order.marketing_contact_id, person, "one of the company")
        contact.primary_person_id = person
        action = contact.action_new_quotation()
        context = action["context"]
        self.assertEqual(context["default_partner_id"], self.anna.id)
        self.assertEqual(context["default_marketing_contact_id"], person.id)

    def test_old_orders_of_a_child(self):
        order = self.env["sale.order"].create({"partner_id": self.anna.id})
        self.env.flush_all()
        self.customer.create_marketing_contacts("customer")
        self.assertEqual(order.marketing_contact_id, self.anna.marketing_contact_id)

    def test_link_wizard_says_who_comes_along(self):
        contact = self._contact("Azure")
        wizard = self.env["marketing.contact.link"].new(
            {
                "contact_id": contact.id,
                "kind": "customer",
                "partner_id": self.customer.id,
                "include_people": True,
            }
        )
        for text in (wizard.effects, wizard.preview):
            self.assertIn("2 people along with it: Anna Berg, Bo Ek", text)
        wizard.include_people = False
        self.assertNotIn("along", wizard.effects or "")
        self.assertFalse(contact.child_ids)

    def test_not_chosen_by_hand(self):
        wizard = self.env["marketing.contact.link"]
        kinds = dict(wizard._fields["kind"]._description_selection(self.env))
        self.assertNotIn("person", kinds)

    def test_constant_number_of_queries(self):
        # names that nobody takes for each other, which would be asked about
        names = "Ahorn Birke Buche Eibe Eiche Erle Hasel Kiefer Linde Pappel Tanne Ulme"
        partners = self.Partner.union(
            *(self._partner(name, is_company=True) for name in names.split())
        )
        self.Partner.create(
            [
                {
                    "name": f"P {n}",
                    "parent_id": partner.id,
                    "email": f"{n}@{partner.id}.example",
                }
                for partner in partners
                for n in range(3)
            ]
        )
        self.env.flush_all()
        few, many = partners[:2], partners[2:]
        counts = []
        for batch in (few, many):
            before = self.env.cr.sql_log_count
            batch.create_marketing_contacts("customer")
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 5, counts)
        self.assertEqual(len(many.marketing_contact_id.child_ids), 30)


class TestInheritance(MarketingContactCommon):
    """People have from their company what is switched on, and follow it (§14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.azure = cls._contact(
            "Azure", is_company=True, street="Old Road 1", city="Lund", phone="1"
        )
        cls.anna = cls.Contact.create({"name": "Anna", "parent_id": cls.azure.id})
        cls.bo = cls.Contact.create(
            {
                "name": "Bo",
                "parent_id": cls.azure.id,
                "street": "Home 5",
                "city": "Ystad",
            }
        )

    def test_gets_what_is_empty(self):
        self.assertEqual((self.anna.street, self.anna.city), ("Old Road 1", "Lund"))
        self.assertEqual(self.bo.street, "Home 5")
        self.assertFalse(self.anna.phone)
        cecilia = self.Contact.create(
            {"name": "C", "parent_id": self.azure.id, "city": "Lund"}
        )
        self.assertEqual(cecilia.street, "Old Road 1")

    def test_company_moves(self):
        """GX-09: who differs stays, an address is one value."""
        self.azure.write({"street": "New Road 2", "city": "Malmö"})
        self.assertEqual((self.anna.street, self.anna.city), ("New Road 2", "Malmö"))
        self.assertEqual((self.bo.street, self.bo.city), ("Home 5", "Ystad"))
        self.azure.city = "Kiruna"
        self.assertEqual(self.anna.city, "Kiruna")

    def test_customer_moves(self):
        customer = self.azure.create_card("customer")
        customer.write({"street": "Paid Road 3"})
        self.assertEqual((self.azure.street, self.anna.street), ("Paid Road 3",) * 2)
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        entry.undo()
        self.assertEqual(
            {self.azure.street, self.anna.street, customer.street}, {"Old Road 1"}
        )

    def test_salesperson_and_language(self):
        """BC-003: all that is switched on; never the e-mail."""
        self.env["res.lang"]._activate_lang("sv_SE")
        self.azure.write({"user_id": self.marketer.id, "lang": "sv_SE", "phone": "2"})
        self.assertEqual(self.anna.user_id, self.marketer)
        self.assertEqual(self.anna.lang, "sv_SE")
        self.assertFalse(self.anna.phone)
        self.company.marketing_inherit_phone = True
        self.anna.phone = "2"
        self.azure.phone = "3"
        self.assertEqual((self.anna.phone, self.bo.phone), ("3", False))
        self.azure.email = "x@azure.example"
        self.assertFalse(self.anna.email)
        new = self.Contact.create({"name": "New", "parent_id": self.azure.id})
        self.assertEqual((new.lang, new.user_id), ("sv_SE", self.marketer))

    def test_goes_on_to_the_persons_card(self):
        self.company.marketing_inherit_phone = True
        customer = self.azure.create_card("customer")
        child = customer.child_ids.filtered(lambda c: c.name == "Anna")
        self.assertFalse(child, "create_card leaves the people out unless asked")
        self.company.marketing_people_to_cards = True
        self.azure.link_people()
        child = customer.child_ids.filtered(lambda c: c.name == "Anna")
        self.anna.phone = "1"
        self.azure.phone = "4"
        self.assertEqual((self.anna.phone, child.phone), ("4", "4"))

    def test_joining(self):
        loner = self._contact("Loner", is_company=False)
        loner.parent_id = self.azure
        self.assertEqual(loner.city, "Lund")
        line = {line["field"]: line for line in loner.get_lineage()}["city"]
        self.assertEqual(line["id"], self.azure.id)
        away = self._contact("Away", is_company=False, city="Ystad")
        away.parent_id = self.azure
        self.assertEqual((away.city, away.street), ("Ystad", False))

    def test_in_preview_journal_and_notice(self):
        effects = self.azure.preview_sync({"city": "Malmö"})
        self.assertEqual({e["id"] for e in effects}, {self.anna.id})
        more = self.Contact.create(
            [{"name": f"P{i}", "parent_id": self.azure.id} for i in range(12)]
        )
        notice = self.azure.get_sync_notice({"city": "Malmö"})
        self.assertIn("13 people", notice)
        batches = self.env["marketing.sync.batch"].search_count([])
        self.azure.city = "Malmö"
        self.assertEqual(self.env["marketing.sync.batch"].search_count([]), batches + 1)
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertEqual(set((more | self.anna).mapped("city")), {"Malmö"})
        self.anna.city = "Own"
        entry.undo()
        self.assertEqual(set((more | self.azure).mapped("city")), {"Lund"})
        self.assertEqual(self.anna.city, "Own")

    def test_one_pass(self):
        """A company with 100 people costs at most 12 queries more (§14)."""
        self.Contact.create(
            [{"name": f"P{i}", "parent_id": self.azure.id} for i in range(100)]
        )
        alone = self._contact(
            "Alone", is_company=True, street="Old Road 1", city="Lund"
        )
        counts = []
        for contact in (alone, self.azure):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            contact.write({"city": "Malmö", "street": "New Road 2"})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 12, counts)

    def test_people_of_several_companies(self):
        other = self._contact(
            "Other", is_company=True, city="Lund", street="Old Road 1"
        )
        eva = self.Contact.create({"name": "Eva", "parent_id": other.id})
        (self.azure | other).write({"city": "Umeå"})
        self.assertEqual((self.anna.city, eva.city), ("Umeå", "Umeå"))

    def test_form_shows_what_is_inherited(self):
        """BC-010, BC-011."""
        from odoo.tests import Form  # noqa: PLC0415

        with Form(self.Contact.with_user(self.marketer)) as form:
            form.name = "Eva"
            form.company_type = "person"
            form.parent_id = self.azure
            self.assertEqual(form.city, "Lund")

    def test_primary_contact_leaves(self):
        self.azure.primary_person_id = self.anna
        self.anna.parent_id = self._contact("Elsewhere", is_company=True)
        self.assertFalse(self.azure.primary_person_id)
