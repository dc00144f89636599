"""Several sessions at once, as the tests and the soak of concurrency need them."""

import logging
import threading
import time
from collections import Counter
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.service.model import execute_cr
from odoo.tools import mute_logger

from ..models.contact.companies import go_together

SHARED = ("name", "street", "street2", "zip", "city", "phone", "email")


class Crowd(logging.Handler):
    """Sessions that call Odoo at once, each a thread with a transaction of its own.

    Calls go through Odoo's own service, which repeats what failed on concurrency. The
    crowd counts the repetitions, by reason, and what reached the users all the same.

    :param float patience: what to multiply the waits between repetitions with
    """

    def __init__(self, registry, patience=1.0):
        super().__init__(logging.INFO)
        self.registry = registry
        self.patience = patience
        self.retries = Counter()
        self.errors = []
        self.calls = 0
        with self.environment() as env:
            self.uid = env.ref("base.user_admin").id
            batches = env["marketing.sync.batch"]
            self.first_batch = batches.search([], order="id desc", limit=1).id
        self.made = {}

    def emit(self, record):
        if "tries left" in record.msg:
            self.retries[record.args[0]] += 1

    @contextmanager
    def environment(self):
        """Yield an environment of the superuser; what is done there is committed."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            yield env

    @contextmanager
    def gathered(self):
        """Listen to Odoo's service while the crowd is at work."""
        logger = logging.getLogger("odoo.service.model")
        level, propagate = logger.level, logger.propagate
        clock = SimpleNamespace(sleep=lambda s: time.sleep(s * self.patience))
        logger.addHandler(self)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        try:
            with patch("odoo.service.model.time", clock), mute_logger("odoo.sql_db"):
                yield self
        finally:
            logger.removeHandler(self)
            logger.setLevel(level)
            logger.propagate = propagate

    def together(self, *calls):
        """Make calls ``(model, method, *args)`` at once, each in its own session.

        :return: the results, a :class:`UserError` in place of what was refused
        """
        barrier = threading.Barrier(len(calls))
        results = [None] * len(calls)

        def session(index, model, method, *args):
            try:
                with self.registry.cursor() as cr:
                    cr.execute("SELECT 1")  # every session has begun
                    barrier.wait(30)
                    results[index] = execute_cr(
                        cr, self.uid, model, method, list(args), {}
                    )
            except UserError as error:
                results[index] = error
            except Exception as error:
                self.errors.append(f"{model}.{method}{args}: {error!r}")

        threads = [
            threading.Thread(target=session, args=(index, *call))
            for index, call in enumerate(calls)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.calls += len(calls)
        return results

    # ------------------------------------------------------------
    # WHAT THE CROWD WORKS ON
    # ------------------------------------------------------------

    def keep(self, record):
        """Note a record that the crowd made, to be removed at the end."""
        self.made.setdefault(record._name, set()).update(record.ids)
        return record

    def make(self, env, model, **vals):
        context = {"marketing_contact_no_create": True}
        return self.keep(env[model].with_context(**context).create(vals))

    def make_group(self):
        """Return ``(model, id)`` of a contact and its customer, vendor and bank."""
        with self.environment() as env:
            contact = self.make(env, "marketing.contact", name="Crowd", is_company=True)
            cards = contact.create_card("customer") + contact.create_card("vendor")
            account = contact.create_card(
                "bank_account", values={"acc_number": f"CROWD-{contact.id}"}
            )
            self.keep(cards)
            self.keep(account)
            self.keep(account.bank_id)
            group = [contact, *cards, account.bank_id]
            return [(record._name, record.id) for record in group]

    def tidy_up(self):
        """Remove what the crowd left behind."""
        with self.environment() as env:
            for model in (
                "marketing.contact",
                "res.partner.bank",
                "res.partner",
                "res.bank",
            ):
                records = env[model].browse(self.made.get(model, ())).exists()
                records.unlink()
                if model == "res.partner.bank" and records.exists():
                    # Odoo archives accounts only; the test's own go for good
                    env.cr.execute(
                        "DELETE FROM res_partner_bank WHERE id IN %s",
                        [tuple(records.ids)],
                    )
                    env.invalidate_all()
            batches = env["marketing.sync.batch"].search(
                [("id", ">", self.first_batch)]
            )
            batches.unlink()

    # ------------------------------------------------------------
    # SCENES
    # ------------------------------------------------------------

    def write_on_one_group(self, rounds):
        """Eight writers on all sides of one group, each with a field of their own.

        Two share the city. Return what is wrong afterwards.
        """
        nodes = self.make_group()
        fields = [*SHARED, "city"]
        wrong = []
        for turn in range(rounds):
            values = [f"{field} {turn} {i}" for i, field in enumerate(fields)]
            self.together(
                *(
                    (model, "write", [id_], {field: value})
                    for (model, id_), field, value in zip(
                        nodes * 2, fields, values, strict=True
                    )
                )
            )
            with self.environment() as env:
                for model, id_ in nodes:
                    record = env[model].browse(id_)
                    for field in SHARED:
                        expected = [
                            v for f, v in zip(fields, values, strict=True) if f == field
                        ]
                        if record[field] not in expected:
                            wrong.append(f"{record}.{field} is {record[field]!r}")
                side = {env[model].browse(id_).city for model, id_ in nodes}
                if len(side) > 1:
                    wrong.append(f"cities differ: {side}")
        return wrong

    def create_numbered_contacts(self, rounds):
        """Eight creators. Return the numbers that stand twice, and None for a gap."""
        numbers = []
        for turn in range(rounds):
            results = self.together(
                *(
                    (
                        "marketing.contact",
                        "create",
                        [{"name": f"Crowd {turn} {i} {j}"} for j in range(1 + i % 3)],
                    )
                    for i in range(8)
                )
            )
            with self.environment() as env:
                ids = [id_ for result in results for id_ in result or ()]
                contacts = self.keep(env["marketing.contact"].browse(ids))
                numbers += contacts.mapped("number")
        expected = rounds * sum(1 + i % 3 for i in range(8))
        wrong = [n for n, count in Counter(numbers).items() if count > 1 or not n]
        return wrong + [None] * (expected - len(numbers))

    def link_one_card(self, rounds):
        """Two sessions link the same partner with two contacts; one may.

        In turns as customer twice, and as customer and vendor. Return what is wrong.
        """
        wrong = []
        for turn in range(rounds):
            with self.environment() as env:
                partner = self.make(env, "res.partner", name="Card", is_company=True)
                contacts = self.make(env, "marketing.contact", name="One")
                contacts += self.make(env, "marketing.contact", name="Two")
                contact_ids, partner_id = contacts.ids, partner.id
            kinds = ("customer", "vendor" if turn % 2 else "customer")
            results = self.together(
                *(
                    ("marketing.contact", "link_card", [id_], kind, partner_id)
                    for id_, kind in zip(contact_ids, kinds, strict=True)
                )
            )
            with self.environment() as env:
                relations = env["marketing.contact.relation"].search(
                    [("partner_id", "=", partner_id)]
                )
                refused = [r for r in results if isinstance(r, UserError)]
                if len(relations) != 1 or len(refused) != 1:
                    wrong.append(f"{kinds}: {relations}, {results}")
        return wrong

    def delete_a_card_in_use(self, rounds):
        """A card is deleted while its contact, or its other card, is saved."""
        wrong = []
        with self.environment() as env:
            contact = self.make(env, "marketing.contact", name="Left", is_company=True)
            vendor = self.keep(contact.create_card("vendor"))
            sides = [(contact._name, contact.id), (vendor._name, vendor.id)]
        for turn in range(rounds):
            with self.environment() as env:
                contact = env["marketing.contact"].browse(sides[0][1])
                customer_id = self.keep(contact.create_card("customer")).id
            model, id_ = sides[turn % 2]
            results = self.together(
                ("res.partner", "unlink", [customer_id]),
                (model, "write", [id_], {"phone": str(turn)}),
            )
            with self.environment() as env:
                phones = {env[model].browse(id_).phone for model, id_ in sides}
                relations = env["marketing.contact.relation"].search(
                    [("contact_id", "=", sides[0][1])]
                )
                if (
                    phones != {str(turn)}
                    or relations.partner_id.ids != [sides[1][1]]
                    or env["res.partner"].browse(customer_id).exists()
                ):
                    wrong.append(f"{phones}, {relations.partner_id}, {results}")
        return wrong

    def merge_each_into_the_other(self, rounds):
        """Two sessions merge the same two contacts, each into the other; one may."""
        wrong = []
        for _turn in range(rounds):
            with self.environment() as env:
                one = self.make(env, "marketing.contact", name="One").id
                two = self.make(env, "marketing.contact", name="Two").id
            results = self.together(
                ("marketing.contact", "merge_into", [one], two),
                ("marketing.contact", "merge_into", [two], one),
            )
            with self.environment() as env:
                contacts = env["marketing.contact"].browse((one, two))
                refused = [r for r in results if isinstance(r, UserError)]
                if len(contacts.merged_into_id) != 1 or len(refused) != 1:
                    wrong.append(f"{contacts.mapped('merged_into_id')}, {results}")
        return wrong

    def merge_in_a_row(self, rounds):
        """One contact is merged into a second, which is merged into a third at the same
        time: whoever is merged is found under one that is not.
        """
        wrong = []
        for _turn in range(rounds):
            with self.environment() as env:
                ids = [
                    self.make(env, "marketing.contact", name=name).id
                    for name in ("One", "Two", "Three")
                ]
            results = self.together(
                ("marketing.contact", "merge_into", [ids[0]], ids[1]),
                ("marketing.contact", "merge_into", [ids[1]], ids[2]),
            )
            with self.environment() as env:
                one, two, three = env["marketing.contact"].browse(ids)
                refused = isinstance(results[0], UserError)
                if two.merged_into_id != three or one.merged_into_id != (
                    three.browse() if refused else three
                ):
                    wrong.append(f"{one.merged_into_id}, {results}")
        return wrong

    def link_while_merging(self, rounds):
        """A contact is linked while it is merged: the one that stays has the link, or
        it was refused.
        """
        wrong = []
        for turn in range(rounds):
            with self.environment() as env:
                one = self.make(env, "marketing.contact", name="One").id
                two = self.make(env, "marketing.contact", name="Two").id
                partner = self.make(env, "res.partner", name=f"Card {turn}").id
            results = self.together(
                ("marketing.contact", "link_card", [one], "customer", partner),
                ("marketing.contact", "merge_into", [one], two),
            )
            with self.environment() as env:
                relations = env["marketing.contact.relation"].search(
                    [("partner_id", "=", partner)]
                )
                merged = env["marketing.contact"].browse(one).merged_into_id
                refused = isinstance(results[0], UserError)
                if merged.id != two or (
                    relations if refused else relations.contact_id.id != two
                ):
                    wrong.append(f"{relations.contact_id}, {results}")
        return wrong

    def move_a_card_and_its_contact(self, rounds):
        """A contact gets a company while its card moves to another: they go together
        afterwards, or one of the two was refused.
        """
        wrong = []
        for _turn in range(rounds):
            with self.environment() as env:
                own, other = env["res.company"].search([], limit=2).ids
                contact = self.make(env, "marketing.contact", name="C", is_company=True)
                card = self.make(env, "res.partner", name="C", company_id=own)
                contact.link_card("customer", card.id)
            results = self.together(
                ("res.partner", "write", [card.id], {"company_id": other}),
                ("marketing.contact", "write", [contact.id], {"company_id": own}),
            )
            with self.environment() as env:
                contact, card = contact.with_env(env), card.with_env(env)
                if not go_together(contact.company_id, card.company_id):
                    wrong.append(f"{contact.company_id}, {card.company_id}, {results}")
        return wrong
