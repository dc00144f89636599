from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .json2 import call_json2
from .test_segments import SegmentCommon

# what no client may send as a filter of contacts, and a word of what it is told
NO_FILTERS = (
    ("[('no_such', '=', 1)]", "no_such"),
    ("[('name', '=', __import__('os').name)]", "not a filter"),
    ("[('create_date', '>', datetime.now())]", "not a filter"),
    ("[('name', 'is', 'x')]", "is"),
    ("name", "not a filter"),
    ("5", "not a filter"),
    ("{'name': 1}", "not a filter"),
    ("{}", "not a filter"),
    ("None", "not a filter"),
    ("''", "not a filter"),
    ("1," * 10**6, "not a filter"),
    ("[(5, '=', 1)]", "not a filter"),
    ("[('&', '|')]", "not a filter"),
    ("['&', ('name', '=', 'x')]", "not a filter"),
    ("[" * 5000, "not a filter"),
    ("[" * 90 + "]" * 90, "not a filter"),
    ("[('name', '=', 'a\\x00b')]", "not a filter"),
    ("[('create_date', '>', 'someday')]", "not a filter"),
    ("[('parent_id', 'child_of', {'a': 1})]", "not a filter"),
    ("[('parent_id', 'any', 'x')]", "not a filter"),
    ("[('parent_id', 'any', [('no_such', '=', 1)])]", "no_such"),
    ("[('segment_ids.name', '=', 'x')]", "Choose the segments"),
    ("[('segment_ids', '=', False)]", "Choose the segments"),
    ("[('segment_ids', 'in', ['x'])]", "Choose the segments"),
    ("[('segment_ids', 'any', [('name', '=', 'x')])]", "Choose the segments"),
    ("[('parent_id.segment_ids', 'ilike', 'x')]", "Choose the segments"),
    ("[('parent_id', 'any', [('segment_ids', '=', False)])]", "Choose the segments"),
)


@tagged("post_install", "-at_install")
class TestSegmentRoutes(HttpCase, SegmentCommon):
    """By JSON-2, as other systems call it."""

    def _call(self, model, method, user=None, **params):
        with mute_logger("odoo.http"):
            return call_json2(self, user or self.marketer, model, method, **params)

    def _refused(self, words, model, method, **params):
        status, told = self._call(model, method, **params)
        self.assertLess(status, 500, told)
        self.assertGreaterEqual(status, 400, told)
        self.assertIn(words, told["message"])

    def test_what_is_no_filter_is_refused(self):
        segment = self._segment()
        for domain, words in NO_FILTERS:
            with self.subTest(domain):
                self._refused(
                    words,
                    "marketing.segment",
                    "create",
                    vals_list=[{"name": "Bad", "domain": domain}],
                )
                self._refused(
                    words,
                    "marketing.segment",
                    "write",
                    ids=segment.ids,
                    vals={"domain": domain},
                )
        self.assertEqual(segment.member_count, 3)

    def test_explain(self):
        segment = self._segment(("city", "=", "Oslo"))
        ids = [self.rome.id, self.oslo.id]
        status, told = self._call(
            "marketing.segment", "explain", ids=segment.ids, contacts=ids
        )
        self.assertEqual(status, 200, told)
        self.assertEqual([line["id"] for line in told], ids)
        self.assertEqual([line["in"] for line in told], [False, True])
        city = {"condition": "City is Oslo", "value": "Oslo", "met": True}
        self.assertIn(city, told[1]["because"])

    def test_bad_calls(self):
        segment, other = self._segment(), self._segment()
        both = (segment | other).ids
        for method, params, words in (
            ("explain", {"ids": both, "contacts": []}, "Choose one record"),
            ("explain", {"ids": [], "contacts": []}, "Choose one record"),
            ("explain", {"ids": segment.ids, "contacts": "x"}, "list of ids"),
            ("explain", {"ids": segment.ids, "contacts": [True]}, "list of ids"),
            ("explain", {"ids": segment.ids, "contacts": [10**12]}, "list of ids"),
            ("action_add_contacts", {"ids": both, "contact_ids": "x"}, "list of ids"),
            ("action_add_contacts", {"ids": both, "contact_ids": None}, "list of ids"),
            ("action_remove_contacts", {"ids": both, "contact_ids": {}}, "list of ids"),
            ("action_save_search", {"domain": "x()"}, "not a filter"),
            ("action_save_search", {"domain": 5}, "not a filter"),
            ("action_save_search", {"domain": [["name"]]}, "not a filter"),
            ("action_view_members", {"ids": both}, "Choose one record"),
            ("action_send_email", {"ids": []}, "Choose one record"),
            ("action_log_interaction", {"ids": both}, "Choose one record"),
            ("action_schedule_activity", {"ids": both}, "Choose one record"),
            ("action_new_mailing", {"ids": both}, "Choose one record"),
            ("action_send_sms", {"ids": both}, "Choose one record"),
        ):
            with self.subTest(method, params=params):
                self._refused(words, "marketing.segment", method, **params)

    def test_segments_that_there_are_not(self):
        segment = self._segment()
        for value in (10**12, 10**30, True, 1.5, [10**12, segment.id], -1, 0):
            many = value if isinstance(value, list) else [value]
            for leaf in (["segment_ids", "in", many], ["segment_ids", "=", value]):
                with self.subTest(leaf):
                    status, told = self._call(
                        "marketing.contact", "search", domain=[*self.mine, leaf]
                    )
                    self.assertLess(status, 500, told)
            status, told = self._call(
                "marketing.segment",
                "create",
                vals_list=[
                    {"name": "Odd", "domain": repr([("segment_ids", "in", many)])}
                ],
            )
            self.assertLess(status, 500, told)
        status, told = self._call(
            "marketing.segment", "read", ids=segment.ids, fields=["linked"]
        )
        self.assertEqual(status, 403, told)

    def test_a_circle_through_a_field_of_another_is_refused(self):
        segment = self._segment()
        for domain in (
            f"[('parent_id.segment_ids', 'in', {segment.ids})]",
            f"[('parent_id', 'any', [('segment_ids', 'in', {segment.ids})])]",
            f"[('segment_ids', '=', {segment.id})]",
            f"[('child_ids.parent_id.segment_ids', 'not in', {segment.ids})]",
        ):
            with self.subTest(domain):
                self._refused(
                    "in a circle",
                    "marketing.segment",
                    "write",
                    ids=segment.ids,
                    vals={"domain": domain},
                )

    def test_who_names_what_they_may_not_use(self):
        hidden = self.env["marketing.segment"].create(
            {"name": "Hidden", "user_id": self.manager.id}
        )
        shared = self._segment(user_id=False)
        for vals in (
            {"include_segment_ids": [[4, hidden.id]]},
            {"exclude_segment_ids": [[6, 0, hidden.ids]]},
            {"domain": f"[('segment_ids', 'in', {hidden.ids})]"},
        ):
            with self.subTest(vals):
                for method, params in (
                    ("create", {"vals_list": [{"name": "Prying", **vals}]}),
                    ("write", {"ids": shared.ids, "vals": vals}),
                ):
                    status, told = self._call("marketing.segment", method, **params)
                    self.assertEqual(status, 403, told)
        # what somebody else named may stay
        shared.with_user(self.manager).include_segment_ids = hidden
        shared.with_user(self.marketer).write({"domain": repr(self.mine)})
        self.assertEqual(shared.sudo().include_segment_ids, hidden)

    def test_the_change_of_a_segment(self):
        segment = self._segment()
        for domain, words in NO_FILTERS:
            if "segment_ids" in domain:
                continue
            with self.subTest(domain):
                status, ids = self._call(
                    "marketing.segment.change",
                    "create",
                    vals_list=[{"segment_id": segment.id, "domain": domain}],
                )
                if status == 200:
                    for method, params in (
                        ("action_apply", {}),
                        ("read", {"fields": ["count_after"]}),
                    ):
                        self._refused(
                            words, "marketing.segment.change", method, ids=ids, **params
                        )
        self.assertEqual(segment.member_count, 3)

    def test_nobody_elses_segments(self):
        segment = self._segment()
        for method, params in (
            ("explain", {"contacts": self.oslo.ids}),
            ("action_add_contacts", {"contact_ids": self.oslo.ids}),
            ("write", {"vals": {"name": "Mine"}}),
            ("action_view_members", {}),
            ("action_send_email", {}),
        ):
            for user in (self.employee, self.clerk):
                status, told = self._call(
                    "marketing.segment", method, user, ids=segment.ids, **params
                )
                self.assertEqual(status, 403, told)
