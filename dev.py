#!/usr/bin/env python3
"""Run, test and check the module on a machine where nothing else is set up.

Fetches Odoo 19, makes a virtual environment, starts a PostgreSQL server and makes
databases with demo data. Whatever is made goes into `.odoo/`; downloads are kept
once per user. ODOO_SRC names a checkout of Odoo's branch 19.0 to use instead,
PGHOST (with PGPORT, PGUSER, PGPASSWORD) a PostgreSQL server.
"""

import argparse
import contextlib
import fcntl
import os
import signal
import socket
import sys
import threading

from tools import (
    common,
    databases,
    debian,
    lint,
    odoo_lint,
    pictures,
    postgres,
    preparing,
    suites,
    testing,
    texts,
    venv,
)
from tools.common import Failure, say

FIRST_PORT = 8069


@contextlib.contextmanager
def odoo_ready():
    """Make everything a command needs; stop PostgreSQL with its last user."""
    with common.locked(common.WORK / ".setup.lock", "setting up this checkout"):
        source = debian.odoo_source()
        venv.ensure()
        server = postgres.get_server(venv.environment(source))
        was_running = server.own and server.running()
        users = (common.WORK / ".postgres-users.lock").open("w")
        fcntl.flock(users, fcntl.LOCK_SH)
        server.start()
        odoo = databases.Odoo(source, server)
    try:
        yield odoo
    finally:
        with contextlib.suppress(BlockingIOError):
            if not was_running:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                server.stop()
        users.close()


def prepare(odoo, database, fresh=False):
    """Bring a database's module up to date, one process of a checkout at a time."""
    with common.locked(common.WORK / ".setup.lock", "preparing a database"):
        return preparing.bring_up_to_date(odoo, database, fresh)


def free_port(wanted):
    """Return a free port: the wanted one or none, else the first from 8069 on."""
    candidates = [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + 100)
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except PermissionError as error:
                raise Failure(f"Port {port} is not allowed to you.") from error
            except (OSError, OverflowError):
                continue
        if not wanted and port != FIRST_PORT:
            say(f"Port {FIRST_PORT} is taken, using {port}.")
        return port
    which = f"Port {wanted} is" if wanted else "All ports from 8069 to 8168 are"
    raise Failure(f"{which} taken: stop what uses it or name another: run --port N")


def announce(port):
    """Tell how to log in once the server answers."""
    address = f"http://127.0.0.1:{port}"
    if common.answers(address, seconds=300):
        say(f"Odoo is ready: {address}")
        say("Log in as admin / admin, or as demo / demo. Ctrl-C stops it.")


def cmd_run(options):
    """Serve the module with demo data."""
    if options.port:
        free_port(options.port)
    with odoo_ready() as odoo:
        prepare(odoo, databases.DEV_DATABASE)
        port = free_port(options.port)
        threading.Thread(target=announce, args=(port,), daemon=True).start()
        say(f"Starting Odoo on port {port} …")
        command = odoo.serving(databases.DEV_DATABASE, port, *options.rest)
        status = common.pass_through(command, env=odoo.env, cwd=common.WORK)
    say("Odoo has stopped.")
    return status


def cmd_test(options):
    """Run every test, or those that -k selects."""
    try:
        with odoo_ready() as odoo:
            passed, failed = testing.test(
                odoo, options.k, options.rest, odoo_suites=options.odoo_suites
            )
    except Failure as failure:
        # No test could run: the closing line says so as well.
        print(f"\n[dev] test: {failure}", file=sys.stderr, flush=True)
        passed, failed = 0, 1
    print(f"{passed} passed, {failed} failed", flush=True)
    return int(bool(failed) or not passed)


def cmd_lint(_options):
    """Check the style of code and files, then by Odoo's own lint in a database."""
    venv.ensure()
    lint.check(venv.PYTHON, venv.environment(""))
    with odoo_ready() as odoo:
        odoo_lint.check(odoo)
    return 0


def cmd_texts(_options):
    """Export the texts to translate and merge them into the translations."""
    with odoo_ready() as odoo:
        prepare(odoo, databases.TEST_DATABASE)
        texts.update(odoo)
    return 0


def cmd_bench(options):
    """Measure: run the scripts of tools/bench/ in a database made for it."""
    names = [part for part in options.rest if not part.startswith("-")]
    arguments = [part for part in options.rest if part.startswith("-")]
    # the soak takes up to an hour: only by its name
    found = (common.CHECKOUT / "tools" / "bench").glob(
        "*_*.py" if names else "bench_*.py"
    )
    scripts = [p for p in sorted(found) if not names or any(n in p.name for n in names)]
    if not scripts:
        raise Failure("no script of that name in the folder bench.")
    database, status = f"{common.MODULE}_bench", 0
    with odoo_ready() as odoo:
        for script in scripts:
            env = dict(odoo.env, BENCH_DATABASE=database)
            with common.locked(common.WORK / ".setup.lock", "preparing a database"):
                preparing.bring_up_to_date(odoo, database, fresh=True)
                env["BENCH_TEMPLATE"] = odoo.template()
                if "BENCH_MAILING" in script.read_text():
                    addon = "mass_mailing_partner"
                    env["BENCH_MAILING"] = preparing.with_addon(odoo, addon)
            say(f"{script.name} …")
            command = [venv.PYTHON, script, *arguments]
            status |= common.pass_through(command, env=env, cwd=common.CHECKOUT)
    return status


def cmd_pictures(options):
    """Take the pictures of the documentation anew, from the running app."""
    with odoo_ready() as odoo:
        return pictures.take(odoo, options.rest)


def cmd_shell(options):
    """Open a Python shell in the database of `run`."""
    with odoo_ready() as odoo:
        prepare(odoo, databases.DEV_DATABASE)
        arguments = ("-d", databases.DEV_DATABASE, "--no-http", *options.rest)
        command, place = odoo.command("shell", *arguments), common.WORK
        return common.pass_through(command, env=odoo.env, cwd=place, interactive=True)


def cmd_update(_options):
    """Update the module in the database of `run`."""
    with odoo_ready() as odoo:
        database, module = databases.DEV_DATABASE, common.MODULE
        if not prepare(odoo, database):
            odoo.batch("Updating the module", database, "-u", module)
    return 0


def _server():
    if not (common.WORK / "venv").exists():
        return None
    return postgres.get_server(venv.environment(""))


def cmd_stop(_options):
    """Stop the PostgreSQL server of this checkout."""
    server = _server()
    stopped = server and server.stop()
    say("PostgreSQL is stopped." if stopped else "PostgreSQL was not running.")
    return 0


def cmd_clean(options):
    """Remove `.odoo/` with its databases; with --cache the downloads as well."""
    server = _server()
    if server:
        server.erase()
    common.remove(common.WORK)
    if options.cache:
        common.remove(common.CACHE)
    say("Clean.")
    return 0


def parse(arguments):
    """Read the command line; what we don't know goes to Odoo or pytest."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, function, rest=None):
        sub = commands.add_parser(name, help=function.__doc__.splitlines()[0])
        sub.set_defaults(function=function, passes=rest)
        if rest:
            sub.epilog = f"Further arguments go to {rest}."
        return sub

    sub = command("run", cmd_run, "odoo-bin")
    sub.add_argument("--port", type=int, help="default: the first free from 8069 on")
    sub = command("test", cmd_test, "pytest")
    sub.add_argument("-k", metavar="EXPR", help="only tests whose names match")
    sub.add_argument(
        "--odoo-suites",
        metavar="TAGS",
        nargs="?",
        const=suites.ALL,
        help="also run tests of Odoo: those of what the module extends, or some, "
        "e.g. /base:TestPartner,/purchase",
    )
    command("lint", cmd_lint)
    command("texts", cmd_texts)
    command("bench", cmd_bench, "the choice of scripts, options (--x=y) to these")
    command("pictures", cmd_pictures, "names of pictures, all by default")
    command("shell", cmd_shell, "odoo-bin shell")
    command("update", cmd_update)
    command("stop", cmd_stop)
    sub = command("clean", cmd_clean)
    sub.add_argument("--cache", action="store_true", help="the downloads as well")
    options, rest = parser.parse_known_args(arguments)
    if rest and not options.passes:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    options.rest = [part for part in rest if part != "--"]
    return options


def main(arguments=None):
    """Run a command and turn what goes wrong into a line or two."""
    try:
        common.check_python()
    except Failure as failure:
        print(f"[dev] {failure}", file=sys.stderr)
        return 1
    options = parse(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    try:
        common.WORK.mkdir(exist_ok=True)
        return options.function(options)
    except Failure as failure:
        print(f"\n[dev] {options.command}: {failure}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("\n[dev] Interrupted; start again to go on.", file=sys.stderr)
        return 130
    except OSError as error:
        hint = "The disk is full: make room. " if error.errno == 28 else ""
        print(f"\n[dev] {options.command}: {hint}{error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
