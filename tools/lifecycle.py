"""The life of the module in a database: released, upgraded, uninstalled."""

import shutil
import time
from functools import partial

from .common import ADDONS, CHECKOUT, MODULE, WORK, Failure, built, run, say
from .databases import log_findings
from .pytests import show_findings

# What was released, and the commit that it was. The next release is added here.
RELEASES = {
    "19.0.1.0.0": "a2cbbb3e8e884e488b4430216a6a46a946e386d0",
    # not released: what was in use when the models moved into rooms
    "19.0.1.2.0": "14ffeb385af69607564a9c51b7039cfb861cf536",
}
# What the module extends where it is there; it goes first, then the module.
NEIGHBOURS = "crm,mass_mailing,base_automation,privacy_lookup,sms"
SCRIPTS = CHECKOUT / "tools" / "tests" / "lifecycle"
PATIENCE = 120


def _git(*arguments):
    return ["git", "-C", CHECKOUT, *arguments]


def has_commit(commit):
    """Tell whether this checkout is a git clone that has the commit."""
    if not (CHECKOUT / ".git").exists() or not shutil.which("git"):
        return False
    command = _git("cat-file", "-e", f"{commit}^{{commit}}")
    return not run(command, "Asking git", check=False).returncode


def unpack(version):
    """Return a folder of add-ons with the module as it was released."""
    folder, what = WORK / "releases" / version, f"Taking version {version} out of git"
    with built(folder, what, "work") as partial:
        if partial:
            archive = partial / "module.tar"
            run(_git("archive", "-o", archive, RELEASES[version]), what)
            (partial / MODULE).mkdir()
            run(["tar", "-xf", archive, "-C", partial / MODULE], "Unpacking it")
            archive.unlink()
    return folder


def _shell(odoo, database, script, *arguments):
    source = (SCRIPTS / script).read_text()
    return odoo.shell(f"{script} in {database}", database, source, *arguments)


def interrupt(odoo, database):
    """Lose the connections in the middle of a creation, and let it go on.

    The server is not restarted: others work in it. What a restart is for this database,
    the end of each connection and a second in which there are none, it has.

    :return: the log of what went on
    :raise Failure: if it was not interrupted, or anything is there by halves
    """
    done = "SELECT COALESCE(sum(done), 0) FROM marketing_run_part WHERE total = 50"
    source = (SCRIPTS / "generate.py").read_text()
    with odoo.shell_started(database, source) as process:
        end = time.monotonic() + PATIENCE
        while process.poll() is None:
            if int(odoo.server.execute(done, database)[0]):
                break
            if time.monotonic() > end:
                raise Failure(f"Not one contact was created in {PATIENCE} s.")
            time.sleep(0.05)
        odoo.server.cut_off(database, seconds=1)
        printed = process.communicate(timeout=PATIENCE)[0]
    if not process.returncode:
        raise Failure(f"The creation did not notice the end:\n{printed[-2000:]}")
    return _shell(odoo, database, "generate.py")


def _live(odoo, version, database):
    """Install a release, fill it, upgrade it, cut its connections, uninstall it.

    :return: the log
    """
    old = unpack(version)
    paths = (old if path == ADDONS else path for path in odoo.addons)
    then = ("--addons-path", ",".join(map(str, paths)))
    odoo.batch(f"Installing version {version}", database, *then, "-i", MODULE)
    _shell(odoo, database, "fill.py", *then)
    log = odoo.batch(f"Upgrading from {version}", database, "-u", MODULE)
    log += interrupt(odoo, database)
    return log + _shell(odoo, database, "check.py")


def _outlive(odoo, database):
    """Uninstall the module after each module that it extends. Return the log."""
    modules = f"{MODULE},{NEIGHBOURS}"
    odoo.batch("Installing it with its neighbours", database, "-i", modules)
    return _shell(odoo, database, "leave.py")


def get_deeds(odoo):
    """Return what is to be tested: ``{title: function of the name of a database}``,
    the upgrade from each release, and uninstalling after it, and after the modules that
    it extends.
    """
    deeds = {"Uninstalling after its neighbours": partial(_outlive, odoo)}
    for version, commit in RELEASES.items():
        if has_commit(commit):
            what = f"Upgrade from {version} and uninstalling"
            deeds[what] = partial(_live, odoo, version)
        else:
            say(f"Upgrade from {version}: not tested, commit {commit} is not here.")
    return deeds


def test(odoo, what, deed, database, _output=None):
    """Do a deed of :func:`get_deeds`. Return how many passed, how many failed."""
    with odoo.borrowed(f"{database}_lifecycle") as copy:
        failed = show_findings(log_findings(deed(copy)), what)
    return 1 - failed, failed
