"""Paths, messages, locks and commands shared by the steps of dev.py."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

MODULE = "marketing_contact"
ODOO_SERIES = "19.0"
CHECKOUT = Path(__file__).resolve().parent.parent
WORK = CHECKOUT / ".odoo"
ADDONS = WORK / "addons"
DATA = WORK / "data"
LOGS = WORK / "log"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / MODULE
STAMP = ".complete"
# Free space asked for before a step that writes much, in gigabytes.
NEEDED_GB = {"cache": 4, "work": 2}
NO_SPACE = "No space left on device"


class Failure(Exception):
    """A step failed; the message says which one, why, and what to do."""


def say(text):
    """Show progress; flushed, as a step may take minutes."""
    print(f"[dev] {text}", flush=True)


@contextlib.contextmanager
def step(text):
    """Announce a step and tell how long it took."""
    say(f"{text} …")
    start = time.monotonic()
    yield
    say(f"{text}: done in {time.monotonic() - start:.0f} s")


def run(command, what, *, hint="", check=True, **options):
    """Run a quiet command; on failure show the end of what it printed."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            check=False,
            **options,
        )
    except FileNotFoundError as error:
        raise Failure(f"{what}: the program {command[0]} is missing. {hint}") from error
    if check and done.returncode:
        tail = "".join(f"\n  {line}" for line in done.stdout.strip().splitlines()[-5:])
        if NO_SPACE in done.stdout:
            hint = "The disk is full: make room and start again."
        raise Failure(f"{what} failed (status {done.returncode}). {hint}{tail}")
    return done


def pass_through(command, *, env=None, cwd=None, interactive=False, output=None):
    """Run a command in the foreground, let it end cleanly on Ctrl-C.

    :param output: a file for what it prints; by default it is shown
    """
    process = subprocess.Popen(
        [str(part) for part in command],
        env=env,
        cwd=cwd,
        stdout=output,
        stderr=output and subprocess.STDOUT,
    )
    limit = None
    while True:
        try:
            return process.wait(limit)
        except KeyboardInterrupt:
            # The terminal sends the signal to the whole group: let the command
            # shut down by itself. Who signals us alone has it passed on later.
            limit = None if interactive else 15
        except subprocess.TimeoutExpired:
            process.terminate()
        except BaseException:
            process.terminate()
            process.wait()
            raise


@contextlib.contextmanager
def locked(path, what):
    """Hold a lock between processes; the kernel frees it if we are killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting for another dev.py that is at: {what}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def built(target, what, space="cache"):
    """Make a folder under a temporary name; it gets its own name when complete.

    Yields the temporary folder, or None when there is nothing left to do.
    """
    if target.is_dir():
        yield None
        return
    with locked(target.parent / f".{target.name}.lock", what):
        if target.is_dir():
            yield None
            return
        need_space(target.parent, space)
        partial = target.parent / f".{target.name}.partial"
        remove(partial)
        partial.mkdir(parents=True)
        yield partial
        partial.rename(target)


def answers(address, seconds):
    """Wait until an Odoo answers, so long at most; tell whether it does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{address}/web/health", timeout=5):
                return True
        time.sleep(0.5)
    return False


def need_space(folder, space):
    """Stop before a long step that a full disk would break."""
    free = shutil.disk_usage(folder).free / 1e9
    if free < NEEDED_GB[space]:
        raise Failure(
            f"Disk space: {folder} has {free:.1f} GB free, "
            f"{NEEDED_GB[space]} GB are needed. Make room and start again."
        )


def remove(path):
    """Remove a file, a link or a folder, whether it is there or not."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def link(path, target):
    """Make path a link to target, atomically."""
    if path.is_symlink() and os.readlink(path) == str(target):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.symlink_to(target)
    os.replace(fresh, path)


def write(path, text):
    """Write a file at once, so that an interruption leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    os.replace(fresh, path)


def digest(*parts):
    """Return a short hash of texts, for names of things kept."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]


def is_root():
    """Tell whether we run as root."""
    return os.geteuid() == 0


def check_python():
    """Refuse the Pythons that Odoo 19 does not run on."""
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        raise Failure(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} is not supported: "
            "Odoo 19 needs 3.10 to 3.13. Start dev.py with such a one, "
            "for example: python3.12 dev.py run"
        )
