"""The virtual environment, shared by all checkouts with the same requirements."""

import importlib.util
import os
import subprocess
import sys
import venv

from .common import (
    CACHE,
    CHECKOUT,
    STAMP,
    WORK,
    Failure,
    digest,
    link,
    locked,
    need_space,
    remove,
    run,
    step,
)
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
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONHOME", "PYTHONSTARTUP", "ODOO_RC")
    }
    env["PYTHONPATH"] = str(odoo_source)
    env["PATH"] = f"{WORK / 'venv' / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    # Times in logs and tests do not depend on the machine.
    env["TZ"] = "UTC"
    return env


def ensure():
    """Make the virtual environment if need be and link it into the checkout."""
    key = digest(
        sys.version,
        sys.base_prefix,
        LOCK_FILE.read_text(),
        ADDON_FILE.read_text(),
    )
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    target = CACHE / f"venv-{version}-{key}"
    # A virtual environment can't be moved: a stamp tells that it is complete.
    if not (target / STAMP).exists():
        with locked(CACHE / f".{target.name}.lock", "making the virtual environment"):
            if not (target / STAMP).exists():
                need_space(CACHE, "cache")
                with step("Making the virtual environment (kept for all checkouts)"):
                    _make(target)
    link(WORK / "venv", target)


def _make(target):
    remove(target)
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
