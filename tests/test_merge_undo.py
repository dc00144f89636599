from odoo.exceptions import AccessError

from .common import MarketingContactCommon


class TestMergeUndo(MarketingContactCommon):
    """A merge is undone, and what has changed since is left alone."""

    def _last_batch(self):
        return self.env["marketing.sync.batch"].search([], limit=1)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.target = cls._contact("Acme", phone="1")
        cls.source = cls._contact("Acme Ltd", phone="2", email="a@x.example")
        cls.customer = cls._partner("Acme Ltd", phone="2", email="a@x.example")
        cls.source.link_card("customer", cls.customer.id)
        cls.number = cls.source.number

    def test_all_is_back(self):
        relation = self.source.relation_ids
        before = self.source.read(["name", "phone", "email", "number", "active"])
        self.source.merge_into(self.target, keep={"name": self.source.id})
        batch = self._last_batch()
        self.assertEqual(batch.state, "applied")
        self.assertEqual(self.customer.phone, "1")
        action = batch.with_user(self.manager).action_undo()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(batch.state, "undone")
        self.assertEqual(
            self.source.read(["name", "phone", "email", "number", "active"]), before
        )
        self.assertFalse(self.source.merged_into_id)
        self.assertEqual(self.source.relation_ids, relation)
        self.assertRecordValues(
            self.target, [{"name": "Acme", "phone": "1", "email": False}]
        )
        expected = {"name": "Acme Ltd", "phone": "2", "email": "a@x.example"}
        self.assertRecordValues(self.customer, [expected])
        self.assertEqual(relation.state, "equal")
        # and in step again, each with its own
        self.source.phone = "3"
        self.assertEqual(self.customer.phone, "3")
        self.assertEqual(self.target.phone, "1")
        self.assertIn(self.source, self.Contact.search([("name", "=", "Acme Ltd")]))

    def test_state_of_a_merge_that_changed_no_value(self):
        twins = self._contact("Twin") | self._contact("Twin")
        twins[0].merge_into(twins[1])
        batch = self._last_batch()
        self.assertFalse(batch.change_ids)
        self.assertEqual(batch.state, "applied")
        batch.undo()
        self.assertEqual(batch.state, "undone")
        undone = self._last_batch()
        self.assertEqual(undone.state, "applied")
        undone.undo()
        self.assertTrue(twins[0].merged_into_id)
        self.assertEqual(undone.state, "undone")

    def test_archived_comes_back_archived(self):
        self.source.active = False
        self.source.merge_into(self.target)
        self._last_batch().undo()
        self.assertFalse(self.source.active)

    def test_what_moved_since_stays_and_is_listed(self):
        elsewhere = self._contact("Elsewhere")
        calls = self.env["marketing.interaction"].create(
            [{"contact_id": self.source.id, "name": f"Call {i}"} for i in range(3)]
        )
        self.source.merge_into(self.target)
        batch = self._last_batch()
        calls[0].contact_id = elsewhere
        calls[1].unlink()
        later = calls.create({"contact_id": self.target.id, "name": "Later"})
        action = batch.with_user(self.manager).action_undo()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn("Interaction: 1", action["params"]["message"])
        self.assertEqual(calls[0].contact_id, elsewhere)
        self.assertEqual(calls[2].contact_id, self.source)
        self.assertEqual(later.contact_id, self.target)
        self.assertFalse(self.source.merged_into_id)

    def test_changed_value_stays_and_is_listed(self):
        self.source.merge_into(self.target)
        batch = self._last_batch()
        self.target.email = "new@x.example"
        left, problems = batch.with_user(self.manager)._undo()
        self.assertIn("email", left.mapped("field_name"))
        self.assertFalse(problems)
        self.assertEqual(self.target.email, "new@x.example")
        self.assertEqual(batch.state, "partly")
        self.assertFalse(self.source.merged_into_id)
        self.assertEqual(self.source.customer_id, self.customer)

    def test_moved_link_stays(self):
        self.source.merge_into(self.target)
        batch = self._last_batch()
        elsewhere = self._contact("Elsewhere")
        self.target.relation_ids.contact_id = elsewhere
        action = batch.with_user(self.manager).action_undo()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertEqual(elsewhere.customer_id, self.customer)
        self.assertFalse(self.source.merged_into_id)

    def test_place_that_is_taken_since(self):
        self.source.relation_ids.contact_id = self.target
        batch = self._last_batch()
        new = self.source.create_card("customer")
        action = batch.with_user(self.manager).action_undo()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertEqual(self.source.customer_id, new)
        self.assertEqual(self.target.customer_id, self.customer)

    def test_customer_that_is_a_vendor(self):
        self.source.link_card("vendor", self.customer.id)
        self.source.merge_into(self.target)
        self.assertEqual(self.target.vendor_id, self.customer)
        left, problems = self._last_batch()._undo()
        self.assertFalse(left)
        self.assertFalse(problems)
        self.assertEqual(self.source.vendor_id, self.customer)
        self.assertEqual(self.source.customer_id, self.customer)

    def test_given_up_link_comes_back(self):
        own = self._partner("Acme", phone="1")
        self.target.link_card("customer", own.id)
        self.source.merge_into(self.target, keep={"customer": self.target.id})
        self.assertFalse(self.customer.marketing_relation_ids)
        self._last_batch().undo()
        self.assertEqual(self.source.customer_id, self.customer)
        self.assertEqual(self.target.customer_id, own)

    def test_given_up_link_of_the_survivor(self):
        """Undone, and done again by an undo of that."""
        own = self._partner("Acme", phone="1")
        self.target.link_card("customer", own.id)
        self.source.merge_into(self.target, keep={"customer": self.source.id})
        self.assertEqual(self.target.customer_id, self.customer)
        left, problems = self._last_batch()._undo()
        self.assertFalse(left)
        self.assertFalse(problems)
        self.assertEqual(self.source.customer_id, self.customer)
        self.assertEqual(self.target.customer_id, own)
        left, problems = self._last_batch()._undo()
        self.assertFalse(left)
        self.assertFalse(problems)
        self.assertEqual(self.source.merged_into_id, self.target)
        self.assertEqual(self.target.customer_id, self.customer)
        self.assertFalse(own.marketing_relation_ids)

    def test_chain_newest_first(self):
        third = self._contact("Acme Group")
        call = self.env["marketing.interaction"].create(
            {"contact_id": self.source.id, "name": "Call"}
        )
        self.source.merge_into(self.target)
        first = self._last_batch()
        self.target.merge_into(third)
        second = self._last_batch()
        self.assertEqual(call.contact_id, third)
        second.undo()
        self.assertEqual(self.source.merged_into_id, self.target)
        self.assertEqual(call.contact_id, self.target)
        first.undo()
        self.assertFalse((self.source | self.target | third).merged_into_id)
        self.assertEqual(call.contact_id, self.source)
        self.assertEqual(self.source.customer_id, self.customer)

    def test_chain_oldest_first(self):
        """The one that was merged first comes back, from where all went."""
        third = self._contact("Acme Group")
        call = self.env["marketing.interaction"].create(
            {"contact_id": self.source.id, "name": "Call"}
        )
        self.source.merge_into(self.target)
        first = self._last_batch()
        self.target.merge_into(third)
        second = self._last_batch()
        first.undo()
        self.assertFalse(self.source.merged_into_id)
        self.assertEqual(call.contact_id, self.source)
        second.undo()
        self.assertFalse(self.target.merged_into_id)
        self.assertFalse(self.source.merged_into_id)
        self.assertEqual(call.contact_id, self.source)

    def test_undo_of_the_undo(self):
        call = self.env["marketing.interaction"].create(
            {"contact_id": self.source.id, "name": "Call"}
        )
        self.source.merge_into(self.target)
        self._last_batch().undo()
        undone = self._last_batch()
        self.assertEqual(undone.origin, "undo")
        later = call.create({"contact_id": self.source.id, "name": "Later"})
        left, problems = undone._undo()
        self.assertFalse(left)
        self.assertFalse(problems)
        self.assertEqual(self.source.merged_into_id, self.target)
        self.assertFalse(self.source.active)
        self.assertEqual((call | later).contact_id, self.target)
        self.assertEqual(self.target.customer_id, self.customer)
        self.assertEqual(self.target.email, "a@x.example")
        self.assertEqual(self.customer.name, "Acme")

    def test_undo_of_the_undo_after_a_new_link(self):
        self.source.merge_into(self.target)
        self._last_batch().undo()
        undone = self._last_batch()
        vendor = self.source.create_card("vendor")
        action = undone.with_user(self.manager).action_undo()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertFalse(self.source.merged_into_id)
        self.assertTrue(self.source.active)
        self.assertEqual(self.source.vendor_id, vendor)

    def test_twice(self):
        """The second time there is nothing to do, and nothing is done."""
        self.source.merge_into(self.target)
        batch = self._last_batch()
        batch.undo()
        count = self.env["marketing.sync.batch"].search_count([])
        batch.undo()
        self.assertEqual(self.env["marketing.sync.batch"].search_count([]), count)

    def test_deleted_since(self):
        """Erased with the survivor: nothing comes back, and nobody says so."""
        self.source.merge_into(self.target)
        batch = self._last_batch()
        self.target.unlink()
        action = batch.with_user(self.manager).action_undo()
        self.assertNotEqual(action.get("params", {}).get("type"), "success")

    def test_preview(self):
        self.source.merge_into(self.target)
        batch = self._last_batch()
        wizard = (
            self.env["marketing.sync.undo"]
            .with_user(self.manager)
            .create({"batch_ids": batch.ids})
        )
        self.assertIn("a@x.example", wizard.preview)
        self.assertEqual(self.source.merged_into_id, self.target)
        wizard.action_undo()
        self.assertFalse(self.source.merged_into_id)

    def test_only_managers(self):
        self.source.merge_into(self.target)
        batch = self._last_batch()
        with self.assertRaises(AccessError):
            batch.with_user(self.marketer).undo()

    def test_many_at_once(self):
        """One entry for all, one undo."""
        sources = self.Contact.create([{"name": f"Go {i}"} for i in range(20)])
        targets = self.Contact.create([{"name": f"Stay {i}"} for i in range(20)])
        calls = self.env["marketing.interaction"].create(
            [{"contact_id": source.id, "name": "Call"} for source in sources]
        )
        self.Contact._merge_pairs(zip(sources, targets, strict=True))
        batch = self._last_batch()
        self.assertEqual(calls.mapped("contact_id"), targets)
        batch.undo()
        self.assertEqual(calls.mapped("contact_id"), sources)
        self.assertFalse(sources.merged_into_id)
        self.assertTrue(all(sources.mapped("active")))
