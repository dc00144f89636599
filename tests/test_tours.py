from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestMarketingContactTours(HttpCase):
    """What a marketer does in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Contact = cls.env["marketing.contact"]
        cls.Partner = cls.env["res.partner"].with_context(
            marketing_contact_no_create=True
        )
        cls.login = "tour_marketer"
        cls.user = new_test_user(
            cls.env,
            cls.login,
            "marketing_contact.group_marketing_contact_manager,"
            "base.group_partner_manager",
            name="Tour Marketer",
        )
        cls.env.company._marketing_set_defaults()

    def _start(self, tour, record=None, path="marketing-contacts"):
        url = f"/odoo/{path}/{record.id}" if record else f"/odoo/{path}"
        self.start_tour(url, tour, login=self.login)

    def test_create_customer(self):
        self._start("marketing_contact_create_customer")
        contact = self.Contact.search([("name", "=", "Tour Mills")])
        self.assertTrue(contact.number)
        self.assertEqual(contact.customer_id.street, "Mill Street 1")
        self.assertEqual(contact.customer_id.customer_rank, 1)

    def test_link_vendor_field_by_field(self):
        contact = self.Contact.create(
            {
                "name": "Tour Contact",
                "is_company": True,
                "street": "Contact Street 1",
                "phone": "+46 8 555 020 11",
            }
        )
        vendor = self.Partner.create(
            {
                "name": "Tour Vendor",
                "is_company": True,
                "street": "Vendor Street 2",
                "phone": "+46 8 555 020 22",
                "email": "sales@vendor.example",
                "supplier_rank": 1,
            }
        )
        self._start("marketing_contact_link_vendor", contact)
        self.assertEqual(contact.vendor_id, vendor)
        for record in (contact, vendor):
            self.assertEqual(record.name, "Tour Contact")
            self.assertEqual(record.street, "Contact Street 1")
            self.assertEqual(record.phone, "+46 8 555 020 22")
            self.assertEqual(record.email, "sales@vendor.example")

    def test_generate_from_selected_customers(self):
        customers = self.Partner.create(
            [
                {
                    "name": f"Tour Customer {number}",
                    "is_company": True,
                    "customer_rank": 1,
                }
                for number in (1, 2, 3)
            ]
        )
        self._start("marketing_contact_generate", path="contacts")
        contacts = customers.marketing_relation_ids.contact_id
        self.assertEqual(
            sorted(contacts.mapped("name")), sorted(customers.mapped("name"))
        )

    def test_phone_of_customer_reaches_contact(self):
        contact = self.Contact.create(
            {"name": "Tour Contact", "is_company": True, "phone": "+46 8 555 020 11"}
        )
        customer = contact.create_card("customer")
        self._start("marketing_contact_phone", customer, path="contacts")
        self.assertEqual(customer.phone, "+46 8 555 020 99")
        self.assertEqual(contact.phone, "+46 8 555 020 99")

    def test_missing_code_leads_to_setup(self):
        code = self.env["marketing.business.relation"].create(
            {"code": "TOURCUST", "name": "Customer of the tour"}
        )
        self.env.company.marketing_customer_relation_id = False
        contact = self.Contact.create({"name": "Tour Contact", "is_company": True})
        # the error that leads to the setup is logged as one
        with mute_logger("odoo.http"):
            self._start("marketing_contact_setup", contact)
        self.assertEqual(self.env.company.marketing_customer_relation_id, code)
        self.assertEqual(contact.relation_ids.business_relation_id, code)

    def test_letters(self):
        self.user.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        self.Contact.create(
            [{"name": f"Tour Letters {i}", "is_company": True} for i in (1, 2)]
        )
        self._start("marketing_contact_letters")
