import itertools

import psycopg2
from hypothesis import given
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import MarketingContactCommon
from .world import INDEX, KIND, VALUES, World, examples

NUMBERS = itertools.count(1)
MASTERS = st.sampled_from(["contact", "card", "neither"])
DEEDS = st.one_of(
    st.tuples(st.just("save"), INDEX, VALUES),
    st.tuples(st.just("save"), INDEX, VALUES),
    st.tuples(st.just("save_many"), VALUES),
    st.tuples(st.just("link"), INDEX, KIND, INDEX, MASTERS),
    st.tuples(st.just("move"), INDEX, INDEX),
    st.tuples(st.just("unlink"), INDEX),
    st.tuples(st.just("create"), INDEX, KIND),
    st.tuples(st.just("generate"), INDEX, KIND),
    st.tuples(st.just("people"), INDEX),
    st.tuples(st.just("merge"), INDEX, INDEX, INDEX),
    st.tuples(st.just("repair"), INDEX, st.booleans()),
)


class TestPropertyUndo(World, MarketingContactCommon):
    """Do, undo: all is as before; and an undo of that brings it back (§7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.marketing_people_to_cards = True
        cls.first = cls._linked("First", street="1")
        second = cls._contact("Second"), cls._partner("Second", city="2")
        second[0].link_card("customer", second[1].id)
        second[0].link_card("vendor", second[1].id)
        group = cls._contact("Group"), cls._partner("Group", phone="3")
        for record in group:
            for name in ("Ann", "Bob"):
                cls.env[record._name].with_context(
                    marketing_contact_no_create=True
                ).create({"name": name, "is_company": False, "parent_id": record.id})
        cls._partner("Cyd", is_company=False, parent_id=second[1].id)
        lone = (
            cls._contact("Lone", phone="1"),
            cls._partner("Lone", email="l@x.example"),
        )
        bank = cls.Bank.create({"name": "Lone"})
        cls.accounts = cls.first[0].bank_account_ids
        cls.accounts |= cls._account("U-1", bank) | cls._account("U-2", cls.first[3])
        cls.env.flush_all()
        cls.roots = [*cls.first, *second, *group, *lone, bank]

    def test_do_and_undo(self):
        @examples
        @given(st.lists(st.tuples(DEEDS, st.booleans()), min_size=1, max_size=4))
        def check(steps):
            try:
                with self.env.cr.savepoint() as savepoint:
                    for (deed, *args), undone in steps:
                        self._check(deed, args, undone)
                    savepoint.rollback()
            finally:
                self.env.registry.clear_cache()
                self.env.invalidate_all(flush=False)

        check()

    def _check(self, deed, args, undone):
        self._refresh()
        before = self._get_state()
        batches = self.env["marketing.sync.batch"].search([])
        prepared = getattr(self, f"_prepare_{deed}", None)
        if prepared:
            prepared(*args)
            before = self._get_state()
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                getattr(self, f"_do_{deed}")(*args)
                self.env.flush_all()
        except (UserError, psycopg2.IntegrityError):
            return
        made = self.env["marketing.sync.batch"].search([]) - batches
        self._refresh()
        after = self._get_state()
        if not made:
            return
        left, problems = made._undo(delete_created=True)
        self.assertFalse(problems, deed)
        self.assertFalse(left, deed)
        self._refresh()
        self._compare(self._get_state(), before, deed)
        redo = self.env["marketing.sync.batch"].search([], limit=1)
        if undone or any(made.mapped("created_ids")) or redo.origin != "undo":
            return
        left, problems = redo._undo()
        self.assertFalse(problems, deed)
        self.assertFalse(left, deed)
        self._refresh()
        self._compare(self._get_state(), after, f"{deed}, again")

    def _refresh(self):
        """Let the world be all records that there are, but for those of others."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.world = []
        for model in ("marketing.contact", "res.partner", "res.bank"):
            first = min(record.id for record in self.roots if record._name == model)
            records = self.env[model].with_context(
                active_test=False, marketing_contact_with_merged=True
            )
            found = records.search([("id", ">=", first)], order="id")
            self.world += list(found.with_env(self.env))

    def _get_state(self):
        links = self.Relation.search([])
        return self._snapshot(), {
            (link.contact_id, link.kind, link.partner_id or link.bank_account_id): (
                link.state
            )
            for link in links
        }

    def _compare(self, state, expected, deed):
        records, links = state
        known, known_links = expected
        self.assertEqual(records.keys(), known.keys(), deed)
        for record, values in records.items():
            self.assertEqual(values, known[record], f"{deed}: {record}")
        self.assertEqual(links, known_links, deed)

    # ------------------------------------------------------------
    # DEEDS
    # ------------------------------------------------------------

    def _pick(self, index, *models):
        records = [r for r in self.world if r._name in models and r.active]
        return records[index % len(records)]

    def _get_vals(self, record, values):
        names = self._get_fields(record)
        return {
            names[name]: self.env.ref(value).id
            if isinstance(value, str) and value.startswith("base.")
            else value
            for name, value in values.items()
            if name in names
        }

    def _do_save(self, index, values):
        record = self._pick(index, "marketing.contact", "res.partner", "res.bank")
        record.write(self._get_vals(record, values))

    def _do_save_many(self, values):
        contacts = self.Contact.union(
            *(
                r
                for r in self.world
                if r._name == "marketing.contact" and r.marketing_linked
            )
        )
        contacts.write(self._get_vals(contacts, {"street": "S", **values}))

    def _do_link(self, index, kind, card_index, master):
        contact = self._pick(index, "marketing.contact")
        card = self._pick(card_index, "res.partner")
        if kind == "bank_account":
            card = self.accounts[card_index % len(self.accounts)]
        contact.link_card(kind, card.id, master)

    def _get_link(self, index):
        links = self.Relation.search([("kind", "!=", False), ("kind", "!=", "person")])
        return links[index % len(links)] if links else links

    def _do_move(self, index, contact_index):
        if link := self._get_link(index):
            link.contact_id = self._pick(contact_index, "marketing.contact")

    def _do_unlink(self, index):
        self._get_link(index).unlink()

    def _do_create(self, index, kind):
        values = {"acc_number": f"UN-{next(NUMBERS)}"}
        contact = self._pick(index, "marketing.contact")
        contact.create_card(kind, values=values if kind == "bank_account" else None)

    def _do_generate(self, index, kind):
        if kind == "bank_account":
            self.accounts[index % len(self.accounts)].create_marketing_contacts()
        else:
            self._pick(index, "res.partner").create_marketing_contacts(kind)

    def _do_people(self, index):
        self._pick(index, "marketing.contact").link_people()

    def _do_merge(self, index, other_index, keep_index):
        contacts = [self._pick(i, "marketing.contact") for i in (index, other_index)]
        kept = contacts[keep_index % 2].id
        keep = dict.fromkeys(("phone", "city", "customer", "bank_account"), kept)
        contacts[0].merge_into(contacts[1], keep)

    def _prepare_repair(self, index, _use_card):
        link = self._get_link(index)
        if link and link.partner_id:
            self.env.cr.execute(
                "UPDATE res_partner SET phone = 'drifted' WHERE id = %s",
                [link.partner_id.id],
            )
            self.env.invalidate_all(flush=False)
            link.partner_id.marketing_relation_ids.check_differences()

    def _do_repair(self, _index, use_card):
        differences = self.env["marketing.sync.difference"].search([])
        if use_card:
            differences.action_use_card()
        else:
            differences.action_use_contact()
