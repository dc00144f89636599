from odoo.exceptions import AccessError, UserError, ValidationError

from .common import SHARED_ADDRESS, MarketingContactCommon


class TestMergeRules(MarketingContactCommon):
    """Which contacts can become one, and that nothing happens otherwise."""

    def _assert_refused(self, source, target, text):
        with self.assertRaisesRegex(ValidationError, text):
            source.merge_into(target)
        self.assertFalse((source | target).merged_into_id)
        self.assertTrue(all((source | target).mapped("active")))

    def test_into_itself(self):
        contact = self._contact("Acme")
        self._assert_refused(contact, contact, "into itself")

    def test_twice(self):
        first, second = self._contact("Acme"), self._contact("Acme Ltd")
        twice = self.Contact.concat(first, first)
        self._assert_refused(twice, second, "twice")

    def test_person_and_company(self):
        company = self._contact("Acme")
        person = self._contact("Pat", is_company=False)
        self._assert_refused(company, person, "person and a company")
        self._assert_refused(person, company, "person and a company")

    def test_company_and_one_of_its_people(self):
        company = self._contact("Acme")
        person = self._contact("Pat", is_company=False, parent_id=company.id)
        self._assert_refused(person, company, "one of its people")
        self._assert_refused(company, person, "one of its people")

    def test_merged_already(self):
        first, second, third = (self._contact(f"Acme {i}") for i in range(3))
        first.merge_into(second)
        with self.assertRaisesRegex(ValidationError, "merged into"):
            third.merge_into(first)
        with self.assertRaisesRegex(ValidationError, "merged into"):
            first.merge_into(third)
        self.assertFalse(third.merged_into_id)

    def test_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        own = self._contact("Acme", company_id=self.company.id)
        theirs = self._contact("Acme", company_id=other.id)
        shared = self._contact("Acme")
        self._assert_refused(own, theirs, "different companies")
        # the others would lose sight of it
        self._assert_refused(shared, theirs, "the other way round")
        theirs.merge_into(shared)
        self.assertEqual(theirs.merged_into_id, shared)

    def test_wrong_arguments(self):
        first, second = self._contact("Acme"), self._contact("Acme Ltd")
        outsider = self._contact("Outsider")
        for target in (self.Contact, first | second, self._partner(), False, 0, -1):
            with self.assertRaises(UserError):
                first.merge_into(target)
        for keep in (
            {"phone": outsider.id},
            {"nothing": first.id},
            {"number": first.id},
        ):
            with self.assertRaises(UserError):
                first.merge_into(second, keep)
        with self.assertRaises(UserError):
            first.merge_into(second, ["phone"])
        first.merge_into(second.id)
        self.assertEqual(first.merged_into_id, second)

    def test_keep_of_any_odd_type(self):
        """Refused in words, whatever it is; of a record only a contact's id counts."""
        first, second = self._contact("Acme", phone="1"), self._contact("Acme Ltd")
        partner = self.Partner.browse(first.id)
        odd = [[first.id], {"id": first.id}, str(first.id), float(first.id), True]
        odd += [None, False, 2**40, first | second, partner, b"1"]
        for value in odd:
            for keep in ({"name": value}, {"customer": value}):
                with self.subTest(keep=keep):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        first.merge_into(second, keep=keep)
                    self.assertFalse(first.merged_into_id)
        for keep in ([["name", first.id]], "name", 7, {7: first.id}):
            with self.subTest(keep=keep), self.assertRaises(UserError):
                first.merge_into(second, keep=keep)
        for target in (2**40, [second.id, first.id], {}, "x", 1.0):
            with self.subTest(target=target), self.assertRaises(UserError):
                first.merge_into(target)
        first.merge_into(second, keep={"name": first, "phone": first.id})
        self.assertEqual(second.name, "Acme")

    def test_at_once_or_not_at_all(self):
        """The second of two is refused: the first is as it was, too."""
        target = self._contact("Acme")
        good = self._contact("Acme Ltd", email="a@x.example")
        bad = self._contact("Pat", is_company=False)
        with self.assertRaises(ValidationError):
            (good | bad).merge_into(target)
        self.assertFalse(good.merged_into_id)
        self.assertFalse(target.email)

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_user_may_merge(self):
        first = self._contact("Acme", email="a@x.example").with_user(self.marketer)
        second = self._contact("Acme Ltd").with_user(self.marketer)
        customer = first.sudo().create_card("customer")
        self.assertFalse(customer.with_user(self.marketer).has_access("write"))
        first.merge_into(second)
        self.assertEqual(second.email, "a@x.example")
        self.assertEqual(customer.name, "Acme Ltd")
        self.assertEqual(second.sudo().customer_id, customer)

    def test_employee_may_not(self):
        first, second = self._contact("Acme"), self._contact("Acme Ltd")
        with self.assertRaises(AccessError):
            first.with_user(self.employee).merge_into(second)

    def test_contact_of_a_company_that_the_user_does_not_see(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self._contact("Acme", company_id=other.id)
        own = self._contact("Acme")
        with self.assertRaises(AccessError):
            theirs.with_user(self.marketer).merge_into(own)

    def test_hidden_link_follows_and_is_not_named(self):
        """A customer of a company that the user does not see."""
        other = self.env["res.company"].create({"name": "Other"})
        target, source = self._contact("Acme"), self._contact("Acme Ltd")
        theirs = self._partner("Secret", company_id=other.id)
        source.link_card("customer", theirs.id)
        source.with_user(self.marketer).merge_into(target)
        self.assertEqual(target.relation_ids.partner_id, theirs)
        self.assertEqual(theirs.name, "Acme")
        third = self._contact("Acme Inc")
        third.link_card("customer", self._partner("Hush", company_id=other.id).id)
        with self.assertRaises(ValidationError) as caught:
            third.with_user(self.marketer).merge_into(target)
        self.assertNotIn("Hush", caught.exception.args[0])


class TestMergeValues(MarketingContactCommon):
    """Whose value is kept."""

    def test_own_then_newest(self):
        target = self._contact("Acme", phone="1")
        older = self._contact("Acme Ltd", phone="2", email="old@x.example")
        newer = self._contact("Acme Inc", email="new@x.example", website="x.example")
        (older | newer).merge_into(target)
        self.assertRecordValues(
            target,
            [
                {
                    "name": "Acme",
                    "phone": "1",
                    "email": "new@x.example",
                    "website": newer.website,
                }
            ],
        )

    def test_keep(self):
        target = self._contact("Acme", phone="1", email="a@x.example")
        source = self._contact("Acme Ltd", phone="2")
        keep = {"phone": source.id, "name": source.id, "email": source.id}
        source.merge_into(target, keep=keep)
        # an empty value beats no filled one
        expected = {"name": "Acme Ltd", "phone": "2", "email": "a@x.example"}
        self.assertRecordValues(target, [expected])

    def test_address_is_one_value(self):
        target = self._contact("Acme", street="Here 1")
        source = self._contact("Acme Ltd", **SHARED_ADDRESS)
        source.merge_into(target)
        self.assertRecordValues(
            target, [{"street": "Here 1", "zip": False, "city": False}]
        )

    def test_address_of_another(self):
        target = self._contact("Acme", street="Here 1", street2="Floor 2")
        source = self._contact("Acme Ltd", **SHARED_ADDRESS)
        source.merge_into(target, keep={"city": source.id})
        self.assertRecordValues(target, [{**SHARED_ADDRESS, "street2": False}])

    def test_address_is_completed(self):
        target = self._contact("Acme", country_id=self.sweden.id)
        source = self._contact("Acme Ltd", **SHARED_ADDRESS)
        state = self.env.ref("base.state_us_5")
        abroad = self._contact("Acme Inc", state_id=state.id)
        (source | abroad).merge_into(target)
        expected = {**SHARED_ADDRESS, "country_id": self.sweden.id, "state_id": False}
        self.assertRecordValues(target, [expected])

    def test_tags_are_united(self):
        tags = self.env["res.partner.category"].create([{"name": n} for n in "ab"])
        target = self._contact("Acme", tag_ids=tags[0].ids)
        source = self._contact("Acme Ltd", tag_ids=tags.ids)
        source.merge_into(target)
        self.assertEqual(target.tag_ids, tags)
        self.assertEqual(source.tag_ids, tags)

    def test_properties_are_united(self):
        self._contact("Makes the definition")
        definitions = self.env["properties.base.definition"]
        definitions._get_definition_for_property_field(
            "marketing.contact", "properties"
        ).sudo().properties_definition = [
            {"name": "aaaaaaaaaaaaaaaa", "string": "Shoe Size", "type": "integer"},
            {"name": "bbbbbbbbbbbbbbbb", "string": "Hat", "type": "char"},
            {"name": "cccccccccccccccc", "string": "Fair", "type": "boolean"},
        ]
        target, source = self._contact("Acme"), self._contact("Acme Ltd")
        target.properties = {"aaaaaaaaaaaaaaaa": 42, "cccccccccccccccc": False}
        source.properties = {
            "aaaaaaaaaaaaaaaa": 43,
            "bbbbbbbbbbbbbbbb": "Bowler",
            "cccccccccccccccc": True,
        }
        source.merge_into(target)
        self.assertEqual(target.properties["aaaaaaaaaaaaaaaa"], 42)
        self.assertEqual(target.properties["bbbbbbbbbbbbbbbb"], "Bowler")
        self.assertFalse(target.properties["cccccccccccccccc"])
        left = self.env["marketing.sync.batch"].search([], limit=1).undo()
        self.assertFalse(left)
        self.assertFalse(target.properties["bbbbbbbbbbbbbbbb"])
        self.assertEqual(target.properties["aaaaaaaaaaaaaaaa"], 42)

    def test_cards_take_the_values_of_the_survivor(self):
        target, customer, vendor, bank = self._linked("Acme", phone="1")
        source = self._contact("Acme Ltd", phone="2", email="a@x.example")
        other = self.env["res.company"].create({"name": "Other"})
        second = self._partner("Acme Ltd", phone="2", company_id=other.id)
        source.link_card("customer", second.id)
        source.merge_into(target, keep={"phone": source.id})
        for record in (target, customer, vendor, second, bank):
            expected = {"name": "Acme", "phone": "2", "email": "a@x.example"}
            self.assertRecordValues(record, [expected])
        self.assertAll(target.relation_ids, "state", "equal")
        self.assertFalse(target.relation_ids.check_differences())
        # and go on in step
        target.phone = "3"
        self.assertEqual(second.phone, "3")
        batch = self.env["marketing.sync.batch"].search(
            [("origin", "=", "merge")], limit=1
        )
        names = set(batch.change_ids.mapped("field_name"))
        self.assertTrue({"phone", "email", "name"} <= names)

    # ------------------------------------------------------------
    # LINKS
    # ------------------------------------------------------------

    def test_two_customers(self):
        target, source = self._contact("Acme"), self._contact("Acme Ltd")
        kept = target.create_card("customer")
        given_up = source.create_card("customer")
        with self.assertRaisesRegex(ValidationError, "different ones as Customer"):
            source.merge_into(target)
        self.assertFalse(source.merged_into_id)
        source.merge_into(target, keep={"customer": target.id})
        self.assertEqual(target.customer_id, kept)
        self.assertFalse(given_up.marketing_relation_ids)
        self.assertEqual(given_up.name, "Acme Ltd")

    def test_the_other_customer(self):
        target, source = self._contact("Acme"), self._contact("Acme Ltd")
        given_up = target.create_card("customer")
        kept = source.create_card("customer")
        source.merge_into(target, keep={"customer": source.id})
        self.assertEqual(target.customer_id, kept)
        self.assertEqual(kept.name, "Acme")
        given_up.phone = "5"
        self.assertFalse(target.phone)

    def test_customers_of_two_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        target, source = self._contact("Acme"), self._contact("Acme Ltd")
        own = self._partner("Acme", company_id=self.company.id)
        theirs = self._partner("Acme Ltd", company_id=other.id)
        target.link_card("customer", own.id)
        source.link_card("customer", theirs.id)
        source.merge_into(target)
        self.assertEqual(target.relation_ids.partner_id, own | theirs)

    def test_accounts_at_two_banks(self):
        banks = self.Bank.create([{"name": "One"}, {"name": "Two"}])
        target, source = self._contact("One"), self._contact("Two")
        target.link_card("bank_account", self._account("A1", banks[0]).id)
        source.link_card("bank_account", self._account("A2", banks[1]).id)
        with self.assertRaises(ValidationError):
            source.merge_into(target)
        source.merge_into(target, keep={"bank_account": source.id})
        self.assertEqual(target.bank_account_ids.acc_number, "A2")
        self.assertEqual(banks.mapped("name"), ["One", "One"])

    def test_plain_codes(self):
        codes = self.env["marketing.business.relation"].create(
            [{"code": "LAWX", "name": "Law"}, {"code": "PRX", "name": "Press"}]
        )
        target, source = self._contact("Acme"), self._contact("Acme Ltd")
        for contact, code in ((target, 0), (source, 0), (source, 1)):
            self.Relation.create(
                {"contact_id": contact.id, "business_relation_id": codes[code].id}
            )
        source.merge_into(target)
        self.assertEqual(target.relation_ids.business_relation_id, codes)
        self.assertFalse(source.relation_ids)
        self.env["marketing.sync.batch"].search([], limit=1).undo()
        self.assertEqual(source.relation_ids.business_relation_id, codes)
        self.assertEqual(target.relation_ids.business_relation_id, codes[0])

    def test_two_people_who_are_two_contacts_of_one_customer(self):
        """The one that stays is the same as one of them, an undo ties both again."""
        company = self._contact("Acme")
        customer = company.create_card("customer")
        names = ("Pat Doe", "Patricia Doe")
        people = self.Contact.create(
            [{"name": name, "parent_id": company.id} for name in names]
        )
        children = self.Partner.create(
            [
                {"name": name, "parent_id": customer.id, "type": "contact"}
                for name in names
            ]
        )
        company.link_people()
        self.assertEqual(people.mapped("relation_ids.partner_id"), children)
        self.env.flush_all()
        people[1].merge_into(people[0])
        self.assertEqual(people[0].relation_ids.partner_id, children[0])
        self.assertFalse(children[1].marketing_relation_ids)
        left, problems = self.env["marketing.sync.batch"].search([], limit=1)._undo()
        self.assertFalse(left)
        self.assertFalse(problems)
        for person, child in zip(people, children, strict=True):
            self.assertEqual(person.relation_ids.partner_id, child)

    # ------------------------------------------------------------
    # MANY AT ONCE
    # ------------------------------------------------------------

    def _make_pairs(self, count, linked=False):
        targets = self.Contact.create(
            [{"name": f"Stay {i}", "is_company": True} for i in range(count)]
        )
        sources = self.Contact.create(
            [
                {"name": f"Go {i}", "is_company": True, "email": f"{i}@x.example"}
                for i in range(count)
            ]
        )
        codes = self.env["marketing.business.relation"].search([], limit=1)
        code = codes.create({"code": f"PL{count}", "name": "Plain"})
        for source in sources:
            source.message_post(body="Hello")
        for source in sources:
            vals = {"contact_id": source.id, "business_relation_id": code.id}
            if linked:
                vals = {
                    "contact_id": source.id,
                    "kind": "customer",
                    "partner_id": self._partner(source.name).id,
                }
            self.Relation.create(vals)
        return list(zip(sources, targets, strict=True))

    def _count_queries(self, pairs):
        return self._count_queries_of(self.Contact._merge_pairs, pairs)

    def _count_queries_of_undo(self, pairs):
        self.Contact._merge_pairs(pairs)
        merged = self.env["marketing.sync.batch"].search(
            [("origin", "=", "merge")], order="id DESC", limit=1
        )
        count = self._count_queries_of(merged.undo)
        self.assertFalse(any(source.merged_into_id for source, _target in pairs))
        return count

    def _count_queries_of(self, function, *arguments):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*arguments)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_set_wise(self):
        """As many queries for thirty as for five."""
        self._count_queries(self._make_pairs(2))
        few = self._count_queries(self._make_pairs(5))
        many = self._count_queries(self._make_pairs(30))
        self.assertLessEqual(many, few)

    def test_undo_set_wise(self):
        """As many queries for thirty as for five."""
        self._count_queries_of_undo(self._make_pairs(2))
        few = self._count_queries_of_undo(self._make_pairs(5))
        many = self._count_queries_of_undo(self._make_pairs(30))
        self.assertLessEqual(many, few)

    def test_set_wise_with_cards(self):
        """With cards only what Odoo itself asks for each partner that is written."""
        self._count_queries(self._make_pairs(2, linked=True))
        few = self._count_queries(self._make_pairs(5, linked=True))
        many = self._count_queries(self._make_pairs(30, linked=True))
        self.assertLessEqual((many - few) / 25, 9)

    def test_run(self):
        pairs = self._make_pairs(3, linked=True)
        bad = self._contact("Pat", is_company=False)
        pairs.append((bad, self._contact("Company")))
        run = (
            self.env["marketing.run"]
            .with_user(self.marketer)
            ._start("merge", {"pairs": [[s.id, t.id] for s, t in pairs]})
        )
        for part in run.sudo().part_ids:
            part._work()
        self.assertEqual(run.done, 3)
        self.assertEqual(run.failed, 1)
        for source, target in pairs[:3]:
            self.assertEqual(source.merged_into_id, target)
        self.assertFalse(bad.merged_into_id)
        self.assertEqual(set(run.sudo().batch_ids.mapped("origin")), {"merge"})
