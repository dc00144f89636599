from hashlib import md5

from odoo.tests import tagged
from odoo.tools import SQL

from ..models.match import keys as keys_module
from ..models.match.statements import without_jit
from ..models.proposals import waiting
from ..models.proposals.sides import CONTACT, OUR_SIDES, PARTNER
from .common import MarketingContactCommon

MANY = 210
IBAN = "SE3550000000054910000003"


@tagged("post_install", "-at_install")
class TestMatchKeys(MarketingContactCommon):
    """The keys that records are compared by: as the records are now, whoever changed
    them, and in nobody's way.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Match = cls.env["marketing.match"]

    def _vals(self, number):
        return {
            "name": f"Firma{number} Kalmar{number * 7} AB",
            "is_company": True,
            "email": f"info@firma{number}.example",
            "phone": f"+46 480 {number:05}",
            "city": "Kalmar",
        }

    def _move_rows(self):
        """Let each row lie elsewhere, as ranks, flags and restored dumps do."""
        self.env.flush_all()
        for table in ("marketing_contact", "res_partner"):
            self.env.cr.execute(
                SQL("UPDATE %s SET active = active", SQL.identifier(table))
            )
        self.env.invalidate_all()

    def _count_rows(self, side):
        self.env.cr.execute(SQL("SELECT COUNT(*) FROM %s", SQL.identifier(side.keys)))
        return self.env.cr.fetchone()[0]

    def test_rows_that_moved(self):
        """Many are found as few are: nothing is dropped because its row moved."""
        vals_list = [self._vals(number) for number in range(MANY)]
        contacts = self.Contact.create(vals_list)
        quiet = self.Partner.with_context(marketing_contact_no_create=True)
        partners = quiet.create([v | {"customer_rank": 1} for v in vals_list])
        partners = partners.with_env(self.env)
        self.Match.match_all()
        rows = [self._count_rows(side) for side in OUR_SIDES.values()]
        self._move_rows()
        found = partners.create_marketing_contacts("customer")
        self.assertEqual(found, contacts)
        self._move_rows()
        # what is linked is compared by its accounts, too: there are none
        self.Match.match_all()
        self.assertEqual([self._count_rows(side) for side in OUR_SIDES.values()], rows)

    def test_an_account(self):
        """An IBAN that is added, corrected or taken away counts at once."""
        contact = self._contact("Aaaaa Bbbbb")
        supplier = self._partner("Aaaaa Bbbbb")
        contact.link_card("vendor", supplier.id)
        other = self._partner("Aaaaa Bbbbb")
        Account = self.env["res.partner.bank"].with_context(
            marketing_contact_no_create=True
        )

        def is_found():
            found = {p["id"]: p for p in contact.find_cards()[contact.id]}
            reasons = found[other.id]["reasons"]
            return "account" in [reason["name"] for reason in reasons]

        self.assertFalse(is_found())
        Account.create({"acc_number": IBAN, "partner_id": supplier.id})
        self.assertFalse(is_found())
        account = Account.create({"acc_number": IBAN, "partner_id": other.id})
        self.assertTrue(is_found())
        account.acc_number = "SE4550000000058398257466"
        self.assertFalse(is_found())
        account.acc_number = IBAN
        self.assertTrue(is_found())
        account.unlink()
        self.assertFalse(is_found())

    def test_what_was_rolled_back_is_made_again(self):
        contact = self._contact("Kelmarisk Bygg", email="info@kelmarisk.example")
        contact.find_cards()
        partner = self._partner("Kelmarisk Bygg", email="info@kelmarisk.example")
        with self.env.cr.savepoint() as savepoint:
            self.assertTrue(contact.find_cards()[contact.id])
            savepoint.rollback()
        found = contact.find_cards()[contact.id]
        self.assertEqual([p["id"] for p in found], partner.ids)

    def _insert_contacts(self, count):
        """Insert contacts by SQL, as a restored dump does: nothing tells of them."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO marketing_contact
                   (name, number, email, city, is_company, active)
            SELECT 'Inserted' || i || ' Oskarshamn' || i * 7, 'INS' || i,
                   'info@inserted' || i || '.example', 'Oskarshamn', TRUE, TRUE
              FROM generate_series(1, %s) i
            """,
            [count],
        )

    def _customer(self, number):
        return self.Partner.create(
            {
                "name": f"Inserted{number} Oskarshamn{number * 7} AB",
                "email": f"info@inserted{number}.example",
                "city": "Oskarshamn",
                "is_company": True,
                "customer_rank": 1,
            }
        )

    def test_a_save_reads_a_bounded_few(self):
        """The first customer after thousands came by SQL has a contact at once, whom it
        may be the same as is proposed a little later.
        """
        count = 1500
        self._contact("Somebody Else").find_duplicates()
        self._insert_contacts(count)
        before = self._count_rows(CONTACT)
        customer = self._customer(3)
        made = self._count_rows(CONTACT) - before
        self.assertLess(made, 3 * keys_module.LOOKED_AT)
        contact = customer.marketing_contact_id
        self.assertTrue(contact)
        # the last ones are found at once
        last = self._customer(count).marketing_contact_id
        self.assertEqual(last.name, f"Inserted{count} Oskarshamn{count * 7}")
        # what the scheduled action does, without its commits
        for side in (CONTACT, PARTNER):
            list(self.Match._get_keys(side).refresh_all())
        self.assertTrue(waiting.look_up(self.env))
        self.assertFalse(waiting.look_up(self.env))
        double = self.Match.search(
            [
                "|",
                ("contact_id", "=", contact.id),
                ("other_contact_id", "=", contact.id),
            ]
        )
        names = (double.contact_id | double.other_contact_id).mapped("name")
        self.assertIn("Inserted3 Oskarshamn21", names)
        # and now all is known
        again = self._customer(7).marketing_contact_id
        self.assertEqual(again.name, "Inserted7 Oskarshamn49")

    def test_settings_of_the_planner_stay(self):
        contact = self._contact("Planned For", email="info@planned.example")
        self._partner("Planned For", email="info@planned.example")
        names = ("jit", "enable_seqscan", "enable_nestloop", "jit_above_cost")

        def read():
            self.env.cr.execute(
                "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
            )
            return self.env.cr.fetchone()

        self.env.cr.execute("SET LOCAL jit = on")
        before = read()
        self.assertTrue(contact.find_cards()[contact.id])
        self.assertEqual(read(), before)
        self.Match.match_all()
        self.assertEqual(read(), before)
        with without_jit(self.env.cr):
            self.assertEqual(read()[0], "off")

    def test_free_numbers_cost_a_look_each(self):
        """Not half of the index for parts of numbers, for each of them."""
        self._insert_contacts(2000)
        sequence = self.company.marketing_contact_sequence_id
        numbers = [f"INS{number}" for number in range(1990, 2090)]
        for analyzed in (False, True):
            if analyzed:
                self.env.cr.execute("ANALYZE marketing_contact")
            with self.assertReads(20 * len(numbers)):
                taken = sequence._marketing_get_taken(numbers)
            self.assertEqual(taken, {f"INS{n}" for n in range(1990, 2001)})

    def test_a_question_reads_what_it_asks_for(self):
        """One contact's cards are found by indexes, among hundreds of partners that
        the planner knows nothing of.
        """
        quiet = self.Partner.with_context(marketing_contact_no_create=True)
        quiet.create(
            [
                {
                    "name": self._get_name(n),
                    "email": f"info@{md5(b'%d' % n).hexdigest()}.example",
                    "city": md5(b"c%d" % n).hexdigest()[:8],
                    "is_company": True,
                }
                for n in range(400)
            ]
        )
        contact = self._contact(
            self._get_name(3), email=f"info@{md5(b'3').hexdigest()}.example"
        )
        for side in (CONTACT, PARTNER):
            list(self.Match._get_keys(side).refresh_all())
        with self.assertReads(6000):
            found = contact.find_cards("customer")[contact.id]
        self.assertEqual(found[0]["display_name"], self._get_name(3))

    def test_what_many_have_is_not_counted(self):
        """A key of thousands is as common as the planner says, with the same result as
        where whole sides are compared.
        """
        self._insert_contacts(2500)
        for side in (CONTACT, PARTNER):
            list(self.Match._get_keys(side).refresh_all())
        self.env.cr.execute("ANALYZE marketing_match_key_contact")
        quiet = self.Partner.with_context(marketing_contact_no_create=True)
        partner = quiet.create(
            {
                "name": "Inserted3 Oskarshamn",
                "city": "Oskarshamn",
                "email": "info@inserted4.example",
                "is_company": True,
            }
        )
        matcher = self.Match._get_matcher(PARTNER)
        matcher.refresh_all()
        self.assertTrue(matcher._extent[1]["contact"])
        matcher.find(partner.ids, "right")  # read and planned once
        with self.assertReads(1200):
            few = matcher.find(partner.ids, "right")
        self.assertTrue(few)
        matcher.compare("right", partner.ids)
        self.env.cr.execute("SELECT * FROM match_weighed")
        many = {row[:2]: row[3:] for row in self.env.cr.fetchall()}
        matcher.drop()
        self.assertEqual({pair[:2] for pair in few}, many.keys())
        for pair in few:
            self.assertEqual(pair[4:], many[pair[:2]][1:], pair)

    def test_what_a_chain_shares_is_not_read(self):
        """Of a key that hundreds have, no more rows are read than it takes to see that
        they are many, in a table the planner knows nothing of.
        """
        self.Contact.create(
            [
                {
                    "name": "Kedjan AB",
                    "is_company": True,
                    "email": "info@kedjan.example",
                    "website": "https://kedjan.example",
                    "phone": "+46 480 77777",
                    "street": f"{self._get_name(n).split()[0]}gatan {n + 1}",
                    "zip": f"{10000 + 41 * n}",
                }
                for n in range(300)
            ]
        )
        quiet = self.Partner.with_context(marketing_contact_no_create=True)
        partner = quiet.create(
            {
                "name": "Kedjan",
                "is_company": True,
                "website": "https://kedjan.example",
                "phone": "+46 480 77777",
                "street": f"{self._get_name(7).split()[0]}gatan 8",
                "zip": "10287",
            }
        )
        matcher = self.Match._get_matcher(PARTNER)
        matcher.refresh_all()
        matcher.find(partner.ids, "right")  # read and planned once
        with self.assertReads(1500):
            found = matcher.find(partner.ids, "right")
        best = max(found, key=lambda pair: pair.bits)
        self.assertEqual(self.Contact.browse(best.a_id).zip, "10287")

    def test_a_statement_is_planned_once(self):
        """Each connection reads and plans the long statement once, whoever asks."""
        contacts = [self._contact(f"Planned{n} Kalmar{n}") for n in range(3)]
        self._partner("Planned1 Kalmar1 AB")
        query = "SELECT COUNT(*) FROM pg_prepared_statements"
        counts = []
        for contact in contacts:
            contact.find_cards("customer")
            self.env.cr.execute(query)
            counts += self.env.cr.fetchone()
        self.assertEqual(len(set(counts)), 1, counts)
        self.assertTrue(counts[0])

    def test_free_cards_are_found_whatever_the_planner_knows(self):
        """Contacts of cards, after hundreds of links that it has not heard of."""
        quiet = self.Partner.with_context(marketing_contact_no_create=True)

        def make(first, number):
            return quiet.create(
                [
                    {"name": self._get_name(n), "is_company": True}
                    for n in range(first, first + number)
                ]
            )

        self.env.cr.execute("ANALYZE marketing_contact_relation")
        make(0, 400).create_marketing_contacts("customer")
        cards = make(400, 40)
        self.env.flush_all()
        with self.assertReads(100):
            free = cards._marketing_filter_unlinked("customer")
        self.assertEqual(free, cards)

    def _get_name(self, number):
        digits = md5(b"%d" % number).hexdigest()
        return f"{digits[:9]} {digits[9:18]}"

    def assertReads(self, most):
        """Check how many buffers of tables and indexes the statements inside read."""
        return _Buffers(self, most)

    def test_archived_words(self):
        Word = self.env["marketing.match.word"]
        word = Word.create({"name": "Quuxbolag", "kind": "legal"})
        word.active = False
        self.env.registry.clear_cache()
        self.assertNotIn(
            "quuxbolag", Word.with_context(active_test=False)._get_words()[0]
        )
        self.assertNotIn("quuxbolag", Word._get_words()[0])


class _Buffers:
    """Counts the buffers that statements read, as PostgreSQL explains them."""

    def __init__(self, case, most):
        self.case, self.most = case, most

    def __enter__(self):
        self.count, self.dearest = 0, (0, "")
        cursor = self.case.env.cr
        self.plain = cursor.execute

        def execute(query, params=None, **options):
            text = query.code if isinstance(query, SQL) else query
            if not text.lstrip().upper().startswith(("SELECT", "WITH", "EXECUTE")):
                return self.plain(query, params, **options)
            if isinstance(query, SQL):
                explained = SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) %s", query)
                self.plain(explained)
            else:
                self.plain(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", params)
            [[plan]] = cursor.fetchone()
            plan = plan["Plan"]
            read = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
            self.count += read
            self.dearest = max(self.dearest, (read, text))
            return self.plain(query, params, **options)

        cursor.execute = execute
        return self

    def __exit__(self, error_type, error, trace):
        del self.case.env.cr.execute
        if not error_type:
            self.case.assertLess(self.count, self.most, self.dearest)
