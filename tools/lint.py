"""The linters, and checks of text and XML files that they leave out."""

import os
import re
import shutil
import subprocess
import time
from xml.etree import ElementTree

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
XML_HEADER = re.compile(r'<\?xml version="1\.0" encoding="utf-8" ?\?>\n')
# Markdown ends a line with two blanks to break it; translations hold any text.
KEEP_TRAILING_BLANKS = {".md", ".po", ".pot"}


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


def text_findings(name, text):
    """Return what is wrong with a text file's form, a line per finding."""
    suffix = name[name.rindex(".") :] if "." in name else ""
    findings = []
    if text and not text.endswith("\n"):
        findings.append(f"{name}: no line end at the end of the file")
    for number, line in enumerate(text.split("\n"), 1):
        if line.endswith("\r"):
            findings.append(f"{name}:{number}: line ends with CR LF")
        elif line != line.rstrip() and suffix not in KEEP_TRAILING_BLANKS:
            findings.append(f"{name}:{number}: blanks at the end of the line")
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            findings.append(f"{name}:{number}: mark of an unfinished merge")
        if "\t" in line and suffix in (".xml", ".py", ".js", ".scss"):
            findings.append(f"{name}:{number}: tabulator")
    if suffix == ".xml":
        findings += _xml_findings(name, text)
    return findings


def _xml_findings(name, text):
    findings = []
    if not XML_HEADER.match(text):
        findings.append(f'{name}:1: no <?xml version="1.0" encoding="utf-8" ?>')
    try:
        ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        return [*findings, f"{name}: {error}"]
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        body = line.lstrip(" ")
        # Only lines that open with a tag: texts and comments may be laid out freely.
        if body.startswith("<") and not inside and (len(line) - len(body)) % 4:
            findings.append(f"{name}:{number}: indented by other than four blanks")
        if "<!--" in line:
            inside = True
        if "-->" in line:
            inside = False
    return findings


def _texts():
    findings = []
    for path in source_files():
        if path.suffix not in TEXT_SUFFIXES or path.name.startswith("LICENSE"):
            continue
        name = path.relative_to(CHECKOUT).as_posix()
        try:
            findings += text_findings(name, path.read_bytes().decode())
        except UnicodeDecodeError:
            findings.append(f"{name}: not UTF-8")
    return findings


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
        "ruff check": [bin_folder / "ruff", "check", "."],
        "ruff format": [bin_folder / "ruff", "format", "--check", "."],
        "pylint-odoo": [
            bin_folder / "pylint",
            "--rcfile",
            CHECKOUT / ".pylintrc",
            "--jobs",
            "2",
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
            *("-c", os.devnull, "--confcutdir", "tools/tests", "tools/tests"),
        ],
    }


def check(python, env):
    """Run every linter, show what they find, fail when one found something."""
    # Without Odoo on the path: the linters judge our code by itself.
    env = {name: value for name, value in env.items() if name != "PYTHONPATH"}
    findings = _texts()
    failed = []
    if findings:
        print("\n".join(findings))
        failed.append("text files")
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
