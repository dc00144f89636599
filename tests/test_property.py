import itertools

from hypothesis import given
from hypothesis import strategies as st

from ..models.trust import preview
from .common import MarketingContactCommon
from .world import STEPS, World, examples

# account numbers, each once: what is deleted is only archived
NUMBERS = itertools.count(1)


class TestProperty(World, MarketingContactCommon):
    """Whatever is done: what changed is the same everywhere, nothing else moves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        first = cls._linked("First", street="1")
        second = cls._contact("Second"), cls._partner("Second", city="2")
        second[0].link_card("customer", second[1].id)
        second[0].link_card("vendor", second[1].id)
        bank = cls.Bank.create({"name": "Lone"})
        lone = cls._contact("Lone"), cls._partner("Lone"), cls._partner("Lone too")
        cls.records = [*first, *second, *lone, bank]
        cls.accounts = [
            first[0].bank_account_ids,
            cls._account("P-1", bank),
            cls._account("P-2", first[3]),
            cls._account("P-3"),
        ]
        cls.env.flush_all()

    def test_whatever_is_done(self):
        @examples
        @given(st.lists(STEPS, min_size=2, max_size=10))
        def check(steps):
            try:
                with self.env.cr.savepoint() as savepoint:
                    self.world = list(self.records)
                    for step, *args in steps:
                        getattr(self, f"_do_{step}")(*args)
                        self._check_relations()
                    savepoint.rollback()
            finally:
                self.env.registry.clear_cache()
                self.env.invalidate_all(flush=False)

        check()

    # ------------------------------------------------------------
    # WHAT IS DONE
    # ------------------------------------------------------------

    def _pick(self, index, *models):
        records = [r for r in self.world if r.exists()]
        records = [r for r in records if r._name in models or not models]
        return records[index % len(records)] if records else None

    def _get_values(self, record, values):
        """Return the values as the record's fields take them."""
        names = self._get_fields(record)
        return {
            names[name]: self.env.ref(value).id
            if isinstance(value, str) and value.startswith("base.")
            else value
            for name, value in values.items()
            if name in names
        }

    def _do_edit(self, index, user_index, values):
        record = self._pick(index)
        users = [self.env.user]
        if record._name == "marketing.contact":
            users += [self.marketer, self.manager]
        else:
            users += [self.clerk]
        editor = record.with_user(users[user_index % len(users)])
        vals = self._get_values(record, values)
        before = self._snapshot()
        links = self._get_links(record)
        foreseen = editor.preview_sync(vals)
        self.assertEqual(self._snapshot(), before, "the preview wrote something")
        batches = self.env["marketing.sync.batch"].search([])
        editor.write(dict(vals))
        after = self._snapshot()
        changed = {
            name: value
            for name, value in after[record].items()
            if value != before[record][name]
        }
        self.assertLessEqual(changed.keys(), vals.keys())
        before[record].update(changed)
        self._spread(record, changed, before, links)
        self.assertEqual(after, before)
        changes = (self.env["marketing.sync.batch"].search([]) - batches).change_ids
        readable = preview.get_readable(
            editor.env, {(e["model"], e["id"]) for e in foreseen}
        )
        self.assertEqual(
            {
                (node, c.field_name, node in readable and c.old_value, c.new_value)
                for c in changes
                if (node := (c.target_model, c.target_id)) != (record._name, record.id)
            },
            {((e["model"], e["id"]), e["field"], e["old"], e["new"]) for e in foreseen},
        )
        editor.write(dict(vals))
        self.assertEqual(self._snapshot(), after, "the second save changed something")

    def _do_link(self, index, kind, card_index, master):
        contact = self._pick(index, "marketing.contact")
        if kind == "bank_account":
            accounts = [a for a in self.accounts if a.exists() and a.active]
            card = accounts[card_index % len(accounts)] if accounts else None
        else:
            card = self._pick(card_index, "res.partner")
        if not contact or not card:
            return
        before = self._snapshot()
        if not self._attempt(lambda: contact.link_card(kind, card.id, master)):
            return
        side = card.bank_id if kind == "bank_account" else card
        if side not in self.world:  # the account had no bank: it got a new one
            self.world.append(side)
            before[side] = self._snapshot()[side]
        after = self._snapshot()
        for line in self.Map.search([("kind", "=", kind)]):
            if line.contact_field == "image_1920":
                continue
            ours, theirs = line.contact_field, line.card_field
            if line.direction == "both":
                self.assertEqual(after[contact][ours], after[side][theirs], ours)
            self.assertIn(
                after[contact][ours], (before[contact][ours], before[side][theirs])
            )
        for record in (contact, side):
            changed = {
                name: value
                for name, value in after[record].items()
                if value != before[record][name]
            }
            before[record].update(changed)
            if record == contact:
                self._spread(contact, changed, before)
        before[contact] = after[contact]
        before[side] = after[side]
        self.assertEqual(after, before)

    def _do_unlink(self, index):
        relations = self.Relation.search([("kind", "!=", False)])
        before = self._snapshot()
        if relations:
            relations[index % len(relations)].unlink()
        self.assertEqual(self._snapshot(), before)

    def _do_create(self, index, values):
        before = self._snapshot()
        model = ("marketing.contact", "res.partner", "res.bank")[index % 3]
        vals = {"name": "New", **self._get_values(self.env[model], values)}
        context = {"marketing_contact_no_create": True}
        record = self.env[model].with_context(**context).create(vals)
        record = record.with_env(self.env)
        self.assertEqual(self._snapshot(), before)
        self.world.append(record)

    def _do_create_card(self, index, kind):
        contact = self._pick(index, "marketing.contact")
        before = self._snapshot()
        values = {"acc_number": f"N-{next(NUMBERS)}"}
        values = values if kind == "bank_account" else None
        cards = contact and self._attempt(
            lambda: contact.create_card(kind, values=values)
        )
        self.assertEqual(self._snapshot(), before)
        side = cards.bank_id if cards and kind == "bank_account" else cards
        if side and side not in self.world:
            self.world.append(side)
            after = self._snapshot()
            for line in self.Map.search([("kind", "=", kind)]):
                if (
                    line.direction != "to_contact"
                    and line.contact_field != "image_1920"
                ):
                    self.assertEqual(
                        after[side][line.card_field], after[contact][line.contact_field]
                    )

    def _do_delete(self, index):
        pool = [r for r in [*self.world, *self.accounts] if r.exists()]
        record = pool[index % len(pool)]
        before = self._snapshot()
        if record._name == "res.bank":
            return  # accounts hold it
        record.unlink()
        before.pop(record, None)
        self.assertEqual(self._snapshot(), before)

    def _do_archive(self, index):
        record = self._pick(index)
        before = self._snapshot()
        record.active = not record.active
        before[record]["active"] = record.active
        self.assertEqual(self._snapshot(), before)

    def _do_merge(self, index, other_index):
        source = self._pick(index, "res.partner")
        target = self._pick(other_index, "res.partner")
        if not source or source == target:
            return
        before = self._snapshot()
        touched = {source, target}
        for record in (source, target):
            contact, links = self._get_links(record)
            touched |= {contact, *(card for _kind, card in links)}
        wizard = self.env["base.partner.merge.automatic.wizard"]
        if (
            self._attempt(lambda: wizard._merge((source + target).ids, target) or True)
            is None
        ):
            return
        after = self._snapshot()
        self.assertFalse(source.exists())
        for record, values in before.items():
            if record not in touched:
                self.assertEqual(after[record], values)
        if source in touched - {target}:
            contact, links = self._get_links(target)
            changed = {
                name: value
                for name, value in after[target].items()
                if value != before[target][name]
            }
            # a survivor that becomes a customer by it may have got a contact just now
            for kind, card in links if contact in after else ():
                for line in self.Map.search([("kind", "=", kind)]):
                    if card == target and line.direction == "both":
                        if line.card_field in changed:
                            self.assertEqual(
                                after[contact][line.contact_field],
                                after[target][line.card_field],
                            )

    def _do_merge_contacts(self, index, other_index, keep_index, undo):
        source = self._pick(index, "marketing.contact")
        target = self._pick(other_index, "marketing.contact")
        if not source or source == target or (source | target).merged_into_id:
            return
        kept = (source, target)[keep_index % 2].id
        keep = dict.fromkeys(("phone", "city", "customer", "bank_account"), kept)
        before, links = self._snapshot(), self._get_all_links()
        if not self._attempt(lambda: source.merge_into(target, keep)):
            self.assertEqual(self._get_all_links(), links)
            return
        after = self._snapshot()
        self.assertEqual(source.merged_into_id, target)
        self.assertFalse(source.relation_ids)
        for name, value in before[target].items():
            if value or target._fields[name].type == "boolean":
                if name not in ("phone", "city", *self._get_address_fields()):
                    self.assertEqual(after[target][name], value, name)
        if not undo:
            return
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        left, problems = batch._undo()
        self.assertFalse(problems)
        self.assertFalse(left)
        self.assertEqual(self._snapshot(), before)
        self.assertEqual(self._get_all_links(), links)

    def _get_all_links(self):
        return {
            (r.contact_id, r.kind, r.partner_id or r.bank_account_id)
            for r in self.Relation.search([])
        }

    def _get_address_fields(self):
        return self.env["res.partner"]._address_fields()

    def _do_map(self, index, values):
        lines = self.Map.with_context(active_test=False).search([])
        before = self._snapshot()
        lines[index % len(lines)].with_user(self.manager).write(values)
        self.assertEqual(self._snapshot(), before)
