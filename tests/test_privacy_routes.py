import base64
import io
import zipfile
from unittest.mock import patch
from xmlrpc.client import loads

from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, HttpCase, new_test_user, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from odoo.addons.rpc.controllers.xmlrpc import OdooMarshaller

from ..models.privacy.marketing_privacy_ban import HASH_KEY
from ..models.privacy.plan import Plan
from .common_privacy import PrivacyCommon
from .crowd import Crowd
from .json2 import call_json2
from .test_segments_routes import NO_FILTERS


@tagged("post_install", "-at_install")
class TestPrivacyRoutes(HttpCase, PrivacyCommon):
    """By JSON-2, as other systems call it."""

    def _call(self, user, model, method, **params):
        return call_json2(self, user, model, method, **params)

    def test_whole_way(self):
        jo = self._person()
        status, _result = self._call(
            self.marketer, "marketing.contact", "action_privacy_block", ids=jo.ids
        )
        self.assertEqual(status, 200)
        self.assertTrue(jo.privacy_blocked)
        for user, expected in ((self.manager, 403), (self.officer, 200)):
            with mute_logger("odoo.http"):
                status, result = self._call(
                    user, "marketing.contact", "privacy_plan", ids=jo.ids, cards="keep"
                )
            self.assertEqual(status, expected, result)
        status, created = self._call(
            self.officer,
            "marketing.privacy.request",
            "create",
            vals_list=[{"kind": "erasure", "email": jo.email}],
        )
        request = self.Request.browse(created)
        self._call(
            self.officer, "marketing.privacy.request", "action_find", ids=created
        )
        self.assertEqual(request.contact_ids, jo)
        status, result = self._call(
            self.officer, "marketing.contact", "privacy_erase", ids=jo.ids
        )
        self.assertEqual(status, 200, result)
        self.assertFalse(jo.exists())

    def test_answer(self):
        """A file travels as base64, as all of Odoo's do."""
        jo = self._person()
        status, told = self._call(
            self.officer, "marketing.contact", "privacy_answer", ids=jo.ids
        )
        self.assertEqual(status, 200, told)
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(told))) as archive:
            self.assertIn("answer.html", archive.namelist())
        dumped = OdooMarshaller().dumps((jo.privacy_answer(),))
        (told,), _method = loads(dumped)
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(told))) as archive:
            self.assertIn("data.json", archive.namelist())

    def test_bad_calls(self):
        jo, twin = self._person(), self._person("Jo M")
        merged = self._person("Jo N")
        merged.merge_into(jo)
        done = self._request(jo, "access")
        done.action_answer()
        unchecked = self._request(jo, "access", identity_checked_by=False)
        restricted = self._request(twin, "restriction")
        rule = {"name": "R", "months": 24}
        gone = self._person("Gone", email="gone@x.example", phone="0701111111")
        gone_ids = gone.ids
        gone.unlink()
        contact, request = "marketing.contact", "marketing.privacy.request"
        for model, method, params, words in (
            *(
                (contact, method, {"ids": jo.ids, "cards": cards}, "minimise")
                for cards in (5, None, "shred", [], ["keep"], {"keep": 1}, "")
                for method in ("privacy_plan", "privacy_erase")
            ),
            (contact, "privacy_plan", {"ids": gone_ids}, "gone"),
            (contact, "privacy_erase", {"ids": gone_ids}, "gone"),
            (contact, "privacy_erase", {"ids": merged.ids}, "merged into"),
            (contact, "privacy_erase", {"ids": twin.ids}, restricted.reference),
            (contact, "action_privacy_block", {"ids": merged.ids}, "merged into"),
            (contact, "action_privacy_block", {"ids": gone_ids}, ""),
            (
                contact,
                "action_privacy_block",
                {"ids": twin.ids, "reason": "a\0b"},
                "NUL",
            ),
            (request, "action_answer", {"ids": unchecked.ids}, "Make sure"),
            (request, "action_erase", {"ids": unchecked.ids}, "Make sure"),
            (request, "action_done", {"ids": unchecked.ids}, "Make sure"),
            (request, "action_refuse", {"ids": unchecked.ids}, "Result"),
            (request, "action_find", {"ids": done.ids}, "closed already"),
            (request, "action_extend", {"ids": done.ids}, "closed already"),
            (request, "action_find", {"ids": []}, "Choose one record"),
            (
                "marketing.privacy.erase",
                "create",
                {"vals_list": [{"contact_ids": jo.ids, "cards": "x"}]},
                "",
            ),
            *(
                (
                    "marketing.retention.rule",
                    "create",
                    {"vals_list": [{**rule, **vals}]},
                    words,
                )
                for vals, words in (
                    ({"months": 0}, "month"),
                    ({"months": -5}, "month"),
                    ({"months": 10**7}, "month"),
                    *(
                        ({"domain": domain}, "can't be read")
                        for domain, _words in NO_FILTERS
                        if "segment_ids" not in domain and "'is'" not in domain
                    ),
                )
            ),
        ):
            with (
                self.subTest(method, params=params),
                mute_logger("odoo.http", "odoo.sql_db"),
            ):
                status, told = self._call(self.officer, model, method, **params)
                self.assertGreaterEqual(status, 400, told)
                if words:
                    self.assertLess(status, 500, told)
                    self.assertIn(words, told["message"])
        self.assertTrue((jo | twin).exists() == jo | twin)

    def test_who_may(self):
        jo = self._person()
        request = self._request(jo)
        ban = self.Ban.create({"key_hash": "0" * 64})
        portal = new_test_user(self.env, "portal_routes", "base.group_portal")
        contact = "marketing.contact"
        for model, method, records, params in (
            (contact, "privacy_plan", jo, {}),
            (contact, "privacy_erase", jo, {}),
            (contact, "privacy_answer", jo, {}),
            (contact, "action_privacy_unblock", jo, {}),
            (contact, "action_privacy_erase", jo, {}),
            (request._name, "action_find", request, {}),
            (request._name, "action_answer", request, {}),
            (request._name, "action_erase", request, {}),
            (request._name, "action_refuse", request, {}),
            (request._name, "write", request, {"vals": {"name": "x"}}),
            (request._name, "read", request, {"fields": ["name"]}),
            (ban._name, "action_let_in", ban, {}),
            (ban._name, "read", ban, {"fields": ["key_hash"]}),
        ):
            for user in (self.marketer, self.manager, portal):
                with self.subTest(method, user=user.login), mute_logger("odoo.http"):
                    status, told = self._call(
                        user, model, method, ids=records.ids, **params
                    )
                    self.assertEqual(status, 403, told)


@tagged("post_install", "-at_install")
class TestPrivacyTogether(BaseCase):
    """Two at once, and one that is killed, with real transactions."""

    def setUp(self):
        super().setUp()
        self.crowd = Crowd(Registry(get_db_name()), patience=0.1)
        self.addCleanup(self.crowd.tidy_up)
        with self.crowd.environment() as env:
            contact = self.crowd.make(
                env, "marketing.contact", name="Crowd", email="crowd@x.example"
            )
            self.crowd.keep(contact.create_card("customer"))
            self.contact_id = contact.id
        self.addCleanup(self._let_in)

    def _let_in(self):
        with self.crowd.environment() as env:
            env["marketing.privacy.ban"].search([]).unlink()
            env["ir.config_parameter"].set_param(HASH_KEY, False)

    def test_two_at_once(self):
        call = ("marketing.contact", "privacy_erase", [self.contact_id])
        with self.crowd.gathered():
            results = self.crowd.together(call, call)
        self.assertEqual(self.crowd.errors, [])
        refused = [r for r in results if isinstance(r, UserError)]
        self.assertEqual(len(refused), 1)
        self.assertIn("gone", str(refused[0]))

    def test_killed_in_the_middle(self):
        with self.assertRaises(KeyboardInterrupt), self.crowd.environment() as env:
            contact = env["marketing.contact"].browse(self.contact_id)

            def do(plan):
                real(plan)
                raise KeyboardInterrupt

            real = Plan.do
            with patch.object(Plan, "do", do):
                contact.privacy_erase()
        with self.crowd.environment() as env:
            contact = env["marketing.contact"].browse(self.contact_id)
            self.assertEqual(contact.exists().email, "crowd@x.example")
            self.assertEqual(contact.customer_id.email, "crowd@x.example")
            self.assertFalse(env["marketing.privacy.ban"].search([]))
