from odoo.exceptions import UserError

from .common_privacy import PrivacyCommon


class TestPrivacyPath(PrivacyCommon):
    """From the block to the ban, as a person goes."""

    def test_whole_way(self):
        person = self._person()
        customer = person.create_card("customer")
        person.with_user(self.marketer).action_privacy_block("asked by phone")
        self.assertFalse(
            self.Contact.with_user(self.marketer).search([("id", "=", person.id)])
        )
        request = self.Request.with_user(self.officer).create(
            {"kind": "erasure", "name": "Jo Marker", "email": "jo@marker.example"}
        )
        request.action_find()
        self.assertEqual(request.contact_ids, person)
        with self.assertRaises(UserError):
            request.action_erase()
        request.identity_checked_by = self.officer
        action = request.action_erase()
        wizard = (
            self.env["marketing.privacy.erase"]
            .with_user(self.officer)
            .browse(action["res_id"])
        )
        self.assertTrue(wizard.count)
        with self.assertRaises(UserError):
            wizard.action_erase()
        wizard.confirm_count = wizard.count
        wizard.action_erase()
        self.assertFalse(person.exists())
        self.assertEqual(customer.email, False)
        self.assertEqual(customer.name, "Jo Marker")
        self.assertEqual(request.state, "done")
        self.assertFalse(request.name or request.email or request.contact_ids)
        with self.assertRaises(UserError):
            self._person()
