from odoo.addons.mail.tests.common import MailCase

from .common import MarketingContactCommon


class TestAssignment(MarketingContactCommon, MailCase):
    """A salesperson is told of what somebody assigns, not of what follows from it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={})
        for name in ("Contact", "Partner", "Bank", "Account", "Relation"):
            setattr(cls, name, getattr(cls, name).with_env(cls.env))
        cls.seller = cls.manager.with_env(cls.env)
        cls.seller.notification_type = "email"
        cls.seller.email = "seller@own.example"

    def _get_told(self, deed):
        """Return what the salesperson is told of while a deed is done."""
        self.env.flush_all()
        messages = self.env["mail.message"]
        last = messages.search([], limit=1, order="id desc").id
        with self.mock_mail_gateway():
            deed()
            self.env.flush_all()
            self.env.cr.precommit.run()
        domain = [("id", ">", last), ("partner_ids", "in", self.seller.partner_id.ids)]
        return messages.search(domain).mapped("model")

    def test_by_hand(self):
        """Else the next tests would say nothing."""
        contact = self._contact()
        told = self._get_told(
            lambda: contact.with_user(self.marketer).write({"user_id": self.seller.id})
        )
        self.assertEqual(told, ["marketing.contact"])

    def test_sync(self):
        contact, customer, *_others = self._linked()
        customer = customer.with_user(self.clerk)
        told = self._get_told(lambda: customer.write({"user_id": self.seller.id}))
        self.assertEqual(contact.user_id, self.seller)
        self.assertEqual(told, ["res.partner"])
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertFalse(self._get_told(batch.undo))
        self.assertFalse(contact.user_id)

    def test_people(self):
        company = self._contact()
        self._contact("Ann", parent_id=company.id, is_company=False)
        company = company.with_user(self.marketer)
        told = self._get_told(lambda: company.write({"user_id": self.seller.id}))
        self.assertEqual(company.child_ids.user_id, self.seller)
        self.assertEqual(told, ["marketing.contact"])

    def test_links(self):
        partner = self._partner(user_id=self.seller.id)
        contact = self._contact().with_user(self.marketer)
        self.assertFalse(
            self._get_told(lambda: contact.link_card("customer", partner.id))
        )
        self.assertEqual(contact.user_id, self.seller)
        other = self._contact("Other", user_id=self.seller.id)
        self.assertFalse(self._get_told(lambda: other.create_card("customer")))
        self.assertEqual(other.customer_id.user_id, self.seller)

    def test_created(self):
        partners = self._partner("A", user_id=self.seller.id)
        partners |= self._partner("B", user_id=self.seller.id)
        self.assertFalse(
            self._get_told(lambda: partners.create_marketing_contacts("customer"))
        )
        self.assertEqual(partners.marketing_contact_id.user_id, self.seller)

    def test_merge(self):
        source = self._contact("A", user_id=self.seller.id)
        target = self._contact("B")
        target.create_card("customer")
        self.assertFalse(self._get_told(lambda: source.merge_into(target)))
        self.assertEqual(target.customer_id.user_id, self.seller)

    def test_import(self):
        contacts = self.Contact.with_user(self.manager).with_context(import_file=True)
        rows = [["Imported", self.seller.name], ["Another", self.seller.name]]
        seller = self.seller

        def load():
            result = contacts.load(["name", "user_id"], rows)
            self.assertTrue(result["ids"], result["messages"])
            self.assertEqual(contacts.browse(result["ids"]).user_id, seller)

        self.seller = self.seller.copy({"login": "seller_2", "name": "Seller 2"})
        rows = [["Imported", "Seller 2"], ["Another", "Seller 2"]]
        seller = self.seller
        self.assertFalse(self._get_told(load))
