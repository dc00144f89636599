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
from unittest.mock import patch

import psutil

import odoo
from odoo.modules.registry import Registry

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}


def size(name, default):
    """Return a number that the environment may give, as BENCH_`name`."""
    return int(os.environ.get(f"BENCH_{name}", default))


def choices(name, default):
    """Return texts that the environment may give by commas, as BENCH_`name`."""
    return os.environ.get(f"BENCH_{name}", default).split(",")


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
    return psutil.Process().memory_info().rss / 1e6


def peak_memory():
    """Return the most megabytes that the process has taken so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


class Figure(NamedTuple):
    """What a contestant took: the median, the queries, the seconds of each turn."""

    seconds: float
    queries: int = 0
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


@contextmanager
def stopwatch(env):
    """Yield a list that gets the Figure of what is done meanwhile."""
    figures, queries, start = [], env.cr.sql_log_count, time.perf_counter()
    yield figures
    seconds = time.perf_counter() - start
    figures.append(Figure(seconds, env.cr.sql_log_count - queries))


def time_once(env, function, *arguments):
    """Return the Figure of one call, from an empty memory to the last pending write."""
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    gc.disable()
    with stopwatch(env) as figures:
        function(*arguments)
        env.flush_all()
    gc.enable()
    return figures[0]


def measure(env, contestants, repeat):
    """Time functions against each other, taking turns.

    :param dict contestants: ``{name: function of the turn}``, or ``(environment,
        function of the turn)``, or both and what is done before, out of the time
    :param int repeat: how many turns each gets, after one to warm up
    :return: ``{name: Figure}``
    """
    turns = {name: [] for name in contestants}
    for turn in range(repeat + 1):
        for name, contestant in contestants.items():
            if not isinstance(contestant, tuple):
                contestant = (env, contestant)
            own_env, function, *prepare = contestant
            for deed in prepare:
                deed()
            turns[name].append(time_once(own_env, function, turn))
    results = {}
    for name, figures in turns.items():
        seconds = tuple(figure.seconds for figure in figures[1:])
        median = statistics.median(seconds)
        results[name] = Figure(median, figures[-1].queries, seconds)
    return results


def create_partners(env, vals_list):
    """Create partners, a thousand at a time; return their ids and the Figure."""
    Partner = env["res.partner"].with_context(marketing_contact_no_create=True)
    ids = []
    with stopwatch(env) as figures:
        for first in range(0, len(vals_list), 1000):
            ids += Partner.create(vals_list[first : first + 1000]).ids
            env.cr.commit()
            env.invalidate_all()
    return ids, figures[0]


def work_in_background(env, origin, params):
    """Start a run and let the scheduled action do it.

    :return: the run, its Figure, and ``{records done: megabytes then}``
    """
    Run = env["marketing.run"]
    commit, marks, done = type(Run)._commit, {}, 0

    def note(records, processed):
        nonlocal done
        left = commit(records, processed)
        done += processed
        marks[done] = memory()
        return left

    run = Run._start(origin, params)
    env.cr.commit()
    with patch.object(type(Run), "_commit", note), stopwatch(env) as figures:
        Run._cron_work()
    run.invalidate_recordset()
    if run.state != "done" or run.failed:
        raise AssertionError(f"{run.state}, {run.failed} refused: {run.error}")
    return run, figures[0], marks


def run(title, *parts):
    """Let functions of a report and an environment measure, and print the report."""
    report = Report(title)
    with environment() as env:
        for part in parts:
            part(report, env)
    report.print()


COLUMNS = ("case", "contestant", "n", "ms", "queries", "rows_per_second", "ratio")


class Report:
    """A table for people and a JSON line for machines."""

    def __init__(self, title):
        self.title = title
        self.rows = []
        self.targets = []

    def race(self, env, case, count, contestants, repeat, base, limits=None):
        """Measure contestants, add them, and note what they should take at most.

        :param count: of how many records
        :param base: the name of whom the others are compared with
        :param dict limits: ``{name: (text, limit)}`` of the ratio to the base
        :return: ``{name: Figure}``
        """
        results = measure(env, contestants, repeat)
        self.add(case, count, results, base)
        for name, (text, limit) in (limits or {}).items():
            self.target(text, results[name].ratio(results[base]), limit)
        return results

    def add(self, case, count, results, base):
        """Add a row for each contestant, with its ratio to `base`."""
        for name, figure in results.items():
            ms, rate = round(figure.seconds * 1000, 3), round(count / figure.seconds)
            ratio = round(figure.ratio(results[base]), 3)
            values = (case, name, count, ms, figure.queries, rate, ratio)
            self.rows.append(dict(zip(COLUMNS, values, strict=True)))

    def target(self, text, value, limit):
        """Note a figure and what it should be at most."""
        met = value <= limit
        value = round(value, 3)
        self.targets.append(
            {"target": text, "value": value, "limit": limit, "met": met}
        )

    def print(self):
        """Print the table, the targets and the JSON."""
        lines = [COLUMNS, *([str(value) for value in r.values()] for r in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        out = [f"\n{self.title}"]
        for line in lines:
            pairs = list(zip(line, widths, strict=True))
            cells = [cell.ljust(width) for cell, width in pairs[:2]]
            cells += [cell.rjust(width) for cell, width in pairs[2:]]
            out.append("  ".join(cells).rstrip())
        for target in self.targets:
            mark = "met" if target["met"] else "MISSED"
            out.append(
                f"{mark:>7}: {target['target']}: {target['value']} "
                f"(at most {target['limit']})"
            )
        found = {"title": self.title, "rows": self.rows, "targets": self.targets}
        sys.stdout.write("\n".join([*out, json.dumps(found)]) + "\n")
        sys.stdout.flush()
