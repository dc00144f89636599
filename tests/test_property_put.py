from hypothesis import given
from hypothesis import strategies as st

from odoo.exceptions import UserError

from .common import MarketingContactCommon
from .world import examples


class TestPropertyPut(MarketingContactCommon):
    """Put by create is put by write, whatever is linked with what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.law = cls.env["marketing.business.relation"].create(
            {"code": "LAWX", "name": "Law Firm"}
        )
        cls.contact = cls._contact("Acme", phone="11")
        cls.customer = cls._partner("Acme", phone="22")

    def test_put_by_create_is_put_by_write(self):
        person = self._contact("Ann", is_company=False, parent_id=self.contact.id)
        other = self._contact("Other", city="Lund")
        bank = self.Bank.create({"name": "Bank", "phone": "9"})
        cards = {
            "customer": [self.customer, self._partner("Other", street="A 1")],
            "vendor": [self.customer, self._partner("Third", email="t@x.example")],
            "bank_account": [self._account("1", bank), self._account("2", bank)],
            "person": [self._partner("Bo", is_company=False)],
            "nobody": [self.customer],
        }
        columns = {"bank_account": "bank_account_id"}
        contacts = [self.contact, other, person]
        entry = st.tuples(
            st.sampled_from(range(len(contacts))),
            st.sampled_from(sorted(cards)),
            st.sampled_from(range(2)),
        )

        def get_vals(entry):
            contact, kind, card = entry
            column = columns.get(kind, "partner_id")
            chosen = cards[kind][card % len(cards[kind])]
            return {
                "contact_id": contacts[contact].id,
                "kind": kind,
                column: chosen.id,
            }

        def put_by_create(vals):
            return self.Relation.create(vals)

        def put_by_write(vals):
            carrier = self.Contact.create({"name": "Carrier", "is_company": True})
            relation = self.Relation.create(
                {"contact_id": carrier.id, "business_relation_id": self.law.id}
            )
            relation.write(vals)
            return relation

        @examples
        @given(st.lists(entry, min_size=1, max_size=3))
        def check(entries):
            self.assertEqual(
                self._try(put_by_create, map(get_vals, entries)),
                self._try(put_by_write, map(get_vals, entries)),
            )

        check()

    def _try(self, put, vals_list):
        """Return what comes of putting links one after the other; nothing stays."""
        outcome = []
        records = [
            *self.Contact.search([]),
            *self.Partner.search([("name", "!=", "Carrier")]),
            *self.Bank.search([]),
        ]
        names = ("name", "phone", "city", "street", "email", "marketing_linked")
        with self.env.cr.savepoint() as savepoint:
            for vals in vals_list:
                try:
                    with self.env.cr.savepoint():
                        relation = put(vals)
                        self.env.flush_all()
                except UserError as error:
                    outcome.append(str(error))
                else:
                    outcome.append(relation._get_link_values())
                    outcome.append(relation.state)
                    outcome.append(relation.company_id.id)
            self.env.invalidate_all()
            outcome.append([[record[name] for name in names] for record in records])
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        return outcome
