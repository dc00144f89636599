from .common import MarketingContactCommon


class TestDeletion(MarketingContactCommon):
    """Deleting one side never deletes the other."""

    def test_unlinked_contact(self):
        """BC-181"""
        contact = self._contact()
        contact.unlink()
        self.assertFalse(contact.exists())

    def test_contact(self):
        """BC-182, BC-184: customer, vendor and bank account stay as they are."""
        contact, customer, vendor, bank = self._linked(phone="1")
        account = contact.bank_account_ids
        relations = contact.relation_ids
        contact.unlink()
        self.assertFalse(relations.exists())
        self.assertAll([customer, vendor, bank], "phone", "1")
        self.assertTrue(account.exists() and account.active)

    def test_customer_then_contact_stays(self):
        """BC-185: also a contact that was created afresh from the customer."""
        contact = self._contact("Old")
        customer = contact.create_card("customer")
        contact.unlink()
        self.assertFalse(customer.marketing_relation_ids)
        fresh = customer.create_marketing_contacts("customer")
        customer.unlink()
        self.assertTrue(fresh.exists())
        self.assertEqual(fresh.relation_summary, "none")
        self.assertIn("Old", fresh.message_ids[0].body)

    def test_vendor(self):
        """BC-186: the contact and its other cards stay and stay in step."""
        contact, customer, vendor, bank = self._linked()
        vendor.unlink()
        self.assertEqual(
            set(contact.relation_ids.mapped("kind")), {"customer", "bank_account"}
        )
        contact.phone = "1"
        self.assertAll([customer, bank], "phone", "1")

    def test_bank_account(self):
        """Odoo archives it; the link is gone all the same."""
        contact = self._linked()[0]
        account = contact.bank_account_ids
        account.unlink()
        self.assertFalse(contact.bank_account_ids)
        self.assertFalse(account.with_context(active_test=False).active)
        self.assertIn(account.acc_number, contact.message_ids[0].body)

    def test_holder_of_a_bank_account(self):
        """Odoo deletes a partner's accounts by SQL: their links go too."""
        holder = self._partner("Holder")
        bank = self.Bank.create({"name": "B"})
        account = self._account("1", bank, holder)
        contact = account.create_marketing_contacts()
        holder.unlink()
        self.assertFalse(account.exists())
        self.assertFalse(contact.relation_ids)
        self.assertTrue(contact.exists())

    def test_bank(self):
        contact, customer, _vendor, bank = self._linked()
        bank.unlink()
        contact.invalidate_recordset()
        contact.phone = "1"
        self.assertEqual(customer.phone, "1")

    def test_company_with_people(self):
        """Persons of a deleted company stay, without company."""
        company = self._contact("Company")
        person = self.Contact.create({"name": "P", "parent_id": company.id})
        company.unlink()
        self.assertTrue(person.exists())
        person.invalidate_recordset()
        self.assertFalse(person.parent_id)

    def test_archiving_one_side(self):
        contact, customer, vendor, bank = self._linked()
        contact.action_archive()
        self.assertTrue(customer.active and vendor.active and bank.active)
        contact.action_unarchive()
        customer.action_archive()
        self.assertTrue(contact.active)

    def test_delete_by_a_clerk_without_rights_on_contacts(self):
        contact = self._contact("Acme")
        customer = contact.create_card("customer")
        customer.with_user(self.clerk).unlink()
        self.assertTrue(contact.exists())
        self.assertFalse(contact.relation_ids)

    def test_delete_of_a_contact_by_a_marketer(self):
        """Also where a link is to another company's card (BC-190)."""
        other_company = self.env["res.company"].create({"name": "Second Company"})
        hidden = self._partner("Hidden", company_id=other_company.id)
        contact = self._contact()
        contact.link_card("customer", hidden.id)
        contact.with_user(self.marketer).unlink()
        self.assertTrue(hidden.exists())


class TestMerge(MarketingContactCommon):
    """Odoo's merge of partners, and our links."""

    def _merge(self, target, *sources):
        partners = target.union(*sources)
        self.env["base.partner.merge.automatic.wizard"]._merge(partners.ids, target)

    def test_relation_follows_the_survivor(self):
        contact = self._contact("Acme", phone="1")
        merged = contact.create_card("customer")
        survivor = self._partner("Acme Inc", email="a@b.example")
        self._merge(survivor, merged)
        self.assertFalse(merged.exists())
        self.assertEqual(contact.customer_id, survivor)
        expected = {"name": "Acme Inc", "phone": "1", "email": "a@b.example"}
        self.assertRecordValues(survivor, [expected])
        self.assertRecordValues(contact, [expected])
        contact.phone = "2"
        self.assertEqual(survivor.phone, "2")

    def test_customer_and_vendor_of_one_contact(self):
        contact = self._contact("Acme")
        customer, vendor = (
            contact.create_card("customer"),
            contact.create_card("vendor"),
        )
        self._merge(customer, vendor)
        self.assertEqual(contact.customer_id, customer)
        self.assertEqual(contact.vendor_id, customer)

    def test_two_contacts_on_one_card_are_reported(self):
        """BC-1.15 does worse: nothing is lost silently, a card keeps one contact."""
        one, two = self._contact("One"), self._contact("Two")
        survivor, merged = one.create_card("customer"), two.create_card("vendor")
        self._merge(survivor, merged)
        self.assertEqual(survivor.marketing_contact_id, one)
        self.assertTrue(two.exists())
        self.assertFalse(two.relation_ids)
        for contact in (one, two):
            self.assertIn("was merged into", contact.message_ids[0].body)
        self.assertTrue(two.activity_ids)
        # the survivor is a vendor now, too: by two relations tied to one contact
        self.assertEqual(set(one.relation_ids.mapped("kind")), {"customer", "vendor"})

    def test_same_bank_accounts(self):
        """Two holders' accounts with one number become one; its link follows."""
        bank = self.Bank.create({"name": "B"})
        survivor, merged = self._partner("S"), self._partner("M")
        kept = self._account("SE 1", bank, survivor)
        gone = self._account("SE 1", bank, merged)
        other = self._account("SE 2", bank, merged)
        contact = (gone | other).create_marketing_contacts()
        self._merge(survivor, merged)
        self.assertEqual(
            contact.relation_ids.bank_account_id.sorted("id"),
            (kept | other).sorted("id"),
        )
        self.assertEqual(other.partner_id, survivor)

    def test_same_vat_is_silent_between_linked_cards(self):
        contact = self._contact("Acme", vat="SE123456789701")
        customer, vendor = (
            contact.create_card("customer"),
            contact.create_card("vendor"),
        )
        self.assertFalse(customer.same_vat_partner_id)
        stranger = self._partner("Stranger", vat="SE123456789701")
        customer.invalidate_recordset()
        self.assertEqual(customer.same_vat_partner_id, stranger)
        self.assertIn(stranger.same_vat_partner_id, customer | vendor)

    def test_deduplicate_leaves_linked_cards_apart(self):
        contact = self._contact("Dedup", email="dedup@x.example")
        contact.create_card("customer")
        contact.create_card("vendor")
        one = self._partner("Twin", email="twin@x.example")
        two = self._partner("Twin", email="twin@x.example")
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {"group_by_email": True}
        )
        wizard.action_start_manual_process()
        groups = [line.aggr_ids for line in wizard.line_ids]
        self.assertTrue(any(str(one.id) in g and str(two.id) in g for g in groups))
        self.assertFalse(any(str(contact.customer_id.id) in g for g in groups))

    def test_balance_of_both_roles(self):
        """BC-297: customer and vendor of one contact find each other."""
        contact = self._contact("Both")
        customer, vendor = (
            contact.create_card("customer"),
            contact.create_card("vendor"),
        )
        self.assertEqual(customer._marketing_get_other_cards(), vendor)
        self.assertEqual(vendor._marketing_get_other_cards(), customer)

    def test_the_chatter_names_no_contact_of_another_company(self):
        contact = self._contact("Secret Plan", company_id=self.company.id)
        partner = self._partner("Shared")
        contact.link_card("customer", partner.id, keep={"name": "card"})
        contact.write({"comment": "x"})
        name = contact.display_name
        contact.unlink()
        bodies = "".join(partner.message_ids.mapped("body"))
        self.assertIn("was deleted", bodies)
        self.assertNotIn(name, bodies)

    def test_the_chatter_of_what_stays_tells(self):
        contact, customer, vendor, _bank = self._linked("Acme")
        account = contact.bank_account_ids
        name = contact.display_name
        contact.with_user(self.marketer).unlink()
        for card in (customer, vendor, account):
            self.assertIn(name, "".join(card.message_ids.mapped("body")))
