"""The texts to translate: exported, merged into the translations, compared."""

from .common import CHECKOUT, MODULE, WORK, Failure, run, say
from .databases import CONFIG, TEST_DATABASE
from .lint import EXPORT, exported
from .venv import PYTHON

TEMPLATE = CHECKOUT / "i18n" / f"{MODULE}.pot"
EXPORTED = WORK / "texts.pot"
DATES = ('"POT-Creation-Date', '"PO-Revision-Date')
# Run by the Python of Odoo, which has polib.
MERGE = """
import re, sys, polib
template = polib.pofile(sys.argv[1])
for path in sys.argv[2:]:
    texts = polib.pofile(path)
    texts.merge(template)
    for entry in texts.obsolete_entries():
        texts.remove(entry)
    for entry in texts:
        if entry.fuzzy:
            entry.flags.remove("fuzzy")
            entry.msgstr = ""
    # in the order of the template, wherever the merge put what is new
    places = {entry.msgid: index for index, entry in enumerate(template)}
    texts.sort(key=lambda entry: places[entry.msgid])
    # one place a line, as Odoo writes them
    text = re.sub(
        "^#: .*$",
        lambda found: "\\n".join(f"#: {place}" for place in found[0].split()[1:]),
        str(texts),
        flags=re.M,
    )
    with open(path, "w") as file:
        file.write(text.rstrip("\\n") + "\\n")
    missing = [entry.msgid for entry in texts if not entry.msgstr]
    print(path, len(missing), "to translate", *missing, sep="\\n  ")
"""


def export(odoo):
    """Export the texts of the module as it is installed in the tests' database."""
    config = WORK / "texts.conf"
    # a copy without .odoo: Odoo would walk through the link there without end
    exported()
    link = str(WORK / "addons")
    lines = CONFIG.read_text().replace(link, str(EXPORT.parent))
    config.write_text(lines)
    command = [PYTHON, "-m", "odoo", "i18n", "export", "-c", config]
    command += ["-d", TEST_DATABASE, "-l", "pot", "-o", EXPORTED, MODULE]
    run(command, "Exporting the texts", env=odoo.env, cwd=WORK)
    return EXPORTED.read_text()


def _undated(text):
    return [line for line in text.splitlines() if not line.startswith(DATES)]


def is_complete(odoo):
    """Tell whether the template in the repository has all texts, and no others."""
    known, found = _undated(TEMPLATE.read_text()), _undated(export(odoo))
    if known == found:
        return True
    news = [line for line in set(found) - set(known) if line.startswith("msgid")]
    print("\nThe template of the texts is not up to date: python3 dev.py texts")
    print("\n".join(news[:20]))
    return False


def update(odoo):
    """Write the template anew and merge it into the translations."""
    TEMPLATE.write_text(export(odoo))
    files = sorted(TEMPLATE.parent.glob("*.po"))
    done = run([PYTHON, "-c", MERGE, TEMPLATE, *files], "Merging the texts")
    if not files:
        raise Failure("texts: there is no translation in i18n.")
    say(done.stdout)
