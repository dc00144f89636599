from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMatchTours(HttpCase):
    """Who is who, in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Match = cls.env["marketing.match"]
        cls.login = "tour_matcher"
        new_test_user(
            cls.env,
            cls.login,
            "marketing_contact.group_marketing_contact_manager,"
            "base.group_partner_manager",
            name="Tour Matcher",
        )
        cls.env["marketing.match"].search([]).unlink()

    def _pair(self, name, contact=None, partner=None, **vals):
        """Return a proposal of a contact and a partner that have a name in common."""
        contact = self.env["marketing.contact"].create(
            {"name": name, "is_company": True, **vals, **(contact or {})}
        )
        partner = (
            self.env["res.partner"]
            .with_context(marketing_contact_no_create=True)
            .create({"name": name, "is_company": True, **vals, **(partner or {})})
        )
        return contact, partner

    def test_board(self):
        pairs = [
            self._pair(
                f"Tour {name}",
                phone=f"+46 31 712 34 {n}",
                email=f"info@{name.lower()}.se",
                city="Kalmar",
            )
            for n, name in enumerate(("Kelmaro", "Tiveldor"), 10)
        ]
        self.Match.match_all([("name", "like", "Tour ")], [("name", "like", "Tour ")])
        self.start_tour(
            "/odoo/marketing-who-is-who",
            "marketing_contact_match_board",
            login=self.login,
        )
        for contact, partner in pairs:
            self.assertEqual(contact.customer_id, partner)

    def _questions(self, *names):
        """Return questions in that order."""
        matches = self.Match
        for n, name in enumerate(names):
            contact, partner = self._pair(
                name, contact={"city": "Kalmar"}, partner={"city": "Malmö"}
            )
            matches |= self.Match.create(
                {
                    "contact_id": contact.id,
                    "partner_id": partner.id,
                    "score": 50 - n,
                    "band": "ask",
                    "levels": {"name": "same_one", "place": "differs"},
                }
            )
        return matches

    def test_queue_taken_back_and_answered_again(self):
        """`S`, `U`, `S`, `S`: never is less than nothing asked for (issue 21, 1.4)."""
        matches = self._questions(*(f"Tour Ask {n}" for n in range(1, 7)))
        self.start_tour(
            "/odoo/marketing-questions",
            "marketing_contact_match_queue_back",
            login=self.login,
        )
        self.env.invalidate_all()
        self.assertEqual(set(matches.mapped("state")), {"later"})
        self.assertFalse(matches.contact_id.relation_ids)

    def test_queue(self):
        matches = self._questions("Tour Ask One", "Tour Ask Two")
        self.start_tour(
            "/odoo/marketing-questions",
            "marketing_contact_match_queue",
            login=self.login,
        )
        self.env.invalidate_all()
        self.assertEqual(matches.mapped("state"), ["later", "linked"])

    def test_link_with_existing(self):
        contact, partner = self._pair(
            "Tour Kelmaro", phone="+46 31 712 34 10", email="info@kelmaro.se"
        )
        self.start_tour(
            f"/odoo/marketing-contacts/{contact.id}",
            "marketing_contact_match_link",
            login=self.login,
        )
        self.assertEqual(contact.customer_id, partner)

    def test_banner(self):
        contact, partner = self._pair(
            "Tour Kelmaro",
            contact={"name": "Tour Kelmaro Contact"},
            partner={"name": "Tour Kelmaro Partner", "customer_rank": 1},
            phone="+46 31 712 34 10",
        )
        match = self.Match.create(
            {
                "contact_id": contact.id,
                "partner_id": partner.id,
                "score": 97.3,
                "band": "sure",
                "levels": {"phone": "same_one"},
            }
        )
        self.start_tour(
            f"/odoo/marketing-contacts/{contact.id}",
            "marketing_contact_lookalike",
            login=self.login,
        )
        self.env.invalidate_all()
        self.assertEqual(match.state, "proposed")
        self.assertFalse(contact.customer_id)
        self.assertEqual(
            (partner.website, contact.website), ("https://tour.example", False)
        )
        self.assertEqual(len(match.contact_id.message_ids), 3)

    def test_banner_of_a_double(self):
        contact, _partner = self._pair("Tour Kelmaro")
        twin, _partner = self._pair("Tour Twin")
        self.Match.create(
            {"contact_id": contact.id, "other_contact_id": twin.id, "score": 60}
        )
        self.start_tour(
            f"/odoo/marketing-contacts/{contact.id}",
            "marketing_contact_lookalike_double",
            login=self.login,
        )
        self.env.invalidate_all()
        self.assertTrue(contact.merged_into_id or twin.merged_into_id)
