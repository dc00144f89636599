from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user

from .common import MarketingContactCommon


class TestRights(MarketingContactCommon):
    """Who may do what, and what the engine does for whom."""

    def test_edit_of_a_contact_needs_no_right_on_cards(self):
        contact, customer, vendor, bank = self._linked()
        self.assertFalse(customer.with_user(self.marketer).has_access("write"))
        contact.with_user(self.marketer).phone = "1"
        self.assertAll([customer, vendor, bank], "phone", "1")
        self.assertEqual(customer.write_uid, self.marketer)

    def test_edit_of_a_card_needs_no_right_on_contacts(self):
        """Part 3 (13): the least privileged user's edit travels."""
        contact, customer, vendor, bank = self._linked()
        self.assertFalse(self.Contact.with_user(self.clerk).has_access("read"))
        customer.with_user(self.clerk).phone = "1"
        self.assertAll([contact, vendor, bank], "phone", "1")
        bank.with_user(self.clerk).phone = "2"
        self.assertAll([contact, customer, vendor], "phone", "2")

    def test_other_companys_card(self):
        """Hidden cards are kept in step, and stay hidden."""
        other_company = self.env["res.company"].create({"name": "Second Company"})
        contact = self._contact("Group")
        hidden = self._partner("Hidden", company_id=other_company.id)
        contact.link_card("vendor", hidden.id)
        self.env.invalidate_all()
        seen = contact.with_user(self.marketer)
        self.assertFalse(seen.relation_ids)
        self.assertFalse(seen.vendor_id)
        self.assertEqual(seen.relation_summary, "none")
        self.assertIn(
            seen, seen.search([("relation_summary", "=", "none"), ("id", "=", seen.id)])
        )
        seen.phone = "1"
        self.assertEqual(hidden.phone, "1")

    def test_refusal_names_nothing_hidden(self):
        """Who may not see the record that refuses hears of the field only."""
        contact, customer = self._linked("Secret")[:2]
        customer.name = "Secret"

        def refuse(_contacts, _vals):
            raise ValidationError("Not this.")  # pylint: disable=translation-required

        for user, named in ((self.manager, True), (self.clerk, False)):
            user.group_ids += self.env.ref("base.group_partner_manager")
            self.env.flush_all()
            with (
                patch.object(type(contact), "write", refuse),
                self.assertRaises(ValidationError) as caught,
                self.cr.savepoint(),
            ):
                customer.with_user(user).is_company = False
            self.assertIn("Is a Company", str(caught.exception))
            self.assertEqual(contact.number in str(caught.exception), named)

    def test_company_rules(self):
        other_company = self.env["res.company"].create({"name": "Second Company"})
        contact = self._contact("Theirs", company_id=other_company.id)
        with self.assertRaises(AccessError):
            contact.with_user(self.marketer).read(["name"])
        partner = contact.create_card("customer")
        partner.company_id = False
        relation = partner.marketing_relation_ids
        with self.assertRaises(AccessError):
            relation.with_user(self.marketer).read(["contact_id"])

    def test_manager_only(self):
        line = self.Map.search([], limit=1)
        code = self.company.marketing_customer_relation_id
        for record, vals in (
            (line, {"direction": "to_card"}),
            (code, {"name": "X"}),
        ):
            with self.assertRaises(AccessError):
                record.with_user(self.marketer).write(vals)
            record.with_user(self.manager).write(vals)
        with self.assertRaises(AccessError):
            self.env["marketing.card.template"].with_user(self.marketer).create(
                {"name": "T"}
            )
        self.env["marketing.card.template"].with_user(self.manager).create(
            {"name": "T"}
        )

    def test_no_rights_on_contacts(self):
        contact, customer = self._linked()[:2]
        for user in (self.employee, self.clerk):
            for model in (
                "marketing.contact",
                "marketing.contact.relation",
                "marketing.sync.field",
                "marketing.business.relation",
            ):
                for operation in ("read", "write", "create", "unlink"):
                    self.assertFalse(
                        self.env[model].with_user(user).has_access(operation)
                    )
            with self.assertRaises(AccessError):
                contact.with_user(user).read(["name"])
            with self.assertRaises(AccessError):
                customer.with_user(user).read(["marketing_contact_id"])
            with self.assertRaises(AccessError):
                customer.with_user(user).create_marketing_contacts("customer")
            self.assertTrue(customer.with_user(user).read(["name"]))

    # ------------------------------------------------------------
    # WHAT THE SYNC NEVER REACHES
    # ------------------------------------------------------------

    def test_forbidden_fields(self):
        self.Map.search([]).unlink()
        for kind, contact_field, card_field in (
            ("customer", "color", "customer_rank"),
            ("customer", "color", "supplier_rank"),
            ("customer", "company_id", "company_id"),
            ("customer", "comment", "property_account_receivable_id"),
            ("vendor", "function", "property_account_payable_id"),
            ("customer", "active", "active"),
            ("customer", "parent_id", "parent_id"),
            ("customer", "function", "user_ids"),
            ("customer", "function", "bank_ids"),
            ("customer", "function", "no_such_field"),
            ("customer", "no_such_field", "function"),
            ("customer", "function", "email_normalized"),
            ("customer", "display_name", "function"),
            ("customer", "function", "barcode"),
            ("customer", "number", "ref"),
            ("customer", "function", "color"),
            ("customer", "country_id", "state_id"),
            ("customer", "function", "create_date"),
            ("bank_account", "function", "acc_number"),
            ("bank_account", "function", "active"),
        ):
            with self.assertRaises(
                ValidationError, msg=f"{contact_field} {card_field}"
            ):
                self.Map.create(
                    {
                        "kind": kind,
                        "contact_field": contact_field,
                        "card_field": card_field,
                    }
                )

    def test_forbidden_line_by_sql_is_passed_over(self):
        """Whatever the field map says, and however it came to say so."""
        contact, customer = self._linked()[:2]
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO marketing_sync_field
                (kind, contact_field, card_field, direction, on_link, active)
            VALUES ('customer', 'color', 'customer_rank', 'both', 'master', true)
            """
        )
        self.env.registry.clear_cache()
        contact.color = 9
        self.assertEqual(customer.customer_rank, 1)

    def test_account_is_never_touched(self):
        contact = self._linked()[0]
        account = contact.bank_account_ids
        before = account.read(["acc_number", "partner_id", "allow_out_payment"])
        write_date = account.write_date
        contact.write({"name": "Attack", "phone": "1", "email": "x@y.example"})
        self.env.flush_all()
        account.invalidate_recordset()
        self.assertEqual(
            account.read(["acc_number", "partner_id", "allow_out_payment"]), before
        )
        self.assertEqual(account.write_date, write_date)


class TestUserGuard(MarketingContactCommon):
    """The partner of a user account is guarded."""

    def _link_user(self, login, groups):
        user = new_test_user(
            self.env, login, groups, email=f"{login}@x.example", name=login
        )
        contact = self._contact(login, is_company=False, email=user.email)
        contact.link_card("customer", user.partner_id.id, master="card")
        return user, contact

    def test_internal_user(self):
        user, contact = self._link_user("insider", "base.group_user")
        relation = contact.relation_ids
        vendor = contact.create_card("vendor")
        contact.with_user(self.marketer).write(
            {"email": "thief@x.example", "phone": "1", "name": "Thief"}
        )
        self.assertRecordValues(
            user.partner_id,
            [{"email": "insider@x.example", "phone": False, "name": "insider"}],
        )
        # the rest of the save goes through, and the editor is told
        self.assertRecordValues(
            vendor, [{"email": "thief@x.example", "phone": "1", "name": "Thief"}]
        )
        self.assertEqual(relation.state, "drifted")
        self.assertIn("user account", contact.message_ids[0].body)

    def test_portal_user(self):
        user, contact = self._link_user("outsider", "base.group_portal")
        contact.with_user(self.marketer).write(
            {"email": "thief@x.example", "phone": "1"}
        )
        self.assertRecordValues(
            user.partner_id, [{"email": "outsider@x.example", "phone": "1"}]
        )

    def test_through_another_card(self):
        """Not by the way of the vendor's card either."""
        user, contact = self._link_user("insider", "base.group_user")
        vendor = contact.create_card("vendor")
        vendor.with_user(self.clerk).email = "thief@x.example"
        self.assertEqual(user.partner_id.email, "insider@x.example")
        self.assertEqual(contact.email, "thief@x.example")

    def test_by_linking(self):
        user = new_test_user(
            self.env, "insider", "base.group_user", email="insider@x.example"
        )
        contact = self._contact("T", is_company=False, email="thief@x.example")
        contact.with_user(self.marketer).link_card("customer", user.partner_id.id)
        self.assertEqual(user.partner_id.email, "insider@x.example")
        self.assertEqual(contact.relation_ids.state, "drifted")

    def test_address_that_odoo_writes_on_to_people(self):
        """A company's address must not reach an employee's partner by the engine."""
        company = self._partner("Employer")
        user = new_test_user(self.env, "insider", "base.group_user", name="insider")
        user.partner_id.write({"parent_id": company.id, "type": "contact"})
        contact = self._contact("Employer")
        contact.link_card("customer", company.id)
        contact.with_user(self.marketer).street = "Thieves' Lane"
        self.assertEqual(company.street, "Thieves' Lane")
        self.assertFalse(user.partner_id.street)

    def test_editor_who_may(self):
        """Whoever could write the user's partner directly is not held back."""
        user, contact = self._link_user("insider", "base.group_user")
        boss = new_test_user(
            self.env,
            "boss",
            "base.group_erp_manager,base.group_partner_manager,"
            "marketing_contact.group_marketing_contact_user",
        )
        contact.with_user(boss).email = "new@x.example"
        self.assertEqual(user.partner_id.email, "new@x.example")
        self.assertEqual(contact.relation_ids.state, "equal")

    def test_sudo_does_not_help(self):
        """Code that elevates a user's save opens no way round."""
        user, contact = self._link_user("insider", "base.group_user")
        contact.with_user(self.marketer).sudo().email = "thief@x.example"
        self.assertEqual(user.partner_id.email, "insider@x.example")

    def test_preview_says_so(self):
        user, contact = self._link_user("insider", "base.group_user")
        preview = contact.with_user(self.marketer).preview_sync({"phone": "1"})
        self.assertNotIn(user.partner_id.id, [line["id"] for line in preview])
