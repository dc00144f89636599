from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import Form

from .common import MarketingContactCommon


class TestEmployers(MarketingContactCommon):
    """What people have from the company that they belong to, however they come in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls._contact(
            "Old Employer",
            street="Old Road 1",
            city="Lund",
            user_id=cls.marketer.id,
        )
        cls.new = cls._contact(
            "New Employer",
            street="New Street 2",
            zip="111 22",
            city="Malmö",
            user_id=cls.manager.id,
        )
        cls.person = cls._person(cls.old, "Anna")

    @classmethod
    def _person(cls, company, name, **vals):
        return cls.Contact.create({"name": name, "parent_id": company.id, **vals})

    def _address(self, contact):
        return contact.street, contact.zip, contact.city

    # ------------------------------------------------------------
    # WAYS IN
    # ------------------------------------------------------------

    def test_by_the_default_of_the_list(self):
        action = self.old.with_user(self.marketer).action_view_people()
        result = call_kw(
            self.Contact.with_user(self.marketer),
            "web_save",
            [[], {"name": "Listed"}],
            {"specification": {"id": {}}, "context": action["context"]},
        )
        person = self.Contact.browse(result[0]["id"])
        self.assertEqual(person.parent_id, self.old)
        self.assertFalse(person.is_company)
        self.assertEqual(person.city, "Lund")
        self.assertEqual(person.user_id, self.marketer)

    def test_by_name_alone(self):
        Contact = self.Contact.with_user(self.marketer)
        quick = Contact.with_context(default_parent_id=self.old.id)
        person = self.Contact.browse(quick.name_create("Quick")[0])
        self.assertEqual((person.parent_id, person.city), (self.old, "Lund"))
        # also from a list of companies
        person = self.Contact.browse(
            quick.with_context(default_is_company=True).name_create("Quick Too")[0]
        )
        self.assertEqual((person.parent_id, person.is_company), (self.old, False))

    def test_by_a_line_of_the_company(self):
        self.old.child_ids = [Command.create({"name": "Line"})]
        person = self.old.child_ids.filtered(lambda p: p.name == "Line")
        self.assertEqual((person.city, person.is_company), ("Lund", False))

    def test_a_company_belongs_to_none_by_default(self):
        company = self.Contact.with_context(default_parent_id=self.old.id).create(
            {"name": "Sister", "is_company": True}
        )
        self.assertFalse(company.parent_id)
        with self.assertRaises(ValidationError):
            self._person(self.old, "Both", is_company=True)

    def test_nothing_from_a_company_that_one_may_not_read(self):
        self.env["ir.rule"].create(
            {
                "name": "not this one",
                "model_id": self.env["ir.model"]._get_id("marketing.contact"),
                "domain_force": f"[('id', '!=', {self.old.id})]",
                "groups": [
                    Command.link(
                        self.env.ref(
                            "marketing_contact.group_marketing_contact_user"
                        ).id
                    )
                ],
            }
        )
        Contact = self.Contact.with_user(self.marketer)
        person = Contact.create({"name": "Spy", "parent_id": self.old.id}).sudo()
        self.assertFalse(person.city or person.street or person.user_id)
        loner = Contact.create({"name": "Loner"})
        loner.parent_id = self.old
        self.assertFalse(loner.sudo().city or loner.sudo().user_id)

    # ------------------------------------------------------------
    # FROM ONE COMPANY TO ANOTHER
    # ------------------------------------------------------------

    def test_what_was_the_old_companys_follows(self):
        self.person.with_user(self.marketer).parent_id = self.new
        self.assertEqual(
            self._address(self.person), ("New Street 2", "111 22", "Malmö")
        )
        self.assertEqual(self.person.user_id, self.manager)
        line = {li["field"]: li for li in self.person.get_lineage()}["city"]
        self.assertEqual(line["id"], self.new.id)

    def test_what_is_their_own_stays(self):
        self.person.write({"street": "Home 5", "user_id": self.clerk.id})
        self.person.parent_id = self.new
        self.assertEqual(self._address(self.person), ("Home 5", False, "Lund"))
        self.assertEqual(self.person.user_id, self.clerk)

    def test_what_is_given_with_it_counts(self):
        self.person.write({"parent_id": self.new.id, "user_id": self.marketer.id})
        self.assertEqual(self.person.user_id, self.marketer)
        self.assertEqual(self.person.city, "Malmö")

    def test_in_the_form(self):
        person = self.person.with_user(self.manager)
        with Form(person) as form:
            form.parent_id = self.new.with_user(self.manager)
            self.assertEqual(form.city, "Malmö")
            self.assertEqual(form.street, "New Street 2")
        self.assertEqual(self._address(person), ("New Street 2", "111 22", "Malmö"))
        # chosen twice before it is saved
        with Form(self.Contact.with_user(self.manager)) as form:
            form.name = "Undecided"
            form.company_type = "person"
            form.parent_id = self.old.with_user(self.manager)
            self.assertEqual(form.city, "Lund")
            form.parent_id = self.new.with_user(self.manager)
            self.assertEqual(form.city, "Malmö")

    def test_goes_on_to_the_cards(self):
        customer = self.new.create_card("customer")
        self.company.marketing_people_to_cards = True
        self.person.parent_id = self.new
        child = customer.child_ids
        self.assertEqual(child.name, "Anna")

    # ------------------------------------------------------------
    # WHICH OF OUR COMPANIES
    # ------------------------------------------------------------

    def test_people_are_of_the_same_company_of_ours(self):
        other = self.env["res.company"].create({"name": "Other of Ours"})
        theirs = self._contact("Theirs", company_id=other.id)
        person = self._person(theirs, "New")
        self.assertEqual(person.company_id, other)
        person = self._person(theirs, "Given", company_id=self.company.id)
        self.assertEqual(person.company_id, other)
        default = self.Contact.with_context(default_company_id=self.company.id)
        person = default.create({"name": "Listed", "parent_id": theirs.id})
        self.assertEqual(person.company_id, other)
        self.person.parent_id = theirs
        self.assertEqual(self.person.company_id, other)
        self.person.parent_id = self.old
        self.assertFalse(self.person.company_id)
        self.person.company_id = other
        self.assertFalse(self.person.company_id)

    def test_people_go_along(self):
        other = self.env["res.company"].create({"name": "Other of Ours"})
        archived = self._person(self.old, "Archived", active=False)
        loner = self._contact("Loner", is_company=False)
        (self.old | loner).company_id = other
        for record in (self.old, self.person, archived, loner):
            self.assertEqual(record.company_id, other)

    # ------------------------------------------------------------
    # PERSON OR COMPANY
    # ------------------------------------------------------------

    def test_many_become_companies_at_once(self):
        loner = self._contact("Loner", is_company=False)
        many = (self.person | loner | self.new).with_user(self.marketer)
        # as the list's edit of several sends it
        vals_list = [{"company_type": "company"}] * 3
        call_kw(many, "web_save_multi", [many.ids, vals_list], {"specification": {}})
        self.assertTrue(all(many.mapped("is_company")))
        self.assertFalse(self.person.parent_id)
        many.write({"company_type": "person"})
        self.assertFalse(any(many.mapped("is_company")))

    def test_archived_people_keep_their_company_a_company(self):
        self.person.active = False
        with (
            self.assertRaisesRegex(ValidationError, "Anna"),
            self.env.cr.savepoint(),
        ):
            self.old.is_company = False
        self.assertTrue(self.old.is_company)

    def test_made_as_a_company_by_the_type(self):
        contact = self.Contact.with_context(default_is_company=False).create(
            {"name": "Typed", "company_type": "company"}
        )
        self.assertTrue(contact.is_company)


class TestTiesOfOthers(MarketingContactCommon):
    """A tie lives while the person's company is linked with its child's company."""

    def test_a_merged_person_keeps_the_ties_to_its_own_company_only(self):
        here, there = self._contact("Here"), self._contact("There")
        customers = here.create_card("customer") | there.create_card("customer")
        ann, twin = self.Contact.create(
            [
                {"name": "Ann", "parent_id": here.id},
                {"name": "Ann Two", "parent_id": there.id},
            ]
        )
        children = self.Partner.create(
            [
                {"name": "Ann", "parent_id": customers[0].id},
                {"name": "Ann Two", "parent_id": customers[1].id},
            ]
        )
        self.assertEqual((ann | twin).relation_ids.partner_id, children)
        twin.merge_into(ann)
        self.assertEqual(ann.relation_ids.partner_id, children[0])
        ann.phone = "+46 8 555 111"
        self.assertFalse(children[1].phone)
        self.env["marketing.sync.batch"].search(
            [("origin", "=", "merge")], limit=1
        ).undo()
        self.assertEqual(twin.relation_ids.partner_id, children[1])
        self.assertEqual(ann.relation_ids.partner_id, children[0])

    def test_nobody_becomes_a_child_of_our_own_company(self):
        self.company.marketing_people_to_cards = True
        contact = self._contact("Ourselves")
        contact.link_card("customer", self.company.partner_id.id)
        self.Contact.create({"name": "Outsider", "parent_id": contact.id})
        self.assertFalse(
            self.company.partner_id.child_ids.filtered(lambda p: p.name == "Outsider")
        )


class TestNameless(MarketingContactCommon):
    """A contact has a name, also where its customer has none."""

    def test_a_nameless_address(self):
        partner = self.Partner.create(
            {"type": "other", "customer_rank": 1, "company_name": "Acme Works"}
        )
        self.assertFalse(partner.name)
        contact = partner.marketing_contact_id
        self.assertEqual(contact.name, "Acme Works, Other")
        alone = self.Partner.create({"type": "invoice", "customer_rank": 1})
        self.assertEqual(alone.marketing_contact_id.name, "Invoice")
        blank = self.Partner.create({"name": "   ", "customer_rank": 1})
        self.assertTrue((blank.marketing_contact_id.name or "").strip())
