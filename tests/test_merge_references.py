from itertools import combinations, permutations

from odoo import Command

from ..models.merge import references
from .common import MarketingContactCommon


class TestMergeReferences(MarketingContactCommon):
    """All that points at a merged contact follows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.target = cls._contact("Acme")
        cls.source = cls._contact("Acme Ltd")

    def _merge(self):
        self.env.flush_all()
        self.source.merge_into(self.target)
        return self.env["marketing.sync.batch"].search([], limit=1)

    def _undo(self, batch):
        left, problems = batch._undo()
        self.assertFalse(left)
        self.assertFalse(problems)

    def _add_field(self, model, name, **vals):
        """Make a field that the module knows nothing of."""
        self.addCleanup(self.registry.reset_changes)
        return self.env["ir.model.fields"].create(
            {"model_id": self.env["ir.model"]._get_id(model), "name": name, **vals}
        )

    # ------------------------------------------------------------
    # WHAT ODOO AND THE MODULE HAVE
    # ------------------------------------------------------------

    def test_orders(self):
        customer, vendor = self._partner("Acme Ltd"), self._partner("Acme Ltd")
        self.source.link_card("customer", customer.id)
        self.source.link_card("vendor", vendor.id)
        sale = self.env["sale.order"].create({"partner_id": customer.id})
        purchase = self.env["purchase.order"].create({"partner_id": vendor.id})
        other = self.env["sale.order"].create({"partner_id": self._partner("X").id})
        batch = self._merge()
        self.assertEqual(sale.marketing_contact_id, self.target)
        self.assertEqual(purchase.marketing_contact_id, self.target)
        self.assertFalse(other.marketing_contact_id)
        self.assertEqual(self.target.sale_order_count, 1)
        self._undo(batch)
        self.assertEqual(sale.marketing_contact_id, self.source)
        self.assertEqual(purchase.marketing_contact_id, self.source)
        self.assertEqual(self.source.sale_order_count, 1)

    def test_orders_that_the_user_may_not_see(self):
        """They follow, whoever merges."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self._partner("X").id,
                "marketing_contact_id": self.source.id,
            }
        )
        self.assertFalse(order.with_user(self.marketer).has_access("read"))
        self.source.with_user(self.marketer).merge_into(self.target)
        self.assertEqual(order.marketing_contact_id, self.target)

    def test_interactions(self):
        calls = self.env["marketing.interaction"].create(
            [{"contact_id": self.source.id, "name": f"Call {i}"} for i in range(3)]
        )
        batch = self._merge()
        self.assertEqual(calls.contact_id, self.target)
        self.assertEqual(self.target.interaction_count, 3)
        self.assertEqual(self.target.timeline_ids, calls)
        self._undo(batch)
        self.assertEqual(calls.contact_id, self.source)
        self.assertFalse(self.target.interaction_count)

    def test_messages_and_activities(self):
        message = self.source.message_post(body="Remember")
        activity = self.source.activity_schedule(
            "mail.mail_activity_data_todo", summary="Call"
        )
        batch = self._merge()
        self.assertIn(message, self.target.message_ids)
        self.assertEqual(self.target.activity_ids, activity)
        self.assertEqual(activity.res_name, self.target.display_name)
        self.assertEqual(self.target.activity_state, "today")
        self._undo(batch)
        self.assertIn(message, self.source.message_ids)
        self.assertEqual(activity.res_name, self.source.display_name)
        self.assertFalse(self.target.activity_ids)

    def test_attachments_but_no_pictures(self):
        picture = b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
        self.source.image_1920 = picture
        own = self.source.image_1920
        file = self.env["ir.attachment"].create(
            {
                "name": "offer.txt",
                "raw": b"offer",
                "res_model": "marketing.contact",
                "res_id": self.source.id,
            }
        )
        batch = self._merge()
        self.assertEqual(file.res_id, self.target.id)
        self.assertEqual(self.target.image_1920, own)
        self.assertEqual(self.source.image_1920, own)
        self._undo(batch)
        self.assertEqual(file.res_id, self.source.id)
        self.assertFalse(self.target.image_1920)

    def test_followers_without_doubles(self):
        partners = self._partner("A") | self._partner("B")
        self.target.message_subscribe(partners[0].ids)
        self.source.message_subscribe(partners.ids)
        batch = self._merge()
        self.assertEqual(self.target.message_partner_ids, partners)
        followers = self.env["mail.followers"].search(
            [("res_model", "=", "marketing.contact"), ("res_id", "=", self.target.id)]
        )
        self.assertEqual(len(followers), 2)
        self._undo(batch)
        self.assertEqual(self.source.message_partner_ids, partners)
        self.assertEqual(self.target.message_partner_ids, partners[0])

    def test_people(self):
        people = self.Contact.create(
            [
                {"name": "Pat", "parent_id": self.source.id},
                {"name": "Kim", "parent_id": self.source.id, "active": False},
            ]
        )
        own = self.Contact.create({"name": "Sam", "parent_id": self.target.id})
        batch = self._merge()
        self.assertEqual(people.parent_id, self.target)
        self.assertEqual(self.target.child_ids, people[0] | own)
        self.assertEqual(self.target.child_count, 2)
        self._undo(batch)
        self.assertEqual(people.parent_id, self.source)
        self.assertEqual(self.target.child_ids, own)

    def test_external_id(self):
        self.env["ir.model.data"].create(
            {
                "module": "elsewhere",
                "name": "acme",
                "model": "marketing.contact",
                "res_id": self.source.id,
            }
        )
        self.assertEqual(self.env.ref("elsewhere.acme"), self.source)
        batch = self._merge()
        self.assertEqual(self.env.ref("elsewhere.acme"), self.target)
        self._undo(batch)
        self.assertEqual(self.env.ref("elsewhere.acme"), self.source)

    def test_what_is_known_of(self):
        """The places where Odoo's own modules keep ids of any record, as far as they
        are installed, and none of those that move by their own rules.
        """
        known = {
            (reference.model, reference.field)
            for reference in references.get_references(self.env)
        }
        pairs = [
            ("calendar.event", "res_id"),
            ("ir.attachment", "res_id"),
            ("ir.model.data", "res_id"),
            ("mail.activity", "res_id"),
            ("mail.followers", "res_id"),
            ("mail.message", "res_id"),
            ("mail.scheduled.message", "res_id"),
            ("mailing.trace", "res_id"),
            ("marketing.contact", "parent_id"),
            ("marketing.interaction", "contact_id"),
            ("marketing.interaction", "res_id"),
            ("rating.rating", "res_id"),
            ("sale.order", "marketing_contact_id"),
        ]
        for model_name, field in pairs:
            if model_name in self.env:
                self.assertIn((model_name, field), known)
        models = {model_name for model_name, _field in known}
        self.assertFalse(models & references.NOT_FOLLOWED)
        self.assertFalse([m for m in models if self.env[m]._transient])

    # ------------------------------------------------------------
    # WHAT NOBODY HERE KNOWS
    # ------------------------------------------------------------

    def test_many2one_of_another_module(self):
        self._add_field(
            *("res.partner", "x_contact_id"),
            ttype="many2one",
            relation="marketing.contact",
        )
        self._add_field(
            *("res.partner", "x_city"),
            ttype="char",
            related="x_contact_id.city",
            store=True,
            readonly=True,
        )
        self.source.city, self.target.city = "Malmö", "Lund"
        partners = self._partner("A", x_contact_id=self.source.id)
        partners |= self._partner("B", x_contact_id=self.target.id)
        self.assertEqual(partners.mapped("x_city"), ["Malmö", "Lund"])
        batch = self._merge()
        self.assertEqual(partners.x_contact_id, self.target)
        self.assertEqual(partners.mapped("x_city"), ["Lund", "Lund"])
        self._undo(batch)
        self.assertEqual(partners[0].x_contact_id, self.source)
        self.assertEqual(partners.mapped("x_city"), ["Malmö", "Lund"])

    def test_contact_that_points_at_another(self):
        self._add_field(
            *("marketing.contact", "x_referrer_id"),
            ttype="many2one",
            relation="marketing.contact",
        )
        friend = self._contact("Friend", x_referrer_id=self.source.id)
        self.target.x_referrer_id = self.source
        self._merge()
        self.assertEqual(friend.x_referrer_id, self.target)
        # nobody points at itself
        self.assertNotEqual(self.target.x_referrer_id, self.target)

    def test_many2many_of_another_module(self):
        self._add_field(
            *("res.partner", "x_contact_ids"),
            ttype="many2many",
            relation="marketing.contact",
        )
        both = self.source | self.target
        partners = self._partner("A", x_contact_ids=[Command.set(self.source.ids)])
        partners |= self._partner("B", x_contact_ids=[Command.set(both.ids)])
        batch = self._merge()
        for partner in partners:
            self.assertEqual(partner.x_contact_ids, self.target)
        self._undo(batch)
        self.env.invalidate_all()
        self.assertEqual(partners[0].x_contact_ids, self.source)
        self.assertEqual(partners[1].x_contact_ids, both)

    def test_values_by_company(self):
        self._add_field(
            *("res.partner", "x_contact_id"),
            ttype="many2one",
            relation="marketing.contact",
            company_dependent=True,
        )
        other = self.env["res.company"].create({"name": "Other"})
        partner = self._partner("A", x_contact_id=self.source.id)
        there = partner.with_company(other)
        there.x_contact_id = self.target
        self.env["ir.default"].set("res.partner", "x_contact_id", self.source.id)
        batch = self._merge()
        self.assertEqual(partner.x_contact_id, self.target)
        default = self.env["ir.default"]._get("res.partner", "x_contact_id")
        self.assertEqual(default, self.target.id)
        self._undo(batch)
        self.env.invalidate_all()
        self.assertEqual(partner.x_contact_id, self.source)
        self.assertEqual(there.x_contact_id, self.target)
        default = self.env["ir.default"]._get("res.partner", "x_contact_id")
        self.assertEqual(default, self.source.id)

    def test_reference_field(self):
        self._add_field(
            *("res.partner", "x_about"),
            ttype="reference",
            selection_ids=[
                Command.create({"value": "marketing.contact", "name": "Contact"})
            ],
        )
        partner = self._partner("A", x_about=f"marketing.contact,{self.source.id}")
        batch = self._merge()
        self.assertEqual(partner.x_about, self.target)
        self._undo(batch)
        self.assertEqual(partner.x_about, self.source)

    def test_property(self):
        definition = [
            {
                "name": "aaaabbbbccccdddd",
                "string": "Agent",
                "type": "many2one",
                "comodel": "marketing.contact",
            }
        ]
        self._contact("Makes the definition")
        base = self.env["properties.base.definition"]
        record = base._get_definition_for_property_field(
            "marketing.contact", "properties"
        )
        record.sudo().properties_definition = definition
        friend = self._contact("Friend")
        friend.properties = {"aaaabbbbccccdddd": self.source.id}
        batch = self._merge()
        self.assertEqual(friend.properties["aaaabbbbccccdddd"], self.target)
        self._undo(batch)
        self.assertEqual(friend.properties["aaaabbbbccccdddd"], self.source)

    def test_property_lists_and_defaults(self):
        """Also of several contacts, and what a new record's property is."""
        names = ("aaaabbbbccccdddd", "aaaabbbbccccddde", "aaaabbbbccccdddf")
        both = self.source | self.target
        friend, other = self._contact("Friend"), self._contact("Other")
        base = self.env["properties.base.definition"]
        record = base._get_definition_for_property_field(
            "marketing.contact", "properties"
        ).sudo()
        record.properties_definition = [
            {
                "name": name,
                "string": name,
                "type": type_,
                "comodel": "marketing.contact",
                "default": default,
            }
            for name, type_, default in (
                (names[0], "many2many", [other.id, self.source.id]),
                (names[1], "many2one", self.source.id),
                (names[2], "many2one", other.id),
            )
        ]
        friend.properties = {names[0]: [other.id, self.source.id]}
        other.properties = {names[0]: both.ids}
        wizard = self.env["marketing.contact.merge.wizard"].create(
            {"contact_ids": both.ids, "target_id": self.target.id}
        )
        self.assertFalse(wizard.refusal)
        batch = self._merge()

        def get_defaults():
            self.env.invalidate_all()
            return [item["default"] for item in record.properties_definition]

        self.assertEqual(friend.properties[names[0]], other | self.target)
        self.assertEqual(
            get_defaults(), [[other.id, self.target.id], self.target.id, other.id]
        )
        self._undo(batch)
        self.assertEqual(
            get_defaults(), [[other.id, self.source.id], self.source.id, other.id]
        )
        self.assertEqual(friend.properties[names[0]], other | self.source)
        self.assertEqual(other.properties[names[0]], both)

    def test_two_of_one_list_merged_into_two(self):
        """Both places of one record, in one merge of several."""
        self._contact("Makes the definition")
        base = self.env["properties.base.definition"]
        base._get_definition_for_property_field(
            "marketing.contact", "properties"
        ).sudo().properties_definition = [
            {
                "name": "aaaabbbbccccdddd",
                "string": "Agents",
                "type": "many2many",
                "comodel": "marketing.contact",
            }
        ]
        friend, other, third = (self._contact(n) for n in ("Friend", "Other", "Third"))
        friend.properties = {"aaaabbbbccccdddd": (self.source | third).ids}
        self.env.flush_all()
        self.Contact._merge_pairs([(self.source, self.target), (third, other)])
        self.assertEqual(friend.properties["aaaabbbbccccdddd"], self.target | other)

    def test_own_values_of_further_types(self):
        """Of those of another module, the one that stays has what it lacked, and never
        itself.
        """
        self._add_field(
            *("marketing.contact", "x_about"),
            ttype="reference",
            selection_ids=[Command.create({"value": "res.partner", "name": "Partner"})],
        )
        for name in ("x_friend_ids", "x_rival_ids"):
            self._add_field(
                *("marketing.contact", name),
                ttype="many2many",
                readonly=name == "x_friend_ids",
                relation="marketing.contact",
                relation_table=f"{name}_rel",
                column1="one_id",
                column2="other_id",
            )
        self._add_field(
            *("marketing.contact", "x_boss_id"),
            ttype="many2one",
            relation="marketing.contact",
        )
        partner, friend = self._partner("Partner"), self._contact("Friend")
        self.source.write(
            {
                "x_about": f"res.partner,{partner.id}",
                "x_friend_ids": (friend | self.target).ids,
                "x_boss_id": self.target.id,
            }
        )
        friend.x_rival_ids = self.source
        batch = self._merge()
        self.assertEqual(self.target.x_about, partner)
        self.assertEqual(self.target.x_friend_ids, friend)
        self.assertEqual(friend.x_rival_ids, self.target)
        self.assertFalse(self.target.x_boss_id)
        self._undo(batch)
        self.assertFalse(self.target.x_about)
        self.assertFalse(self.target.x_friend_ids)
        self.assertEqual(friend.x_rival_ids, self.source)

    # ------------------------------------------------------------
    # WHAT COMES LATE
    # ------------------------------------------------------------

    def _log_late(self, contact):
        """Log an interaction as a form that was open at the very moment of the merge,
        in another transaction.
        """
        call = self.env["marketing.interaction"].create(
            {"contact_id": self.target.id, "name": "Late"}
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_interaction SET contact_id = %s WHERE id = %s",
            [contact.id, call.id],
        )
        self.env.invalidate_all()
        return call

    def test_what_comes_late_follows_by_night(self):
        batch = self._merge()
        late = self._log_late(self.source)
        message = self.source.message_post(body="Late")
        self.Contact._gc_merged()
        self.assertEqual(late.contact_id, self.target)
        self.assertEqual(message.res_id, self.target.id)
        # and an undo knows of it
        self._undo(batch)
        self.assertEqual(late.contact_id, self.source)
        self.assertEqual(message.res_id, self.source.id)

    def test_what_comes_late_to_a_row_of_merges(self):
        for newest_first in (True, False):
            source, target = self._contact("Kudu"), self._contact("Kudu Ltd")
            third = self._contact("Kudu Inc")
            batches = []
            for one, other in ((source, target), (target, third)):
                one.merge_into(other)
                batches.append(self.env["marketing.sync.batch"].search([], limit=1))
            late = [self._log_late(contact) for contact in (source, target)]
            self.Contact._gc_merged()
            for call in late:
                self.assertEqual(call.contact_id, third)
            # what is undone is no merge to give anything back by
            batches[1].undo()
            if newest_first:
                batches[0].undo()
            else:
                self.Contact._gc_merged()
                batches[0].undo()
            self.assertEqual(late[0].contact_id, source)
            self.assertEqual(late[1].contact_id, target)

    # ------------------------------------------------------------
    # NO ROW IS LOST
    # ------------------------------------------------------------

    def test_unique_and_check(self):
        """What the database would refuse stays with the merged contact."""
        self._add_field(
            *("res.partner", "x_contact_id"),
            ttype="many2one",
            relation="marketing.contact",
        )
        both = self.source | self.target
        lower = [self._partner("Shop", x_contact_id=c.id) for c in both]
        other = self._partner("Kiosk", x_contact_id=self.source.id)
        checked = self._partner("Nobody", x_contact_id=self.source.id)
        self.env.flush_all()
        self.env.cr.execute(
            "CREATE UNIQUE INDEX x_one ON res_partner (lower(name), x_contact_id) "
            "WHERE x_contact_id IS NOT NULL AND name LIKE 'Sho%'"
        )
        self.env.cr.execute(
            "ALTER TABLE res_partner ADD CONSTRAINT x_check "
            f"CHECK (name != 'Nobody' OR x_contact_id != {self.target.id})"
        )
        self._merge()
        self.assertEqual(lower[0].x_contact_id, self.source)
        self.assertEqual(lower[1].x_contact_id, self.target)
        self.assertEqual(other.x_contact_id, self.target)
        self.assertEqual(checked.x_contact_id, self.source)

    def _propose(self, *pairs, **vals):
        return self.env["marketing.match"].create(
            [{"contact_id": a.id, "other_contact_id": b.id, **vals} for a, b in pairs]
        )

    def test_three_that_are_alike(self):
        """As *Look Who Is Who* lists them: each with each, in either order."""
        third = self._contact("Acme Inc")
        contacts = self.source | self.target | third
        for target in contacts:
            for turned in range(8):
                pairs = [
                    (a, b) if turned >> n & 1 else (b, a)
                    for n, (a, b) in enumerate(combinations(contacts, 2))
                ]
                with self.subTest(target=target, pairs=pairs):
                    proposals = self._propose(*pairs)
                    (contacts - target).merge_into(target)
                    self.assertEqual(len(proposals.exists()), 3)
                    self._undo(self.env["marketing.sync.batch"].search([], limit=1))
                    self.assertEqual(
                        [(p.contact_id, p.other_contact_id) for p in proposals], pairs
                    )
                    proposals.unlink()

    def test_three_after_looking_who_is_who(self):
        values = {"phone": "08-123 456", "email": "info@acme.example", "city": "Lund"}
        contacts = self.Contact.create(
            [
                {"name": name, "is_company": True, **values}
                for name in ("Kelmaro", "Kelmaro AB", "Kelmaro Ltd", "Kelmaro")
            ]
        )
        proposals = self.env["marketing.match"].match_all(
            [("id", "in", contacts.ids)], [("id", "=", 0)]
        )
        self.assertGreater(len(proposals), 3)
        third = contacts[0]
        contacts[1].merge_into(third)
        contacts[2:].merge_into(third)
        self.assertEqual(contacts[1:].merged_into_id, third)

    def test_pairs_that_meet_when_both_sides_move(self):
        """A with D, and D with B, are one pair where A and B become one."""
        other = self._contact("Other")
        third = self._contact("Acme Inc")
        self._propose((self.source, other), (other, third), (other, self.target))
        batch = None
        (self.source | third).merge_into(self.target)
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        shown = self.env["marketing.match"].search([("contact_id", "=", other.id)])
        self.assertEqual(shown.other_contact_id, self.target)
        self._undo(batch)

    def test_not_the_same_holds_whichever_of_those_merged_was_answered(self):
        third, other = self._contact("Acme Inc"), self._contact("Other")
        self._propose((self.source, other))
        rejected = self._propose((other, third))
        rejected.action_reject()
        (self.source | third).merge_into(self.target)
        shown = self.env["marketing.match"].search(
            ["|", ("contact_id", "=", other.id), ("other_contact_id", "=", other.id)]
        )
        self.assertEqual(shown.mapped("state"), ["rejected"])

    def test_unique_over_two_references(self):
        """A table of another module: pairs of contacts in either order, never one with
        itself, each pair once on a day.
        """
        for name in ("x_one_id", "x_other_id"):
            self._add_field(
                "res.partner", name, ttype="many2one", relation="marketing.contact"
            )
        self.env.flush_all()
        self.env.cr.execute(
            "CREATE UNIQUE INDEX x_pair ON res_partner "
            "(LEAST(x_one_id, x_other_id), GREATEST(x_one_id, x_other_id), "
            "COALESCE(city, '')) WHERE x_one_id IS NOT NULL"
        )
        self.env.cr.execute(
            "ALTER TABLE res_partner ADD CONSTRAINT x_not_itself "
            "CHECK (x_one_id <> x_other_id)"
        )
        third, other = self._contact("Acme Inc"), self._contact("Other")
        contacts = self.source | self.target | third | other
        pairs = [*permutations(contacts, 2)]
        for turned in (pairs, pairs[::-1]):
            partners = self._partner("None")
            seen = set()
            for one, two in turned:
                if frozenset((one, two)) not in seen:
                    seen.add(frozenset((one, two)))
                    vals = {"x_one_id": one.id, "x_other_id": two.id}
                    partners |= self._partner("Pair", **vals)
                    partners |= self._partner("Pair", city="Lund", **vals)
            before = [(p.x_one_id, p.x_other_id) for p in partners]
            (self.source | third).merge_into(self.target)
            self.assertEqual(len(partners.exists()), 13)
            kept = partners.filtered(
                lambda p: {p.x_one_id, p.x_other_id} == {self.target, other}
            )
            self.assertEqual(sorted(kept.mapped(lambda p: p.city or "")), ["", "Lund"])
            self._undo(self.env["marketing.sync.batch"].search([], limit=1))
            self.assertEqual([(p.x_one_id, p.x_other_id) for p in partners], before)
            partners.unlink()
