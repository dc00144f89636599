from psycopg2.errors import CheckViolation

from odoo.exceptions import ValidationError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.marketing_contact.models.proposals import waiting


@tagged("post_install", "-at_install")
class TestEmployee(TransactionCase):
    """A kind that an add-on brings does all that ours do, without a patch of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["marketing.contact"].create(
            {"name": "Ann", "is_company": True, "phone": "1"}
        )
        cls.employee = cls.env["hr.employee"].create(
            {"name": "Ann", "work_phone": "2", "work_email": "ann@x.example"}
        )
        cls.customer = cls.contact.create_card("customer")
        cls.relation = cls.contact.link_card("employee", cls.employee.id, master="card")
        cls.env.flush_all()

    def test_linked(self):
        self.assertEqual(self.relation.kind, "employee")
        self.assertEqual(self.relation.business_relation_id.code, "EMPLOYEE")
        self.assertEqual(self.relation.company_id, self.employee.company_id)
        self.assertEqual(self.relation.card_name, "Ann")
        self.assertTrue(self.employee.marketing_linked)
        self.assertEqual(self.employee.marketing_contact_id, self.contact)
        # the card's values won, and reached the customer as well
        self.assertEqual(self.contact.phone, "2")
        self.assertEqual(self.customer.email, "ann@x.example")
        self.assertEqual(self.contact.relation_summary, "multiple")

    def test_syncs_both_ways(self):
        self.employee.work_phone = "3"
        self.assertEqual(self.contact.phone, "3")
        self.assertEqual(self.customer.phone, "3")
        self.customer.email = "new@x.example"
        self.assertEqual(self.employee.work_email, "new@x.example")
        self.contact.phone = False
        self.assertFalse(self.employee.work_phone)

    def test_preview_notice_and_lineage(self):
        effects = self.customer.preview_sync({"phone": "4"})
        self.assertIn(
            ("hr.employee", self.employee.id, "work_phone", "4"),
            [(e["model"], e["id"], e["field"], e["new"]) for e in effects],
        )
        self.assertIn("Ann", self.employee.get_sync_notice({"work_phone": "4"}))
        self.customer.phone = "4"
        lineage = {line["field"]: line for line in self.employee.get_lineage()}
        self.assertEqual(lineage["work_phone"]["id"], self.customer.id)

    def test_drifts_and_is_repaired(self):
        self.env.cr.execute(
            SQL(
                "UPDATE hr_employee SET work_phone = '9' WHERE id = %s",
                self.employee.id,
            )
        )
        self.env.invalidate_all()
        difference = self.relation.check_differences()
        self.assertEqual(difference.card_value, "9")
        self.assertEqual(self.relation.state, "drifted")
        difference.action_use_card()
        self.assertEqual(self.contact.phone, "9")
        self.assertEqual(self.relation.state, "equal")

    def test_is_undone(self):
        self.employee.work_phone = "5"
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertFalse(batch.undo())
        self.assertEqual(self.employee.work_phone, "2")
        self.assertEqual(self.contact.phone, "2")
        link = self.env["marketing.sync.batch"].search(
            [("origin", "=", "link")], limit=1
        )
        link.undo()
        self.assertFalse(self.relation.exists())
        self.assertFalse(self.employee.marketing_linked)

    def test_rules(self):
        other = self.env["marketing.contact"].create({"name": "B", "is_company": True})
        with self.assertRaises(ValidationError):
            other.link_card("employee", self.employee.id)
        with self.assertRaises(ValidationError):
            self.env["marketing.contact.relation"].create(
                {
                    "contact_id": other.id,
                    "kind": "employee",
                    "partner_id": self.customer.id,
                }
            )
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    "UPDATE marketing_contact_relation SET kind = 'customer' "
                    "WHERE id = %s",
                    [self.relation.id],
                )

    def test_wizards_and_dashboard(self):
        contact = self.env["marketing.contact"].create(
            {"name": "Bo", "is_company": True}
        )
        employee = self.env["hr.employee"].create({"name": "Bo", "work_phone": "7"})
        wizard = self.env["marketing.contact.link"].with_context(
            active_model="marketing.contact", active_id=contact.id
        )
        with Form(wizard) as form:
            form.kind = "employee"
            form.card_id = employee.id
            self.assertEqual(form.card_model, "hr.employee")
        form.record.action_link()
        self.assertEqual(contact.phone, "7")
        tiles = self.env["marketing.sync.overview"].search([])
        tile = tiles.filtered(lambda t: t.tile == "employee")
        self.assertEqual(tile.count, 2)
        self.assertTrue(tile.action_open_unlinked()["res_model"], "hr.employee")
        made = self.env["hr.employee"].create({"name": "Cy", "work_phone": "8"})
        generate = self.env["marketing.contact.generate"].create(
            {"kind": "employee", "domain": repr([("id", "in", made.ids)])}
        )
        self.assertEqual(generate.count_new, 1)
        generate.action_generate()
        self.assertEqual(made.marketing_contact_id.phone, "8")
        created = self.env["marketing.contact"].create({"name": "Di"})
        card = created.create_card("employee")
        self.assertEqual((card._name, card.name), ("hr.employee", "Di"))

    def test_a_double_is_proposed(self):
        """Employees are no side of who is who, the contacts made of them are."""
        details = {"name": "Quentin Quillfeather", "is_company": False}
        known = self.env["marketing.contact"].create(
            {**details, "email": "q@quillfeather.example"}
        )
        employee = self.env["hr.employee"].create(
            {"name": details["name"], "work_email": known.email}
        )
        wizard = self.env["marketing.contact.generate"].create(
            {"kind": "employee", "domain": repr([("id", "=", employee.id)])}
        )
        wizard.action_generate()
        contact = employee.marketing_contact_id
        self.assertNotEqual(contact, known)
        waiting.look_up(self.env)
        match = self.env["marketing.match"].search(
            [("contact_id", "in", [contact.id, known.id])]
        )
        self.assertEqual(match.contact_id | match.other_contact_id, contact | known)

    def test_moved_to_another_company(self):
        """The contact goes along; where it has an employee there, it keeps that one."""
        second = self.env["res.company"].create({"name": "Second Company"})
        code = self.env.company.marketing_employee_relation_id
        second.marketing_employee_relation_id = code
        contact = self.env["marketing.contact"].create(
            {"name": "Eve", "is_company": True, "company_id": self.env.company.id}
        )
        first, other = self.env["hr.employee"].create(
            [{"name": "Eve"}, {"name": "Eve", "company_id": second.id}]
        )
        link = contact.link_card("employee", first.id)
        first.company_id = second
        self.env.flush_all()
        self.assertEqual((contact.company_id, link.company_id), (second, second))
        first.company_id = self.env.company
        contact.company_id = False
        kept = contact.link_card("employee", other.id)
        first.company_id = second
        self.env.flush_all()
        self.assertEqual(contact.relation_ids, kept)

    def test_deleted(self):
        self.employee.unlink()
        self.assertFalse(self.relation.exists())
        self.assertTrue(self.contact.exists())

    def test_leaves_nothing_personal(self):
        self.employee.work_phone = "6"
        employee_id = self.employee.id
        self.employee.unlink()
        changes = self.env["marketing.sync.change"].search(
            [("target_model", "=", "hr.employee"), ("target_id", "=", employee_id)]
        )
        self.assertTrue(changes)
        self.assertFalse(any(changes.mapped("old_value") + changes.mapped("new_value")))
