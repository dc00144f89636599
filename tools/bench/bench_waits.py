"""What people wait for while who is who is looked up: a new customer among many
contacts, the first one after they came in by SQL, one contact's proposals, contacts
from full cards.

Hard rows: tax IDs of the company's own country and of another, look-alikes (few words
in many names, chains under one name), committed, so that each question is a
transaction of its own. BENCH_SIZES are how many contacts and partners are there;
BENCH_PARTS chooses some of customer, cards, create.
"""

import statistics
import time

from common import Report, choices, environment
from rows import NO_CONTACT, analyze, insert
from stdnum import luhn

import odoo

SIZES = choices("SIZES", "200,20000,200000")
PARTS = choices("PARTS", "customer,cards,create")
TURNS = 15
WORDS = "(ARRAY['Nord','Syd','Berg','Sjö','Alm','Lind','Björk','Ek','Gran','Hav'])"
TRADES = "(ARRAY['Bygg','Måleri','Transport','Konsult','Teknik','Trading','Handel'])"
SIGN = "'{family}' || lpad(i::text, 6, '0')"
# a company's values by its number, as people and programs write them
VALUES = {
    "name": (
        f"{WORDS}[i % 10 + 1] || i % 997 || ' ' || {TRADES}[i / 10 % 7 + 1] || ' '"
        f" || {SIGN} || ' AB'"
    ),
    "email": f"'info@x' || {SIGN} || '.example'",
    "phone": "'+46 8 ' || (i % 900000 + 100000) || ' {family}'",
    "street": f"{WORDS}[i / 7 % 10 + 1] || 'gatan ' || (i % 83 + 1)",
    "zip": "(10000 + i % 89999)::text",
    "city": "'Stad' || i % 331",
    "website": f"'https://www.x' || {SIGN} || '.example'",
    "vat": f"'SE55' || {SIGN} || '01'",
}
# of those that are there each tenth has a tax ID of another country, each hundredth is
# one of a chain
CHAIN = "CASE WHEN i % 100 = 0 THEN 'Kedjan ' || i % 331 || ' AB' ELSE {} END"
FOREIGN = "CASE WHEN i % 10 = 0 THEN 'DE' || substr({0}, 3) ELSE {0} END"


def get_values(env, family, numbers):
    """Return the values of companies that are to be made."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in VALUES.items())
    rows = f"generate_series({numbers[0]}, {numbers[-1]}) i"
    env.cr.execute(f"SELECT {columns.format(family=family)} FROM {rows}")
    vals_list = env.cr.dictfetchall()
    # all that is shared but the picture
    same = {
        **{"is_company": True, "country_id": env.ref("base.se").id, "lang": "en_US"},
        **{"user_id": env.uid, "function": "Head Office", "street2": "Box 7"},
        "industry_id": env["res.partner.industry"].search([], limit=1).id,
    }
    for vals in vals_list:
        number = vals["vat"][2:-2]
        # with the digit that proves it
        number += luhn.calc_check_digit(number)
        vals |= {"vat": f"SE{number}01", "company_registry": number, **same}
    return vals_list


def fill(env, model, count):
    """Insert so many companies by SQL; nothing is told of it."""
    values = {name: sql.format(family=1) for name, sql in VALUES.items()}
    values["name"] = CHAIN.format(values["name"])
    values["vat"] = FOREIGN.format(values["vat"])
    if model == "marketing.contact":
        values["number"] = "'W' || lpad(i::text, 8, '0')"
    country = env.ref("base.se").id
    insert(env, model, count, values, is_company=True, country_id=country)
    analyze(env)
    env.cr.commit()


class Customers:
    """New customers, each call in a transaction of its own."""

    def __init__(self, env, family):
        self.env, self.family, self.number = env, family, 0

    def make(self, count=1, choice="link", **more):
        """Return the seconds that their save takes, processor seconds, and them."""
        self.env.company.marketing_match_on_create = choice
        numbers = range(self.number + 1, self.number + count + 1)
        vals_list = get_values(self.env, self.family, numbers)
        self.number += count
        self.env.cr.commit()
        self.env.invalidate_all()
        start, used = time.perf_counter(), time.process_time()
        records = self.env["res.partner"].create([vals | more for vals in vals_list])
        self.env.flush_all()
        self.env.cr.commit()
        return time.perf_counter() - start, time.process_time() - used, records


def bench_customer(report, env, size):
    """Time a customer made alone, and the first one after all contacts came by SQL."""
    env.company._marketing_set_defaults()
    env.company.account_fiscal_country_id = env.ref("base.se")
    customers = Customers(env, 7)

    def make(choice):
        return customers.make(choice=choice, customer_rank=1)[:2]

    for choice in ("off", "link", "off"):
        make(choice)
    fill(env, "marketing.contact", size)
    off = statistics.median(make("off")[0] for _turn in range(5))
    for what in (f"{size} contacts by SQL: the first customer, ms", "  the second, ms"):
        report.target(what, 1e3 * (make("link")[0] - off), 100)
    rebuild(env)
    turns = {"off": [], "link": []}
    for _turn in range(TURNS):
        for choice, known in turns.items():
            known.append(make(choice))
    for nth, name, limit in ((0, "ms", 60), (1, "ms of Odoo's processor", 40)):
        off, link = (statistics.median(t[nth] for t in turns[c]) for c in turns)
        what = f"{size} contacts: a customer alone, more {name}"
        report.target(what, 1e3 * (link - off), limit)


def bench_cards(report, env, size):
    """Time the proposals of one contact among partners, and the other way round."""
    time_proposals(report, env, size, "marketing.contact", "res.partner", "find_cards")
    find = "find_marketing_contacts"
    time_proposals(report, env, size, "res.partner", "marketing.contact", find)


def time_proposals(report, env, size, model, others, find):
    """Time what a method finds for one record among so many others."""
    fill(env, others, size)
    table = env[others]._table
    # as old as rows are that nobody has touched for a day
    env.cr.execute(f"UPDATE {table} SET write_date = write_date - INTERVAL '1 d'")
    env.cr.commit()
    vacuum(env, table)
    vals_list = get_values(env, 1, range(1, TURNS + 2))
    records = env[model].with_context(**NO_CONTACT).create(vals_list)
    env.cr.commit()
    rebuild(env)
    turns = []
    for record in records:
        env.invalidate_all()
        start = time.perf_counter()
        found = getattr(record, find)()
        turns.append(time.perf_counter() - start)
        env.cr.commit()
        if size > TURNS:
            assert found[record.id], record.name
    what = f"{size} of {others}: {find} of one, ms"
    report.target(what, 1e3 * statistics.median(turns[1:]), 50)


def bench_create(report, env, size):
    """Time contacts from full cards, beside making as many cards."""
    fill(env, "marketing.contact", size)
    rebuild(env)
    customers = Customers(env(context={**env.context, **NO_CONTACT}), 7)
    for count, limit, repeat in ((1, 1.5, 9), (100, 0.6, 4), (1000, 0.6, 2)):
        ratios = []
        for turn in range(repeat + 1):
            taken, _used, cards = customers.make(count)
            start = time.perf_counter()
            cards.with_env(env).create_marketing_contacts("customer")
            env.flush_all()
            env.cr.commit()
            if turn or count > 100:
                ratios.append((time.perf_counter() - start) / taken)
        what = f"{size} contacts: contacts from {count} full cards, × cards"
        report.target(what, statistics.median(ratios), limit)


def rebuild(env):
    """Write all keys anew."""
    env["marketing.match"].action_rebuild()
    env.cr.commit()
    vacuum(env, "marketing_match_key_contact", "marketing_match_key_partner")


def vacuum(env, *tables):
    """Clear dead rows away, as PostgreSQL does by itself before the day has passed."""
    with odoo.sql_db.db_connect(env.cr.dbname).cursor() as cr:
        cr._cnx.autocommit = True
        for table in tables:
            cr.execute(f"VACUUM ANALYZE {table}")
        cr._cnx.autocommit = False


def clear(env):
    """Remove what was committed, for the next size."""
    env.cr.execute(
        """
        DELETE FROM marketing_contact_relation;
        DELETE FROM marketing_match;
        DELETE FROM marketing_contact;
        DELETE FROM res_partner p WHERE name ~ ' AB$';
        """
    )
    rebuild(env)


def main():
    """Measure what was chosen, for each size in a database of its own rows."""
    report = Report("What people wait for")
    with environment() as env:
        env.cr.execute("SELECT version(), current_setting('jit')")
        version, jit = env.cr.fetchone()
        report.title += f" – {version.partition(' on ')[0]}, JIT {jit}"
    for count in SIZES:
        for part in PARTS:
            with environment() as env:
                globals()[f"bench_{part}"](report, env, int(count))
            with environment() as env:
                clear(env)
    report.print()


if __name__ == "__main__":
    main()
