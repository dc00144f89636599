"""The keys beside the records: a cache, brought up to date before it is asked.

Rows are only ever added, and a row counts as long as its record is as it was when it
was read: so two who bring it up to date at once never wait for each other, a record
that is deleted is gone, and whoever rolls back takes back what they added. What is of
no use any more is cleared away at night.
"""

import io
import json
from collections import Counter
from hashlib import blake2b

from odoo.tools import SQL, split_every, sql

from .normalise import COLUMNS, Record, get_row
from .sides import SIDES, source_sql, version_sql

# How many records are read at once: some seconds, some megabytes.
STEP = 5000
# From how many new ones on the index is put in order at once.
MANY = 500
# Who began before that may still write with an older date than we have seen.
MARGIN = "15 minutes"
# Raised when the rows are made otherwise than before.
FORMAT = 3


class Dirty(set):
    """What was written in the transaction since keys were last brought up to date."""


def note_written(env, model_name, ids):
    """Remember who was written, if anybody asked in the transaction already: what was
    written before is found by its date.
    """
    known = env.cr.cache.get("marketing_match")
    if known and model_name in known:
        known[model_name].update(ids)


class Keys:
    """The keys of one side.

    :param env: an environment
    :param str name: of the side
    """

    def __init__(self, env, name):
        self.env = env
        self.cr = env.cr
        self.side = SIDES[name]
        self.identifiers = env["marketing.match"]._get_identifiers()
        self.words = env["marketing.match.word"]._get_words()
        self.signature = self._get_signature()

    def _get_signature(self):
        """Return what changes when keys are made otherwise."""
        parts = (
            FORMAT,
            # in an order that holds from one process to the next
            [
                sorted(found.items() if isinstance(found, dict) else found)
                for found in self.words
            ],
            sorted((n, sorted(i.fields.items())) for n, i in self.identifiers.items()),
        )
        return blake2b(repr(parts).encode(), digest_size=4).hexdigest()

    # ------------------------------------------------------------
    # UP TO DATE
    # ------------------------------------------------------------

    def refresh(self, whole=False):
        """Bring the keys up to date.

        :param bool whole: look at every record, not only at those with a newer date
        :return: how many were made
        """
        model = self.env[self.side.model]
        model.flush_model()
        known = self.cr.cache.setdefault("marketing_match", {})
        dirty = known.get(self.side.model)
        if dirty is not None and not whole and self._is_marked():
            made = self._make(self._get_stale(dirty)) if dirty else 0
        else:
            made = self._make(self._get_stale(since=not whole and self._get_seen()))
            self._mark()
        known[self.side.model] = Dirty()
        return made

    def _is_marked(self):
        """Return whether it was brought up to date in this transaction, and that not
        rolled back.
        """
        self.cr.execute(
            SQL(
                """
                SELECT 1 FROM marketing_match_mark
                 WHERE side = %s AND signature = %s
                       AND transaction = txid_current()::text
                """,
                self.side.name,
                self.signature,
            )
        )
        return bool(self.cr.rowcount)

    def _get_seen(self):
        """Return up to when all changes are known, None if nothing is."""
        self.cr.execute(
            SQL(
                "SELECT MAX(seen) FROM marketing_match_mark "
                "WHERE side = %s AND signature = %s",
                self.side.name,
                self.signature,
            )
        )
        return self.cr.fetchone()[0]

    def _mark(self):
        """Note up to when changes are known: what others have begun may yet come."""
        self.cr.execute(
            SQL(
                """
                INSERT INTO marketing_match_mark (side, signature, seen, transaction)
                SELECT %s, %s, LEAST(now(), (
                           SELECT MIN(xact_start) FROM pg_stat_activity
                            WHERE datname = current_database()
                       )) AT TIME ZONE 'UTC' - %s::interval, txid_current()::text
                """,
                self.side.name,
                self.signature,
                MARGIN,
            )
        )

    def _get_stale(self, ids=None, since=None):
        """Return the ids of the records that have no keys, or old ones.

        :param ids: only of these
        :param since: only of those changed since then
        """
        condition = SQL("TRUE")
        if ids is not None:
            condition = SQL("r.id = ANY(%s)", list(ids))
        elif since:
            condition = SQL("(r.write_date >= %s OR r.write_date IS NULL)", since)
        self.cr.execute(
            SQL(
                """
                SELECT r.id FROM %(table)s r
                 WHERE %(where)s AND %(condition)s AND NOT EXISTS (
                    SELECT FROM %(keys)s k
                     WHERE k.id = r.id AND k.version = %(version)s)
                ORDER BY r.id
                """,
                table=SQL.identifier(self.side.table),
                keys=SQL.identifier(self.side.keys),
                where=SQL(self.side.where),
                condition=condition,
                version=version_sql(self.signature),
            )
        )
        return [id_ for (id_,) in self.cr.fetchall()]

    def make(self, ids):
        """Make the keys of those of the records that have none, or old ones.

        :return: how many were made
        """
        self.env[self.side.model].flush_model()
        return self._make(self._get_stale(ids))

    def _make(self, ids):
        for batch in split_every(STEP, ids, list):
            query = source_sql(self.side, self.signature, self.identifiers, batch)
            self.cr.execute(query)
            names = [column.name for column in self.cr.description]
            lines = io.StringIO()
            for values in self.cr.fetchall():
                values = dict(zip(names, values, strict=True))
                lines.write(self._dump(values))
            lines.seek(0)
            self.cr.copy_from(lines, table=self.side.keys, columns=list(COLUMNS))
        made = self.cr.cache.setdefault("marketing_match_made", Counter())
        made[self.side.name] += len(ids)
        if made[self.side.name] >= MANY:
            self._tidy()
            made[self.side.name] = 0
        return len(ids)

    def _tidy(self):
        """Sort in what waits beside the index: each question would read all of it."""
        self.cr.execute(
            "SELECT gin_clean_pending_list(%s::regclass)",
            [f"{self.side.keys}_keys_idx"],
        )
        self.cr.execute(SQL("ANALYZE %s", SQL.identifier(self.side.keys)))

    def _dump(self, values):
        """Return a record's line for COPY."""
        extra = {
            name: "".join(filter(str.isalnum, str(value))).upper()
            for name, value in (values.pop("extra", None) or {}).items()
            if value
        }
        kept = {name: value for name, value in values.items() if value is not None}
        row = get_row(Record(**kept, extra=extra), self.words)
        return "\t".join(map(_to_copy, row.values())) + "\n"

    # ------------------------------------------------------------
    # CLEAR AWAY
    # ------------------------------------------------------------

    def clear(self):
        """Remove the rows that are of no use any more."""
        self.cr.execute(
            SQL(
                """
                DELETE FROM %(keys)s k WHERE NOT EXISTS (
                    SELECT FROM %(table)s r
                     WHERE r.id = k.id AND k.version = %(version)s AND %(where)s)
                """,
                keys=SQL.identifier(self.side.keys),
                table=SQL.identifier(self.side.table),
                version=version_sql(self.signature),
                where=SQL(self.side.where),
            )
        )
        self.cr.execute(
            SQL(
                """
                DELETE FROM %(keys)s k USING %(keys)s other
                 WHERE k.id = other.id AND k.version = other.version
                       AND k.ctid < other.ctid
                """,
                keys=SQL.identifier(self.side.keys),
            )
        )
        self.cr.execute(
            SQL(
                """
                DELETE FROM marketing_match_mark m WHERE side = %(side)s AND (
                    signature <> %(signature)s OR seen < (
                        SELECT MAX(seen) FROM marketing_match_mark
                         WHERE side = m.side AND signature = m.signature))
                """,
                side=self.side.name,
                signature=self.signature,
            )
        )
        self._tidy()

    def rebuild(self):
        """Make all keys anew."""
        self.cr.execute(SQL("DELETE FROM %s", SQL.identifier(self.side.keys)))
        self.cr.cache.pop("marketing_match", None)
        return self.refresh(whole=True)


def _to_copy(value):
    """Return a value as COPY takes it."""
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, list):
        return "{" + ",".join(map(str, value)) + "}"
    if isinstance(value, dict):
        value = json.dumps(value)
    text = str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        for sign, escaped in (("\\", "\\\\"), ("\t", " "), ("\n", " "), ("\r", " ")):
            text = text.replace(sign, escaped)
    return text


def create_tables(cr):
    """Make the tables of the keys, unless they are there as they are to be."""
    for side in SIDES.values():
        if set(sql.table_columns(cr, side.keys)) not in (set(), set(COLUMNS)):
            # a cache: other columns are filled in when it is asked
            cr.execute(SQL("DROP TABLE %s", SQL.identifier(side.keys)))
    columns = SQL(", ").join(
        SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in COLUMNS.items()
    )
    for side in SIDES.values():
        cr.execute(
            SQL(
                "CREATE TABLE IF NOT EXISTS %s (%s)",
                SQL.identifier(side.keys),
                columns,
            )
        )
        for suffix, method in (
            ("id", "btree (id)"),
            ("keys", "gin (keys)"),
        ):
            cr.execute(
                SQL(
                    "CREATE INDEX IF NOT EXISTS %s ON %s USING %s",
                    SQL.identifier(f"{side.keys}_{suffix}_idx"),
                    SQL.identifier(side.keys),
                    SQL(method),
                )
            )
        # each key that is looked up reads all that waits to be sorted in
        cr.execute(
            SQL(
                "ALTER INDEX %s SET (gin_pending_list_limit = 64)",
                SQL.identifier(f"{side.keys}_keys_idx"),
            )
        )
    cr.execute(
        """
        CREATE TABLE IF NOT EXISTS marketing_match_mark (
            side varchar NOT NULL, signature varchar NOT NULL,
            seen timestamp, transaction varchar)
        """
    )


def drop_tables(cr):
    """Remove the tables, with the module."""
    names = [*(side.keys for side in SIDES.values()), "marketing_match_mark"]
    for name in names:
        cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(name)))
