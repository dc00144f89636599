from hypothesis import given
from hypothesis import strategies as st

from .test_segments import SegmentCommon
from .world import examples

CITIES = ["Oslo", "Rome", "Bonn", False]
# a condition: how it is written, and what it means
CONDITIONS = st.one_of(
    st.sampled_from(CITIES).map(lambda city: ("city", "=", city)),
    st.sampled_from(CITIES).map(lambda city: ("city", "!=", city)),
    st.booleans().map(lambda company: ("is_company", "=", company)),
    st.sampled_from("012").map(lambda digit: ("zip", "ilike", digit)),
    st.lists(st.sampled_from(CITIES), max_size=2).map(lambda c: ("city", "in", c)),
)
TREES = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.tuples(st.just("!"), inner),
        st.tuples(st.sampled_from("&|"), inner, inner),
    ),
    max_leaves=5,
)
INDEXES = st.lists(st.integers(0, 9), max_size=3)
SEGMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "static": st.booleans(),
            "tree": TREES,
            "hand": INDEXES,
            "excluded": INDEXES,
            "include": INDEXES,
            "exclude": INDEXES,
        }
    ),
    min_size=1,
    max_size=5,
)


def write(tree):
    """Return a tree as a domain."""
    if tree[0] in ("!", "&", "|"):
        return [tree[0], *(leaf for part in tree[1:] for leaf in write(part))]
    return [tree]


def holds(tree, row):
    """Return whether a row meets a tree, by plain Python."""
    if tree[0] == "!":
        return not holds(tree[1], row)
    if tree[0] in "&|":
        both = [holds(part, row) for part in tree[1:]]
        return all(both) if tree[0] == "&" else any(both)
    name, operator, value = tree
    found = row[name] or False
    return {
        "=": lambda: found == value,
        "!=": lambda: found != value,
        "in": lambda: found in value,
        "ilike": lambda: bool(found) and value in found,
    }[operator]()


class TestSegmentProperty(SegmentCommon):
    """Random conditions and nestings have the members that plain Python gives them."""

    def test_members_are_those_of_plain_python(self):
        rows = [
            {
                "name": f"Segment Row {n}",
                "city": CITIES[n % 4],
                "is_company": n % 3 == 0,
                "zip": f"{n}{n * 7 % 10}" if n % 5 else False,
            }
            for n in range(10)
        ]
        contacts = self.Contact.create(rows)
        scope = [("id", "in", contacts.ids)]

        def expected(segments, index):
            spec = segments[index]
            hand = {n for n in spec["hand"]}
            if spec["static"]:
                return hand - set(spec["excluded"])
            members = {n for n, row in enumerate(rows) if holds(spec["tree"], row)}
            members |= hand
            for other in spec["include"]:
                members |= expected(segments, other) if other < index else set()
            members -= set(spec["excluded"])
            for other in spec["exclude"]:
                members -= expected(segments, other) if other < index else set()
            return members

        @examples
        @given(SEGMENTS)
        def check(specs):
            with self.env.cr.savepoint() as savepoint:
                made = self.Segment
                for index, spec in enumerate(specs):
                    earlier = made.ids
                    made |= self.Segment.create(
                        {
                            "name": str(index),
                            "kind": "static" if spec["static"] else "dynamic",
                            "domain": repr(write(spec["tree"])),
                            "contact_ids": [contacts[n].id for n in spec["hand"]],
                            "excluded_ids": [contacts[n].id for n in spec["excluded"]],
                            "include_segment_ids": [
                                earlier[n] for n in spec["include"] if n < index
                            ],
                            "exclude_segment_ids": [
                                earlier[n] for n in spec["exclude"] if n < index
                            ],
                        }
                    )
                asker = contacts.with_user(self.marketer)
                for index, segment in enumerate(made):
                    members = {contacts[n].id for n in expected(specs, index)}
                    found = asker.search([*scope, ("segment_ids", "in", segment.ids)])
                    self.assertEqual(set(found.ids), members)
                    self.assertEqual(segment._find_members(asker)[segment], members)
                    told = segment.explain(asker)
                    self.assertEqual({t["id"] for t in told if t["in"]}, members)
                savepoint.rollback()
            self.env.invalidate_all(flush=False)

        check()
