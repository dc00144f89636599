"""Bring the module of a database up to date."""

import hashlib

from .common import CHECKOUT, MODULE, WORK, remove, write

# What the last migration does, which none within a version runs again: an extension of
# a view may look for what the view has no longer.
EMPTY_EXTENSIONS = f"""
    UPDATE ir_ui_view SET arch_db = '{{"en_US": "<data/>"}}'
     WHERE mode = 'extension' AND id IN (
           SELECT res_id FROM ir_model_data
            WHERE module = '{MODULE}' AND model = 'ir.ui.view')
"""
# What an update of the module in a database does not depend on.
NOT_INSTALLED = ("dev.py", "docs", "static", "tests", "tools")
INSTALLED_SUFFIXES = {".csv", ".po", ".pot", ".py", ".sql", ".xml"}


def fingerprint():
    """Return a hash over the files that an update of the module reads."""
    seen = hashlib.sha256()
    for path in sorted(CHECKOUT.rglob("*")):
        place = path.relative_to(CHECKOUT)
        if place.parts[0].startswith(".") or place.parts[0] in NOT_INSTALLED:
            continue
        if path.suffix in INSTALLED_SUFFIXES and path.is_file():
            seen.update(f"{place}\0".encode())
            seen.update(path.read_bytes())
    return seen.hexdigest()


def bring_up_to_date(odoo, database, fresh=False):
    """Install the module in a database, or update it when its files changed.

    Return the log of what was done, empty when there was nothing to do.
    """
    stamp = WORK / f"{database}.stamp"
    current = fingerprint()
    if fresh or not odoo.has_module(database):
        remove(stamp)
        odoo.copy(database)
        # The sources are kept to edit them: no need to load them after each other.
        log = odoo.batch("Installing the module", database, "--with-demo", "-i", MODULE)
    elif not stamp.exists() or stamp.read_text() != current:
        odoo.server.execute(EMPTY_EXTENSIONS, database)
        log = odoo.batch("Updating the module", database, "-u", MODULE)
    else:
        return ""
    write(stamp, current)
    return log


def with_addon(odoo, module):
    """Return a database like the template, with another add-on in place of ours."""
    database = f"{odoo.template()}_{module}"
    if not odoo.has_module(database, module):
        odoo.copy(database)
        odoo.batch(f"Installing {module}", database, "-i", module)
    return database
