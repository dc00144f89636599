from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user

from .common import MarketingContactCommon


class TestMergedContactsFound(MarketingContactCommon):
    """Merged contacts are in no list, and found under the one that stays."""

    def _find(self, text, **context):
        names = self.Contact.with_context(**context).name_search(text)
        return [id_ for id_, _name in names]

    def test_in_no_list(self):
        source = self._contact("Zebra Ltd", email="zebra@x.example")
        target = self._contact("Okapi")
        person = self._contact("Pat", is_company=False, parent_id=target.id)
        twin = self._contact("Pat", is_company=False, parent_id=target.id)
        source.merge_into(target)
        twin.merge_into(person)
        everything = self.Contact.with_context(active_test=False)
        for domain in ([], [("id", "=", source.id)], [("active", "=", False)]):
            self.assertNotIn(source, everything.search(domain))
        self.assertFalse(everything.search_count([("name", "=", "Zebra Ltd")]))
        self.assertFalse(everything._read_group([("id", "=", source.id)], ["name"]))
        self.assertEqual(target.with_context(active_test=False).child_ids, person)
        # unless asked for
        merged = [("merged_into_id", "=", target.id)]
        self.assertEqual(everything.search(merged), source)
        self.assertEqual(target.merged_ids, source)

    def test_found_under_the_survivor(self):
        source = self._contact("Zebra Ltd", email="zebra@x.example")
        target = self._contact("Okapi")
        number = source.number
        source.merge_into(target)
        for text in ("zebra", "Zebra Ltd", "zebra@x.example", number):
            self.assertEqual(self._find(text), target.ids, text)
            self.assertEqual(self._find(text, active_test=False), target.ids, text)
        exact = self.Contact.name_search("Zebra Ltd", operator="=")
        self.assertEqual([id_ for id_, _name in exact], target.ids)
        user = self.Contact.with_user(self.marketer)
        self.assertEqual(user.search([("display_name", "ilike", "zebra")]), target)

    def test_a_hidden_name_leads_nowhere(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self._contact("Zebra Ltd", company_id=other.id)
        shared = self._contact("Okapi")
        theirs.merge_into(shared)
        user = self.Contact.with_user(self.marketer)
        self.assertFalse(user.name_search("zebra"))
        self.assertTrue(user.name_search("okapi"))

    def test_number_stays_taken(self):
        source, target = self._contact("Acme"), self._contact("Acme Ltd")
        number = source.number
        source.merge_into(target)
        self.assertEqual(source.number, number)
        self.assertNotEqual(self._contact("New").number, number)

    def test_chain(self):
        """What was merged into one that is merged now is found under the last."""
        first, second, third = (self._contact(f"Acme {c}") for c in "XYZ")
        first.merge_into(second)
        second.merge_into(third)
        self.assertEqual((first | second).merged_into_id, third)
        self.assertEqual(self._find("Acme X"), third.ids)


class TestMergedContactsTakeNothing(MarketingContactCommon):
    """Only merging says who is merged, and what is merged takes nothing new."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.target = cls._contact("Okapi", phone="1")
        cls.source = cls._contact("Zebra Ltd", phone="2")
        cls.free = cls._contact("Free")
        cls.person = cls._contact("Pat", is_company=False)
        cls.source.merge_into(cls.target)
        cls.env.flush_all()

    def _assert_refused(self, call, text="was merged into.*Okapi"):
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, text), self.env.cr.savepoint():
            call()
            self.env.flush_all()
        self.env.invalidate_all()

    def test_merged_stays_archived(self):
        first, second = self._contact("Acme"), self._contact("Acme Ltd")
        first.merge_into(second)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            first.active = True
            self.env.flush_all()

    def test_merged_is_not_linked(self):
        first, second = self._contact("Acme"), self._contact("Acme Ltd")
        first.merge_into(second)
        with self.assertRaisesRegex(ValidationError, "merged into"):
            first.link_card("customer", self._partner().id)

    # ------------------------------------------------------------
    # WHO IS MERGED
    # ------------------------------------------------------------

    def test_written_by_nobody(self):
        """Neither by clients nor by code, with whatever rights."""
        cases = [
            (self.free, {"merged_into_id": self.target.id}),
            (self.free, {"merged_into_id": self.target.id, "active": False}),
            (self.source, {"merged_into_id": False}),
            (self.source, {"merged_into_id": False, "active": True}),
            (self.source, {"merged_into_id": self.free.id}),
            (self.target, {"merged_into_id": self.source.id, "active": False}),
            (self.target, {"merged_ids": [Command.link(self.free.id)]}),
            (self.target, {"merged_ids": [Command.unlink(self.source.id)]}),
            (self.target, {"merged_ids": [Command.clear()]}),
            (self.target, {"merged_ids": [Command.delete(self.source.id)]}),
            (self.target, {"merged_ids": [Command.create({"name": "New"})]}),
            (
                self.target,
                {"merged_ids": [Command.update(self.source.id, {"name": "New"})]},
            ),
        ]
        for user in (
            self.marketer,
            self.manager,
            self.env.user,
            self.env.ref("base.user_root"),
        ):
            for contact, vals in cases:
                contact = contact.with_user(user)
                for method, args in (("write", [vals]), ("web_save", [vals, {}])):
                    with self.subTest(user=user.login, vals=vals, method=method):
                        call = [contact.ids, *args]
                        self._assert_refused(
                            lambda call=call, method=method, user=user: call_kw(
                                self.Contact.with_user(user), method, call, {}
                            ),
                            "merging alone",
                        )
        self.assertEqual(self.source.merged_into_id, self.target)
        self.assertFalse((self.target | self.free).merged_into_id)

    def test_made_by_nobody(self):
        for vals in (
            {"merged_into_id": self.target.id, "active": False},
            {"merged_ids": [Command.link(self.free.id)]},
            {"merged_ids": [Command.create({"name": "Inner"})]},
            {
                "child_ids": [
                    Command.create({"name": "P", "merged_into_id": self.free.id})
                ]
            },
        ):
            for Contact in (self.Contact.with_user(self.marketer), self.Contact.sudo()):
                vals = {"name": "New", "is_company": True, **vals}
                with self.subTest(vals=vals):
                    self._assert_refused(
                        lambda C=Contact, vals=vals: C.create(vals), "merging alone"
                    )
        # an action's context is not what somebody asked for
        context = {
            "default_merged_into_id": self.target.id,
            "default_merged_ids": [Command.link(self.free.id)],
            "default_active": False,
        }
        new = self.Contact.with_context(**context).create({"name": "New"})
        self.assertFalse(new.merged_into_id | new.merged_ids | self.free.merged_into_id)
        copy = self.target.copy()
        self.assertFalse(copy.merged_into_id | copy.merged_ids)
        for default in (
            {"merged_into_id": self.target.id},
            {"merged_ids": [Command.link(self.free.id)]},
        ):
            self._assert_refused(lambda d=default: self.free.copy(d), "merging alone")

    def test_import(self):
        for name, value in (
            ("merged_into_id/.id", str(self.target.id)),
            ("merged_into_id", self.target.display_name),
            ("merged_ids/.id", str(self.free.id)),
            ("merged_ids/name", "New"),
        ):
            with self.subTest(field=name):
                result = self.Contact.with_user(self.marketer).load(
                    ["name", name], [["Imported", value]]
                )
                self.assertFalse(result["ids"])
                self.assertIn("merging alone", repr(result["messages"]))
        self.assertFalse(self.Contact.search([("name", "=", "Imported")]))

    def test_said_as_it_is(self):
        """What comes back from an export says nothing new."""
        self.free.write({"merged_into_id": False, "merged_ids": [], "phone": "3"})
        self.assertEqual(self.free.phone, "3")
        new = self.Contact.create({"name": "New", "merged_into_id": False})
        self.assertTrue(new.active)

    # ------------------------------------------------------------
    # WHAT IT TAKES
    # ------------------------------------------------------------

    def test_no_person(self):
        Contact = self.Contact.with_user(self.marketer)
        person = self.person.with_user(self.marketer)
        pat = {"name": "Kim", "parent_id": self.source.id}
        self._assert_refused(lambda: Contact.create(pat))
        self._assert_refused(lambda: person.write({"parent_id": self.source.id}))
        self._assert_refused(
            lambda: self.person.sudo().write({"parent_id": self.source.id})
        )
        for command in (Command.create({"name": "Kim"}), Command.link(person.id)):
            self._assert_refused(
                lambda c=command: self.source.write({"child_ids": [c]})
            )
        result = Contact.load(
            ["name", "parent_id/.id"], [["Imported", str(self.source.id)]]
        )
        self.assertIn("Okapi", repr(result["messages"]))
        self._assert_refused(
            lambda: self.target.write({"primary_person_id": self.source.id})
        )
        self.assertFalse(self.person.parent_id)

    def test_no_interaction(self):
        Interaction = self.env["marketing.interaction"].with_user(self.marketer)
        call = Interaction.create({"contact_id": self.free.id, "name": "Call"})
        vals = {"contact_id": self.source.id, "name": "Call"}
        self._assert_refused(lambda: Interaction.create(vals))
        self._assert_refused(lambda: call.write({"contact_id": self.source.id}))
        wizard = (
            self.env["marketing.interaction.log"]
            .with_user(self.marketer)
            .create(
                {
                    "contact_ids": [Command.set((self.source | self.free).ids)],
                    "name": "Call",
                    "channel": "phone",
                    "direction": "outgoing",
                }
            )
        )
        # not chosen from a list that shows it, so nobody has it among many
        wizard.action_log()
        self.assertEqual(len(self.free.interaction_ids), 2)
        self.assertFalse(self.source.interaction_ids)

    def test_no_order(self):
        seller = new_test_user(
            self.env,
            "seller_merged",
            "marketing_contact.group_marketing_contact_user,"
            "sales_team.group_sale_salesman_all_leads",
        )
        Order = self.env["sale.order"].with_user(seller)
        partner = self._partner("Okapi")
        order = Order.create({"partner_id": partner.id})
        vals = {"partner_id": partner.id, "marketing_contact_id": self.source.id}
        self._assert_refused(lambda: Order.create(vals))
        self._assert_refused(lambda: order.write(vals))

    def test_no_value(self):
        tag = self.env["res.partner.category"].create({"name": "Tag"})
        contact = self.source.with_user(self.marketer)
        for vals in (
            {"phone": "3"},
            {"name": "Zebra"},
            {"city": False},
            {"tag_ids": [Command.link(tag.id)]},
            {"company_type": "person"},
            {"is_company": False},
            {"company_id": self.company.id},
            {"comment": "New"},
            {"image_1920": b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"},
        ):
            for record in (contact, contact.sudo()):
                with self.subTest(vals=vals):
                    self._assert_refused(lambda r=record, v=vals: r.write(v))
        # nor several at once, of which one is merged
        both = contact | self.free
        self._assert_refused(lambda: both.write({"phone": "3"}))
        self.assertEqual((self.source.phone, self.free.phone), ("2", False))

    def test_names_of_hidden_survivors(self):
        other = self.env["res.company"].create({"name": "Other"})
        secret = self._contact("Secret", company_id=other.id)
        hidden = self._contact("Hush", company_id=other.id)
        hidden.merge_into(secret)
        person = self.person.with_user(self.marketer)
        for call in (
            lambda: person.write({"parent_id": hidden.id}),
            lambda: hidden.with_user(self.marketer).write({"phone": "3"}),
            lambda: (
                self.env["marketing.interaction"]
                .with_user(self.marketer)
                .create({"contact_id": hidden.id, "name": "Call"})
            ),
        ):
            with (
                self.assertRaises(UserError) as caught,
                self.env.cr.savepoint(),
            ):
                call()
            for name in ("Secret", "Hush"):
                self.assertNotIn(name, str(caught.exception))

    def test_what_odoo_writes_besides(self):
        """Talk that goes on is no value; the nightly clean-up brings it along."""
        self.source.message_post(body="Still talking")
        self.source.message_subscribe(self._partner("Follower").ids)
        self.source.write({"active": False, "message_bounce": 2})
        self.assertEqual(self.source.message_bounce, 2)

    def test_recorded_with_the_one_that_stays(self):
        recorder = self.env["marketing.interaction"]
        (rule, *_others) = self.env["marketing.interaction.rule"]._get_active_rules(
            "sale.order", "confirm"
        )
        vals = recorder._prepare_interaction(rule, self.source, self.source)
        self.assertEqual(vals["contact_id"], self.target.id)

    def test_undo_of_what_was_saved_before(self):
        """It is left alone on the merged contact, and hinders nothing else."""
        first, _customer, vendor, _bank = self._linked("Kudu", phone="1")
        first.phone = "5"
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertEqual(batch.origin, "save")
        first.merge_into(self.target)
        self.target.phone = "6"
        left, _problems = batch.with_user(self.manager)._undo()
        self.assertEqual(first.phone, "5")
        self.assertEqual(vendor.phone, "6")
        self.assertTrue(left)


class TestMergedContactsDeletion(MarketingContactCommon):
    """Whoever may delete the one that stays deletes all that it was made of."""

    def test_erasing_the_survivor_erases_all(self):
        source = self._contact("Acme", email="a@x.example")
        person = self._contact("Pat", is_company=False, parent_id=source.id)
        target = self._contact("Acme Ltd")
        source.merge_into(target)
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        moves = self.env["marketing.contact.merge.move"]
        self.assertTrue(moves.search([("to_id", "=", target.id)]))
        target.with_user(self.marketer).unlink()
        self.assertFalse(source.exists())
        self.assertTrue(person.exists())
        self.assertFalse(moves.search([("to_id", "=", target.id)]))
        self.assertFalse(any(batch.change_ids.mapped("new_value")))

    def test_whoever_may_delete_the_survivor_can(self):
        """Also where what was merged belongs to a company that they don't see."""
        other = self.env["res.company"].create({"name": "Other"})
        target = self._contact("Acme")
        source = self._contact("Acme Ltd", company_id=other.id)
        first = self._contact("Acme Inc", company_id=other.id)
        first.merge_into(source)
        source.merge_into(target)
        target.with_user(self.marketer).unlink()
        self.assertFalse((target | source | first).exists())

    def test_who_may_not_delete_the_survivor_deletes_nothing(self):
        target, source = self._contact("Acme"), self._contact("Acme Ltd")
        source.merge_into(target)
        with self.assertRaises(AccessError):
            target.with_user(self.employee).unlink()
        self.assertTrue(source.exists())
