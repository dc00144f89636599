from ast import literal_eval

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools.mail import email_normalize

from .common_documents import MarketingDocumentsCommon


@tagged("post_install", "-at_install")
class TestMailMany(MarketingDocumentsCommon):
    """An e-mail to many contacts, from their list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={})
        cls.Contact = cls.Contact.with_env(cls.env)
        cls.marketer.email = "marketer@own.example"
        cls.readers = cls.Contact.create(
            [
                {"name": "Ann", "email": "Ann <ann@x.example>", "is_company": False},
                {"name": "Bob", "email": "bob@x.example, bob@home.example"},
            ]
        )

    def _compose(self, contacts, user=None, **values):
        """Fill in the composer that the list's action opens."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_contact.mail_compose_message_action_many"
        )
        form = Form(
            self.env[action["res_model"]]
            .with_user(user or self.marketer)
            .with_context(
                **literal_eval(action["context"]),
                active_model="marketing.contact",
                active_id=contacts[:1].id,
                active_ids=contacts.ids,
            )
        )
        for name, value in {"subject": "News", **values}.items():
            form[name] = value
        return form.save()

    def _send(self, contacts, **values):
        """Send and return ``{address: mail}`` of what went out."""
        with self.mock_mail_gateway():
            self._compose(contacts, **values).action_send_mail()
        return {
            email_normalize(address): mail
            for mail in self._mails
            for address in mail["email_to"]
        }

    def test_a_language_that_was_switched_off(self):
        """Of one reader, of whatever says the language: all others get their mail."""
        french = self.env["res.lang"]._activate_lang("fr_FR")
        self.readers[0].lang = "fr_FR"
        french.active = False
        addresses = {"ann@x.example", "bob@x.example", "bob@home.example"}
        self.assertEqual(set(self._send(self.readers)), addresses)
        template = self.env["mail.template"].create(
            {
                "name": "T",
                "subject": "News",
                "body_html": "<p>News</p>",
                "lang": "{{ object.lang }}",
                "model_id": self.env["ir.model"]._get_id("marketing.contact"),
            }
        )
        self.assertEqual(set(self._send(self.readers, template_id=template)), addresses)
        template.send_mail_batch(self.readers.ids)

    def test_action_is_offered(self):
        bindings = self.env["ir.actions.actions"].get_bindings("marketing.contact")
        names = [action["name"] for action in bindings["action"]]
        self.assertIn("Send Email", names)

    def test_to_their_own_addresses(self):
        partners = self.Partner.search_count([])
        sent = self._send(self.readers, body="<p>Hello</p>")
        self.assertEqual(
            set(sent), {"ann@x.example", "bob@x.example", "bob@home.example"}
        )
        self.assertEqual(self.Partner.search_count([]), partners)
        for reader in self.readers:
            self.assertIn("Hello", reader.message_ids[:1].body)

    def test_each_has_an_interaction(self):
        self._send(self.readers)
        for reader in self.readers:
            self.assertEqual(self._codes(reader), ["EMAIL"])
            self.assertEqual(reader.interaction_ids.user_id, self.marketer)

    def test_placeholders(self):
        editors = self.env.ref("mail.group_mail_template_editor")
        self.marketer.group_ids += editors
        sent = self._send(self.readers, subject="Dear {{ object.name }}")
        self.assertEqual(sent["ann@x.example"]["subject"], "Dear Ann")
        self.assertEqual(sent["bob@x.example"]["subject"], "Dear Bob")

    def test_blacklist(self):
        self.env["mail.blacklist"]._add("ann@x.example")
        self.env["mail.blacklist"]._add("bob@home.example")
        self.assertEqual(set(self._send(self.readers)), {"bob@x.example"})
        self.assertFalse(self._codes(self.readers[0]))
        self.env["mail.blacklist"]._add("bob@x.example")
        self.assertFalse(self._send(self.readers))

    def test_says_how_many_it_went_to(self):
        """Also by the primary contact of a company; not to those on the blacklist."""
        silent = self._contact("Silent", email=False)
        person = {"name": "Speaker", "parent_id": silent.id, "email": "s@x.example"}
        silent.primary_person_id = self.Contact.create(person)
        self._assert_said(self.readers | silent, "Sent to 3 contacts.")
        self._assert_said(silent, "Sent to 1 contact.")
        self.env["mail.blacklist"]._add("ann@x.example")
        self._assert_said(self.readers, "Sent to 1 contact.")
        self._assert_said(self.readers[0], "Sent to 0 contacts.", "warning")

    def test_says_what_the_cap_held_back(self):
        self.company.marketing_mail_cap = 1
        self._assert_said(self.readers, "Sent to 2 contacts.")
        count = len(self.readers.interaction_ids)
        self._assert_said(self.readers, "Sent to 0 contacts.", "warning")
        self.assertEqual(len(self.readers.interaction_ids), count)

    def _assert_said(self, contacts, message, kind="success"):
        with self.mock_mail_gateway():
            params = self._compose(contacts).action_send_mail()["params"]
        self.assertEqual((params["message"], params["type"]), (message, kind))

    def test_company_by_its_primary_contact(self):
        company = self._contact("Silent", email=False)
        person = self.Contact.create(
            {"name": "Speaker", "parent_id": company.id, "email": "speaker@x.example"}
        )
        partners = self.Partner.search_count([])
        self.assertFalse(self._send(company))
        company.primary_person_id = person
        self.assertEqual(set(self._send(company)), {"speaker@x.example"})
        self.assertEqual(self._codes(company), ["EMAIL"])
        # once, though the person is chosen as well
        sent = self._send(company + person, subject="More")
        self.assertEqual(set(sent), {"speaker@x.example"})
        self.assertEqual(len(self._mails), 1)
        self.env["mail.blacklist"]._add("speaker@x.example")
        self.assertFalse(self._send(company, subject="Even more"))
        self.assertEqual(self.Partner.search_count([]), partners)
        company.email = "office@x.example"
        self.assertEqual(set(self._send(company)), {"office@x.example"})

    def _template(self, **values):
        return self.env["mail.template"].create(
            {
                "name": "Greeting",
                "model_id": self.env["ir.model"]._get_id("marketing.contact"),
                "subject": "Good day {{ object.name }}",
                "body_html": "<p>Hello</p>",
                **values,
            }
        )

    def test_template(self):
        partners = self.Partner.search_count([])
        for number, recipients in enumerate(
            (
                {"use_default_to": True},
                {"use_default_to": False},
                {"use_default_to": False, "email_to": "{{ object.email }}"},
            )
        ):
            template = self._template(**recipients, body_html=f"<p>Hello {number}</p>")
            sent = self._send(
                self.readers, template_id=template, subject=template.subject
            )
            self.assertIn("ann@x.example", sent)
            self.assertIn("bob@x.example", sent)
            self.assertEqual(sent["ann@x.example"]["subject"], "Good day Ann")
        self.assertEqual(self.Partner.search_count([]), partners)

    def test_each_in_its_language(self):
        self.env["res.lang"]._activate_lang("sv_SE")
        template = self._template()
        swedish = template.with_context(lang="sv_SE")
        swedish.subject = "God dag {{ object.name }}"
        swedish.body_html = "<p>Hej</p>"
        self.readers[0].lang = "sv_SE"
        self.readers[1].lang = "en_US"
        sent = self._send(self.readers, template_id=template, subject=template.subject)
        self.assertEqual(sent["ann@x.example"]["subject"], "God dag Ann")
        self.assertIn("Hej", sent["ann@x.example"]["body"])
        self.assertEqual(sent["bob@x.example"]["subject"], "Good day Bob")

    def test_other_companies_contacts(self):
        """What the user may not read gets no mail, whatever the request says."""
        other = self.env["res.company"].create({"name": "Other"})
        hidden = self._contact("Hidden", email="hidden@x.example", company_id=other.id)
        with self.assertRaises(UserError):
            self._send(self.readers + hidden)
        self.assertFalse(self._mails)

    def test_constant_number_of_lookups(self):
        """Whom a mail reaches is looked up for all at once."""
        contacts = self.Contact.create(
            [
                {"name": f"Reader {n}", "email": f"r{n}@x.example, s{n}@x.example"}
                for n in range(20)
            ]
        )
        composer = self._compose(contacts)
        values = {c.id: {"email_to": c.email} for c in contacts}
        self.env.invalidate_all()
        composer._process_mail_values_state(dict(list(values.items())[:2]))
        counts = []
        for number in (2, 20):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            composer._process_mail_values_state(dict(list(values.items())[:number]))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
