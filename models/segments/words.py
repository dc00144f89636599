"""Conditions of a domain on contacts: what is wrong with them, and what they say."""

from datetime import datetime

from odoo.fields import Domain
from odoo.tools import format_date, format_datetime
from odoo.tools.date_utils import parse_date
from odoo.tools.misc import formatLang

from ..sync.kinds import CONTACT_MODEL
from ..sync.values import get_text, to_text
from .ledger import SOURCES, may_read

# so many records are named of a value that has many
NAMED = 5
# of a long text
SHOWN = 80


def get_named_ids(domain):
    """Return the ids of the segments that a domain names, along whatever path.

    :raise ValueError: for conditions on segments otherwise than by their ids
    """
    ids = []
    for condition in domain.iter_conditions():
        *before, last = condition.field_expr.split(".")
        value = condition.value
        if condition.operator in ("any", "not any"):
            ids += get_named_ids(Domain(value))
        values = value if is_many(value) else [value]
        if "segment_ids" in before:
            raise ValueError(condition.field_expr)
        if last == "segment_ids":
            if condition.operator not in ("in", "not in", "=", "!=") or any(
                type(id_) is not int for id_ in values
            ):
                raise ValueError(condition.field_expr)
            ids += values
    return ids


def get_problem(env, domain, model=CONTACT_MODEL):
    """Return why the user of `env` can't use a domain, in words; False if they can."""
    for condition in domain.iter_conditions():
        problem, comodel = _get_path_problem(env, model, condition.field_expr)
        if not problem and condition.operator in ("any", "not any") and comodel:
            try:
                inner = Domain(condition.value)
            except (ValueError, TypeError):
                return env._("“%(domain)s” is not a filter.", domain=condition.value)
            problem = get_problem(env, inner, comodel)
        if problem:
            return problem
    return False


def _walk(env, model_name, path):
    """Yield name, model and field of each step of a path; None for what is not there,
    such as a part of a date.
    """
    for name in path.split("."):
        model = env.get(model_name)
        field = None if model is None else model._fields.get(name)
        yield name, model, field
        model_name = field and field.comodel_name


def _get_path_problem(env, model_name, path):
    """Return what is wrong with a path of fields, and the model that it ends at."""
    for name, model, field in _walk(env, model_name, path):
        if model is None:
            break
        if field is None:
            return env._("There is no field “%(field)s” (any more).", field=path), None
        label = field._description_string(env)
        if not (
            model.has_access("read")
            and model._has_field_access(field, "read")
            and (model._name != CONTACT_MODEL or may_read(env, name))
        ):
            return env._("You may not read the field “%(field)s”.", field=label), None
        if not (field.store or field.search):
            return env._("By “%(field)s” nobody can be found.", field=label), None
    return False, field and field.comodel_name


def _get_operator_words(env, operator, kind):
    """Return an operator in words, as Odoo's editor of domains has them."""
    relational = kind in ("many2one", "many2many", "one2many")
    dated = kind in ("date", "datetime")
    return {
        "=": env._("is"),
        "in": env._("is") if relational else env._("is in"),
        "!=": env._("is not"),
        "not in": env._("is not") if relational else env._("is not in"),
        "<": env._("before") if dated else env._("lower than"),
        "<=": env._("lower or equal to"),
        ">": env._("after") if dated else env._("greater than"),
        ">=": env._("greater or equal to"),
        "like": env._("contains"),
        "ilike": env._("contains"),
        "not like": env._("does not contain"),
        "not ilike": env._("does not contain"),
        "=like": env._("matches"),
        "=ilike": env._("matches"),
        "child_of": env._("belongs to"),
        "parent_of": env._("is above"),
        "any": env._("has"),
        "not any": env._("has none that"),
    }.get(operator, operator)


def describe(env, condition, model_name=CONTACT_MODEL):
    """Return a condition in words: “City contains Berlin”."""
    steps = list(_walk(env, model_name, condition.field_expr))
    label = " ▸ ".join(
        field._description_string(env) if field else name
        for name, _model, field in steps
    )
    field = steps[-1][-1]
    operator, value = condition.operator, condition.value
    if isinstance(value, Domain) or operator in ("any", "not any"):
        inner = ", ".join(
            describe(env, part, field and field.comodel_name)
            for part in Domain(value).iter_conditions()
        )
        return f"{label} {_get_operator_words(env, operator, 'any')} ({inner})"
    values = value if is_many(value) else [value]
    if operator in ("=", "in", "!=", "not in") and not any(values):
        if field is None or field.type != "boolean":
            empty = operator in ("=", "in")
            return f"{label} {env._('is not set') if empty else env._('is set')}"
    words = env._(" or ").join(_in_words(env, field, value) for value in values)
    kind = field.type if field is not None else ""
    return f"{label} {_get_operator_words(env, operator, kind)} {words}"


def is_many(value):
    """Return whether a condition's value is several."""
    return not isinstance(value, str) and hasattr(value, "__iter__")


def _in_words(env, field, value):
    """Return a value of a condition in words."""
    if field is None:
        return str(value)
    if field.relational and isinstance(value, int) and not isinstance(value, bool):
        record = env[field.comodel_name].browse(value).exists()
        return record._filtered_access("read").display_name or str(value)
    if value is False and field.type != "boolean":
        return env._("not set")
    if field.type in ("date", "datetime"):
        return _date_in_words(env, field, value)
    told = not field.relational and to_text(env[field.model_name], field.name, value)
    return told or str(value)


def _date_in_words(env, field, value):
    """Return a date of a condition in words, a relative one as it is today."""
    try:
        date = parse_date(value, env) if isinstance(value, str) else value
    except ValueError:
        return value
    timed = field.type == "datetime" and isinstance(date, datetime)
    return format_datetime(env, date) if timed else format_date(env, date)


def find_met(contacts, condition):
    """Return the ids of those of the contacts that meet a condition."""
    everybody = contacts.with_context(active_test=False)
    if condition.field_expr in SOURCES:
        # computed for these alone; a search would add up everybody's documents
        return set(everybody.filtered_domain(condition).ids)
    return set(everybody.search(Domain("id", "in", contacts.ids) & condition).ids)


def get_values(contacts, path):
    """Return the contacts' values along a path of fields, in words, as their user may
    read them.

    :rtype: dict[int, str]
    """
    steps, records = [], contacts
    for name, _model, field in _walk(contacts.env, contacts._name, path):
        if field is None:
            break
        if field.relational:
            # asked for all at once: rights are a query for each model
            records = records[name].sudo(False)._filtered_access("read")
        steps.append((name, records if field.relational else None))

    def tell(found):
        """Return the texts at the end of the path."""
        for name, readable in steps:
            if readable is None:
                return [_value_in_words(one, name) for one in found]
            found = found[name] & readable
        more = [f"… (+{len(found) - NAMED})"] if len(found) > NAMED else []
        return found[:NAMED].mapped("display_name") + more

    return {
        contact.id: ", ".join(filter(None, tell(contact)[: NAMED + 1]))
        for contact in contacts
    }


def _value_in_words(record, name):
    field, value = record._fields[name], record[name]
    if field.type == "monetary":
        currency = record[field.get_currency_field(record)]
        return formatLang(record.env, value, currency_obj=currency)
    if value and field.type in ("date", "datetime"):
        return _date_in_words(record.env, field, value)
    return get_text(record, name)[:SHOWN]
