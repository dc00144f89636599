"""The keys beside the records: a cache, brought up to date before it is asked.

A row says by its version, a hash of the values it was made of, what it was made from;
the latest row of a record counts. Rows are only ever added, so two who bring them up to
date at once never wait for each other, and whoever rolls back takes back what they
added. What is of no use any more is cleared away at night.

Somebody's save brings a bounded few up to date: what the transaction wrote itself, and
of others' what was changed last. Beyond that it says so, and the rest is done behind
it.
"""

import io
import json
from collections import Counter
from datetime import datetime
from hashlib import blake2b

from odoo.tools import SQL, split_every, sql

from .normalise import COLUMNS, Record, get_row
from .sides import columns_sql, from_sql, version_sql

# How many records are read at once: some seconds, some megabytes.
STEP = 5000
# From how many new ones on the planner is told of them at once, if they are more than
# that part of what it knows of: later it finds out by itself.
MANY, MANY_PART = 100, 0.5
# How many of the records that others changed are looked at in somebody's save.
LOOKED_AT = 100
# Who began before that may still commit an older date than we have seen: in a save; and
# in a transaction that has only just begun.
MARGIN, SHORT_MARGIN = "15 minutes", "1 second"
# Raised when the rows are made otherwise than before.
FORMAT = 12
MARKS = """
    side varchar NOT NULL, signature varchar NOT NULL, seen timestamp, seen_id int4,
    complete bool NOT NULL, transaction varchar NOT NULL
"""


class Written:
    """What a transaction wrote on records of a model.

    :ivar new: ids since keys were last brought up to date
    :ivar known: ids before that
    :ivar last_id: the highest id there was then
    :ivar marks: how often that was, as far as it was not rolled back
    """

    def __init__(self):
        self.new, self.known, self.last_id, self.marks = set(), set(), None, 0

    def settle(self, last_id, marks):
        """Note that keys are up to date."""
        self.known |= self.new
        self.new = set()
        self.last_id = last_id
        self.marks = marks


def _get_written(cr, model_name):
    # until the transaction ends; the cursor's cache won't do, a savepoint that is
    # rolled back empties it
    by_model = cr.postcommit.data.setdefault("marketing_contact.written", {})
    if model_name not in by_model:
        by_model[model_name] = Written()
    return by_model[model_name]


def note_written(env, model_name, ids):
    """Remember who was written: `write_date` doesn't move within a transaction."""
    _get_written(env.cr, model_name).new.update(ids)


class Keys:
    """The keys of one side.

    :param env: an environment
    :param Side side: whose
    :param dict identifiers: ``{name: Identifier}`` of add-ons
    :param Words words: as managers keep them
    """

    def __init__(self, env, side, identifiers, words):
        self.env = env
        self.cr = env.cr
        self.side = side
        self.identifiers = identifiers
        self.words = words
        self.signature = self._get_signature()
        self.version = version_sql(side, identifiers, self.signature)

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

    def refresh(self):
        """Bring up to date what the transaction wrote, and of others' what was changed
        last, at most :data:`LOOKED_AT`.

        :return: whether that is all that there is
        """
        self._flush()
        written = _get_written(self.cr, self.side.model)
        marks, complete, seen, seen_id = self._get_marks()
        # fewer marks: what was made since has been rolled back
        own = set(written.new)
        if marks != written.marks:
            own |= written.known
        if marks:
            since = (None, written.last_id or seen_id)
        else:
            since = (seen or datetime.min, seen_id)
        others, last_id, all_of_them = self._get_changed(*since, own | written.known)
        self.make(own | others)
        complete = all_of_them and complete is not False
        if own or others or not marks:
            self._mark(complete, seen, seen_id)
            marks += 1
        written.settle(last_id, marks)
        return complete

    def refresh_all(self):
        """Bring all keys up to date, whatever is known of them.

        :return: a generator of how many records were made, part by part
        """
        self._flush()
        start, last = self._get_start()
        for part in split_every(STEP, self._get_stale(SQL("TRUE")), list):
            yield self._make(part)
        # what this transaction could not look through before, it has now
        self.cr.execute(
            SQL(
                """
                DELETE FROM marketing_match_mark
                 WHERE side = %s AND transaction = txid_current()::text
                """,
                self.side.name,
            )
        )
        self._mark(True, start, last, forward=False)
        _get_written(self.cr, self.side.model).settle(last, 1)

    def make(self, ids):
        """Make the keys of those of the records that have none, or old ones.

        :return: how many were made
        """
        if not ids:
            return 0
        self._flush()
        return self._make(self._get_stale(SQL("r.id = ANY(%s)", list(ids))))

    def _flush(self):
        """Write what is still to be written of all that is read."""
        for name in (self.side.model, *self.side.further_models):
            self.env[name].flush_model()

    def _get_marks(self):
        """Return how often keys were brought up to date in this transaction, and that
        not rolled back; whether completely; and up to which date and id all is known.
        """
        self.cr.execute(
            SQL(
                """
                SELECT COUNT(*) FILTER (WHERE own),
                       bool_and(complete) FILTER (WHERE own), MAX(seen), MAX(seen_id)
                  FROM (SELECT *, transaction = txid_current()::text AS own
                          FROM marketing_match_mark
                         WHERE side = %s AND signature = %s) mark
                """,
                self.side.name,
                self.signature,
            )
        )
        return self.cr.fetchone()

    def _get_changed(self, seen, seen_id, own):
        """Return the ids of the records that were changed last since a date and made
        after an id, the highest id that there is, and whether those are all.

        :param datetime seen: the date, None to look by the id alone, and for further
            rows since the transaction began
        :param int seen_id: the id, None for all
        :param set own: ids of what the transaction wrote itself
        """
        table = SQL.identifier(self.side.table)
        by_date = SQL("write_date >= %s ORDER BY write_date DESC", seen)
        queries = [SQL("SELECT id FROM %s WHERE %s", table, by_date)] if seen else []
        queries.append(
            SQL("SELECT id FROM %s WHERE id > %s ORDER BY id DESC", table, seen_id or 0)
        )
        queries += [
            SQL(
                "SELECT id FROM (%s) x WHERE write_date >= %s ORDER BY write_date DESC",
                SQL(query),
                seen or self.cr.now(),
            )
            for query in self.side.further
        ]
        self.cr.execute(
            SQL(" UNION ALL ").join(
                SQL("(SELECT id, %s FROM (%s LIMIT %s) x)", number, query, LOOKED_AT)
                for number, query in enumerate(queries)
            )
        )
        found = {}
        for id_, number in self.cr.fetchall():
            found.setdefault(number, []).append(id_)
        ids = {id_ for found_ids in found.values() for id_ in found_ids}
        complete = all(
            len(found_ids) < LOOKED_AT or own.issuperset(found_ids)
            for found_ids in found.values()
        )
        return ids, max(ids | {seen_id or 0}), complete

    def _get_start(self):
        """Return the date and id up to which this transaction sees everything."""
        self.cr.execute(
            SQL(
                """
                SELECT LEAST(now(), (
                           SELECT MIN(xact_start) FROM pg_stat_activity
                            WHERE datname = current_database()
                       )) AT TIME ZONE 'UTC' - %s::interval,
                       (SELECT MAX(id) FROM %s)
                """,
                SHORT_MARGIN,
                SQL.identifier(self.side.table),
            )
        )
        return self.cr.fetchone()

    def _mark(self, complete, seen, seen_id, forward=True):
        """Note that keys were brought up to date, and up to when.

        :param bool forward: move the date and id on from those given, if all is known:
            with a margin, others that have begun may yet commit
        """
        self.cr.execute(
            SQL(
                """
                INSERT INTO marketing_match_mark
                    (side, signature, seen, seen_id, complete, transaction)
                SELECT %(side)s, %(signature)s,
                       CASE WHEN %(forward)s THEN LEAST(now(), (
                           SELECT MIN(xact_start) FROM pg_stat_activity
                            WHERE datname = current_database()
                       )) AT TIME ZONE 'UTC' - %(margin)s::interval
                       ELSE %(seen)s END,
                       CASE WHEN %(forward)s THEN (SELECT MAX(id) FROM %(table)s)
                       ELSE %(seen_id)s END,
                       %(complete)s, txid_current()::text
                """,
                side=self.side.name,
                signature=self.signature,
                forward=forward and complete,
                margin=MARGIN,
                seen=seen,
                seen_id=seen_id,
                table=SQL.identifier(self.side.table),
                complete=complete,
            )
        )

    def _get_stale(self, condition):
        """Return the ids of the records that have no keys, or old ones.

        :param SQL condition: only of these records `r`
        """
        self.cr.execute(
            SQL(
                """
                SELECT r.id FROM %(source)s
                 WHERE %(where)s AND %(condition)s
                       AND %(version)s IS DISTINCT FROM (
                        SELECT k.version FROM %(keys)s k WHERE k.id = r.id
                        ORDER BY k.made DESC LIMIT 1)
                """,
                source=from_sql(self.side),
                where=SQL(self.side.where),
                condition=condition,
                version=self.version,
                keys=SQL.identifier(self.side.keys),
            )
        )
        return [id_ for (id_,) in self.cr.fetchall()]

    def _make(self, ids):
        for part in split_every(STEP, ids, list):
            self.cr.execute(
                SQL(
                    "SELECT r.id, %s AS version, %s FROM %s WHERE r.id = ANY(%s)",
                    self.version,
                    columns_sql(self.side, self.identifiers),
                    from_sql(self.side),
                    part,
                )
            )
            names = [column.name for column in self.cr.description]
            lines = io.StringIO()
            for values in self.cr.fetchall():
                lines.write(self._dump(dict(zip(names, values, strict=True))))
            lines.seek(0)
            self.cr.copy_from(lines, table=self.side.keys, columns=list(COLUMNS))
        made = self.cr.cache.setdefault("marketing_match_made", Counter())
        made[self.side.name] += len(ids)
        if MANY <= made[self.side.name] >= self._get_known() * MANY_PART:
            self._tidy()
            made[self.side.name] = 0
        return len(ids)

    def _get_known(self):
        """Return how many rows the planner knows of."""
        self.cr.execute(
            "SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [self.side.keys]
        )
        return self.cr.fetchone()[0]

    def _tidy(self):
        """Tell the planner what is in the table now, in the columns it is asked by."""
        keys = SQL.identifier(self.side.keys)
        self.cr.execute(SQL("ANALYZE %s (id, company_id, keys, made)", keys))

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
        keys = SQL.identifier(self.side.keys)
        self.cr.execute(
            SQL(
                """
                DELETE FROM %(keys)s k WHERE NOT EXISTS (
                    SELECT FROM %(table)s r WHERE r.id = k.id AND %(where)s
                ) OR EXISTS (
                    SELECT FROM %(keys)s later
                     WHERE later.id = k.id AND later.made > k.made)
                """,
                keys=keys,
                table=SQL.identifier(self.side.table),
                where=SQL(self.side.where),
            )
        )
        self.cr.execute(
            SQL(
                """
                DELETE FROM marketing_match_mark m WHERE side = %(side)s AND (
                    signature <> %(signature)s OR seen IS NULL OR seen < (
                        SELECT MAX(seen) FROM marketing_match_mark
                         WHERE side = m.side AND signature = m.signature))
                """,
                side=self.side.name,
                signature=self.signature,
            )
        )
        self._tidy()

    def erase(self):
        """Remove all keys: they are made anew when they are asked."""
        for table in (self.side.keys, "marketing_match_mark"):
            self.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE %s",
                    SQL.identifier(table),
                    SQL("side = %s", self.side.name)
                    if table != self.side.keys
                    else SQL("TRUE"),
                )
            )


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


def create_tables(cr, sides):
    """Make the tables of the keys, unless they are there as they are to be."""
    columns = COLUMNS | {"made": "int8 GENERATED ALWAYS AS IDENTITY"}
    definition = SQL(", ").join(
        SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in columns.items()
    )
    wanted = {
        **{side.keys: (definition, set(columns)) for side in sides},
        "marketing_match_mark": (
            SQL(MARKS),
            {"side", "signature", "seen", "seen_id", "complete", "transaction"},
        ),
    }
    for table, (definition, names) in wanted.items():
        if set(sql.table_columns(cr, table)) not in (set(), names):
            # a cache: other columns are filled in when it is asked
            cr.execute(SQL("DROP TABLE %s", SQL.identifier(table)))
        cr.execute(
            SQL("CREATE TABLE IF NOT EXISTS %s (%s)", SQL.identifier(table), definition)
        )
    for side in sides:
        for suffix, table, method in (
            ("id", side.keys, "btree (id, made)"),
            ("keys", side.keys, "gin (keys)"),
        ):
            cr.execute(
                SQL(
                    "CREATE INDEX IF NOT EXISTS %s ON %s USING %s",
                    SQL.identifier(f"{side.keys}_{suffix}_idx"),
                    SQL.identifier(table),
                    SQL(method),
                )
            )
        # each key that is looked up would read all that waits to be sorted in
        index = f"{side.keys}_keys_idx"
        cr.execute(SQL("ALTER INDEX %s SET (fastupdate = off)", SQL.identifier(index)))
        cr.execute(SQL("SELECT gin_clean_pending_list(%s::regclass)", index))


def drop_tables(cr, sides):
    """Remove the tables, with the module."""
    further = ("marketing_match_mark", "marketing_match_waiting")
    for name in (*(side.keys for side in sides), *further):
        cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(name)))
