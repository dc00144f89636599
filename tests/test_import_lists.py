from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tools import file_open

from .common import MarketingContactCommon

IMPORTS = "odoo.addons.marketing_contact.models.imports"
# what the web client sends of its own accord
OPTIONS = {
    "has_headers": True,
    "quoting": '"',
    "separator": "",
    "encoding": "",
    "advanced": True,
    "keep_matches": False,
    "limit": 2000,
    "skip": 0,
    "sheets": [],
    "sheet": "",
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "tracking_disable": True,
}
CHOICES = {
    "import_skip_records": [],
    "import_set_empty_fields": [],
    "fallback_values": {},
    "name_create_enabled_fields": {"parent_id": True},
}


class ImportCommon(MarketingContactCommon):
    """Imports as the web client does it: preview, suggested fields, import."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # databases that are older than the headings
        cls.env["marketing.import.heading"]._load_shipped()

    def _open(self, content, name="list.csv", model="marketing.contact"):
        """Return the import and its preview."""
        if isinstance(content, str):
            content = content.encode()
        importer = (
            self.env["base_import.import"]
            .with_user(self.marketer)
            .create(
                {
                    "res_model": model,
                    "file": content,
                    "file_name": name,
                    "file_type": "text/csv",
                }
            )
        )
        preview = importer.parse_preview(dict(OPTIONS))
        self.assertNotIn("error", preview)
        return importer, preview

    def _run(self, importer, preview, dryrun=False, context=None, **choices):
        """Return the result of the import with the fields that were suggested."""
        fields = [
            "/".join(preview["matches"].get(place, ())) or False
            for place in range(len(preview["headers"]))
        ]
        return importer.with_context(
            tracking_disable=True, **(context or {})
        ).execute_import(
            fields,
            [header.strip().lower() for header in preview["headers"]],
            {**OPTIONS, **preview["options"], **CHOICES, **choices},
            dryrun=dryrun,
        )

    def _import(self, content, context=None, **choices):
        """Return the contacts of a list, all of whose rows come in."""
        importer, preview = self._open(content)
        test = self._run(importer, preview, True, context, **choices)
        self.assertFalse(test["messages"])
        result = self._run(importer, preview, False, context, **choices)
        self.assertFalse(result["messages"])
        self.assertEqual(len(result["ids"]), preview["num_rows"] - 1)
        return self.Contact.browse(result["ids"])

    def _import_file(self, name, context=None):
        with file_open(f"marketing_contact/tests/data/{name}", "rb") as file:
            return self._import(file.read(), context)


class TestImported(ImportCommon):
    """After an import it is said what came in, and who looks like a customer."""

    LIST = """Name,Company,Email
Ann,Brook Mill AB,ann@brook-mill.example
Bob,Brook Mill AB,bob@brook-mill.example
"""

    def test_told(self):
        customer = self._partner(
            "Brook Mill", email="info@brook-mill.example", customer_rank=1
        )
        importer, preview = self._open(self.LIST)
        test = self._run(importer, preview, dryrun=True)
        self.assertEqual(
            test["marketing_imported"], {"contacts": 2, "companies": 1}, "a test"
        )
        self.assertFalse(self.Contact.search([("name", "=", "Brook Mill AB")]))
        told = self._run(importer, preview)["marketing_imported"]
        company = self.Contact.search([("name", "=", "Brook Mill AB")])
        self.assertEqual((told["contacts"], told["companies"]), (2, 1))
        self.assertEqual(told["company_ids"], company.ids)
        self.assertEqual(told["alike_ids"], company.ids)
        self.assertFalse(told["waiting_ids"])
        match = self.env["marketing.match"].search([("contact_id", "=", company.id)])
        self.assertEqual(match.partner_id, customer)

    def test_told_without_a_screen(self):
        """Who imports in the background hears of it, with the same doors."""
        importer, preview = self._open(self.LIST)
        with patch.object(type(self.env["res.users"]), "_bus_send") as send:
            told = self._run(importer, preview)["marketing_imported"]
        send.assert_called_once_with("marketing_contact_imported", told)

    def test_what_clients_send_is_told_nothing(self):
        for sent in (True, "x", {"contact_ids": [1]}):
            contacts = self.Contact.with_context(marketing_imported=sent)
            result = contacts.load(["name"], [[f"Sent with {sent}"]])
            self.assertEqual(len(result["ids"]), 1, result["messages"])

    def test_still_being_looked_up(self):
        with patch(f"{IMPORTS}.base_import.is_waiting", return_value=True):
            importer, preview = self._open(self.LIST)
            told = self._run(importer, preview)["marketing_imported"]
        self.assertEqual(len(told["waiting_ids"]), 3)

    def test_group_by_import(self):
        contacts = self._import(self.LIST)
        groups = self.Contact.formatted_read_group(
            [("id", "in", contacts.ids)], ["import_date:day"], ["__count"]
        )
        self.assertEqual([group["__count"] for group in groups], [2])


class TestImportLists(ImportCommon):
    """Lists as other programs write them come in whole, with nothing to set."""

    def _assert_employed(self, person, company, known=False):
        self.assertFalse(person.is_company)
        self.assertTrue(person.parent_id.is_company)
        self.assertEqual(person.parent_id.name, company)
        if known:
            self.assertEqual(person.parent_id, known)

    def test_outlook_from_every_list(self):
        known = self._contact("LINDGREN TAK AB", street="Old Road 1")
        for context in (
            {"default_is_company": True},
            {},
            {"default_is_company": False},
        ):
            with self.subTest(context), self.env.cr.savepoint() as savepoint:
                ada, bo, cleo, dora, tiles = self._import_file("outlook.csv", context)
                self._assert_employed(ada, "LINDGREN TAK AB", known)
                self._assert_employed(bo, "LINDGREN TAK AB", known)
                self._assert_employed(cleo, "Moulin & Fils, SARL")
                self.assertEqual(ada.name, "Ada Byrne")
                self.assertEqual(ada.function, "Buyer")
                self.assertEqual(ada.country_id, self.sweden)
                self.assertEqual(ada.website, "http://www.lindgren-tak.example")
                self.assertIn("Met at the fair; wants", ada.comment)
                # what there is no tag for is not lost
                self.assertIn("Fair 2026", ada.comment)
                # the only phone, and the first of two
                self.assertEqual(ada.phone, "+46 70 555 01 01")
                self.assertEqual(bo.phone, "+46 46 555 02")
                self.assertIn("Mobile phone: +46 70 555 02 02", bo.comment)
                self.assertEqual(bo.name, "Bo K. Carlsen Jr.")
                self.assertEqual(cleo.street, "3, rue du Moulin")
                self.assertEqual(cleo.email, "cleo@moulin.example")
                self.assertEqual(dora.name, "Dora Ekman")
                self.assertFalse(dora.is_company or dora.parent_id)
                # a row without a person is the company
                self.assertEqual(tiles.name, "Nordic Tiles AS")
                self.assertTrue(tiles.is_company)
                self.assertFalse(tiles.parent_id)
                savepoint.rollback()

    def test_people_have_from_their_company_what_the_list_leaves_empty(self):
        known = self._contact(
            "Lindgren Tak AB", street="Takgatan 9", city="Lund", user_id=self.manager.id
        )
        ada, bo, _cleo, _dora, _tiles = self._import_file("outlook.csv")
        self.assertEqual(ada.parent_id, known)
        self.assertEqual(ada.street, "Takgatan 9")
        # another address contradicts
        self.assertEqual(bo.street, "Takgatan 4")
        self.assertEqual((ada | bo).user_id, self.manager)

    def test_outlook_in_german_of_windows(self):
        joerg, aenne = self._import_file("outlook_de.csv")
        self._assert_employed(joerg, "Brückner Öfen GmbH")
        self.assertEqual(aenne.parent_id, joerg.parent_id)
        self.assertEqual(aenne.name, "Änne Groß")
        self.assertEqual(aenne.phone, "0151 555 0708")
        self.assertEqual(joerg.street, "Ofenstraße 7")
        self.assertEqual(joerg.country_id.code, "DE")

    def test_google(self):
        finn, gro = self._import_file("google.csv")
        self._assert_employed(finn, "Lindgren Tak AB")
        self.assertEqual(finn.phone, "+46 46 555 11")
        self.assertIn("+46-70-555-11-11", finn.comment)
        self.assertNotIn("tel:", finn.comment)
        self.assertEqual(finn.email, "finn@home.example")
        self.assertEqual(gro.email, "gro@nordic-tiles.example")
        self.assertIn("gro@home.example", gro.comment)
        # line breaks, quotes and what looks like a tag
        self.assertIn('wants, a "catalogue"<br>and &lt;soon&gt;', finn.comment)
        self.assertEqual(finn.function, "Buyer")
        self.assertEqual(gro.zip, "0150")

    def test_hubspot_companies(self):
        for context in ({"default_is_company": True}, {}):
            with self.subTest(context), self.env.cr.savepoint() as savepoint:
                lindgren, rope = self._import_file("hubspot.csv", context)
                self.assertTrue(lindgren.is_company and rope.is_company)
                self.assertEqual(rope.name, "Harbour Rope Ltd")
                self.assertEqual(rope.phone, "0117 555 0122")
                self.assertEqual(rope.street, "Unit 2, 9 Quay")
                self.assertEqual(rope.website, "http://harbour-rope.example")
                self.assertEqual(rope.country_id.code, "GB")
                self.assertIn("Industry: MACHINERY", rope.comment)
                savepoint.rollback()

    def test_what_the_list_says_holds(self):
        companies = self._import("Name\nOne\nTwo\n", {"default_is_company": True})
        self.assertTrue(all(companies.mapped("is_company")))
        people = self._import("Name\nThree\n", {"default_is_company": False})
        self.assertFalse(people.is_company)
        hubspot = self._import_file("hubspot.csv", {"default_is_company": False})
        self.assertFalse(any(hubspot.mapped("is_company")))

    def test_linkedin_begins_with_notes(self):
        ines, jan = self._import_file("linkedin.csv", {"default_is_company": True})
        self.assertEqual(ines.name, "Ines Jarl")
        self._assert_employed(ines, "Lindgren Tak AB")
        self.assertEqual(ines.function, "Buyer")
        self.assertEqual(jan.email, "jan@nordic-tiles.example")

    def test_business_central_people_before_their_companies(self):
        for context in (
            {"default_is_company": True},
            {},
            {"default_is_company": False},
        ):
            with self.subTest(context), self.env.cr.savepoint() as savepoint:
                contacts = self._import_file("business_central.csv", context)
                kim, lindgren, tiles, lars = contacts
                self.assertEqual(
                    contacts.mapped("number"), ["KT0101", "KT0100", "KT0200", "KT0201"]
                )
                self._assert_employed(kim, "Lindgren Tak AB", lindgren)
                self._assert_employed(lars, "Nordic Tiles AS", tiles)
                self.assertTrue(lindgren.is_company and tiles.is_company)
                self.assertEqual(tiles.country_id.code, "NO")
                self.assertEqual(lindgren.phone, "+46 46 555 30")
                self.assertIn("JR", lindgren.comment)
                savepoint.rollback()

    def test_companies_by_external_id_and_by_their_people(self):
        for context in ({}, {"default_is_company": False}):
            with self.subTest(context), self.env.cr.savepoint() as savepoint:
                anna, company = self._import(
                    "External ID,Name,Company/External ID\n"
                    "imp.anna,Anna,imp.company\nimp.company,Brook Mill AB,\n",
                    context,
                )
                self._assert_employed(anna, "Brook Mill AB", company)
                importer, preview = self._open(
                    "Name,People/Name\nCleo,\nRope Ltd,Bo\n,Dora\n"
                )
                preview["matches"][1] = ["child_ids", "name"]
                result = self._run(importer, preview, context=context)
                self.assertFalse(result["messages"])
                cleo, rope = self.Contact.browse(result["ids"])
                self.assertFalse(cleo.is_company)
                self.assertTrue(rope.is_company)
                self.assertEqual(set(rope.child_ids.mapped("name")), {"Bo", "Dora"})
                savepoint.rollback()

    def test_a_blank_company_is_none(self):
        people = self._import("Name,Company\nAnn,\u00a0\nBo,  \nCy,New AB\n")
        self.assertFalse(any(people.mapped("is_company")))
        self.assertEqual(people.parent_id.name, "New AB")

    def test_companies_of_one_name_in_several_of_ours(self):
        other = self.env["res.company"].create({"name": "Other of Ours"})
        self.marketer.company_ids += other
        own, theirs = (
            self._contact("Twice There", company_id=company.id)
            for company in (self.company, other)
        )
        rows = "".join(
            f"{name},{company},{ours.name}\n"
            for company in ("Twice There", "Brand New")
            for name, ours in (("Anna", self.company), ("Bert", other))
        )
        importer, preview = self._open(f"Name,Company Name,Company\n{rows}")
        preview["matches"] |= {1: ["parent_id"], 2: ["company_id"]}
        context = {"allowed_company_ids": (self.company | other).ids}
        result = self._run(importer, preview, context=context)
        self.assertFalse(result["messages"])
        people = self.Contact.browse(result["ids"])
        self.assertEqual(people[:2].parent_id, own | theirs)
        ours = [self.company, other] * 2
        self.assertEqual([person.company_id for person in people], ours)
        self.assertEqual([person.parent_id.company_id for person in people], ours)

    def test_few_letters_tell_utf8(self):
        """Of one letter in a short list Odoo guesses an encoding of old Macs."""
        rows = "Name,Company,City,Street\nA,Filial AB,Lund,S1\nB,Filial AB,Malmö,S2\n"
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            contacts = self._import(rows.encode(encoding))
            self.assertEqual(contacts.mapped("city"), ["Lund", "Malmö"], encoding)

    def test_zeros_that_excel_was_told_to_keep(self):
        contact = self._import('Name,ZIP,Phone\nA,="01234","=""0046 8 1"""\n')
        self.assertEqual((contact.zip, contact.phone), ("01234", "0046 8 1"))

    def test_customers_that_odoo_exported(self):
        rope, ann = self._import(
            "Name,Is a Company,Related Company,Website Link\n"
            "Rope Ltd,True,,rope.example\nAnn,False,Rope Ltd,\n"
        )
        self._assert_employed(ann, "Rope Ltd", rope)
        self.assertEqual(rope.website, "http://rope.example")

    def test_rows_are_named_in_the_order_of_the_file(self):
        content = (
            "Name,Company Name,Email,Country\n"
            "Person,Employer,p@employer.example,Nowhere\n"
            "Employer,,e@employer.example,Sweden\n"
        )
        importer, preview = self._open(content)
        result = self._run(importer, preview)
        self.assertEqual(
            [(m["rows"], m["field"]) for m in result["messages"]],
            [({"from": 0, "to": 0}, "country_id")],
        )
        result = self._run(importer, preview, import_set_empty_fields=["country_id"])
        contacts = self.Contact.browse(result["ids"])
        self.assertEqual(contacts.mapped("name"), ["Person", "Employer"])
        self.assertEqual(contacts[0].parent_id, contacts[1])

    def test_companies_that_are_not_there_are_asked_for(self):
        importer, preview = self._open("Name,Company\nPerson,Nobody Knows\n")
        result = self._run(importer, preview, name_create_enabled_fields={})
        self.assertIn("Nobody Knows", result["messages"][0]["message"])
        self.assertFalse(self.Contact.search([("name", "=", "Nobody Knows")]))

    def test_a_company_that_is_refused_is_said_at_its_row(self):
        name = "".join(map(chr, range(0x4E00, 0x4E00 + 2000)))
        importer, preview = self._open(f"Name,Company\nGood,Fine\nBad,{name}\n")
        result = self._run(importer, preview)
        self.assertEqual(
            [(m["rows"]["from"], m.get("field")) for m in result["messages"]],
            [(1, "parent_id")],
            result["messages"],
        )
        self.assertFalse(result["ids"])
        self.assertFalse(self.Contact.search([("name", "in", ("Good", "Fine"))]))

    def test_a_row_that_is_refused_is_the_only_one(self):
        """Its error takes companies of the list along; the rows after it find them."""
        content = (
            "Name,Company\n"
            "Anna,Brand New\n"
            "{},Brand New\n"
            "Carl,Brand New\n"
            "Dora,Listed\n"
            "Eric,Other New\n"
            "Listed,\n"
        )
        too_long = "".join(map(chr, range(0x4E00, 0x4E00 + 2000)))
        for name in (too_long, "Bert"):
            importer, preview = self._open(content.format(name))
            told = [m["message"] for m in self._run(importer, preview)["messages"]]
            self.assertEqual(bool(told), name == too_long)
            self.assertFalse([text for text in told if "too long" not in text])

    def test_a_merged_company_is_found_by_its_old_name(self):
        old, survivor = self._contact("Old Name Works"), self._contact("New Name Works")
        old.merge_into(survivor)
        for name in ("Old Name Works", old.number):
            person = self._import(f"Name,Company\nAnna,{name}\n")
            self.assertEqual(person.parent_id, survivor)

    def test_only_companies_are_found_as_companies(self):
        namesake = self._contact("Vera Glad", is_company=False)
        person = self._import("Name,Company\nAnna,Vera Glad\n")
        self.assertTrue(person.parent_id.is_company)
        self.assertNotEqual(person.parent_id, namesake)

    def test_people_are_of_the_company_of_ours_that_their_company_is_of(self):
        other = self.env["res.company"].create({"name": "Other of Ours"})
        self.marketer.company_ids += other
        known = self._contact("Theirs", company_id=other.id)
        rows = "Name,Company Name,Company\nAnna,Theirs,{}\nBert,Brand New,{}\n"
        importer, preview = self._open(rows.format(self.company.name, other.name))
        preview["matches"][2] = ["company_id"]
        preview["matches"][1] = ["parent_id"]
        context = {"allowed_company_ids": (self.company | other).ids}
        result = self._run(importer, preview, context=context)
        self.assertFalse(result["messages"])
        anna, bert = self.Contact.browse(result["ids"])
        self.assertEqual(anna.parent_id, known)
        self.assertEqual(anna.company_id, other)
        self.assertEqual((bert | bert.parent_id).company_id, other)

    def test_an_existing_contact_keeps_its_notes_and_type(self):
        contact = self._contact("Kept", comment="<p>Ours</p>")
        self.env["ir.model.data"].create(
            {
                "module": "imp",
                "name": "kept",
                "model": "marketing.contact",
                "res_id": contact.id,
            }
        )
        self.env.flush_all()
        importer, preview = self._open(
            "External ID,Name,Business Phone,Industry\nimp.kept,Kept,555 41,None Such\n"
        )
        result = self._run(importer, preview, import_set_empty_fields=["industry_id"])
        self.assertEqual(result["ids"], contact.ids)
        self.assertEqual(contact.phone, "555 41")
        self.assertEqual(contact.comment, "<p>Ours</p>")
        self.assertTrue(contact.is_company)

    def test_tags_and_industries_that_are_there(self):
        tag = self.env["res.partner.category"].create({"name": "Fair 2026"})
        industry = self.env["res.partner.industry"].create({"name": "Machinery"})
        contact = self._import(
            "Name,Categories,Industry\nTagged,Fair 2026; Unheard of,Machinery\n"
        )
        self.assertEqual(contact.tag_ids, tag)
        self.assertEqual(contact.industry_id, industry)
        self.assertIn("Tags: Unheard of", contact.comment)

    def test_wanted_tags_are_made_by_those_who_may(self):
        self.marketer.group_ids += self.env.ref("base.group_partner_manager")
        contact = self._import(
            "Name,Tags\nTagged,Brand New Tag\n",
            name_create_enabled_fields={"tag_ids": True},
        )
        self.assertEqual(contact.tag_ids.name, "Brand New Tag")

    def test_a_state_is_one_of_the_country(self):
        india = self.env.ref("base.in")
        contact = self._import("Name,Country,State\nKerala Spices,India,KL\n")
        self.assertEqual(contact.country_id, india)
        self.assertIn(contact.state_id.country_id, (india, india.browse()))


class TestImportHeadings(ImportCommon):
    """Which field a column is suggested for."""

    def _suggest(self, *headers, model="marketing.contact"):
        rows = ",".join(headers) + "\n" + ",".join("x" for _header in headers) + "\n"
        matches = self._open(rows, model=model)[1]["matches"] or {}
        return ["/".join(matches.get(i, ())) for i in range(len(headers))]

    def test_phone_number_is_the_phone(self):
        self.assertEqual(self._suggest("Name", "Phone Number"), ["name", "phone"])

    def test_a_stale_choice_does_not_count(self):
        # chosen before the field was taken away
        self.env["base_import.mapping"].create(
            {
                "res_model": "marketing.contact",
                "column_name": "phone number",
                "field_name": "phone_mobile_search",
            }
        )
        self.assertEqual(self._suggest("Name", "Phone Number"), ["name", "phone"])

    def test_what_was_chosen_once_counts(self):
        self.env["base_import.mapping"].create(
            {
                "res_model": "marketing.contact",
                "column_name": "profile",
                "field_name": "website",
            }
        )
        self.assertEqual(self._suggest("Name", "Profile"), ["name", "website"])

    def test_company_is_the_name_where_nothing_else_is(self):
        self.assertEqual(self._suggest("Company", "City"), ["name", "city"])
        self.assertEqual(
            self._suggest("First Name", "Last Name", "Company"),
            ["name", "name", "parent_id"],
        )
        # also after a list of companies has come in
        self._import("Company name,City\nLearned AB,Lund\n")
        self.assertEqual(
            self._suggest("First Name", "Last Name", "Company name"),
            ["name", "name", "parent_id"],
        )

    def test_one_whole_name_or_its_parts(self):
        self.assertEqual(
            self._suggest("Full Name", "First Name", "Last Name"), ["", "name", "name"]
        )
        self.assertEqual(self._suggest("Full Name", "First Name"), ["name", ""])

    def test_managers_add_headings(self):
        self.assertEqual(self._suggest("Name", "Rufnummer (Praxis)"), ["name", ""])
        headings = self.env["marketing.import.heading"]
        with self.assertRaises(AccessError):
            headings.with_user(self.marketer).create(
                {"name": "Rufnummer (Praxis)", "field_name": "phone"}
            )
        headings.with_user(self.manager).create(
            {"name": "rufnummer praxis", "field_name": "phone"}
        )
        self.assertEqual(self._suggest("Name", "Rufnummer (Praxis)"), ["name", "phone"])

    def test_what_managers_delete_is_not_brought_back(self):
        headings = self.env["marketing.import.heading"]
        heading = headings.search([("key", "=", "jobtitle")])
        self.assertEqual(heading.field_name, "function")
        heading.unlink()
        self.assertEqual(self._suggest("Name", "Job Title"), ["name", ""])

    def test_headings_of_other_models_are_left_alone(self):
        self.assertEqual(
            self._suggest("Name", "Job Title", model="res.partner"), ["name", ""]
        )

    def _offer(self, model):
        tree = self.env["base_import.import"].get_fields_tree(model)
        return {field["name"]: field for field in tree}

    def test_only_what_can_be_set_is_offered(self):
        offered = self._offer("marketing.contact")
        self.assertLessEqual(
            {"name", "phone", "parent_id", "company_type", "tag_ids", "child_ids"},
            offered.keys(),
        )
        for name in (
            "phone_mobile_search",
            "merged_ids",
            "merged_into_id",
            "relation_ids",
            "message_ids",
            "activity_ids",
            "customer_id",
            "shown_parent_id",
            "interaction_ids",
        ):
            self.assertNotIn(name, offered)
        for name in offered.keys() - {"id", "properties"}:
            field = self.Contact._fields[name]
            self.assertTrue(field.store or field.inverse, name)
            self.assertFalse(field.readonly, name)
        people = {field["name"] for field in offered["child_ids"]["fields"]}
        self.assertIn("function", people)
        self.assertNotIn("child_ids", people)

    def test_nor_of_ours_on_customers(self):
        offered = self._offer("res.partner")
        self.assertFalse([name for name in offered if name.startswith("marketing_")])
        self.assertIn("child_ids", offered)
        self.assertIn("marketing_contact_id", self._offer("sale.order"))


class TestImportOnce(ImportCommon):
    """What an import does besides is done once, after all rows, and not for a test."""

    def _get_next(self):
        sequence = self.company.marketing_contact_sequence_id
        sequence.invalidate_recordset()
        return sequence.number_next_actual

    def test_a_test_draws_no_numbers(self):
        before = self._get_next()
        importer, preview = self._open("Name,Company\nAnna,New AB\nBert,New AB\n")
        result = self._run(importer, preview, dryrun=True)
        self.assertEqual(len(result["ids"]), 2)
        self.assertEqual(self._get_next(), before)
        self._run(importer, preview)
        self.assertEqual(self._get_next(), before + 3)

    def test_nor_does_a_test_of_customers(self):
        self.marketer.group_ids += self.env.ref("base.group_partner_manager")
        before = self._get_next()
        importer, preview = self._open(
            "Name,customer_rank\nA,1\nB,1\n", model="res.partner"
        )
        preview["matches"][1] = ["customer_rank"]
        self._run(importer, preview, dryrun=True)
        self.assertEqual(self._get_next(), before)
        result = self._run(importer, preview)
        partners = self.Partner.browse(result["ids"])
        self.assertEqual(
            partners.marketing_contact_id.mapped("name"), partners.mapped("name")
        )

    def test_customers_with_people_get_their_contacts_in_one_set(self):
        with self._counting("_marketing_find_same") as calls:
            result = self.Partner.with_context(import_file=True).load(
                ["name", "is_company", "parent_id", "customer_rank"],
                [
                    ["First Customer", "1", "", "1"],
                    ["Ann", "", "First Customer", ""],
                    ["Second Customer", "1", "", "1"],
                    ["Ben", "", "Second Customer", ""],
                ],
            )
        self.assertFalse(result["messages"])
        self.assertEqual(len([c for c in calls if c == "customer"]), 1)
        partners = self.Partner.browse(result["ids"])
        contacts = partners.marketing_contact_id.filtered("is_company")
        self.assertEqual(
            contacts.sorted("name").mapped("name"),
            ["First Customer", "Second Customer"],
        )
        self.assertEqual(set(contacts.child_ids.mapped("name")), {"Ann", "Ben"})

    def _counting(self, name):
        """Return a context that yields the kinds that a method is called for."""
        Model = self.env.registry["res.partner"]
        original = getattr(Model, name)

        @contextmanager
        def counting():
            calls = []

            def count(records, kind, *args, **kwargs):
                calls.append(kind)
                return original(records, kind, *args, **kwargs)

            with patch.object(Model, name, count):
                yield calls

        return counting()

    def test_who_is_the_same_is_looked_for_once(self):
        partner = self._partner("Moulin Tools", email="post@moulin.example")
        asked = []
        Match = self.env.registry["marketing.match"]
        propose_for = Match._propose_for

        def count(model, records):
            asked.append(records)
            return propose_for(model, records)

        importer, preview = self._open(
            "Name,Company,Email\nMoulin Tools,,post@moulin.example\n"
            "Cleo,New Employer,cleo@home.example\n"
        )
        with patch.object(Match, "_propose_for", count):
            result = self._run(importer, preview, context={"default_is_company": True})
            contacts = self.Contact.browse(result["ids"])
            self._run(importer, preview, dryrun=True)
        # the company that came along is looked at as well; a test asks nothing
        self.assertEqual(asked, [contacts | contacts.parent_id])
        match = self.env["marketing.match"].search([("partner_id", "=", partner.id)])
        self.assertEqual(match.contact_id, contacts[0])

    def test_a_test_leaves_nothing_behind(self):
        """In one transaction: neither new values nor old ones that were not written."""
        contact = self._contact("Known", city="Lund")
        xml_id = contact.export_data(["id"])["datas"][0][0]
        contact.zip = "221 00"
        importer, preview = self._open(f"id,City\n{xml_id},Ystad\n")
        result = self._run(importer, preview, dryrun=True)
        self.assertEqual(result["ids"], contact.ids)
        self.assertEqual((contact.city, contact.zip), ("Lund", "221 00"))
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((contact.city, contact.zip), ("Lund", "221 00"))

    def test_who_is_the_same_is_proposed_after_a_test(self):
        """Both in one transaction."""
        partner = self._partner("Moulin Tools", email="post@moulin.example")
        importer, preview = self._open("Name,Email\nMoulin Tools,post@moulin.example\n")
        context = {"default_is_company": True}
        for _time in range(2):
            self._run(importer, preview, dryrun=True, context=context)
        result = self._run(importer, preview, context=context)
        match = self.env["marketing.match"].search([("partner_id", "=", partner.id)])
        self.assertEqual(match.contact_id.ids, result["ids"])

    def test_queries_do_not_grow_with_each_row(self):
        def rows(start, count):
            return (
                "First Name,Last Name,Company,E-mail Address,Business Phone\n"
                + "".join(
                    f"F{i},L{i},Company {i // 4},p{i}@c{i // 4}.example,+46 8 {i:06}\n"
                    for i in range(start, start + count)
                )
            )

        self._import(rows(0, 4))
        counts = []
        for start, count in ((100, 40), (1000, 120)):
            importer, preview = self._open(rows(start, count))
            before = self.env.cr.sql_log_count
            result = self._run(importer, preview)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertFalse(result["messages"])
        # each row asks whether its company is there, Odoo's own question
        self.assertLess(counts[1] - counts[0], 80 * 3)
