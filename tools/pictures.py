"""The pictures of the documentation and of the module's page, from the running app."""

import hashlib
import json
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from . import common, preparing
from .common import Failure, say
from .venv import PYTHON

# what each picture was taken of, by the digests of the files it shows
DIGESTS = common.CHECKOUT / "docs" / "images" / "sources.json"
FORM = (
    "views/marketing_contact_form_views.xml",
    "views/marketing_contact_documents_views.xml",
    "static/src/links/marketing_link_chips.xml",
)
MATCH = (
    "static/src/match/marketing_match.scss",
    "static/src/match/marketing_match.xml",
    "views/marketing_match_views.xml",
)
SEGMENT = (
    "static/src/segments/marketing_segments.xml",
    "views/marketing_segment_views.xml",
)
REQUEST = ("views/marketing_privacy_request_views.xml",)
SOURCES = {
    "setup": ("wizard/marketing_setup_views.xml",),
    "create_contacts": ("wizard/marketing_contact_generate_views.xml",),
    "contacts": ("views/marketing_contact_views.xml",),
    "contact": FORM,
    "people": FORM,
    "who_is_who": MATCH,
    "questions": MATCH,
    "import": (
        "models/imports/headings.json",
        "tests/data/outlook.csv",
    ),
    "segments": SEGMENT,
    "segment": SEGMENT,
    "segment_why": SEGMENT,
    "requests": REQUEST,
    "request": REQUEST,
    "erase": (
        "views/marketing_privacy_templates.xml",
        "wizard/marketing_privacy_erase_views.xml",
    ),
    "answer": ("views/marketing_privacy_templates.xml",),
    "blocked": ("views/marketing_contact_privacy_views.xml",),
    "link": (
        "static/src/keep/marketing_keep_value.xml",
        "views/preview_templates.xml",
        "wizard/marketing_contact_link_match_views.xml",
        "wizard/marketing_contact_link_views.xml",
    ),
    "journal": ("views/marketing_sync_batch_views.xml",),
    "overview": ("views/marketing_sync_overview_views.xml",),
    "customer": ("views/res_partner_views.xml",),
}
PORT = 8068
SCRIPT = Path(__file__).parent / "photographer.py"
# seconds that the server may take to answer
PATIENCE = 120


def get_digest(name):
    """Return the digest of the files that a picture shows."""
    digest = hashlib.sha256()
    for source in SOURCES[name]:
        digest.update((common.CHECKOUT / source).read_bytes())
    return digest.hexdigest()


def get_old():
    """Return the names of the pictures that are older than what they show."""
    known = _read_digests()
    return sorted(name for name in SOURCES if known.get(name) != get_digest(name))


def _read_digests():
    return json.loads(DIGESTS.read_text()) if DIGESTS.exists() else {}


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
            status = common.pass_through(
                [PYTHON, SCRIPT, address, database, folder, *names],
                env=odoo.env,
                cwd=common.CHECKOUT,
            )
        if not status:
            digests = _read_digests() if names else {}
            digests |= {name: get_digest(name) for name in names or SOURCES}
            text = json.dumps(digests, indent=4, sort_keys=True)
            DIGESTS.write_text(text + "\n")
        return status
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
