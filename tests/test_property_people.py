from hypothesis import given
from hypothesis import strategies as st

from .common import MarketingContactCommon
from .world import INDEX, WORDS, examples

FIELDS = ("name", "function", "phone", "email", "lang")
ADDRESS = ("street", "zip", "city")
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": WORDS.filter(str.strip),
        "function": st.one_of(WORDS, st.just(False)),
        "phone": st.one_of(WORDS, st.just(False)),
        "email": st.one_of(WORDS, st.just(False)),
        "lang": st.sampled_from(["en_US", False]),
    },
)
MOVES = st.fixed_dictionaries(
    {}, optional={name: st.one_of(WORDS, st.just(False)) for name in ADDRESS}
)
STEPS = st.one_of(
    st.tuples(st.just("edit"), INDEX, VALUES),
    st.tuples(st.just("edit"), INDEX, VALUES),
    st.tuples(st.just("move"), INDEX, MOVES),
    st.tuples(st.just("home"), INDEX, MOVES),
    st.tuples(st.just("relink"), INDEX),
    st.tuples(st.just("undo"), INDEX),
)


class TestPropertyPeople(MarketingContactCommon):
    """Whatever is done: people are the same on both sides, and whoever lives with the
    company moves with it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._partner("Azure", customer_rank=1, city="Lund")
        cls.children = cls.Partner.create(
            [{"name": f"P{i}", "parent_id": cls.customer.id} for i in range(3)]
        )
        cls.contact = cls.customer.create_marketing_contacts("customer")
        cls.persons = cls.contact.child_ids.sorted("id")
        cls.env.flush_all()

    def test_whatever_is_done(self):
        @examples
        @given(st.lists(STEPS, min_size=2, max_size=10))
        def check(steps):
            try:
                with self.env.cr.savepoint() as savepoint:
                    for step, *args in steps:
                        getattr(self, f"_do_{step}")(*args)
                        self._check()
                    savepoint.rollback()
            finally:
                self.env.registry.clear_cache()
                self.env.invalidate_all(flush=False)

        check()

    def _check(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(len(self.persons.relation_ids), 3)
        for person in self.persons:
            child = person.relation_ids.partner_id
            for name in FIELDS:
                self.assertEqual(person[name] or False, child[name] or False, name)
        for name in ADDRESS:
            self.assertEqual(self.contact[name] or "", self.customer[name] or "")

    def _do_edit(self, index, values):
        sides = [*self.persons, *self.children]
        record = sides[index % len(sides)]
        foreseen = record.preview_sync(values)
        self.assertTrue(
            {e["model"] for e in foreseen} <= {"marketing.contact", "res.partner"}
        )
        record.write(values)
        for effect in foreseen:
            other = self.env[effect["model"]].browse(effect["id"])
            self.assertEqual(other[effect["field"]] or False, effect["new"] or False)

    def _address(self, record):
        return [record[name] or "" for name in ADDRESS]

    def _do_move(self, index, values):
        old = self._address(self.contact)
        homes = {p: self._address(p) for p in self.persons}
        (self.contact, self.customer)[index % 2].write(values)
        for person, home in homes.items():
            now = self._address(self.contact) if home == old else home
            self.assertEqual(self._address(person), now)

    def _do_home(self, index, values):
        before = self._address(self.contact), self._address(self.customer)
        self.persons[index % 3].write(values)
        after = self._address(self.contact), self._address(self.customer)
        self.assertEqual(after, before)

    def _do_relink(self, index):
        relation = self.contact.relation_ids
        relation.unlink()
        self.assertFalse(self.persons.relation_ids)
        if index % 2:
            self.env["marketing.sync.batch"].search([], limit=1).undo()
        else:
            # names may be alike by now: each with its own again
            for person, child in zip(self.persons, self.children, strict=True):
                person.name = child.name = f"Own {person.id}"
                person.email = child.email = False
            self.contact.link_card("customer", self.customer.id)

    def _do_undo(self, _index):
        entry = self.env["marketing.sync.batch"].search([], limit=1)
        if entry.origin == "save" and entry.change_ids:
            entry.undo()
