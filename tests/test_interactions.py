from unittest.mock import patch

import psycopg2.errors

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, mute_logger, new_test_user, tagged

from .common_documents import MarketingDocumentsCommon

RECORDER = (
    "odoo.addons.marketing_contact.models.interactions.marketing_interaction_recorder"
)

RULE = "odoo.addons.marketing_contact.models.interactions.marketing_interaction_rule"


@tagged("post_install", "-at_install")
class TestInteractions(MarketingDocumentsCommon):
    """Interactions by hand, the rules, rights and trust."""

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def test_log_by_hand(self):
        """BC-241, BC-242, BC-246: logged from the contact, with the user's own name."""
        self.contact.user_id = self.seller
        call = self.env.ref("marketing_contact.marketing_interaction_template_meeting")
        action = self.contact.with_user(self.marketer).action_log_interaction()
        Model = self.Interaction.with_user(self.marketer)
        form = Form(Model.with_context(**action["context"]), view=action["views"][0][0])
        self.assertTrue(form._get_modifier("contact_id", "readonly"))
        form.template_id = call
        interaction = form.save()
        self.assertRecordValues(
            interaction,
            [
                {
                    "contact_id": self.contact.id,
                    "name": "Meeting",
                    "channel": "meeting",
                    "duration": 1.0,
                    "user_id": self.marketer.id,
                    "company_id": self.env.company.id,
                }
            ],
        )

    def test_company(self):
        """An interaction is seen where its contact is, however it was entered."""
        other = self.env["res.company"].create({"name": "Other Company"})
        companies = self.env.company + other
        both, theirs = (
            new_test_user(
                self.env,
                login,
                "marketing_contact.group_marketing_contact_user",
                company_id=users_companies[0].id,
                company_ids=[Command.set(users_companies.ids)],
            )
            for login, users_companies in (("both", companies), ("theirs", other))
        )
        contact = self._contact("Theirs", company_id=other.id)
        Model = self.Interaction.with_user(both)
        Model = Model.with_context(allowed_company_ids=companies.ids)
        with Form(Model) as form:
            form.contact_id = contact
            form.name = "Entered"
        interactions = form.record
        rows = [[str(contact.id), "Imported"]]
        loaded = Model.load(["contact_id/.id", "name"], rows)
        interactions |= Model.browse(loaded["ids"])
        self.assertAll(interactions, "company_id", other)
        self.assertEqual(contact.with_user(theirs).interaction_count, 2)
        # a contact that moves takes along what happened
        shared = Model.create({"contact_id": self.contact.id, "name": "Shared"})
        self.assertEqual(shared.company_id, self.env.company)
        contact.company_id = self.env.company
        self.assertAll(interactions, "company_id", self.env.company)

    def test_statistics(self):
        """BC-243: a company's history is its own and its people's."""
        dates = ("2026-01-01 10:00:00", "2026-01-03 10:00:00", "2026-01-02 10:00:00")
        for contact, date in zip(
            (self.contact, self.person, self.contact), dates, strict=True
        ):
            self.Interaction.create(
                {"contact_id": contact.id, "name": "Call", "date": date}
            )
        self.assertEqual(self.contact.interaction_count, 3)
        self.assertEqual(self.person.interaction_count, 1)
        self.assertEqual(
            self.contact.last_interaction_date,
            fields.Datetime.to_datetime("2026-01-03 10:00:00"),
        )
        self.assertEqual(len(self.contact.timeline_ids), 3)
        action = self.contact.action_view_interactions()
        self.assertEqual(self.Interaction.search_count(action["domain"]), 3)
        self.assertEqual(len(self.contact.interaction_ids), 2)

    def test_deletion(self):
        order = self._sale_orders()
        name = order.name
        order.action_confirm()
        interaction = self.contact.interaction_ids
        order._action_cancel()
        order.unlink()
        self.assertEqual(interaction.res_name, name)
        self.assertEqual(
            interaction.action_open_document()["tag"], "display_notification"
        )
        self.contact.unlink()
        self.assertFalse(interaction.exists())

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def test_rule_reads_like_a_sentence(self):
        rule = self.env.ref(
            "marketing_contact.marketing_interaction_rule_sale_order_print"
        )
        self.assertEqual(
            rule.name, "When a Sales Order is printed, record Sales order printed"
        )
        self.assertIn(rule, self.Rule.search([("name", "ilike", "Sales Order")]))

    def test_shipped_rules_are_kept_on_update(self):
        data = self.env["ir.model.data"].search(
            [
                ("module", "=", "marketing_contact"),
                (
                    "model",
                    "in",
                    ("marketing.interaction.rule", "marketing.interaction.template"),
                ),
            ]
        )
        self.assertTrue(data)
        self.assertAll(data, "noupdate", True)

    def test_sleeping_rule(self):
        """A rule for a model that is not installed sleeps and does no harm."""
        rule = self._only_rule(
            model="no.such.model", event="create", domain="[('colour', '=', 'red')]"
        )
        self.assertTrue(rule.is_asleep)
        self.assertFalse(rule.model_id)
        self.assertNotIn("no.such.model", self.Rule._get_rule_map())
        rule.write({"model": "sale.order", "domain": "[]"})
        self.assertFalse(rule.is_asleep)
        self.assertEqual(rule.model_id.model, "sale.order")
        self._sale_orders()
        self.assertEqual(self._codes(), ["TEST"])

    def test_broken_condition_is_refused(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            *("[(", "[('state',", "5", "[" * 5001),
            # what only PostgreSQL refuses
            "[('create_date', '>', 'someday')]",
        ):
            with self.assertRaises(ValidationError):
                self._only_rule_of_order(domain)

    def _only_rule_of_order(self, domain):
        template = self.Template.create({"code": domain[:40], "name": "Broken"})
        return self.Rule.create(
            {
                "model": "sale.order",
                "event": "create",
                "domain": domain,
                "template_id": template.id,
            }
        )

    def test_rule_with_a_domain(self):
        self._only_rule(
            model="sale.order",
            event="confirm",
            confirmed_state="sale",
            domain="[('amount_untaxed', '>', 15)]",
        )
        small, large = self._sale_orders(2)
        large.order_line.product_uom_qty = 2
        (small + large).action_confirm()
        self.assertEqual(self.contact.interaction_ids.mapped("res_id"), large.ids)

    def test_condition_of_a_field_that_is_gone(self):
        """As after its module was uninstalled: that rule rests, others go on."""
        self._only_rule(model="sale.order", event="create")
        rule = self._only_rule_of_order("[]")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_interaction_rule SET domain = %s WHERE id = %s",
            ["[('partner_id.no_such_field', '=', 1)]", rule.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        with mute_logger(RULE):
            self._sale_orders()
        self.assertEqual(self._codes(), ["TEST"])

    def test_switched_off(self):
        order = self._sale_orders()
        self.env.ref(
            "marketing_contact.marketing_interaction_rule_sale_order_confirm"
        ).active = False
        order.action_confirm()
        self.assertFalse(self.contact.interaction_ids)

    # ------------------------------------------------------------
    # RIGHTS AND TRUST
    # ------------------------------------------------------------

    def test_rights(self):
        """BC-231, BC-240: who has no right on contacts is recorded all the same."""
        order = self._sale_orders(env=self.env(user=self.outsider))
        order.action_confirm()
        self._print(order, "sale.report_saleorder", self.outsider)
        self.assertEqual(self._codes(), ["ORDER-OK", "ORDER"])
        self.assertAll(self.contact.interaction_ids, "user_id", self.outsider)
        with self.assertRaises(AccessError):
            self.Interaction.with_user(self.outsider).search([])
        with self.assertRaises(AccessError):
            self.Rule.with_user(self.marketer).search([], limit=1).active = False
        with self.assertRaises(AccessError):
            self.Template.with_user(self.marketer).create({"code": "X", "name": "X"})
        self.Rule.with_user(self.marketer).search([]).mapped("name")
        self.Rule.with_user(self.manager).search([], limit=1).active = False

    def test_errors_do_no_harm(self):
        order = self._sale_orders()
        order.note = "pending"
        Recorder = type(self.env["marketing.interaction"])
        for error in (ValueError("bug"), psycopg2.Error("bug")):
            with (
                patch.object(Recorder, "_get_matches", side_effect=error),
                mute_logger(RECORDER),
            ):
                self._print(order, "sale.report_saleorder")
        with (
            patch.object(
                Recorder,
                "_write_interactions",
                lambda self, vals_list: self.env.cr.execute("SELECT no_such_column"),
            ),
            mute_logger(RECORDER, "odoo.sql_db"),
        ):
            order.action_confirm()
        self.env.invalidate_all()
        self.assertEqual(order.state, "sale")
        self.assertIn("pending", order.note)
        self.assertFalse(self.contact.interaction_ids)

    def test_read_only_passes(self):
        """Odoo repeats the request with a transaction that may write."""
        order = self._sale_orders()
        Recorder = type(self.env["marketing.interaction"])
        error = psycopg2.errors.ReadOnlySqlTransaction
        with (
            patch.object(Recorder, "_write_interactions", side_effect=error),
            self.assertRaises(error),
        ):
            self._print(order, "sale.report_saleorder")

    def test_defaults_in_the_context(self):
        order = self._sale_orders().with_context(
            default_name="Wrong", default_contact_id=self.person.id, default_note="No"
        )
        order.action_confirm()
        self.assertEqual(self.contact.interaction_ids.name, "Sales order confirmed")
