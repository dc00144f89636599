from odoo.tests import HttpCase, new_test_user, tagged

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestMailContact(HttpCase, MarketingContactCommon):
    """Mail to a contact goes to its address, whatever rights the sender has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={})
        cls.sender = new_test_user(
            cls.env,
            "sender",
            "marketing_contact.group_marketing_contact_user",
            password="sender-password",
        )
        cls.reader = cls.env["marketing.contact"].create(
            {"name": "Reader", "email": "Reader <reader@x.example>, two@x.example"}
        )

    def _post(self, **data):
        return self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "marketing.contact",
                "thread_id": self.reader.id,
                "post_data": {
                    "body": "Hello",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                    **data,
                },
            },
        )

    def _sent(self):
        message = self.reader.message_ids[:1]
        return set(
            self.env["mail.mail"]
            .search([("mail_message_id", "=", message.id)])
            .mapped("email_to")
        ) | set(message.notification_ids.mapped("mail_email_address"))

    def test_chatter_of_a_marketer(self):
        self.authenticate("sender", "sender-password")
        partners = self.Partner.search_count([])
        self._post(partner_emails=["reader@x.example"], partner_ids=[])
        message = self.reader.message_ids[:1]
        self.assertEqual(message.outgoing_email_to, "reader@x.example")
        self.assertIn("reader@x.example", self._sent())
        self.assertEqual(self.Partner.search_count([]), partners)

    def test_chatter_of_who_may_make_partners(self):
        self.sender.group_ids += self.env.ref("base.group_partner_manager")
        self.authenticate("sender", "sender-password")
        partners = self.Partner.search_count([])
        self._post(partner_emails=["reader@x.example", "two@x.example"])
        self.assertEqual(self.Partner.search_count([]), partners)
        message = self.reader.message_ids[:1]
        self.assertEqual(message.outgoing_email_to, "reader@x.example, two@x.example")

    def test_no_stranger_by_the_chatter(self):
        """Only the contact's own addresses: the chatter is no relay."""
        self.authenticate("sender", "sender-password")
        self._post(partner_emails=["stranger@x.example"])
        self.assertFalse(self.reader.message_ids[:1].outgoing_email_to)

    def test_composer(self):
        partners = self.Partner.search_count([])
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.sender)
            .with_context(
                default_composition_mode="comment",
                default_model="marketing.contact",
                default_res_ids=self.reader.ids,
            )
            .create({"body": "Hello", "subject": "Hello"})
        )
        self.assertTrue(composer.marketing_to_contact)
        composer._action_send_mail()
        self.assertEqual(
            self.reader.message_ids[:1].outgoing_email_to,
            "reader@x.example, two@x.example",
        )
        self.assertEqual(self.Partner.search_count([]), partners)
