import itertools
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..models.sync.values import comparable_sql, is_same
from ..models.trust import marketing_contact_relation
from .common import MarketingContactCommon

PICTURE = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8"
    b"z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


class TestTrust(MarketingContactCommon):
    """What the sync did, would do, and should have done."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Batch = cls.env["marketing.sync.batch"]
        cls.Change = cls.env["marketing.sync.change"]
        cls.Difference = cls.env["marketing.sync.difference"]
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked(phone="1")
        cls.env.flush_all()

    def _last(self):
        return self.Batch.search([], limit=1)

    def _changes(self, batch):
        return {
            (c.target_model, c.target_id, c.field_name, c.old_value, c.new_value)
            for c in batch.change_ids
        }

    def _drift(self, record, field, value):
        self.env.flush_all()
        self.env.cr.execute(
            f'UPDATE {record._table} SET "{field}" = %s WHERE id = %s',
            [value, record.id],
        )
        record.invalidate_recordset()

    # ------------------------------------------------------------
    # JOURNAL
    # ------------------------------------------------------------

    def test_save_is_one_batch(self):
        count = self.Batch.search_count([])
        self.customer.with_user(self.clerk).write({"phone": "2", "city": "Lund"})
        self.assertEqual(self.Batch.search_count([]), count + 1)
        batch = self._last()
        self.assertRecordValues(
            batch,
            [{"origin": "save", "user_id": self.clerk.id, "change_count": 8}],
        )
        phone = ("1", "2")
        self.assertEqual(
            self._changes(batch),
            {
                ("res.partner", self.customer.id, "phone", *phone),
                ("res.partner", self.customer.id, "city", False, "Lund"),
                ("marketing.contact", self.contact.id, "phone", *phone),
                ("marketing.contact", self.contact.id, "city", False, "Lund"),
                ("res.partner", self.vendor.id, "phone", *phone),
                ("res.partner", self.vendor.id, "city", False, "Lund"),
                ("res.bank", self.bank.id, "phone", *phone),
                ("res.bank", self.bank.id, "city", False, "Lund"),
            },
        )
        self.assertEqual(
            {(c.source_model, c.source_id) for c in batch.change_ids},
            {("res.partner", self.customer.id)},
        )
        self.assertEqual(set(batch.change_ids.mapped("state")), {"applied"})
        own = batch.change_ids.filtered(lambda c: c.target_id == self.vendor.id)
        self.assertEqual(own.relation_id.kind, "vendor")

    def test_nothing_reached_nothing_noted(self):
        count = self.Batch.search_count([])
        self.contact.phone = "1"
        self.contact.comment = "not shared"
        self._contact("Alone").phone = "5"
        self._partner("Alone").phone = "5"
        self.assertEqual(self.Batch.search_count([]), count)

    def test_one_user_save_one_batch(self):
        """Also where Odoo splits the save (company type) or normalises values."""
        count = self.Batch.search_count([])
        self.customer.with_user(self.clerk).write(
            {"name": "X", "is_company": False, "website": "x.example"}
        )
        self.assertEqual(self.Batch.search_count([]), count + 1)

    def test_origins(self):
        contact = self._contact("O")
        customer = contact.create_card("customer")
        self.assertEqual(self._last().origin, "create")
        self.assertTrue(self._last().change_count)
        vendor = self._partner("V")
        contact.link_card("vendor", vendor.id)
        self.assertEqual(self._last().origin, "link")
        partner = self.Partner.create({"name": "G", "customer_rank": 1})
        self.assertEqual(self._last().origin, "generate")
        self.assertTrue(self._last().change_count)
        self.assertEqual(partner.marketing_relation_ids.batch_id, self._last())
        self._drift(customer, "city", "D")
        customer.marketing_relation_ids.check_differences().action_use_contact()
        self.assertEqual(self._last().origin, "repair")
        self._last().undo()
        self.assertEqual(self._last().origin, "undo")

    def test_entries_survive_their_records_without_values(self):
        self.customer.phone = "2"
        batch = self._last()
        self.vendor.unlink()
        change = batch.change_ids.filtered(lambda c: c.target_id == self.vendor.id)
        self.assertTrue(change)
        self.assertFalse(change.old_value or change.new_value)
        self.contact.unlink()
        self.assertEqual(batch.change_count, 4)

    def test_entries_outlive_their_link(self):
        relation = self.vendor.marketing_relation_ids
        self.contact.phone = "2"
        batch = self._last()
        change = batch.change_ids.filtered(lambda c: c.relation_id == relation)
        self.assertEqual(change.target_id, self.vendor.id)
        found = [("relation_id", "=", relation.id)]
        self.assertIn(change, self.Change.search(found))
        by_contact = [("relation_id.contact_id", "=", self.contact.id)]
        self.assertIn(change, self.Change.with_user(self.manager).search(by_contact))
        relation.unlink()
        self.assertFalse(change.relation_id)
        alone = [("relation_id", "=", False), ("batch_id", "=", batch.id)]
        self.assertIn(change, self.Change.search(alone))
        self.assertIn(change, self.Change.with_user(self.manager).search(alone))
        batch.undo()
        self.assertEqual(self.vendor.phone, "1")

    def test_retention(self):
        self.contact.phone = "2"
        old = self._last()
        self.contact.phone = "3"
        new = self._last()
        old.date -= timedelta(days=400)
        self.env.flush_all()
        self.Batch._gc_journal()
        self.assertFalse(old.exists())
        self.assertTrue(new.exists())

    def test_journal_rights(self):
        # somebody else's: one's own last may be undone, see test_undo_own
        self.contact.phone = "2"
        for user in (self.marketer, self.clerk, self.employee):
            for model in (self.Batch, self.Change):
                with self.assertRaises(AccessError):
                    model.with_user(user).search([])
            with self.assertRaises(AccessError):
                self._last().with_user(user).undo()
        self.assertTrue(self.Change.with_user(self.manager).search([], limit=1))
        with self.assertRaises(AccessError):
            self._last().with_user(self.manager).unlink()

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    def test_preview_equals_the_journal(self):
        for record, vals in (
            (self.contact, {"phone": "2", "website": "x.example", "comment": "c"}),
            (self.customer, {"name": "N", "is_company": False, "vat": "/"}),
            (self.bank, {"city": "C", "bic": "abc"}),
            (self.vendor, {"user_id": self.clerk.id, "phone": "4"}),
        ):
            preview = record.preview_sync(vals)
            self.assertNotEqual(record.phone, vals.get("phone", "nothing"))
            count = self.Batch.search_count([])
            record.write(vals)
            self.assertEqual(self.Batch.search_count([]), count + 1)
            own = (record._name, record.id)
            self.assertEqual(
                {
                    (p["model"], p["id"], p["field"], p["old"], p["new"])
                    for p in preview
                },
                {c for c in self._changes(self._last()) if c[:2] != own},
            )

    def test_preview_writes_nothing(self):
        self.env.flush_all()
        before = self.Batch.search_count([])
        preview = self.contact.preview_sync({"name": "Other", "phone": False})
        self.assertEqual(len(preview), 6)
        self.assertEqual({line["display_name"] for line in preview}, {"Acme"})
        self.assertAll([self.contact, self.customer, self.bank], "phone", "1")
        self.assertEqual(self.Batch.search_count([]), before)

    # ------------------------------------------------------------
    # LINEAGE
    # ------------------------------------------------------------

    def _lineage(self, record, field):
        [line] = [x for x in record.get_lineage() if x["field"] == field]
        return line

    def test_lineage(self):
        self.vendor.with_user(self.clerk).phone = "2"
        for record in (self.contact, self.customer, self.bank):
            line = self._lineage(record, "phone")
            self.assertEqual(line["value"], "2")
            self.assertEqual(
                (line["model"], line["id"]), ("res.partner", self.vendor.id)
            )
            self.assertEqual(line["display_name"], "Acme")
            self.assertEqual(line["user_id"], self.clerk.id)
            self.assertEqual(line["previous"], "1")
            self.assertTrue(line["date"])

    def test_lineage_of_an_unlinked_contact(self):
        contact = self._contact("Alone", phone="3")
        line = self._lineage(contact, "phone")
        self.assertEqual((line["model"], line["id"]), (contact._name, contact.id))
        self.assertFalse(line["previous"])

    def test_lineage_shows_nothing_hidden(self):
        other_company = self.env["res.company"].create({"name": "Second Company"})
        contact = self._contact("Group")
        hidden = self._partner("Hidden", company_id=other_company.id)
        contact.link_card("vendor", hidden.id)
        hidden.phone = "9"
        self.env.invalidate_all()
        line = self._lineage(contact.with_user(self.marketer), "phone")
        self.assertEqual(line["value"], "9")
        self.assertFalse(line["display_name"])
        with self.assertRaises(AccessError):
            contact.with_user(self.employee).get_lineage()

    # ------------------------------------------------------------
    # UNDO
    # ------------------------------------------------------------

    def test_undo_puts_everything_back(self):
        self.vendor.write({"phone": "2", "city": "Lund", "country_id": self.sweden.id})
        batch = self._last()
        left = batch.with_user(self.manager).undo()
        self.assertFalse(left)
        everybody = [self.contact, self.customer, self.vendor, self.bank]
        self.assertAll(everybody, "phone", "1")
        self.assertAll(everybody, "city", False)
        self.assertFalse(self.contact.country_id)
        self.assertEqual(set(batch.change_ids.mapped("state")), {"undone"})
        self.assertEqual(batch.state, "undone")

    def test_undo_of_an_undo(self):
        self.contact.phone = "2"
        self._last().undo()
        self._last().undo()
        self.assertAll([self.contact, self.customer, self.vendor], "phone", "2")

    def test_undo_leaves_alone_what_changed_since(self):
        self.contact.write({"phone": "2", "city": "Lund"})
        batch = self._last()
        self.contact.phone = "3"
        left = batch.undo()
        self.assertEqual(set(left.mapped("field_name")), {"phone"})
        self.assertEqual(len(left), 4)
        everybody = [self.contact, self.customer, self.vendor, self.bank]
        self.assertAll(everybody, "phone", "3")
        self.assertAll(everybody, "city", False)
        self.assertFalse(batch.undo() - left)

    def test_undo_of_several(self):
        self.contact.phone = "2"
        first = self._last()
        self.contact.phone = "3"
        second = self._last()
        (first | second).undo()
        self.assertAll([self.contact, self.vendor], "phone", "1")

    def test_undo_a_single_change(self):
        self.contact.phone = "2"
        change = self._last().change_ids.filtered(
            lambda c: c.target_id == self.vendor.id and c.target_model == "res.partner"
        )
        change.undo()
        self.assertEqual(self.vendor.phone, "1")
        self.assertEqual(self.contact.phone, "2")
        relation = self.contact.relation_ids.filtered(lambda r: r.kind == "vendor")
        self.assertEqual(relation.state, "drifted")

    def test_undo_a_link(self):
        contact = self._contact("L", phone="5")
        customer = self._partner("M", email="m@x.example")
        contact.link_card("customer", customer.id)
        batch = self._last()
        batch.undo()
        self.assertFalse(contact.relation_ids)
        self.assertRecordValues(customer, [{"name": "M", "phone": False}])
        self.assertFalse(contact.email)
        self._last().undo()
        self.assertEqual(contact.customer_id, customer)
        self.assertRecordValues(customer, [{"name": "L", "phone": "5"}])

    def test_undo_generate(self):
        """Part 3 (3): thousands of unwanted contacts are gone by one undo."""
        partners = self.Partner.union(*(self._partner(f"P{i}") for i in range(3)))
        contacts = partners.create_marketing_contacts("customer")
        batch = self._last()
        contacts[0].comment = "I am in use"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_contact SET write_date = write_date + interval '1 hour'"
            " WHERE id = %s",
            [contacts[0].id],
        )
        contacts.invalidate_recordset()
        batch.undo(delete_created=True)
        self.assertEqual(contacts.exists(), contacts[0])
        self.assertFalse(partners.marketing_relation_ids)
        self.assertEqual(partners.mapped("name"), ["P0", "P1", "P2"])

    def test_the_manager_sees_changes_without_a_link(self):
        """The saved contact's own change, and what is left of a link that went."""
        self.contact.phone = "2"
        batch = self._last()
        count = len(batch.change_ids)
        self.assertIn(False, batch.change_ids.mapped(lambda c: bool(c.relation_id)))
        self.env.invalidate_all()
        self.assertEqual(batch.with_user(self.manager).change_count, count)
        self.contact.relation_ids.unlink()
        self.env.invalidate_all()
        self.assertEqual(batch.with_user(self.manager).change_count, count)

    def test_undo_of_what_made_links_says_so_to_the_manager(self):
        partner = self._partner("P")
        partner.create_marketing_contacts("customer")
        batch = self._last().with_user(self.manager)
        self.assertTrue(batch.change_ids)
        batch.undo(delete_created=True)
        self.env.invalidate_all()
        self.assertEqual(batch.state, "undone")

    def test_undo_button_lists_what_it_left_alone(self):
        self.contact.write({"phone": "2", "city": "Lund"})
        batch = self._last()
        self.contact.city = "Malmö"
        action = batch.with_user(self.manager).action_undo()
        self.assertEqual(self.vendor.phone, "1")
        listed = self.Change.search(action["domain"])
        self.assertEqual(set(listed.mapped("field_name")), {"city"})
        self.contact.phone = "9"
        action = self._last().change_ids.action_undo()
        self.assertEqual(self.vendor.phone, "1")
        self.assertEqual(action["tag"], "display_notification")

    def test_undo_wizard_previews(self):
        self.contact.phone = "2"
        wizard = (
            self.env["marketing.sync.undo"]
            .with_user(self.manager)
            .create({"batch_ids": self._last().ids})
        )
        self.assertIn("Acme", wizard.preview)
        self.assertEqual(self.contact.phone, "2")
        wizard.action_undo()
        self.assertEqual(self.contact.phone, "1")

    def test_undo_respects_the_guard(self):
        contact = self._contact("Guarded", is_company=False, email="a@x.example")
        customer = contact.create_card("customer")
        contact.email = "b@x.example"
        batch = self._last()
        self.env["res.users"].create(
            {"name": "U", "login": "guarded", "partner_id": customer.id}
        )
        left = batch.with_user(self.manager).undo()
        self.assertEqual(left.mapped("target_id"), customer.ids)
        self.assertEqual(customer.email, "b@x.example")

    # ------------------------------------------------------------
    # DRIFT
    # ------------------------------------------------------------

    def test_no_false_positives(self):
        self._drift(self.customer, "phone", "(1)")
        self._drift(self.customer, "street", "")
        self.contact.email = "Info@Acme.example"
        self._drift(self.customer, "email", "info@acme.example ")
        # blanks, and how the address of a website begins and ends
        self._drift(self.contact, "name", "Ateliers Moreau")
        self._drift(self.customer, "name", " Ateliers  Moreau ")
        self._drift(self.vendor, "name", "Ateliers\tMoreau")
        self._drift(self.bank, "name", "Ateliers Moreau")
        self._drift(self.contact, "website", "http://www.moreau.example")
        self._drift(self.customer, "website", "https://moreau.example/")
        self._drift(self.vendor, "website", "moreau.example")
        self.assertFalse(self.contact.relation_ids.check_differences())
        self._drift(self.vendor, "website", "https://moreau.example/shop")
        self._drift(self.bank, "name", "AteliersMoreau")
        found = self.contact.relation_ids.check_differences()
        self.assertEqual(set(found.mapped("contact_field")), {"website", "name"})

    def test_the_wizard_asks_for_no_notation(self):
        contact = self._contact("Ateliers Moreau", website="http://moreau.example")
        partner = self._partner(
            "Ateliers  Moreau", website="https://www.moreau.example", phone="1"
        )
        wizard = self.env["marketing.contact.link"].create(
            {"contact_id": contact.id, "kind": "customer", "partner_id": partner.id}
        )
        self.assertEqual(wizard.line_ids.mapped("field_name"), ["phone"])
        wizard.action_link()
        self.assertEqual(contact.relation_ids.state, "equal")

    def test_blanks_are_no_contradiction(self):
        """An address that is the same but for blanks is completed, not replaced."""
        contact = self._contact("Mill", street="Brook  Street 1", city="Lund")
        partner = self._partner("Mill", street="Brook Street 1", zip="222 22")
        contact.link_card("customer", partner.id)
        for record in (contact, partner):
            self.assertRecordValues(
                record,
                [{"street": "Brook  Street 1", "zip": "222 22", "city": "Lund"}],
            )

    def test_same_in_memory_and_in_the_database(self):
        """Whatever differs in one, differs in the other."""
        pairs = {
            "name": ["A B", "A  B", " A B", "AB", "a b", "A\tB"],
            "phone": ["+46 8 123", "+468123", "(+46) 8-123", "+469"],
            "email": ["A@x.example", "a@x.example ", "b@x.example"],
            "website": ["http://x.example", "https://www.x.example/", "WWW.x.example"]
            + ["x.example/a", "http://y.example"],
        }
        for name, values in pairs.items():
            column = SQL.identifier("side", name)
            sql = comparable_sql(self.Contact, "side", name)
            for one, other in itertools.product(values, values):
                row = SQL(
                    "SELECT (SELECT %s FROM (SELECT %s AS %s) side) "
                    "IS NOT DISTINCT FROM (SELECT %s FROM (SELECT %s AS %s) side)",
                    *(sql, one, SQL.identifier(name), sql, other, SQL.identifier(name)),
                )
                ((same,),) = self.env.execute_query(row)
                self.assertEqual(
                    is_same(self.Contact, name, one, other), same, (column, one, other)
                )

    def test_a_check_that_finds_nothing_new_writes_nothing(self):
        self._drift(self.customer, "city", "Drifted")
        found = self.contact.relation_ids.check_differences()
        self.env.cr.execute(
            "SELECT xmin, ctid FROM marketing_sync_difference WHERE id IN %s",
            [found._ids],
        )
        before = self.env.cr.fetchall()
        self.assertEqual(self.contact.relation_ids.check_differences(), found)
        self.env.cr.execute(
            "SELECT xmin, ctid FROM marketing_sync_difference WHERE id IN %s",
            [found._ids],
        )
        self.assertEqual(self.env.cr.fetchall(), before)
        self._drift(self.customer, "city", "Elsewhere")
        self.contact.relation_ids.check_differences()
        self.assertEqual(found.card_value, "Elsewhere")

    def test_a_check_goes_by_the_number_of_links(self):
        """However far their ids lie apart."""
        self.env.cr.execute("SELECT MAX(id) FROM marketing_contact_relation")
        (last,) = self.env.cr.fetchone()
        relations = self.contact.relation_ids.sorted("id")
        for number, relation in enumerate(relations):
            self.env.cr.execute(
                "UPDATE marketing_contact_relation SET id = %s WHERE id = %s",
                [last + 1 + number * 10**6, relation.id],
            )
        self.env.invalidate_all(flush=False)
        with patch.object(marketing_contact_relation, "CHECK_STEP", 2):
            steps = list(self.Relation._get_check_steps(last))
        self.assertEqual(len(steps), 2)
        self.assertEqual(steps[0][0], last)
        self.assertEqual(steps[-1][1], last + 1 + 2 * 10**6)

    def test_two_who_list_other_differences(self):
        """Nobody waits for a lock that is none of a record."""
        self.contact.relation_ids.check_differences()
        locks = self.env.execute_query(
            SQL(
                """SELECT count(*) FROM pg_locks
                    WHERE locktype = 'advisory' AND pid = pg_backend_pid()"""
            )
        )
        self.assertEqual(locks, [(0,)])

    def test_differences(self):
        self._drift(self.customer, "city", "Drifted")
        self._drift(self.bank, "country", self.sweden.id)
        self._drift(self.vendor, "is_company", None)
        found = self.contact.relation_ids.check_differences()
        self.assertEqual(
            {
                (d.relation_id.kind, d.contact_field, d.card_field, d.card_value)
                for d in found
            },
            {
                ("customer", "city", "city", "Drifted"),
                ("bank_account", "country_id", "country", str(self.sweden.id)),
                ("vendor", "is_company", "is_company", "false"),
            },
        )
        self.assertEqual(set(self.contact.relation_ids.mapped("state")), {"drifted"})
        self.assertIn(self.contact, self.Contact.search([("drifted", "=", True)]))
        self.assertFalse(self.contact.city)
        # what is still so is listed as it was: who looks at the list goes on
        self.assertEqual(self.Relation.check_differences() & found, found)
        self._drift(self.customer, "city", None)
        self.contact.relation_ids.check_differences()
        customer_relation = self.customer.marketing_relation_ids
        self.assertEqual(customer_relation.state, "equal")

    def test_repair(self):
        self._drift(self.customer, "city", "Card's")
        self._drift(self.vendor, "zip", "9")
        found = self.contact.relation_ids.check_differences()
        found.filtered(lambda d: d.card_field == "city").action_use_card()
        self.assertAll([self.contact, self.vendor, self.bank], "city", "Card's")
        self.contact.relation_ids.check_differences().action_use_contact()
        self.assertFalse(self.vendor.zip)
        self.assertFalse(self.contact.relation_ids.check_differences())
        self.assertEqual(set(self.contact.relation_ids.mapped("state")), {"equal"})

    def test_a_save_that_brings_them_together(self):
        """Who mends a value by hand sees at once that the link is in sync again."""
        relations = self.contact.relation_ids
        for side, user, value in (
            (self.contact, self.marketer, "2"),
            (self.customer, self.clerk, "3"),
            (self.customer, self.clerk, "3"),
        ):
            self._drift(self.customer, "phone", "9")
            self.assertTrue(relations.check_differences())
            side.with_user(user).write({"phone": value})
            self.env.invalidate_all()
            self.assertAll([self.contact, self.customer, self.vendor], "phone", value)
            self.assertAll(relations, "state", "equal")
            self.assertFalse(relations.difference_ids)
        self._drift(self.customer, "phone", "9")
        relations.check_differences()
        self.contact.city = "Lund"
        self.assertIn("drifted", relations.mapped("state"))

    def test_map_change_rewrites_nothing(self):
        self._drift(self.customer, "ref", "R")
        self.Map.create(
            {"kind": "customer", "contact_field": "color", "card_field": "color"}
        )
        self._drift(self.customer, "color", 5)
        self.assertEqual(self.contact.color, 0)
        found = self.contact.relation_ids.check_differences()
        self.assertEqual(found.mapped("contact_field"), ["color"])

    def test_tags_and_pictures(self):
        line = {
            "kind": "customer",
            "contact_field": "tag_ids",
            "card_field": "category_id",
        }
        self.Map.create(line)
        tags = self.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        self.contact.tag_ids = tags
        self.assertEqual(self.customer.category_id, tags)
        self.assertFalse(self.contact.relation_ids.check_differences())
        self.env.cr.execute(
            "DELETE FROM res_partner_res_partner_category_rel WHERE partner_id = %s"
            " AND category_id = %s",
            [self.customer.id, tags[0].id],
        )
        self.env.invalidate_all()
        found = self.contact.relation_ids.check_differences()
        self.assertEqual(found.mapped("contact_field"), ["tag_ids"])
        found.action_use_contact()
        self.assertEqual(self.customer.category_id, tags)

    def test_a_picture_that_went(self):
        self.contact.image_1920 = PICTURE
        relations = self.contact.relation_ids
        self.assertFalse(relations.check_differences())
        self.env["ir.attachment"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_field", "=", "image_1920"),
                ("res_id", "=", self.customer.id),
            ]
        ).unlink()
        self.env.invalidate_all()
        found = relations.check_differences()
        self.assertEqual(found.relation_id.kind, "customer")
        self.assertEqual(found.contact_field, "image_1920")
        found.action_use_contact()
        self.assertEqual(self.customer.image_1920, self.contact.image_1920)
