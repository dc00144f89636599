from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user
from odoo.tools import format_date

from ..models.segments import marketing_contact as segments_contact
from .common import MarketingContactCommon


class SegmentCommon(MarketingContactCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Segment = cls.env["marketing.segment"].with_user(cls.marketer)
        cls.oslo = cls._contact("Segment Oslo", city="Oslo")
        cls.rome = cls._contact("Segment Rome", city="Rome")
        cls.bonn = cls._contact("Segment Bonn", city="Bonn")
        cls.all = cls.oslo | cls.rome | cls.bonn
        cls.mine = [("name", "=like", "Segment %")]

    @classmethod
    def _segment(cls, *domain, **vals):
        vals.setdefault("domain", repr([*cls.mine, *domain]))
        return cls.Segment.create({"name": "S", **vals})

    def _members(self, segment, user=None):
        contacts = self.Contact.with_user(user or self.marketer)
        return contacts.search([("segment_ids", "in", segment.ids)]).with_env(self.env)


class TestSegments(SegmentCommon):
    """Who is in a segment, for whom, and who may say so."""

    def test_by_conditions_by_hand_and_without(self):
        segment = self._segment(("city", "in", ["Oslo", "Rome"]))
        self.assertEqual(self._members(segment), self.oslo | self.rome)
        self.assertEqual(segment.member_count, 2)
        segment.action_add_contacts(self.bonn.ids)
        segment.action_remove_contacts(self.rome.ids)
        self.assertEqual(self._members(segment), self.oslo | self.bonn)
        self.assertEqual(segment.excluded_ids.ids, self.rome.ids)
        segment.action_add_contacts(self.rome.ids)
        self.assertEqual(self._members(segment), self.all)

    def test_no_condition_is_everybody_a_static_one_who_was_put_in(self):
        everybody = self._segment(domain="[]")
        self.assertEqual(everybody.member_count, self.Contact.search_count([]))
        static = self._segment(kind="static", domain="[]")
        self.assertFalse(self._members(static))
        static.action_add_contacts((self.oslo | self.rome).ids)
        static.action_remove_contacts(self.rome.ids)
        self.assertEqual(self._members(static), self.oslo)

    def test_included_and_excluded_segments(self):
        oslo = self._segment(("city", "=", "Oslo"))
        rome = self._segment(("city", "=", "Rome"), include_segment_ids=oslo.ids)
        both = self.oslo | self.rome
        self.assertEqual(self._members(rome), both)
        rest = self._segment(exclude_segment_ids=rome.ids)
        self.assertEqual(self._members(rest), self.bonn)
        named = self._segment(("segment_ids", "in", rome.ids))
        self.assertEqual(self._members(named), both)
        self.assertEqual(
            self.Contact.search([*self.mine, ("segment_ids", "not in", oslo.ids)]),
            self.rome | self.bonn,
        )
        self.assertIn(named, self.oslo.with_user(self.marketer).segment_ids)
        self.assertNotIn(oslo, self.rome.with_user(self.marketer).segment_ids)

    def test_an_archived_segment_is_heeded_by_who_names_it(self):
        oslo = self._segment(("city", "=", "Oslo"))
        rome = self._segment(("city", "=", "Rome"))
        rest = self._segment(
            ("city", "!=", "Rome"),
            include_segment_ids=rome.ids,
            exclude_segment_ids=oslo.ids,
        )
        (oslo | rome).active = False
        self.env.invalidate_all()
        self.assertEqual(self._members(rest), self.rome | self.bonn)
        self.assertEqual(rest.exclude_segment_ids, oslo)
        self.assertEqual(rest.explain(self.oslo.ids)[0]["excluded_by"], oslo.id)

    def test_archived_and_merged_contacts_are_in_none(self):
        segment = self._segment()
        segment.action_add_contacts(self.all.ids)
        self.oslo.active = False
        self.rome.merge_into(self.bonn)
        self.assertEqual(self._members(segment), self.bonn)
        self.assertEqual(segment.member_count, 1)
        others = self.Contact.search([("segment_ids", "not in", segment.ids)])
        self.assertFalse(others & self.all)

    def test_a_circle_is_refused_with_its_path(self):
        first = self._segment(name="First")
        second = self._segment(name="Second", include_segment_ids=first.ids)
        with self.assertRaisesRegex(ValidationError, "First → Second → First"):
            first.exclude_segment_ids = second
        with self.assertRaisesRegex(ValidationError, "First → Second → First"):
            first.domain = repr([("segment_ids", "in", second.ids)])

    def test_nesting_costs_no_more_queries(self):
        chains = {}
        for depth in (2, 10):
            segment = self._segment(("city", "=", "Oslo"))
            for n in range(depth):
                vals = {"include_segment_ids": segment.ids}
                if n % 3 == 1:
                    vals = {"exclude_segment_ids": segment.ids}
                segment = self._segment(("zip", "=", str(n)), **vals)
            chains[depth] = segment
        counts = {}
        for depth, segment in chains.items():
            self.env.flush_all()
            self.env.invalidate_all()
            contacts = self.Contact.with_user(self.marketer)
            contacts.search_count([("segment_ids", "in", segment.ids)])
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            contacts.search_count([("segment_ids", "in", segment.ids)])
            counts[depth] = self.cr.sql_log_count - start
        self.assertEqual(counts[2], counts[10])
        self.assertLessEqual(counts[10], 20)

    def test_a_segment_costs_a_query_more_than_its_filter(self):
        domain = [("city", "=", "Oslo")]
        segment = self._segment(*domain)
        contacts, counts = self.Contact.with_user(self.marketer), []
        for wanted in (domain, [("segment_ids", "in", segment.ids)]) * 2:
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            contacts.search_count(wanted)
            contacts.search(wanted, limit=80).read(["name", "email"])
            counts.append(self.cr.sql_log_count - start)
        self.assertEqual(counts[3], counts[2] + 1)

    def test_many_segments_of_a_contact_cost_no_more_queries(self):
        counts = []
        for _n in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            self.oslo.with_user(self.marketer).read(["segment_ids"])
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self.oslo.with_user(self.marketer).read(["segment_ids"])
            counts.append(self.cr.sql_log_count - start)
            for n in range(9):
                self._segment(("zip", "=", str(n)))
        self.assertLessEqual(counts[1], counts[0] + 8)

    def test_a_circle_that_two_made_at_once_reaches_nobody(self):
        first, second = self._segment(name="First"), self._segment(name="Second")
        user = self._segment(include_segment_ids=first.ids)
        self.env.cr.execute(
            "INSERT INTO marketing_segment_include_rel VALUES (%s, %s), (%s, %s)",
            [first.id, second.id, second.id, first.id],
        )
        self.env.invalidate_all()
        for segment in first | second | user:
            self.assertIn("circle", segment.problem)
            self.assertFalse(self._members(segment))

    def test_what_is_no_filter_is_refused(self):
        author = new_test_user(
            self.env, "author", "marketing_contact.group_marketing_contact_user"
        )
        segments = self.env["marketing.segment"].with_user(author)
        for domain, words in (
            ("[('no_such', '=', 1)]", "no_such"),
            ("[('name', '=', __import__('os').name)]", "not a filter"),
            ("[('user_id.password', '=', 'x')]", "Password"),
            ("[('create_date', '>', datetime.now())]", "not a filter"),
            ("[('name', 'is', 'x')]", "is"),
            ("name", "not a filter"),
            ("[('segment_ids.name', '=', 'x')]", "Choose the segments"),
            ("[('parent_id', 'any', [('no_such', '=', 1)])]", "no_such"),
        ):
            with self.subTest(domain), self.assertRaisesRegex(ValidationError, words):
                segments.create({"name": "Bad", "domain": domain})

    def test_a_field_that_goes_away_reaches_nobody(self):
        segment = self._segment(("city", "=", "Oslo"))
        user = self._segment(("city", "=", "Rome"), include_segment_ids=segment.ids)
        self.env.cr.execute(
            "UPDATE marketing_segment SET domain = %s WHERE id = %s",
            ["[('gone_field', '=', 1)]", segment.id],
        )
        self.env.invalidate_all()
        for broken in segment | user:
            self.assertIn("gone_field", broken.problem)
            self.assertFalse(self._members(broken))
            self.assertEqual(broken.member_count, 0)
            # nor do letters to all but them reach those they were to keep out
            others = [("segment_ids", "not in", broken.ids)]
            self.assertFalse(self.env["marketing.contact"].search(others))
            with self.assertRaisesRegex(UserError, "gone_field"):
                broken.action_send_email()

    def test_own_shared_and_others(self):
        other = new_test_user(
            self.env, "other", "marketing_contact.group_marketing_contact_user"
        )
        own = self._segment()
        self.assertEqual(own.user_id, self.marketer)
        shared = self._segment(user_id=False)
        theirs = self.env["marketing.segment"].with_user(other)
        self.assertFalse(theirs.search([("id", "in", own.ids)]))
        self.assertEqual(theirs.search([("id", "in", shared.ids)]), shared)
        shared.with_user(other).name = "Renamed"
        with self.assertRaises(AccessError):
            shared.with_user(other).unlink()
        self.assertFalse(self._members(own, other))
        shared.with_user(self.manager).unlink()
        own.with_user(self.manager).unlink()

    def test_companies(self):
        company = self.env["res.company"].create({"name": "Segment Company"})
        foreign = self._contact("Segment Foreign", company_id=company.id)
        segment = self._segment(user_id=False)
        self.assertNotIn(foreign, self._members(segment))
        self.marketer.company_ids |= company
        both = self.Contact.with_user(self.marketer).with_context(
            allowed_company_ids=(self.company | company).ids
        )
        found = both.search([("segment_ids", "in", segment.ids)])
        self.assertIn(foreign.id, found.ids)
        segment.company_id = self.company
        found = both.search([("segment_ids", "in", segment.ids)])
        self.assertNotIn(foreign.id, found.ids)

    def test_one_per_company(self):
        people = self.Contact.create(
            [
                {"name": f"Segment Person {n}", "parent_id": self.oslo.id}
                for n in range(3)
            ]
        )
        segment = self._segment(one_per_company=True)
        self.assertEqual(self._members(segment), self.oslo | self.rome | self.bonn)
        self.env["marketing.interaction"].create(
            {"contact_id": people[2].id, "name": "Call", "date": fields.Datetime.now()}
        )
        self.assertEqual(self._members(segment), people[2] | self.rome | self.bonn)
        self.oslo.primary_person_id = people[1]
        self.assertEqual(self._members(segment), people[1] | self.rome | self.bonn)
        self.assertEqual(segment.member_count, 3)

    def test_search_is_saved_as_it_stands(self):
        action = self.Segment.action_save_search([("city", "=", "Oslo"), *self.mine])
        with Form(self.Segment.with_context(**action["context"])) as form:
            form.name = "Osloites"
        self.assertEqual(self._members(form.record), self.oslo)


class TestNoSegment(MarketingContactCommon):
    """Who has no segment pays nothing: not one query more than without them."""

    def test_not_a_query_more(self):
        self.env["marketing.segment"].search([]).unlink()
        self.marketer.group_ids |= self.env.ref("base.group_allow_export")
        contacts = self.Contact.with_user(self.marketer)
        made = contacts.create([{"name": f"Seg {n}", "city": "X"} for n in range(3)])

        def load(turn):
            rows = [[f"Loaded {turn} {n}", f"l{turn}{n}@x.example"] for n in range(3)]
            result = contacts.load(["name", "email"], rows)
            self.assertEqual(len(result["ids"]), 3, result["messages"])

        deeds = {
            "save": lambda turn: made.write({"city": f"City {turn}"}),
            "create": lambda turn: contacts.create({"name": f"New {turn}"}),
            "list": lambda _turn: contacts.web_search_read([], {"name": {}}, limit=2),
            "search": lambda _turn: contacts.name_search("Seg", limit=8),
            "fields": lambda _turn: contacts.fields_get(),
            "export": lambda _turn: made.export_data(["name"]),
            "import": load,
        }
        own = segments_contact.MarketingContact
        for name, deed in deeds.items():
            with self.subTest(name):
                whole = self._count(deed, range(4))
                with (
                    patch.object(own, "fields_get", self._skip(own, "fields_get")),
                    patch.object(own, "export_data", self._skip(own, "export_data")),
                ):
                    bare = self._count(deed, range(4, 8))
                self.assertEqual(whole, bare)

    @staticmethod
    def _skip(own, name):
        return lambda self, *args, **kw: getattr(super(own, self), name)(*args, **kw)

    def _count(self, deed, turns):
        """Return the fewest queries of several turns: some renew what others use."""
        counts = []
        for turn in turns:
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            deed(turn)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - start)
        return min(counts)


class TestSegmentChange(SegmentCommon):
    """Add, reduce, refine: the counts before, and what comes of it."""

    def _change(self, segment, change, **vals):
        wizard = self.env["marketing.segment.change"].with_user(self.marketer)
        wizard = wizard.create({"segment_id": segment.id, "change": change, **vals})
        self.assertEqual(wizard.count_before, len(self._members(segment)))
        wizard.action_apply()
        members = self._members(segment)
        self.assertEqual(wizard.count_after, len(members))
        return members

    def test_dynamic(self):
        segment = self._segment(("city", "=", "Oslo"))
        rome = repr([*self.mine, ("city", "=", "Rome")])
        members = self._change(segment, "add", domain=rome)
        self.assertEqual(members, self.oslo | self.rome)
        segment.action_add_contacts(self.bonn.ids)
        members = self._change(segment, "refine", domain="[('city', '!=', 'Oslo')]")
        self.assertEqual(members, self.rome | self.bonn)
        members = self._change(segment, "reduce", domain=rome)
        self.assertEqual(members, self.bonn)
        other = self._segment(("city", "=", "Oslo"))
        members = self._change(segment, "add", other_segment_id=other.id)
        self.assertEqual(members, self.oslo | self.bonn)
        members = self._change(segment, "refine", other_segment_id=other.id)
        self.assertEqual(members, self.oslo)
        members = self._change(segment, "reduce", other_segment_id=other.id)
        self.assertFalse(members)

    def test_static(self):
        segment = self._segment(kind="static", contact_ids=self.oslo.ids)
        rome = repr([*self.mine, ("city", "=", "Rome")])
        self.assertEqual(
            self._change(segment, "add", domain=rome), self.oslo | self.rome
        )
        self.assertEqual(self._change(segment, "refine", domain=rome), self.rome)
        self.assertFalse(self._change(segment, "reduce", domain=rome))

    def test_ticked_contacts(self):
        segment = self._segment(("city", "=", "Oslo"))
        ticked = {"active_model": "marketing.contact", "active_ids": self.rome.ids}
        for change, members in (
            ("add", self.oslo | self.rome),
            ("reduce", self.oslo),
        ):
            wizard = self.env["marketing.segment.change"].with_user(self.marketer)
            form = Form(wizard.with_context(default_change=change, **ticked))
            form.segment_id = segment
            form.save().action_apply()
            self.assertEqual(self._members(segment), members)

    def test_twenty_thousand_ticked(self):
        """As many as a client sends along; Odoo reads no text so long."""
        segment = self._segment(("city", "=", "Oslo"))
        gone = list(range(10**6, 10**6 + 20000))
        ticked = {"active_model": "marketing.contact", "active_ids": gone}
        ticked["active_ids"] += self.rome.ids
        wizard = self.env["marketing.segment.change"].with_user(self.marketer)
        for change in ("add", "refine", "reduce"):
            one = wizard.with_context(**ticked).create(
                {"segment_id": segment.id, "change": change}
            )
            one.action_apply()
        self.assertEqual(self._members(segment), self.env["marketing.contact"])
        self.assertEqual(segment.member_count, 0)

    def test_hostile_domains_are_refused(self):
        segment = self._segment()
        wizard = self.env["marketing.segment.change"].with_user(self.marketer)
        for domain in ("x()", "[('nope', '=', 1)]"):
            wrong = wizard.create({"segment_id": segment.id, "domain": domain})
            with self.assertRaises(UserError):
                wrong.action_apply()


class TestSegmentWhy(SegmentCommon):
    def test_explain(self):
        out = self._segment(("city", "=", "Bonn"), name="Out")
        segment = self._segment(
            ("city", "!=", "Rome"), exclude_segment_ids=out.ids, name="In"
        )
        segment.excluded_ids = self.rome
        oslo, rome, bonn = segment.explain(
            (self.oslo | self.rome | self.bonn).with_user(self.marketer)
        )
        self.assertEqual([oslo["id"], rome["id"], bonn["id"]], self.all.ids)
        self.assertEqual([oslo["in"], rome["in"], bonn["in"]], [True, False, False])
        city = oslo["because"][1]
        self.assertEqual(city["condition"], "City is not Rome")
        self.assertEqual((city["value"], city["met"]), ("Oslo", True))
        self.assertFalse(rome["because"][1]["met"])
        self.assertIs(rome["excluded_by"], True)
        self.assertEqual(bonn["excluded_by"], out.id)
        self.assertIs(oslo["excluded_by"], False)
        segment.action_add_contacts(self.oslo.ids)
        self.assertTrue(segment.explain(self.oslo.ids)[0]["by_hand"])

    def test_the_form_answers(self):
        segment = self._segment(("city", "=", "Oslo"))
        with Form(segment) as form:
            form.asked_contact_id = self.rome
            self.assertIn("City is Oslo", form.answer)
            self.assertIn("is not in the segment", form.answer)

    def test_the_form_says_what_keeps_out_whoever_meets_the_conditions(self):
        segment = self._segment(one_per_company=True, company_id=self.company.id)
        own = segment.with_user(self.env.ref("base.user_admin"))
        own.env.user.group_ids |= self.env.ref(
            "marketing_contact.group_marketing_contact_privacy"
        )
        company = self.env["res.company"].create({"name": "Another"})
        own.env.user.company_ids |= company
        own = own.with_context(allowed_company_ids=(self.company | company).ids)
        self.rome.company_id = company
        self.oslo.action_privacy_block()
        self.bonn.active = False
        for contact, words in (
            (self.oslo, "Blocked contacts are in no segment"),
            (self.rome, "another company"),
            (self.bonn, "Archived and merged contacts are in no segment"),
        ):
            own.asked_contact_id = contact.with_env(own.env)
            self.assertIn("is not in the segment", own.answer)
            self.assertIn(words, own.answer)
            self.assertIn("Of a company and its people only one", own.answer)

    def test_relative_dates_are_told_as_they_are_today(self):
        segment = self._segment(("create_date", "<", "-90d"))
        told = segment.explain(self.oslo.ids)[0]["because"][1]
        day = format_date(self.env, fields.Date.today() - timedelta(days=90))
        self.assertIn(f"before {day}", told["condition"])

    def test_a_part_of_a_date_is_told_as_it_is(self):
        month = self.oslo.create_date.month
        segment = self._segment(("create_date.month_number", "=", month))
        told = segment.explain(self.oslo.ids)[0]["because"][1]
        self.assertTrue(told["condition"].endswith(f"is {month}"), told["condition"])
        self.assertTrue(told["met"])

    def test_explaining_many_costs_no_more_queries(self):
        segment = self._segment(("city", "=", "Oslo"), ("country_id", "=", False))
        few = self.oslo.with_user(self.marketer)
        many = self.all.with_user(self.marketer)
        for contacts in (few, many):
            contacts.invalidate_recordset()
            segment.explain(contacts)
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        segment.explain(few)
        once = self.cr.sql_log_count - start
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        segment.explain(many)
        self.assertLessEqual(self.cr.sql_log_count - start, once)


class TestSegmentLedger(SegmentCommon):
    """By what the linked customers bought and owe."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "segment_seller",
            "marketing_contact.group_marketing_contact_user,"
            "sales_team.group_sale_salesman_all_leads,account.group_account_invoice",
        )
        cls.product = cls.env["product.product"].create({"name": "Segment Pump"})
        cls.customers = {}
        for contact in cls.all:
            customer = cls._partner(contact.name)
            contact.link_card("customer", customer.id)
            # a vendor of the same partner counts nothing twice
            contact.link_card("vendor", customer.id)
            cls.customers[contact] = customer
        cls._order(cls.oslo, datetime(2026, 1, 5), confirm=True)
        cls._order(cls.oslo, datetime(2026, 3, 5), confirm=True)
        cls._order(cls.rome, datetime(2026, 4, 5), confirm=False)

    @classmethod
    def _order(cls, contact, date, confirm):
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customers[contact].id,
                "order_line": [
                    Command.create({"product_id": cls.product.id, "price_unit": 10})
                ],
            }
        )
        if confirm:
            order.action_confirm()
        order.date_order = date
        return order

    @classmethod
    def _invoice(cls, contact, amount, days, move_type="out_invoice", post=True):
        date = fields.Date.today() - timedelta(days=days)
        move = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": cls.customers[contact].id,
                "invoice_date": date,
                "invoice_date_due": date + timedelta(days=30),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "x",
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        if post:
            move.action_post()
        return move

    def _found(self, *leaf):
        contacts = self.Contact.with_user(self.seller)
        return contacts.search([*self.mine, leaf]).with_env(self.env)

    def test_orders(self):
        oslo = self.oslo.with_user(self.seller)
        self.assertEqual(oslo.last_order_date, datetime(2026, 3, 5))
        self.assertEqual(oslo.ordered_product_ids, self.product)
        self.assertFalse(self.rome.with_user(self.seller).last_order_date)
        self.assertEqual(self._found("last_order_date", ">", "2026-02-01"), self.oslo)
        self.assertFalse(self._found("last_order_date", "<", "2026-02-01"))
        never = self.rome | self.bonn
        self.assertEqual(self._found("last_order_date", "=", False), never)
        self.assertEqual(self._found("last_order_date", "!=", False), self.oslo)
        products = "ordered_product_ids"
        self.assertEqual(self._found(products, "in", self.product.ids), self.oslo)
        self.assertEqual(self._found(products, "not in", self.product.ids), never)
        self.assertEqual(self._found(products, "=", False), never)
        self.assertEqual(self._found(products, "ilike", "ment Pum"), self.oslo)
        self.assertEqual(
            self._found("ordered_product_ids.name", "=", "Segment Pump"), self.oslo
        )

    def test_invoices(self):
        self._invoice(self.oslo, 100, 40)
        self._invoice(self.oslo, 30, 10, move_type="out_refund")
        self._invoice(self.oslo, 500, 800)
        self._invoice(self.rome, 70, 5)
        self._invoice(self.bonn, 70, 5, post=False)
        oslo = self.oslo.with_user(self.seller)
        self.assertEqual(oslo.invoiced_12m, 70)
        self.assertEqual(oslo.overdue_amount, 600)
        self.assertEqual(
            oslo.last_invoice_date, fields.Date.today() - timedelta(days=40)
        )
        self.assertEqual(self._found("invoiced_12m", ">=", 70), self.oslo | self.rome)
        self.assertEqual(self._found("invoiced_12m", "=", 0), self.bonn)
        self.assertEqual(self._found("invoiced_12m", "<", 70), self.bonn)
        self.assertEqual(self._found("overdue_amount", ">", 0), self.oslo)
        self.assertEqual(self._found("overdue_amount", "<=", 0), self.rome | self.bonn)
        self.assertEqual(self._found("last_invoice_date", ">", "-10d"), self.rome)

    def test_who_may_not_read_documents(self):
        contact = self.oslo.with_user(self.marketer)
        self.assertFalse(contact.last_order_date)
        self.assertFalse(contact.ordered_product_ids)
        self.assertFalse(contact.fields_get()["invoiced_12m"]["searchable"])
        with self.assertRaises(AccessError):
            contact.search([("invoiced_12m", ">", 0)])
        self.assertEqual(contact.read(["overdue_amount"])[0]["overdue_amount"], 0)
        segments = self.env["marketing.segment"]
        with self.assertRaisesRegex(ValidationError, "Invoiced in 12 Months"):
            segments.with_user(self.marketer).create(
                {"name": "Rich", "domain": "[('invoiced_12m', '>', 0)]"}
            )
        rich = segments.with_user(self.seller).create(
            {
                "name": "Buyers",
                "user_id": False,
                "domain": "[('last_order_date', '!=', False)]",
            }
        )
        self.assertFalse(rich.problem)
        self.assertIn(self.oslo, self._members(rich, self.seller))
        theirs = rich.with_user(self.marketer)
        self.assertIn("Last Order", theirs.problem)
        self.assertEqual(theirs.member_count, 0)
        self.assertFalse(self._members(rich))

    def test_explain_finds_what_the_search_finds(self):
        self._invoice(self.oslo, 100, 40)
        self._invoice(self.rome, 70, 5)
        for leaf in (
            ("last_order_date", "<", "-1d"),
            ("last_order_date", ">=", "2026-03-05 00:00:00"),
            ("last_order_date", "=", False),
            ("last_order_date", "!=", False),
            ("last_invoice_date", ">", "-10d"),
            ("last_invoice_date", "in", [False]),
            ("invoiced_12m", "=", 0),
            ("invoiced_12m", "<", 100),
            ("invoiced_12m", ">=", 100),
            ("invoiced_12m", "!=", 70),
            ("overdue_amount", "<=", 0),
            ("overdue_amount", ">", 0),
            ("ordered_product_ids", "in", self.product.ids),
            ("ordered_product_ids", "not in", self.product.ids),
            ("ordered_product_ids", "=", False),
            ("ordered_product_ids", "ilike", "ment Pum"),
            ("ordered_product_ids.name", "ilike", "ment Pum"),
        ):
            with self.subTest(leaf):
                segment = self.env["marketing.segment"].with_user(self.seller)
                segment = segment.create({"name": "L", "domain": repr([leaf])})
                told = segment.explain(self.all.ids)
                found = self._found(*leaf)
                self.assertEqual(
                    [t["in"] for t in told], [c in found for c in self.all]
                )
                met = [t["because"][0]["met"] for t in told]
                self.assertEqual(met, [c in found for c in self.all])

    def test_who_reads_orders_only(self):
        self._invoice(self.oslo, 100, 40)
        seller = new_test_user(
            self.env,
            "orders_only",
            "marketing_contact.group_marketing_contact_user,"
            "sales_team.group_sale_salesman_all_leads",
        )
        if self.env["account.move"].with_user(seller).has_access("read"):
            # salespeople read invoices: take that away
            self.env["ir.model.access"].search(
                [
                    ("model_id.model", "in", ("account.move", "account.move.line")),
                    ("group_id", "in", seller.all_group_ids.ids),
                ]
            ).perm_read = False
            self.env.registry.clear_cache()
        contact = self.oslo.with_user(seller)
        self.assertEqual(contact.last_order_date, datetime(2026, 3, 5))
        self.assertEqual(contact.ordered_product_ids, self.product)
        for name in ("last_invoice_date", "invoiced_12m", "overdue_amount"):
            self.assertFalse(contact[name])
            self.assertFalse(contact.fields_get([name])[name]["searchable"])
            with self.assertRaises(AccessError):
                contact.search([(name, "!=", False)])

    def test_other_companies(self):
        company = self.env["res.company"].create({"name": "Ledger Company"})
        self.seller.company_ids |= company
        oslo = self.oslo.with_user(self.seller).with_company(company)
        self.assertFalse(oslo.last_order_date)
        self.assertFalse(oslo.search([*self.mine, ("last_order_date", "!=", False)]))


class TestSegmentUse(SegmentCommon):
    """What a segment is used for is kept with its members as they were."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oslo.email = "oslo@segment.example.com"
        cls.rome.email = "rome@segment.example.com"
        cls.env["ir.config_parameter"].set_param("mail.batch_size", "2")

    def _send(self, segment, user=None):
        action = segment.with_user(user or self.marketer).action_send_email()
        composer = self.env["mail.compose.message"].with_user(user or self.marketer)
        composer = composer.with_context(**action["context"]).create(
            {"subject": "Hello", "body": "<p>Hello</p>"}
        )
        composer._action_send_mail()
        return segment.use_ids[:1]

    def test_mail_and_who_was_missed(self):
        segment = self._segment()
        use = self._send(segment)
        self.assertEqual((use.purpose, use.count), ("mail", 3))
        self.assertEqual(use.user_id, self.marketer)
        self.assertEqual(use.missed_ids, self.bonn.with_env(use.env))
        self.bonn.unlink()
        self.assertEqual(use.count, 3)

    def test_reuse_not_reached_not_answered(self):
        segment = self._segment()
        use = self._send(segment)
        Segment = self.env["marketing.segment"]
        again = Segment.browse(use.action_reuse()["res_id"])
        self.assertEqual(again.contact_ids, self.all)
        missed = Segment.browse(use.action_not_reached()["res_id"])
        self.assertEqual(missed.contact_ids, self.bonn)
        self.env["marketing.interaction"].create(
            {
                "contact_id": self.oslo.id,
                "name": "Answer",
                "direction": "incoming",
                "date": use.date + timedelta(hours=1),
            }
        )
        silent = Segment.browse(use.action_not_answered()["res_id"])
        self.assertEqual(silent.contact_ids, self.rome | self.bonn)

    def test_log_and_activity_and_export(self):
        self.marketer.group_ids |= self.env.ref("base.group_allow_export")
        segment = self._segment()
        action = segment.action_log_interaction()
        log = self.env["marketing.interaction.log"].with_user(self.marketer)
        log.with_context(**action["context"]).create({"name": "Call"}).action_log()
        action = segment.action_schedule_activity()
        schedule = self.env["mail.activity.schedule"].with_user(self.marketer)
        schedule = schedule.with_context(**action["context"]).create({})
        schedule.action_schedule_activities()
        action = segment.action_view_members()
        contacts = self.Contact.with_user(self.marketer)
        contacts = contacts.with_context(**action["context"]).search(action["domain"])
        contacts.export_data(["name"])
        self.assertEqual(
            sorted(segment.use_ids.mapped("purpose")), ["activity", "export", "log"]
        )
        self.assertEqual(set(segment.use_ids.mapped("count")), {3})

    def test_mailings_and_messages_are_offered_where_their_apps_are(self):
        segment = self._segment()
        self.assertIs(segment.offers_mailing, "mailing.mailing" in self.env)
        self.assertIs(segment.offers_sms, "sms.composer" in self.env)
        if not segment.offers_mailing:
            with self.assertRaisesRegex(UserError, "Email Marketing"):
                segment.action_new_mailing()

    def test_no_context_uses_others_segments(self):
        other = new_test_user(
            self.env,
            "prying",
            "marketing_contact.group_marketing_contact_user,base.group_allow_export",
        )
        segment = self._segment()
        contacts = self.all.with_user(other)
        for key in (segment.id, -1, "x", [segment.id], True, 2**31 - 1):
            contacts.with_context(marketing_segment_id=key).export_data(["name"])
        self.assertFalse(segment.use_ids)

    def test_the_cap_holds_back_in_the_moment_of_sending(self):
        segment = self._segment()
        self.company.marketing_mail_cap = 1
        self.assertFalse(self._send(segment).held_count)
        use = self._send(segment)
        self.assertEqual(use.held_count, 2)
        self.assertEqual(use.held_reason, "2 held back: 1 in 7 days")
        self.assertEqual(use.missed_ids.with_env(self.env), self.all)
        letters = self.env["marketing.letter"].search([])
        self.assertEqual(len(letters), 2)
        self.assertFalse(any("@" in address for address in letters.mapped("address")))
        letters.date = fields.Datetime.now() - timedelta(days=8)
        self.assertFalse(self._send(segment).held_count)

    def test_single_messages_never_count(self):
        self.company.marketing_mail_cap = 1
        self.oslo.with_user(self.marketer).message_post(
            body="Hi", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertFalse(self.env["marketing.letter"].search_count([]))
        self.assertFalse(self._send(self._segment()).held_count)
