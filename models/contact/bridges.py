"""Extending models of modules that need not be installed.

A class with the decorator :func:`bridge` is not loaded with this module: Odoo refuses
an extension of a model that is not there. It joins the registry of a database that has
the model, whichever module came first, at the end of loading. Where the module is
absent there is nothing of it, no field, column or method.
"""

from odoo.tools.sql import column_exists

from odoo.addons.base.models.ir_model import field_xmlid

MODULE = "marketing_contact"
BRIDGES = []


def bridge(model_class):
    """Let a model class, with `_register` False, join where its model is there."""
    BRIDGES.append(model_class)
    return model_class


def extend(env, update=False):
    """Put the classes on the models that are there, and their columns into the tables.

    :param bool update: whether the module is installed or updated just now: its fields
        are noted then as those that are still in use, or Odoo would remove them
    :return: the names of the models whose table got something new
    """
    # as `base` does it: what extends models at run time is not exported
    from odoo.orm.model_classes import add_to_registry  # noqa: PLC0415

    registry = env.registry
    present = [model for model in BRIDGES if model._name in registry]
    missing = [
        model_class
        for model_class in present
        if model_class not in registry[model_class._name]._base_classes__
    ]
    for model_class in missing:
        add_to_registry(registry, model_class)
    if missing:
        registry._setup_models__(env.cr, [model._name for model in missing])
    new = [model._name for model in present if _lacks_column(env, model._name)]
    if new:
        registry.init_models(env.cr, new, {})
    if new or update:
        _own_fields(env, [model._name for model in present])
    return new


def _get_fields(env, model_name):
    return [f for f in env[model_name]._fields.values() if MODULE in f._modules]


def _lacks_column(env, model_name):
    table = env[model_name]._table
    return any(
        field.store
        and field.column_type
        and not column_exists(env.cr, table, field.name)
        for field in _get_fields(env, model_name)
    )


def _own_fields(env, model_names):
    """Note our fields as ours, to go when this module goes.

    Nothing else: a model that was ours as well would outlive the module that it is of.
    """
    env["ir.model.fields"]._reflect_fields(model_names)
    env["ir.model.data"]._update_xmlids(
        [
            {
                "xml_id": field_xmlid(MODULE, model_name, field.name),
                "record": env["ir.model.fields"]._get(model_name, field.name),
            }
            for model_name in model_names
            for field in _get_fields(env, model_name)
        ]
    )
