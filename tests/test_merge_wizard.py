from odoo.exceptions import UserError
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
        self.assertEqual(action["res_id"], linked.id)
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
