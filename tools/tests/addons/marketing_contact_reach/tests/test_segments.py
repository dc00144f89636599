from odoo.addons.sms.tests.common import SMSCase

from .test_mailing import MailingCommon


class TestSegmentMailing(MailingCommon, SMSCase):
    """A segment as the recipients of a mailing, and how many letters somebody gets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment = (
            cls.env["marketing.segment"]
            .with_user(cls.mailer)
            .create({"name": "With A", "domain": "[('email', 'ilike', 'ann@')]"})
        )

    def _segment_mailing(self):
        action = self.segment.action_new_mailing()
        mailings = self.env["mailing.mailing"].with_user(self.mailer)
        return mailings.with_context(**action["context"]).create(
            {"subject": "News", "body_html": "<p>Hello</p>", "keep_archives": True}
        )

    def test_offered_to_who_may(self):
        self.assertTrue(self.segment.offers_mailing and self.segment.offers_sms)
        self.segment.user_id = False
        self.assertFalse(self.segment.with_user(self.marketer).offers_mailing)

    def test_recipients_are_the_members_at_that_second(self):
        mailing = self._segment_mailing()
        (self.bob + self.hidden).email = "ann@second.example"
        members = self.Contact.with_user(self.mailer).search(
            [("segment_ids", "in", self.segment.ids)]
        )
        self.assertEqual(members.with_env(self.env), self.ann + self.bob)
        self.assertEqual(self._launch(mailing), {"ann@x.example", "ann@second.example"})
        use = self.segment.use_ids
        self.assertEqual((use.purpose, use.count), ("mailing", 2))
        self.assertEqual(use.user_id, self.mailer)
        self.assertEqual(use.contact_ids.with_env(self.env), self.ann + self.bob)

    def test_the_filter_of_a_segment_is_one_and_kept_in_step(self):
        filters = [self._segment_mailing().mailing_filter_id for _n in range(2)]
        self.assertEqual(filters[0], filters[1])
        self.assertEqual(filters[0].name, "With A")
        self.segment.name = "Without B"
        self.assertEqual(filters[0].name, "Without B")

    def test_a_second_mailing_reaches_none_and_says_whom(self):
        self.company.marketing_mail_cap = 1
        self.assertEqual(self._launch(self._segment_mailing()), {"ann@x.example"})
        mailing = self._segment_mailing()
        self.assertEqual(self._launch(mailing), set())
        self.assertEqual(mailing.mailing_trace_ids.trace_status, "cancel")
        said = " ".join(mailing.message_ids.mapped("body"))
        self.assertIn("1 held back: 1 in 7 days (Ann)", said)
        use = self.segment.use_ids[0]
        self.assertEqual((use.held_count, use.count), (1, 1))
        self.assertEqual(use.missed_ids.with_env(self.env), self.ann)

    def test_text_messages_count_by_number(self):
        self.company.marketing_mail_cap = 1
        self.ann.phone = "+46 8 123 456 78"
        action = self.segment.action_send_sms()
        composers = self.env["sms.composer"].with_user(self.mailer)
        for sent in (1, 0):
            composer = composers.with_context(**action["context"]).create(
                {"body": "Hi"}
            )
            with self.mockSMSGateway():
                composer._action_send_sms()
            states = self.env["sms.sms"].search([]).mapped("state")
            self.assertEqual(states.count("canceled"), 1 - sent)
        self.assertEqual(self.segment.use_ids[0].held_count, 1)
        self.assertEqual(self.segment.use_ids.mapped("purpose"), ["sms", "sms"])
