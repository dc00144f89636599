"""The steps of the property test, and what must hold after each of them."""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError

from ..models.sync.values import get_value

TEXTS = ("street", "city", "phone", "email", "function")
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6)
NAMES = WORDS.filter(str.strip)
WEBSITES = st.sampled_from(
    [False, "x.example", "http://y.example", "HTTPS://z.example"]
)
UNSHARED = {
    "marketing.contact": ["color", "comment", "company_id", "active"],
    "res.partner": ["color", "comment", "ref", "company_id", "active"],
    "res.bank": ["active"],
}

# More than in the usual run, to hunt: MARKETING_EXAMPLES=1000
EXAMPLES = int(os.environ.get("MARKETING_EXAMPLES", "30"))
# how property tests are run; a test that uses them: ``@examples @given(…)``
examples = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 30,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)

INDEX = st.integers(0, 9)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "is_company": st.booleans(),
        "website": WEBSITES,
        "country_id": st.sampled_from(["base.se", "base.us", False]),
        "state_id": st.sampled_from(["base.state_us_5", False]),
        "lang": st.sampled_from(["en_US", False]),
        "user_id": st.sampled_from(["base.user_admin", False]),
        **dict.fromkeys(TEXTS, st.one_of(WORDS, st.just(False))),
    },
)
KIND = st.sampled_from(["customer", "vendor", "bank_account"])
STEPS = st.one_of(
    st.tuples(st.just("edit"), INDEX, INDEX, VALUES),
    st.tuples(st.just("edit"), INDEX, INDEX, VALUES),
    st.tuples(
        st.just("link"), INDEX, KIND, INDEX, st.sampled_from(["contact", "card"])
    ),
    st.tuples(st.just("unlink"), INDEX),
    st.tuples(st.just("create"), INDEX, VALUES),
    st.tuples(st.just("create_card"), INDEX, KIND),
    st.tuples(st.just("delete"), INDEX),
    st.tuples(st.just("archive"), INDEX),
    st.tuples(st.just("merge"), INDEX, INDEX),
    st.tuples(st.just("merge_contacts"), INDEX, INDEX, INDEX, st.booleans()),
    st.tuples(
        st.just("map"),
        st.integers(0, 60),
        st.fixed_dictionaries(
            {},
            optional={
                "direction": st.sampled_from(["both", "to_card", "to_contact"]),
                "keep_filled": st.booleans(),
                "active": st.booleans(),
                "on_link": st.sampled_from(["master", "contact", "card"]),
            },
        ),
    ),
)


class World:
    """What is there, and what is expected of it: to be mixed into a test."""

    # ------------------------------------------------------------
    # WHAT MUST HOLD
    # ------------------------------------------------------------

    def _get_fields(self, record):
        """Return ``{contact field: own field}`` of what the map may share."""
        lines = self.Map.with_context(active_test=False).search([])
        if record._name == "marketing.contact":
            names = {line.contact_field: line.contact_field for line in lines}
        else:
            bank = record._name == "res.bank"
            names = {
                line.contact_field: line.card_field
                for line in lines
                if (line.kind == "bank_account") == bank
            }
        names.pop("image_1920", None)
        return names

    def _snapshot(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.world = [record for record in self.world if record.exists()]
        return {
            record: {
                name: get_value(record, name)
                for name in [
                    *self._get_fields(record).values(),
                    *UNSHARED[record._name],
                ]
            }
            for record in self.world
        }

    def _get_links(self, record):
        """Return ``(contact, [(kind, card), …])`` of the record's group."""
        relations = self.Relation.search([("kind", "!=", False)])
        contact = record
        if record._name != "marketing.contact":
            column = "bank_id" if record._name == "res.bank" else "partner_id"
            contact = relations.filtered(lambda r: r[column] == record).contact_id
        group = relations.filtered(lambda r: r.contact_id == contact)
        return contact, [(r.kind, r.partner_id or r.bank_id) for r in group]

    def _spread(self, record, changed, expected, links=None):
        """Bring what changed on a record into what is expected of the others."""
        contact, links = links or self._get_links(record)
        lines = self.Map.search([])

        def give(target, field, value, line):
            """Return whether the target has the value, be it for long."""
            empty = not value and target._fields[field].type != "boolean"
            if line.keep_filled and empty and expected[target][field]:
                return False
            expected[target][field] = value
            return True

        news = dict(changed) if record == contact else {}
        for kind, card in links:
            for line in lines.filtered(lambda li, k=kind: li.kind == k):
                if card == record and line.direction != "to_card":
                    if line.card_field in changed:
                        value = changed[line.card_field]
                        if give(contact, line.contact_field, value, line):
                            news[line.contact_field] = value
        for kind, card in links:
            for line in lines.filtered(lambda li, k=kind: li.kind == k):
                if card != record and line.direction != "to_contact":
                    if line.contact_field in news:
                        give(card, line.card_field, news[line.contact_field], line)

    def _check_relations(self):
        """No relation dangles, no card has two contacts."""
        for relation in self.Relation.search([("kind", "!=", False)]):
            card = relation.partner_id or relation.bank_account_id
            self.assertTrue(card.exists() and relation.contact_id.exists())
            self.assertEqual(len(card.marketing_relation_ids.contact_id), 1)

    def _attempt(self, action):
        """Return what the action gives, None if it was refused: then nothing moved."""
        before = self._snapshot()
        try:
            with self.env.cr.savepoint():
                return action()
        except UserError:
            self.assertEqual(self._snapshot(), before)
            return None
