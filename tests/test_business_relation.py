from lxml import etree

from .common import MarketingContactCommon


class TestBusinessRelation(MarketingContactCommon):
    """Codes that Marketing Setup uses for a kind are not offered by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Code = cls.env["marketing.business.relation"]
        cls.law = cls.Code.create({"code": "LAWYER", "name": "Law firm"})
        cls.client = cls.Code.create({"code": "CLIENT", "name": "Client"})

    def _offered(self, user=None):
        Code = self.Code.with_user(user or self.marketer)
        return Code.search([("reserved", "=", False)])

    def test_codes_of_the_setup_are_reserved(self):
        for code in (
            self.company.marketing_customer_relation_id,
            self.company.marketing_vendor_relation_id,
            self.company.marketing_bank_relation_id,
        ):
            self.assertTrue(code.reserved)
            self.assertNotIn(code, self._offered())
            self.assertIn(code, self.Code.search([("reserved", "=", True)]))
            self.assertIn(code, self.Code.search([("reserved", "!=", False)]))
        self.assertFalse(self.law.reserved)
        self.assertIn(self.law, self._offered())
        self.assertNotIn(self.law, self.Code.search([("reserved", "=", True)]))

    def test_other_companies_count(self):
        """Also those that the user may not see."""
        self.env["res.company"].create(
            {"name": "Elsewhere", "marketing_customer_relation_id": self.client.id}
        )
        self.assertNotIn(self.client, self._offered())
        self.assertTrue(self.client.with_user(self.marketer).reserved)

    def test_follows_the_setup(self):
        self.assertFalse(self.client.reserved)
        self.company.marketing_customer_relation_id = self.client
        self.assertTrue(self.client.reserved)
        self.company.marketing_customer_relation_id = False
        self.assertFalse(self.client.reserved)

    def test_contact_form_offers_the_others(self):
        views = self.Contact.with_user(self.marketer).get_views([(False, "form")])
        arch = etree.fromstring(views["views"]["form"]["arch"])
        (field,) = arch.xpath(
            "//field[@name='relation_ids']//field[@name='business_relation_id']"
        )
        self.assertEqual(field.get("domain"), "[('reserved', '=', False)]")
