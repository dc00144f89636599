"""The pictures of the documentation and of the module's page, from the running app."""

import hashlib
import json
from pathlib import Path

from . import common, pytests
from .databases import TEST_DATABASE
from .preparing import bring_up_to_date

# what each picture was taken of, by the digests of the files it shows
DIGESTS = common.CHECKOUT / "docs" / "images" / "sources.json"
# the files that each picture shows
PICTURES = json.loads(Path(__file__).with_name("pictures.json").read_text())
SOURCES = {name: picture["shows"] for name, picture in PICTURES.items()}
SCRIPT = common.ADDONS / common.MODULE / "tools" / "photographer.py"


def get_digest(name):
    """Return the digest of the files that a picture shows."""
    files = (common.CHECKOUT / source for source in SOURCES[name])
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def get_old():
    """Return the names of the pictures that are older than what they show."""
    known = json.loads(DIGESTS.read_text())
    return sorted(name for name in SOURCES if known.get(name) != get_digest(name))


def take(odoo, names=()):
    """Take pictures, all by default, in the tests' database. Return the status."""
    with common.locked(common.WORK / ".setup.lock", "preparing a database"):
        bring_up_to_date(odoo, TEST_DATABASE)
    common.say("Taking pictures …")
    odoo.env["PICTURES"] = ",".join(names)
    place = (TEST_DATABASE, [SCRIPT], "pictures", common.ADDONS, ["-s"])
    _passed, failed = pytests.count(pytests.run(odoo, *place)[0])
    if not failed:
        digests = json.loads(DIGESTS.read_text()) if names else {}
        digests |= {name: get_digest(name) for name in names or SOURCES}
        DIGESTS.write_text(json.dumps(digests, indent=4, sort_keys=True) + "\n")
    return failed
