import base64
import json
import os
import sys
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..models.runs import workers
from .common_privacy import PrivacyCommon

MARKERS = ("Zyxmarker", "zyx@marker.example", "+46701234599", "0701234599")
TYPES = ("text", "character varying", "character", "json", "jsonb", "bytea")


class TestPrivacyMarker(PrivacyCommon):
    """Seen from outside: after an erasure nothing is left of somebody but what the plan
    names.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what a person does is tracked and told, as in life
        context = dict(cls.env.context)
        for key in ("tracking_disable", "mail_notrack", "mail_create_nolog"):
            context.pop(key, None)
        cls.env = cls.env(context=context)
        cls.Contact = cls.env["marketing.contact"]

    def setUp(self):
        super().setUp()
        self.person = self._plant()

    def _plant(self):
        """Return a contact that was linked, merged, mailed, ordered and invoiced."""
        values = {
            "name": "Zyxmarker Person",
            "email": "zyx@marker.example",
            "phone": "+46 70 123 45 99",
            "website": "https://zyxmarker.example",
            "function": "Zyxmarker of all",
            "comment": "<p>Zyxmarker note</p>",
            "image_1920": base64.b64encode(
                b"<svg xmlns='http://www.w3.org/2000/svg'><text>Zyxmarker</text></svg>"
            ),
        }
        person = self.Contact.create(values)
        self.env["ir.model.data"].create(
            {
                "module": "__import__",
                "name": "Zyxmarker_1",
                "model": person._name,
                "res_id": person.id,
            }
        )
        twin = self.Contact.create({**values, "name": "Zyxmarker Twin"})
        twin.message_post(body="Zyxmarker before the merge")
        customer = self.env["res.partner"].browse(person.create_card("customer").id)
        for record, field, values in (
            (person, "phone", ("+46 70 123 45 98", "+46 70 123 45 99")),
            (customer, "email", ("old.zyx@marker.example", "zyx@marker.example")),
        ):
            for value in values:
                self.flush_tracking()
                record[field] = value
        self.flush_tracking()
        twin.merge_into(person)
        person.message_post(
            body="Dear Zyxmarker",
            attachments=[("zyxmarker.txt", b"Zyxmarker file")],
        )
        self.env["mail.mail"].create(
            {
                "model": person._name,
                "res_id": person.id,
                "email_to": "zyx@marker.example",
                "body_html": "<p>Zyxmarker</p>",
            }
        )
        person.activity_schedule(
            "mail.mail_activity_data_todo", summary="Call Zyxmarker"
        )
        self.Interaction.create(
            {"contact_id": person.id, "name": "Zyxmarker called", "note": "Zyxmarker"}
        )
        self.env["mail.blacklist"]._add("zyx@marker.example")
        order = self._sale_orders(partner=customer)
        order.message_post(body="For Zyxmarker")
        self.invoice = self._invoice(customer)
        self._note_left_out(person)
        self._log_with_many()
        self.env["ir.filters"].create(
            {
                "name": "Somebody",
                "model_id": person._name,
                "domain": "[('name', 'ilike', 'Zyxmarker Person')]",
            }
        )
        self.env["marketing.segment"].create(
            {"name": "Somebody", "domain": "[('email', '=', 'zyx@marker.example')]"}
        )
        self.env["base_import.import"].create(
            {
                "res_model": person._name,
                "file": b"name\nZyxmarker Person",
                "file_name": "x.csv",
            }
        )
        for subject in (False, "Hello"):
            self.env["mail.compose.message"].create(
                {
                    "model": person._name,
                    "res_ids": str(person.ids),
                    "subject": subject,
                    "body": "Zyxmarker",
                }
            )
        request = self._request(person, "access")
        request.sudo().action_answer()
        self._request(person, "rectification", email="zyx@marker.example")
        self._request(self.Contact, name="Zyxmarker", email="ZYX@Marker.example ")
        self._plant_unlinked(person)
        self.flush_tracking()
        self.customer, self.order = customer, order
        return person

    def _plant_unlinked(self, person):
        """Let the person have been somebody's before, and written to."""
        former = person.create_card("vendor")
        self.flush_tracking()
        former.marketing_relation_ids.unlink()
        person.create_card("vendor")
        self.Interaction.create(
            {
                "contact_id": person.id,
                "name": "E-mail sent",
                "res_model": person._name,
                "res_id": person.id,
                "res_name": person.display_name,
            }
        )
        self.Rule.create(
            {
                "model": "sale.order",
                "event": "create",
                "domain": "[('partner_id.name', '=', 'Zyxmarker Person')]",
                "template_id": self.Template.search([], limit=1).id,
            }
        )

    def _note_left_out(self, person):
        """Let others have been left out because of the person."""
        run = self.env["marketing.run"]._start("erase", {"contact_ids": []})
        for told in (person.name, person.email, person.phone, "+46701234599"):
            error = UserError(f"“Other” can't be made: “{told}” has the same address.")
            self.env["marketing.exception"]._note(run, [(self.contact, error)])

    def _log_with_many(self):
        """Let the person be the subject of what is logged with others, too."""
        others = self._contact("Other One") | self._contact("Other Two")
        self.log = self.env["marketing.interaction.log"].with_user(self.marketer)
        with patch.object(workers, "BACKGROUND_FROM", 2):
            action = self.log.create(
                {
                    "contact_ids": [Command.set(others.ids)],
                    "name": "About zyxmarker person",
                    "note": "<p>Ask zyx@marker.example</p>",
                }
            ).action_log()
        self.log = self.env["marketing.run"].browse(action["res_id"])
        part = self.log.part_ids[:1]
        part._work()
        self.assertEqual(part.done, 2)

    def _invoice(self, partner, paid=True):
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.env.company.id)], limit=1
        )
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": journal.id,
                "partner_id": partner.id,
                "invoice_line_ids": [
                    Command.create({"name": "Zyxmarker's flour", "price_unit": 10.0})
                ],
            }
        )
        invoice.action_post()
        invoice.message_post(
            body="Invoice of Zyxmarker", attachments=[("i.pdf", b"%PDF-1.4 Zyxmarker")]
        )
        if paid:
            self.env.flush_all()
            # as a payment leaves it
            self.env.cr.execute(
                "UPDATE account_move SET payment_state = 'paid' WHERE id = %s",
                [invoice.id],
            )
            invoice.invalidate_recordset()
        return invoice

    def _search_everywhere(self):
        """Return ``{(table, id)}`` of the rows with a marker in any column, and in the
        file store.
        """
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(
            """SELECT c.table_name, array_agg(c.column_name::text),
                      array_agg(c.data_type::text)
                 FROM information_schema.columns c JOIN information_schema.tables t
                      USING (table_schema, table_name)
                WHERE c.table_schema = current_schema AND t.table_type = 'BASE TABLE'
                  AND c.data_type IN %s GROUP BY 1""",
            [TYPES],
        )
        found = set()
        for table, columns, types in cr.fetchall():
            conditions = []
            for column, kind in zip(columns, types, strict=True):
                name = SQL.identifier(column)
                for marker in MARKERS:
                    if kind == "bytea":
                        conditions.append(
                            SQL("position(%s IN %s) > 0", marker.encode(), name)
                        )
                    else:
                        text = SQL("%s::text ILIKE %s", name, f"%{marker}%")
                        conditions.append(text)
            cr.execute(
                SQL(
                    "SELECT to_jsonb(t) ->> 'id', to_jsonb(t) ->> 'model', "
                    "to_jsonb(t) ->> 'res_id' FROM %s t WHERE %s",
                    SQL.identifier(table),
                    SQL(" OR ").join(conditions),
                )
            )
            found |= {(table, int(row[0] or 0)) for row in cr.fetchall()}
        return found | self._search_files()

    def _search_files(self):
        attachments = self.env["ir.attachment"].sudo()
        cr = self.env.cr
        cr.execute("SELECT id, store_fname FROM ir_attachment WHERE store_fname != ''")
        found = set()
        for id_, fname in cr.fetchall():
            path = attachments._full_path(fname)
            if os.path.exists(path):
                with open(path, "rb") as file:
                    data = file.read().lower()
                if any(marker.lower().encode() in data for marker in MARKERS):
                    found.add(("ir_attachment", id_))
        return found

    def _get_document(self, table, id_):
        """Return the document that a message or a file is of."""
        of_message = "JOIN mail_message m ON m.id = x.mail_message_id"
        query = {
            "ir_attachment": "res_model, res_id FROM ir_attachment x",
            "mail_message": "model, res_id FROM mail_message x",
            "mail_mail": f"m.model, m.res_id FROM mail_mail x {of_message}",
            "mail_notification": (
                f"m.model, m.res_id FROM mail_notification x {of_message}"
            ),
            "mail_tracking_value": (
                f"m.model, m.res_id FROM mail_tracking_value x {of_message}"
            ),
            "account_move_line": "'account.move', move_id FROM account_move_line x",
        }.get(table)
        if not query:
            return None
        self.env.cr.execute(f"SELECT {query} WHERE x.id = %s", [id_])
        return self.env.cr.fetchone()

    def _get_unnamed(self, plan, before=frozenset()):
        """Return the rows with a marker that the plan does not name under `stays`."""
        stays = {(line["model"], line["id"]) for line in plan["stays"]}
        tables = {self.env[model]._table: model for model, _id in stays}
        messages = {id_ for model, id_ in stays if model == "mail.message"}
        # with its messages and files is one line what is a document, or not ours
        whole = {
            (line["model"], line["id"])
            for line in plan["stays"]
            if line["model"] != "res.partner" or "look yourself" in line["reason"]
        }
        unnamed = []
        for table, id_ in sorted(self._search_everywhere() - before):
            if (tables.get(table), id_) in stays:
                continue
            document = self._get_document(table, id_)
            if document in whole:
                continue
            if table == "mail_tracking_value":
                self.env.cr.execute(
                    "SELECT mail_message_id FROM mail_tracking_value WHERE id = %s",
                    [id_],
                )
                if self.env.cr.fetchone()[0] in messages:
                    continue
            unnamed.append((table, id_, document))
        return unnamed

    def _erase(self, cards="minimise"):
        plan = self.person.privacy_plan(cards)
        done = self.person.privacy_erase(cards)
        self.assertEqual(plan, done)
        self.assertFalse(self.person.exists())
        self.flush_tracking()
        return done

    def test_minimise(self):
        before = self._search_everywhere()
        self.assertIn(("marketing_contact", self.person.id), before)
        self.assertIn(("marketing_run", self.log.id), before)
        plan = self._erase()
        self.assertEqual(self._get_unnamed(plan), [])
        self._tell(before, self._search_everywhere(), plan)

    def _tell(self, before, after, plan):
        """Print where the marker was and where it still is: `dev.py test -k
        test_minimise -rP` shows it.
        """
        rows = {}
        for column, found in enumerate((before, after)):
            for table, _id in found:
                rows.setdefault(table, [0, 0])[column] += 1
        tables = {self.env[line["model"]]._table: line for line in plan["stays"]}
        lines = [f"{'where':36}{'before':>7}{'after':>7}  stays because"]
        for table, (was, is_) in sorted(rows.items()):
            # what belongs to a document is named by it
            reason = tables.get(table, {}).get("reason", "of a document that is named")
            lines.append(f"{table:36}{was:7}{is_:7}  {reason if is_ else ''}".rstrip())
        sys.stdout.write("\n".join(["Rows with the marker", *lines, ""]))

    def test_keep(self):
        self.assertEqual(self._get_unnamed(self._erase("keep")), [])

    def test_erase(self):
        self.assertEqual(self._get_unnamed(self._erase("erase")), [])

    def test_audit_trail(self):
        self.env.company.restrictive_audit_trail = True
        plan = self._erase()
        reasons = {line["reason"] for line in plan["stays"]}
        self.assertIn("The audit trail forbids to delete it.", reasons)
        self.assertEqual(self._get_unnamed(plan), [])

    def test_import_again(self):
        self._erase()
        result = self.Contact.with_user(self.marketer).load(
            ["name", "email", "phone"],
            [["Zyxmarker Person", "zyx@marker.example", "+46 70 123 45 99"]],
        )
        self.assertFalse(result["ids"])
        self.assertTrue(result["messages"])
        self.assertIn("erased on request", json.dumps(result["messages"], default=str))
        self.assertFalse(self.Contact.search([("name", "=", "Zyxmarker Person")]))
