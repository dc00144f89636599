from unittest.mock import patch

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.service.model import call_kw

from ..models.links.put import put
from .common import MarketingContactCommon


class TestPut(MarketingContactCommon):
    """There is one way in: what `create` says of a link, `write` says as well."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.law = cls.env["marketing.business.relation"].create(
            {"code": "LAWX", "name": "Law Firm"}
        )
        cls.contact = cls._contact("Acme", phone="11")
        cls.customer = cls._partner("Acme", phone="22")

    def _plain(self, contact=None, code=None):
        return self.Relation.create(
            {
                "contact_id": (contact or self.contact).id,
                "business_relation_id": (code or self.law).id,
            }
        )

    def _write(self, relation, user=None, **vals):
        """Write as a client does."""
        model = self.Relation.with_user(user or self.marketer)
        call_kw(model, "write", [relation.ids, vals], {})
        relation.invalidate_recordset()

    def _batch(self):
        return self.env["marketing.sync.batch"].search([], limit=1)

    # ------------------------------------------------------------
    # A PLAIN RELATION BECOMES A LINK, AND BACK
    # ------------------------------------------------------------

    def test_plain_relation_becomes_a_link(self):
        relation = self._plain()
        self._write(relation, kind="customer", partner_id=self.customer.id)
        self.assertEqual(
            relation.business_relation_id, self.company.marketing_customer_relation_id
        )
        self.assertEqual(self.customer.phone, "11")
        self.assertEqual(self.customer.customer_rank, 1)
        self.assertTrue(self.contact.marketing_linked)
        self.assertTrue(self.customer.marketing_linked)
        self.contact.phone = "33"
        self.assertEqual(self.customer.phone, "33")
        self.customer.phone = "44"
        self.assertEqual(self.contact.phone, "44")

    def test_what_became_a_link_can_be_undone(self):
        relation = self._plain()
        self._write(relation, kind="customer", partner_id=self.customer.id)
        batch = self._batch()
        self.assertEqual(batch.origin, "link")
        batch.undo()
        self.assertEqual(relation.business_relation_id, self.law)
        self.assertFalse(relation.kind)
        self.assertFalse(relation.partner_id)
        self.assertEqual(self.customer.phone, "22")
        self.assertFalse(self.customer.marketing_linked)

    def test_link_becomes_plain(self):
        relation = self.contact.link_card("customer", self.customer.id)
        self._write(relation, kind=False, business_relation_id=self.law.id)
        self.assertFalse(relation.partner_id)
        self.assertFalse(self.contact.marketing_linked)
        self.assertFalse(self.customer.marketing_linked)
        self.contact.phone = "33"
        self.assertEqual(self.customer.phone, "11")
        batch = self.env["marketing.sync.batch"].search([("moved_links", "!=", False)])
        batch.undo()
        self.assertEqual(relation.partner_id, self.customer)
        self.assertTrue(self.customer.marketing_linked)

    def test_plain_code_once_by_write(self):
        bank = self.env["marketing.business.relation"].create(
            {"code": "NOTE", "name": "Notary"}
        )
        self._plain()
        other = self._plain(code=bank)
        with self.assertRaises(ValidationError):
            self._write(other, business_relation_id=self.law.id)
        with self.assertRaises(ValidationError):
            code = self.company.marketing_vendor_relation_id
            self._write(other, business_relation_id=code.id)

    # ------------------------------------------------------------
    # WHOSE LINK
    # ------------------------------------------------------------

    def test_merged_contact_takes_no_link(self):
        survivor, merged = self._contact("Survivor"), self._contact("Merged")
        merged.merge_into(survivor)
        relation = self.contact.link_card("customer", self.customer.id)
        with self.assertRaisesRegex(ValidationError, "Survivor"):
            self._write(relation, contact_id=merged.id)
        with self.assertRaisesRegex(ValidationError, "Survivor"):
            merged.link_card("vendor", self._partner("New").id)
        with self.assertRaisesRegex(ValidationError, "Survivor"):
            self._plain(merged)

    def test_link_of_a_person_goes_to_its_company(self):
        company = self._contact("Company")
        person = self._contact("Ann", is_company=False, parent_id=company.id)
        relation = self.contact.link_card("customer", self.customer.id)
        self._write(relation, contact_id=person.id)
        self.assertEqual(relation.contact_id, company)
        self.assertEqual(self.customer.name, "Company")
        self.assertFalse(self.contact.marketing_linked)

    def test_moving_needs_the_right_on_both_contacts(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self._contact("Theirs", company_id=other.id)
        relation = self.contact.link_card("customer", self.customer.id)
        with self.assertRaises(AccessError):
            self._write(relation, contact_id=theirs.id)

    # ------------------------------------------------------------
    # WHICH KIND, WHICH CODE
    # ------------------------------------------------------------

    def test_code_follows_the_kind(self):
        relation = self.contact.link_card("customer", self.customer.id)
        self._write(relation, kind="vendor")
        self.assertEqual(
            relation.business_relation_id, self.company.marketing_vendor_relation_id
        )
        self.assertEqual(self.customer.supplier_rank, 1)

    def test_another_kind_of_card(self):
        relation = self.contact.link_card("customer", self.customer.id)
        account = self._account("ACC", self.Bank.create({"name": "Acme"}))
        self._write(relation, kind="bank_account", bank_account_id=account.id)
        self.assertFalse(relation.partner_id)
        self.assertEqual(relation.bank_id, account.bank_id)
        self.assertTrue(account.bank_id.marketing_linked)
        self.assertFalse(self.customer.marketing_linked)
        self.contact.phone = "33"
        self.assertEqual(account.bank_id.phone, "33")
        self.assertEqual(self.customer.phone, "11")

    def test_code_of_the_setup_is_needed(self):
        relation = self._plain()
        self.company.marketing_customer_relation_id = False
        for user, error in ((self.manager, RedirectWarning), (None, UserError)):
            with self.assertRaises(error):
                self._write(
                    relation, user, kind="customer", partner_id=self.customer.id
                )

    def test_links_move_without_a_code_in_the_setup(self):
        """Codes gate creation, not what is there."""
        relation = self.contact.link_card("customer", self.customer.id)
        self.company.marketing_customer_relation_id = False
        other = self._contact("Other")
        self._write(relation, contact_id=other.id)
        self.assertEqual(relation.contact_id, other)

    def test_another_code_is_no_link(self):
        """What differs stays as it is, and nobody is brought along."""
        relation = self.contact.link_card("customer", self.customer.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET phone = '99' WHERE id = %s", [self.customer.id]
        )
        self.env.invalidate_all()
        self._write(relation, business_relation_id=self.law.id)
        self.assertEqual(relation.business_relation_id, self.law)
        self.assertEqual((self.contact.phone, self.customer.phone), ("11", "99"))
        self._write(relation, partner_id=self.customer.id)
        self.assertEqual(self.customer.phone, "99")

    def test_unknown_kinds_and_cards(self):
        plain = self._plain()
        deleted = self._partner("Gone")
        deleted.unlink()
        for vals in (
            {"kind": "nobody", "partner_id": self.customer.id},
            {"kind": ["customer"], "partner_id": self.customer.id},
            {"kind": "customer"},
            {"kind": "customer", "partner_id": deleted.id},
            {"kind": "customer", "partner_id": "1"},
            {"kind": "customer", "partner_id": [self.customer.id]},
            {"business_relation_id": [self.law.id]},
            {"kind": "bank_account", "partner_id": self.customer.id},
            {"partner_id": self.customer.id},
        ):
            contact = {"contact_id": self.contact.id}
            with self.assertRaises(UserError, msg=str(vals)):
                call_kw(self.Relation, "create", [[contact | vals]], {})
            with self.assertRaises(UserError, msg=str(vals)):
                self._write(plain, **vals)

    def test_what_follows_from_the_card_is_not_for_the_caller(self):
        other = self.env["res.company"].create({"name": "Other"})
        bank = self.Bank.create({"name": "Bank"})
        relation = self.contact.link_card("customer", self.customer.id)
        self._write(relation, company_id=other.id, bank_id=bank.id, state="drifted")
        self.assertRecordValues(
            relation, [{"company_id": False, "bank_id": False, "state": "equal"}]
        )

    # ------------------------------------------------------------
    # SEVERAL, AND WHO HEARS OF IT
    # ------------------------------------------------------------

    def test_customer_and_vendor_move_together(self):
        relations = self.contact.link_card("customer", self.customer.id)
        relations |= self.contact.link_card("vendor", self.customer.id)
        other = self._contact("Other")
        with self.assertRaises(ValidationError):
            self._write(relations[0], contact_id=other.id)
        self._write(relations, contact_id=other.id)
        self.assertEqual(relations.contact_id, other)
        self._batch().undo()
        self.assertEqual(relations.contact_id, self.contact)

    def test_many_move_in_as_many_queries_as_few(self):
        def move(count):
            links = self.Relation
            targets = []
            for number in range(count):
                contact = self._contact(f"Old {number}")
                card = self._partner(f"Card {number}")
                links |= contact.link_card("customer", card.id)
                targets.append(self._contact(f"New {number}"))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            vals_list = [{"contact_id": target.id} for target in targets]
            put(links, vals_list, align=False)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = move(2)
        self.assertLessEqual(move(6), few)

    def test_whoever_extends_hears_of_every_change(self):
        Relation = type(self.Relation)
        write, heard = Relation.write, []

        def listen(relations, vals):
            heard.append(sorted(vals))
            return write(relations, vals)

        relation = self.contact.link_card("customer", self.customer.id)
        survivor = self._contact("Survivor")
        with patch.object(Relation, "write", listen):
            self.contact.merge_into(survivor)
            self._batch().undo()
        self.assertEqual(relation.contact_id, self.contact)
        self.assertEqual(heard, [["contact_id"]] * 2)

    # ------------------------------------------------------------
    # UNLINK
    # ------------------------------------------------------------

    def test_unlinking_can_be_undone(self):
        relation = self.contact.link_card("customer", self.customer.id)
        call_kw(self.Relation.with_user(self.marketer), "unlink", [relation.ids], {})
        self.assertFalse(self.customer.marketing_linked)
        self.contact.phone = "33"
        batch = self.env["marketing.sync.batch"].search(
            [("removed_links", "!=", False)], limit=1
        )
        self.assertEqual(batch.user_id, self.marketer)
        batch.with_user(self.manager).undo()
        self.assertEqual(self.contact.customer_id, self.customer)
        self.assertTrue(self.customer.marketing_linked)
