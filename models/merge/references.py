"""Who points at a contact: every column of every model, as the registry knows them.

What another add-on brings is found by itself: many2one and many2many fields, pairs of a
model and an id, reference fields, values by company, properties, defaults.
"""

from typing import NamedTuple

from odoo.tools import SQL

from ..sync.kinds import CONTACT_MODEL

# Links move by their own rules; the journal tells of what was, wherever things are now.
NOT_FOLLOWED = {
    "marketing.contact.merge.move",
    "marketing.contact.relation",
    "marketing.sync.batch",
    "marketing.sync.change",
    "marketing.sync.difference",
}
# Pairs of a model and an id that are declared as plain values.
PLAIN_PAIRS = (("res_model", "res_id"), ("model", "res_id"))


class Reference(NamedTuple):
    """A place that holds ids of contacts.

    :ivar model: the model whose records point at contacts
    :ivar field: the field, with the key in it where it holds several
    :ivar table: where it is kept
    :ivar column: the column that holds the id
    :ivar how: ``id``, ``pair``, ``text``, ``many2many``, of JSON with a key ``json``
        and ``list``, of properties' definitions ``definition``
    :ivar beside: of a pair, the column of the model; of a many2many, the other column;
        of a text, what stands before the id; of JSON, the key
    """

    model: str
    field: str
    table: str
    column: str
    how: str
    beside: str = ""

    @property
    def key(self):
        """The column that says whose row it is."""
        return self.beside if self.how == "many2many" else "id"

    def get_field_name(self):
        """Return the name of the field in the registry."""
        return self.field.partition(":")[0]

    def holds(self, alias, contact_id):
        """Return the SQL of whether a row points at a contact.

        :param str alias: of the table
        :param SQL contact_id: the id of the contact
        """
        column = SQL.identifier(alias, self.column)
        if self.how == "json":
            return SQL("%s ->> %s = %s::text", column, self.beside, contact_id)
        if self.how == "list":
            return SQL("%s -> %s @> to_jsonb(%s)", column, self.beside, contact_id)
        if self.how == "definition":
            return SQL(
                "jsonb_path_exists(%s::jsonb, %s, jsonb_build_object('id', %s))",
                column,
                f'$[*] ? (@.comodel == "{CONTACT_MODEL}" && @.default[*] == $id)',
                contact_id,
            )
        if self.how == "text":
            return SQL("%s = %s || %s::text", column, self.beside, contact_id)
        return SQL("%s = %s", column, contact_id)

    def replaced(self, alias, from_id, to_id):
        """Return the SQL of what the column holds once it points at another contact.

        :param str alias: of the table
        :param SQL from_id: the id of the contact that it points at
        :param SQL to_id: the id of the other one
        """
        column = SQL.identifier(alias, self.column)
        if self.how in ("json", "list"):
            value = SQL("%s -> %s", column, self.beside)
            return SQL(
                "jsonb_set(%s, ARRAY[%s], %s)",
                column,
                self.beside,
                _replace_in_json(value, from_id, to_id),
            )
        if self.how == "definition":
            return SQL(
                """(
                SELECT jsonb_agg(CASE WHEN item ->> 'comodel' = %s AND item ? 'default'
                        THEN jsonb_set(item, '{default}', %s) ELSE item END
                        ORDER BY place)
                  FROM jsonb_array_elements(%s::jsonb)
                       WITH ORDINALITY AS definition (item, place))""",
                CONTACT_MODEL,
                _replace_in_json(SQL("item -> 'default'"), from_id, to_id),
                column,
            )
        if self.how == "text":
            return SQL("%s || %s::text", self.beside, to_id)
        return to_id

    def get_condition(self, alias):
        """Return the SQL of which rows are looked at."""
        if self.how == "pair":
            condition = SQL(
                "%s = %s", SQL.identifier(alias, self.beside), CONTACT_MODEL
            )
            if self.model == "ir.attachment":
                # a picture is a value of its contact
                own = SQL.identifier(alias, "res_field")
                return SQL("%s AND %s IS NULL", condition, own)
            return condition
        if self.model == "ir.default":
            return SQL(
                """%s IN (SELECT id FROM ir_model_fields
                           WHERE ttype = 'many2one' AND relation = %s)""",
                SQL.identifier(alias, "field_id"),
                CONTACT_MODEL,
            )
        return SQL("TRUE")


def _replace_in_json(value, from_id, to_id):
    """Return the SQL of JSON, an id or a list of ids, with one id for another."""
    return SQL(
        """
        CASE WHEN %(value)s = to_jsonb(%(from)s) THEN to_jsonb(%(to)s)
             WHEN jsonb_typeof(%(value)s) = 'array' THEN (
            SELECT jsonb_agg(CASE WHEN id = to_jsonb(%(from)s) THEN to_jsonb(%(to)s)
                             ELSE id END ORDER BY nth)
              FROM jsonb_array_elements(%(value)s) WITH ORDINALITY AS held (id, nth))
        ELSE %(value)s END
        """,
        value=value,
        **{"from": from_id, "to": to_id},
    )


def get_references(env):
    """Return all that may point at contacts.

    :rtype: list[Reference]
    """
    return [
        *env[CONTACT_MODEL]._get_plain_references(),
        *_get_company_references(env),
        *_get_property_references(env),
    ]


def find_plain_references(env):
    """Return the references that the registry knows without asking the database."""
    found = {}
    for model in _get_stored_models(env):
        if model._name not in NOT_FOLLOWED:
            for reference in _get_model_references(model):
                key = (reference.table, reference.column, reference.beside)
                found.setdefault(key, reference)
    default = Reference("ir.default", "json_value", "ir_default", "json_value", "text")
    return [*found.values(), default]


def _get_stored_models(env):
    return [
        model
        for model in env.registry.values()
        if model._auto and not (model._abstract or model._transient)
    ]


def _get_model_references(model):
    """Yield the references of a model's own columns."""

    def in_column(name, how, beside=""):
        return Reference(model._name, name, model._table, name, how, beside)

    names = {name for name, field in model._fields.items() if _has_column(field)}
    for name, field in model._fields.items():
        to_contacts = field.comodel_name == CONTACT_MODEL
        if field.type == "many2one" and to_contacts and name in names:
            yield in_column(name, "id")
        elif field.type == "many2many" and to_contacts:
            if field.store and field.relation:
                yield Reference(
                    *(model._name, name, field.relation, field.column2, "many2many"),
                    field.column1,
                )
        elif field.type == "reference" and name in names:
            yield in_column(name, "text", f"{CONTACT_MODEL},")
        elif field.type == "many2one_reference" and name in names:
            if field.model_field in names:
                yield in_column(name, "pair", field.model_field)
    for model_name, id_name in PLAIN_PAIRS:
        if (
            {model_name, id_name} <= names
            and model._fields[id_name].type == "integer"
            and model._fields[model_name].type in ("char", "selection")
        ):
            yield in_column(id_name, "pair", model_name)


def _has_column(field):
    return bool(field.store and field.column_type and not field.company_dependent)


def _get_company_references(env):
    """Return the references of fields with a value of its own in each company."""
    fields = env.registry.many2one_company_dependents[CONTACT_MODEL]
    if not fields:
        return []
    # sudo: values of companies that the user may not see follow as well
    companies = env["res.company"].sudo().with_context(active_test=False).search([])
    return [
        _get_json_reference(env, field, str(company.id))
        for field in fields
        for company in companies
    ]


def _get_json_reference(env, field, key, how="json"):
    model = env[field.model_name]
    return Reference(
        *(model._name, f"{field.name}:{key}", model._table, field.name, how), key
    )


def find_property_fields(env):
    """Return the fields that hold properties, each as the model and the column of the
    properties' definitions, its own model and its name.
    """
    found = []
    for model in _get_stored_models(env):
        for field in model._fields.values():
            if field.type != "properties" or not field.store:
                continue
            container = model._fields[field.definition_record].comodel_name
            column = field.definition_record_field
            definitions = container in env and env[container]._fields.get(column)
            if definitions and _has_column(definitions):
                found.append((container, column, model._name, field.name))
    return found


def _get_property_references(env):
    """Return the references of properties that hold contacts, and of their defaults."""
    holders = {}
    for container, column, *field in env[CONTACT_MODEL]._get_property_fields():
        holders.setdefault((container, column), []).append(field)
    if not holders:
        return []
    queries = [
        SQL(
            """SELECT %s, %s, item ->> 'name', item ->> 'type'
                 FROM %s, jsonb_array_elements(%s::jsonb) item
                WHERE item ->> 'comodel' = %s""",
            container,
            column,
            SQL.identifier(env[container]._table),
            SQL(
                "CASE WHEN jsonb_typeof(%(column)s) = 'array' THEN %(column)s END",
                column=SQL.identifier(column),
            ),
            CONTACT_MODEL,
        )
        for container, column in holders
    ]
    found = {}
    for container, column, name, type_ in env.execute_query(
        SQL(" UNION ").join(queries)
    ):
        table = env[container]._table
        found[container, column] = Reference(
            container, column, table, column, "definition"
        )
        how = "list" if type_ == "many2many" else "json"
        for model_name, field_name in holders[container, column]:
            field = env[model_name]._fields[field_name]
            found[field, name] = _get_json_reference(env, field, name, how)
    return list(found.values())
