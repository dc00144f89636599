from unittest.mock import patch

from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMarketingContactTrustTours(HttpCase):
    """Seeing, undoing and repairing in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company._marketing_set_defaults()
        cls.Batch = cls.env["marketing.sync.batch"]
        cls.Relation = cls.env["marketing.contact.relation"]
        cls.Partner = cls.env["res.partner"].with_context(
            marketing_contact_no_create=True
        )
        cls.login = "tour_trust"
        cls.user = new_test_user(
            cls.env,
            cls.login,
            "marketing_contact.group_marketing_contact_manager,"
            "base.group_partner_manager",
            name="Tour Marketer",
        )
        # the demo data's own links and journal would stand between
        cls.Relation.search([]).unlink()
        cls.Batch.search([]).unlink()
        cls.contact = cls.env["marketing.contact"].create(
            {
                "name": "Tour Trust",
                "is_company": True,
                "phone": "+46 8 555 030 10",
                "city": "Tour City",
            }
        )
        cls.customer = cls.contact.create_card("customer")
        cls.bank = cls.env["res.bank"].create({"name": "Tour Trust"})
        cls.account = (
            cls.env["res.partner.bank"]
            .with_context(marketing_contact_no_create=True)
            .create(
                {
                    "acc_number": "TOUR TRUST 1",
                    "partner_id": cls.env.company.partner_id.id,
                    "bank_id": cls.bank.id,
                }
            )
        )
        cls.contact.link_card("bank_account", cls.account.id)
        cls.env.flush_all()

    def _start(self, tour, path, record=None):
        url = f"/odoo/{path}/{record.id}" if record else f"/odoo/{path}"
        self.start_tour(url, f"marketing_contact_{tour}", login=self.login)
        self.env.invalidate_all()

    def _drift(self, record, **values):
        self.env.flush_all()
        for field, value in values.items():
            self.env.cr.execute(
                f'UPDATE {record._table} SET "{field}" = %s WHERE id = %s',
                [value, record.id],
            )
        self.env.invalidate_all()

    def _save(self, record, **vals):
        """Save as the user of the tours. Return the batch of the journal."""
        record.with_user(self.user).write(vals)
        self.env.flush_all()
        return self.Batch.search([], limit=1)

    # ------------------------------------------------------------
    # THE BOARD OF DIFFERENCES
    # ------------------------------------------------------------

    def test_board(self):
        self._drift(self.customer, city="Drifted City")
        self.Relation.check_differences()
        self._start("board", "marketing-differences")
        for record in (self.contact, self.customer, self.bank):
            self.assertEqual(record.city, "Drifted City")
        self.assertEqual(self.Batch.search([], limit=1).origin, "repair")

    def test_board_one_difference(self):
        self._drift(self.customer, city="Drifted City", zip="1")
        self.Relation.check_differences()
        self._start("board_one", "marketing-differences")
        self.assertEqual(self.customer.city, "Tour City")
        self.assertEqual(self.customer.zip, "1")

    # ------------------------------------------------------------
    # THE NOTICE AT THE EDIT
    # ------------------------------------------------------------

    def test_notice_contact(self):
        self._start("notice_contact", "marketing-contacts", self.contact)
        self.assertEqual(self.customer.phone, "+46 8 555 030 10")

    def test_notice_customer(self):
        self._start("notice_customer", "contacts", self.customer)
        self.assertEqual(self.contact.phone, "+46 8 555 030 10")

    def test_notice_account(self):
        self.env["res.bank"].create({"name": "Tour Other Bank"})
        path = "action-base.action_res_partner_bank_account_form"
        self._start("notice_account", path, self.account)
        self.assertEqual(self.account.bank_id, self.bank)

    # ------------------------------------------------------------
    # UNDO
    # ------------------------------------------------------------

    def test_undo_several_batches(self):
        self._save(self.contact, city="First City")
        self._save(self.contact, phone="+46 8 555 030 20")
        self._start("undo_batches", "marketing-journal")
        for record in (self.contact, self.customer, self.bank):
            self.assertEqual(record.city, "Tour City")
            self.assertEqual(record.phone, "+46 8 555 030 10")

    def test_undo_batch_leaves_alone_what_changed_since(self):
        batch = self._save(self.contact, city="Other", phone="+46 8 555 030 20")
        self._save(self.contact, phone="+46 8 555 030 30")
        self._start("undo_batch", "marketing-journal", batch)
        self.assertEqual(self.contact.city, "Tour City")
        self.assertEqual(self.customer.phone, "+46 8 555 030 30")

    def test_undo_changes(self):
        self._save(self.contact, city="Vendor City")
        self._start("undo_changes", "marketing-changes")
        cities = {self.contact.city, self.customer.city, self.bank.city}
        self.assertEqual(cities, {"Vendor City", "Tour City"})

    def test_undo_change(self):
        change = self._save(self.contact, city="Other").change_ids.filtered(
            lambda change: change.target_model == "res.partner"
        )
        self._start("undo_change", "marketing-changes", change)
        self.assertEqual(self.customer.city, "Tour City")
        self.assertEqual(self.contact.city, "Other")

    def test_undo_generate_deletes_what_it_made(self):
        partners = self.Partner.create(
            [{"name": f"Tour Generated {i}", "customer_rank": 1} for i in range(3)]
        )
        contacts = partners.with_user(self.user).create_marketing_contacts("customer")
        self.env.flush_all()
        batch = self.Batch.search([], limit=1)
        self.assertEqual(batch.origin, "generate")
        self._start("undo_generate", "marketing-journal", batch)
        self.assertFalse(contacts.exists())
        self.assertEqual(len(partners.exists()), 3)

    # ------------------------------------------------------------
    # ORIGIN OF VALUES, OVERVIEW, SHARED FIELDS
    # ------------------------------------------------------------

    def test_lineage(self):
        self._save(self.customer, phone="+46 8 555 030 20", city="Other")
        self._start("lineage", "marketing-contacts", self.contact)

    def test_lineage_on_the_cards(self):
        for path, record in (
            ("contacts", self.customer),
            ("action-base.action_res_partner_bank_account_form", self.account),
            ("action-base.action_res_bank_form", self.bank),
        ):
            self._start("lineage_card", path, record)

    def test_overview(self):
        self.Partner.create({"name": "Tour Unlinked", "customer_rank": 1})
        self._drift(self.customer, city="Drifted City")
        self.Relation.check_differences()
        self._start("overview", "marketing-overview")

    def test_map_notice(self):
        line = self.env["marketing.sync.field"].search(
            [("kind", "=", "customer"), ("card_field", "=", "city")]
        )
        line.active = False
        self.customer.city = "Other"
        self.env.flush_all()
        action = "action-marketing_contact.marketing_sync_field_action"
        self._start("map_notice", action, line)
        self.assertFalse(line.active)
        self.assertEqual(self.contact.city, "Tour City")

    def test_run_progress(self):
        Run = self.env["marketing.run"].with_user(self.user)
        # the tour itself says what the bus tells, and when
        with patch.object(type(Run), "_tell_progress"):
            run = Run._start("check", {})
        self._start("run_progress", "marketing-bulk-work", run)

    def test_several_in_the_list(self):
        """Contacts, then customers: told before, undone after."""
        other = self.env["marketing.contact"].create(
            {"name": "Tour Trust Two", "is_company": True, "city": "Tour City"}
        )
        other.create_card("customer")
        self.env.flush_all()
        self._start("edit_several", "marketing-contacts")
        self.assertEqual(self.customer.phone, "+46 8 555 030 10")
        self.assertEqual(len(self.Batch.search([("origin", "=", "undo")])), 1)
        self._start("edit_several_customers", "action-base.action_partner_form")
        self.assertEqual({self.contact.email, other.email}, {"both@tour.example"})
