"""Odoo's configuration, and databases copied from a template."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from . import common
from .common import ADDONS, CHECKOUT, DATA, LOGS, MODULE, WORK, Failure, remove, say
from .debian import addons_paths
from .venv import EXTRA_ADDONS, PYTHON

# What the module extends and meets, with demo data; a minute and a half to make.
TEMPLATE_MODULES = (
    "account",
    "base_vat",
    "contacts",
    "phone_validation",
    "purchase",
    "purchase_requisition",
    "repair",
    "sale_blanket_order",  # of OCA: a document that nobody here wrote
    "sale_management",
)
# What Odoo gives the databases that it makes itself; without it there are no indexes
# for searches by a part of a text.
EXTENSIONS = ("pg_trgm",)
DEV_DATABASE = f"{MODULE}_dev"
TEST_DATABASE = f"{MODULE}_test"
CONFIG = WORK / "odoo.conf"
PROGRESS = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
LOG_LEVEL = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ ([A-Z]+) ")


def log_findings(text):
    """Return the records of WARNING or worse in an Odoo log, with their tracebacks."""
    findings, keep = [], False
    for line in text.splitlines():
        if level := LOG_LEVEL.match(line):
            keep = level[1] in ("WARNING", "ERROR", "CRITICAL")
        if keep:
            findings.append(line)
    return findings


class Odoo:
    """An Odoo with its source, environment and database server."""

    def __init__(self, source, server):
        self.source = source
        self.server = server
        self.env = server.env
        common.link(ADDONS / MODULE, CHECKOUT)
        self.addons = [*addons_paths(source), ADDONS, EXTRA_ADDONS]
        options = {
            "addons_path": ",".join(map(str, self.addons)),
            "data_dir": DATA,
            "http_interface": "127.0.0.1",
            "limit_time_cpu": 3600,
            "limit_time_real": 3600,
            "screenshots": WORK / "screenshots",
        }
        if server.own:
            for name in ("host", "port", "user"):
                options[f"db_{name}"] = server.env[f"PG{name.upper()}"]
        lines = "".join(f"{name} = {value}\n" for name, value in options.items())
        common.write(CONFIG, f"[options]\n{lines}")
        self.env["ODOO_RC"] = str(CONFIG)

    def command(self, *arguments):
        """Return the command line of odoo-bin with our configuration."""
        sub = [arguments[0]] if arguments and not arguments[0].startswith("-") else []
        rest = arguments[len(sub) :]
        return [PYTHON, "-m", "odoo", *sub, "-c", CONFIG, *rest]

    def serving(self, database, port, *arguments):
        """Return the command line of a server for a single database."""
        options = ("-d", database, "--http-port", port, "--no-database-list")
        return self.command(*options, "--db-filter", f"^{database}$", *arguments)

    def started(self, command, **options):
        """Start a command that prints into a pipe, with Odoo's environment."""
        return subprocess.Popen(
            [str(part) for part in command],
            env=self.env,
            cwd=WORK,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **options,
        )

    def batch(self, what, database, *arguments):
        """Run Odoo until it is initialised; return its log, fail on an error."""
        log = LOGS / f"{what.replace(' ', '-')}.log"
        options = ("-d", database, "--no-http", "--stop-after-init", *arguments)
        with common.step(what):
            status = self._follow(self.command(*options), log)
            text = log.read_text(errors="replace")
            # Odoo may end with 0 although a module failed to load.
            broken = r" (CRITICAL|ERROR) \S+ .*Failed to (load|initialize)"
            if status or re.search(broken, text):
                hint = "Make room on the disk. " if common.NO_SPACE in text else ""
                tail = "\n".join(text.strip().splitlines()[-25:])
                raise Failure(f"{what} failed:\n{tail}\n{hint}Whole log: {log}")
        return text

    def _follow(self, command, log):
        """Write what a command prints to a log, show progress; return its status."""
        log.parent.mkdir(parents=True, exist_ok=True)
        process = self.started(command, stdin=subprocess.DEVNULL)
        terminal, shown = sys.stdout.isatty(), 0
        try:
            with log.open("w") as handle:
                for line in process.stdout:
                    handle.write(line)
                    found = PROGRESS.search(line)
                    if found and terminal:
                        progress = f"{found[2]}/{found[3]} {found[1]}"
                        print(f"\r\033[K  {progress}", end="", flush=True)
                    elif found and time.monotonic() - shown > 10:
                        shown = time.monotonic()
                        say(f"  module {found[2]} of {found[3]}: {found[1]}")
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            if terminal:
                print("\r\033[K", end="", flush=True)

    @contextlib.contextmanager
    def shell_started(self, database, source, *arguments):
        """Start Python code in Odoo's shell; kill it at the end if it still runs."""
        command = self.command("shell", "-d", database, "--no-http", *arguments)
        with tempfile.TemporaryFile("w+") as file:
            file.write(source)
            file.seek(0)
            process = self.started(command, stdin=file)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def shell(self, what, database, source, *arguments):
        """Run Python code in Odoo's shell; return what was printed, the log included.

        :raise Failure: if the code failed
        """
        with self.shell_started(database, source, *arguments) as process:
            printed = process.communicate()[0]
        log = LOGS / f"{what.replace(' ', '-')}.log"
        common.write(log, printed)
        if process.returncode:
            tail = "\n".join(printed.strip().splitlines()[-15:])
            raise Failure(f"{what} failed:\n{tail}\nWhole log: {log}")
        return printed

    # --- databases

    def template(self):
        """Return the name of the template database, made when missing."""
        release = (self.source / "odoo" / "release.py").read_text()
        changelog = self.source.parents[2] / "share" / "doc" / "odoo-19"
        packaged = sorted(path.name for path in changelog.glob("*"))
        key = common.digest(release, packaged, *EXTENSIONS, *TEMPLATE_MODULES)
        name = f"{MODULE}_base_{key}"
        if not self.server.exists(name):
            common.need_space(WORK, "work")
            partial = f"{name}_partial"
            self.discard(partial)
            make = f"CREATE DATABASE \"{partial}\" ENCODING 'UTF8' TEMPLATE template0"
            self.server.execute(make)
            for extension in EXTENSIONS:
                self.server.execute(f"CREATE EXTENSION {extension}", partial)
            modules = ("--with-demo", "-i", ",".join(TEMPLATE_MODULES))
            self.batch("Making the template database", partial, *modules)
            remove(_filestore(name))
            if _filestore(partial).exists():
                _filestore(partial).rename(_filestore(name))
            self.server.rename(partial, name)
        return name

    def copy(self, target, source=None):
        """Make a fresh database with its files as a copy of another, by default of the
        template.
        """
        source = source or self.template()
        self.discard(target)
        if _filestore(source).exists():
            # Odoo never writes into a file of its store: hard links will do.
            shutil.copytree(_filestore(source), _filestore(target), copy_function=_link)
        self.server.copy(source, target)

    @contextlib.contextmanager
    def borrowed(self, name, source=None):
        """Yield the name of a copy that is there as long as it is used."""
        try:
            self.copy(name, source)
            yield name
        finally:
            self.discard(name)

    def discard(self, name):
        """Drop a database and its files."""
        self.server.drop(name)
        remove(_filestore(name))

    def has_module(self, database, module=MODULE):
        """Tell whether a module, ours by default, is installed in that database."""
        if not self.server.exists(database):
            return False
        where = f"name = '{module}' AND state = 'installed'"
        query = f"SELECT 1 FROM ir_module_module WHERE {where}"
        return bool(self.server.execute(query, database))


def _filestore(name):
    return DATA / "filestore" / name


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
