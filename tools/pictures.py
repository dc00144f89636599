"""The pictures of the documentation and of the module's page, from the running app."""

import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from . import common, preparing
from .common import Failure, say
from .venv import PYTHON

PORT = 8068
SCRIPT = Path(__file__).parent / "photographer.py"
# seconds that the server may take to answer
PATIENCE = 120


def take(odoo, names=()):
    """Take pictures, all by default, in a database with demo data of its own."""
    database = f"{common.MODULE}_pictures"
    with common.locked(common.WORK / ".setup.lock", "preparing a database"):
        preparing.bring_up_to_date(odoo, database, fresh=True)
    address = f"http://127.0.0.1:{PORT}"
    command = odoo.command("-d", database, "--http-port", PORT, "--no-database-list")
    server = subprocess.Popen(
        [str(part) for part in [*command, "--db-filter", f"^{database}$"]],
        env=odoo.env,
        cwd=common.WORK,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(address)
        say("Taking pictures …")
        with tempfile.TemporaryDirectory() as folder:
            return common.pass_through(
                [PYTHON, SCRIPT, address, database, folder, *names],
                env=odoo.env,
                cwd=common.CHECKOUT,
            )
    finally:
        server.terminate()
        server.wait()
        odoo.discard(database)


def _wait(address):
    for _try in range(PATIENCE):
        try:
            with urllib.request.urlopen(f"{address}/web/health"):  # noqa: S310
                return
        except OSError:
            time.sleep(1)
    raise Failure("pictures: Odoo does not answer.")
