import codecs
import re
import unicodedata
from collections import Counter
from contextlib import contextmanager, nullcontext, suppress

from odoo import api, models
from odoo.http import request
from odoo.tools import html_escape

from odoo.addons.base_import.models.base_import import FIELDS_RECURSION_LIMIT

from ..contact.trial import trial
from ..proposals.lookalike import TOLD_BANDS
from ..proposals.states import get_states
from ..proposals.waiting import is_waiting
from ..sync.kinds import CONTACT_MODEL
from .marketing_contact import Imported
from .marketing_import_heading import can_be_set, get_key

# of several columns for one of these, the first that is filled counts
ALTERNATIVES = ("phone", "email", "website")
# several columns for one of these are joined
JOINED = ("comment", "tag_ids")
# what shows that a text is HTML
TAG = re.compile(r"</?(p|br|div|span|b|i|u|a|[ou]l|li|strong|em|table|h[1-6])\b[^>]*>")


class BaseImport(models.TransientModel):
    """Lists of contacts as other programs write them."""

    _inherit = "base_import.import"

    @api.model
    def get_fields_tree(self, model, depth=FIELDS_RECURSION_LIMIT):
        """Leave out what an import can't set: of our models, and ours of others."""
        own = model.startswith("marketing.")
        people = depth == FIELDS_RECURSION_LIMIT
        return [
            field
            for field in super().get_fields_tree(model, depth)
            if not (own or field["name"].startswith("marketing_"))
            or can_be_set(self.env[model], field["name"], people)
        ]

    def _read_csv(self, options):
        """Read as UTF-8 what is UTF-8: of few letters Odoo guesses something else."""
        data = self.file or b""
        if self.res_model == CONTACT_MODEL and not options.get("encoding"):
            # a mark at the beginning is known for what it is
            if not data.isascii() and not data.startswith(codecs.BOM_UTF8):
                with suppress(UnicodeDecodeError):
                    data.decode()
                    options["encoding"] = "utf-8"
        return super()._read_csv(options)

    def _read_file(self, options):
        """Leave out notes that stand above the headings."""
        length, rows = super()._read_file(options)
        if self.res_model != CONTACT_MODEL:
            return length, rows
        rows = list(rows)
        usual = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
        first = next((i for i, row in enumerate(rows) if len(row) == usual), 0)
        return length - first, rows[first:]

    # ------------------------------------------------------------
    # HEADINGS
    # ------------------------------------------------------------

    def _get_mapping_suggestions(self, headers, header_types, fields_tree):
        if self.res_model == CONTACT_MODEL:
            known = self.env["marketing.import.heading"]._get_known()
            self = self.with_context(marketing_headings=known)
        return super()._get_mapping_suggestions(headers, header_types, fields_tree)

    def _get_mapping_suggestion(
        self, header, fields_tree, header_types, mapping_fields
    ):
        """Look at the headings that are known before those that are similar.

        What was chosen once for a heading still counts, where it is still offered and
        the heading is not that of companies: those are names, or whom people work for.
        """
        known = self.env.context.get("marketing_headings")
        if known is None:
            return super()._get_mapping_suggestion(
                header, fields_tree, header_types, mapping_fields
            )
        offered = {field["name"] for field in fields_tree}
        own, _is_part = known.get(get_key(header), (None, False))
        chosen = mapping_fields.get(header.lower()) or ""
        if chosen.split("/")[0] not in offered or own == "parent_id":
            mapping_fields = {}
        if own in offered and not (mapping_fields and chosen):
            return {"field_path": [own], "distance": 0}
        return super()._get_mapping_suggestion(
            header, fields_tree, header_types, mapping_fields
        )

    def _deduplicate_mapping_suggestions(self, mapping_suggestions):
        """Keep several columns for what is joined, and for what may stand in one or
        the other. Where nothing else is the name, that of companies is.
        """
        known = self.env.context.get("marketing_headings")
        if known is None:
            return super()._deduplicate_mapping_suggestions(mapping_suggestions)
        columns = {}
        for column, suggestion in mapping_suggestions.items():
            if suggestion and len(suggestion["field_path"]) == 1:
                columns.setdefault(suggestion["field_path"][0], []).append(column)
        for name, found in columns.items():
            kept = _choose(name, found, mapping_suggestions, known)
            for column in set(found).difference(kept):
                del mapping_suggestions[column]
        if "name" not in columns:
            for column in columns.get("parent_id", ()):
                if column in mapping_suggestions:
                    mapping_suggestions[column]["field_path"] = ["name"]
        return None

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    def execute_import(self, fields, columns, options, dryrun=False):
        """Draw no numbers for a test, and let the headings say what the rows are.

        :return: as Odoo says, with `marketing_imported` for lists of contacts: what
            came in, or would
        """
        importer, imported = self, Imported()
        if self.res_model == CONTACT_MODEL:
            context = self._get_contact_context(fields, columns)
            importer = self.with_context(**context, marketing_imported=imported)
        with self._trying_out() if dryrun else nullcontext():
            result = super(BaseImport, importer).execute_import(
                fields, columns, options, dryrun=dryrun
            )
        if self.res_model == CONTACT_MODEL and result.get("ids"):
            told = self._describe_imported(imported, dryrun)
            result["marketing_imported"] = told
            if not (dryrun or request):
                # no screen waits for the result
                self.env.user._bus_send("marketing_contact_imported", told)
        return result

    @contextmanager
    def _trying_out(self):
        """Let a test take back its own doings only, and all of them: Odoo's savepoint
        takes along what was not yet written before, and leaves the values in the cache.
        """
        self.env.flush_all()
        with trial(self.env.cr):
            yield
        self.env.invalidate_all()

    def _describe_imported(self, imported, dryrun):
        """Return what came in with a list, for the note that says so.

        :param Imported imported: the contacts of the list, and those made for it
        :return: `contacts` and `companies`, how many came in or were made; not for a
            test also the ids of the companies, of those who look like customers with
            the domain of their proposals, and of those who are still being looked up
        """
        contacts, companies = set(imported.contact_ids), set(imported.company_ids)
        companies -= contacts
        told = {"contacts": len(contacts), "companies": len(companies)}
        if dryrun:
            return told
        ids = list(contacts | companies)
        domain = [
            ("partner_id", "!=", False),
            ("band", "in", TOLD_BANDS),
            ("state", "in", get_states(asked=True)),
        ]
        alike = self.env["marketing.match"]._read_group(
            [("contact_id", "in", ids), *domain], groupby=["contact_id"]
        )
        return told | {
            "alike_domain": domain,
            "company_ids": list(companies),
            "alike_ids": [contact.id for (contact,) in alike],
            "waiting_ids": ids
            if is_waiting(self.env[CONTACT_MODEL].browse(ids))
            else [],
        }

    def _get_contact_context(self, fields, columns):
        """Return what the headings of a list of contacts say about its rows.

        Who has a first and a last name is a person. Who has no name but a company's is
        one, if the list that one comes from says nothing.
        """
        pairs = [(f, c) for f, c in zip(fields, columns, strict=False) if f]
        context = {"marketing_columns": [column for _field, column in pairs]}
        known = self.env["marketing.import.heading"]._get_known()
        names = [known.get(get_key(c), ("", False)) for f, c in pairs if f == "name"]
        if names and all(is_part for _field, is_part in names):
            context["default_is_company"] = False
        elif names and all(field == "parent_id" for field, _part in names):
            context["default_is_company"] = self.env.context.get(
                "default_is_company", True
            )
        return context

    def _handle_multi_mapping(self, import_fields, input_file_data):
        columns = self.env.context.get("marketing_columns")
        if columns is None or len(columns) != len(import_fields):
            return super()._handle_multi_mapping(import_fields, input_file_data)
        rows = [[_clean(value) for value in row] for row in input_file_data]
        fields = list(import_fields)
        # an existing contact's notes are not replaced
        if not {"id", ".id"}.intersection(fields):
            notes = [_take_alternatives(row, fields, columns) for row in rows]
            if any(notes):
                fields.append("comment")
                for row, lines in zip(rows, notes, strict=True):
                    row.append("\n".join(lines))
        for row in rows:
            for place, field in enumerate(fields):
                if field == "comment":
                    row[place] = _to_html(row[place])
        return super()._handle_multi_mapping(fields, rows)


def _choose(name, columns, suggestions, known):
    """Return which of the columns of a field are suggested."""
    best = min(columns, key=lambda column: suggestions[column]["distance"])
    if name == "name":
        parts = [c for c in columns if known.get(get_key(c[1])) == ("name", True)]
        wholes = [c for c in columns if c not in parts]
        if len(parts) > 1 or not wholes:
            return parts
        return [min(wholes, key=lambda column: suggestions[column]["distance"])]
    if name in ALTERNATIVES + JOINED:
        return [c for c in columns if suggestions[c]["distance"] <= 0] or [best]
    return [best]


def _clean(value):
    """Return a value of a list without marks that nobody sees, phones' scheme, and
    what tells Excel to keep zeros: ="01234".
    """
    if not isinstance(value, str):
        return value
    # direction marks and the like; joiners, of which some scripts are made, stay
    value = "".join(
        sign
        for sign in value
        if unicodedata.category(sign) != "Cf" or sign in "\u200c\u200d\u00ad"
    )
    value = re.sub(r'^="([^"]*)"$', r"\1", value)
    return re.sub(r"^\s*tel:", "", value, flags=re.IGNORECASE)


def _take_alternatives(row, fields, columns):
    """Empty the cells of a row of which only the first that is filled counts.

    :return: the others as lines for the notes
    """
    lines = []
    for name in ALTERNATIVES:
        filled = [
            place
            for place, field in enumerate(fields)
            if field == name and str(row[place] or "").strip()
        ]
        for place in filled[1:]:
            if row[place] not in [row[other] for other in filled if other < place]:
                heading = columns[place]
                lines.append(f"{heading[:1].upper()}{heading[1:]}: {row[place]}")
        for place in filled[1:]:
            row[place] = ""
    return lines


def _to_html(text):
    """Return a text as HTML, with its lines; what is HTML already as it is."""
    if not isinstance(text, str) or TAG.search(text):
        return text
    return "<br>".join(html_escape(text.strip()).splitlines())
