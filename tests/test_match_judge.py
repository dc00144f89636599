import random

from odoo.tests import tagged

from .common import MarketingContactCommon

WORDS = ("Nord", "Syd", "Berg", "Alm", "Ek", "Gran")
TRADES = ("Bygg", "Transport", "Konsult", "Teknik")
TOWNS = ("Kalmar", "Lund", "Ystad")
COUNT, ROUNDS = 45, 3


@tagged("post_install", "-at_install")
class TestMatchJudge(MarketingContactCommon):
    """The same pair has the same chance and the same band wherever it is shown: asked
    singly or among many, on the board or on a form, from either side, whatever was
    written in between and however.
    """

    def setUp(self):
        super().setUp()
        self.Match = self.env["marketing.match"]
        self.random = random.Random(22)

    def _vals(self, number):
        """Return values of a company; few words, so that many look alike."""
        pick = self.random.choice
        name = f"{pick(WORDS)} {pick(TRADES)} {pick(['AB', 'Kedjan', str(number)])}"
        return {
            "name": name,
            "is_company": True,
            "city": pick(TOWNS),
            "email": pick([False, f"info@firm{number % 30}.example"]),
            "phone": pick([False, f"+46 480 {number % 25:05}"]),
            "company_registry": pick([False, False, f"55601{number % 20:05}"]),
        }

    def _make(self):
        quiet = self.Partner.with_context(marketing_contact_no_create=True)
        contacts = self.Contact.create([self._vals(n) for n in range(COUNT)])
        partners = quiet.create([self._vals(n) for n in range(COUNT)])
        return contacts, partners.with_env(self.env)

    def _read(self, answers, model, swapped=False):
        """Return ``{(contact id, other id): (score, band)}`` of what a form shows."""
        return {
            (p["id"], id_) if swapped else (id_, p["id"]): (p["score"], p["band"])
            for id_, proposals in answers.items()
            for p in proposals
            if p["model"] == model
        }

    def _move_rows(self):
        self.env.flush_all()
        for table in ("marketing_contact", "res_partner"):
            self.env.cr.execute(f"UPDATE {table} SET active = active")
        self.env.invalidate_all()

    def _change(self, contacts, partners):
        """Change something: by the ORM, by SQL, by a link, a rank, an archive."""
        contact, partner = self.random.choice(contacts), self.random.choice(partners)
        contact.write({"email": partner.email, "city": partner.city})
        other = self.random.choice(partners)
        if not other.marketing_relation_ids and not contact.relation_ids:
            contact.link_card("customer", other.id, master="neither")
        self.random.choice(partners).active = False
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET customer_rank = 1 WHERE id = ANY(%s)",
            [self.random.sample(partners.ids, 10)],
        )
        self.env.cr.execute(
            "UPDATE marketing_contact SET phone = NULL WHERE id = %s",
            [self.random.choice(contacts).id],
        )
        self.env.invalidate_all()

    def _compare(self, contacts, partners):
        """Check that all ways to ask say the same."""
        model = "res.partner"
        board = {
            (m.contact_id.id, m.partner_id.id): (round(m.score, 4), m.band)
            for m in self.Match.match_all()
            if m.contact_id in contacts and m.partner_id in partners
        }
        self.assertTrue(board)
        self._move_rows()
        few = self._read(contacts.find_cards(limit=None), model)
        single = {}
        for contact in contacts:
            single |= self._read(contact.find_cards(limit=None), model)
        self.assertEqual(few, single)
        self._move_rows()
        back = self._read(
            partners.find_marketing_contacts(limit=None),
            model="marketing.contact",
            swapped=True,
        )
        for pair, said in board.items():
            self.assertEqual(few[pair][1], said[1], pair)
            self.assertAlmostEqual(few[pair][0], said[0], 3, pair)
        for pair in few.keys() & back.keys():
            self.assertEqual(few[pair], back[pair], pair)
        sure = {pair for pair, (_score, band) in few.items() if band == "sure"}
        self.assertLessEqual(sure, board.keys() & back.keys())

    def test_few_many_board_form(self):
        contacts, partners = self._make()
        for _round in range(ROUNDS):
            self._compare(contacts, partners)
            self._change(contacts, partners)

    def test_many_are_asked_as_few(self):
        """Whole sides are compared from some hundred on: with the same result."""
        contacts, partners = self._make()
        side = self.Match._get_side("res.partner")
        matcher = self.Match._get_matcher(side)
        for name, ids in (("left", contacts.ids), ("right", partners.ids)):
            for keys in matcher.keys.values():
                keys.refresh()
            few = {pair[:2]: pair[3:] for pair in matcher.find(ids, name)}
            matcher.compare(name, ids)
            self.env.cr.execute("SELECT * FROM match_weighed")
            many = {tuple(row[:2]): row[3:] for row in self.env.cr.fetchall()}
            matcher.drop()
            self.assertEqual(few.keys(), many.keys())
            for pair, said in few.items():
                self.assertEqual(tuple(said[1:]), tuple(many[pair][1:]), pair)

    def test_a_partner_with_a_contact_is_no_rival(self):
        """Neither on the board nor on the form; nor is it sure what a rule forbids."""
        vals = {"email": "info@rivaliso.example", "phone": "+46 480 123 45"}
        contact = self._contact("Rivaliso Bygg", city="Kalmar", **vals)
        partner = self._partner("Rivaliso Bygg AB", city="Kalmar", **vals)
        taken = self._partner("Rivaliso Bygg AB", city="Kalmar", **vals)
        self._contact("Quite Another").link_card("customer", taken.id, master="card")
        found = {p["id"]: p["band"] for p in contact.find_cards()[contact.id]}
        match = self.Match.match_all().filtered(
            lambda m: m.contact_id == contact and m.partner_id
        )
        self.assertEqual(match.partner_id, partner)
        self.assertEqual(found[partner.id], match.band)
        self.assertNotEqual(found.get(taken.id), "sure")

    def test_a_linked_card_counts_with_its_contact(self):
        """What a contact and its customer have is not what many have: its vendor is as
        likely as before, on the form, on the board, asked from either side.
        """
        vals = {"email": "info@holdaro.example", "phone": "+46 480 123 66"}
        contact = self._contact("Holdaro Bygg", city="Kalmar", **vals)
        vendor = self._partner("Holdaro Bygg AB", **vals)

        def ask():
            """Return the chance and band, and the levels' names."""
            found = contact.find_cards()[contact.id]
            [own] = [p for p in found if p["id"] == vendor.id]
            [back] = vendor.find_marketing_contacts()[vendor.id]
            match = self.Match.match_all().filtered(lambda m: m.partner_id == vendor)
            texts = {reason["text"] for reason in own["reasons"]}
            self.assertEqual(own["band"], back["band"])
            self.assertEqual((own["band"], match.contact_id), (match.band, contact))
            return own["score"], own["band"], texts

        before = ask()
        customer = self._partner("Holdaro Byggnads AB", city="Nybro", **vals)
        contact.link_card("customer", customer.id, master="neither")
        self.assertEqual(ask(), before)

    def test_whose_thresholds(self):
        """Those of the pair's company, whoever looks and from wherever."""
        second = self.env["res.company"].create({"name": "Second Company"})
        second.marketing_match_sure, second.marketing_match_ask = 100, 100
        self.env.user.company_ids += second
        vals = {"email": "info@trosklo.example", "phone": "+46 480 123 99"}
        contact = self._contact("Trosklo Bygg", city="Kalmar", **vals)
        partner = self._partner("Trosklo Bygg AB", city="Kalmar", **vals)
        both = [self.company.id, second.id]
        for company, band in ((self.company, "sure"), (second, "unsure")):
            contact.company_id = partner.company_id = company
            asking = contact.with_context(allowed_company_ids=both)
            form = asking.find_cards()[contact.id][0]["band"]
            board = self.Match.with_context(allowed_company_ids=both).match_all()
            match = board.filtered(lambda m: m.contact_id == contact and m.partner_id)
            self.assertEqual((form, match.band), (band, band))
