"""What the benchmarks share: an Odoo environment, interleaved timing, a table, JSON.

A script is run by ``python3 dev.py bench``, which gives it a fresh database with the
module (``BENCH_DATABASE``) and Odoo's configuration (``ODOO_RC``).
"""

import gc
import json
import os
import resource
import statistics
import sys
import time
from contextlib import contextmanager
from typing import NamedTuple

import odoo
from odoo.modules.registry import Registry

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}


@contextmanager
def environment(database=None):
    """Yield an environment of the superuser; everything is rolled back at the end.

    :param str database: by default the fresh one with the module
    """
    odoo.tools.config.parse_config([], setup_logging=False)
    registry = Registry(database or os.environ["BENCH_DATABASE"])
    with registry.cursor() as cr:
        yield odoo.api.Environment(cr, odoo.SUPERUSER_ID, QUIET)
        cr.rollback()


def memory():
    """Return the megabytes that the process takes now."""
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[1])
    return pages * resource.getpagesize() / 1e6


def peak_memory():
    """Return the most megabytes that the process has taken so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


class Figure(NamedTuple):
    """What a contestant took: the median, the queries, the seconds of each turn."""

    seconds: float
    queries: int
    turns: tuple = ()

    def ratio(self, base):
        """Return the median of the turns' ratios to those of `base`.

        Both had the same neighbours on the machine in each turn, so a noisy machine
        moves this less than the ratio of the medians.
        """
        if not self.turns or len(self.turns) != len(base.turns):
            return self.seconds / base.seconds
        pairs = zip(self.turns, base.turns, strict=True)
        return statistics.median(own / other for own, other in pairs)


def time_once(env, function, *arguments):
    """Return the seconds and queries of one call, from an empty memory to the last
    pending write.
    """
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    gc.disable()
    count = env.cr.sql_log_count
    start = time.perf_counter()
    function(*arguments)
    env.flush_all()
    elapsed = time.perf_counter() - start
    gc.enable()
    return elapsed, env.cr.sql_log_count - count


def measure(env, contestants, repeat):
    """Time functions against each other, taking turns.

    :param dict contestants: ``{name: function of the turn}``, or ``(environment,
        function of the turn)``
    :param int repeat: how many turns each gets, after one to warm up
    :return: ``{name: Figure}``
    """
    seconds = {name: [] for name in contestants}
    queries = {}
    for turn in range(repeat + 1):
        for name, contestant in contestants.items():
            own_env, function = (
                contestant if isinstance(contestant, tuple) else (env, contestant)
            )
            elapsed, queries[name] = time_once(own_env, function, turn)
            if turn:
                seconds[name].append(elapsed)
    return {
        name: Figure(statistics.median(turns), queries[name], tuple(turns))
        for name, turns in seconds.items()
    }


class Report:
    """A table for people and a JSON line for machines."""

    def __init__(self, title):
        self.title = title
        self.rows = []
        self.targets = []

    def add(self, case, size, results, base):
        """Add a row for each contestant, with its ratio to `base`."""
        results = {name: Figure(*figure) for name, figure in results.items()}
        for name, figure in results.items():
            self.rows.append(
                {
                    "case": case,
                    "contestant": name,
                    "n": size,
                    "ms": round(figure.seconds * 1000, 3),
                    "queries": figure.queries,
                    "rows_per_second": round(size / figure.seconds),
                    "ratio": round(figure.ratio(results[base]), 3),
                }
            )

    def target(self, text, value, limit):
        """Note a figure and what it should be at most."""
        self.targets.append(
            {
                "target": text,
                "value": round(value, 3),
                "limit": limit,
                "met": value <= limit,
            }
        )

    def print(self):
        """Print the table, the targets and the JSON."""
        out = sys.stdout
        out.write(f"\n{self.title}\n")
        header = (
            "case",
            "contestant",
            "n",
            "ms",
            "queries",
            "rows_per_second",
            "ratio",
        )
        rows = [header, *([str(row[key]) for key in header] for row in self.rows)]
        widths = [max(len(str(row[i])) for row in rows) for i in range(len(header))]
        for row in rows:
            line = "  ".join(
                str(cell).ljust(width) if i < 2 else str(cell).rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            out.write(line.rstrip() + "\n")
        for target in self.targets:
            mark = "met" if target["met"] else "MISSED"
            out.write(
                f"{mark:>7}: {target['target']}: {target['value']} "
                f"(at most {target['limit']})\n"
            )
        out.write(
            json.dumps(
                {"title": self.title, "rows": self.rows, "targets": self.targets}
            )
            + "\n"
        )
        out.flush()
