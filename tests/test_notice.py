from odoo.exceptions import UserError

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

    # ------------------------------------------------------------
    # IN NOBODY'S WAY
    # ------------------------------------------------------------

    def test_while_a_value_is_typed_anew(self):
        """Whatever the save would refuse, in whatever class of error: no dialog, and
        nothing in the log.
        """
        account = self.contact.bank_account_ids
        for record, vals in (
            (self.contact.with_user(self.marketer), {"name": False}),
            (self.contact, {"name": ""}),
            (self.customer.with_user(self.clerk), {"name": False}),
            (self.bank, {"name": False}),
            (self.contact, {"state_id": -1}),
            (self.contact, {"country_id": 2**40}),
            (account, {"bank_id": -1}),
        ):
            with self.subTest(record=record, vals=vals):
                self.assertFalse(record.get_sync_notice(vals))
        self.assertEqual(self.contact.name, "Acme")

    def test_while_several_are_typed_anew(self):
        contacts = self.contact | self._linked("Bolt")[0]
        self.assertFalse(contacts.get_sync_notice({"name": False}))

    def test_an_error_in_an_addon(self):
        def stumble(records, vals):
            raise RuntimeError("stumbled")

        self.patch(type(self.Partner), "_marketing_write_shared", stumble)
        self.assertFalse(self.contact.get_sync_notice({"phone": "1"}))

    def test_others_say_it_in_words(self):
        """Where a preview is asked for, what the database refuses is told."""
        with self.assertRaises(UserError):
            self.contact.preview_sync({"name": False})

    # ------------------------------------------------------------
    # NAMES
    # ------------------------------------------------------------

    def _family(self):
        """Return a company contact with a person, and both of the customer."""
        partner = self._partner("Orion Optik", phone="1")
        child = self._partner("Amélie Walsh", is_company=False, parent_id=partner.id)
        contact = partner.create_marketing_contacts("customer")
        self.env.flush_all()
        self.env.invalidate_all()
        return partner, child, contact, contact.child_ids

    def test_names_of_people(self):
        """Each has one, said once."""
        partner, child, contact, person = self._family()
        notice = person.get_sync_notice({"phone": "2"})
        self.assertEqual(notice, "This also changes: Amélie Walsh (Orion Optik).")
        self.assertFalse(
            [e for e in person.preview_sync({"phone": "2"}) if not e["display_name"]]
        )
        notice = child.get_sync_notice({"phone": "2"})
        self.assertIn(person.display_name, notice)
        notice = contact.get_sync_notice({"street": "New 1", "city": "Lund"})
        self.assertNotIn("None", notice)
        self.assertIn(person.display_name, notice)
        self.assertIn(f"Customer {partner.name}", notice)
        for effect in contact.preview_sync({"street": "New 1"}):
            self.assertTrue(effect["display_name"], effect)

    def test_names_of_what_odoo_writes_on_the_side(self):
        """The contact of a child to which Odoo writes its company's address."""
        partner, _child, contact, person = self._family()
        vals = {"street": "New 1", "lang": "en_US", "is_company": True}
        for record in (partner, contact):
            for effect in record.preview_sync(vals):
                self.assertTrue(effect["display_name"], effect)
            self.assertNotIn("None", record.get_sync_notice(vals) or "")

    def test_a_new_name(self):
        """What is there is called what people know it as."""
        partner, _child, contact, _person = self._family()
        notice = contact.get_sync_notice({"name": "Orion"})
        self.assertIn("Customer Orion Optik", notice)
        names = {e["display_name"] for e in contact.preview_sync({"name": "Orion"})}
        self.assertIn(partner.display_name, names)
