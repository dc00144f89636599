"""Soak: sessions at once for as long as it takes, and what came of it.

Several processes, each with a crowd and a copy of the database of its own, share the
rounds. Ends with an error if anything went wrong:

    python3 dev.py bench soak --rounds=10000 --minutes=90 --processes=2
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import odoo
from odoo.modules.registry import Registry
from odoo.service import model

SCENES = (
    ("write_on_one_group", 5),
    ("create_numbered_contacts", 5),
    ("link_one_card", 20),
    ("delete_a_card_in_use", 20),
)


def soak(database, options):
    """Play the scenes until the rounds or the minutes are over.

    :return: figures of each scene, and what went wrong
    """
    odoo.tools.config.parse_config([], setup_logging=False)
    registry = Registry(database)
    # the tests' own crowd: the soak is the same scenes, for longer
    from odoo.addons.marketing_contact.tests.crowd import Crowd

    # shorter waits, more of them: the same patience in all, without standing idle
    model.MAX_TRIES_ON_CONCURRENCY_FAILURE = options.tries
    scenes, wrong, done = defaultdict(Counter), [], 0
    end = time.monotonic() + options.minutes * 60
    while done < options.rounds / options.processes and time.monotonic() < end:
        for name, rounds in SCENES:
            crowd = Crowd(registry, options.patience)
            started = time.perf_counter()
            try:
                with crowd.gathered():
                    found = getattr(crowd, name)(rounds)
                wrong += [f"{name}: {what}" for what in found]
            finally:
                seconds = time.perf_counter() - started
                crowd.tidy_up()
            scenes[name].update(rounds=rounds, calls=crowd.calls, seconds=seconds)
            scenes[name].update(crowd.retries)
            wrong += crowd.errors
            done += rounds
    return scenes, wrong


def sql(statement):
    """Let PostgreSQL do something."""
    command = ["psql", "-XAtq", "-d", "postgres", "-c", statement]
    subprocess.run(command, check=True)


def share(options):
    """Let processes soak; return the sum of their figures, and what went wrong."""
    source = os.environ["BENCH_DATABASE"]
    databases = [f"{source}_soak_{number}" for number in range(options.processes)]
    drops = [f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in databases]
    for drop, database in zip(drops, databases, strict=True):
        sql(drop)
        sql(f'CREATE DATABASE "{database}" TEMPLATE "{source}"')
    scenes, wrong = defaultdict(Counter), []
    # each starts anew: what Odoo has open can't be shared
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, fresh) as pool:
        for end in [pool.submit(soak, database, options) for database in databases]:
            try:
                own_scenes, own_wrong = end.result()
            except BrokenProcessPool as error:
                own_scenes, own_wrong = {}, [f"a process ended: {error}"]
            wrong += own_wrong
            for name, figures in own_scenes.items():
                scenes[name].update(figures)
    for drop in drops:
        sql(drop)
    return scenes, wrong


def main():
    """Soak as the options say and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10_000, help="of all scenes")
    parser.add_argument("--minutes", type=float, default=60, help="at most")
    parser.add_argument("--patience", type=float, default=0.1, help="× Odoo's waits")
    parser.add_argument("--tries", type=int, default=10, help="Odoo itself has 5")
    parser.add_argument("--processes", type=int, default=2)
    scenes, wrong = share(parser.parse_args())
    for name, figures in scenes.items():
        figures["seconds"] = round(figures["seconds"], 1)
        print(name.ljust(28), json.dumps(figures))
    rounds = sum(figures["rounds"] for figures in scenes.values())
    print(json.dumps({"rounds": rounds, "wrong": wrong[:20], "count": len(wrong)}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
