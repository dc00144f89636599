from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user

from .common import MarketingContactCommon


class TestRightsOfTwo(MarketingContactCommon):
    """What one user has looked at hides nothing from the next, nor from the module
    itself: within one request, the one reads with their companies, the other with all.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.env["res.company"].create({"name": "Second Company"})
        cls.first_user, cls.second_user = (
            new_test_user(
                cls.env,
                f"of_{company.id}",
                "marketing_contact.group_marketing_contact_manager",
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for company in (cls.company, cls.second)
        )
        cls.contact = cls._contact("Acme", city="Lund")
        cls.customer = cls._partner("Acme A", company_id=cls.company.id)
        cls.hidden = cls._partner("Acme B", company_id=cls.second.id)
        for card in (cls.customer, cls.hidden):
            cls.contact.link_card("customer", card.id)

    def setUp(self):
        super().setUp()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(
            self.contact.with_user(self.second_user).customer_id, self.hidden
        )

    def test_each_sees_their_own(self):
        for user, card in (
            (self.first_user, self.customer),
            (self.second_user, self.hidden),
        ):
            contact = self.contact.with_user(user)
            self.assertEqual(contact.customer_id, card)
            self.assertEqual(contact.relation_ids.partner_id, card)
            self.assertEqual(
                contact.read(["relation_ids"])[0]["relation_ids"],
                [contact.relation_ids.id],
            )
            self.assertEqual(len(contact.link_chips), 1)
        self.assertEqual(self.contact.customer_id, self.customer)
        self.assertEqual(
            self.contact.relation_ids.partner_id, self.customer | self.hidden
        )
        code = self.company.marketing_customer_relation_id
        count = code.contact_count
        other = self._contact("Other")
        other.link_card("customer", self._partner(company_id=self.company.id).id)
        self.assertEqual(code.contact_count, count + 1)
        self.assertEqual(code.with_user(self.second_user).contact_count, count)

    def test_a_list_asks_the_rules_once(self):
        contacts = self.env["marketing.contact"].create(
            [{"name": f"Acme {number}"} for number in range(20)]
        )
        cards = self.env["res.partner"].create(
            [{"name": contact.name} for contact in contacts]
        )
        for contact, card in zip(contacts, cards, strict=True):
            contact.link_card("customer", card.id)
        Relation = self.env.registry["marketing.contact.relation"]

        def count(records, names):
            self.env.invalidate_all()
            with patch.object(
                Relation,
                "_check_access",
                autospec=True,
                side_effect=Relation._check_access,
            ) as asked:
                records.with_user(self.first_user).read(names)
            return asked.call_count

        for records, shown in (
            (contacts, ("relation_summary", "business_relation_ids", "drifted")),
            (cards, ("marketing_contact_id",)),
        ):
            self.assertLessEqual(count(records, shown), count(records[:2], shown))

    def test_nothing_is_lost_by_a_merge(self):
        survivor = self._contact("Survivor")
        self.contact.merge_into(survivor)
        self.assertEqual(survivor.relation_ids.partner_id, self.customer | self.hidden)

    def test_every_card_hears_of_a_deletion(self):
        self.contact.with_user(self.second_user).unlink()
        for card in (self.customer, self.hidden):
            self.assertIn("Acme", card.message_ids[:1].body)

    def test_an_entry_of_which_nothing_is_seen_is_not_undone(self):
        entry = self.env["marketing.sync.batch"].search(
            [("relation_ids.partner_id", "=", self.hidden.id)]
        )
        self.assertEqual(len(entry), 1)
        for user in (self.second_user, self.first_user):
            self.assertEqual(entry.with_user(user).state, "applied")
        self.assertEqual(entry.with_user(self.first_user).change_count, 0)
        entry.undo()
        for user in (self.second_user, self.first_user):
            self.assertEqual(entry.with_user(user).state, "undone")

    def test_the_journal(self):
        self.contact.with_user(self.second_user).city = "Malmö"
        self.env.flush_all()
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        seen = batch.with_user(self.second_user)
        self.assertEqual((seen.change_count, len(seen.change_ids)), (2, 2))
        self.assertEqual((batch.change_count, len(batch.change_ids)), (3, 3))
        self.assertFalse(seen.undo())
        self.env.invalidate_all()
        self.assertAll([self.contact, self.customer, self.hidden], "city", "Lund")
        self.assertEqual((seen.state, batch.state), ("undone", "undone"))
