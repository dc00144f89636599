from unittest.mock import patch

from odoo.tests import Form, tagged

from .common_documents import MarketingDocumentsCommon


@tagged("post_install", "-at_install")
class TestInteractionsEmail(MarketingDocumentsCommon):
    """Mails that went out to the contact are interactions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._sale_orders()
        cls.order.message_unsubscribe(cls.order.message_partner_ids.ids)

    def _post(self, document, partners, user=None, **kwargs):
        document = document.with_user(user or self.seller)
        with self.mock_mail_gateway(mail_unlink_sent=True):
            return document.message_post(
                body="Hello",
                partner_ids=partners.ids,
                **{
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                    **kwargs,
                },
            )

    def test_message_in_the_chatter(self):
        message = self._post(self.order, self.customer, subject="Your offer")
        self.assertEqual(self._codes(), ["QUOTE-M"])
        interaction = self.contact.interaction_ids
        self.assertEqual(interaction.channel, "email")
        self.assertEqual(interaction.user_id, self.seller)
        self.assertEqual(interaction.mail_message_id, message)
        self.assertIn("Your offer", interaction.note)

    def test_internal_note(self):
        self._post(self.order, self.customer, subtype_xmlid="mail.mt_note")
        self.assertFalse(self.contact.interaction_ids)

    def test_somebody_else(self):
        self._post(self.order, self._partner("Lawyer", email="law@law.example"))
        self.assertFalse(self.contact.interaction_ids)

    def test_person_of_the_customer(self):
        buyer = self._partner(
            "Buyer",
            parent_id=self.customer.id,
            is_company=False,
            email="buyer@mill.example",
        )
        self._post(self.order, buyer)
        self.assertEqual(self._codes(), ["QUOTE-M"])

    def test_address_of_the_contacts_person(self):
        stranger = self._partner("Same address", email="miller@mill.example")
        self._post(self.order, stranger)
        self.assertEqual(self._codes(), ["QUOTE-M"])

    def test_once_for_several_people(self):
        buyers = self.customer
        for number in range(3):
            buyers += self._partner(
                f"Buyer {number}",
                parent_id=self.customer.id,
                is_company=False,
                email=f"buyer{number}@mill.example",
            )
        self._post(self.order, buyers)
        self.assertEqual(len(self.contact.interaction_ids), 1)

    def test_copy(self):
        """A copy went out to its address as well, alone or along with another."""
        for number, (to, copy) in enumerate(
            (("law@law.example", "Mill <info@mill.example>"), (False, "x@x.example")), 1
        ):
            self._send_mail(email_to=to, email_cc=copy)
            self.assertEqual(len(self.contact.interaction_ids), 1, number)
        self._send_mail(email_cc="miller@mill.example")
        self.assertEqual(len(self.contact.interaction_ids), 2)
        # one that nobody could get
        with (
            self.mock_mail_gateway(),
            patch.object(
                type(self.env["ir.mail_server"]),
                "send_email",
                side_effect=AssertionError("refused"),
            ),
            self.assertLogs("odoo.addons.mail.models.mail_mail", "ERROR"),
        ):
            self._make_mail(email_cc="miller@mill.example").send()
        self.assertEqual(len(self.contact.interaction_ids), 2)

    def _make_mail(self, **vals):
        vals = {"model": "sale.order", "res_id": self.order.id, "subject": "S", **vals}
        return self.env["mail.mail"].create({"body_html": "<p>Hello</p>", **vals})

    def _send_mail(self, **vals):
        with self.mock_mail_gateway():
            self._make_mail(**vals).send()

    def test_failure(self):
        with self.mock_mail_gateway():
            with patch.object(
                type(self.env["ir.mail_server"]),
                "send_email",
                side_effect=AssertionError("refused"),
            ):
                with self.assertLogs("odoo.addons.mail.models.mail_mail", "ERROR"):
                    self.order.with_user(self.seller).message_post(
                        body="Hello",
                        partner_ids=self.customer.ids,
                        message_type="comment",
                        subtype_xmlid="mail.mt_comment",
                    )
        self.assertFalse(self.contact.interaction_ids)

    def test_template(self):
        template = self.env.ref("sale.email_template_edi_sale")
        with self.mock_mail_gateway(mail_unlink_sent=True):
            template.with_user(self.seller).send_mail(
                self.order.id,
                force_send=True,
                email_values={"recipient_ids": [(6, 0, self.customer.ids)]},
            )
        self.assertEqual(self._codes(), ["QUOTE-M"])

    def _compose(self, documents, mode, **values):
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.seller)
            .with_context(
                default_model=documents._name,
                default_res_ids=documents.ids,
                default_composition_mode=mode,
            )
            .create({"subject": "Hello", "body": "<p>Hello</p>", **values})
        )
        with self.mock_mail_gateway(mail_unlink_sent=True):
            composer._action_send_mail()

    def test_composer(self):
        self._compose(self.order, "comment", partner_ids=[(6, 0, self.customer.ids)])
        self.assertEqual(self._codes(), ["QUOTE-M"])

    def test_composer_for_many(self):
        contacts = self.contact
        orders = self.order
        for number in range(3):
            contact = self._contact(f"C {number}", email=f"{number}@mill.example")
            contacts += contact
            orders += self._sale_orders(partner=contact.create_card("customer"))
        self._compose(orders, "mass_mail", auto_delete=True)
        for contact, order in zip(contacts, orders, strict=True):
            self.assertEqual(self._codes(contact), ["QUOTE-M"])
            self.assertEqual(contact.interaction_ids.res_id, order.id)

    def test_invoice_sending(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    (0, 0, {"product_id": self.product.id, "price_unit": 5})
                ],
            }
        )
        invoice.action_post()
        wizard = Form(
            self.env["account.move.send.wizard"].with_context(
                active_model="account.move", active_ids=invoice.ids
            )
        ).save()
        wizard.sending_methods = ["email"]
        with self.mock_mail_gateway(mail_unlink_sent=True):
            wizard.action_send_and_print()
        self.assertEqual(self._codes(), ["INVOICE-M"])
        self.assertEqual(self.contact.interaction_ids.res_name, invoice.display_name)

    def test_rfq_and_blanket_order(self):
        self._post(self._purchase_orders(), self.vendor)
        requisition = self.env["purchase.requisition"].create(
            {"vendor_id": self.vendor.id}
        )
        self._post(requisition, self.vendor, user=self.env.user)
        self.assertEqual(self._codes(), ["RFQ-M", "P-BLANKET-M"])

    def test_repair_and_delivery(self):
        repair = self.env["repair.order"].create(
            {"partner_id": self.customer.id, "product_id": self.product.id}
        )
        self._post(repair, self.customer, user=self.env.user)
        self.order.action_confirm()
        self._post(self.order.picking_ids, self.customer, user=self.env.user)
        codes = self._codes()
        self.assertIn("REPAIR-M", codes)
        self.assertIn("DELIVERY-M", codes)

    def test_from_the_contact(self):
        """BC-236: an e-mail sent from the contact's card."""
        with self.mock_mail_gateway(mail_unlink_sent=True):
            self.contact.with_user(self.seller).message_post(
                body="Hello",
                subject="News",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                outgoing_email_to="info@mill.example",
            )
        self.assertEqual(self._codes(), ["EMAIL"])
        self.assertEqual(self.contact.interaction_ids.res_model, "marketing.contact")
        self._compose(self.person, "comment", partner_ids=[(6, 0, self.customer.ids)])
        self.assertEqual(self._codes(self.person), ["EMAIL"])

    def test_from_the_contact_to_others(self):
        self._post(self.contact, self._partner("Lawyer", email="law@law.example"))
        self.assertFalse(self.contact.interaction_ids)

    def test_contact_without_address(self):
        """BC-234: nothing goes out, so nothing is recorded."""
        self.contact.email = False
        self.person.email = False
        self._post(self.order, self.customer)
        self.assertFalse(self.contact.interaction_ids)

    def test_many_mailed_at_once(self):
        """The mails of two hundred orders are recorded in as many queries as of two."""

        def count_queries(number):
            orders = self._sale_orders(number)
            mails = self.env["mail.mail"].create(
                [
                    {
                        "model": order._name,
                        "res_id": order.id,
                        "recipient_ids": [(4, self.customer.id)],
                        "subject": order.name,
                        "auto_delete": True,
                    }
                    for order in orders
                ]
            )
            Recorder = type(self.env["marketing.interaction"])
            record_mails, queries = Recorder._record_mails, []

            def counted(recorder, items):
                recorder.env.flush_all()
                recorder.env.invalidate_all()
                before = recorder.env.cr.sql_log_count
                record_mails(recorder, items)
                queries.append(recorder.env.cr.sql_log_count - before)

            with (
                patch.object(Recorder, "_record_mails", counted),
                self.mock_mail_gateway(mail_unlink_sent=True),
            ):
                mails.send()
            return sum(queries)

        count_queries(2)
        few, many = count_queries(2), count_queries(200)
        self.assertEqual(self.contact.interaction_count, 204)
        self.assertLessEqual(many, few + 3)
