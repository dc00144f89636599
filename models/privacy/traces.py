"""Where in the database names and addresses are written: each is one query."""

import re

from odoo.tools import SQL

from ..sync.rights import get_recordsets

# what people write filters in, with the columns of their names and filters
FILTERS = {
    "ir.filters": ("name", "domain"),
    "mailing.filter": ("name", "mailing_domain"),
    "mailing.mailing": ("mailing_domain",),
    "marketing.interaction.rule": ("domain",),
    "marketing.retention.rule": ("name", "domain"),
    "marketing.segment": ("name", "domain"),
}
# what people write letters in, with what says whose ids they hold
COMPOSERS = {"mail.compose.message": "model", "sms.composer": "res_model"}
IDS = {"res_id", "res_ids"}
NUMBER = re.compile(r"\d+")


def get_patterns(texts):
    """Return the patterns of SQL for what holds one of the texts."""
    signs = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
    return [f"%{text.translate(signs)}%" for text in texts]


def _find(env, conditions):
    """Return the recordsets of what meets a condition.

    :param conditions: pairs of a model's name and the condition on its table `found`
    """
    queries = [
        SQL(
            "SELECT %s, id FROM %s found WHERE %s",
            *(model, SQL.identifier(env[model]._table), condition),
        )
        for model, condition in conditions
    ]
    rows = env.execute_query(SQL(" UNION ").join(queries))
    return get_recordsets(env, rows).values()


def find_addresses(env, addresses):
    """Return the records with the very address in an indexed field."""
    fields = env["marketing.contact"]._privacy_get_address_fields()
    return _find(
        env,
        [
            (model, SQL("%s = ANY(%s)", SQL.identifier(name), addresses))
            for model, name in fields
        ],
    )


def find_filters(env, patterns):
    """Return the filters that people wrote with one of the patterns in them."""
    conditions = []
    for model, names in FILTERS.items():
        texts = (SQL("%s::text", SQL.identifier(name)) for name in names)
        held = SQL("concat_ws(' ', %s) ILIKE ANY(%s)", SQL(", ").join(texts), patterns)
        if model in env:
            conditions.append((model, held))
    return _find(env, conditions)


def find_logs(env, patterns):
    """Return the runs that were started with one of the patterns in what is logged or
    in a filter.
    """
    held = SQL(
        """concat_ws(' ', params ->> 'domain', params -> 'values' ->> 'name',
                     params -> 'values' ->> 'note') ILIKE ANY(%s)""",
        patterns,
    )
    return _find(env, [("marketing.run", held)])


def find_wizards(env, texts):
    """Return the rows of wizards with one of the texts in any column."""
    # files are written in hexadecimal
    patterns = get_patterns([*texts, *(text.encode().hex() for text in texts)])
    held = SQL("""replace(found::text, '""', '"') LIKE ANY(%s)""", patterns)
    return _find(
        env,
        [
            (model._name, held)
            for model in env.registry.values()
            if model._transient and model._auto and not model._abstract
        ],
    )


def find_composers(env, contacts):
    """Return the mails and text messages that somebody is about to write to one of the
    contacts.
    """
    ids = set(contacts.ids)
    for model, about in COMPOSERS.items():
        if model in env:
            composers = env[model].search([(about, "=", contacts._name)])
            names = IDS & composers._fields.keys()
            yield composers.filtered(
                lambda c, names=names: any(
                    not ids.isdisjoint(map(int, NUMBER.findall(str(c[name] or ""))))
                    for name in names
                )
            )


def find_needed(partners):
    """Return the ids of those of the partners that the database forbids to delete."""
    env = partners.env
    rows = env.execute_query(
        SQL(
            """
            SELECT con.conrelid::regclass::text, att.attname FROM pg_constraint con
              JOIN pg_attribute att
                ON att.attrelid = con.conrelid AND att.attnum = con.conkey[1]
             WHERE con.contype = 'f' AND con.confdeltype IN ('r', 'a')
               AND con.confrelid = 'res_partner'::regclass
            """
        )
    )
    queries = [
        SQL(
            "SELECT %(column)s FROM %(table)s WHERE %(column)s = ANY(%(ids)s)",
            column=SQL.identifier(column),
            table=SQL.identifier(table.strip('"')),
            ids=partners.ids,
        )
        for table, column in rows
    ]
    return [id_ for (id_,) in env.execute_query(SQL(" UNION ").join(queries))]


def filter_naming(messages, pairs):
    """Return those of the messages whose text or tracked values name their document.

    :param pairs: of a document's id and a pattern of what names it
    """
    if not pairs or not messages:
        return messages.browse()
    ids, patterns = zip(*pairs, strict=True)
    rows = messages.env.execute_query(
        SQL(
            """
            SELECT DISTINCT m.id FROM mail_message m
              JOIN unnest(%s, %s) AS named (id, pattern) ON named.id = m.res_id
              LEFT JOIN mail_tracking_value v ON v.mail_message_id = m.id
             WHERE m.id = ANY(%s) AND concat_ws(
                ' ', m.body, m.subject, m.email_from, m.reply_to,
                m.incoming_email_to, m.incoming_email_cc, m.outgoing_email_to,
                v.old_value_char, v.new_value_char, v.old_value_text,
                v.new_value_text) ILIKE pattern
            """,
            list(ids),
            list(patterns),
            messages.ids,
        )
    )
    return messages.browse(id_ for (id_,) in rows)
