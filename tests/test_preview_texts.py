from lxml import html

from odoo.exceptions import UserError

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
