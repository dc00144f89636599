"""Odoo and system packages from Debian's archive, without touching the system.

A private apt configuration uses the mirror that the machine already uses and
checks every download against Debian's archive keyring.
"""

import os
import re
import shutil
from pathlib import Path

from .common import CACHE, ODOO_SERIES, Failure, built, is_root, remove, run, say, step

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ODOO_PACKAGE = "odoo-19"
ODOO_SUITE = "sid"
# The package replaces bundled assets by links to these; they come from a stable
# suite, for sid's Font Awesome is another major release with other icon names.
ASSET_SUITE = "trixie"
ASSET_PACKAGES = (
    "fonts-font-awesome",
    "fonts-glyphicons-halflings",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
SID_ASSET_PACKAGES = ("fonts-montserrat",)
# Left out of the package for its licence; the web client's test bundle names it.
# It only blurs the background of webcams, so that an empty file is enough.
MISSING_ASSETS = ("mail/static/lib/selfie_segmentation/selfie_segmentation.js",)
PACKAGE_ROOT = Path("usr/lib/python3/dist-packages")
USE_CHECKOUT = (
    "Get a checkout of Odoo's branch 19.0 and set ODOO_SRC to its path instead."
)
OFFLINE = "Is the network there? Start again when it is; nothing done is lost. "


def find_mirror():
    """Return the address of the Debian mirror in use on this machine."""
    if not shutil.which("apt-get") or not KEYRING.exists():
        raise Failure(
            "Fetching Odoo: this is not a Debian system with its archive keyring. "
            + USE_CHECKOUT
        )
    command = ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)"]
    what = "Looking for the Debian mirror"
    for line in run([*command, "Created-By: Packages"], what).stdout.splitlines():
        origin, _, uri = line.partition("|")
        if origin == "Debian" and "security" not in uri:
            return uri
    # Before the first "apt-get update" there are no targets to list.
    sources = [Path("/etc/apt/sources.list")]
    sources += sorted(Path("/etc/apt/sources.list.d").glob("*"))
    for source in sources:
        if source.is_file() and source.suffix in (".list", ".sources"):
            for uri in re.findall(
                r"\b(?:https?|file|mirror\S*):\S+", source.read_text()
            ):
                if re.search(r"/debian/?$", uri):
                    return uri
    raise Failure(
        "Fetching Odoo: apt knows no Debian mirror on this machine. " + USE_CHECKOUT
    )


def fetch_packages(packages, root):
    """Unpack packages of the archive, checked by apt, into root.

    By an apt of our own: own lists and cache, the machine's mirror.
    """
    folder = root.parent / f".{root.name}.apt"
    remove(folder)
    for name in ("lists/partial", "cache/archives/partial", "deb"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    mirror = find_mirror()
    suites = (ODOO_SUITE, ASSET_SUITE)
    sources = (f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in suites)
    (folder / "sources.list").write_text("".join(sources))
    config = folder / "apt.conf"
    config.write_text(
        f'Dir::Etc::sourcelist "{folder}/sources.list";\n'
        'Dir::Etc::sourceparts "-";\n'
        'Dir::Etc::preferencesparts "-";\n'
        f'Dir::State::lists "{folder}/lists";\n'
        f'Dir::State::status "{folder}/status";\n'
        f'Dir::Cache "{folder}/cache";\n'
        'Acquire::Languages "none";\n'
        # apt's unprivileged download user can't enter a private folder.
        'APT::Sandbox::User "root";\n'
        'APT::Update::Error-Mode "any";\n'
        'APT::Update::Post-Invoke-Success "";\n'
        "#clear APT::Update::Post-Invoke-Success;\n"
    )
    env = dict(os.environ, APT_CONFIG=str(config), LC_ALL="C")
    options = {"env": env, "cwd": folder / "deb", "hint": OFFLINE + USE_CHECKOUT}
    run(["apt-get", "update"], "Fetching Debian's lists of packages", **options)
    what = f"Downloading {', '.join(packages)}"
    run(["apt-get", "download", *packages], what, **options)
    for archive in sorted((folder / "deb").glob("*.deb")):
        run(["dpkg-deb", "-x", archive, root], f"Unpacking {archive.name}")
    remove(folder)


def odoo_source():
    """Return the folder that holds the package `odoo`, fetched when missing."""
    own = os.environ.get("ODOO_SRC")
    if own:
        folder = Path(own).expanduser().resolve()
        release = folder / "odoo" / "release.py"
        if not release.exists():
            raise Failure(f"ODOO_SRC={own} is no Odoo checkout: no odoo/release.py.")
        if not re.search(r"version_info = \(19, 0\b", release.read_text()):
            raise Failure(f"ODOO_SRC={own} is not on Odoo's branch {ODOO_SERIES}.")
        return folder
    target = CACHE / ODOO_PACKAGE
    with built(target, "fetching Odoo") as partial:
        if partial:
            _unpack_odoo(partial)
    return target / PACKAGE_ROOT


def _unpack_odoo(partial):
    packages = [f"{name}/{ODOO_SUITE}" for name in (ODOO_PACKAGE, *SID_ASSET_PACKAGES)]
    packages += [f"{name}/{ASSET_SUITE}" for name in ASSET_PACKAGES]
    with step("Fetching Odoo 19 (about 130 MB, kept for all checkouts)"):
        fetch_packages(packages, partial)
        root = partial / PACKAGE_ROOT
        # A half copy of the add-ons without their data: of no use, only confusing.
        remove(root / "addons")
        for name in MISSING_ASSETS:
            path = root / "odoo" / "addons" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        for path in (root / "odoo" / "addons").rglob("*"):
            if path.is_symlink() and not path.exists() and "static" in path.parts:
                say(f"Odoo asset missing: {path.relative_to(root)}")


def addons_paths(source):
    """Return the add-ons folders of an Odoo, package or checkout."""
    folders = [source / "odoo" / "addons", source / "addons"]
    return [folder for folder in folders if folder.is_dir()]


def system_program(names, package, what, optional=False):
    """Find a program of the system; as root on Debian install it.

    An optional one may be missing in the archive: newer releases have dropped some.
    """
    for name in names:
        if shutil.which(name):
            return shutil.which(name)
    message = f"{what}: {names[0]} is missing. Install it: apt-get install {package}"
    if not (is_root() and shutil.which("apt-get")):
        if optional:
            say(message)
            return None
        raise Failure(f"{message} (as root), then start again.")
    with step(f"Installing {package} for {what.lower()}"):
        options = {"env": dict(os.environ, DEBIAN_FRONTEND="noninteractive")}
        options["hint"] = OFFLINE
        run(["apt-get", "update"], f"{message}: apt-get update", **options)
        command = ["apt-get", "install", "-y", "--no-install-recommends", package]
        done = run(command, f"Installing {package}", check=not optional, **options)
    if done.returncode:
        say(f"{package} can't be installed here: what needs it will fail.")
        return None
    return shutil.which(names[0])
