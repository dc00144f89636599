import re
from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import escape_psql, html_escape

from ..sync.attempt import Attempt
from .proposing import propose_for_imported

# what a contact is told apart by besides; whoever imports a list may not make new ones
CLASSIFICATIONS = ("industry_id", "user_id", "tag_ids")
SEPARATORS = re.compile(r"[;,]|:::")


class Imported:
    """What the load of a list of contacts brought in, told to the import by the load.

    :ivar contact_ids: of the contacts of the list
    :ivar company_ids: of the companies that were made because the list names them
    """

    def __init__(self):
        self.contact_ids, self.company_ids = [], []


class ListedCompanies(dict):
    """What companies were made of while a list is loaded: ``{id: values}``.

    Where a row is refused, all before it go: what comes after finds its company again.
    """

    def __init__(self):
        self.now = {}

    def renew(self, contacts, id_):
        """Return the id that a company has now."""
        if not contacts.browse(self.now.get(id_, id_)).exists():
            self.now[id_] = contacts.create(self[id_]).id
        return self.now.get(id_, id_)


class MarketingContact(models.Model):
    """Lists of contacts: people with their companies, in one file."""

    _inherit = "marketing.contact"

    import_date = fields.Datetime(
        string="Imported On",
        default=lambda self: self._default_import_date(),
        readonly=True,
        copy=False,
        help="When the contact came in with a list; empty for all others.",
    )

    @api.model
    def _default_import_date(self):
        return self.env.context.get("import_file") and self.env.cr.now()

    @api.model
    def load(self, fields, data):
        """Import companies before their people, whoever stands first in the list, and
        look for who is the same once, when all are there.
        """
        order = self._get_load_order(fields, data)
        # an import as well where no screen says so
        loading = self.with_context(
            marketing_listed=ListedCompanies(), import_file=True
        )
        result = super(MarketingContact, loading).load(
            fields, [data[place] for place in order]
        )
        _restore_order(result, order)
        if result["ids"]:
            # who is blocked from the start is nobody's any more
            contacts = self.browse(result["ids"])._filtered_access("read")
            # companies that were made by their names come along
            companies = contacts.parent_id.filtered(
                lambda company: company.create_date == self.env.cr.now()
            )
            imported = self.env.context.get("marketing_imported")
            if isinstance(imported, Imported):  # clients may send anything
                imported.contact_ids += contacts.ids
                imported.company_ids += companies.ids
            propose_for_imported(contacts | companies)
        return result

    @api.model
    def _load_records(self, data_list, *args, **kwargs):
        listed = self.env.context.get("marketing_listed")
        if not isinstance(listed, ListedCompanies):
            return super()._load_records(data_list, *args, **kwargs)
        if len(data_list) == 1:
            values = data_list[0]["values"]
            if values.get("parent_id") in listed:
                values["parent_id"] = listed.renew(self, values["parent_id"])
        rows = [dict(data["values"]) for data in data_list]
        contacts = super()._load_records(data_list, *args, **kwargs)
        pairs = zip(contacts.ids, rows, strict=True)
        listed.update(pair for pair in pairs if not pair[1].get("parent_id"))
        return contacts

    @api.model
    def _get_load_order(self, fields, data):
        """Return the places of the rows in the order in which they are imported:
        whoever belongs to a company comes after those who don't.
        """
        limit = self.env.context.get("_import_limit") or len(data)
        order = list(range(len(data)))
        paths = [name.split("/") for name in fields]
        places = [i for i, path in enumerate(paths) if path[0] == "parent_id"]
        if not places or any(
            path[0] in self._fields and self._fields[path[0]].type == "one2many"
            for path in paths
        ):
            # rows without a name of their own belong to the row above
            return order
        own = [fields.index(name) for name in ("name", "number") if name in fields]

        def belongs(place):
            row = data[place]
            company = _get_key(row[places[0]])
            return bool(company) and company not in [_get_key(row[i]) for i in own]

        return sorted(order[:limit], key=belongs) + order[limit:]

    @api.model
    def _convert_records(self, records, **options):
        """Look up what rows name once for all of them."""
        records = list(records)
        rows = [record for record, _extras in records]
        for row in rows:
            _settle_company(row)
        named = {_get_key(_get_name(row, "parent_id")) for row in rows} - {""}
        named |= {("id", _get_id(row, "parent_id")) for row in rows} - {("id", None)}
        for row in rows:
            own = {_get_key(row.get("name")), _get_key(row.get("number"))}
            own.add(("id", row.get("id")))
            if row.get("parent_id") or _get_type(row):
                continue
            if named & own or row.get("child_ids"):
                # whom others name as their company, or who has people, is one
                row["is_company"] = "1"
        self._settle_states(rows)
        self._note_unknown(rows)
        records = self._with_companies(records, options["savepoint"])
        return super()._convert_records(records, **options)

    @api.model
    def _settle_states(self, rows):
        """Look up states among those of the row's country: codes are of many."""
        State = self.env["res.country.state"]
        Country = self.env["res.country"]
        found = {}
        for row in rows:
            names = _get_name(row, "state_id"), _get_name(row, "country_id")
            if not all(names):
                continue
            if names not in found:
                countries = Country.name_search(names[1], operator="=", limit=1)
                domain = [("country_id", "in", [id_ for id_, _name in countries])]
                found[names] = State.name_search(names[0], domain, "=", limit=1)
            if found[names]:
                row["state_id"] = [{".id": str(found[names][0][0])}]

    # ------------------------------------------------------------
    # COMPANIES
    # ------------------------------------------------------------

    @api.model
    def _with_companies(self, records, savepoint):
        """Yield the records with the ids of the companies that they name, those of the
        same list included; where the user wants new ones, they are made at once.
        """

        def get_place(record):
            # companies of one name may be of several of ours
            name = _get_name(record, "parent_id")
            return name and (_get_key(name), _get_name(record, "company_id"))

        named = {
            place: (_get_name(record, "parent_id"), record)
            for record, _extras in reversed(records)
            if (place := get_place(record))
        }

        def find(places):
            by_ours = defaultdict(list)
            for place in places:
                by_ours[place[1]].append(named[place][0])
            return {
                (key, ours): id_
                for ours, names in by_ours.items()
                for key, id_ in self._find_companies(names, ours).items()
            }

        found = find(named)
        settled = False
        for record, extras in records:
            place = get_place(record)
            if place and not settled and place not in found:
                settled = True
                if flush := self.env.context.get("import_flush"):
                    flush(model=self._name)
                found |= find([place for place in named if place not in found])
                found |= self._make_companies(
                    {k: pair for k, pair in named.items() if k not in found}, savepoint
                )
            if place in found:
                record["parent_id"] = [{".id": str(found[place])}]
            yield record, extras

    @api.model
    def _find_companies(self, names, ours=None):
        """Return ``{key: id}`` of the companies that are called so: by their names in
        any letters, or by what else finds a contact.

        :param str ours: the name of that of our companies whose come first, by default
            the current one
        """
        if not names:
            return {}
        companies = self.search(
            Domain("is_company", "=", True)
            & (
                Domain("display_name", "in", names)
                | Domain.OR(Domain("name", "=ilike", escape_psql(n)) for n in names)
            )
        )
        first = self.env.company
        if ours:
            found = first.name_search(ours, operator="=", limit=1)
            first = first.browse(id_ for id_, _name in found)
        # those of the company before shared ones
        companies = companies.sorted(lambda c: (c.company_id != first, c.id))
        found = {}
        for name in ("number", "name", "display_name", "email", "vat"):
            for company in companies:
                for called in (company, *company.merged_ids):
                    if key := _get_key(called[name]):
                        found.setdefault(key, company.id)
        return {key: found[key] for key in map(_get_key, names) if key in found}

    @api.model
    def _make_companies(self, missing, savepoint):
        """Make companies of their names alone, if the user wants them.

        :param dict missing: ``{key: (name, a record of the list that names it)}``
        :return: ``{key: id}`` of those that were not refused
        """
        wanted = self.env.context.get("name_create_enabled_fields") or {}
        if not missing or not wanted.get("parent_id"):
            return {}
        convert = self.env["ir.fields.converter"].for_model(self, savepoint=savepoint)
        vals_list = []
        for name, record in missing.values():
            # they are of the same of our companies as the people
            own = {k: v for k, v in record.items() if k == "company_id" and v}
            vals = convert(own, lambda _field, _error: None)
            vals_list.append({**vals, "name": name.strip(), "is_company": True})
        made, listed = {}, self.env.context.get("marketing_listed")

        def make(pairs):
            companies = self.create([vals for _key, vals in pairs])
            made.update(zip([key for key, _vals in pairs], companies.ids, strict=True))
            if isinstance(listed, ListedCompanies):
                listed.update(zip(companies.ids, [v for _k, v in pairs], strict=True))

        # the rows of one that is refused say why
        Attempt(self.env, make).work(list(zip(missing, vals_list, strict=True)))
        return made

    # ------------------------------------------------------------
    # CLASSIFICATIONS
    # ------------------------------------------------------------

    @api.model
    def _note_unknown(self, records):
        """Put industries, salespersons and tags that there are not into the notes of
        new contacts, unless the user has chosen what to do with them.
        """
        context = self.env.context
        chosen = {
            *(context.get("import_set_empty_fields") or ()),
            *(context.get("import_skip_records") or ()),
        }
        create = context.get("name_create_enabled_fields") or {}
        new = [r for r in records if not r.get("id") and not r.get(".id")]
        for field_name in CLASSIFICATIONS:
            field = self._fields[field_name]
            Model = self.env[field.comodel_name]
            if field_name in chosen or (
                create.get(field_name) and Model.has_access("create")
            ):
                continue
            label = field._description_string(self.env)
            known = {}
            for record in new:
                names = _get_names(record, field)
                for name in names:
                    if name not in known:
                        known[name] = Model.name_search(name, operator="=", limit=1)
                unknown = [name for name in names if not known[name]]
                if unknown:
                    ids = [str(known[name][0][0]) for name in names if known[name]]
                    record[field_name] = [{".id": ",".join(ids)}] if ids else []
                    line = html_escape(f"{label}: {', '.join(unknown)}")
                    record["comment"] = "<br>".join(
                        filter(None, (record.get("comment"), line))
                    )


def _settle_company(record):
    """Let a row that names itself as its company, or a company only, be the company."""
    company = _get_name(record, "parent_id")
    kind = _get_type(record)
    if company and not company.strip():
        record["parent_id"] = company = []
    if not company:
        return
    own = {_get_key(record.get("name")), _get_key(record.get("number"))}
    is_itself = _get_key(company) in own
    if not record.get("name") and "name" in record:
        record["name"] = company
        is_itself = True
    if is_itself and not kind:
        record["is_company"] = "1"
    if is_itself and str(kind).lower() not in ("person", "0", "false"):
        record["parent_id"] = []


def _get_type(record):
    """Return what a row says it is, if it does."""
    return record.get("company_type") or record.get("is_company")


def _get_name(record, field_name):
    """Return what a row names in a field, None where it gives an id or nothing."""
    values = record.get(field_name)
    if isinstance(values, list) and len(values) == 1 and set(values[0]) == {None}:
        return values[0][None]
    return None


def _get_id(record, field_name):
    """Return the external id that a row gives in a field, None for none."""
    values = record.get(field_name)
    return values[0].get("id") if isinstance(values, list) and values else None


def _get_names(record, field):
    """Return the names that a row gives in a field, and clean them in the row."""
    text = _get_name(record, field.name)
    if not text or field.type != "many2many":
        return [text] if text else []
    names = [name.strip(" *") for name in SEPARATORS.split(text)]
    names = [name for name in names if name]
    record[field.name] = [{None: ",".join(names)}]
    return names


def _get_key(name):
    """Return a name as it is compared: in small letters, with single blanks."""
    return " ".join((name or "").split()).casefold()


def _restore_order(result, order):
    """Put the ids and the messages of an import into the order of its rows."""
    moved = [i for i, place in enumerate(order) if i != place]
    if not moved:
        return
    ids = result["ids"]
    if ids and len(ids) == len(order[: len(ids)]) == len(set(order[: len(ids)])):
        by_place = dict(zip(order, ids, strict=False))
        result["ids"] = [by_place[place] for place in sorted(by_place)]
    for message in result["messages"]:
        if "rows" in message:
            message["rows"] = {k: order[i] for k, i in message["rows"].items()}
        if "record" in message:
            message["record"] = order[message["record"]]
