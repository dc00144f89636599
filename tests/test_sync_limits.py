from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestSyncLimits(MarketingContactCommon):
    """What the sync leaves alone, what moves, and how that is undone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.env["res.company"].create({"name": "Second Company"})
        cls.Batch = cls.env["marketing.sync.batch"]

    def _last_batch(self):
        return self.Batch.search([], limit=1)

    # ------------------------------------------------------------
    # OUR OWN COMPANIES
    # ------------------------------------------------------------

    def _own_company(self):
        """Return the second company's partner, customer of a contact."""
        partner = self.second.partner_id
        partner.email = "office@second.example"
        contact = self._contact("Second Company", email="office@second.example")
        contact.link_card("customer", partner.id, master="card")
        return contact, partner

    def test_own_company_is_guarded(self):
        contact, partner = self._own_company()
        contact.with_user(self.marketer).write(
            {"name": "Thieves", "vat": "SE1", "email": "thief@x.example"}
        )
        self.assertEqual(partner.name, "Second Company")
        self.assertEqual(partner.email, "office@second.example")
        self.assertEqual(self.second.email, "office@second.example")
        self.assertEqual(contact.relation_ids.state, "drifted")
        self.assertIn("Second Company", contact.message_ids[:1].body)

    def test_own_company_by_another_card(self):
        """What finance writes on the vendor does not reach the company either."""
        contact, partner = self._own_company()
        vendor = contact.create_card("vendor")
        vendor.with_user(self.clerk).phone = "+46 8 123"
        self.assertEqual(contact.phone, "+46 8 123")
        self.assertFalse(partner.phone)

    def test_own_company_by_link(self):
        contact = self._contact("Thieves", phone="1")
        contact.with_user(self.marketer).link_card("vendor", self.second.partner_id.id)
        self.assertEqual(self.second.name, "Second Company")
        self.assertFalse(self.second.phone)

    def test_own_company_by_repair(self):
        contact, partner = self._own_company()
        contact.with_user(self.marketer).name = "Thieves"
        differences = contact.relation_ids.check_differences()
        differences.with_user(self.marketer).action_use_contact()
        self.assertEqual(partner.name, "Second Company")

    def test_own_company_by_who_may(self):
        contact, partner = self._own_company()
        boss = new_test_user(
            self.env,
            "boss",
            "base.group_erp_manager,base.group_partner_manager,"
            "marketing_contact.group_marketing_contact_user",
            company_ids=[(6, 0, (self.company | self.second).ids)],
        )
        contact.with_user(boss).with_context(
            allowed_company_ids=(self.company | self.second).ids
        ).phone = "+46 8 7"
        self.assertEqual(partner.phone, "+46 8 7")

    def test_own_company_by_address_written_up(self):
        """A linked child writes its address up: nothing but the guarded is dropped."""
        contact = self._contact("Branch Office", is_company=False)
        child = self._partner("Branch Office", is_company=False)
        contact.link_card("customer", child.id)
        self.second.partner_id.street = "Head Street 1"
        child.parent_id = self.second.partner_id
        contact.with_user(self.marketer).write({"street": "Thief Street", "zip": "1"})
        self.assertEqual(self.second.partner_id.street, "Head Street 1")
        self.assertIn("Second Company", "".join(contact.message_ids.mapped("body")))

    # ------------------------------------------------------------
    # ANOTHER BANK
    # ------------------------------------------------------------

    def test_new_bank_empties_nothing(self):
        contact = self._contact(
            "Bank A", phone="11", street="Way 1", email="a@a.example"
        )
        account = self._account("A 1", self.Bank.create({"name": "Bank A"}))
        contact.link_card("bank_account", account.id)
        vendor = contact.create_card("vendor")
        account.bank_id = False
        self.assertEqual(contact.phone, "11")
        account.bank_id = self.Bank.create({"name": "Bank B"})
        self.env.flush_all()
        self.assertEqual(contact.name, "Bank B")
        for record in (contact, vendor):
            self.assertEqual(record.phone, "11")
            self.assertEqual(record.street, "Way 1")
        self.assertFalse(contact.relation_ids.check_differences())
        batch = self._last_batch()
        self.assertIn(
            ("marketing.contact", "name"),
            [(c.target_model, c.field_name) for c in batch.change_ids],
        )
        batch.undo()
        self.assertEqual(contact.name, "Bank A")

    def test_bank_with_a_contact(self):
        """The account goes to its new bank's contact; undone, it comes back."""
        contact, _customer, _vendor, _bank = self._linked("Bank A", phone="11")
        other, _customer, _vendor, other_bank = self._linked("Bank B", phone="22")
        account = contact.bank_account_ids
        account.bank_id = other_bank
        self.assertIn(account, other.bank_account_ids)
        self.assertFalse(contact.bank_account_ids)
        self.assertEqual(contact.phone, "11")
        self.assertEqual(other_bank.phone, "22")

    # ------------------------------------------------------------
    # MOVED LINKS
    # ------------------------------------------------------------

    def test_moved_link_is_in_the_journal_and_undone(self):
        first = self._contact("First", phone="11")
        second = self._contact("Second", phone="22")
        customer = self._partner("First", phone="11")
        relation = first.link_card("customer", customer.id)
        relation.contact_id = second
        self.assertEqual(customer.phone, "22")
        batch = self._last_batch()
        self.assertEqual(batch.origin, "link")
        left = batch.with_user(self.manager).undo()
        self.assertFalse(left)
        self.assertEqual(relation.contact_id, first)
        self.assertEqual(customer.phone, "11")
        self.assertEqual(customer.name, "First")
        self.assertEqual(relation.state, "equal")
        self._last_batch().undo()
        self.assertEqual(relation.contact_id, second)
        self.assertEqual(customer.phone, "22")

    def test_wizard_moves_the_link(self):
        first = self._contact("First", phone="11")
        second = self._contact("Second", phone="22")
        customer = self._partner("First", phone="11")
        relation = first.link_card("customer", customer.id)
        wizard = self.env["marketing.contact.link"].create(
            {
                "contact_id": second.id,
                "kind": "customer",
                "partner_id": customer.id,
                "conflict_action": "move",
            }
        )
        wizard.action_link()
        self.assertEqual(relation.contact_id, second)
        self.assertEqual(customer.name, "Second")
        self._last_batch().undo()
        self.assertEqual(relation.contact_id, first)
        self.assertEqual(customer.name, "First")

    def test_undo_of_a_move_says_what_it_could_not(self):
        first = self._contact("First", phone="11")
        second = self._contact("Second", phone="22")
        customer = self._partner("First", phone="11")
        relation = first.link_card("customer", customer.id)
        relation.contact_id = second
        batch = self._last_batch()
        first.unlink()
        action = batch.action_undo()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertEqual(relation.contact_id, second)

    def test_merged_partners_are_in_the_journal(self):
        contact = self._contact("Acme", phone="11")
        merged = self._partner("Acme", phone="11")
        survivor = self._partner("Acme Ltd", phone="22")
        contact.link_card("customer", merged.id)
        before = self._last_batch()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((merged | survivor).ids, survivor)
        self.assertEqual(contact.customer_id, survivor)
        self.assertEqual(contact.phone, "22")
        batch = self._last_batch()
        self.assertNotEqual(batch, before)
        self.assertIn("phone", batch.change_ids.mapped("field_name"))

    def test_merged_contacts_are_in_the_journal(self):
        target = self._contact("Acme", phone="11")
        source = self._contact("Acme Ltd", phone="22")
        customer = self._partner("Acme Ltd", phone="22")
        source.link_card("customer", customer.id)
        before = self._last_batch()
        source.merge_into(target)
        self.assertEqual(customer.phone, "11")
        batch = self._last_batch()
        self.assertNotEqual(batch, before)
        self.assertIn("phone", batch.change_ids.mapped("field_name"))

    # ------------------------------------------------------------
    # UNDO AND REPAIR
    # ------------------------------------------------------------

    def test_undo_of_a_repair_tells_of_both_links(self):
        """A customer and vendor in one: no link says *In Step* though values differ."""
        contact = self._contact("Acme", phone="11")
        partner = self._partner("Acme", phone="11")
        contact.link_card("customer", partner.id)
        contact.link_card("vendor", partner.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET phone = '99' WHERE id = %s", [partner.id]
        )
        self.env.invalidate_all()
        contact.relation_ids.check_differences()[:1].action_use_contact()
        self.assertEqual(partner.phone, "11")
        self.assertEqual(contact.relation_ids.mapped("state"), ["equal", "equal"])
        self._last_batch().undo()
        self.assertEqual(partner.phone, "99")
        self.assertEqual(contact.relation_ids.mapped("state"), ["drifted", "drifted"])

    def test_undo_leaves_the_unlinked_alone(self):
        contact, customer, vendor, bank = self._linked("Acme", phone="11")
        contact.phone = "22"
        batch = self._last_batch()
        contact.relation_ids.filtered(lambda r: r.kind == "customer").unlink()
        left = batch.with_user(self.manager).undo()
        self.assertEqual(customer.phone, "22")
        self.assertAll((contact, vendor, bank), "phone", "11")
        self.assertEqual(left.mapped("target_id"), [customer.id])

    def test_undo_leaves_what_is_shared_no_longer(self):
        contact, customer, _vendor, _bank = self._linked("Acme", phone="11")
        contact.write({"function": "Seller", "phone": "22"})
        batch = self._last_batch()
        self.Map.search([("contact_field", "=", "function")]).active = False
        left = batch.with_user(self.manager).undo()
        self.assertEqual(customer.function, "Seller")
        self.assertEqual(customer.phone, "11")
        self.assertEqual(set(left.mapped("field_name")), {"function"})

    def test_repair_leaves_what_is_shared_no_longer(self):
        contact, customer, _vendor, _bank = self._linked("Acme", phone="11")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET function = 'Buyer' WHERE id = %s", [customer.id]
        )
        self.env.invalidate_all()
        differences = contact.relation_ids.check_differences()
        self.assertTrue(differences)
        self.Map.search([("contact_field", "=", "function")]).active = False
        differences.action_use_contact()
        self.assertEqual(customer.function, "Buyer")

    # ------------------------------------------------------------
    # OTHERS ARE NOT STOPPED
    # ------------------------------------------------------------

    def test_customer_moves_to_another_company(self):
        contact = self._contact("Acme", company_id=self.company.id)
        person = self._contact(
            "Ann", is_company=False, parent_id=contact.id, company_id=self.company.id
        )
        customer = self._partner("Acme", company_id=self.company.id)
        contact.link_card("customer", customer.id)
        customer.company_id = self.second
        self.env.flush_all()
        self.assertEqual(contact.company_id, self.second)
        self.assertEqual(person.company_id, self.second)
        self.assertEqual(contact.relation_ids.company_id, self.second)

    def test_customer_moves_away_from_the_vendor(self):
        contact = self._contact("Acme", company_id=self.company.id)
        customer = self._partner("Acme", company_id=self.company.id)
        vendor = self._partner("Acme", company_id=self.company.id)
        contact.link_card("customer", customer.id)
        contact.link_card("vendor", vendor.id)
        customer.with_user(self.clerk).sudo().company_id = self.second
        self.env.flush_all()
        self.assertFalse(contact.company_id)
        self.assertEqual(len(contact.relation_ids), 2)

    def test_customer_moves_to_where_there_is_one(self):
        contact = self._contact("Acme")
        customer = self._partner("Acme", company_id=self.company.id)
        other = self._partner("Acme", company_id=self.second.id)
        contact.link_card("customer", customer.id)
        contact.link_card("customer", other.id)
        customer.company_id = self.second
        self.env.flush_all()
        self.assertEqual(contact.relation_ids.partner_id, other)
        self.assertIn("Second Company", contact.message_ids[:1].body)

    def test_both_customers_move_at_once(self):
        contact = self._contact("Acme")
        cards = self._partner("Acme", company_id=self.company.id)
        cards |= self._partner("Acme", company_id=self.second.id)
        for card in cards:
            contact.link_card("customer", card.id)
        cards.write({"company_id": False})
        self.env.flush_all()
        self.assertEqual(len(contact.relation_ids), 1)
        self.assertFalse(contact.relation_ids.company_id)

    def test_account_moves_with_its_holder(self):
        contact = self._contact("Bank A", company_id=self.company.id)
        holder = self._partner("Holder", company_id=self.company.id)
        bank = self.Bank.create({"name": "Bank A"})
        contact.link_card("bank_account", self._account("A 1", bank, holder).id)
        holder.company_id = self.second
        self.env.flush_all()
        self.assertEqual(contact.company_id, self.second)

    def test_company_made_a_person(self):
        """The contact has people and stays a company; the customer's save goes on."""
        contact, customer, vendor, _bank = self._linked("Acme", phone="11")
        self._contact("Ann", is_company=False, parent_id=contact.id)
        customer.with_user(self.clerk).write({"is_company": False, "phone": "22"})
        self.env.flush_all()
        self.assertFalse(customer.is_company)
        self.assertTrue(contact.is_company)
        self.assertTrue(vendor.is_company)
        self.assertEqual(contact.phone, "22")
        self.assertIn("Is a Company", contact.message_ids[:1].body)
        relation = contact.relation_ids.filtered(lambda r: r.partner_id == customer)
        self.assertEqual(relation.state, "drifted")

    def test_nameless_card(self):
        contact, customer, vendor, _bank = self._linked("Acme", phone="11")
        customer.type = "invoice"
        customer.with_user(self.clerk).write({"name": False, "phone": "22"})
        self.env.flush_all()
        self.assertEqual(contact.name, "Acme")
        self.assertEqual(vendor.name, "Acme")
        self.assertEqual(contact.phone, "22")

    def test_person_made_a_company(self):
        """A person that finance makes a company leaves the company it belonged to."""
        company = self._contact("Acme")
        person = self._contact("Ann", is_company=False)
        customer = self._partner("Ann", is_company=False)
        person.link_card("customer", customer.id)
        person.parent_id = company
        customer.with_user(self.clerk).is_company = True
        self.env.flush_all()
        self.assertTrue(person.is_company)
        self.assertFalse(person.parent_id)

    # ------------------------------------------------------------
    # SMALLER
    # ------------------------------------------------------------

    def test_second_identical_save_writes_nothing(self):
        """An add-on writes its partners in capitals: the same save again is quiet."""
        contact, customer = self._contact("ACME"), self._partner("ACME")
        contact.link_card("customer", customer.id)
        Partner = type(self.Partner)
        write, calls = Partner.write, []

        def write_capitals(partners, vals):
            if "city" in vals:
                vals = {**vals, "city": vals["city"].upper()}
            calls.append(vals)
            return write(partners, vals)

        with patch.object(Partner, "write", write_capitals):
            contact.city = "Lund"
            self.env.flush_all()
            self.assertAll((contact, customer), "city", "LUND")
            count = self.Batch.search_count([])
            calls.clear()
            contact.city = "Lund"
            self.env.flush_all()
            self.assertAll((contact, customer), "city", "LUND")
            self.assertFalse([vals for vals in calls if "city" in vals])
            self.assertEqual(self.Batch.search_count([]), count)

    def test_preview_leaves_no_callback(self):
        contact, _customer, _vendor, _bank = self._linked("Acme", phone="11")
        Partner = type(self.Partner)
        write = Partner.write
        fired = []

        def write_and_register(partners, vals):
            partners.env.cr.postcommit.add(lambda: fired.append(1))
            partners.env.cr.precommit.add(lambda: fired.append(1))
            return write(partners, vals)

        own = []
        self.env.cr.precommit.add(lambda: own.append(1))
        with patch.object(Partner, "write", write_and_register):
            self.assertTrue(contact.preview_sync({"phone": "22"}))
        self.env.cr.precommit.run()
        self.env.cr.postcommit.run()
        self.assertFalse(fired)
        self.assertEqual(own, [1])

    def test_preview_of_many_costs_the_same(self):
        contacts = self.Contact.browse()
        for number in range(24):
            contacts |= self._linked(f"Acme {number}", phone="11")[0]
        self.env.flush_all()

        def count(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.preview_sync({"phone": "22"})
            return self.env.cr.sql_log_count - before

        count(contacts[:2])
        few, many = count(contacts[:4]), count(contacts)
        self.assertLessEqual(many, few + 2)
