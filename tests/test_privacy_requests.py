import io
import json
import zipfile
from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .common_privacy import PrivacyCommon


class TestPrivacyRequests(PrivacyCommon):
    """What somebody asks, and by when."""

    def _open(self, **vals):
        return self.Request.with_user(self.officer).create(
            {
                "kind": "access",
                "name": "Jo Marker",
                "email": "jo@marker.example",
                **vals,
            }
        )

    # ------------------------------------------------------------
    # IN TIME
    # ------------------------------------------------------------

    def test_due(self):
        request = self._open(received_on="2026-01-31")
        self.assertEqual(request.due_on, date(2026, 2, 28))
        self.assertEqual(request.activity_ids.user_id, self.officer)
        self.assertEqual(request.activity_ids.date_deadline, date(2026, 2, 21))
        self.assertLess(request.days_left, 0)
        request.action_extend("complex")
        self.assertEqual(request.due_on, date(2026, 4, 28))
        self.assertEqual(request.activity_ids.date_deadline, date(2026, 4, 21))
        with self.assertRaisesRegex(UserError, "extended already"):
            request.action_extend("again")

    def test_dates_at_the_end_of_all_dates(self):
        """A slip of the hand is refused in words."""
        form = Form(self.Request.with_user(self.officer))
        with self.assertRaisesRegex(UserError, "Correct the year"):
            form.received_on = "9999-12-31"
        request = self._open(due_on="9999-12-31")
        with self.assertRaisesRegex(UserError, "Correct the year"):
            request.action_extend("complex")
        with self.assertRaisesRegex(UserError, "Correct the year"):
            self._open(due_on="0001-01-02")
        for received_on in ("9999-12-01", "9999-12-31"):
            with self.assertRaisesRegex(UserError, "Correct the year"):
                self._open(received_on=received_on)

    def test_a_request_is_always_due(self):
        """No program empties the date that the law sets."""
        request = self._open()
        for deed in (
            lambda: request.write({"due_on": False}),
            lambda: self._open(due_on=False),
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                with self.env.cr.savepoint():
                    deed()
                    self.env.flush_all()
        request.invalidate_recordset()
        request.action_extend("complex")
        self.assertGreater(request.days_left, 59)

    def test_reference_and_order(self):
        late = self._open(received_on="2020-01-01")
        new = self._open()
        done = self._open(received_on="2019-01-01", identity_checked_by=self.officer.id)
        done.action_done()
        self.assertTrue(late.reference != new.reference and late.reference[:3] == "PR/")
        requests = late | new | done
        found = self.Request.with_user(self.officer).search(
            [("id", "in", requests.ids)]
        )
        self.assertEqual(found.ids, [late.id, new.id, done.id])

    def test_hostile_values(self):
        request = self._open(state="done", is_extended=True, reference="X")
        self.assertEqual((request.state, request.is_extended), ("open", False))
        self.assertNotEqual(request.reference, "X")

    def test_rights(self):
        mine = self.Request.with_user(self.marketer).create(
            {"kind": "access", "name": "A"}
        )
        self.assertTrue(mine.sudo().user_id)
        self._open()
        self.assertFalse(self.Request.with_user(self.manager).search([]))
        for deed in (
            mine.action_find,
            mine.action_answer,
            mine.action_erase,
            mine.action_refuse,
            lambda: mine.action_extend("x"),
            lambda: mine.write({"identity_checked_by": self.marketer.id}),
        ):
            with self.assertRaises(AccessError):
                deed()

    def test_form(self):
        form = Form(self.Request.with_user(self.officer))
        form.name = "Jo"
        form.kind = "erasure"
        request = form.save()
        self.assertTrue(request.due_on > fields.Date.today())

    # ------------------------------------------------------------
    # FIND
    # ------------------------------------------------------------

    def test_find(self):
        by_mail = self._person("Johanna", phone=False)
        by_phone = self._person("J M", email="other@x.example")
        by_phone.action_privacy_block()
        partner = self._partner("Jo Partner", email="jo@marker.example")
        request = self._open(phone="070-123 45 67")
        self._person("Nobody", email="no@x.example", phone="+46 70 999 99 99")
        number = self.contact.number
        request.action_find()
        self.assertIn(by_mail, request.contact_ids)
        self.assertIn("Jo Partner", request.other_found)
        self.assertEqual(self.contact.number, number)
        self.assertFalse(self.Contact.search([("name", "=", "Jo Marker")]))
        self.assertTrue(partner.exists())
        request.phone = "+46 70 123 45 67"
        request.action_find()
        self.assertIn(by_phone, request.contact_ids)
        self.assertEqual(len(request.contact_ids), 2)

    def test_find_archived_merged_and_several_addresses(self):
        archived = self._person(phone=False, active=False)
        merged = self._person(phone=False)
        survivor = self._person("Survivor", email="new@x.example", phone=False)
        merged.merge_into(survivor)
        several = self._person(
            "Several", email="first@x.example; JO@marker.example", phone=False
        )
        self._person("Like", email="notjo@marker.example", phone=False)
        local = self._person("Local", email=False, phone="070-123 45 67")
        request = self._open(
            name=False,
            email="x@x.example, Jo <Jo@marker.example>",
            phone="070-123 45 67 ",
        )
        request.action_find()
        self.assertEqual(request.contact_ids, archived | survivor | several | local)
        request.identity_checked_by = self.officer
        request.action_answer()
        data = json.loads(self._unzip(request.attachment_ids.raw)["data.json"])
        self.assertEqual(len(data["contacts"]), 4)

    def test_from_another_screen(self):
        """No default of the screen that one comes from reaches what is made."""
        jo = self._person(email="jo@marker.example")
        jo.create_card("customer")
        request = self._open(identity_checked_by=self.officer.id).with_context(
            default_type="delivery", default_company_id=9**9
        )
        request.action_find()
        self.assertEqual(request.contact_ids, jo)
        self.assertFalse(request.other_found)
        request.action_answer()
        self.assertTrue(request.attachment_ids)

    def test_find_user(self):
        self.officer.login = "jo@marker.example"
        request = self._open()
        request.action_find()
        self.assertIn("never touched", request.other_found)

    def test_find_other_companies(self):
        other = self.env["res.company"].create({"name": "Second"})
        self._person("Hidden Jo", company_id=other.id)
        request = self._open()
        request.action_find()
        self.assertFalse(request.contact_ids)
        self.assertIn("more", request.other_found)
        self.assertNotIn("Hidden", request.other_found)

    def test_find_who_was_erased(self):
        """A ban is no obstacle to asking."""
        self._person().privacy_erase()
        self._open().action_find()

    # ------------------------------------------------------------
    # ANSWER AND CLOSE
    # ------------------------------------------------------------

    def test_answer_needs_identity(self):
        request = self._open()
        with self.assertRaisesRegex(UserError, "Make sure"):
            request.action_answer()

    def test_answer_of_nobody(self):
        request = self._open(identity_checked_by=self.officer.id)
        request.action_answer()
        page = self._unzip(request.attachment_ids.raw)["answer.html"].decode()
        self.assertIn("nothing of you", page)

    def test_after_done(self):
        jo = self._person()
        request = self._request(jo, "access", identity_note="passport")
        request.action_answer()
        self.assertEqual(request.state, "done")
        self.assertFalse(request.name or request.email or request.identity_note)
        self.assertTrue(request.result and request.reference and request.due_on)
        self.assertTrue(request.attachment_ids)
        with self.assertRaisesRegex(UserError, "closed already"):
            request.action_answer()
        self._age(request.attachment_ids, 31)
        self.Request._gc_answers()
        self.assertFalse(request.attachment_ids)

    def test_closed_by_writing_the_status(self):
        """Whoever calls it, a request is closed as its buttons close it."""
        request = self._open()
        with self.assertRaisesRegex(UserError, "Make sure"):
            request.write({"state": "done"})
        with self.assertRaisesRegex(UserError, "Result"):
            request.write({"state": "refused"})
        request.write({"identity_checked_by": self.officer.id, "state": "done"})
        self.assertFalse(request.name or request.email or request.activity_ids)

    def test_refuse(self):
        request = self._open()
        with self.assertRaisesRegex(UserError, "Result"):
            request.action_refuse()
        request.result = "Not the person"
        request.action_refuse()
        self.assertEqual(request.state, "refused")

    def _unzip(self, data):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def test_answer(self):
        jo = self._person(comment="<p>internal opinion</p>", parent_id=self.contact.id)
        jo.user_id = self.seller
        jo.phone = "+46 70 000 00 00"
        self.Interaction.create({"contact_id": jo.id, "name": "Met Jo at the fair"})
        jo.message_post(
            body="internal talk", attachments=[("in.txt", b"internal file")]
        )
        self.env["ir.attachment"].create(
            {"name": "cv.txt", "raw": b"CV", "res_model": jo._name, "res_id": jo.id}
        )
        files = self._unzip(jo.with_user(self.officer).privacy_answer())
        page, data = files["answer.html"].decode(), json.loads(files["data.json"])
        self.assertEqual(data["schema"], 1)
        self.assertIn("Met Jo at the fair", page)
        self.assertNotIn("Seller and Buyer", page)
        for text in ("internal opinion", "internal talk"):
            self.assertNotIn(text, page + files["data.json"].decode())
        self.assertIn(b"CV", files.values())
        self.assertNotIn(b"internal file", files.values())
        (told,) = data["contacts"]
        self.assertEqual(told["contact"]["email"]["value"], "jo@marker.example")
        with_notes = self._unzip(jo.with_user(self.officer).privacy_answer(notes=True))
        self.assertIn("internal opinion", with_notes["answer.html"].decode())
        self.assertIn(b"internal file", with_notes.values())

    def test_answer_names_nobody_else_who_wrote(self):
        jo = self._person()
        for sender in ("Jo <jo@marker.example>", "Ann Other <ann@x.example>"):
            self.env["mail.message"].create(
                {
                    "model": jo._name,
                    "res_id": jo.id,
                    "body": "Hello",
                    "email_from": sender,
                    "author_id": False,
                    "message_type": "email",
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                }
            )
        data = self._unzip(jo.privacy_answer())["data.json"].decode()
        self.assertIn("Jo <jo@marker.example>", data)
        self.assertIn('"A. O."', data)
        self.assertNotIn("Ann Other", data)
        self.assertNotIn("ann@x.example", data)

    def test_answer_tells_where_values_came_from(self):
        self.customer.phone = "+46 8 222 22"
        self.customer.phone = "+46 8 333 33"
        data = json.loads(self._unzip(self.contact.privacy_answer())["data.json"])
        (told,) = data["contacts"]
        (line,) = (line for line in told["values"] if line["field"] == "phone")
        self.assertEqual(line["value"], "+46 8 333 33")
        self.assertEqual(line["before"], "+46 8 222 22")
        self.assertIn("Mill", line["from"])
        self.assertEqual(told["people"], [{"initials": "M.", "function": False}])

    def test_answer_leaves_out_what_the_asker_may_not_read(self):
        self._sale_orders()
        data = self.contact.with_user(self.officer).privacy_answer()
        data = json.loads(self._unzip(data)["data.json"])
        self.assertTrue(data["left_out"])
        self.assertEqual(data["contacts"][0]["documents"], [])
        data = json.loads(self._unzip(self.contact.privacy_answer())["data.json"])
        self.assertEqual(len(data["contacts"][0]["documents"]), 1)

    def test_answer_in_the_persons_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        jo = self._person(lang="fr_FR")
        page = self._unzip(jo.privacy_answer())["answer.html"].decode()
        self.assertIn('lang="fr-FR"', page)
        self.env["res.lang"]._lang_get("fr_FR").active = False
        self.env.flush_all()
        page = self._unzip(jo.privacy_answer())["answer.html"].decode()
        self.assertNotIn('lang="fr-FR"', page)

    def test_block_of_a_request(self):
        jo = self._person()
        request = self._request(jo, "restriction")
        request.action_block()
        self.assertTrue(jo.privacy_blocked)
        self.assertEqual(request.state, "open")

    def test_of_two_companies(self):
        other = self.env["res.company"].create({"name": "Second"})
        hidden = self.Request.create({"kind": "access", "company_id": other.id})
        self.assertFalse(
            self.Request.with_user(self.officer).search([("id", "=", hidden.id)])
        )

    def test_overdue_filter(self):
        late = self._open(received_on=fields.Date.today() - timedelta(days=90))
        domain = [("state", "=", "open"), ("due_on", "<", "today")]
        self.assertIn(late, self.Request.search(domain))
        late.contact_ids = [Command.set(self._person().ids)]
