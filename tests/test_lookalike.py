from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MarketingContactCommon


@tagged("post_install", "-at_install")
class TestLookalike(MarketingContactCommon):
    """The banner on forms: whom a record may be the same as, by a proposal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Match = cls.env["marketing.match"]
        vals = {"email": "info@kelmaro.se", "phone": "+46 31 70 10 20"}
        cls.contact = cls._contact("Kelmaro Bygg AB", city="Kalmar", **vals)
        cls.partner = cls._partner(
            "Kelmaro Bygg Aktiebolag", city="Kalmar", customer_rank=1, **vals
        )
        cls.stranger = cls._partner("Zwyxo Ltd", customer_rank=1)

    def _look(self):
        self.Match.match_all()
        return self.Match.search(
            [
                ("contact_id", "=", self.contact.id),
                ("partner_id", "=", self.partner.id),
            ]
        )

    def _banner(self, record, user=None):
        Match = self.Match.with_user(user or self.marketer)
        return Match.get_lookalike(record._name, record.id)

    def assertTold(self, *records):
        """Check who is flagged and told, of all that there are."""
        every = self.contact | self.twins, self.partner | self.stranger
        for record in (record for records_ in every for record in records_):
            told = record in records
            record = record.with_user(self.marketer)
            self.assertEqual(record.marketing_lookalike, told, record)
            self.assertEqual(bool(self._banner(record)), told, record)

    twins = property(
        lambda self: self.Contact.with_context(active_test=False).search(
            [("name", "=", "Kelmaro Twin"), ("merged_into_id", "=", False)]
        )
    )

    # ------------------------------------------------------------
    # WHO IS TOLD
    # ------------------------------------------------------------

    def test_what_it_shows(self):
        match = self._look()
        banner = self._banner(self.contact)
        self.assertEqual(banner["id"], match.id)
        self.assertEqual((banner["model"], banner["res_id"]), self._key(self.partner))
        self.assertEqual(banner["display_name"], "Kelmaro Bygg Aktiebolag")
        self.assertEqual(banner["role"], "Customer")
        self.assertIn("phone", [reason["name"] for reason in banner["reasons"]])
        back = self._banner(self.partner)
        self.assertEqual((back["model"], back["res_id"]), self._key(self.contact))
        self.assertEqual(back["role"], "Contact")

    def _key(self, record):
        return record._name, record.id

    def test_answers(self):
        self.assertTold()
        match = self._look()
        self.assertTold(self.contact, self.partner)
        for method in ("action_reject", "action_later", "action_link"):
            getattr(match.with_user(self.marketer), method)()
            self.assertTold()
            if method == "action_link":
                self.contact.relation_ids.unlink()
            else:
                match.action_reset()
            self.assertTold(self.contact, self.partner)

    def test_thresholds(self):
        match = self._look()
        match.write({"score": 51, "certain": False, "band": "ask"})
        self.assertTold(self.contact, self.partner)
        # a form speaks only where it is more likely than not
        match.score = 50
        self.assertTold()
        match.score = 51
        self.company.marketing_match_ask = 60
        self.assertEqual(match.band, "unsure")
        self.assertTold()

    def test_deleted_and_outdated(self):
        self._look()
        self.assertTold(self.contact, self.partner)
        with self.env.cr.savepoint() as savepoint:
            self.partner.unlink()
            self.assertFalse(self.contact.marketing_lookalike)
            savepoint.rollback()
        self.env.invalidate_all()
        with self.env.cr.savepoint() as savepoint:
            self.contact.unlink()
            self.assertFalse(self.partner.marketing_lookalike)
            savepoint.rollback()
        self.env.invalidate_all()
        self.partner.write(
            {"name": "Something", "email": False, "phone": False, "city": False}
        )
        self._look()
        self.assertTold()

    def test_merge_of_partners(self):
        self._look()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | self.stranger).ids, self.stranger, extra_checks=False
        )
        self.partner = self.stranger
        self.assertTold(self.contact, self.stranger)

    def test_merge_of_contacts_and_its_undo(self):
        names = ("email", "phone", "city")
        twin = self._contact("Kelmaro Twin", **{n: self.contact[n] for n in names})
        self._look()
        self.assertTold(self.contact, twin, self.partner)
        self.contact.merge_into(twin)
        banner = self._banner(self.partner)
        self.assertEqual(self._key(twin), (banner["model"], banner["res_id"]))
        self.assertEqual(self._banner(twin)["model"], "res.partner")
        self.assertFalse(self._banner(self.contact))
        self.env["marketing.sync.batch"].search([], limit=1).undo()
        self.assertTrue(self._banner(self.contact))

    def test_linked_with_somebody_else(self):
        """What a rule forbids to link is no question any more."""
        self._look()
        other = self._contact("Quite Other")
        other.link_card("customer", self.partner.id)
        self.assertFalse(self._banner(self.contact))
        self.assertFalse(self._banner(self.partner))

    def test_only_of_a_role_that_is_free(self):
        """Who has a customer is told of no second one, though it could be a vendor."""
        self._look()
        self.assertTold(self.contact, self.partner)
        link = self.contact.link_card("customer", self.stranger.id)
        self.assertFalse(self._banner(self.contact))
        self.assertFalse(self._banner(self.partner))
        link.unlink()
        self.contact.link_card("vendor", self.stranger.id)
        self.assertTrue(self._banner(self.contact))

    def test_undo_of_a_link(self):
        match = self._look()
        action = match.with_user(self.marketer).action_same()
        self.assertTold()
        self.assertEqual(self.contact.customer_id, self.partner)
        self.assertEqual(action["tag"], "marketing_offer_undo")
        batch = self.env["marketing.sync.batch"].browse(action["params"]["id"])
        batch.with_user(self.marketer).action_undo()
        self.assertFalse(self.contact.customer_id)
        self.assertTold(self.contact, self.partner)

    def test_two_contacts_are_merged_in_the_wizard(self):
        twin = self._contact("Kelmaro Twin", email=self.contact.email)
        match = self.Match.create(
            {"contact_id": self.contact.id, "other_contact_id": twin.id, "score": 60}
        )
        self.assertTold(self.contact, twin)
        self.assertEqual(self._banner(twin)["res_id"], self.contact.id)
        action = match.with_user(self.marketer).action_same()
        self.assertEqual(action["res_model"], "marketing.contact.merge.wizard")
        match.unlink()
        self.assertTold()

    def test_without_reasons(self):
        """Such as two contacts of partners that were merged."""
        twin = self._contact("Kelmaro Twin")
        self.Match._propose_double(self.contact, twin)
        self.assertEqual(self._banner(twin)["reasons"], [])
        match = self.Match.browse(self._banner(twin)["id"])
        self.assertFalse(match.reason_summary)
        self.assertEqual(match._get_question()["lines"], [])

    def test_archived(self):
        """It is as on the board, where the form of the archived one is quiet."""
        self._look()
        self.partner.active = False
        self.assertTrue(self._banner(self.contact))

    # ------------------------------------------------------------
    # WHAT IT COSTS
    # ------------------------------------------------------------

    def _count(self, function):
        self.env.invalidate_all()
        self.env.flush_all()
        start = self.env.cr.sql_log_count
        function()
        return self.env.cr.sql_log_count - start

    def test_no_query(self):
        """A form pays none for it, with a proposal or without; a save neither."""
        self._look()
        for record in (self.contact, self.partner, self.stranger):
            record = record.with_user(self.marketer)
            names = ["name", "phone", "email", "city", "write_date", "active"]
            spec = dict.fromkeys(names, {})
            record.web_read(spec)
            # which rules there are for whom is known from the first time on
            record.read(["marketing_lookalike"])
            without = self._count(lambda r=record, s=spec: r.web_read(s))
            spec["marketing_lookalike"] = {}
            self.assertEqual(
                self._count(lambda r=record, s=spec: r.web_read(s)), without
            )
            names.append("marketing_lookalike")
            self.assertEqual(
                self._count(lambda r=record, n=names: r.read(n)),
                self._count(lambda r=record, n=names: r.read(n[:-1])),
            )

    def test_nobody_else_reads_it(self):
        """Who doesn't ask for it by name doesn't pay for it."""
        self._look()
        self.env.invalidate_all()
        self.partner.mapped("name")
        field = self.Partner._fields["marketing_lookalike"]
        self.assertFalse(field._get_cache(self.env))

    def test_writes_nothing(self):
        dates = self.contact.write_date, self.partner.write_date
        self.env.cr.execute(
            "SELECT xmin, ctid FROM res_partner WHERE id = %s", [self.partner.id]
        )
        before = self.env.cr.fetchone()
        self._look().action_reject()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT xmin, ctid FROM res_partner WHERE id = %s", [self.partner.id]
        )
        self.assertEqual(self.env.cr.fetchone(), before)
        self.env.invalidate_all()
        self.assertEqual((self.contact.write_date, self.partner.write_date), dates)

    def test_nobody_sets_it(self):
        self.contact.marketing_lookalike = True
        self.partner.write({"marketing_lookalike": True, "city": "Ystad"})
        contact = self._contact("Set", marketing_lookalike=True)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.partner.city, "Ystad")
        self.assertTold()
        self.assertFalse(contact.marketing_lookalike)
        self.assertFalse(self.contact.copy().marketing_lookalike)

    def test_search_and_group(self):
        self._look()
        Contact = self.Contact.with_user(self.marketer)
        domain = [("marketing_lookalike", "=", True)]
        self.assertIn(self.contact, Contact.search(domain))
        self.assertIn(self.partner, self.Partner.search(domain))
        self.assertNotIn(self.stranger, self.Partner.search(domain))
        groups = Contact._read_group([], ["marketing_lookalike"], ["__count"])
        self.assertIn(True, [group[0] for group in groups])

    # ------------------------------------------------------------
    # RIGHTS AND COMPANIES
    # ------------------------------------------------------------

    def test_who_has_no_marketing_rights(self):
        self._look()
        self.assertFalse(self._banner(self.partner, self.clerk))
        self.assertFalse(self._banner(self.contact, self.clerk))
        partner = self.partner.with_user(self.clerk)
        self.assertNotIn("marketing_lookalike", partner.fields_get())
        with self.assertRaises(AccessError):
            partner.read(["marketing_lookalike"])
        arch = partner.get_view(view_type="form")["arch"]
        self.assertNotIn('name="marketing_lookalike"', arch)
        arch = partner.with_user(self.marketer).get_view(view_type="form")["arch"]
        self.assertIn('name="marketing_lookalike"', arch)

    def test_other_companies(self):
        """A record that all share says nothing of what another company compares."""
        second = self.env["res.company"].create({"name": "Second Company"})
        self._look()
        for hidden, shared in (
            (self.contact, self.partner),
            (self.partner, self.contact),
        ):
            hidden.company_id = second
            self._look()
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertFalse(shared.with_user(self.marketer).marketing_lookalike)
            self.assertFalse(self._banner(shared))
            self.assertFalse(self._banner(hidden))
            self.assertTrue(shared.marketing_lookalike, "for the superuser")
            hidden.company_id = False

    def test_bad_calls(self):
        for model in ("res.users", "nope", None):
            with self.assertRaises(UserError):
                self.Match.get_lookalike(model, self.contact.id)
        with self.assertRaises(UserError):
            self.Match.get_lookalike("res.partner", "x")
        self.assertFalse(self.Match.get_lookalike("res.partner", 2**31 - 1))

    def test_merged_are_asked_about_no_more(self):
        """Neither on the board nor by the keys, until an undo parts them."""
        twin = self._contact("Kelmaro Twin", email=self.contact.email)
        self._look()
        about = [
            "|",
            ("contact_id", "in", twin.ids),
            ("other_contact_id", "=", twin.id),
        ]
        before = self.Match.search(about)
        self.assertEqual(
            set(before.mapped("target")), {"partner_id", "other_contact_id"}
        )
        twin.merge_into(self.contact)
        self.assertFalse(self.Match.search(about))
        self.assertNotIn("contact", self._banner(self.contact)["model"])
        self.env["marketing.sync.batch"].search([], limit=1).undo()
        self.assertEqual(self.Match.search(about), before)
