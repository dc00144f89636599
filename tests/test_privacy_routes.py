import json
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from ..models.privacy.marketing_privacy_ban import HASH_KEY
from ..models.privacy.plan import Plan
from .common_privacy import PrivacyCommon
from .crowd import Crowd


@tagged("post_install", "-at_install")
class TestPrivacyRoutes(HttpCase, PrivacyCommon):
    """By JSON-2, as other systems call it."""

    def _call(self, user, model, method, **params):
        key = (
            self.env["res.users.apikeys"]
            .with_user(user)
            ._generate("rpc", "test", datetime.now() + timedelta(days=1))
        )
        response = self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(params),
            headers={
                "Authorization": f"Bearer {key}",
                "Content-Type": "application/json",
            },
        )
        return response.status_code, response.json()

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
