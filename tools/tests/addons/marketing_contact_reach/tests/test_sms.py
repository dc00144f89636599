from odoo.tests import Form, tagged

from odoo.addons.marketing_contact.tests.common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestSms(MarketingContactCommon):
    """Text messages to one contact and to many, from the list and the form."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.readers = cls.Contact.create(
            [
                {"name": "Ann", "phone": "+46 70 123 45 67"},
                {"name": "Bob", "phone": "+46 70 123 45 68"},
                {"name": "Silent"},
            ]
        ).with_user(cls.marketer)

    def _compose(self, contacts):
        """Run the action of the list and fill in the form that it opens."""
        bindings = self.env["ir.actions.actions"].get_bindings("marketing.contact")
        (offered,) = [a for a in bindings["action"] if a["name"] == "Send SMS"]
        action = (
            self.env["ir.actions.server"]
            .with_user(self.marketer)
            .browse(offered["id"])
            .with_context(
                active_model="marketing.contact",
                active_id=contacts[:1].id,
                active_ids=contacts.ids,
            )
            .run()
        )
        form = Form.from_action(self.env(user=self.marketer), action)
        form.body = "Hello"
        return form.save()

    def test_many(self):
        partners = self.Partner.search_count([])
        composer = self._compose(self.readers)
        self.assertEqual(composer.composition_mode, "mass")
        self.assertEqual(composer.recipient_valid_count, 2)
        composer.action_send_sms()
        sent = self.env["sms.sms"].search([("body", "=", "Hello")])
        self.assertEqual(
            set(sent.filtered(lambda sms: sms.state == "outgoing").mapped("number")),
            {"+46701234567", "+46701234568"},
        )
        self.assertEqual(self.Partner.search_count([]), partners)

    def test_blacklist(self):
        self.env["phone.blacklist"].add("+46701234567")
        self._compose(self.readers).action_send_sms()
        sent = self.env["sms.sms"].search([("body", "=", "Hello")])
        outgoing = sent.filtered(lambda sms: sms.state == "outgoing")
        self.assertEqual(outgoing.mapped("number"), ["+46701234568"])

    def test_one(self):
        composer = self._compose(self.readers[0])
        self.assertEqual(composer.composition_mode, "comment")
        self.assertEqual(composer.recipient_single_number, "+46701234567")
        composer._action_send_sms()
        message = self.readers[0].message_ids[:1]
        self.assertEqual(message.message_type, "sms")
