from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from .common import MarketingContactCommon


class TestNothingHidden(MarketingContactCommon):
    """What the user may not see is named neither in an error nor in a preview."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Second Company"})
        # the names of the two sides tell them apart
        cls.Map.search([("contact_field", "=", "name")]).active = False
        cls.contact = cls._contact("Group", phone="1")
        cls.hidden = cls._partner("Secret", company_id=cls.other.id, phone="1")
        cls.contact.link_card("vendor", cls.hidden.id)
        cls.env.flush_all()

    def test_preview(self):
        contact = self.contact.with_user(self.marketer)
        (line,) = contact.preview_sync({"phone": "2"})
        self.assertEqual((line["id"], line["new"]), (self.hidden.id, "2"))
        self.assertNotIn("Secret", line["display_name"])
        self.assertFalse(line["old"])
        (line,) = self.contact.preview_sync({"phone": "2"})
        self.assertEqual((line["display_name"], line["old"]), ("Secret", "1"))

    def test_chatter_names_no_hidden_partner(self):
        """What a user's partner keeps is told to all who read the contact."""
        self.contact.email = "a@x.example"
        new_test_user(
            self.env,
            "secret_user",
            "base.group_portal",
            name="Secret",
            email="a@x.example",
            partner_id=self.hidden.id,
            company_id=self.other.id,
            company_ids=[self.other.id],
        )
        self.env.flush_all()
        mine = self.contact.with_user(self.marketer)
        self.assertIn("may not see", mine.get_sync_notice({"email": "b@x.example"}))
        mine.email = "b@x.example"
        self.assertEqual(self.hidden.email, "a@x.example")
        body = self.contact.message_ids[0].body
        self.assertIn("user account", body)
        self.assertNotIn("Secret", body)

    def test_who_has_no_rights_on_marketing_hears_of_the_marketing_contact(self):
        """Never of “a record that you may not see” about one's own customer."""
        customer = self._partner("Own Customer")
        contact = self._contact("Own Customer", phone="1")
        contact.link_card("customer", customer.id)
        (line,) = customer.with_user(self.clerk).preview_sync({"phone": "2"})
        self.assertEqual(line["display_name"], "the marketing contact")
        self.assertFalse(line["old"])
        notice = customer.with_user(self.clerk).get_sync_notice({"phone": "2"})
        self.assertEqual(
            notice, "This also changes: the marketing contact Own Customer."
        )

    def test_errors_name_no_hidden_record(self):
        secret = self._contact("Secret", company_id=self.other.id)
        partner = self._partner("Shared")
        secret.link_card("customer", partner.id)
        contact = self._contact().with_user(self.marketer)
        for kind in ("customer", "vendor"):
            with self.assertRaises(ValidationError) as caught:
                contact.link_card(kind, partner.id)
            self.assertNotIn("Secret", caught.exception.args[0])

    def test_moving_a_link_takes_the_rights_of_making_it(self):
        relation = self.contact.link_card("customer", self._partner("Own").id)
        relation = relation.with_user(self.marketer)
        secret = self._contact("Secret", company_id=self.other.id)
        address = self._partner("Address", parent_id=relation.sudo().partner_id.id)
        address.sudo().is_company = False
        for vals, error in (
            ({"partner_id": self.hidden.id}, AccessError),
            ({"contact_id": secret.id}, AccessError),
            ({"partner_id": address.id}, UserError),
            ({"partner_id": False}, UserError),
        ):
            with self.assertRaises(error):
                relation.write(vals)
        relation.partner_id = self._partner("Next")
        self.assertEqual(self.contact.customer_id.name, "Next")
