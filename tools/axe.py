"""axe-core, which looks at screens for what keeps people from using them.

Fetched as the npm package it is, by the machine's own npm; checked against the hash
that stands here and kept for all checkouts. It is no part of the module.
"""

import base64
import hashlib
import shutil
import tarfile

from .common import CACHE, Failure, built, run, say, step

PACKAGE = "axe-core"
VERSION = "4.14.1"
INTEGRITY = (
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r7"
    "6ASyFNNtuFooJpZe37OgudVGtQ=="
)
SCRIPT = "package/axe.min.js"


def script():
    """Return the path of the script, fetched when missing; None if it can't be had."""
    target = CACHE / f"{PACKAGE}-{VERSION}"
    try:
        with built(target, f"fetching {PACKAGE}") as partial:
            if partial:
                _fetch(partial)
    except Failure as failure:
        say(f"The screens are not checked by {PACKAGE}: {failure}")
        return None
    return target / "axe.min.js"


def _fetch(folder):
    if not shutil.which("npm"):
        raise Failure("npm is missing. Install it: apt-get install npm")
    with step(f"Fetching {PACKAGE} {VERSION}"):
        command = ["npm", "pack", f"{PACKAGE}@{VERSION}", "--silent"]
        hint = "Is the network there? "
        run(command, f"npm pack {PACKAGE}", hint=hint, cwd=folder)
    archive = folder / f"{PACKAGE}-{VERSION}.tgz"
    check(archive.read_bytes())
    with tarfile.open(archive) as packed:
        (folder / "axe.min.js").write_bytes(packed.extractfile(SCRIPT).read())
    archive.unlink()


def check(content, integrity=INTEGRITY):
    """Refuse a package that is not the one that was looked at."""
    found = base64.b64encode(hashlib.sha512(content).digest()).decode()
    if f"sha512-{found}" != integrity:
        raise Failure(f"{PACKAGE}: the package that came is not {VERSION} as released.")
