"""The linters: the one list of rules, for `dev.py lint` and for pre-commit."""

import os
import shutil
import subprocess
import time

from .common import CHECKOUT, MODULE, WORK, Failure, remove, say

EXPORT = WORK / "lint" / MODULE
NOT_MODULE = {"dev.py", "tools"}
TEXT_SUFFIXES = {
    ".cfg",
    ".csv",
    ".css",
    ".in",
    ".js",
    ".md",
    ".po",
    ".pot",
    ".py",
    ".scss",
    ".svg",
    ".toml",
    ".txt",
    ".xml",
    ".yaml",
    ".yml",
}
# Markdown ends a line with two blanks to break it; translations hold any text.
KEEP_TRAILING_BLANKS = (".md", ".po", ".pot")
# The checks of text files, of the package pre-commit-hooks: name, arguments, suffixes
# to look at (all) and to leave out.
TEXT_CHECKS = (
    ("end-of-file-fixer", (), (), ()),
    ("trailing-whitespace-fixer", (), (), KEEP_TRAILING_BLANKS),
    ("mixed-line-ending", ("--fix=lf",), (), ()),
    ("check-merge-conflict", ("--assume-in-merge",), (), ()),
    ("check-case-conflict", (), (), ()),
    ("check-xml", (), (".xml", ".svg"), ()),
    ("debug-statement-hook", (), (".py",), ()),
)


def source_files():
    """Return the files under version control or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
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
        if path.suffix in TEXT_SUFFIXES
        and not path.name.startswith("LICENSE")
        # lists as other programs write them, their ends of lines included
        and path.parent != CHECKOUT / "tests" / "data"
    ]
    commands = {}
    for name, arguments, wanted, unwanted in TEXT_CHECKS:
        chosen = [
            file
            for file in files
            if not file.endswith(unwanted) and (not wanted or file.endswith(wanted))
        ]
        commands[name] = [bin_folder / name, *arguments, *chosen]
    return commands


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
    bin_folder = python.parent
    module = exported()
    return {
        **text_commands(bin_folder),
        "ruff check": [bin_folder / "ruff", "check", "."],
        "ruff format": [bin_folder / "ruff", "format", "--check", "."],
        "pylint-odoo": [
            bin_folder / "pylint",
            "--rcfile",
            CHECKOUT / ".pylintrc",
            *("--jobs", "2"),
            # a model that lives in several rooms is extended in each of them
            "--disable=consider-merging-classes-inherited",
            module,
        ],
        "oca-checks-odoo-module": [
            bin_folder / "oca-checks-odoo-module",
            "--config",
            CHECKOUT / ".oca_hooks.cfg",
            module,
        ],
        "bandit": [
            bin_folder / "bandit",
            *("-q", "-r", ".", "-c", CHECKOUT / "pyproject.toml"),
        ],
        "unit tests of the tools": [
            python,
            *("-m", "pytest", "-q", "-p", "no:odoo", "-p", "no:cacheprovider"),
            # The root above is an add-on that pytest would import.
            *("-c", os.devnull, "--confcutdir", "tools/tests"),
            "tools/tests/test_tools.py",
        ],
    }


def check(python, env):
    """Run every linter, show what they find, fail when one found something."""
    # Without Odoo on the path: the linters judge our code by itself.
    env = {name: value for name, value in env.items() if name != "PYTHONPATH"}
    failed = []
    for name, command in commands(python).items():
        start = time.monotonic()
        done = subprocess.run(
            [str(part) for part in command],
            cwd=CHECKOUT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        verdict = "findings" if done.returncode else "clean"
        say(f"{name}: {verdict} ({time.monotonic() - start:.0f} s)")
        if done.returncode:
            prefix = EXPORT.relative_to(CHECKOUT).as_posix()
            output = done.stdout.strip().replace(f"{CHECKOUT}/", "")
            print(output.replace(f"{prefix}/", ""), flush=True)
            failed.append(name)
    if failed:
        raise Failure(f"findings of {', '.join(failed)}.")
