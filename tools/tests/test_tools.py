"""Tests of what dev.py is made of, as far as it needs no Odoo."""

import re
import socket
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import dev  # noqa: E402
from tools import (  # noqa: E402
    axe,
    common,
    odoo_lint,
    pictures,
    postgres,
    pytests,
    suites,
)


def test_socket_folder_is_short_enough():
    assert postgres.socket_folder(Path("/srv/pg")) == Path("/srv/pg/run")
    folder = postgres.socket_folder(Path("/srv") / ("long" * 30))
    assert folder.parent == Path("/tmp")
    assert folder != postgres.socket_folder(Path("/srv") / ("LONG" * 30))


def test_built_keeps_nothing_of_an_interrupted_step(tmp_path, monkeypatch):
    monkeypatch.setitem(common.NEEDED_GB, "cache", 0)
    target = tmp_path / "thing"
    with pytest.raises(KeyboardInterrupt):
        with common.built(target, "test") as partial:
            (partial / "half").touch()
            raise KeyboardInterrupt
    assert not target.exists()
    with common.built(target, "test") as partial:
        assert not list(partial.iterdir())
        (partial / "whole").touch()
    assert [path.name for path in target.iterdir()] == ["whole"]
    with common.built(target, "test") as partial:
        assert partial is None


def test_full_disk_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(common.NEEDED_GB, "cache", 10**9)
    with pytest.raises(common.Failure, match="Disk space"):
        common.need_space(tmp_path, "cache")


def test_wrong_python_is_told(monkeypatch):
    for version in ((3, 9, 1), (3, 14, 0)):
        monkeypatch.setattr(sys, "version_info", version)
        with pytest.raises(common.Failure, match="3.10 to 3.13"):
            common.check_python()


def test_taken_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(common.Failure, match=f"Port {port} is taken"):
            dev.free_port(port)
    assert dev.free_port(port) == port
    with pytest.raises(common.Failure, match="taken"):
        dev.free_port(70000)


def test_default_port_gives_way(capsys, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        first = other.getsockname()[1]
        monkeypatch.setattr(dev, "FIRST_PORT", first)
        port = dev.free_port(None)
    assert port > first
    assert f"Port {first} is taken, using {port}." in capsys.readouterr().out


def test_log_findings_keep_warnings_with_their_traceback():
    head = "2026-01-01 00:00:00,000 1"
    text = (
        f"{head} INFO db odoo: fine\n"
        f"{head} WARNING db odoo.x: bad\nTraceback\n  line\n"
        f"{head} INFO db odoo: fine\nmore\n"
        f"{head} ERROR db odoo.x: worse\n"
    )
    assert pytests.log_findings(text) == [
        f"{head} WARNING db odoo.x: bad",
        "Traceback",
        "  line",
        f"{head} ERROR db odoo.x: worse",
    ]


def test_counts_of_a_report(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite><testcase classname='a' name='b'/>"
        "<testcase classname='a' name='c'><failure/></testcase>"
        "<testcase classname='a' name='d'><error/></testcase>"
        "<testcase classname='a' name='e'><skipped message='why'/></testcase>"
        "</testsuite></testsuites>"
    )
    assert pytests.count(pytests.read_report(report)) == (1, 3)


def test_odoo_suites_count_what_the_module_breaks(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="odoo.addons.a.T" name="ok"/>'
        '<testcase classname="odoo.addons.a.T" name="ours"><failure message="x"/>'
        '</testcase><testcase classname="odoo.addons.a.T" name="theirs">'
        '<error message="y"/></testcase><testcase classname="odoo.addons.a.T" '
        'name="left"><skipped message="z"/></testcase></testsuite></testsuites>'
    )
    ours = pytests.read_report(report)
    assert ours["a.T.ours"] == ("failure", "x")
    plain = {"a.T.ok": None, "a.T.ours": None, "a.T.theirs": ("error", "y")}
    assert suites.compare(ours, plain) == (1, {"a.T.ours": ("failure", "x")})


def test_odoo_suites_are_selected(tmp_path):
    tests = tmp_path / "sale" / "tests"
    tests.mkdir(parents=True)
    (tests / "test_x.py").write_text("class TestX(Base):\n")

    class Odoo:
        source = tmp_path / "source"
        addons = (tmp_path,)

    assert suites.find_tests(Odoo, "/sale") == [tests]
    path = f"{tests / 'test_x.py'}::TestX"
    assert suites.find_tests(Odoo, "/sale:TestX.test_y") == [f"{path}::test_y"]
    for wrong in ("sale", "/nowhere", "/sale:Test X"):
        with pytest.raises(common.Failure, match="is not"):
            suites.find_tests(Odoo, wrong)


def test_another_package_is_refused():
    with pytest.raises(common.Failure, match="not .* as released"):
        axe.check(b"another package")


def test_without_npm_the_screens_are_left_out(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(common.NEEDED_GB, "cache", 0)
    monkeypatch.setattr(axe, "CACHE", tmp_path)
    monkeypatch.setattr(axe.shutil, "which", lambda name: None)
    assert axe.script() is None
    assert "npm is missing" in capsys.readouterr().out


def test_odoo_lint_shows_what_it_says_of_the_module_only():
    output = """
=================================== FAILURES ===================================
_ TestNaming.test_rpc (model='marketing.sync.batch', method='get_own_last') ____
E   TypeError: {'ids'} is not false
_ TestSignatures.test_override (model='sale.blanket.order.line') ____
E   TypeError: Invalid override in sale.blanket.order.line of write
=========================== short test summary info ============================
FAILED marketing.sync.batch
"""
    (found,) = odoo_lint.findings(output)
    assert "get_own_last" in found and "'ids'" in found


def test_readme_is_short_and_leads_on():
    """For who tries, installs or looks; all else stands in docs/."""
    text = (common.CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert len(text.encode()) <= 8000
    pages = [common.CHECKOUT / "README.md", *common.CHECKOUT.glob("docs/*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
    for page in pages[1:]:
        if page.name != "scenarios.md":
            assert f"docs/{page.name}" in text


def test_the_map_of_the_house_is_true():
    """Pages name files that are there, and the architecture every room."""
    files = {path.name for path in common.CHECKOUT.glob("[a-z]*/**/*.py")}
    for page in common.CHECKOUT.glob("docs/*.md"):
        named = re.findall(r"\b\w+\.py\b", page.read_text("utf-8"))
        assert not {*named} - files - {"dev.py"}, page.name
    rooms = {path.parent.name for path in common.CHECKOUT.glob("models/*/__init__.py")}
    text = (common.CHECKOUT / "docs/architecture.md").read_text("utf-8")
    assert not rooms - {*re.findall(r"^  (\w+)/ ", text, re.M)}


def test_no_picture_is_older_than_its_view():
    """Take them anew once what they show has changed."""
    assert not pictures.get_old(), "python3 dev.py pictures"


def test_each_picture_is_taken_and_shown():
    taken = {path.stem for path in (common.CHECKOUT / "docs/images").glob("*.png")}
    assert taken == set(pictures.SOURCES)
    folder = common.CHECKOUT / "static/description"
    page = (folder / "index.html").read_text()
    shown = set(re.findall(r'src="([^"]+)"', page))
    assert len(shown) == 6
    icons = {"icon.png"}
    assert shown == {path.name for path in folder.glob("*.png")} - icons
