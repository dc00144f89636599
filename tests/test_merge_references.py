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

    def test_what_comes_late_follows_by_night(self):
        self._merge()
        late = self.env["marketing.interaction"].create(
            {"contact_id": self.source.id, "name": "From a form that was open"}
        )
        self.Contact._gc_merged()
        self.assertEqual(late.contact_id, self.target)

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
