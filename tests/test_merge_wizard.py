from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import Form

from .common import MarketingContactCommon


class TestMergeWizard(MarketingContactCommon):
    """The wizard asks, shows, and merges."""

    def _wizard(self, *contacts, user=None):
        wizards = self.env["marketing.contact.merge.wizard"]
        contacts = self.Contact.union(*contacts)
        return wizards.with_user(user or self.marketer).with_context(
            active_model="marketing.contact", active_ids=contacts.ids
        )

    def _line(self, wizard, name):
        return wizard.line_ids.filtered(lambda line: line.field_name == name)

    def test_from_the_list(self):
        plain = self._contact("Acme", phone="1", city="Here")
        linked = self._contact("Acme Ltd", phone="2", city="There", zip="9")
        customer = linked.create_card("customer")
        person = self._contact("Pat", is_company=False, parent_id=plain.id)
        with Form(self._wizard(plain, linked)) as form:
            self.assertEqual(form.target_id, linked)
            names = [line["field_name"] for line in form.line_ids._records]
            self.assertIn("phone", names)
            with form.line_ids.edit(names.index("phone")) as line:
                line.keep_contact_id = plain
            with form.line_ids.edit(names.index("city")) as line:
                line.keep_contact_id = plain
            self.assertIn("Customer", form.preview)
            self.assertIn("Here", form.preview)
        wizard = form.record
        # nothing has happened yet
        self.assertEqual(linked.phone, "2")
        action = wizard.action_merge()
        self.assertEqual(action["tag"], "marketing_offer_undo")
        self.assertEqual(action["params"]["next"]["res_id"], linked.id)
        self.assertEqual(plain.merged_into_id, linked)
        self.assertEqual(person.parent_id, linked)
        for record in (linked, customer):
            self.assertRecordValues(
                record, [{"phone": "1", "city": "Here", "zip": False}]
            )

    def test_lines(self):
        target = self._contact("Acme", phone="1")
        source = self._contact("Acme Ltd", phone="2", email="a@x.example")
        wizard = self._wizard(target, source).create({"target_id": target.id})
        self.assertEqual(self._line(wizard, "phone").keep_contact_id, target)
        self.assertEqual(self._line(wizard, "email").keep_contact_id, source)
        self.assertFalse(self._line(wizard, "website"))
        self.assertIn("2", self._line(wizard, "phone").contact_values)
        self._line(wizard, "phone").keep_contact_id = source
        wizard.action_merge()
        expected = {"name": "Acme", "phone": "2", "email": "a@x.example"}
        self.assertRecordValues(target, [expected])

    def test_two_customers_are_asked_for(self):
        target = self._contact("Acme")
        source = self._contact("Acme Ltd")
        given_up = target.create_card("customer")
        kept = source.create_card("customer")
        wizard = self._wizard(target, source).create({"target_id": target.id})
        line = self._line(wizard, "customer")
        self.assertTrue(line.is_link)
        self.assertFalse(line.keep_contact_id)
        self.assertIn("Acme Ltd", line.contact_values)
        self.assertIn("different ones as Customer", wizard.refusal)
        self.assertFalse(wizard.preview)
        with self.assertRaises(UserError):
            wizard.action_merge()
        line.keep_contact_id = source
        self.assertFalse(wizard.refusal)
        self.assertTrue(wizard.preview)
        wizard.action_merge()
        self.assertEqual(target.customer_id, kept)
        self.assertFalse(given_up.marketing_relation_ids)

    def test_hidden_customers_are_not_shown(self):
        other = self.env["res.company"].create({"name": "Other"})
        contacts = self.Contact
        for name in ("Acme", "Acme Ltd"):
            contact = self._contact(name)
            card = self._partner(f"Secret {name}", company_id=other.id)
            contact.link_card("customer", card.id, master="card")
            contact.name = name
            card.with_context(tracking_disable=True).comment = "Secret"
            contacts |= contact
        wizard = self._wizard(contacts).create({})
        self.assertFalse(self._line(wizard, "customer"))
        self.assertNotIn("Secret", f"{wizard.preview} {wizard.refusal}")
        self.assertTrue(wizard.refusal)
        with self.assertRaises(UserError):
            wizard.action_merge()

    def test_counts_what_the_user_may_see(self):
        target, source = self._contact("Acme"), self._contact("Acme Ltd")
        customer = source.create_card("customer")
        self.env["sale.order"].create({"partner_id": customer.id})
        self._contact("Pat", is_company=False, parent_id=source.id)
        self.env["marketing.interaction"].create(
            [{"contact_id": source.id, "name": f"Call {i}"} for i in range(3)]
        )
        wizard = self._wizard(target, source).create({"target_id": target.id})
        self.assertIn("3 × Interaction", wizard.preview)
        self.assertNotIn("Sales Order", wizard.preview)
        self.marketer.group_ids |= self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        wizard = self._wizard(target, source).create({"target_id": target.id})
        self.assertIn("1 × Sales Order", wizard.preview)
        self.assertFalse(source.merged_into_id)

    def test_one_is_not_enough(self):
        contact = self._contact("Acme")
        wizard = self._wizard(contact).create({})
        with self.assertRaises(UserError):
            wizard.action_merge()

    def test_link_wizard_merges(self):
        """One entry in the journal, of origin merge; its undo parts the two again."""
        contact, other = self._contact("Mine", phone="1"), self._contact("Theirs")
        vendor = other.create_card("vendor")
        self.env["marketing.contact.link"].create(
            {
                "contact_id": contact.id,
                "kind": "vendor",
                "partner_id": vendor.id,
                "conflict_action": "merge",
            }
        ).action_link()
        self.assertEqual(other.merged_into_id, contact)
        self.assertEqual(contact.vendor_id, vendor)
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertEqual(batch.origin, "merge")
        batch.undo()
        self.assertFalse(other.merged_into_id)
        self.assertEqual(other.vendor_id, vendor)
        self.assertEqual(vendor.name, "Theirs")


class TestMergeWizardChoices(MarketingContactCommon):
    """What a client sends as chosen shows and copies nothing that is not its own."""

    WIZARD = "marketing.contact.merge.wizard"
    SHOWN = {
        "preview": {},
        "refusal": {},
        "contact_ids": {},
        "target_id": {"fields": {"display_name": {}}},
        "line_ids": {
            "fields": {
                "field_name": {},
                "contact_values": {},
                "keep_contact_id": {"fields": {"display_name": {}}},
            }
        },
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.env["res.company"].create({"name": "Other"})
        cls.target = cls._contact("Acme")
        cls.source = cls._contact("Acme Ltd", phone="2")
        cls.secret = cls._contact("Secret", phone="77 666", company_id=other.id)
        cls.outsider = cls._contact("Outsider", phone="55 444")
        cls.env.flush_all()

    def _call(self, method, *args):
        model = self.env[self.WIZARD].with_user(self.marketer)
        self.env.invalidate_all()
        return call_kw(model, method, args, {})

    def _prepare(self, **line):
        both = self.target | self.source
        return {
            "contact_ids": [Command.set(both.ids)],
            "target_id": self.target.id,
            "line_ids": [Command.create({"field_name": "phone", **line})],
        }

    def test_another_contact_is_kept_by_nobody(self):
        """Neither one that is hidden nor one that is not among those merged."""
        for stranger in (self.secret, self.outsider):
            for name in ("phone", "customer"):
                line = {
                    "field_name": name,
                    "is_link": name == "customer",
                    "keep_contact_id": stranger.id,
                }
                with self.subTest(stranger=stranger.name, field=name):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        wizard = self._call("create", [self._prepare(**line)])
                        self._call("action_merge", wizard)
                    self.assertFalse(self.source.merged_into_id)
                    self.assertFalse(self.target.phone)

    def test_preview_of_another_contact(self):
        for stranger in (self.secret, self.outsider):
            values = self._prepare(keep_contact_id=stranger.id)
            for names in ([], ["line_ids"], ["target_id"]):
                with self.subTest(stranger=stranger.name, names=names):
                    try:
                        shown = self._call("onchange", [], values, names, self.SHOWN)
                    except AccessError:
                        continue
                    for text in (stranger.phone, "Secret"):
                        self.assertNotIn(text, repr(shown))

    def test_no_name_of_a_hidden_contact(self):
        """Whichever field of whichever wizard it is sent for."""
        cases = [
            (self.WIZARD, "target_id", {"contact_ids": [Command.set(self.target.ids)]}),
            ("marketing.contact.link", "contact_id", {}),
        ]
        for model_name, name, values in cases:
            model = self.env[model_name].with_user(self.marketer)
            values = {**values, name: self.secret.id}
            shown = {name: {"fields": {"display_name": {}}}}
            for method, args in (
                ("web_save", [[], values, shown]),
                ("onchange", [[], values, [], dict.fromkeys(values, {}) | shown]),
                ("read", None),
            ):
                with self.subTest(model=model_name, method=method):
                    self.env.invalidate_all()
                    try:
                        with self.env.cr.savepoint():
                            if method == "read":
                                args = [
                                    call_kw(model, "create", [[values]], {}),
                                    [name],
                                ]
                            result = call_kw(model, method, args, {})
                    except AccessError:
                        continue
                    self.assertNotIn("Secret", repr(result))

    def test_fields_that_are_not_to_choose(self):
        for name in ("number", "company_id", "nope", "create_uid", "properties"):
            line = {"field_name": name, "keep_contact_id": self.source.id}
            with self.subTest(field=name), self.assertRaises(UserError):
                wizard = self._call("create", [self._prepare(**line)])
                self._call("action_merge", wizard)

    def test_fields_that_the_user_may_not_read(self):
        """They follow, but nobody is shown what is in them, nor chooses it."""
        field = self.Contact._fields["comment"]
        self.patch(field, "groups", "base.group_system")
        self.source.comment = "TOP SECRET"
        self.env.flush_all()
        shown = self._call("onchange", [], self._prepare(), [], self.SHOWN)
        self.assertNotIn("SECRET", repr(shown))
        source = self.source.with_user(self.marketer)
        with self.assertRaises(UserError):
            source.merge_into(self.target, keep={"comment": source.id})
        source.merge_into(self.target)
        self.assertIn("TOP SECRET", self.target.comment)

    def test_target_that_is_not_among_them(self):
        wizard = self._call(
            "create", [{**self._prepare(), "target_id": self.outsider.id}]
        )
        with self.assertRaises(UserError):
            self._call("action_merge", wizard)
        self.assertFalse((self.target | self.source).merged_into_id)
