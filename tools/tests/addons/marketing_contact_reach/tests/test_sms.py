from odoo.tests import Form, tagged

from odoo.addons.marketing_contact.tests.common import MarketingContactCommon
from odoo.addons.sms.tests.common import SMSCase


@tagged("post_install", "-at_install")
class TestSms(MarketingContactCommon, SMSCase):
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

    def _mailing(self, **vals):
        """Fill in the form of a new text message to many contacts."""
        self.env["marketing.contact"].search([]).active = False
        self.readers.sudo().active = True
        self.marketer.group_ids += self.env.ref("mass_mailing.group_mass_mailing_user")
        mailings = self.env["mailing.mailing"].with_user(self.marketer)
        form = Form(mailings.with_context(default_mailing_type="sms"))
        form.sms_subject = "News"
        form.body_plaintext = "Hello"
        form.mailing_model_id = self.env["ir.model"]._get("marketing.contact")
        mailing = form.save()
        mailing.write(vals)
        return mailing

    def _send(self, mailing):
        """Do what *Send* does. Return the numbers written to."""
        mailing.action_launch()
        with self.mockSMSGateway(), self.enter_registry_test_mode():
            self.env.ref(
                "mass_mailing.ir_cron_mass_mailing_queue"
            ).method_direct_trigger()
        self.env.invalidate_all()
        return set(mailing.mailing_trace_ids.mapped("sms_number")) - {False}

    def test_mailing_is_offered_who_has_a_phone(self):
        self.readers[2].sudo().email = "silent@x.example"
        self.env["phone.blacklist"].add("+46701234567")
        mailing = self._mailing()
        found = self.Contact.search(mailing._parse_mailing_domain())
        self.assertEqual(found, self.readers[1])
        self.assertEqual(self._send(mailing), {"+46701234568"})

    def test_mailing_by_the_rights_of_who_mails(self):
        other = self.env["res.company"].create({"name": "Other"})
        readers = self.readers.sudo()
        readers[1].company_id = other
        for reader, company in ((readers[0], self.company), (readers[1], other)):
            card = self._partner(reader.name, company_id=company.id)
            reader.link_card("customer", card.id)
        root = self.env.ref("base.user_root")
        root.company_ids += other
        root.company_id = other
        mailing = self._mailing(mailing_domain="[('customer_id', '!=', False)]")
        self.assertEqual(self._send(mailing), {"+46701234567"})

    def test_one(self):
        composer = self._compose(self.readers[0])
        self.assertEqual(composer.composition_mode, "comment")
        self.assertEqual(composer.recipient_single_number, "+46701234567")
        composer._action_send_sms()
        message = self.readers[0].message_ids[:1]
        self.assertEqual(message.message_type, "sms")
