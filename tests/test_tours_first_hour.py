from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from odoo.tests import HttpCase, new_test_user, tagged

GENERATOR = Path(__file__).parents[1] / "tools" / "match" / "generate.py"
PARTNERS, CONTACTS, BOTH = 2000, 800, 400
NAMES = (
    *("name", "is_company", "street", "zip", "city", "phone", "email", "website"),
    *("vat", "company_registry"),
)
# What the tour of the questions answers, by the keys.
ANSWERS = "snslssnsls"


def _load_generator():
    spec = spec_from_file_location("marketing_contact_generate", GENERATOR)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@tagged("post_install", "-at_install")
class TestFirstHour(HttpCase):
    """The first hour of a company with 2 000 customers and vendors and 800 contacts of
    mailing lists, in the browser, from the first look to a merge that is undone.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Match = cls.env["marketing.match"]
        cls.Batch = cls.env["marketing.sync.batch"]
        cls.Contact = cls.env["marketing.contact"]
        cls.login = "tour_first_hour"
        cls.user = new_test_user(
            cls.env,
            cls.login,
            "marketing_contact.group_marketing_contact_manager,"
            "base.group_partner_manager",
            name="Tour First Hour",
        )
        cls.env.company._marketing_set_defaults()
        # the demo data's own contacts and links would stand between
        cls.Match.search([]).unlink()
        maker = _load_generator().Maker(7)
        parties = [maker.party() for _i in range(PARTNERS + CONTACTS - BOTH)]
        cls.partners = cls._make("res.partner", maker, "partner", parties[:PARTNERS])
        cls.contacts = cls._make(
            "marketing.contact", maker, "contact", parties[PARTNERS - BOTH :]
        )
        cls.env.flush_all()
        cls.env.cr.execute("ANALYZE res_partner; ANALYZE marketing_contact")

    @classmethod
    def _make(cls, model, maker, side, parties):
        """Return records of the parties, each as a list of addresses has it."""
        countries = cls.env["res.country"].search([])
        country_ids = {country.code: country.id for country in countries}
        vals_list = []
        for number, party in enumerate(parties):
            view = maker.view(party, side, 0.7)
            vals = {name: view[name] or False for name in NAMES}
            if vals["vat"] != party["vat"]:
                # written as nobody may save it
                vals["vat"] = False
            vals["country_id"] = country_ids.get(view["country"])
            if side == "partner":
                # one in ten is a vendor
                vals["customer_rank" if number % 10 else "supplier_rank"] = 1
            vals_list.append(vals)
        return (
            cls.env[model]
            .with_context(
                marketing_contact_no_create=True,
                tracking_disable=True,
            )
            .create(vals_list)
            .with_env(cls.env)
        )

    def _start(self, tour, path):
        self.start_tour(
            f"/odoo/{path}",
            f"marketing_contact_first_hour_{tour}",
            login=self.login,
            timeout=120,
        )
        self.env.invalidate_all()

    def _look(self):
        """Look who is who, from the board. Return the run once it is worked off."""
        self._start("look", "marketing-who-is-who")
        run = self.env["marketing.run"].search([], limit=1)
        self.assertEqual((run.origin, run.state), ("match", "waiting"))
        self.env.ref("marketing_contact.ir_cron_runs").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((run.state, run.failed), ("done", 0))
        return run

    def _read(self, *records):
        return [record.read(NAMES)[0] for record in records]

    def test_first_hour(self):
        true = set(
            zip(
                self.contacts[:BOTH].ids,
                self.partners[PARTNERS - BOTH :].ids,
                strict=True,
            )
        )
        before = {
            (records._name, vals["id"]): vals
            for records in (self.contacts, self.partners)
            for vals in records.read(NAMES)
        }
        last = self.Batch.search([], limit=1)
        run = self._look()
        sure = self.Match.search(self.Match._get_sure_domain())
        self.assertGreater(len(sure), 300)

        # link the sure ones, in one entry of the journal
        self._start("link", f"marketing-bulk-work/{run.id}")
        self.assertEqual(set(sure.mapped("state")), {"linked"})
        pairs = {(match.contact_id.id, match.partner_id.id) for match in sure}
        self.assertLessEqual(len(pairs - true), 4, "one in a hundred at most is wrong")
        for match in sure:
            self.assertEqual(match.partner_id.marketing_contact_id, match.contact_id)
        batch = self.Batch.search([("id", ">", last.id)])
        self.assertEqual(len(batch), 1)
        self.assertEqual(len(batch.relation_ids), len(sure))
        self.assertEqual((batch.origin, batch.user_id), ("link", self.user))

        # answer ten questions
        queue = self.Match.with_user(self.user).get_queue(limit=len(ANSWERS))
        asked = self.Match.browse(question["id"] for question in queue["questions"])
        self._start("ask", "marketing-questions")
        answers = {"s": "linked", "n": "rejected", "l": "later"}
        self.assertEqual(asked.mapped("state"), [answers[a] for a in ANSWERS])
        rejected = asked.filtered(lambda match: match.state == "rejected")
        for match in rejected:
            for record in match.contact_id, match.partner_id:
                self.assertIn("Not the same", record.message_ids[0].body)

        # look again: those two stay away
        self._look()
        self.assertEqual(set(rejected.mapped("state")), {"rejected"})
        self.assertEqual(set(rejected.mapped("band")), {"unsure"})
        queue = self.Match.with_user(self.user).get_queue(limit=None)["questions"]
        self.assertFalse({question["id"] for question in queue} & set(rejected.ids))

        # create the rest
        customers = self.partners.filtered("customer_rank")
        missing = customers.filtered(lambda p: not p.marketing_contact_id)
        self._start("create", "marketing-contacts")
        still = missing.filtered(lambda p: not p.marketing_contact_id)
        open_ = self.Match.search([("partner_id", "in", still.ids)])
        self.assertLess(len(still), 40)
        self.assertEqual(open_.filtered(lambda m: m.band == "ask").partner_id, still)
        vendors = self.partners - customers - sure.partner_id - asked.partner_id
        self.assertFalse(vendors.marketing_contact_id)

        # one wrong link, of hundreds that were made at once
        wrong = batch.change_ids[:1].relation_id
        contact, partner = wrong.contact_id, wrong.partner_id
        self.assertTrue(contact and partner)
        self._start("wrong", f"marketing-contacts/{contact.id}")
        self.assertFalse(wrong.exists())
        self.assertEqual(
            self._read(contact, partner),
            [before[record._name, record.id] for record in (contact, partner)],
        )
        self.assertEqual(len(batch.relation_ids), len(sure) - 1)

        # a double, and the merge undone
        self._check_merge()

    def _check_merge(self):
        twins = self.Contact.create(
            [
                {"name": "First Hour Twin", "is_company": True, **vals}
                for vals in ({"phone": "+46 8 555 020 11"}, {"email": "twin@x.example"})
            ]
        )
        kept = twins.create_card("customer")[:1].marketing_contact_id
        (twins - kept).relation_ids.unlink()
        before = self._read(*twins)
        numbers = twins.mapped("number")
        self._start("merge", "marketing-contacts")
        self.assertEqual((twins - kept).merged_into_id, kept)
        self.assertEqual(
            (kept.phone, kept.email), ("+46 8 555 020 11", "twin@x.example")
        )
        self._start("merge_undo", "marketing-journal")
        self.assertFalse(twins.merged_into_id)
        self.assertEqual(self._read(*twins), before)
        self.assertEqual(twins.mapped("number"), numbers)
        self.assertEqual(twins.mapped("active"), [True, True])
