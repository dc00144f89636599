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
        cls.department = cls._department("Sales", "1")
        cls.job = cls._job("Clerk", cls.department)
        cls.relation = cls.contact.link_card("job", cls.job.id)
        cls.env.flush_all()

    @classmethod
    def _department(cls, name, phone):
        return cls.env["hr.department"].create({"name": name, "phone": phone})

    @classmethod
    def _job(cls, name, department=None):
        return cls.env["hr.job"].create(
            {"name": name, "department_id": department and department.id}
        )

    def test_linked(self):
        self.assertEqual(self.relation.department_id, self.department)
        self.assertTrue(self.department.marketing_linked)
        self.assertEqual(self.contact.phone, "1")
        self.department.phone = "2"
        self.assertEqual(self.contact.phone, "2")
        self.contact.phone = "3"
        self.assertEqual(self.department.phone, "3")
        self.contact.link_card("job", self._job("Manager", self.department).id)
        other = self.Contact.create({"name": "Other", "is_company": True})
        for contact, department in (
            (other, self.department),
            (self.contact, self._department("Press", "4")),
        ):
            job = self._job("Fourth", department)
            with self.assertRaises(ValidationError):
                contact.link_card("job", job.id)

    def test_another_department(self):
        """The contact follows in what the new one has, and is in sync with it."""
        new = self._department("Marketing", "2")
        self.job.department_id = new
        self.env.flush_all()
        self.assertEqual(self.relation.department_id, new)
        self.assertTrue(new.marketing_linked)
        self.assertFalse(self.department.marketing_linked)
        self.assertEqual(self.contact.phone, "2")
        new.phone = "3"
        self.assertEqual(self.contact.phone, "3")
        self.assertEqual(self.department.phone, "1")

    def test_a_department_with_a_contact(self):
        """The job goes to that contact; where others stay behind it leaves them."""
        new = self._department("Marketing", "2")
        second, third = self._job("Second", self.department), self._job("Third", new)
        self.contact.link_card("job", second.id)
        contact = self.Contact.create({"name": "Marketing", "is_company": True})
        contact.link_card("job", third.id)
        self.job.department_id = new
        self.assertEqual(self.relation.contact_id, contact)
        self.assertEqual(self.contact.relation_ids.job_id, second)
        self.assertTrue(self.department.marketing_linked)
        staying = self._job("Fourth", self.department)
        self.contact.link_card("job", staying.id)
        second.department_id = self._department("New", "3")
        self.assertEqual(self.contact.relation_ids.job_id, staying)
        self.assertEqual(second.marketing_contact_id.phone, "3")
        self.assertIn("no longer linked", self.contact.message_ids[0].body)

    def test_created(self):
        jobs = self._job("A", self._department("Marketing", "2"))
        jobs |= self._job("B", jobs.department_id)
        wizard = self.env["marketing.contact.generate"].create(
            {"kind": "job", "domain": repr([("id", "in", (jobs | self.job).ids)])}
        )
        self.assertEqual((wizard.count_new, wizard.count_skipped), (2, 1))
        wizard.action_generate()
        self.assertEqual(jobs.marketing_contact_id.mapped("phone"), ["2"])

    def test_deleted(self):
        self.job.unlink()
        self.assertFalse(self.relation.exists())
        self.assertFalse(self.department.marketing_linked)
