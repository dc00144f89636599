"""What people wait for while who is who is looked up: a new customer among many
contacts, the first one after they came in by SQL, one contact's proposals, contacts
from full cards.

Hard rows: tax IDs of the company's own country and of another, look-alikes (few words
in many names, chains under one name), committed, so that each question is a
transaction of its own. BENCH_SIZES are how many contacts and partners are there.
"""

import os
import statistics
import sys
import time

from common import Report, environment
from rows import insert

import odoo
from odoo.tools import SQL

SIZES = os.environ.get("BENCH_SIZES", "200,20000,200000").split(",")
PARTS = os.environ.get("BENCH_PARTS", "customer,cards,create").split(",")
WORDS = ("Nord", "Syd", "Berg", "Sjö", "Alm", "Lind", "Björk", "Ek", "Gran", "Hav")
TRADES = ("Bygg", "Måleri", "Transport", "Konsult", "Teknik", "Trading", "Handel")
TURNS = 15


def luhn(digits):
    """Return the digits of a Swedish company number with the one that proves them."""
    total = 0
    for place, sign in enumerate(digits):
        value = int(sign) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def get_values(number, family):
    """Return a company's values, as people and programs write them."""
    word, trade = WORDS[number % 10], TRADES[number // 10 % 7]
    sign = f"{family}{number:06}"
    return {
        "name": f"{word}{number % 997} {trade} {sign} AB",
        "email": f"info@{word.lower()}{sign}.example".replace("ö", "o"),
        "phone": f"+46 8 {number % 900000 + 100000:06} {family}",
        "street": f"{WORDS[number // 7 % 10]}gatan {number % 83 + 1}",
        "zip": f"{10000 + number % 89999:05}",
        "city": f"Stad{number % 331}",
        "website": f"https://www.{word.lower()}{sign}.example".replace("ö", "o"),
        "vat": f"SE{luhn(f'55{family}{number:06}')}01",
        "is_company": True,
    }


def sql_values():
    """Return the same as SQL of `i`, by column, for rows by the hundred thousand; each
    tenth has a tax ID of another country, each hundredth is one of a chain.
    """
    words = "(ARRAY['Nord','Syd','Berg','Sjö','Alm','Lind','Björk','Ek','Gran','Hav'])"
    trades = (
        "(ARRAY['Bygg','Måleri','Transport','Konsult','Teknik','Trading','Handel'])"
    )
    sign = "'1' || lpad(i::text, 6, '0')"
    name = (
        f"CASE WHEN i % 100 = 0 THEN 'Kedjan ' || i % 331 ELSE {words}[i % 10 + 1]"
        f" || i % 997 || ' ' || {trades}[i / 10 % 7 + 1] || ' ' || {sign} END || ' AB'"
    )
    return {
        "name": name,
        "email": f"'info@x' || {sign} || '.example'",
        "phone": "'+46 8 ' || (i % 900000 + 100000) || ' 1'",
        "street": f"{words}[i / 7 % 10 + 1] || 'gatan ' || (i % 83 + 1)",
        "zip": "(10000 + i % 89999)::text",
        "city": "'Stad' || i % 331",
        "website": f"'https://www.x' || {sign} || '.example'",
        "vat": f"CASE WHEN i % 10 = 0 THEN 'DE55' ELSE 'SE55' END || {sign} || '01'",
    }


def fill(env, model, count):
    """Insert so many companies by SQL; nothing is told of it."""
    values = sql_values()
    if model == "marketing.contact":
        values["number"] = "'W' || lpad(i::text, 8, '0')"
    country = env.ref("base.se").id
    insert(env, model, count, values, is_company=True, country_id=country)
    env.cr.execute(SQL("ANALYZE %s", SQL.identifier(env[model]._table)))
    env.cr.commit()


class Customers:
    """New customers, one by one, each in a transaction of its own."""

    def __init__(self, env, family):
        self.env, self.family, self.number = env, family, 0

    def make(self, count=1, choice="link", **vals):
        """Return the seconds that their save takes, processor seconds, and them."""
        self.env.company.marketing_match_on_create = choice
        self.env.cr.commit()
        vals_list = []
        for _nth in range(count):
            self.number += 1
            vals_list.append(get_values(self.number, self.family) | vals)
            vals_list[-1]["country_id"] = self.env.ref("base.se").id
        self.env.invalidate_all()
        start, used = time.perf_counter(), time.process_time()
        records = self.env["res.partner"].create(vals_list)
        self.env.flush_all()
        self.env.cr.commit()
        return time.perf_counter() - start, time.process_time() - used, records


def bench_customer(report, size):
    """Time a customer made alone, and the first one after all contacts came by SQL."""
    with environment() as env:
        env.company._marketing_set_defaults()
        env.company.account_fiscal_country_id = env.ref("base.se")
        customers = Customers(env, 7)
        for choice in ("off", "link", "off"):
            customers.make(choice=choice, customer_rank=1)
        fill(env, "marketing.contact", int(size))
        off = statistics.median(
            customers.make(choice="off", customer_rank=1)[0] for _ in range(5)
        )
        first = customers.make(customer_rank=1)[0] - off
        report.target(
            f"{size} contacts by SQL: the first customer, ms", 1e3 * first, 100
        )
        second = customers.make(customer_rank=1)[0] - off
        report.target("  the second, ms", 1e3 * second, 100)
        env["marketing.match"].action_rebuild()
        env.cr.commit()
        turns = {"off": [], "link": []}
        for _turn in range(TURNS):
            for choice, known in turns.items():
                known.append(customers.make(choice=choice, customer_rank=1)[:2])
        for nth, name, limit in ((0, "ms", 60), (1, "ms of Odoo's processor", 40)):
            off, link = (
                statistics.median(t[nth] for t in turns[c]) for c in ("off", "link")
            )
            report.target(
                f"{size} contacts: a customer alone, more {name}",
                1e3 * (link - off),
                limit,
            )


def vacuum(database):
    """Clear dead rows away, as PostgreSQL has done by itself when a day has passed."""
    with odoo.sql_db.db_connect(database).cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute("VACUUM ANALYZE res_partner")
        cr._cnx.autocommit = False


def bench_cards(report, size):
    """Time the proposals of one contact among partners."""
    with environment() as env:
        fill(env, "res.partner", int(size))
        # as old as rows are that nobody has touched for a day
        env.cr.execute(
            "UPDATE res_partner SET write_date = write_date - INTERVAL '1 d'"
        )
        env.cr.commit()
        vacuum(env.cr.dbname)
        contacts = env["marketing.contact"].create(
            [get_values(number, 1) for number in range(1, TURNS + 2)]
        )
        env.cr.commit()
        env["marketing.match"].action_rebuild()
        env.cr.commit()
        turns = []
        for contact in contacts:
            env.invalidate_all()
            start = time.perf_counter()
            found = contact.find_cards()
            turns.append(time.perf_counter() - start)
            env.cr.commit()
            if int(size) > TURNS:
                assert found[contact.id], contact.name
        report.target(
            f"{size} partners: find_cards of one contact, ms",
            1e3 * statistics.median(turns[1:]),
            50,
        )


def bench_create(report, size):
    """Time contacts from full cards, beside making as many cards."""
    with environment() as env:
        fill(env, "marketing.contact", int(size))
        env["marketing.match"].action_rebuild()
        env.cr.commit()
        customers = Customers(env, 7)
        quiet = env(context={**env.context, "marketing_contact_no_create": True})
        for count, limit, repeat in ((1, 1.5, 9), (100, 0.6, 4), (1000, 0.6, 2)):
            ratios = []
            for turn in range(repeat + 1):
                customers.env = quiet
                taken, _used, cards = customers.make(count)
                start = time.perf_counter()
                cards.with_env(env).create_marketing_contacts("customer")
                env.flush_all()
                env.cr.commit()
                if turn or count > 100:
                    ratios.append((time.perf_counter() - start) / taken)
            report.target(
                f"{size} contacts: contacts from {count} full cards, × cards",
                statistics.median(ratios),
                limit,
            )


def main():
    """Measure what was chosen, for each size in a database of its own rows."""
    report = Report("What people wait for")
    with environment() as env:
        env.cr.execute("SELECT version(), current_setting('jit')")
        version, jit = env.cr.fetchone()
        report.title += f" – {version.partition(' on ')[0]}, JIT {jit}"
    for size in SIZES:
        for part in PARTS:
            globals()[f"bench_{part}"](report, size)
            clear()
    report.print()


def clear():
    """Remove what was committed, for the next size."""
    with environment() as env:
        env.cr.execute(
            """
            DELETE FROM marketing_contact_relation;
            DELETE FROM marketing_match;
            DELETE FROM marketing_contact;
            DELETE FROM res_partner p WHERE name ~ ' AB$';
            """
        )
        env["marketing.match"].action_rebuild()
        env.cr.commit()


if __name__ == "__main__":
    sys.exit(main())
