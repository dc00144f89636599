from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestJob(TransactionCase):
    """A kind whose cards share the values of another record, as accounts their bank:
    jobs those of their department.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Contact = cls.env["marketing.contact"]
        cls.contact = cls.Contact.create({"name": "Sales", "is_company": True})
        cls.department = cls.env["hr.department"].create({"name": "Sales"})
        cls.job = cls._job("Clerk", cls.department)
        cls.relation = cls.contact.link_card("job", cls.job.id)
        cls.env.flush_all()

    @classmethod
    def _job(cls, name, department=None):
        return cls.env["hr.job"].create(
            {"name": name, "department_id": department and department.id}
        )

    def test_linked(self):
        self.assertEqual(self.relation.department_id, self.department)
        self.assertTrue(self.department.marketing_linked)
        self.department.name = "Sales and Service"
        self.assertEqual(self.contact.name, "Sales and Service")
        self.contact.name = "Sales"
        self.assertEqual(self.department.name, "Sales")
        second = self._job("Manager", self.department)
        self.contact.link_card("job", second.id)
        other = self.Contact.create({"name": "Other", "is_company": True})
        for contact, job in (
            (other, self._job("Third", self.department)),
            (self.contact, self._job("Fourth", self.department.copy())),
        ):
            with self.assertRaises(ValidationError):
                contact.link_card("job", job.id)

    def test_another_department(self):
        """The contact follows in what the new one has, and is in sync with it."""
        new = self.env["hr.department"].create({"name": "Marketing"})
        self.job.department_id = new
        self.env.flush_all()
        self.assertEqual(self.relation.department_id, new)
        self.assertTrue(new.marketing_linked)
        self.assertFalse(self.department.marketing_linked)
        self.assertEqual(self.contact.name, "Marketing")
        new.name = "Marketing and Press"
        self.assertEqual(self.contact.name, "Marketing and Press")
        self.assertEqual(self.department.name, "Sales")

    def test_a_department_with_a_contact(self):
        """The job goes to that contact; of several at one department only it does."""
        new = self.env["hr.department"].create({"name": "Marketing"})
        second, third = self._job("Second", self.department), self._job("Third", new)
        self.contact.link_card("job", second.id)
        contact = self.Contact.create({"name": "Marketing", "is_company": True})
        contact.link_card("job", third.id)
        self.job.department_id = new
        self.assertEqual(self.relation.contact_id, contact)
        self.assertEqual(self.contact.relation_ids.job_id, second)
        self.assertTrue(self.department.marketing_linked)
        # of a department without one it gets a contact of its own
        second_of_two = self._job("Fifth", self.department)
        self.contact.link_card("job", second_of_two.id)
        second.department_id = self.env["hr.department"].create({"name": "New"})
        self.assertEqual(self.contact.relation_ids.job_id, second_of_two)
        self.assertEqual(second.marketing_contact_id.name, "New")
        self.assertIn("no longer linked", self.contact.message_ids[0].body)

    def test_created(self):
        new = self.env["hr.department"].create({"name": "Marketing"})
        jobs = self._job("A", new) | self._job("B", new)
        wizard = self.env["marketing.contact.generate"].create(
            {"kind": "job", "domain": repr([("id", "in", (jobs | self.job).ids)])}
        )
        self.assertEqual((wizard.count_new, wizard.count_skipped), (2, 1))
        wizard.action_generate()
        self.assertEqual(jobs.marketing_contact_id.mapped("name"), ["Marketing"])

    def test_deleted(self):
        self.job.unlink()
        self.assertFalse(self.relation.exists())
        self.assertFalse(self.department.marketing_linked)
