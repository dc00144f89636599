"""Soak: sessions at once for as long as it takes, and what came of it.

Several processes, each with a crowd and a copy of the database of its own, share the
rounds. Ends with an error if anything went wrong:

    python3 dev.py bench soak --rounds=10000 --minutes=90 --processes=2
"""

import argparse
import json
import os
import subprocess
import sys
import time

import odoo
from odoo.modules.registry import Registry
from odoo.service import model

SCENES = (
    ("write_on_one_group", 5),
    ("create_numbered_contacts", 5),
    ("link_one_card", 20),
    ("delete_a_card_in_use", 20),
)


def soak(options):
    """Play the scenes until the rounds or the minutes are over; return figures."""
    odoo.tools.config.parse_config([], setup_logging=False)
    registry = Registry(os.environ["BENCH_DATABASE"])
    # the tests' own crowd: the soak is the same scenes, for longer
    from odoo.addons.marketing_contact.tests.crowd import Crowd

    # shorter waits, more of them: the same patience in all, without standing idle
    model.MAX_TRIES_ON_CONCURRENCY_FAILURE = options.tries
    total = {}
    wrong = []
    end = time.monotonic() + options.minutes * 60
    done = 0
    while done < options.rounds and time.monotonic() < end:
        for name, rounds in SCENES:
            crowd = Crowd(registry, options.patience)
            started = time.perf_counter()
            try:
                with crowd.gathered():
                    wrong += [
                        f"{name}: {what}" for what in getattr(crowd, name)(rounds)
                    ]
            finally:
                seconds = time.perf_counter() - started
                crowd.tidy_up()
            figures = total.setdefault(name, {"rounds": 0, "calls": 0, "seconds": 0.0})
            figures["rounds"] += rounds
            figures["calls"] += crowd.calls
            figures["seconds"] = round(figures["seconds"] + seconds, 1)
            for reason, count in crowd.retries.items():
                figures[reason] = figures.get(reason, 0) + count
            wrong += crowd.errors
            done += rounds
    return {"rounds": done, "wrong": wrong, "scenes": total}


def sql(statement):
    command = ["psql", "-XAtq", "-d", "postgres", "-c", statement]
    subprocess.run(command, check=True)


def share(options):
    """Let processes of their own soak; return the sum of their figures."""
    command = [sys.executable, __file__, "--processes", "1", "--json"]
    command += ["--rounds", str(-(-options.rounds // options.processes))]
    for name in ("minutes", "patience", "tries"):
        command += [f"--{name}", str(getattr(options, name))]
    source = os.environ["BENCH_DATABASE"]
    databases = [f"{source}_soak_{number}" for number in range(options.processes)]
    workers = []
    for database in databases:
        sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        sql(f'CREATE DATABASE "{database}" TEMPLATE "{source}"')
        env = dict(os.environ, BENCH_DATABASE=database)
        workers.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
        )
    result = {"rounds": 0, "wrong": [], "scenes": {}}
    for worker in workers:
        lines = worker.communicate()[0].splitlines()
        if worker.returncode or not lines:
            result["wrong"].append(f"a process ended with {worker.returncode}")
            continue
        part = json.loads(lines[-1])
        result["rounds"] += part["rounds"]
        result["wrong"] += part["wrong"]
        for name, figures in part["scenes"].items():
            scene = result["scenes"].setdefault(name, {})
            for key, value in figures.items():
                scene[key] = round(scene.get(key, 0) + value, 1)
    for database in databases:
        sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10_000, help="of all scenes")
    parser.add_argument("--minutes", type=float, default=60, help="at most")
    parser.add_argument("--patience", type=float, default=0.1, help="× Odoo's waits")
    parser.add_argument("--tries", type=int, default=10, help="Odoo itself has 5")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="figures for a program")
    options = parser.parse_args()
    if options.json:
        print(json.dumps(soak(options)))
        return 0
    result = soak(options) if options.processes == 1 else share(options)
    for name, figures in result["scenes"].items():
        print(name.ljust(28), json.dumps(figures))
    wrong = result["wrong"]
    summary = {"rounds": result["rounds"], "wrong": wrong[:20], "count": len(wrong)}
    print(json.dumps(summary))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
