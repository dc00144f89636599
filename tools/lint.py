"""The linters: pre-commit with its list of rules, `.pre-commit-config.yaml`."""

import os
import shutil

from .common import CHECKOUT, MODULE, WORK, Failure, remove, run, step

EXPORT = WORK / "lint" / MODULE
NOT_MODULE = {"dev.py", "tools"}


def environment(env):
    """Return the environment of git and of the linters."""
    # without Odoo on the path: the linters judge our code by itself
    env = {name: value for name, value in env.items() if name != "PYTHONPATH"}
    if not (CHECKOUT / ".git").exists():
        # pre-commit asks git for the files, of a checkout without it as well
        own = {"GIT_DIR": str(WORK / "lint" / "git"), "GIT_WORK_TREE": str(CHECKOUT)}
        env |= own
        EXPORT.parent.mkdir(parents=True, exist_ok=True)
        run(["git", "init", "-q"], "Asking git", env=env, cwd=CHECKOUT)
    return env


def source_files(env):
    """Return the files under version control or about to be, as paths from here."""
    command = "git ls-files -z --cached --others --exclude-standard".split()
    listed = run(command, "Asking git", env=env, cwd=CHECKOUT).stdout
    return sorted({n for n in listed.split("\0") if n and (CHECKOUT / n).is_file()})


def exported():
    """Copy the module into a folder of its name, which the linters judge it by.

    They follow the link in the add-ons folder, and the OCA's looks for no module
    at the root of a repository.
    """
    remove(EXPORT)
    for name in source_files(environment(os.environ)):
        if name.split("/")[0] not in NOT_MODULE and not name.startswith("."):
            (EXPORT / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / name, EXPORT / name)
    return EXPORT


def check(python, env):
    """Run every linter, show what they find, fail when one found something."""
    env = environment(env)
    command = [python.parent / "pre-commit", "run", "--color=never", "--files"]
    with step("Linting"):
        files = source_files(env)
        done = run([*command, *files], "Lint", check=False, env=env, cwd=CHECKOUT)
    # what is found in the copy is mended here
    prefix = EXPORT.relative_to(CHECKOUT).as_posix()
    output = done.stdout.replace(f"{CHECKOUT}/", "").replace(f"{prefix}/", "")
    print(output, flush=True)
    if done.returncode:
        raise Failure("findings of the linters.")
