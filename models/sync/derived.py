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


def copy_derived(env, planned):
    """Give records that got a shared value what its source has derived from it.

    :param list[PlannedWrite] planned: what was written
    """
    pairs = {}
    for write in planned:
        if write.field in DERIVED and write.source != write.target:
            key = (write.field, write.target[0], write.source[0])
            pairs.setdefault(key, {})[write.target[1]] = write.source[1]
    alike = []
    for (name, model_name, source_name), source_ids in pairs.items():
        derived = DERIVED[name]
        if are_alike(env[model_name], env[source_name], derived):
            targets = elevated(env[model_name].browse(source_ids))
            sources = elevated(env[source_name].browse(set(source_ids.values())))
            same = _get_same(targets, sources, source_ids, derived)
            alike.append((derived.field, targets.browse(same), sources, same))
    for field_name, targets, _sources, _same in alike:
        # before any source is asked: Odoo computes all that is pending of a model
        env.remove_to_compute(targets._fields[field_name], targets)
    for field_name, targets, sources, same in alike:
        known = get_values(sources, field_name)
        by_value = {}
        for id_, source_id in same.items():
            by_value.setdefault(known[source_id], []).append(id_)
        for value, ids in by_value.items():
            records = targets.browse(ids)
            with env.protecting([targets._fields[field_name]], records):
                records[field_name] = value


def _get_same(targets, sources, source_ids, derived):
    """Return ``{target id: source id}`` of those whose inputs are the same."""
    own = [get_values(targets, field) for field in derived.inputs]
    theirs = [get_values(sources, field) for field in derived.inputs]
    return {
        id_: source_id
        for id_, source_id in source_ids.items()
        if all(
            mine[id_] == other[source_id]
            for mine, other in zip(own, theirs, strict=True)
        )
    }


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
