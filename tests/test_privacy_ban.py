from odoo.exceptions import AccessError, UserError

from .common_privacy import PrivacyCommon


class TestPrivacyBan(PrivacyCommon):
    """Who was erased does not come back by itself."""

    def setUp(self):
        super().setUp()
        self._person().privacy_erase()
        self.values = {"name": "Jo Again", "email": "Jo <JO@marker.example>"}

    def test_kept_is_a_hash(self):
        bans = self.Ban.search([])
        self.assertEqual(len(bans), 2)
        self.assertEqual({len(ban.key_hash) for ban in bans}, {64})

    def test_create(self):
        for vals in (self.values, {"name": "Jo", "phone": "+46701234567"}):
            with self.assertRaisesRegex(UserError, "erased on request"):
                self.Contact.with_user(self.marketer).create(vals)
        self.Contact.create({"name": "Jo Marker"})

    def test_edit_is_told(self):
        self.contact.write({"email": "jo@marker.example"})
        self.assertIn("erased", self.contact.message_ids[0].body)

    def test_automatic(self):
        """Finance goes on; the inbox says who was left out, and lets in."""
        customer = (
            self.env["res.partner"]
            .with_user(self.clerk)
            .create({**self.values, "customer_rank": 1})
        )
        self.assertFalse(customer.sudo().marketing_relation_ids)
        line = self.env["marketing.exception"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", customer.id)]
        )
        self.assertEqual(len(line), 1)
        line.with_user(self.officer).action_retry()
        self.assertEqual(line.state, "open")
        with self.assertRaises(AccessError):
            line.with_user(self.manager).action_let_in()
        self.assertTrue(line.with_user(self.officer).can_let_in)
        line.with_user(self.officer).action_let_in()
        self.assertEqual(line.state, "done")
        self.assertTrue(customer.sudo().marketing_relation_ids)

    def test_create_contacts(self):
        partners = self._partner("Jo Again", email="jo@marker.example", customer_rank=1)
        partners |= self._partner("Other", customer_rank=1)
        contacts = partners.create_marketing_contacts("customer")
        self.assertEqual(contacts.mapped("name"), ["Other"])

    def test_people(self):
        child = self.env["res.partner"].create(
            {
                "name": "Jo",
                "parent_id": self.customer.id,
                "email": "jo@marker.example",
            }
        )
        self.assertFalse(child.marketing_relation_ids)
        self.assertTrue(
            self.env["marketing.exception"].search([("res_id", "=", child.id)])
        )

    def test_mail_gateway(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "contacts",
                "alias_domain_id": self.env["mail.alias.domain"]
                .create({"name": "own.example"})
                .id,
                "alias_model_id": self.env["ir.model"]._get("marketing.contact").id,
            }
        )
        mail = (
            "From: {sender}\nTo: contacts@own.example\nSubject: Hello {sender}\n"
            "Message-Id: <{sender}>\nContent-Type: text/plain\n\nHi"
        )
        for sender in ("jo@marker.example", "other@x.example"):
            self.env["mail.thread"].message_process(None, mail.format(sender=sender))
        self.assertFalse(self.Contact.search([("email", "ilike", "jo@marker")]))
        self.assertTrue(self.Contact.search([("email", "ilike", "other@x")]))
        line = self.env["marketing.exception"].search(
            [("res_model", "=", self.Ban._name)]
        )
        self.assertEqual(len(line), 1)
        line.with_user(self.officer).action_let_in()
        self.Contact.create(self.values)

    def test_let_in(self):
        for user in (self.marketer, self.manager):
            with self.assertRaises(AccessError):
                self.Ban.with_user(user).search([]).action_let_in()
        self.Ban.with_user(self.officer).search([]).action_let_in()
        self.Contact.create(self.values)

    def test_who_is_there_stays(self):
        self.Ban.search([]).unlink()
        jo, twin = self._person(), self._person("Twin")
        jo.privacy_erase()
        self.assertTrue(twin.exists())
        twin.city = "Lund"
        self.assertNotIn("erased", str(twin.message_ids[:1].body))
