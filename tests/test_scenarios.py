from datetime import timedelta

from .common import MarketingContactCommon


class TestScenarios(MarketingContactCommon):
    """Scenarios of Business Central's makers that have no better place."""

    def test_person_joins_a_company(self):
        """BC-003, BC-293: in the form, by a user with rights on contacts only."""
        company = self._contact(
            "Company", street="S 1", country_id=self.sweden.id, user_id=self.clerk.id
        )
        person = self.Contact.with_user(self.marketer).create({"name": "P"})
        form = person.new({"parent_id": company.id}, origin=person)
        form._onchange_parent_id()
        self.assertEqual(form.street, "S 1")
        self.assertEqual(form.country_id, self.sweden)
        self.assertEqual(form.user_id, self.clerk)
        person.parent_id = company
        self.assertEqual(person.parent_id, company)

    def test_defaults(self):
        """BC-005, BC-006, BC-007: what is set as default is there, else nothing."""
        contact = self.Contact.create({"name": "Plain"})
        self.assertFalse(contact.country_id or contact.user_id or contact.industry_id)
        self.env["ir.default"].set(
            "marketing.contact", "country_id", self.sweden.id, company_id=False
        )
        for is_company in (True, False):
            contact = self.Contact.create({"name": "D", "is_company": is_company})
            self.assertEqual(contact.country_id, self.sweden)

    def test_relation_carries_the_code_of_the_setup(self):
        """BC-031, BC-032"""
        contact = self._contact()
        for kind in ("customer", "vendor"):
            partner = self._partner()
            relation = contact.link_card(kind, partner.id)
            self.assertRecordValues(
                relation,
                [
                    {
                        "kind": kind,
                        "partner_id": partner.id,
                        "business_relation_id": self.company[
                            f"marketing_{kind}_relation_id"
                        ].id,
                    }
                ],
            )

    def test_link_is_found_and_restored(self):
        """BC-035, BC-038, BC-039: found where there is one, made again where not."""
        company = self._contact("Company")
        person = self.Contact.create({"name": "P", "parent_id": company.id})
        customer = person.create_card("customer")
        self.assertEqual(customer.create_marketing_contacts("customer"), company)
        self.assertEqual(len(company.relation_ids), 1)
        company.relation_ids.unlink()
        person.link_card("customer", customer.id)
        self.assertEqual(company.customer_id, customer)
        self.assertEqual(len(company.relation_ids), 1)

    def test_looking_at_an_unlinked_card_writes_nothing(self):
        """BC-041, BC-042, BC-047, BC-048"""
        partner = self._partner("Unlinked")
        self.env.flush_all()
        before = partner.write_date
        self.assertFalse(partner.marketing_contact_id)
        self.assertFalse(partner.marketing_sync_summary)
        self.assertFalse(partner.get_sync_notice({"phone": "1"}))
        self.env.flush_all()
        self.assertEqual(partner.write_date, before)

    def test_contact_opens_from_the_card(self):
        """BC-060, BC-062, BC-063, BC-284, BC-285: and the card from the contact."""
        contact, customer, vendor, _bank = self._linked()
        account = contact.bank_account_ids
        for card in (customer, vendor, account):
            action = card.action_view_marketing_contact()
            self.assertEqual(action["res_model"], "marketing.contact")
            self.assertEqual(action["res_id"], contact.id)
        person = self._contact("Jane", is_company=False)
        customer = person.create_card("customer")
        self.assertEqual(customer.action_view_marketing_contact()["res_id"], person.id)
        relation = person.relation_ids
        self.assertEqual(relation.action_open_card()["res_id"], customer.id)

    def test_nothing_filled_in_nothing_made_up(self):
        """BC-087"""
        customer = self._contact("Bare", lang=False).create_card("customer")
        for name in ("phone", "email", "street", "vat", "country_id", "user_id"):
            self.assertFalse(customer[name], name)

    def test_last_modified_moves(self):
        """BC-149, BC-150, BC-151: what the sync writes is seen to be written."""
        contact, customer, vendor, bank = self._linked()
        self.env.flush_all()
        for record in (customer, vendor, bank):
            self.env.cr.execute(
                f"UPDATE {record._table} SET write_date = %s WHERE id = %s",
                [record.write_date - timedelta(days=9), record.id],
            )
        self.env.invalidate_all()
        before = {record: record.write_date for record in (customer, vendor, bank)}
        contact.with_user(self.marketer).name = "Renamed"
        self.env.flush_all()
        self.env.invalidate_all()
        for record, date in before.items():
            self.assertGreater(record.write_date, date)

    def test_summary_goes_by_the_kind(self):
        """BC-277 and §1.20 (19): what a link is, its kind says, whatever the code."""
        code = self.env["marketing.business.relation"].create(
            {"code": "OWNBANK", "name": "Our Bank"}
        )
        contact = self._contact("Bank")
        account = self._account("77", self.Bank.create({"name": "Bank"}))
        self.Relation.create(
            {
                "contact_id": contact.id,
                "kind": "bank_account",
                "bank_account_id": account.id,
                "business_relation_id": code.id,
            }
        )
        self.assertEqual(contact.relation_summary, "bank_account")
        account.bank_id.phone = "1"
        self.assertEqual(contact.phone, "1")
