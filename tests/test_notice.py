from .common import MarketingContactCommon


class TestNotice(MarketingContactCommon):
    """The notice at the edit, before saving; the browser's part is in the
    tours.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked("Acme")
        cls.vendor.name = "Acme"

    def test_every_shared_field_of_the_contact(self):
        for name, value in (
            ("phone", "1"),
            ("city", "Lund"),
            ("country_id", self.sweden.id),
            ("vat", "SE123456789701"),
        ):
            self.assertIn("Acme", self.contact.get_sync_notice({name: value}), name)
            self.assertFalse(self.customer[name])
            self.assertFalse(self.contact[name])
            self.assertFalse(self.contact.get_sync_notice({name: False}), name)

    def test_unshared_field(self):
        self.assertFalse(self.contact.get_sync_notice({"comment": "nobody's"}))
        self.assertFalse(self.contact.get_sync_notice({"active": False}))
        self.assertTrue(self.contact.active)

    def test_unlinked(self):
        for record in (self._contact("Alone"), self._partner("Alone")):
            self.assertFalse(record.get_sync_notice({"phone": "1"}))

    def test_no_field_of_a_form_asks_for_it(self):
        """Nobody's form calls the server for our sake."""
        for record in (self.customer, self.contact, self.bank):
            view = record.get_view(view_type="form")
            names = [name for name in record._fields if name.startswith("marketing")]
            for name in record._marketing_shared_fields():
                dependents = {
                    field.name
                    for field in self.registry.get_dependent_fields(
                        record._fields[name]
                    )
                    if field.model_name == record._name
                }
                self.assertFalse(dependents.intersection(names), name)
            self.assertEqual(view["arch"].count('name="marketing_sync_notice"'), 1)

    def test_customer_form(self):
        notice = self.customer.get_sync_notice({"phone": "1"})
        self.assertIn(self.contact.display_name, notice)

    def test_customer_form_without_rights_on_contacts(self):
        """Who may not see the contact is told, but not its name or number."""
        notice = self.customer.with_user(self.clerk).get_sync_notice({"phone": "1"})
        self.assertTrue(notice)
        self.assertNotIn(self.contact.number, notice)

    def test_customer_form_beside_another_company(self):
        """Who has no rights on marketing reads nothing of another company's vendor."""
        other = self.env["res.company"].create({"name": "Other"})
        contact = self._contact("Grouped")
        customer = contact.create_card("customer")
        contact.create_card("vendor", values={"company_id": other.id})
        self.env.flush_all()
        self.env.invalidate_all()
        notice = customer.with_user(self.clerk).get_sync_notice({"phone": "1"})
        self.assertEqual(notice, "This also changes: the marketing contact Grouped.")
        notice = contact.with_user(self.marketer).get_sync_notice({"phone": "1"})
        self.assertIn("may not see", notice)

    def test_bank_account_form(self):
        account = self.contact.bank_account_ids
        other = self.Bank.create({"name": "Other Bank"})
        notice = account.get_sync_notice({"bank_id": other.id})
        self.assertIn(self.contact.display_name, notice)

    def test_bank_form(self):
        notice = self.bank.get_sync_notice({"phone": "1"})
        self.assertIn(self.contact.display_name, notice)

    def test_held_back(self):
        """The editor is told what a user's partner will not take over."""
        self.env["res.users"].create(
            {"name": "U", "login": "notice_user", "partner_id": self.customer.id}
        )
        contact = self.contact.with_user(self.marketer)
        notice = contact.get_sync_notice({"email": "x@y.example"})
        self.assertIn("user account", notice)

    def test_a_field_added_by_hand_can_be_deleted(self):
        """Odoo deletes no field that others were set up to depend on."""
        self.addCleanup(self.registry.reset_changes)
        self.addCleanup(self.registry.clear_all_caches)
        field = self.env["ir.model.fields"].create(
            {
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "name": "x_marketing_test",
                "field_description": "By Hand",
                "ttype": "char",
            }
        )
        self.assertIn("x_marketing_test", self.env["res.partner"]._fields)
        field.unlink()
        self.assertNotIn("x_marketing_test", self.env["res.partner"]._fields)

    def test_several_in_the_list(self):
        """Names of a few, numbers of many, in a fixed number of queries."""
        contacts = self.contact | self._linked("Bolt")[0] | self._contact("Alone")
        mine = contacts.with_user(self.marketer)
        notice = mine.get_sync_notice({"phone": "1"})
        for text in ("6 other records", "Customer (2)", "Vendor (2)", "Bank (2)"):
            self.assertIn(text, notice)
        self.assertFalse(any(contacts.mapped("phone")))
        self.assertFalse(mine.get_sync_notice({"comment": "nobody's"}))
        two = (self.customer | self._partner("Lonely")).with_user(self.clerk)
        self.assertIn("Acme", two.get_sync_notice({"phone": "1"}))

    def test_several_take_few_queries(self):
        contacts = self.Contact.create([{"name": f"C{i}"} for i in range(40)])
        contacts.create_card("customer")
        counts = []
        for some in (contacts[:10], contacts):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertIn(str(len(some)), some.get_sync_notice({"phone": "1"}))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3, counts)
