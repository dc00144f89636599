"""The virtual environment, shared by all checkouts with the same requirements."""

import importlib.util
import os
import subprocess
import sys
import venv

from . import common
from .common import CACHE, CHECKOUT, STAMP, WORK, Failure, run
from .debian import OFFLINE, fetch_packages

LOCK_FILE = CHECKOUT / "requirements-dev.txt"
# Add-ons of others that tools/bench/ and the tests compare ours with. Without their
# dependencies, which name a distribution of Odoo itself.
ADDON_FILE = CHECKOUT / "requirements-addons.txt"
EXTRA = "extra"
EXTRA_ADDONS = WORK / "venv" / EXTRA / "odoo" / "addons"
PYTHON = WORK / "venv" / "bin" / "python"


def environment(odoo_source):
    """Return the environment of commands that import Odoo."""
    unwanted = ("PYTHONHOME", "PYTHONSTARTUP", "ODOO_RC")
    env = {name: value for name, value in os.environ.items() if name not in unwanted}
    env["PYTHONPATH"] = str(odoo_source)
    env["PATH"] = f"{WORK / 'venv' / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    # Times in logs and tests do not depend on the machine.
    env["TZ"] = "UTC"
    return env


def ensure():
    """Make the virtual environment if need be and link it into the checkout."""
    wanted = (LOCK_FILE.read_text(), ADDON_FILE.read_text())
    key = common.digest(sys.version, sys.base_prefix, *wanted)
    target = CACHE / f"venv-{sys.version_info[0]}.{sys.version_info[1]}-{key}"
    # A virtual environment can't be moved: a stamp tells that it is complete.
    if not (target / STAMP).exists():
        lock = CACHE / f".{target.name}.lock"
        with common.locked(lock, "making the virtual environment"):
            if not (target / STAMP).exists():
                common.need_space(CACHE, "cache")
                what = "Making the virtual environment (kept for all checkouts)"
                with common.step(what):
                    _make(target)
    common.link(WORK / "venv", target)


def _make(target):
    common.remove(target)
    bundled = importlib.util.find_spec("ensurepip") is not None
    python = target / "bin" / "python"
    try:
        venv.create(target, symlinks=True, with_pip=bundled)
    except subprocess.CalledProcessError as error:
        raise Failure(f"Making the virtual environment failed: {error}") from error
    pip = [python, *(["-m", "pip"] if bundled else [_debian_pip(target)])]
    install = [*pip, "install", "--quiet", "--no-input", "--retries", "2"]
    install += ["--disable-pip-version-check", "--require-hashes"]
    env = dict(os.environ, PYTHONPATH="", PIP_USER="0")
    what = "Installing Python packages"
    run([*install, "-r", LOCK_FILE], what, hint=OFFLINE, env=env)
    extra = [*install, "--no-deps", "--target", target / EXTRA, "-r", ADDON_FILE]
    run(extra, what, hint=OFFLINE, env=env)
    (target / STAMP).touch()


def _debian_pip(target):
    """Return a pip from Debian's archive: its Python may come without one."""
    try:
        fetch_packages(["python3-pip-whl"], target / "pip")
    except Failure as failure:
        raise Failure(
            "Making the virtual environment: this Python comes without pip. "
            f"Install it: apt-get install python3-venv\n{failure}"
        ) from failure
    wheels = sorted(target.glob("pip/usr/share/python-wheels/pip-*.whl"))
    if not wheels:
        raise Failure("Making the virtual environment: python3-pip-whl has no pip.")
    return wheels[-1] / "pip"
