import io
import json
import zipfile

from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.marketing_contact.tests import test_privacy_marker


@tagged("post_install", "-at_install")
class TestPrivacyReach(test_privacy_marker.TestPrivacyMarker):
    """Seen from outside where mailings, leads and text messages are installed as well;
    all that the marker's own tests check is checked here again.
    """

    def _plant(self):
        person = super()._plant()
        addresses = self.env["mailing.list"].create({"name": "News"})
        self.mailing_contact = self.env["mailing.contact"].create(
            {
                "name": "Zyxmarker",
                "email": "zyx@marker.example",
                "list_ids": [Command.set(addresses.ids)],
            }
        )
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "body_html": "<p>News</p>",
                "mailing_model_id": self.env["ir.model"]._get(person._name).id,
                "mailing_domain": f"[('id', '=', {person.id})]",
            }
        )
        self.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": person._name,
                "res_id": person.id,
                "email": "zyx@marker.example",
            }
        )
        self.leads = self.env["crm.lead"].create(
            [
                {"name": "Zyxmarker asks", "email_from": "zyx@marker.example"},
                {"name": "Zyxmarker's", "marketing_contact_id": person.id},
            ]
        )
        self.env["sms.sms"].create(
            {"number": "+46701234599", "body": "Hello Zyxmarker"}
        )
        self.flush_tracking()
        return person

    def test_what_else_goes(self):
        won = self.leads[1]
        won.stage_id = self.env["crm.stage"].create({"name": "Won", "is_won": True})
        self.flush_tracking()
        plan = self._erase()
        self.assertFalse(self.mailing_contact.exists() or self.leads[0].exists())
        self.assertTrue(won.exists())
        self.assertFalse(won.contact_name or won.email_from or "Zyx" in won.name)
        self.assertEqual(self._get_unnamed(plan), [])

    def test_mailing_to_nobody_who_is_blocked(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env["ir.model"]._get("marketing.contact").id,
                "mailing_domain": f"[('id', '=', {self.person.id})]",
            }
        )
        self.env["mail.blacklist"]._remove("zyx@marker.example")
        self.assertEqual(mailing._get_recipients(), self.person.ids)
        self.person.action_privacy_block()
        self.env.flush_all()
        self.assertFalse(mailing._get_recipients())

    def test_answer_tells_of_mailings(self):
        data = self.person.privacy_answer()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            told = json.loads(archive.read("data.json"))["contacts"][0]
        self.assertEqual([m["subject"] for m in told["mailings"]], ["News"])
        self.assertIs(told["consent"]["email_opt_out"], True)

    def test_odoos_look_up(self):
        """It gets who asks, and says what is better done here."""
        request = self._request(self.person, "access")
        self.assertTrue(request.has_lookup)
        form = Form.from_action(self.env, request.action_lookup())
        self.assertEqual(form.name, "Zyxmarker Person")
        self.assertEqual(form.email, "zyx@marker.example")
        lookup = form.save()
        lookup.action_lookup()
        line = lookup.line_ids.filtered(
            lambda line: (
                (line.res_model, line.res_id) == ("marketing.contact", self.person.id)
            )
        )
        self.assertEqual(len(line), 1)
        line.is_active = False
        warning = line._onchange_is_active()["warning"]
        self.assertIn("Block it, or erase it", warning["message"])
        other = lookup.line_ids.filtered(lambda line: line.res_model == "res.partner")
        self.assertFalse(other[:1]._onchange_is_active())

    def test_request_finds_them(self):
        request = self._request(self.person, "access")
        request.with_user(self.env.ref("base.user_admin")).action_find()
        for text in ("Zyxmarker asks", "Mailing contact"):
            self.assertIn(text, request.other_found)
