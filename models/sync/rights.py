"""Where the engine's rights come from, and what it shows to whom."""

from collections import defaultdict

from ..contact.input import without_defaults
from .kinds import CONTACT_MODEL, RecordKey


def is_manager(env):
    """Return whether the person at work manages the module, or has all rights."""
    return env.su or env.user.has_group(
        "marketing_contact.group_marketing_contact_manager"
    )


def elevated(records):
    """Return the records as the engine reads and writes them: with all rights, pictures
    whole, and without telling a salesperson of each: who was chosen was told before.

    The one place that raises rights to write what is shared: what is
    written there are the shared fields of linked records and nothing else.
    """
    # sudo: the editor may lack the right on other sides, or on fields of this one
    records = without_defaults(records.sudo())
    if records.env.context.get("bin_size"):
        records = records.with_context(bin_size=False)
    return unnoticed(records)


def unnoticed(records):
    """Return the records such that nobody is told of being assigned to them."""
    if records.env.context.get("mail_auto_subscribe_no_notify"):
        return records
    return records.with_context(mail_auto_subscribe_no_notify=True)


def _group(keys):
    """Return ``{model name: ids}`` of record keys, each once and in order."""
    ids = defaultdict(dict)
    for model_name, id_ in keys:
        ids[model_name][id_] = True
    return ids


def get_recordsets(env, keys):
    """Return ``{model name: records}`` of record keys, with the engine's rights."""
    return {
        model_name: elevated(env[model_name].browse(ids))
        for model_name, ids in _group(keys).items()
    }


def get_records(env, keys):
    """Return ``{record key: record}``, as :func:`get_recordsets`."""
    return {
        RecordKey(model_name, record.id): record
        for model_name, records in get_recordsets(env, keys).items()
        for record in records
    }


def get_readable_names(env, keys):
    """Return ``{record key: name}`` of the records that are there and that the person
    at work may read.
    """
    return {
        (model_name, record.id): record.display_name
        for model_name, ids in _group(keys).items()
        if model_name in env
        for record in env[model_name].browse(ids).exists()._filtered_access("read")
    }


def shown_name(record):
    """Return the name of a record for a message, if the person at work may read it."""
    env = record.env
    if record.with_user(env.uid).has_access("read"):
        # sudo: a name may be made of what only others may read
        return record.sudo().display_name
    return hidden_name(env, record._name)


def hidden_name(env, model_name):
    """Return what stands for the name of a record that the person at work may not read.

    Who has no rights on marketing at all meets the contact of their own customer: that
    is what it is called.
    """
    if model_name == CONTACT_MODEL and not env(su=False)[model_name].has_access("read"):
        return env._("the marketing contact")
    return env._("a record that you may not see")


def name_in_chatter(record, contact):
    """Return the record's name for a message that all readers of `contact` read: none
    where they are more than those of the record.
    """
    # sudo: whoever writes the message may not read the contact
    record = record.sudo()
    company = record.company_id if "company_id" in record._fields else None
    if company and company != contact.sudo().company_id:
        return record.env._("of another company")
    return f"“{record.display_name}”"
