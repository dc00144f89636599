from odoo.exceptions import UserError

from ..models.sync.session import dry_journal, open_journal
from .common import MarketingContactCommon


class TestJournal(MarketingContactCommon):
    """What a journal holds is what happened: nothing that was rolled back (§7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked(phone="1")
        cls.Batch = cls.env["marketing.sync.batch"]
        cls.env.flush_all()

    def _last(self):
        return self.Batch.search([], limit=1)

    def _phones(self, batch):
        return {
            (c.old_value, c.new_value)
            for c in batch.change_ids
            if c.field_name == "phone"
        }

    def test_savepoints_of_anybody(self):
        """Whether it is flushed, rolled back by an error or by hand, within another."""
        for flush in (True, False):
            with open_journal(self.env, "save"):
                self.contact.phone = "2"
                self.env.flush_all()
                with self.assertRaises(UserError):
                    with self.env.cr.savepoint(flush=flush):
                        self.contact.write({"phone": "3", "city": "Lund"})
                        self.env.flush_all()
                        raise UserError(self.contact.name)
                self.env.invalidate_all(flush=False)
                with self.env.cr.savepoint(flush=flush) as savepoint:
                    with self.env.cr.savepoint(flush=flush):
                        self.customer.street = "Kept by nobody"
                        self.env.flush_all()
                    savepoint.rollback()
                    self.env.invalidate_all(flush=False)
                    self.vendor.zip = "111"
                    self.env.flush_all()
            batch = self._last()
            self.assertEqual(self._phones(batch), {("1", "2")})
            self.assertEqual(
                set(batch.change_ids.mapped("field_name")), {"phone", "zip"}
            )
            batch.undo()
            self.assertEqual((self.contact.phone, self.contact.zip), ("1", False))

    def test_an_older_value_comes_back(self):
        """Several notes on one field are one; the last that holds counts."""
        with open_journal(self.env, "save"):
            self.contact.phone = "2"
            with self.env.cr.savepoint() as savepoint:
                self.customer.phone = "3"
                savepoint.rollback()
        batch = self._last()
        self.assertEqual(self._phones(batch), {("1", "2")})
        sources = {(c.source_model, c.source_id) for c in batch.change_ids}
        self.assertEqual(sources, {("marketing.contact", self.contact.id)})

    def test_links_and_records_made(self):
        other = self._contact("Other")
        partners = self._partner("One") | self._partner("Two")
        with open_journal(self.env, "link"):
            self.contact.phone = "2"
            with self.env.cr.savepoint() as savepoint:
                other.link_card("customer", partners[0].id)
                partners[1].create_marketing_contacts("customer")
                self.customer.marketing_relation_ids.unlink()
                savepoint.rollback()
            self.env.invalidate_all()
            kept = other.link_card("customer", partners[1].id)
        batch = self._last()
        self.assertEqual(batch.relation_ids, kept)
        self.assertFalse(batch.created_ids or batch.removed_links)
        self.assertEqual(kept.batch_id, batch)

    def test_all_of_it(self):
        """An entry that was made before goes, too, and so does one of nothing."""
        count = self.Batch.search_count([])
        contact, partner = self._contact("New"), self._partner("New")
        with open_journal(self.env, "link"):
            with self.env.cr.savepoint() as savepoint:
                contact.link_card("customer", partner.id)
                savepoint.rollback()
        self.assertEqual(self.Batch.search_count([]), count)

    def test_within_a_preview(self):
        with self.env.cr.savepoint() as outer, dry_journal(self.env) as journal:
            with self.env.cr.savepoint() as savepoint:
                self.contact.phone = "2"
                savepoint.rollback()
            self.assertFalse(journal.get_changes())
            self.contact.phone = "3"
            self.assertEqual(len(journal.get_changes()), 4)
            outer.rollback()

    def test_the_cursor_is_as_before(self):
        before = dict(vars(self.env.cr))
        with open_journal(self.env, "save"):
            self.contact.phone = "2"
        self.assertEqual(vars(self.env.cr).keys(), before.keys())

    def test_whom_it_was_about(self):
        """Also where no value was changed: linked, merged, logged."""
        others = self._contact("Whom One") | self._contact("Whom Two")
        partner = self._partner("Whom Linked")
        others[0].link_card("customer", partner.id)
        self.assertIn("Whom", self._last().summary)
        others._log_interactions({"name": "Called", "channel": "phone"})
        batch = self._last()
        self.assertEqual(batch.origin, "log")
        self.assertIn("Whom One", batch.summary)
        self.assertIn("1 more", batch.summary)
        others[1].merge_into(others[0])
        batch = self._last()
        self.assertEqual(batch.origin, "merge")
        self.assertRegex(batch.summary, "Whom Two.* into .*Whom One")

    def test_several_merges_at_once(self):
        contacts = self._contact("Pair One") | self._contact("Pair Two")
        twins = self._contact("Twin One") | self._contact("Twin Two")
        self.Contact._merge_pairs(zip(twins, contacts, strict=True))
        self.assertRegex(
            self._last().summary, "Twin One.* into .*Pair One.* and 1 more"
        )
