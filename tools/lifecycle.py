"""The life of the module in a database: released, upgraded, uninstalled."""

import subprocess
import time
from contextlib import contextmanager

from .common import CHECKOUT, LOGS, MODULE, WORK, Failure, remove, run, say
from .databases import log_findings

# What was released, and the commit that it was. The next release is added here.
RELEASES = {
    "19.0.1.0.0": "a2cbbb3e8e884e488b4430216a6a46a946e386d0",
    # not released: what was in use when the models moved into rooms
    "19.0.1.2.0": "14ffeb385af69607564a9c51b7039cfb861cf536",
}
# What the module extends where it is there; it goes first, then the module.
NEIGHBOURS = "crm,mass_mailing,base_automation,privacy_lookup,sms"
DATABASE = f"{MODULE}_lifecycle"
SCRIPTS = CHECKOUT / "tools" / "tests" / "lifecycle"
PATIENCE = 120


def _git(*arguments):
    return ["git", "-C", CHECKOUT, *arguments]


def has_commit(commit):
    """Tell whether this checkout is a git clone that has the commit."""
    if not (CHECKOUT / ".git").exists():
        return False
    command = _git("cat-file", "-e", f"{commit}^{{commit}}")
    try:
        return not run(command, "Asking git", check=False).returncode
    except Failure:  # no git here
        return False


def unpack(version):
    """Return a folder of add-ons with the module as it was released."""
    folder = WORK / "releases" / version
    if not (folder / MODULE / "__manifest__.py").exists():
        remove(folder)
        (folder / MODULE).mkdir(parents=True)
        archive = folder / "module.tar"
        run(
            _git("archive", "-o", archive, RELEASES[version]),
            f"Taking version {version} out of git",
        )
        run(["tar", "-xf", archive, "-C", folder / MODULE], "Unpacking it")
        archive.unlink()
    return folder


@contextmanager
def started(odoo, script, *arguments):
    """Start a script in Odoo's shell; kill it at the end if it still runs."""
    command = odoo.command("shell", "-d", DATABASE, "--no-http", *arguments)
    with (SCRIPTS / script).open() as source:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=odoo.env,
            cwd=WORK,
            text=True,
            errors="replace",
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def shell(odoo, script, *arguments):
    """Run a script in Odoo's shell; return what was printed, the log included.

    :raise Failure: if the script failed
    """
    with started(odoo, script, *arguments) as process:
        printed = process.communicate()[0]
    log = LOGS / f"lifecycle-{script}.log"
    log.write_text(printed)
    if process.returncode:
        tail = "\n".join(printed.strip().splitlines()[-15:])
        raise Failure(f"{script} failed:\n{tail}\nWhole log: {log}")
    return printed


def interrupt(odoo):
    """Restart the database server in the middle of a creation, and let it go on.

    :return: the log of what went on
    :raise Failure: if it was not interrupted, or anything is there by halves
    """
    if not odoo.server.own:
        say("Restart of PostgreSQL: not tested, the server is not ours.")
        return ""
    done = "SELECT COALESCE(sum(done), 0) FROM marketing_run_part WHERE total = 50"
    with started(odoo, "generate.py") as process:
        end = time.monotonic() + PATIENCE
        while process.poll() is None:
            if int(odoo.server.execute(done, DATABASE)[0]):
                break
            if time.monotonic() > end:
                raise Failure(f"Not one contact was created in {PATIENCE} s.")
            time.sleep(0.05)
        odoo.server.restart()
        printed = process.communicate(timeout=PATIENCE)[0]
    if not process.returncode:
        raise Failure(f"The creation did not notice the restart:\n{printed[-2000:]}")
    return shell(odoo, "generate.py")


def _live(odoo, version):
    """Install a release, fill it, upgrade it, let the server restart, uninstall it.

    :return: the log
    """
    old = unpack(version)
    paths = ",".join(
        str(old if path == WORK / "addons" else path) for path in odoo.addons
    )
    odoo.copy(DATABASE)
    then = ("--addons-path", paths)
    odoo.batch(f"Installing version {version}", DATABASE, *then, "-i", MODULE)
    shell(odoo, "fill.py", *then)
    log = odoo.batch("Upgrading it", DATABASE, "-u", MODULE)
    log += interrupt(odoo)
    return log + shell(odoo, "check.py")


def _outlive(odoo):
    """Uninstall the module after each module that it extends. Return the log."""
    odoo.copy(DATABASE)
    modules = f"{MODULE},{NEIGHBOURS}"
    odoo.batch("Installing it with its neighbours", DATABASE, "-i", modules)
    return shell(odoo, "leave.py")


def _judge(what, deed):
    """Do it, and tell how it went. Return whether there was nothing wrong."""
    start = time.monotonic()
    try:
        findings = log_findings(deed())
    except Failure as failure:
        findings = [str(failure)]
    if findings:
        print(f"\n{what} failed:")
        print("\n".join(findings[:60]))
        return False
    say(f"{what}: fine ({time.monotonic() - start:.0f} s)")
    return True


def test(odoo):
    """Test the upgrade from each release, and uninstalling after it, and after the
    modules that it extends.

    :return: how many passed, how many failed
    """
    results = [_judge("Uninstalling after its neighbours", lambda: _outlive(odoo))]
    for version, commit in RELEASES.items():
        if not has_commit(commit):
            say(f"Upgrade from {version}: not tested, commit {commit} is not here.")
            continue
        what = f"Upgrade from {version} and uninstalling"
        results.append(_judge(what, lambda version=version: _live(odoo, version)))
    odoo.discard(DATABASE)
    return results.count(True), results.count(False)
