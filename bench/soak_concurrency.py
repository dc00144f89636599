"""Soak: sessions at once for as long as it takes, and what came of it.

Works on the database ``BENCH_DATABASE`` with the configuration ``ODOO_RC``, commits,
and removes what it made. Ends with an error if anything went wrong:

    python bench/soak_concurrency.py --rounds 10000 --minutes 60
"""

import argparse
import json
import os
import sys
import time

import odoo
from odoo.modules.registry import Registry


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10_000, help="of all scenes")
    parser.add_argument("--minutes", type=float, default=60, help="at most")
    parser.add_argument("--patience", type=float, default=0.5, help="× Odoo's waits")
    options = parser.parse_args()
    odoo.tools.config.parse_config([], setup_logging=False)
    registry = Registry(os.environ["BENCH_DATABASE"])
    # the tests' own crowd: the soak is the same scenes, for longer
    from odoo.addons.marketing_contact.tests.crowd import Crowd

    total = {}
    wrong = []
    end = time.monotonic() + options.minutes * 60
    done = 0
    while done < options.rounds and time.monotonic() < end:
        for name, rounds in (
            ("write_on_one_group", 5),
            ("create_numbered_contacts", 5),
            ("link_one_card", 20),
            ("delete_a_card_in_use", 20),
        ):
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
    for name, figures in total.items():
        print(name.ljust(28), json.dumps(figures))
    print(json.dumps({"rounds": done, "wrong": wrong[:20], "wrong_count": len(wrong)}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
