from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from .common_privacy import PrivacyCommon


class TestPrivacyBlock(PrivacyCommon):
    """A blocked contact: hardly anybody sees it, nothing goes out, finance goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jo = cls._person(parent_id=cls.contact.id)
        cls.Mine = cls.Contact.with_user(cls.marketer)

    def _block(self, contacts=None, reason="asked"):
        contacts = contacts or self.jo
        contacts.with_user(self.marketer).action_privacy_block(reason)
        self.env.flush_all()
        return contacts

    # ------------------------------------------------------------
    # WHO SEES IT
    # ------------------------------------------------------------

    def test_hidden_from_users_and_managers(self):
        self._block()
        for user in (self.marketer, self.manager):
            mine = self.Contact.with_user(user)
            self.assertNotIn(self.jo, mine.search([]))
            self.assertFalse(mine.name_search("Jo Marker"))
            with self.assertRaises(AccessError):
                self.jo.with_user(user).read(["name"])
            with self.assertRaises(AccessError):
                self.jo.with_user(user).write({"privacy_blocked": False})
            with self.assertRaises(AccessError):
                self.jo.with_user(user).action_privacy_unblock()
        self.assertIn(self.jo, self.Contact.with_user(self.officer).search([]))
        self.jo.with_user(self.officer).action_privacy_unblock()
        self.assertIn(self.jo, self.Mine.search([]))
        self.assertFalse(self.jo.privacy_blocked_reason or self.jo.privacy_blocked_date)

    def test_portal_and_employees(self):
        portal = new_test_user(self.env, "portal_privacy", "base.group_portal")
        for user in (portal, self.employee):
            with self.assertRaises(AccessError):
                self.jo.with_user(user).action_privacy_block()
            with self.assertRaises(AccessError):
                self.Request.with_user(user).create({"kind": "access"})

    def test_a_link_says_blocked_and_the_number(self):
        self._block(self.contact)
        link = self.contact.relation_ids[:1]
        read = link.with_user(self.marketer).read(["contact_id"])[0]
        self.assertEqual(read["contact_id"][1], f"{self.contact.number} (blocked)")
        card = self.customer.with_user(self.seller).read(["marketing_contact_id"])[0]
        self.assertEqual(
            card["marketing_contact_id"][1], f"{self.contact.number} (blocked)"
        )
        name = link.with_user(self.officer).read(["contact_id"])[0]["contact_id"][1]
        self.assertIn("Mill", name)

    def test_people_of_a_blocked_company(self):
        self._block(self.contact)
        self.assertFalse(self.Mine.search([("id", "in", (self.jo | self.person).ids)]))
        self.assertFalse(self.jo.privacy_blocked)
        self.jo.parent_id = False
        self.assertIn(self.jo, self.Mine.search([]))

    def test_chatter(self):
        self._block()
        body = self.jo.message_ids[0].body
        self.assertIn("Marketer", body)
        self.assertIn("asked", body)
        self.assertEqual(self.jo.privacy_blocked_reason, "asked")
        self.assertTrue(self.jo.privacy_blocked_date)

    def test_nobody_learns_by_a_search_through_others(self):
        """Neither by a link, nor by a card, an interaction or an order."""
        self.jo.write({"parent_id": False, "street": "Hidden Lane 1"})
        self.jo.link_card("customer", self._partner("Hidden", is_company=False).id)
        self.Interaction.create({"contact_id": self.jo.id, "name": "Told"})
        order = self._sale_orders(partner=self.jo.customer_id)
        self.assertEqual(order.marketing_contact_id, self.jo)
        user = new_test_user(
            self.env,
            "curious",
            "marketing_contact.group_marketing_contact_manager,"
            "sales_team.group_sale_salesman_all_leads,base.group_partner_manager",
        )
        places = (
            ("marketing.contact.relation", "contact_id"),
            ("marketing.interaction", "contact_id"),
            ("res.partner", "marketing_contact_id"),
            ("sale.order", "marketing_contact_id"),
        )
        for blocked in (False, True):
            if blocked:
                self._block()
            for model, name in places:
                records = self.env[model].with_user(user)
                for domain in (
                    [(f"{name}.street", "=", "Hidden Lane 1")],
                    [(name, "any", [("street", "=", "Hidden Lane 1")])],
                    [(name, "ilike", self.jo.name)],
                ):
                    with self.subTest(model, domain=domain, blocked=blocked):
                        found = bool(records.search(domain))
                        self.assertEqual(found, not blocked)

    def test_is_in_no_segment(self):
        segment = self.env["marketing.segment"].create(
            {
                "name": "All",
                "user_id": False,
                "domain": f"[('id', '=', {self.jo.id})]",
                "contact_ids": self.jo.ids,
            }
        )
        self.assertEqual(segment.member_count, 1)
        self._block()
        for user in (self.marketer, self.officer):
            theirs = segment.with_user(user)
            theirs.invalidate_recordset()
            self.assertEqual(theirs.member_count, 0)
            found = self.Contact.with_user(user).search(
                [("segment_ids", "in", segment.ids)]
            )
            self.assertFalse(found)
        self.assertFalse(self.jo.with_user(self.officer).segment_ids)

    def test_no_document(self):
        self._block(self.contact)
        contact = self.contact.with_user(self.officer)
        self.officer.group_ids |= self.seller.group_ids
        for name in (
            "action_new_quotation",
            "action_new_sale_order",
            "action_new_rfq",
            "action_new_purchase_order",
        ):
            for one in (contact, self.person.with_user(self.officer)):
                with self.assertRaisesRegex(UserError, "blocked"):
                    getattr(one, name)()

    def test_minor(self):
        child = self.Mine.create({"name": "Kid", "is_minor": True})
        self.assertTrue(child.sudo().privacy_blocked)
        child.with_user(self.officer).action_privacy_unblock()
        self.assertTrue(child.is_minor and not child.privacy_blocked)
        # an import says again what is known
        child.with_user(self.officer).write({"is_minor": True, "city": "Lund"})
        self.assertFalse(child.privacy_blocked)
        self.jo.with_user(self.marketer).is_minor = True
        self.assertTrue(self.jo.sudo().privacy_blocked)

    def test_minor_by_the_form(self):
        """Who saves it goes on to the list, and reads it no more."""
        fields = {"name": {}, "is_minor": {}, "parent_id": {}, "tag_ids": {}}
        (saved,) = self.Mine.web_save({"name": "Kid", "is_minor": True}, fields)
        self.assertEqual(saved["name"], "Kid")
        self.assertEqual((saved["parent_id"], saved["tag_ids"]), (False, []))
        with self.assertRaises(AccessError):
            self.Mine.browse(saved["id"]).web_read(fields)

    def test_minor_by_an_import(self):
        result = self.Mine.load(
            ["name", "is_minor", "email"],
            [["Kid", "1", "kid@x.example"], ["Adult", "0", "adult@x.example"]],
        )
        self.assertFalse(result["messages"])
        kid, adult = self.Contact.browse(result["ids"])
        self.assertTrue(kid.privacy_blocked and not adult.privacy_blocked)

    def test_copy(self):
        """Who is blocked does not go on unblocked as a copy."""
        self._block()
        kid = self.Mine.create({"name": "Kid", "is_minor": True})
        for contact in (self.jo, kid):
            copy = contact.with_user(self.officer).copy()
            self.assertTrue(copy.privacy_blocked and copy.privacy_blocked_date)
            self.assertEqual(copy.is_minor, contact.is_minor)

    def test_activities_name_nobody(self):
        self.jo.activity_schedule(
            "mail.mail_activity_data_todo", summary="x", user_id=self.marketer.id
        )
        self._block()
        self.assertEqual(self.jo.activity_ids.res_name, f"{self.jo.number} (blocked)")

    def test_hostile_values(self):
        jo = self.Mine.create({"name": "A", "privacy_blocked_reason": "x"})
        self.assertFalse(jo.privacy_blocked_reason)
        self.jo.with_user(self.marketer).write({"privacy_blocked": True})
        self.assertTrue(self.jo.privacy_blocked)
        self.assertIn("Blocked", self.jo.message_ids[0].body)

    def test_merged(self):
        other = self._person("Jo M", parent_id=self.contact.id)
        other.merge_into(self.jo)
        with self.assertRaisesRegex(UserError, "merged into"):
            other.action_privacy_block()
        self._block()
        merged = self.Mine.with_context(active_test=False)
        self.assertFalse(
            merged.search([("merged_into_id", "!=", False), ("id", "=", other.id)])
        )

    # ------------------------------------------------------------
    # WHAT IT IS NOT FOR
    # ------------------------------------------------------------

    def test_refusals(self):
        partner = self._partner("Other", is_company=False)
        other = self._person("Other", parent_id=self.contact.id)
        self._block()
        single = self._person("Single")
        self._block(single)
        single.invalidate_recordset()
        for deed in (
            lambda: single.create_card("customer"),
            lambda: single.link_card("customer", partner.id),
            lambda: self.Relation.create(
                {"contact_id": single.id, "kind": "customer", "partner_id": partner.id}
            ),
            lambda: single.action_new_quotation(),
            lambda: self.jo.merge_into(other),
            lambda: other.merge_into(self.jo),
            lambda: single.export_data(["name"]),
        ):
            with self.assertRaisesRegex(UserError, "blocked"), self.cr.savepoint():
                deed()
        self.assertEqual(single.find_cards(), {single.id: []})
        self.assertEqual(single.find_duplicates(), {single.id: []})

    def test_link_moved_there(self):
        target = self._block(self._contact("Target"))
        link = self.contact.relation_ids.filtered(lambda r: r.kind == "customer")
        with self.assertRaisesRegex(UserError, "blocked"):
            link.contact_id = target

    def test_left_out_of_many(self):
        self._block()
        self.officer.group_ids |= self.env.ref("base.group_allow_export")
        both = (self.jo | self.person).with_user(self.officer)
        self.assertEqual(len(both.export_data(["name"])["datas"]), 1)
        company = self.contact.with_user(self.officer)
        people = company.export_data(["name", "child_ids/email"])["datas"]
        self.assertEqual(people, [["Mill", "miller@mill.example"]])
        self.env["mail.activity.schedule"].with_user(self.officer).create(
            {
                "res_model": "marketing.contact",
                "res_ids": str(both.ids),
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "summary": "x",
            }
        ).action_schedule_activities()
        self.assertFalse(self.jo.activity_ids)
        self.assertTrue(self.person.activity_ids)

    def test_composer_one(self):
        self._block()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.officer)
            .create(
                {
                    "model": "marketing.contact",
                    "res_ids": str(self.jo.ids),
                    "composition_mode": "comment",
                    "body": "Hello",
                    "subject": "Hello",
                }
            )
        )
        with self.assertRaisesRegex(UserError, "blocked"):
            composer.action_send_mail()
        log = (
            self.env["mail.compose.message"]
            .with_user(self.officer)
            .create(
                {
                    "model": "marketing.contact",
                    "res_ids": str(self.jo.ids),
                    "composition_mode": "comment",
                    "body": "A note",
                    "subtype_id": self.env.ref("mail.mt_note").id,
                }
            )
        )
        log.action_send_mail()

    def test_composer_many(self):
        self._block()
        with self.mock_mail_gateway():
            self.env["mail.compose.message"].with_user(self.officer).create(
                {
                    "model": "marketing.contact",
                    "res_ids": str((self.jo | self.person).ids),
                    "composition_mode": "mass_mail",
                    "body": "Hello",
                    "subject": "Hello",
                }
            ).action_send_mail()
        self.assertEqual(
            [m["email_to"] for m in self._mails], [["miller@mill.example"]]
        )

    def test_mail_by_any_way_but_others_of_the_address(self):
        twin = self._person("Twin", parent_id=self.contact.id)
        self._block()
        with self.mock_mail_gateway(mail_unlink_sent=False):
            mails = self.env["mail.mail"].create(
                [
                    {
                        "model": "marketing.contact",
                        "res_id": contact.id,
                        "email_to": "jo@marker.example",
                        "body_html": "x",
                    }
                    for contact in (self.jo, twin)
                ]
            )
            mails.send()
        self.assertEqual(len(self._mails), 1)
        self.assertEqual(mails.mapped("state"), ["cancel", "sent"])

    def test_company_written_to_by_its_primary_contact(self):
        self.contact.email = False
        self.contact.primary_person_id = self.jo
        self.assertEqual(self.contact._marketing_get_addresses(), {"jo@marker.example"})
        self._block()
        self.contact.invalidate_recordset()
        self.assertFalse(self.contact._marketing_get_addresses())

    def test_no_interaction_by_rules(self):
        self._block(self.contact)
        before = self.contact.interaction_ids
        order = self._sale_orders()
        order.action_confirm()
        self.assertEqual(self.contact.interaction_ids, before)

    def test_no_proposals(self):
        double = self._person("Jo Marker")
        single = self._person("Jo Marker", phone=False)
        self.env["marketing.match"].match_all()
        Match = self.env["marketing.match"]
        domain = [
            "|",
            ("contact_id", "=", single.id),
            ("other_contact_id", "=", single.id),
        ]
        self.assertTrue(Match.search(domain))
        self._block(single)
        self.assertFalse(Match.search(domain))
        Match.match_all()
        self.assertFalse(Match.search(domain))
        found = double.find_duplicates()[double.id]
        self.assertNotIn(single.id, [proposal["id"] for proposal in found])

    # ------------------------------------------------------------
    # FINANCE GOES ON
    # ------------------------------------------------------------

    def test_in_step(self):
        self._block(self.contact)
        self.customer.with_user(self.clerk).phone = "+46 8 123 456"
        self.assertEqual(self.contact.phone, "+46 8 123 456")
        self.assertEqual(self.vendor.phone, "+46 8 123 456")
        self.contact.with_user(self.officer).city = "Lund"
        self.assertEqual(self.customer.city, "Lund")

    def test_orders_by_whoever(self):
        self._block(self.contact)
        for user in (self.seller, self.outsider):
            env = self.env(user=user)
            order = self._sale_orders(partner=self.customer, env=env)
            order.action_confirm()
            form = Form(env["sale.order"])
            form.partner_id = self.customer
            form.save()
            form = Form(self.customer.with_user(user))
            if user == self.seller:
                form.save()
            self.assertTrue(order.with_user(user).read())

    def test_new_child_of_a_blocked_customer(self):
        self._block(self.contact)
        child = (
            self.env["res.partner"]
            .with_user(self.clerk)
            .create({"name": "New", "parent_id": self.customer.id})
        )
        self.assertFalse(child.sudo().marketing_relation_ids)
        self.assertFalse(self.contact.child_ids.filtered(lambda c: c.name == "New"))

    def test_automatic_creation_links_who_surely_is_the_same(self):
        company = self._contact(
            "Zebra Paints", vat="SE556677889901", email="info@zebra.example"
        )
        self.Contact.create({"name": "P", "parent_id": company.id})
        self._block(company)
        values = {"name": "Zebra Paints", "is_company": True, "customer_rank": 1}
        customer = (
            self.env["res.partner"]
            .with_user(self.clerk)
            .create({**values, "vat": "SE556677889901", "email": "info@zebra.example"})
        )
        self.assertEqual(customer.sudo().marketing_relation_ids.contact_id, company)
        self.assertTrue(company.privacy_blocked)
        self.assertFalse(customer.child_ids)
        self.assertFalse(
            self.env["marketing.match"].search([("other_contact_id", "=", company.id)])
        )
