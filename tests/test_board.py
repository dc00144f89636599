from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from odoo.addons.marketing_contact.models.trust import preview
from odoo.addons.marketing_contact.wizard import marketing_sync_repair

from .common import MarketingContactCommon


class TestBoard(MarketingContactCommon):
    """The board of differences, and repairing from it with a preview."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Difference = cls.env["marketing.sync.difference"]
        cls.Batch = cls.env["marketing.sync.batch"]
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked(phone="1")
        cls._drift(cls.customer, "phone", "2")
        cls._drift(cls.bank, "phone", "3")
        cls._drift(cls.vendor, "city", "Lund")
        cls.found = cls.contact.relation_ids.check_differences()

    @classmethod
    def _drift(cls, records, field, value):
        cls.env.flush_all()
        cls.env.cr.execute(
            f'UPDATE {records._table} SET "{field}" = %s WHERE id IN %s',
            [value, tuple(records.ids)],
        )
        records.invalidate_recordset()

    def _wizard(self, differences, winner="contact", user=None):
        action = getattr(
            differences.with_user(user or self.marketer),
            f"action_preview_use_{winner}",
        )()
        self.assertEqual(action["target"], "new")
        wizards = self.env[action["res_model"]].with_user(user or self.marketer)
        return wizards.browse(action["res_id"])

    def _thousands(self, count):
        """Return differences of many links, as the check finds them."""
        partners = self.Partner.with_context(marketing_contact_no_create=True).create(
            [{"name": f"P{i}", "is_company": True} for i in range(count)]
        )
        contacts = partners.create_marketing_contacts("customer")
        self._drift(partners, "city", "Drifted")
        return contacts.relation_ids.check_differences()

    # ------------------------------------------------------------
    # THE BOARD
    # ------------------------------------------------------------

    def test_grouped_in_the_database(self):
        board = self.Difference.with_user(self.marketer)
        mine = [("id", "in", self.found.ids)]
        by_kind = board._read_group(mine, ["kind"], ["__count"])
        by_field = board._read_group(mine, ["contact_field", "kind"], ["__count"])
        self.assertEqual(dict(by_kind), {"customer": 1, "vendor": 1, "bank_account": 1})
        self.assertEqual(
            {(field, kind) for field, kind, _count in by_field},
            {("phone", "customer"), ("phone", "bank_account"), ("city", "vendor")},
        )
        descriptions = board.fields_get(["kind", "contact_field", "contact_id"])
        for description in descriptions.values():
            self.assertTrue(description["groupable"] and description["searchable"])

    def test_fields_by_the_names_that_people_know(self):
        labels = dict(
            self.Difference.fields_get(["contact_field"])["contact_field"]["selection"]
        )
        self.assertEqual(labels["country_id"], "Country")
        self.assertNotIn("company_id", labels)

    def test_views(self):
        for view_type in ("list", "kanban", "graph", "pivot", "search"):
            arch = self.Difference.get_view(view_type=view_type)["arch"]
            self.assertIn("contact_field", arch)
        action = self.env.ref("marketing_contact.marketing_sync_difference_action")
        self.assertEqual(action.view_mode, "list,kanban,graph,pivot")

    def test_texts_hide_cards_that_may_not_be_read(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        relation = self.contact.relation_ids.filtered(lambda r: r.kind == "vendor")
        self.vendor.company_id = other
        # as if only the card's rule hid it: the relation's own would hide it as well
        self._drift(relation, "company_id", None)
        difference = relation.difference_ids.with_user(self.marketer)
        self.assertFalse(difference.card_text)
        self.assertEqual(difference.sudo().card_text, "Lund")

    def test_texts_set_wise(self):
        counts = []
        for number in (2, 3, 30):  # the first one fills the caches
            differences = self._thousands(number).with_user(self.marketer)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            differences.mapped("card_text")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    # ------------------------------------------------------------
    # REPAIR WITH A PREVIEW
    # ------------------------------------------------------------

    def test_preview_then_repair_with_the_contacts_values(self):
        count = self.Batch.search_count([])
        wizard = self._wizard(self.found)
        self.assertRecordValues(
            wizard,
            [
                {
                    "winner": "contact",
                    "difference_count": 3,
                    "relation_count": 3,
                    "unseen_count": 0,
                }
            ],
        )
        for text in ("Customer", "Vendor", "Bank", "Lund", "<td>1</td>", "<td>2</td>"):
            self.assertIn(text, wizard.preview)
        self.assertEqual((self.customer.phone, self.vendor.city), ("2", "Lund"))
        self.assertEqual(self.Batch.search_count([]), count)
        action = wizard.action_repair()
        self.assertEqual(action["params"]["type"], "success")
        self.assertAll([self.contact, self.customer, self.vendor], "phone", "1")
        self.assertEqual(self.bank.phone, "1")
        self.assertFalse(self.vendor.city)
        batch = self.Batch.search([], limit=1)
        self.assertEqual((batch.origin, batch.user_id), ("repair", self.marketer))
        self.assertEqual(batch.change_count, 3)
        self.assertFalse(self.contact.relation_ids.difference_ids)
        self.assertFalse(self.contact.drifted)

    def test_preview_then_repair_with_the_cards_values(self):
        difference = self.found.filtered(lambda d: d.kind == "vendor")
        wizard = self._wizard(difference, "card")
        # the contact, and from there its customer and its bank
        self.assertEqual(wizard.preview.count("<td>Lund</td>"), 3)
        self.assertFalse(self.contact.city)
        wizard.action_repair()
        self.assertAll([self.contact, self.customer, self.bank], "city", "Lund")

    def test_the_form_lets_one_change_ones_mind(self):
        difference = self.found.filtered(lambda d: d.kind == "vendor")
        wizard = self._wizard(difference)
        with Form(wizard) as form:
            self.assertNotIn("<td>Lund</td><td></td>", form.preview)
            form.winner = "card"
            self.assertEqual(form.preview.count("<td>Lund</td>"), 3)
        wizard.action_repair()
        self.assertEqual(self.contact.city, "Lund")

    def test_held_back_is_said_before_and_after(self):
        user = self.env["res.users"].create(
            {"name": "U", "login": "board_user", "partner_id": self.customer.id}
        )
        self.assertEqual(user.partner_id, self.customer)
        wizard = self._wizard(self.found)
        self.assertIn("belongs to a user account", wizard.preview)
        action = wizard.action_repair()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn("left: 1.", action["params"]["message"])
        self.assertEqual(self.customer.phone, "2")
        self.assertFalse(self.vendor.city)

    def test_thousands_show_counts_and_the_first_lines(self):
        self.patch(marketing_sync_repair, "PREVIEWED_DIFFERENCES", 6)
        self.patch(preview, "SHOWN_EFFECTS", 4)
        differences = self._thousands(10)
        wizard = self._wizard(differences, "card")
        self.assertEqual((wizard.difference_count, wizard.unseen_count), (10, 4))
        self.assertEqual(wizard.preview.count("<td>Drifted</td>"), 4)
        self.assertIn("2 more values", wizard.preview)
        action = wizard.action_repair()
        self.assertIn("repaired: 10.", action["params"]["message"])
        self.assertAll(differences.exists().contact_id, "city", "Drifted")

    def test_repair_costs_the_same_number_of_queries(self):
        for winner in ("contact", "card"):
            counts = []
            for number in (2, 5, 50):  # the first one fills the caches
                differences = self._thousands(number)
                wizard = self._wizard(differences, winner)
                self.env.flush_all()
                # whose user it is each reads anew, whatever the collector left
                self.env.transaction.reset()
                before = self.env.cr.sql_log_count
                wizard.action_repair()
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(counts[2], counts[1])

    def test_compared_anew_meanwhile(self):
        first, second = self._wizard(self.found), self._wizard(self.found)
        # one that is found again is the same one
        self.Relation.check_differences()
        self.assertEqual(self.found.exists(), self.found)
        first.action_repair()
        with self.assertRaises(UserError):
            second.action_repair()

    def test_the_form_reads_the_preview_and_makes_none(self):
        """A read-only request could not make it: the deed takes locks."""
        wizard = self._wizard(self.found)
        self.env.flush_all()
        self.env.invalidate_all()
        self.patch(type(wizard), "_render_preview", self.fail)
        self.assertIn("<td>Lund</td>", wizard.read(["preview"])[0]["preview"])

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_rights(self):
        self.env["ir.rule"].create(
            {
                "name": "Marketing contacts are not written on here",
                "model_id": self.env["ir.model"]._get_id("marketing.contact"),
                "domain_force": "[(0, '=', 1)]",
                "perm_read": False,
            }
        )
        reader = new_test_user(
            self.env,
            "board_reader",
            "marketing_contact.group_marketing_contact_user",
        )
        board = self.found.with_user(reader)
        self.assertTrue(board.mapped("contact_text"))
        for name in (
            "action_preview_use_contact",
            "action_preview_use_card",
            "action_use_contact",
            "action_use_card",
        ):
            with self.assertRaises(AccessError):
                getattr(board, name)()
        wizard = self.env["marketing.sync.repair"].with_user(reader)
        with self.assertRaises(AccessError):
            wizard.create({"difference_ids": self.found.ids}).action_repair()
        for user in (self.clerk, self.employee):
            with self.assertRaises(AccessError):
                self.found.with_user(user).action_preview_use_card()
            with self.assertRaises(AccessError):
                self.env["marketing.sync.repair"].with_user(user).create({})

    def test_at_once(self):
        """What code calls repairs at once; the preview stands before the buttons."""
        self.found.with_user(self.marketer).action_use_contact()
        self.assertEqual(self.customer.phone, "1")
        for view in ("list", "kanban"):
            arch = self.Difference.get_view(view_type=view)["arch"]
            self.assertNotIn('name="action_use_', arch)

    def test_differences_that_the_user_may_not_see(self):
        """Named by a client they are neither shown nor repaired."""
        other = self.env["res.company"].create({"name": "Other"})
        contact = self._contact("Shared", phone="1")
        secret = self._partner("Secret", company_id=other.id, phone="1")
        relation = contact.link_card("customer", secret.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET phone = '2 SECRET' WHERE id = %s", [secret.id]
        )
        self.env.invalidate_all()
        differences = relation.check_differences()
        self.assertFalse(differences.with_user(self.marketer)._filtered_access("read"))
        wizards = self.env["marketing.sync.repair"].with_user(self.marketer)
        with self.assertRaises(AccessError):
            wizards.create({"difference_ids": differences.ids, "winner": "card"})
