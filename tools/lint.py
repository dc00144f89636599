"""The linters: the one list of rules, for `dev.py lint` and for pre-commit."""

import os
import shutil
import subprocess
import time

from .common import CHECKOUT, MODULE, WORK, Failure, remove, run, say

EXPORT = WORK / "lint" / MODULE
NOT_MODULE = {"dev.py", "tools"}
TEXT_SUFFIXES = tuple(
    f".{name}"
    for name in "cfg csv css in js md po pot py scss svg toml txt xml yaml yml".split()
)
# Markdown ends a line with two blanks to break it; translations hold any text.
KEEP_TRAILING_BLANKS = (".md", ".po", ".pot")
# The checks of text files, of the package pre-commit-hooks: command, suffixes to look
# at and to leave out.
TEXT_CHECKS = (
    (["end-of-file-fixer"], TEXT_SUFFIXES, ()),
    (["trailing-whitespace-fixer"], TEXT_SUFFIXES, KEEP_TRAILING_BLANKS),
    (["mixed-line-ending", "--fix=lf"], TEXT_SUFFIXES, ()),
    (["check-merge-conflict", "--assume-in-merge"], TEXT_SUFFIXES, ()),
    (["check-case-conflict"], TEXT_SUFFIXES, ()),
    (["check-xml"], (".xml", ".svg"), ()),
    (["debug-statement-hook"], (".py",), ()),
)


def source_files():
    """Return the files under version control or about to be."""
    command = "git ls-files -z --cached --others --exclude-standard".split()
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=False)
    if listed.returncode:
        found = (
            path
            for path in CHECKOUT.rglob("*")
            if WORK not in path.parents and ".git" not in path.parts
        )
    else:
        found = (CHECKOUT / name for name in os.fsdecode(listed.stdout).split("\0"))
    return sorted({path for path in found if path.is_file()})


def text_commands(bin_folder):
    """Return the names and command lines of the checks of text files.

    What they can mend they mend, and say so.
    """
    files = [
        path.relative_to(CHECKOUT).as_posix()
        for path in source_files()
        # but for lists as other programs write them, their ends of lines included
        if not path.name.startswith("LICENSE")
        and path.parent != CHECKOUT / "tests" / "data"
    ]
    found = {}
    for (name, *arguments), wanted, unwanted in TEXT_CHECKS:
        chosen = [f for f in files if f.endswith(wanted) and not f.endswith(unwanted)]
        found[name] = [bin_folder / name, *arguments, *chosen]
    return found


def exported():
    """Copy the module into a folder of its name, which the linters judge it by.

    They follow the link in the add-ons folder, and the OCA's looks for no module
    at the root of a repository.
    """
    remove(EXPORT)
    for path in source_files():
        place = path.relative_to(CHECKOUT)
        if place.parts[0] not in NOT_MODULE and not place.parts[0].startswith("."):
            (EXPORT / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, EXPORT / place)
    return EXPORT


def commands(python):
    """Return the linters' names and command lines."""
    bin_folder, module = python.parent, exported()
    pylint = [bin_folder / "pylint", "--rcfile", CHECKOUT / ".pylintrc", "--jobs", "2"]
    # a model that lives in several rooms is extended in each of them
    pylint += ["--disable=consider-merging-classes-inherited", module]
    oca = bin_folder / "oca-checks-odoo-module"
    bandit = [bin_folder / "bandit", "-q", "-r", ".", "-c", CHECKOUT / "pyproject.toml"]
    pytest = [python, "-m", "pytest", "-q", "-p", "no:odoo", "-p", "no:cacheprovider"]
    # The root above is an add-on that pytest would import.
    pytest += ["-c", os.devnull, "--confcutdir", "tools/tests"]
    return {
        **text_commands(bin_folder),
        "ruff check": [bin_folder / "ruff", "check", "."],
        "ruff format": [bin_folder / "ruff", "format", "--check", "."],
        "pylint-odoo": pylint,
        "oca-checks-odoo-module": [
            oca,
            "--config",
            CHECKOUT / ".oca_hooks.cfg",
            module,
        ],
        "bandit": bandit,
        "unit tests of the tools": [*pytest, "tools/tests/test_tools.py"],
    }


def check(python, env):
    """Run every linter, show what they find, fail when one found something."""
    # Without Odoo on the path: the linters judge our code by itself.
    env = {name: value for name, value in env.items() if name != "PYTHONPATH"}
    prefix = EXPORT.relative_to(CHECKOUT).as_posix()
    failed = []
    for name, command in commands(python).items():
        start = time.monotonic()
        done = run(command, name, check=False, cwd=CHECKOUT, env=env)
        verdict = "findings" if done.returncode else "clean"
        say(f"{name}: {verdict} ({time.monotonic() - start:.0f} s)")
        if done.returncode:
            output = done.stdout.strip().replace(f"{CHECKOUT}/", "")
            print(output.replace(f"{prefix}/", ""), flush=True)
            failed.append(name)
    if failed:
        raise Failure(f"findings of {', '.join(failed)}.")
