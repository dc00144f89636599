"""What everybody does all day, with a part of the module and without."""

from unittest.mock import patch

from rows import make_contacts

# of each import
ROWS = 600
REPEAT = 15
HEADER = ["name", "email", "phone"]


def without(own, *names):
    """Return a patch that leaves out methods of a class.

    :param own: a class of a model, as it stands in its file
    :param names: of its methods
    """

    def skip(name):
        return lambda self, *args, **kw: getattr(super(own, self), name)(*args, **kw)

    return patch.multiple(own, **{name: skip(name) for name in names})


def compare(env, report, leave_out, users):
    """Time a save, a list, a search and an import, with the part and without.

    :param leave_out: what returns a context without it
    :param dict users: those who do it, ``with`` and ``without``
    """
    ids = make_contacts(env, "Bench", 1000).ids

    def save(Contact, turn, name):
        Contact.browse(ids).write({"city": f"City {turn} of {name}"})

    def show(Contact, turn, _name):
        Contact.fields_get(["name", "email", "segment_ids", "invoiced_12m"])
        for offset in range(0, 400, 80):
            Contact.web_search_read(
                [], {"name": {}, "email": {}}, limit=80, offset=offset + turn
            )

    def search(Contact, _turn, _name):
        for number in range(10):
            Contact.name_search(f"ench {number}", limit=8)

    def load(Contact, turn, name):
        name = f"{turn}.{name}"
        rows = [[f"Load {name} {n}", f"l{name}.{n}@x.example", ""] for n in range(ROWS)]
        Contact.with_context(import_file=True).load(HEADER, rows)

    deeds = {"save of 1 000": save, "list of 80": show, "search": search}
    deeds[f"import of {ROWS}"] = load
    contacts = {n: env["marketing.contact"].with_user(u) for n, u in users.items()}
    for name, deed in deeds.items():

        def bare(turn, deed=deed):
            with leave_out():
                deed(contacts["without"], turn, "bare")

        def whole(turn, deed=deed):
            deed(contacts["with"], turn, "whole")

        sides, limits = {"with": whole, "without": bare}, (f"{name}: ratio", 1.01)
        figures = report.race(env, name, 1, sides, REPEAT, "without", {"with": limits})
        more = figures["with"].queries - figures["without"].queries
        report.target(f"{name}: queries more", more, 0)
