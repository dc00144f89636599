from odoo.exceptions import AccessError

from .common import MarketingContactCommon


class TestLineage(MarketingContactCommon):
    """The origin of values, as the forms show it beside them on demand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked(phone="1")
        cls.account = cls.contact.bank_account_ids
        cls.env.flush_all()

    def _text(self, record, field="phone"):
        (line,) = record.get_lineage_texts()[field]
        return line

    def test_texts(self):
        self.customer.with_user(self.clerk).phone = "2"
        for record in (self.contact, self.vendor, self.bank):
            line = self._text(record)
            self.assertEqual(line["label"], "Phone")
            self.assertEqual((line["value"], line["previous"]), ("2", "1"))
            self.assertEqual(line["source"], "Customer Acme")
            self.assertEqual(line["user"], "Clerk")
            self.assertEqual((line["own"], line["known"]), (False, True))
            self.assertTrue(line["date"])
        self.assertTrue(self._text(self.customer)["own"])

    def test_fields_by_their_names_on_the_form(self):
        self.contact.write({"country_id": self.sweden.id, "is_company": False})
        self.assertEqual(self._text(self.bank, "country")["value"], "Sweden")
        self.assertNotIn("country_id", self.bank.get_lineage_texts())
        self.assertEqual(self._text(self.vendor, "is_company")["value"], "No")

    def test_emptied_value_shows_what_it_was(self):
        self.contact.phone = False
        line = self._text(self.customer)
        self.assertEqual((line["value"], line["previous"]), ("", "1"))
        self.assertNotIn("street", self.customer.get_lineage_texts())

    def test_not_in_the_journal(self):
        contact = self._contact("Quiet", phone="3")
        contact.link_card("customer", self._partner("Quiet", phone="3").id)
        self.assertFalse(self._text(contact)["known"])

    def test_nothing_where_nothing_is_shared(self):
        """A bank shares no tax ID, and who has no links shares nothing."""
        alone = self._contact("Alone", phone="3", website="https://alone.example")
        self.assertEqual(alone.get_lineage_texts(), {})
        bank = self.Bank.create({"name": "Alone"})
        alone.link_card("bank_account", self._account("ALONE 1", bank).id)
        texts = alone.get_lineage_texts()
        self.assertIn("phone", texts)
        self.assertNotIn("website", texts)

    def test_account_shows_the_details_of_its_bank(self):
        self.vendor.write({"phone": "2", "city": "Lund"})
        lineage = {line["field"]: line for line in self.account.get_lineage()}
        self.assertEqual(lineage["phone"]["value"], "2")
        self.assertEqual(
            (lineage["phone"]["model"], lineage["phone"]["id"]),
            ("res.partner", self.vendor.id),
        )
        self.assertEqual(self.account.get_lineage(), self.bank.get_lineage())
        texts = self.account.get_lineage_texts()
        self.assertEqual(list(texts), ["bank_id"])
        self.assertEqual(
            {line["value"] for line in texts["bank_id"]}, {"Acme", "2", "Lund"}
        )

    def test_account_without_a_bank(self):
        account = self._account("NO BANK")
        self.assertEqual(account.get_lineage(), [])
        self.assertEqual(account.get_lineage_texts(), {})

    def test_rights(self):
        self.contact.phone = "2"
        # who may not read contacts learns nothing of the contact but that there is one
        for record in (self.customer, self.bank, self.account):
            (line, *_others) = (
                line
                for lines in record.with_user(self.clerk).get_lineage_texts().values()
                for line in lines
                if line["label"] == "Phone"
            )
            self.assertEqual(line["source"], "the marketing contact")
            self.assertEqual(line["value"], "2")
        with self.assertRaises(AccessError):
            self.contact.with_user(self.clerk).get_lineage_texts()
        hidden = self._account("HIDDEN", self.bank)
        hidden.company_id = self.env["res.company"].create({"name": "Second"})
        for name in ("get_lineage", "get_lineage_texts"):
            with self.assertRaises(AccessError):
                getattr(hidden.with_user(self.clerk), name)()

    def test_the_forms_ask_for_nothing_of_their_own_accord(self):
        for record in (self.contact, self.customer, self.account, self.bank):
            view = record.get_view(view_type="form")
            self.assertEqual(
                view["arch"].count('name="marketing_lineage"'),
                1 + (record == self.contact),
            )
            self.assertNotIn("lineage", record._fields)
