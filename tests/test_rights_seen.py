import json
import random
from unittest.mock import patch

import psycopg2.errors

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.marketing_contact.models.links.put import put
from odoo.addons.marketing_contact.models.sync import engine

from .common_documents import MarketingDocumentsCommon


@tagged("post_install", "-at_install")
class TestRightsSeen(MarketingDocumentsCommon):
    """Who sees and does what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.env["res.company"].create({"name": "Second Company"})
        cls.secret = cls._partner(
            "Secret", company_id=cls.second.id, phone="0700 SECRET", email="s@x.example"
        )
        cls.theirs = cls._contact(
            "Theirs", company_id=cls.second.id, phone="0711 SECRET"
        )

    def _hide(self, records):
        """Hide records by a rule, as `hr` hides employees' bank accounts."""
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get(records._name).id,
                "domain_force": repr([("id", "not in", records.ids)]),
            }
        )

    # ------------------------------------------------------------
    # NOTHING SHOWN
    # ------------------------------------------------------------

    def test_link_wizard_tells_nothing(self):
        Wizard = self.env["marketing.contact.link"].with_user(self.marketer)
        own = self._contact("Own")
        for contact, partner in ((own, self.secret), (self.theirs, self._partner("P"))):
            vals = {
                "contact_id": contact.id,
                "kind": "customer",
                "partner_id": partner.id,
            }
            wizard = Wizard.create(vals)
            self.assertFalse(wizard.sudo().line_ids)
            values = Wizard.onchange(
                vals,
                list(vals),
                {
                    **dict.fromkeys([*vals, "preview"], {}),
                    "line_ids": {"fields": {"card_value": {}, "contact_value": {}}},
                },
            )
            self.assertNotIn("SECRET", repr(values))
            self.assertNotIn("SECRET", str(wizard.preview))

    def test_existing_contact_stays_hidden(self):
        shared = self._partner("Shared")
        self.theirs.link_card("customer", shared.id)
        wizard = (
            self.env["marketing.contact.link"]
            .with_user(self.marketer)
            .create(
                {
                    "contact_id": self._contact("Own").id,
                    "kind": "customer",
                    "partner_id": shared.id,
                }
            )
        )
        self.assertFalse(wizard.existing_contact_id)
        with self.assertRaises(UserError) as caught:
            wizard.action_link()
        self.assertNotIn(self.theirs.number, str(caught.exception))

    def test_hidden_card_locks_nothing(self):
        contact, customer, _vendor, bank = self._linked("Acme", phone="11")
        account = contact.bank_account_ids
        self._hide(account)
        self._hide(customer)
        self.env.invalidate_all()
        for user in (self.marketer, self.manager):
            theirs = contact.with_user(user)
            values = theirs.web_read(
                {
                    "name": {},
                    "customer_id": {"fields": {"display_name": {}}},
                    "bank_account_ids": {"fields": {"acc_number": {}}},
                    "bank_account_count": {},
                    "relation_ids": {
                        "fields": {
                            "card_name": {},
                            "partner_id": {"fields": {"display_name": {}}},
                        }
                    },
                }
            )[0]
            self.assertFalse(values["customer_id"])
            self.assertFalse(values["bank_account_ids"])
            self.assertEqual(len(values["relation_ids"]), 1)
            self.env.invalidate_all()
        contact.with_user(self.marketer).phone = "22"
        self.assertAll((customer, bank), "phone", "22")

    def test_hidden_card_in_differences(self):
        contact, customer, _vendor, _bank = self._linked("Acme", phone="11")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET phone = 'SECRET' WHERE id = %s", [customer.id]
        )
        self.env.invalidate_all()
        difference = contact.relation_ids.check_differences()
        self._hide(customer)
        self.env.invalidate_all()
        Difference = self.env["marketing.sync.difference"].with_user(self.marketer)
        with self.assertRaises(AccessError):
            Difference.search([("card_raw", "=", "SECRET")])
        with self.assertRaises(AccessError):
            difference.with_user(self.marketer).read(["card_value"])
        self.assertFalse(Difference.search([("id", "in", difference.ids)]))

    def test_journal_of_hidden_records(self):
        contact, customer, _vendor, _bank = self._linked("Acme", phone="11")
        contact.phone = "SECRET"
        changes = self.env["marketing.sync.change"].search([], limit=4)
        hidden = changes.filtered(
            lambda c: (c.target_model, c.target_id) == ("res.partner", customer.id)
        )
        self.assertTrue(hidden)
        self._hide(customer)
        customer.marketing_relation_ids.unlink()
        self.env.invalidate_all()
        Change = self.env["marketing.sync.change"].with_user(self.manager)
        found = Change.search([("id", "in", changes.ids)])
        self.assertEqual(len(found), len(changes) - 1)
        self.assertNotIn(hidden.id, found.ids)
        with self.assertRaises(AccessError):
            hidden.with_user(self.manager).read(["new_value"])

    def test_search_by_link_walks_with_own_rights(self):
        contact = self.theirs
        contact.link_card("customer", self.secret.id)
        contact.phone = "123"
        Change = self.env["marketing.sync.change"].with_user(self.manager)
        self.assertFalse(
            Change.search([("relation_id.contact_id.phone", "=like", "12%")])
        )

    def test_setup_of_another_company(self):
        self.second.marketing_journal_days = 77
        Setup = self.env["marketing.setup"].with_user(self.manager)
        setup = Setup.create({"company_id": self.second.id})
        self.assertNotEqual(setup.marketing_journal_days, 77)
        with self.assertRaises(AccessError):
            setup.action_save()

    def test_setup_with_one_value(self):
        before = self.company.marketing_customer_relation_id
        self.assertTrue(before)
        setup = (
            self.env["marketing.setup"]
            .with_user(self.manager)
            .create({"marketing_journal_days": 12})
        )
        setup.action_save()
        self.assertEqual(self.company.marketing_journal_days, 12)
        self.assertEqual(self.company.marketing_customer_relation_id, before)
        self.assertTrue(self.company.marketing_contact_sequence_id)

    def test_series_of_something_else(self):
        orders = self.env["ir.sequence"].search([("code", "=", "sale.order")], limit=1)
        self.assertTrue(orders)
        orders.company_id = False
        with self.assertRaises(ValidationError):
            self.company.marketing_contact_sequence_id = orders

    def test_chatter_names_no_card_of_another_company(self):
        contact = self._contact("Shared")
        contact.link_card("customer", self.secret.id, master="card")
        name = "Quite Secret"
        self.secret.name = name
        self.secret.unlink()
        self.assertNotIn(name, "".join(contact.message_ids.mapped("body")))

    def test_lineage_is_not_for_the_portal(self):
        portal = new_test_user(self.env, "portal_user", "base.group_portal")
        contact = self._contact("Portal", email="p@x.example")
        contact.link_card("customer", portal.partner_id.id, master="card")
        with self.assertRaises(AccessError):
            portal.partner_id.with_user(portal).get_lineage()

    # ------------------------------------------------------------
    # NOTHING TAKEN
    # ------------------------------------------------------------

    def test_prints_that_never_were(self):
        order = self._sale_orders()
        report = self.env["ir.actions.report"]
        options = {"options": json.dumps({"ids": order.ids})}
        for user in (self.employee, self.seller):
            report.with_user(user)._marketing_record_print(
                "sale.report_saleorder", None, options
            )
        report.with_user(self.employee)._marketing_record_print(
            "sale.report_saleorder", str(order.id), {}
        )
        self.assertFalse(
            self.contact.interaction_ids.filtered(lambda i: i.res_id == order.id)
        )

    def test_conditions_are_literal(self):
        rule = self._only_rule(model="sale.order", event="create")
        for domain in (
            "[('id', '=', 9 ** 9 ** 9)]",
            "[(1, '=', 1) for i in range(10 ** 9)]",
            "[('name', '=', uid)]",
            "[('no_such_field', '=', 1)]",
        ):
            with self.assertRaises(ValidationError):
                rule.with_user(self.manager).domain = domain

    def test_conditions_with_the_rights_of_who_writes(self):
        rule = self._only_rule(model="res.partner", event="print")
        secret = "[('user_ids.password', '=like', 'a%')]"
        with self.assertRaises(UserError):
            rule.with_user(self.manager).domain = secret

    def test_rules_are_the_same_for_whoever_comes_first(self):
        rule = self._only_rule(model="sale.order", event="create")
        rule.active = False
        self.env.registry.clear_cache()
        Rule = self.env["marketing.interaction.rule"]
        self.assertFalse(
            Rule.with_context(active_test=False)._get_active_rules("sale.order")
        )

    def test_options_only_from_code(self):
        contact, customer = self._contact("A", phone="1"), self._partner("A", phone="1")
        other = self._contact("B", phone="2")
        relation = contact.link_card("customer", customer.id)
        relation.with_context(
            marketing_contact_link_options={"align": False},
            marketing_contact_no_align=True,
        ).contact_id = other
        self.assertEqual(customer.phone, "2")
        put(relation, [{"contact_id": contact.id}], align=False)
        self.assertEqual(customer.phone, "2")

    def test_what_the_system_keeps(self):
        contact, customer = self._contact("A", phone="1"), self._partner("A")
        relation = contact.link_card("customer", customer.id)
        relation.with_user(self.marketer).write({"state": "drifted"})
        self.assertEqual(relation.state, "equal")
        Interaction = self.env["marketing.interaction"].with_user(self.marketer)
        call = Interaction.create(
            {
                "contact_id": contact.id,
                "name": "Call",
                "res_model": "res.users",
                "res_id": 1,
            }
        )
        self.assertFalse(call.res_model)
        call.write({"res_model": "res.users", "res_id": 1})
        self.assertFalse(call.res_id)

    def test_map_of_what_steers_money(self):
        self.Map.search(
            [("contact_field", "in", ("function", "lang", "website", "email"))]
        ).unlink()
        for kind, contact_field, card_field in (
            ("bank_account", "function", "bic"),
            ("customer", "comment", "invoice_warn_msg"),
            ("customer", "function", "peppol_endpoint"),
            ("customer", "function", "peppol_eas"),
            ("customer", "function", "autopost_bills"),
            ("vendor", "lang", "autopost_bills"),
            ("vendor", "website", "email"),
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.Map.create(
                    {
                        "kind": kind,
                        "contact_field": contact_field,
                        "card_field": card_field,
                    }
                )

    def test_who_may_not_write_locks_nothing(self):
        contact = self._linked("Acme")[0]
        self.env.flush_all()
        with (
            patch.object(engine, "propagate", side_effect=AssertionError),
            self.assertRaises(AccessError),
        ):
            before = self.env.cr.sql_log_count
            contact.with_user(self.employee).write({"phone": "1"})
        self.assertLess(self.env.cr.sql_log_count - before, 10)

    # ------------------------------------------------------------
    # SMALLER
    # ------------------------------------------------------------

    def test_found_by_what_is_shown(self):
        contact = self._contact("Acme Long Name")
        Contact = self.Contact.with_user(self.marketer)
        shown = contact.display_name
        self.assertIn(contact.number, shown)
        for operator in ("ilike", "="):
            found = Contact.name_search(shown, operator=operator)
            self.assertEqual([id_ for id_, _name in found], [contact.id])
        result = Contact.load(["name", "parent_id"], [["Ann", shown]])
        self.assertTrue(result["ids"], result["messages"])
        self.assertEqual(Contact.browse(result["ids"]).parent_id, contact)
        order = self.SaleOrder.search([("marketing_contact_id", "ilike", shown)])
        self.assertFalse(order)
        code = self.company.marketing_customer_relation_id
        found = code.name_search(code.display_name)
        self.assertEqual(found[0][0], code.id)

    def test_several_addresses_in_one_field(self):
        self.contact.email = "first@x.example, second@x.example"
        recorder = self.env["marketing.interaction"]
        item = {
            "model": "sale.order",
            "res_id": 5,
            "partner_ids": [],
            "addresses": ["second@x.example"],
        }
        reaches = recorder._get_reach([item], {5: self.contact})
        self.assertTrue(reaches(item))

    def test_confirmed_state_is_filled_in(self):
        with Form(self.Rule.with_user(self.manager)) as form:
            form.event = "confirm"
            form.model_id = self.env["ir.model"]._get("sale.order")
            form.template_id = self.env["marketing.interaction.template"].search(
                [], limit=1
            )
            self.assertEqual(form.confirmed_state_id.name, "Sales Order")
        self.assertEqual(form.record.confirmed_state, "sale")

    def test_unused_code_of_the_setup(self):
        code = self.env["marketing.business.relation"].create(
            {"code": "NEWB", "name": "New Bank"}
        )
        self.second.marketing_bank_relation_id = code
        with self.assertRaises(ValidationError):
            code.unlink()

    def test_serialization_error_is_tried_again(self):
        recorder = self.env["marketing.interaction"]
        with self.assertRaises(psycopg2.errors.SerializationFailure):
            with recorder._harmless():
                raise psycopg2.errors.SerializationFailure()

    def test_texts_that_no_index_takes(self):
        letters = random.Random(1)
        text = "".join(
            letters.choice("ABCDEFGHIJKLMNOPQ0123456789") for _i in range(300000)
        )
        for vals in ({"vat": text}, {"name": text}):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.Contact.create({"name": "A", **vals})
        with self.assertRaises(ValidationError):
            self.env["marketing.business.relation"].create({"code": text, "name": "A"})
        # a bank may have fifty addresses: these have no limit
        contact = self.Contact.create({"name": "A", "email": text, "phone": text})
        self.assertEqual((contact.email, contact.phone), (text, text))

    # ------------------------------------------------------------
    # COMPANY-DEPENDENT VALUES
    # ------------------------------------------------------------

    def test_template_for_the_company_of_the_card(self):
        terms = self.env["account.payment.term"].create({"name": "Ten Days"})
        theirs = self.env["account.payment.term"].create(
            {"name": "Theirs", "company_id": self.second.id}
        )
        self.env.user.company_ids += self.second
        Template = self.env["marketing.card.template"]
        shared = Template.create(
            {"name": "T", "company_id": False, "property_payment_term_id": terms.id}
        )
        own = Template.create(
            {
                "name": "O",
                "company_id": self.second.id,
                "property_payment_term_id": theirs.id,
            }
        )
        for template, expected in ((shared, terms), (own, theirs)):
            contact = self._contact("Acme", company_id=self.second.id)
            customer = contact.create_card("customer", template_id=template.id)
            self.assertEqual(customer.company_id, self.second)
            self.assertEqual(
                customer.with_company(self.second).property_payment_term_id, expected
            )
            self.assertNotEqual(
                customer.with_company(self.company).property_payment_term_id, expected
            )
