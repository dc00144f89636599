import time
from unittest.mock import patch

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..models.proposals import lookup

LOGGER = "odoo.addons.marketing_contact.models.proposals.marketing_card_mixin"


def _fail_in_sql(records, *_args, **_kwargs):
    records.env.cr.execute("SELECT 1 / 0")


def _fail_in_code(*_args, **_kwargs):
    raise KeyError("a comparison that there is not")


@tagged("post_install", "-at_install")
class TestMatchOnCreate(AccountTestInvoicingCommon):
    """Looking who is the same stands in nobody's way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.sudo().group_ids += cls.env.ref(
            "marketing_contact.group_marketing_contact_manager"
        )
        cls.env.company._marketing_set_defaults()
        cls.env.company.marketing_match_on_create = "link"
        cls.salesperson = new_test_user(
            cls.env,
            "match_salesperson",
            "base.group_partner_manager,sales_team.group_sale_salesman",
        )

    def _customer(self, name, **vals):
        vals = {"name": name, "is_company": True, "customer_rank": 1, **vals}
        Partner = self.env["res.partner"].with_user(self.salesperson)
        return Partner.create(vals).sudo()

    def test_a_failing_matcher_stops_nobody(self):
        """It is logged; customer and invoice are saved, and there is a contact."""
        for fail in (_fail_in_sql, _fail_in_code):
            with (
                patch.object(lookup, "get_proposals", fail),
                mute_logger("odoo.sql_db"),
                self.assertLogs(LOGGER, "ERROR") as logs,
            ):
                customer = self._customer(f"Made Although It Fails {fail}")
            self.assertIn("were not looked for", logs.output[0])
            self.assertTrue(customer.marketing_contact_id)
            partner = self.env["res.partner"].create(
                {"name": f"Invoiced Although It Fails {fail}", "is_company": True}
            )
            self.assertFalse(partner.marketing_contact_id)
            with (
                patch.object(lookup, "get_proposals", fail),
                mute_logger("odoo.sql_db"),
                self.assertLogs(LOGGER, "ERROR"),
            ):
                invoice = self.init_invoice(
                    "out_invoice", partner=partner, amounts=[100.0], post=True
                )
            self.assertEqual(invoice.state, "posted")
            self.assertTrue(partner.marketing_contact_id)
            partner.phone = "+46 8 555 010 10"
            self.env.flush_all()
            self.assertEqual(partner.marketing_contact_id.phone, partner.phone)

    def test_a_failing_matcher_stops_no_wizard(self):
        customers = self.env["res.partner"].with_context(
            marketing_contact_no_create=True
        )
        customers = customers.create(
            [{"name": f"In a Set {n}", "customer_rank": 1} for n in range(3)]
        ).with_env(self.env)
        with (
            patch.object(lookup, "get_proposals", _fail_in_code),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            contacts = customers.create_marketing_contacts("customer")
        self.assertEqual(len(contacts), 3)

    def test_as_many_queries_among_thousands(self):
        """A new customer costs no more, however many contacts there are."""
        counts = []
        for number in (50, 5000):
            self.env["marketing.contact"].create(
                [
                    {
                        "name": f"{number} Firm {i} Stock",
                        "is_company": True,
                        "email": f"info@{number}-{i}.example",
                        "phone": f"+46 8 {number} {i:05}",
                        "city": "Kalmar",
                    }
                    for i in range(number)
                ]
            )
            self.env.flush_all()
            # what is new is read once, by whoever comes first
            counts.append([self._count(number, nth) for nth in range(4)])
        few, many = counts
        # how rare a word is takes some more to know where there are few
        self.assertLessEqual(max(many), max(few))

    def _count(self, number, nth):
        """Return how many queries a customer takes who is a contact already."""
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        customer = self._customer(
            f"{number} Firm {nth} Stock AB",
            email=f"info@{number}-{nth}.example",
            phone=f"+46 8 {number} {nth:05}",
            city="Kalmar",
        )
        self.env.flush_all()
        count = self.env.cr.sql_log_count - start
        contact = customer.marketing_contact_id
        self.assertEqual(contact.name, f"{number} Firm {nth} Stock")
        return count

    def test_many_that_were_only_just_made(self):
        """What the planner of the database has no figures of yet: an import, say. It
        took minutes for each hundred.
        """
        Partner = self.env["res.partner"].with_context(marketing_contact_no_create=True)
        seconds = []
        for pool in range(4):
            partners = Partner.create(
                [
                    {
                        "name": f"Imported {pool} {i}",
                        "is_company": True,
                        "customer_rank": 1,
                        "email": f"info@company{i}.example",
                        "phone": f"+46 8 {i:06}",
                        "street": f"Street {i}",
                        "city": "Lund",
                    }
                    for i in range(100)
                ]
            )
            self.env.flush_all()
            start = time.perf_counter()
            self.assertEqual(len(partners.create_marketing_contacts("customer")), 100)
            self.env.flush_all()
            seconds.append(time.perf_counter() - start)
        self.assertLess(max(seconds), 10 * seconds[0] + 1, seconds)
