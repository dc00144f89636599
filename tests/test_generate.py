from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import Form, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import MarketingContactCommon


class TestGenerate(MarketingContactCommon):
    """Create contacts from customers, vendors and bank accounts."""

    def test_from_customers_in_their_order(self):
        """BC-114, BC-127: contacts with the customers' values, linked."""
        partners = self.Partner.union(
            *(
                self._partner(f"P{i}", phone=str(i), customer_rank=1, is_company=i % 2)
                for i in range(6)
            )
        )
        contacts = partners.create_marketing_contacts("customer")
        self.assertEqual(contacts.mapped("name"), partners.mapped("name"))
        self.assertEqual(contacts.mapped("phone"), partners.mapped("phone"))
        self.assertEqual(contacts.mapped("is_company"), partners.mapped("is_company"))
        self.assertEqual(contacts.mapped("customer_id"), partners)
        self.assertTrue(all(contacts.mapped("number")))
        self.assertEqual(
            contacts.relation_ids.business_relation_id,
            self.company.marketing_customer_relation_id,
        )
        contacts[0].phone = "changed"
        self.assertEqual(partners[0].phone, "changed")

    def test_again_gives_the_same(self):
        """GX-11: cards that have a contact get no second one."""
        partners = self._partner("A") | self._partner("B")
        first = partners[1].create_marketing_contacts("vendor")
        contacts = partners.create_marketing_contacts("vendor")
        self.assertEqual(contacts[1], first)
        self.assertEqual(partners.create_marketing_contacts("vendor"), contacts)

    def test_both_roles_one_contact(self):
        partner = self._partner("Both")
        contact = partner.create_marketing_contacts("customer")
        self.assertEqual(partner.create_marketing_contacts("vendor"), contact)
        self.assertEqual(
            set(partner.marketing_relation_ids.mapped("kind")), {"customer", "vendor"}
        )
        self.assertEqual((partner.customer_rank, partner.supplier_rank), (1, 1))

    def test_only_commercial_entities(self):
        company = self._partner("Company")
        child = self._partner("Child", parent_id=company.id, is_company=False)
        contacts = (child | company).create_marketing_contacts("customer")
        self.assertEqual(contacts, company.marketing_contact_id)
        # the child is a person there, and no customer
        self.assertEqual(child.marketing_contact_id.parent_id, contacts)

    def test_from_bank_accounts(self):
        """BC-115, BC-119: accounts at one bank share the contact."""
        bank = self.Bank.create({"name": "B", "city": "Ystad"})
        one, two = self._account("1", bank), self._account("2", bank)
        without = self._account("3")
        contacts = (one | without | two).create_marketing_contacts()
        self.assertEqual(contacts.name, "B")
        self.assertEqual(contacts.city, "Ystad")
        self.assertTrue(contacts.is_company)
        self.assertEqual(contacts.bank_account_ids, one | two)
        self.assertFalse(without.marketing_contact_id)

    def test_company_of_the_card(self):
        """A contact of one company's customer is that company's own."""
        partner = self._partner("Ours", company_id=self.company.id)
        contact = partner.create_marketing_contacts("customer")
        self.assertEqual(contact.company_id, self.company)

    def test_missing_code(self):
        """BC-111, BC-112"""
        self.company.marketing_customer_relation_id = False
        partner = self._partner()
        count = self.Contact.search_count([])
        with self.assertRaises(RedirectWarning):
            partner.with_user(self.manager).create_marketing_contacts("customer")
        with self.assertRaises(UserError):
            partner.with_user(self.marketer).create_marketing_contacts("customer")
        self.assertEqual(self.Contact.search_count([]), count)

    def test_wrong_kind(self):
        for kind in ("bank_account", "employee", None):
            with self.assertRaises(UserError):
                self._partner().create_marketing_contacts(kind)

    def test_wizard(self):
        """The counts are there before anything is written."""
        partners = self.Partner.union(
            *(self._partner(f"P{i}", customer_rank=1) for i in range(4))
        )
        partners[0].create_marketing_contacts("customer")
        child = self._partner("C", parent_id=partners[1].id, is_company=False)
        count = self.Contact.search_count([])
        wizard = (
            self.env["marketing.contact.generate"]
            .with_context(
                active_model="res.partner",
                active_ids=(partners | child).ids,
                default_kind="customer",
            )
            .create({})
        )
        # a call from outside comes back for the rest without the selection
        self.env.transaction.default_env.flush_all()
        wizard = wizard.with_context(active_ids=None, active_model=None)
        self.assertEqual((wizard.count_new, wizard.count_skipped), (3, 2))
        self.assertEqual(wizard.count_people, 1)
        self.assertEqual(self.Contact.search_count([]), count)
        wizard.action_generate()
        self.assertEqual(self.Contact.search_count([]), count + 4)
        self.assertEqual(
            partners.marketing_contact_id.mapped("name"), partners.mapped("name")
        )

    def test_wizard_with_archived(self):
        """What was ticked counts, archived or not."""
        partners = self._partner("Active") | self._partner("Archived", active=False)
        wizard = (
            self.env["marketing.contact.generate"]
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .create({"kind": "customer"})
        )
        self.assertEqual(wizard.count_new, 2)
        wizard.action_generate()
        self.assertEqual(
            partners.marketing_contact_id.mapped("name"), partners.mapped("name")
        )

    def test_wizard_filter(self):
        """What people choose narrows down the customers, who need not be named."""
        one = self._partner("Filter One", customer_rank=1, city="Lund")
        self._partner("Filter Two", customer_rank=1, city="Paris")
        self._partner("No Customer", city="Lund")
        wizard = self.env["marketing.contact.generate"].create({"kind": "customer"})
        self.assertEqual(wizard.filter, "[]")
        every = wizard.count_all
        wizard.filter = "[('city', '=', 'Lund')]"
        self.assertLess(wizard.count_all, every)
        wizard.filter = (
            "['|', ('name', '=', 'Filter One'), ('name', '=', 'No Customer')]"
        )
        self.assertEqual(wizard.count_all, 1)
        wizard.action_generate()
        self.assertTrue(one.marketing_contact_id)
        wizard.filter = "[(1, 2"
        with self.assertRaisesRegex(UserError, "can't be read"):
            wizard._compute_domain()

    def test_form_takes_the_whole_domain(self):
        one = self._partner("Domain One", customer_rank=1)
        form = Form(self.env["marketing.contact.generate"])
        form.kind = "customer"
        form.domain = repr([("id", "=", one.id)])
        wizard = form.save()
        self.assertEqual(wizard.count_all, 1)
        wizard.action_generate()
        self.assertTrue(one.marketing_contact_id)

    def test_wizard_domain(self):
        """BC-117: a filter chooses the cards."""
        self._partner("Filtered One", supplier_rank=1)
        self._partner("Filtered Two", supplier_rank=1)
        wizard = self.env["marketing.contact.generate"].create(
            {"kind": "vendor", "domain": "[('name', '=', 'Filtered Two')]"}
        )
        self.assertEqual(wizard.count_new, 1)
        # the last is what only PostgreSQL refuses
        for refused in (
            "__import__('os').getcwd()",
            "[('create_date', '>', 'someday')]",
        ):
            wizard.domain = refused
            with self.assertRaisesRegex(UserError, "not a filter"):
                wizard._compute_counts()

    def test_constant_number_of_queries(self):
        def generate(count):
            partners = self.Partner.union(
                *(self._partner(f"Q{i}") for i in range(count))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            partners.create_marketing_contacts("customer")
            self.env.flush_all()
            return self.cr.sql_log_count - before

        generate(2)
        few = generate(10)
        # the ORM inserts and updates 100 rows a statement
        self.assertLessEqual(generate(90), few + 2)

    def test_wrong_tax_ids_of_old_are_taken_over(self):
        """What the ledger has, however it came there, must not keep contacts away."""
        partner = self.Partner.with_context(no_vat_validation=True).create(
            {
                "name": "Old",
                "country_id": self.env.ref("base.be").id,
                "vat": "BE0000000001",
                "is_company": True,
            }
        )
        contact = partner.create_marketing_contacts("customer")
        self.assertEqual(contact.vat, partner.vat)
        partner.with_context(no_vat_validation=True).vat = "BE0000000002"
        self.assertEqual(contact.vat, "BE0000000002")
        partner.marketing_relation_ids.unlink()
        other = self._contact("Other", is_company=True)
        other.link_card("customer", partner.id)
        self.assertEqual(other.vat, "BE0000000002")


class TestAutoCreate(MarketingContactCommon):
    """New customers, vendors and own bank accounts get their contact at once."""

    def test_new_customer_and_vendor(self):
        """BC-127, BC-128"""
        customer = self.Partner.create({"name": "C", "customer_rank": 1})
        vendor = self.Partner.create({"name": "V", "supplier_rank": 1})
        self.assertEqual(customer.marketing_contact_id.relation_summary, "customer")
        self.assertEqual(vendor.marketing_contact_id.relation_summary, "vendor")
        both = self.Partner.create(
            {"name": "B", "supplier_rank": 1, "customer_rank": 1}
        )
        self.assertEqual(len(both.marketing_contact_id), 1)
        self.assertEqual(both.marketing_contact_id.relation_summary, "multiple")

    def test_list_of_customers(self):
        """As the ERP's own lists create them."""
        partner = self.Partner.with_context(res_partner_search_mode="customer").create(
            {"name": "C"}
        )
        self.assertTrue(partner.marketing_contact_id)

    def test_not_a_customer(self):
        partner = self.Partner.create({"name": "Nobody"})
        self.assertFalse(partner.marketing_contact_id)
        partner._increase_rank("customer_rank")
        self.assertEqual(partner.marketing_contact_id.name, "Nobody")
        contact = partner.marketing_contact_id
        partner._increase_rank("supplier_rank")
        self.assertEqual(partner.marketing_contact_id, contact)
        self.assertEqual(contact.relation_summary, "multiple")

    def test_child_of_a_company(self):
        company = self.Partner.create({"name": "C", "is_company": True})
        child = self.Partner.create(
            {"name": "P", "parent_id": company.id, "customer_rank": 1}
        )
        self.assertFalse(child.marketing_contact_id)
        child.parent_id = False
        self.assertTrue(child.marketing_contact_id)

    def test_own_bank_account(self):
        bank = self.Bank.create({"name": "B"})
        account = self.Account.create(
            {"acc_number": "1", "partner_id": self.holder.id, "bank_id": bank.id}
        )
        self.assertEqual(account.marketing_contact_id.name, "B")
        other = self.Account.create(
            {"acc_number": "2", "partner_id": self._partner().id, "bank_id": bank.id}
        )
        self.assertFalse(other.marketing_contact_id)
        late = self.Account.create({"acc_number": "3", "partner_id": self.holder.id})
        self.assertFalse(late.marketing_contact_id)
        late.bank_id = bank
        self.assertEqual(late.marketing_contact_id, account.marketing_contact_id)

    def test_switched_off(self):
        self.company.marketing_auto_create_contact = False
        self.assertFalse(
            self.Partner.create({"name": "C", "customer_rank": 1}).marketing_contact_id
        )

    def test_without_series_or_code(self):
        """GX-12 does better: without them nothing is created and nothing fails."""
        self.company.marketing_contact_sequence_id = False
        self.assertFalse(
            self.Partner.create({"name": "C", "customer_rank": 1}).marketing_contact_id
        )

    def test_import_switch(self):
        """Part 3 (3): whoever imports can stop all of it."""
        Partner = self.Partner.with_context(marketing_contact_no_create=True)
        partner = Partner.create({"name": "C", "customer_rank": 1})
        partner.supplier_rank = 1
        self.assertFalse(partner.marketing_contact_id)

    def test_setup_of_the_cards_company(self):
        other_company = self.env["res.company"].create({"name": "Second Company"})
        self.assertTrue(other_company.marketing_auto_create_contact)
        self.assertTrue(other_company.marketing_customer_relation_id)
        self.assertEqual(
            other_company.marketing_contact_sequence_id,
            self.company.marketing_contact_sequence_id,
        )
        other_company.marketing_auto_create_contact = False
        vals = {"name": "C", "customer_rank": 1}
        there = self.Partner.create({**vals, "company_id": other_company.id})
        self.assertFalse(there.marketing_contact_id)
        self.assertTrue(self.Partner.create(vals).marketing_contact_id)
        self.assertFalse(
            self.Partner.with_company(other_company).create(vals).marketing_contact_id
        )

    def test_clerk_without_rights_on_contacts(self):
        """Whoever creates a customer needs no right on contacts."""
        partner = self.Partner.with_user(self.clerk).create(
            {"name": "C", "customer_rank": 1}
        )
        self.assertEqual(partner.sudo().marketing_contact_id.name, "C")
        self.assertEqual(partner.marketing_sync_summary, "a marketing contact")


@tagged("post_install", "-at_install")
class TestFirstInvoice(AccountTestInvoicingCommon):
    def test_first_invoice_makes_a_customer_and_its_contact(self):
        """A partner becomes a customer by its first invoice."""
        partner = self.env["res.partner"].create({"name": "Buyer", "is_company": True})
        # sudo: the accountant has no right on contacts, and needs none
        relations = self.env["marketing.contact.relation"].sudo()
        domain = [("partner_id", "=", partner.id)]
        self.assertFalse(relations.search(domain))
        self.init_invoice("out_invoice", partner=partner, amounts=[100.0], post=True)
        first = relations.search(domain)
        self.assertEqual(first.kind, "customer")
        self.init_invoice("in_invoice", partner=partner, amounts=[10.0], post=True)
        both = relations.search(domain)
        self.assertEqual(set(both.mapped("kind")), {"customer", "vendor"})
        self.assertEqual(both.contact_id, first.contact_id)

    def test_first_bill_of_a_customer_whose_contact_has_a_vendor(self):
        """Two vendors of one contact are a matter for people, not for the bill."""
        contact = self.env["marketing.contact"].sudo().create({"name": "Both Sides"})
        create = self.env["res.partner"].with_context(marketing_contact_no_create=True)
        customer, vendor = create.create([{"name": "Customer"}, {"name": "Vendor"}])
        contact.link_card("customer", customer.id)
        contact.link_card("vendor", vendor.id)
        self.init_invoice("in_invoice", partner=customer, amounts=[10.0], post=True)
        self.assertEqual(customer.supplier_rank, 1)
        self.assertEqual(customer.sudo().marketing_relation_ids.kind, "customer")
        wizard = self.env["marketing.contact.generate"].sudo()
        chosen = repr([("id", "in", (customer | vendor).ids)])
        wizard = wizard.create({"kind": "vendor", "domain": chosen})
        self.assertEqual((wizard.count_new, wizard.count_skipped), (0, 2))
        wizard.action_generate()
