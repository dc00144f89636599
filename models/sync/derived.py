"""What Odoo derives from a shared value: taken over where both sides derive it alike.

Reading a phone number takes Odoo longer than all that the sync does with it, and the
contact and its cards would each read the same one.
"""

from typing import NamedTuple

from .rights import elevated
from .values import get_values


class Derived(NamedTuple):
    """A stored computed field.

    :ivar field: its name, on whatever model has it
    :ivar inputs: the fields that it is computed of
    :ivar methods: the methods that must be the same for two models to compute it alike
    """

    field: str
    inputs: tuple
    methods: tuple


DERIVED = {
    "phone": Derived(
        "phone_sanitized",
        ("phone", "country_id"),
        (
            "_compute_phone_sanitized",
            "_phone_format",
            "_phone_format_number",
            "_phone_get_country",
        ),
    ),
    "email": Derived("email_normalized", ("email",), ("_compute_email_normalized",)),
}


def are_alike(model, other, derived):
    """Return whether two models derive a field alike."""
    return (
        all(derived.field in side._fields for side in (model, other))
        and all(
            name in side._fields for side in (model, other) for name in derived.inputs
        )
        and all(
            getattr(type(model), name, None) is getattr(type(other), name, None)
            for name in derived.methods
        )
        and model._phone_get_number_fields() == other._phone_get_number_fields()
    )


def take_over(env, planned):
    """Give records that got a shared value what its source has derived from it.

    :param list[PlannedWrite] planned: what was written
    """
    pairs = {}
    for write in planned:
        if write.field in DERIVED and write.source != write.target:
            key = (write.field, write.target[0], write.source[0])
            pairs.setdefault(key, {})[write.target[1]] = write.source[1]
    for (name, model_name, source_name), sources_by_target in pairs.items():
        derived = DERIVED[name]
        if not are_alike(env[model_name], env[source_name], derived):
            continue
        targets = elevated(env[model_name].browse(sources_by_target))
        sources = elevated(
            env[source_name].browse(dict.fromkeys(sources_by_target.values()))
        )
        own = [get_values(targets, field) for field in derived.inputs]
        theirs = [get_values(sources, field) for field in derived.inputs]
        alike = {
            id_: source_id
            for id_, source_id in sources_by_target.items()
            if all(
                mine[id_] == other[source_id]
                for mine, other in zip(own, theirs, strict=True)
            )
        }
        field = targets._fields[derived.field]
        # before the sources are asked: Odoo computes what is pending all at once
        env.remove_to_compute(field, targets.browse(alike))
        known = get_values(sources, derived.field)
        by_value = {}
        for id_, source_id in alike.items():
            by_value.setdefault(known[source_id], []).append(id_)
        for value, ids in by_value.items():
            records = targets.browse(ids)
            with env.protecting([field], records):
                records[derived.field] = value


def get_derived_values(records, names, model):
    """Return ``{field: {id: value}}`` of what records of another model would derive
    from shared values as these do.

    :param records: where the values come from
    :param names: the shared fields that the others get under the same names
    :param model: the model of the others
    """
    return {
        derived.field: get_values(records, derived.field)
        for derived in DERIVED.values()
        if names.issuperset(derived.inputs) and are_alike(records, model, derived)
    }


def skip_computing(records, vals_list):
    """Keep the derived values that records were made with.

    :param list vals_list: the values of each record, in their order
    """
    for derived in DERIVED.values():
        known = [
            record.id
            for record, vals in zip(records, vals_list, strict=True)
            if derived.field in vals
        ]
        if known:
            field = records._fields[derived.field]
            records.env.remove_to_compute(field, records.browse(known))
