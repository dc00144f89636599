from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.marketing_contact.tests.common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestOpportunities(MarketingContactCommon):
    """Opportunities of contacts, with and without a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company._marketing_set_defaults()
        cls.Lead = cls.env["crm.lead"]
        cls.seller = new_test_user(
            cls.env,
            "opportunity_seller",
            "marketing_contact.group_marketing_contact_user,"
            "base.group_partner_manager,sales_team.group_sale_salesman_all_leads",
        )
        cls.outsider = new_test_user(
            cls.env,
            "opportunity_outsider",
            "base.group_partner_manager,sales_team.group_sale_salesman_all_leads",
        )
        cls.contact = cls._contact(
            "Mill",
            email="info@mill.example",
            phone="+46 8 123 45 67",
            city="Lund",
            country_id=cls.sweden.id,
        )
        cls.person = cls.Contact.create(
            {
                "name": "Miller",
                "parent_id": cls.contact.id,
                "email": "miller@mill.example",
                "function": "Owner",
            }
        )

    def _new(self, contact, user=None):
        """Return the form that *New Opportunity* opens."""
        action = contact.with_user(user or self.seller).action_new_opportunity()
        return Form.from_action(self.env(user=user or self.seller), action)

    def _lead(self, **vals):
        return self.Lead.create({"name": "Flour", "type": "opportunity", **vals})

    # ------------------------------------------------------------
    # NEW OPPORTUNITY
    # ------------------------------------------------------------

    def test_without_customer(self):
        lead = self._new(self.contact).save()
        self.assertEqual(lead.marketing_contact_id, self.contact)
        self.assertFalse(lead.partner_id)
        self.assertRecordValues(
            lead,
            [
                {
                    "type": "opportunity",
                    "partner_name": "Mill",
                    "contact_name": False,
                    "email_from": "info@mill.example",
                    "city": "Lund",
                    "country_id": self.sweden.id,
                    "user_id": self.seller.id,
                }
            ],
        )
        self.assertIn("Mill", lead.name)
        self.assertFalse(self.contact.customer_id)

    def test_of_a_person(self):
        lead = self._new(self.person).save()
        self.assertEqual(lead.marketing_contact_id, self.person)
        self.assertRecordValues(
            lead,
            [
                {
                    "partner_name": "Mill",
                    "contact_name": "Miller",
                    "function": "Owner",
                    "email_from": "miller@mill.example",
                    "city": "Lund",
                }
            ],
        )

    def test_with_customer(self):
        customer = self.contact.create_card("customer")
        lead = self._new(self.contact).save()
        self.assertEqual(lead.partner_id, customer)
        self.assertEqual(lead.marketing_contact_id, self.contact)
        self.assertEqual(lead.email_from, "info@mill.example")

    def test_salesperson_of_the_contact(self):
        self.contact.user_id = self.outsider
        self.assertEqual(self._new(self.contact).save().user_id, self.outsider)

    def test_archived(self):
        self.contact.active = False
        with self.assertRaises(UserError):
            self.contact.action_new_opportunity()

    def test_rights(self):
        marketer = self.contact.with_user(self.marketer)
        self.assertFalse(marketer.has_crm)
        self.assertFalse(marketer.opportunity_count)
        with self.assertRaises(AccessError):
            marketer.action_new_opportunity()
        self.assertTrue(self.contact.with_user(self.seller).has_crm)

    def test_button_on_the_form(self):
        contact = self.contact.with_user(self.seller)
        arch = etree.fromstring(contact.get_view(view_type="form")["arch"])
        self.assertTrue(arch.xpath("//button[@name='action_new_opportunity']"))
        contact = self.contact.with_user(self.marketer)
        arch = etree.fromstring(contact.get_view(view_type="form")["arch"])
        self.assertFalse(arch.xpath("//button[@name='action_new_opportunity']"))

    def test_choosing_the_contact_on_the_form(self):
        form = Form(self.Lead.with_user(self.seller), "crm.crm_lead_view_form")
        form.name = "Chosen"
        form.marketing_contact_id = self.person
        self.assertEqual(form.contact_name, "Miller")
        self.assertEqual(form.email_from, "miller@mill.example")
        self.assertFalse(form.partner_id)
        lead = form.save()
        self.assertEqual(lead.marketing_contact_id, self.person)

    def test_choosing_the_customer_on_the_form(self):
        customer = self.contact.create_card("customer")
        form = Form(self.Lead.with_user(self.seller), "crm.crm_lead_view_form")
        form.partner_id = customer
        self.assertEqual(form.marketing_contact_id, self.contact)
        form = Form(self.Lead.with_user(self.seller), "crm.crm_lead_view_form")
        form.marketing_contact_id = self.contact
        self.assertEqual(form.partner_id, customer)

    def test_form_without_rights_on_contacts(self):
        self.contact.create_card("customer")
        form = Form(self.Lead.with_user(self.outsider), "crm.crm_lead_view_form")
        form.partner_id = self.contact.customer_id
        self.assertNotIn("marketing_contact_id", form._view["fields"])
        lead = form.save()
        self.assertEqual(lead.sudo().marketing_contact_id, self.contact)

    def test_by_code(self):
        lead = self.Lead.create(
            {
                "name": "By code",
                "marketing_contact_id": self.person.id,
                "email_from": "own@x.example",
            }
        )
        self.assertEqual(lead.email_from, "own@x.example")
        self.assertEqual(lead.contact_name, "Miller")

    # ------------------------------------------------------------
    # COUNT AND OPEN
    # ------------------------------------------------------------

    def test_count_and_open(self):
        self.assertEqual(self.contact.opportunity_count, 0)
        of_contact = self._lead(marketing_contact_id=self.contact.id)
        of_person = self._lead(marketing_contact_id=self.person.id)
        vendor = self._partner("Mill")
        child = self._partner("Branch", parent_id=vendor.id, is_company=False)
        of_vendor = self._lead(partner_id=child.id)
        self.assertEqual(self.contact.opportunity_count, 2)
        self.contact.link_card("vendor", vendor.id)
        lost = self._lead(partner_id=vendor.id, active=False)
        self._lead(partner_id=self._partner("Another").id)
        leads = of_contact + of_person + of_vendor + lost
        contact = self.contact.with_user(self.seller)
        self.assertEqual(contact.opportunity_count, 4)
        action = contact.action_view_opportunities()
        found = self.Lead.with_user(self.seller).with_context(**action["context"])
        self.assertEqual(found.search(action["domain"]), leads.sorted("id", True))
        self.assertEqual(self.person.opportunity_count, 1)
        of_person.unlink()
        self.assertEqual(self.contact.opportunity_count, 3)
        self.assertEqual(self.person.opportunity_count, 0)

    def test_one_more_from_the_list(self):
        """What is entered in the list that the button opens is the contact's."""
        action = self.contact.with_user(self.seller).action_view_opportunities()
        Lead = self.Lead.with_user(self.seller).with_context(**action["context"])
        form = Form(Lead, "crm.quick_create_opportunity_form")
        form.name = "Quick"
        lead = form.save()
        self.assertEqual(lead.marketing_contact_id, self.contact)
        self.assertEqual(lead.partner_name, "Mill")

    def test_what_the_user_may_not_read_is_not_counted(self):
        own = new_test_user(
            self.env,
            "opportunity_own_leads",
            "marketing_contact.group_marketing_contact_user,"
            "sales_team.group_sale_salesman",
        )
        self._lead(marketing_contact_id=self.contact.id, user_id=self.seller.id)
        self._lead(marketing_contact_id=self.contact.id, user_id=own.id)
        self.assertEqual(self.contact.with_user(own).opportunity_count, 1)

    def test_count_of_many_at_once(self):
        contacts = self.Contact.create([{"name": f"C {n}"} for n in range(20)])
        for contact in contacts:
            self._lead(marketing_contact_id=contact.id)
        counts = []
        for some in (contacts[:2], contacts):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(some.mapped("opportunity_count")), {1})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    # ------------------------------------------------------------
    # A LEAD BECOMES A CUSTOMER
    # ------------------------------------------------------------

    def test_partner_is_linked_with_the_contact(self):
        number = self.Contact.search_count([])
        lead = self._lead(marketing_contact_id=self.contact.id)
        partner = self._partner("Mill", phone="1")
        lead.partner_id = partner
        self.assertEqual(self.contact.customer_id, partner)
        self.assertEqual(lead.marketing_contact_id, self.contact)
        # neither wins: what was empty is filled in, what differs is listed
        self.assertEqual(partner.email, "info@mill.example")
        self.assertEqual(partner.phone, "1")
        self.assertEqual(self.contact.relation_ids.state, "drifted")
        partner._increase_rank("customer_rank")
        self.assertEqual(self.Contact.search_count([]), number)

    def test_odoos_conversion(self):
        """A lead for a company and its person makes both, and both are met."""
        self.contact.primary_person_id = self.person
        lead = self._new(self.contact).save()
        number = self.Contact.search_count([])
        lead.with_user(self.seller)._handle_partner_assignment(create_missing=True)
        self.assertEqual(lead.partner_id.name, "Miller")
        customer = lead.partner_id.commercial_partner_id
        self.assertEqual(self.contact.customer_id, customer)
        self.assertEqual(customer.name, "Mill")
        self.assertEqual(self.person.relation_ids.partner_id, lead.partner_id)
        self.assertEqual(self.Contact.search_count([]), number)

    def test_partner_entered_on_the_form(self):
        """The form makes the partner first, as a customer."""
        view = self.Lead.get_view(self.env.ref("crm.crm_lead_view_form").id, "form")
        arch = etree.fromstring(view["arch"])
        for node in arch.xpath("//field[@name='partner_id']"):
            self.assertIn(
                "'marketing_contact_no_create': marketing_has_contact",
                node.get("context"),
            )
        number = self.Contact.search_count([])
        lead = self._lead(marketing_contact_id=self.contact.id)
        self.assertTrue(lead.marketing_has_contact)
        Partner = self.Partner.with_user(self.outsider).with_context(
            res_partner_search_mode="customer",
            default_is_company=True,
            marketing_contact_no_create=lead.marketing_has_contact,
        )
        partner_id, _name = Partner.name_create("Mill")
        lead.with_user(self.outsider).partner_id = partner_id
        self.assertEqual(self.contact.customer_id.id, partner_id)
        self.assertEqual(self.Contact.search_count([]), number)

    def test_the_contact_has_a_customer(self):
        customer = self.contact.create_card("customer")
        lead = self._lead(marketing_contact_id=self.contact.id)
        self.assertEqual(lead.partner_id, customer)
        other = self._partner("Other Mill", customer_rank=1)
        lead.partner_id = other
        self.assertEqual(self.contact.customer_id, customer)
        # entered on the form, it gets its own contact now
        contact = other.marketing_relation_ids.contact_id
        self.assertTrue(contact)
        self.assertEqual(lead.marketing_contact_id, contact)

    def test_a_vendor_becomes_a_customer(self):
        vendor = self.contact.create_card("vendor")
        lead = self._lead(marketing_contact_id=self.contact.id)
        partner = self._partner("Mill")
        lead.partner_id = partner
        self.assertEqual(self.contact.customer_id, partner)
        self.assertEqual(self.contact.vendor_id, vendor)

    def test_the_partner_has_another_contact(self):
        other = self._contact("Other")
        partner = other.create_card("customer")
        lead = self._lead(marketing_contact_id=self.contact.id)
        lead.partner_id = partner
        self.assertFalse(self.contact.customer_id)
        self.assertEqual(other.customer_id, partner)
        self.assertEqual(lead.marketing_contact_id, other)

    def test_who_is_written_to_is_no_customer(self):
        """Odoo notes on the lead whom somebody writes to from its chatter; who buys
        then is the customer of the lead's contact.
        """
        lead = self._lead(
            marketing_contact_id=self.contact.id, email_from="info@mill.example"
        )
        partner = self._partner("info", email="info@mill.example", is_company=False)
        lead = lead.with_user(self.seller)
        lead.message_post(body="Hello", partner_ids=partner.ids)
        self.assertEqual(lead.partner_id, partner)
        self.assertEqual(lead.marketing_contact_id, self.contact)
        self.assertFalse(partner.customer_rank)
        self.assertFalse(self.contact.relation_ids)
        number = self.Contact.search_count([])
        partner._increase_rank("customer_rank")
        self.assertEqual(self.contact.customer_id, partner)
        self.assertEqual(self.Contact.search_count([]), number)

    def test_merged_opportunities_keep_the_contact(self):
        """Whichever is left, and nobody becomes a customer by it."""
        partner = self._partner("Other")
        for user in (self.seller, self.outsider):
            leads = self.Lead.create(
                [
                    {"name": "A", "type": "opportunity", "probability": 90},
                    {"name": "B", "marketing_contact_id": self.contact.id},
                    {"name": "C", "partner_id": partner.id},
                ]
            )
            merged = leads.with_user(user).merge_opportunity()
            self.assertEqual(merged.sudo().marketing_contact_id, self.contact)
            self.assertEqual(merged.partner_id, partner)
            self.assertFalse(partner.customer_rank)
            self.assertNotIn("marketing_contact_no_create", merged.env.context)

    def test_a_contact_that_one_may_not_change_is_given_to_none(self):
        other = self.env["res.company"].create({"name": "Other"})
        hidden = self._contact("Secret", company_id=other.id, phone="+46 8 1")
        partner = self._partner("Own")
        Lead = self.Lead.with_user(self.seller)
        lead = Lead.create({"name": "L", "partner_id": partner.id})
        vals = {"name": "L", "marketing_contact_id": hidden.id}
        for attempt in (
            lambda: Lead.create({**vals, "partner_id": partner.id}),
            lambda: Lead.create(vals),
            lambda: lead.write({"marketing_contact_id": hidden.id}),
        ):
            with self.assertRaises(AccessError) as caught:
                attempt()
            self.assertNotIn("Secret", str(caught.exception))
        self.assertFalse(hidden.relation_ids)
        self.assertFalse(partner.phone)
        spec = {name: {} for name in ("phone", "partner_id", "email_from")}
        spec["marketing_contact_id"] = {"fields": {"display_name": {}}}
        result = Lead.onchange(
            {"name": "L", "marketing_contact_id": hidden.id},
            ["marketing_contact_id"],
            spec,
        )
        self.assertNotIn("Secret", repr(result))
        self.assertNotIn("+46 8 1", repr(result))

    def test_who_is_no_customer(self):
        """Our own users and companies, and persons of the contact's company."""
        for partner in (
            self.employee.partner_id,
            self.company.partner_id,
            self._partner("Miller", is_company=False),
            self._partner("X", is_company=False, company_name="Mill"),
        ):
            lead = self._lead(marketing_contact_id=self.contact.id)
            lead.partner_id = partner
            self.assertFalse(self.contact.customer_id)

    def test_a_company_entered_as_a_person(self):
        lead = self._lead(marketing_contact_id=self.contact.id)
        partner = self._partner("Mill", is_company=False)
        lead.partner_id = partner
        self.assertEqual(self.contact.customer_id, partner)
        self.assertTrue(partner.is_company)
        self.assertTrue(self.contact.is_company)

    def test_other_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.contact.company_id = self.company
        self.person.company_id = self.company
        lead = self._lead(marketing_contact_id=self.contact.id)
        partner = self._partner("Mill", company_id=other.id)
        lead.write({"company_id": other.id, "user_id": False, "team_id": False})
        lead.partner_id = partner
        self.assertFalse(self.contact.relation_ids)
        self.assertEqual(lead.partner_id, partner)

    def test_setup_without_a_code(self):
        self.company.marketing_customer_relation_id = False
        lead = self._lead(marketing_contact_id=self.contact.id)
        partner = self._partner("Mill")
        lead.partner_id = partner
        self.assertEqual(lead.partner_id, partner)
        self.assertFalse(self.contact.relation_ids)

    def test_undo(self):
        lead = self._lead(marketing_contact_id=self.contact.id)
        lead.partner_id = self._partner("Mill")
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertEqual(batch.origin, "link")
        batch.undo()
        self.assertFalse(self.contact.customer_id)

    def test_linking_claims_leads(self):
        partner = self._partner("Mill")
        lead = self._lead(partner_id=partner.id)
        self.assertFalse(lead.marketing_contact_id)
        self.contact.link_card("customer", partner.id)
        self.assertEqual(lead.marketing_contact_id, self.contact)
        self.assertEqual(self.contact.opportunity_count, 1)

    def test_merging_contacts(self):
        lead = self._lead(marketing_contact_id=self.contact.id)
        lost = self._lead(marketing_contact_id=self.contact.id, active=False)
        survivor = self._contact("Survivor")
        self.contact.merge_into(survivor)
        self.assertAll(lead + lost, "marketing_contact_id", survivor)

    def test_many_leads_at_once(self):
        def get_queries(number):
            contacts = self.Contact.create(
                [{"name": f"M {n}", "is_company": True} for n in range(number)]
            )
            leads = self.Lead.create(
                [
                    {"name": c.name, "marketing_contact_id": c.id, "user_id": False}
                    for c in contacts
                ]
            )
            for lead in leads:
                # as raw as an import is
                self.env.cr.execute(
                    "UPDATE crm_lead SET partner_id = %s WHERE id = %s",
                    [self._partner(lead.name).id, lead.id],
                )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            leads._marketing_meet_contacts()
            self.assertTrue(all(contact.customer_id for contact in contacts))
            return self.env.cr.sql_log_count - before

        get_queries(2)
        few, many = get_queries(3), get_queries(30)
        self.assertLessEqual(many, few + 5)
