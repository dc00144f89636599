"""What a caller sends, and what the screen that one comes from sends along."""

import ast
import base64
import re
import zlib
from contextlib import contextmanager

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.models import BaseModel
from odoo.tools import mute_logger
from odoo.tools.misc import clean_context

try:
    from odoo.addons.rpc.controllers.xmlrpc import OdooMarshaller
except ImportError:  # Odoo is run without it
    OdooMarshaller = None

# of a text in an ordered index, see `is_too_long`
MAX_BYTES = 1250
MAX_COMPRESSED = 300
# of a filter: a hundred thousand ids, and of what is none
MAX_TEXT = 2**20
MAX_NESTED = 1000
# of a filter in an error
SHOWN = 200
# what reading a domain, or searching by it, raises of what is none
NO_DOMAIN = (
    *(TypeError, ValueError, KeyError, AttributeError, SyntaxError),
    *(RecursionError, MemoryError, OverflowError),
    *(psycopg2.DataError, psycopg2.ProgrammingError),
)


class ById(dict):
    """What is answered by the numbers of records, ``{id: anything}``. JSON turns the
    numbers into text by itself; XML-RPC knows no keys but text and gets the same.
    """


def _dump_by_id(marshaller, value, write):
    marshaller.dump_struct({str(id_): found for id_, found in value.items()}, write)


class FileBytes(bytes):
    """The bytes of a file. Odoo's JSON and XML-RPC decode bytes to text: of a file they
    get base64, as of all binary fields.
    """

    def decode(self, *_args, **_kwargs):
        return base64.b64encode(self).decode()


if OdooMarshaller:
    OdooMarshaller.dispatch[ById] = _dump_by_id
    OdooMarshaller.dispatch[FileBytes] = OdooMarshaller.dump_bytes


def without_defaults(records):
    """Return the records without the defaults of the screen that one comes from.

    The web client sends an action's `default_*` keys along with everything that is
    started there; what is made of another model gets our values only.
    """
    if any(key.startswith("default_") for key in records.env.context):
        context = clean_context(records.env.context)
        return records.with_env(records.env(context=context))
    return records


def get_active_ids(env, model_name):
    """Return the ids of the records that one comes from, if they are of the model.

    :raise UserError: unless they are ids
    """
    if env.context.get("active_model") != model_name:
        return []
    return check_ids(env, env.context.get("active_ids") or [])


def known_language(env, code):
    """Return the code of a language that is in use, False for one that was switched off
    since it was noted, which Odoo refuses.
    """
    return bool(code and env["res.lang"]._get_data(code=code)) and code


def check_one(records):
    """:raise UserError: unless there is exactly one record"""
    if len(records) != 1:
        env = records.env
        raise UserError(
            env._(
                "Choose one record of “%(model)s”: there are %(count)s here.",
                # sudo: only administrators may read the list of models (ir.model)
                model=env["ir.model"].sudo()._get(records._name).name,
                count=len(records),
            )
        )


def browse_one(model, value):
    """Return the record that a caller means by its id or itself, none if there is none.

    :param model: the model of the record
    :param value: whatever the caller sent
    """
    if isinstance(value, BaseModel):
        value = value.id if value._name == model._name and len(value) == 1 else None
    return model.browse(value if _is_number(value) and value else None).exists()


def _is_number(value):
    """Return whether a value may be an id, or a number of records."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def check_values(model, vals):
    """Check that `vals` may be values of the model's records, as for `write`.

    :raise UserError: naming the field that there is not, or what it can't take
    """
    env = model.env
    if not isinstance(vals, dict):
        raise UserError(
            env._(
                "Values are given as a dictionary of field names and values, "
                "not as %(values)s.",
                values=repr(vals),
            )
        )
    for name, value in vals.items():
        if name not in model._fields:
            raise UserError(
                env._(
                    "There is no field “%(field)s” on “%(model)s”. Choose an "
                    "existing field.",
                    field=name,
                    model=model._description,
                )
            )
        if isinstance(value, str) and "\0" in value:
            raise UserError(
                env._(
                    "The value of “%(field)s” holds a NUL character, which can't "
                    "be saved. Remove it.",
                    field=model._fields[name]._description_string(env),
                )
            )


def is_too_long(text):
    """Return whether PostgreSQL might take a text into no ordered index: it compresses
    an entry and takes 2 704 bytes of it.
    """
    # no sign has more than four bytes
    if not isinstance(text, str) or len(text) * 4 <= MAX_BYTES:
        return False
    text = text.encode(errors="replace")
    return len(text) > MAX_BYTES and len(zlib.compress(text)) > MAX_COMPRESSED


def check_lengths(model, vals, names):
    """Refuse what PostgreSQL would refuse with an error of its own.

    :param names: the fields that stand in ordered indexes
    :raise ValidationError: naming the field
    """
    for name in names & vals.keys():
        if is_too_long(value := vals[name]):
            raise ValidationError(
                model.env._(
                    "The value of “%(field)s” is too long: %(count)s characters, "
                    "beginning with “%(start)s”. Shorten it to a few hundred.",
                    field=model._fields[name]._description_string(model.env),
                    count=len(value),
                    start=value[:30],
                )
            )


def check_ids(env, ids):
    """Return the ids as a list.

    :raise UserError: unless they are numbers
    """
    is_list = isinstance(ids, list | tuple)
    if not (is_list and all(_is_number(id_) and id_ for id_ in ids)):
        raise UserError(env._("A list of ids is wanted, not %(ids)s.", ids=repr(ids)))
    return list(ids)


def check_limit(env, limit):
    """:raise UserError: unless `limit` is a number of records, or None for all"""
    if limit is not None and not _is_number(limit):
        raise UserError(
            env._("A number of records is wanted, not %(limit)s.", limit=repr(limit))
        )


def read_domain(env, domain):
    """Return a domain that somebody wrote, all for none; nothing is calculated.

    :param domain: as text or as a list
    :raise UserError: for what is no domain
    """
    try:
        is_text = isinstance(domain, str)
        found = _read_text(domain.strip() or "[]") if is_text else domain or []
        if isinstance(found, Domain):
            return found
        if not isinstance(found, list | tuple):
            raise TypeError(found)
        return Domain(list(found))
    except NO_DOMAIN as error:
        raise _get_no_filter(env, domain) from error


def _read_text(text):
    """Return what a text says; more ids than Odoo reads, which are not nested."""
    if len(text) <= MAX_TEXT and len(re.sub(r"[\d, ]+", "", text)) < MAX_NESTED:
        return ast.literal_eval(ast.parse(text, mode="eval"))
    return ast.literal_eval(text)


def check_domain(model, domain):
    """Return a domain of records of a model, see :func:`read_domain`.

    :raise UserError: also if it can't be searched by
    """
    domain = read_domain(model.env, domain)
    with searching_by(model.env, domain), model.env.cr.savepoint():
        model.search(domain, limit=1)
    return domain


@contextmanager
def searching_by(env, domain):
    """Search inside by a domain that somebody wrote. It costs no query; where
    PostgreSQL refuses, the transaction is over.

    :raise UserError: if it can't be searched by
    """
    try:
        with mute_logger("odoo.sql_db"):
            yield
    except NO_DOMAIN as error:
        raise _get_no_filter(env, domain) from error


def _get_no_filter(env, domain):
    text = domain if isinstance(domain, str) else repr(domain)
    return UserError(
        env._("“%(domain)s” is not a filter: it can't be read.", domain=text[:SHOWN])
    )
