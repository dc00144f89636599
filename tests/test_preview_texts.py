from lxml import html

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import MarketingContactCommon


class TestPreviewTexts(MarketingContactCommon):
    """Previews and refusals call things what the user calls them."""

    def _roles(self, preview):
        return {
            (row.xpath("string(td[1]/span[1])"), row.xpath("string(td[1]/span[2])"))
            for row in html.fromstring(preview).xpath("//tbody/tr")
        }

    def _wizard(self, contact, kind, card):
        column = "bank_account_id" if kind == "bank_account" else "partner_id"
        return self.env["marketing.contact.link"].create(
            {"contact_id": contact.id, "kind": kind, column: card.id}
        )

    def test_link_with_a_vendor_to_be(self):
        """The partner gets its role by the link, so the preview knows it."""
        contact = self._contact("Mill", phone="1")
        vendor = self._partner("Old Mill", street="Brook 2")
        self.assertFalse(vendor.supplier_rank)
        wizard = self._wizard(contact, "vendor", vendor)
        self.assertEqual(
            self._roles(wizard.preview),
            {
                (contact.display_name, "(Contact)"),
                (vendor.display_name, "(Vendor)"),
            },
        )
        self.assertFalse(vendor.supplier_rank)

    def test_link_reaches_the_other_cards(self):
        contact, _customer, vendor, bank = self._linked("Mill")
        company = self.env["res.company"].create({"name": "Second"})
        other = self._partner("Mill Ltd", company_id=company.id, phone="9")
        wizard = self._wizard(contact, "customer", other)
        roles = self._roles(wizard.preview)
        self.assertIn((bank.display_name, "(Bank)"), roles)
        self.assertIn((vendor.display_name, "(Vendor)"), roles)
        self.assertIn((other.display_name, "(Customer)"), roles)

    def test_both_roles(self):
        contact = self._contact("Mill")
        customer = self._partner("Mill")
        contact.link_card("customer", customer.id)
        self.assertEqual(customer._marketing_role(), "Customer")
        contact.link_card("vendor", customer.id)
        self.assertEqual(customer._marketing_role(), "Customer / Vendor")
        self.assertEqual(contact._marketing_role(), "Contact")
        person = self._partner("Someone", is_company=False)
        self.assertEqual(person._marketing_role(), "Contact")

    def test_readable_for_everybody(self):
        """An accountant without rights on marketing hears who refused."""
        customer = self._linked("Mill")[1].with_user(self.clerk)
        self.assertEqual(customer._marketing_role(), "Customer")

    def test_refusal_names_the_role(self):
        contact, _customer, vendor, _bank = self._linked("Mill")

        def refuse(partners, vals):
            if vendor in partners and "phone" in vals:
                raise UserError(reason)
            return write(partners, vals)

        reason = "No way."
        write = type(self.Partner).write
        self.patch(type(self.Partner), "write", refuse)
        with self.assertRaisesRegex(UserError, "Vendor “Mill”.*Phone"):
            contact.phone = "2"


@tagged("post_install", "-at_install")
class TestWhatWillHappen(MarketingContactCommon):
    """Each form that does something says beforehand, in words, what it will do."""

    def _text(self, preview):
        return " ".join(html.fromstring(preview or "<p/>").text_content().split())

    def _form(self, model, records=None, **context):
        records = self.Contact if records is None else records
        return Form(
            self.env[model].with_context(
                active_model=records._name, active_ids=records.ids, **context
            )
        )

    def test_create_as(self):
        """One that gets a new record, and one that has a record already."""
        mill = self._contact("Mill")
        farm = self._linked("Farm")[0]
        self._unlink_kind(farm, "vendor")
        with self.subTest("one new"):
            form = self._form("marketing.contact.create.card", mill)
            self.assertIn("“Mill” gets a new customer", self._text(form.preview))
        with self.subTest("one with a record"):
            form = self._form(
                "marketing.contact.create.card", farm, default_kind="vendor"
            )
            self.assertIn(
                "“Farm”, which it is linked with already, becomes a vendor as well",
                self._text(form.preview),
            )
        with self.subTest("several"):
            form = self._form(
                "marketing.contact.create.card",
                mill | farm | self._contact("Brook"),
                default_kind="vendor",
            )
            self.assertIn(
                "3 contacts. New vendors: 2. Second role for a record that is "
                "there: 1.",
                self._text(form.preview),
            )

    def _unlink_kind(self, contact, kind):
        contact.relation_ids.filtered(lambda r: r.kind == kind).unlink()

    def test_create_as_bank_account_without_a_number(self):
        form = self._form(
            "marketing.contact.create.card",
            self._contact("Bank"),
            default_kind="bank_account",
        )
        self.assertIn("account number", self._text(form.preview))

    def test_whose_account(self):
        contact = self._linked("Mill")[0]
        self._unlink_kind(contact, "bank_account")
        form = self._form(
            "marketing.contact.create.card", contact, default_kind="bank_account"
        )
        self.assertIn("whose account", self._text(form.preview))

    def test_link(self):
        form = self._form(
            "marketing.contact.link", default_contact_id=self._contact("Mill").id
        )
        self.assertIn("Choose", self._text(form.preview))
        form.partner_id = self._partner("Mill Ltd")
        self.assertIn(
            "“Mill” and the customer “Mill Ltd” are linked", self._text(form.preview)
        )

    def test_merge(self):
        pair = self._contact("Mill") | self._contact("The Mill")
        form = self._form("marketing.contact.merge.wizard", pair)
        self.assertIn("2 contacts become one, “Mill”", self._text(form.preview))
        form = self._form("marketing.contact.merge.wizard", pair[:1])
        self.assertIn("at least two", self._text(form.preview))

    def test_generate(self):
        """Of one it is said as of one."""
        partners = self._partner("Ann", customer_rank=1) | self._partner(
            "Bob", customer_rank=1
        )
        form = self._form("marketing.contact.generate", partners)
        self.assertEqual(form.summary, "2 customers: 2 get a new contact.")
        form = self._form("marketing.contact.generate", partners[:1])
        self.assertEqual(form.summary, "1 customer: 1 gets a new contact.")

    def test_log_with_many(self):
        several = self._contact("A") | self._contact("B")
        form = self._form("marketing.interaction.log", several)
        self.assertEqual(form.effects, "The same interaction with 2 contacts.")
        form = self._form("marketing.interaction.log", several[:1])
        self.assertEqual(form.effects, "One interaction with “A”.")

    def test_link_people(self):
        customer = self._partner("Mill", is_company=True)
        self._partner("Ann", parent_id=customer.id, is_company=False)
        contact = self._contact("Mill")
        contact.link_card("customer", customer.id, include_people=False)
        form = self._form("marketing.people.link")
        self.assertRegex(form.effects, r"\d+ (company|companies)")
        self.assertIn("become", form.effects)

    def test_unlink(self):
        """What goes back is shown before it does."""
        contact = self._contact("Mill", phone="1")
        customer = self._partner("Mill", city="Lund")
        contact.link_card("customer", customer.id)
        relation = contact.relation_ids
        self.assertIn("Lund", self._text(relation.undo_preview))
        self.assertEqual(contact.city, "Lund")

    def test_schedule(self):
        several = self._contact("A") | self._contact("B")
        form = self._form("mail.activity.schedule", several)
        self.assertEqual(form.marketing_effects, "An activity with each of 2 contacts.")

    def test_segment(self):
        segment = self.env["marketing.segment"].create(
            {"name": "Mills", "kind": "static"}
        )
        form = self._form("marketing.segment.change", self._contact("Mill"))
        self.assertEqual(form.effects, "Choose the segment.")
        form.segment_id = segment
        self.assertEqual(form.effects, "Members: 0 now, 1 afterwards.")

    def test_link_all_sure_ones(self):
        """What is filled in is said of customers and contacts."""
        values = {
            "name": "Nordkvarn Spannmål AB",
            "vat": "SE556677889901",
            "email": "info@nordkvarn.example",
            "country_id": self.sweden.id,
        }
        contact = self._contact(**values, phone="+46 8 555 11 22")
        self._partner(**values, website="http://nordkvarn.example", customer_rank=1)
        self.env["marketing.match"].match_all([("id", "=", contact.id)])
        match = self.env["marketing.match"].search([("contact_id", "=", contact.id)])
        self.assertEqual(match.band, "sure")
        form = self._form("marketing.match.link", match)
        self.assertIn("On contacts: Website 1", form.preview)
        self.assertIn("On customers: Phone 1", form.preview)
        self.assertFalse(contact.website)
