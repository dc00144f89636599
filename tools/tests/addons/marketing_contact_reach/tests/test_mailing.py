import re

from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged

from odoo.addons.mail.tests.common import MailCase
from odoo.addons.marketing_contact.tests.common import MarketingContactCommon


@tagged("post_install", "-at_install")
class MailingCommon(HttpCase, MarketingContactCommon, MailCase):
    """Who mails, and whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={})
        # nobody else is to be written to
        cls.env["marketing.contact"].search([]).active = False
        cls.Contact = cls.Contact.with_env(cls.env)
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.mailer = new_test_user(
            cls.env,
            "mailer",
            "marketing_contact.group_marketing_contact_user,"
            "mass_mailing.group_mass_mailing_user",
            email="mailer@own.example",
        )
        cls.ann, cls.bob, cls.silent, cls.refusing, cls.hidden = cls.Contact.create(
            [
                {"name": "Ann", "email": "ann@x.example"},
                {"name": "Bob", "email": "bob@x.example"},
                {"name": "Silent"},
                {"name": "Refusing", "email": "no@x.example"},
                {
                    "name": "Hidden",
                    "email": "hidden@x.example",
                    "company_id": cls.other.id,
                },
            ]
        )
        cls.env["mail.blacklist"]._add("no@x.example")

    def _mailing(self, user=None, **vals):
        """Fill in the form of a new mailing and choose contacts as its recipients."""
        user = user or self.mailer
        form = Form(self.env["mailing.mailing"].with_user(user))
        form.subject = "News"
        form.mailing_model_id = self.env["ir.model"]._get("marketing.contact")
        mailing = form.save()
        mailing.write(
            {
                "body_html": "<p>Hello <a href='/unsubscribe_from_list'>Stop</a></p>",
                "keep_archives": True,
                **vals,
            }
        )
        return mailing

    def _launch(self, mailing):
        """Do what *Send* does; the scheduled action sends, with all rights."""
        self._send_launched(mailing)
        return {address for mail in self._mails for address in mail["email_to"]}

    def _send_launched(self, mailing):
        mailing.action_launch()
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.env.ref(
                "mass_mailing.ir_cron_mass_mailing_queue"
            ).method_direct_trigger()
        self.env.invalidate_all()


class TestMailing(MailingCommon):
    """Mailings go to contacts, by the rights of who mails."""

    def test_offered(self):
        models = self.env["ir.model"].search([("is_mailing_enabled", "=", True)])
        self.assertIn("marketing.contact", models.mapped("model"))

    def test_default_filter(self):
        mailing = self._mailing()
        found = self.Contact.with_user(self.mailer).search(
            mailing._parse_mailing_domain()
        )
        self.assertEqual(found, self.ann + self.bob)

    def test_sent_with_traces_and_interactions(self):
        partners = self.Partner.search_count([])
        mailing = self._mailing()
        self.assertEqual(self._launch(mailing), {"ann@x.example", "bob@x.example"})
        self.assertEqual(mailing.state, "done")
        self.assertEqual(self.Partner.search_count([]), partners)
        traces = mailing.mailing_trace_ids.sorted("email")
        self.assertRecordValues(
            traces,
            [
                {
                    "email": reader.email,
                    "model": "marketing.contact",
                    "res_id": reader.id,
                    "trace_status": "sent",
                }
                for reader in (self.ann, self.bob)
            ],
        )
        for reader in (self.ann, self.bob):
            interaction = reader.interaction_ids
            self.assertEqual(interaction.template_id.code, "EMAIL")
            self.assertEqual(interaction.user_id, self.mailer)
            self.assertIn("News", interaction.note)
        self.assertFalse((self.silent + self.refusing + self.hidden).interaction_ids)

    def test_blacklist_whatever_the_filter(self):
        mailing = self._mailing(mailing_domain="[('name', '!=', False)]")
        self.assertEqual(self._launch(mailing), {"ann@x.example", "bob@x.example"})
        (trace,) = mailing.mailing_trace_ids.filtered(
            lambda trace: trace.res_id == self.refusing.id
        )
        self.assertEqual(
            (trace.trace_status, trace.failure_type), ("cancel", "mail_bl")
        )
        self.assertFalse(self.refusing.interaction_ids)

    def test_other_companies(self):
        """The scheduled action may read all; who mails may not."""
        mailing = self._mailing(mailing_domain="[('email', '!=', False)]")
        self.assertNotIn("hidden@x.example", self._launch(mailing))
        self.assertNotIn(self.hidden.id, mailing.mailing_trace_ids.mapped("res_id"))
        self.mailer.company_ids += self.other
        mailing = self._mailing(mailing_domain="[('email', '!=', False)]")
        self.assertIn("hidden@x.example", self._launch(mailing))

    def _make_customers(self):
        """Make a contact that is each company's customer, shared and of two."""
        self.assertNotEqual(self.other, self.env.company)
        for contact, company in ((self.ann, self.company), (self.bob, self.other)):
            partner = self._partner(contact.name, company_id=company.id)
            contact.link_card("customer", partner.id)

    def test_filter_means_what_it_means_to_who_mails(self):
        """The scheduled action works in a company of its own, with all rights."""
        self._make_customers()
        root = self.env.ref("base.user_root")
        for home, reached in ((self.company, "ann"), (self.other, "bob")):
            root.company_ids += home
            root.company_id = (self.company + self.other - home)[:1]
            self.mailer.write(
                {"company_ids": [(6, 0, home.ids)], "company_id": home.id}
            )
            for domain in (
                "[('customer_id', '!=', False)]",
                "[('relation_summary', '=', 'customer')]",
            ):
                with self.subTest(company=home.name, domain=domain):
                    mailing = self._mailing(mailing_domain=domain)
                    self.assertEqual(self._launch(mailing), {f"{reached}@x.example"})
        self.assertFalse(
            self._launch(self._mailing(mailing_domain="[('drifted', '=', True)]"))
        )

    def test_who_is_responsible_lends_no_rights(self):
        """Anybody may name somebody else, or change what somebody else has made."""
        boss = new_test_user(
            self.env,
            "mailing_boss",
            "marketing_contact.group_marketing_contact_user,"
            "mass_mailing.group_mass_mailing_user",
            email="boss@own.example",
            company_ids=[(6, 0, (self.company + self.other).ids)],
        )
        everybody = "[('email', '!=', False)]"
        mine = self._mailing(mailing_domain=everybody, user_id=boss.id)
        theirs = self._mailing(user=boss)
        theirs.with_user(self.mailer).write(
            {
                "mailing_domain": everybody,
                "subject": "Changed",
                "marketing_chooser_id": boss.id,
            }
        )
        by_filter = self._mailing(user=boss)
        by_filter.with_user(self.mailer).mailing_filter_id = (
            self.env["mailing.filter"]
            .with_user(self.mailer)
            .create(
                {
                    "name": "All",
                    "mailing_model_id": self.env["ir.model"]._get_id(
                        "marketing.contact"
                    ),
                    "mailing_domain": everybody,
                }
            )
        )
        for mailing in (mine, theirs, by_filter):
            mailing = mailing.with_user(self.mailer)
            self.assertNotIn("hidden@x.example", self._launch(mailing))
            # as it is once the scheduled action has begun
            self.assertEqual(mailing.sudo().write_uid.id, 1)
            self.assertNotIn(
                self.hidden.id, mailing.with_user(1).sudo()._get_recipients()
            )
        own = self._mailing(user=boss, mailing_domain=everybody, user_id=boss.id)
        self.assertIn("hidden@x.example", self._launch(own))

    def test_filter_that_is_refused_holds_nobody_up(self):
        broken = self._mailing(mailing_domain="[('no_such_field', '=', 1)]")
        broken.action_put_in_queue()
        fine = self._mailing()
        self.assertEqual(self._launch(fine), {"ann@x.example", "bob@x.example"})

    def test_partners_found_by_their_contacts(self):
        self.mailer.group_ids += self.env.ref("base.group_partner_manager")
        self.ann.link_card("customer", self._partner("Ann", email="a@x.example").id)
        self.hidden.link_card(
            "customer", self._partner("Hidden", email="hidden@x.example").id
        )
        mailing = self._mailing(
            mailing_model_id=self.env["ir.model"]._get_id("res.partner"),
            mailing_domain="[('marketing_contact_id', '!=', False),"
            " ('marketing_contact_id.name', 'in', ['Ann', 'Hidden'])]",
        )
        sent = self._launch(mailing)
        self.assertTrue(sent)
        self.assertNotIn("hidden@x.example", sent)

    def test_texts_name_the_own_customer(self):
        self._make_customers()
        self.ann.company_id = False
        partner = self._partner("Ann", company_id=self.other.id)
        self.ann.link_card("customer", partner.id)
        self.mailer.write(
            {"company_ids": [(6, 0, self.other.ids)], "company_id": self.other.id}
        )
        self.mailer.group_ids += self.env.ref("mail.group_mail_template_editor")
        mailing = self._mailing(
            mailing_domain=f"[('id', '=', {self.ann.id})]",
            subject="No. {{ object.customer_id.id }}",
        )
        self._send_launched(mailing)
        self.assertEqual([m["subject"] for m in self._mails], [f"No. {partner.id}"])

    def test_default_filter_of_who_works_for_several_companies(self):
        self.mailer.company_ids += self.other
        for company, expected in (
            (self.company, self.ann + self.bob),
            (self.other, self.ann + self.bob + self.hidden),
        ):
            mailings = self.env["mailing.mailing"].with_user(self.mailer)
            mailings = mailings.with_context(allowed_company_ids=company.ids)
            domain = self.Contact.with_env(mailings.env)._mailing_get_default_domain(
                mailings
            )
            self.assertEqual(self.Contact.search(domain), expected)

    def test_who_has_no_right_on_contacts(self):
        mailing = self._mailing()
        marketing = self.env.ref("marketing_contact.group_marketing_contact_user")
        self.mailer.group_ids = [Command.unlink(marketing.id)]
        self.assertFalse(mailing.sudo()._get_recipients())

    def test_company_by_its_primary_contact(self):
        company = self._contact("Quiet").with_env(self.env)
        person = self.Contact.create(
            {"name": "Speaker", "parent_id": company.id, "email": "speaker@x.example"}
        )
        company.primary_person_id = person
        mailing = self._mailing(mailing_domain=f"[('id', '=', {company.id})]")
        self.assertEqual(self._launch(mailing), {"speaker@x.example"})
        self.assertEqual(company.interaction_ids.template_id.code, "EMAIL")

    def test_unsubscribe(self):
        mailing = self._mailing()
        self._send_launched(mailing)
        (mail,) = [m for m in self._mails if m["email_to"] == ["ann@x.example"]]
        link = mail["headers"]["List-Unsubscribe"].strip("<>")
        self.env.flush_all()
        response = self.url_open(re.sub(r"^https?://[^/]+", "", link), data={"a": 1})
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        self.assertTrue(self.ann.is_blacklisted)
        self.assertEqual(self._launch(self._mailing()), {"bob@x.example"})

    def test_composer_of_the_list(self):
        """The list's composer sends, and a name makes a mailing with traces."""
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.mailer)
            .with_context(
                default_composition_mode="mass_mail",
                active_model="marketing.contact",
                active_ids=(self.ann + self.refusing).ids,
            )
            .create(
                {"subject": "Hello", "body": "<p>Hello</p>", "mass_mailing_name": "H"}
            )
        )
        with self.mock_mail_gateway():
            composer.action_send_mail()
        self.assertEqual([m["email_to"] for m in self._mails], [["ann@x.example"]])
        traces = composer.mass_mailing_id.mailing_trace_ids
        self.assertEqual(
            {trace.res_id: trace.trace_status for trace in traces},
            {self.ann.id: "sent", self.refusing.id: "cancel"},
        )
