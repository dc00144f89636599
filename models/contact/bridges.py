"""Extending models of modules that need not be installed.

A class with the decorator :func:`bridge` is not loaded with this module: Odoo refuses
an extension of a model that is not there. It joins the registry of a database that has
the model, whichever module came first, at the end of loading. Where the module is
absent there is nothing of it, no field, column or method.
"""

from odoo.orm.model_classes import add_to_registry
from odoo.tools.sql import column_exists

MODULE = "marketing_contact"
BRIDGES = []


def bridge(model_class):
    """Let a model class, with `_register` False, join where its model is there."""
    BRIDGES.append(model_class)
    return model_class


def is_extended(registry, model_name):
    """Return whether the model is there, with what we put on it."""
    return any(
        model_class in registry[model_name]._base_classes__
        for model_class in BRIDGES
        if model_class._name == model_name and model_name in registry
    )


def extend(env, update=False):
    """Put the classes on the models that are there, and their columns into the tables.

    :param bool update: whether the module is installed or updated just now: its fields
        are noted then as those that are still in use, or Odoo would remove them
    :return: the names of the models whose table got something new
    """
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
    new = [model._name for model in present if _lacks_column(env, model)]
    if new or update:
        names = [model._name for model in present] if update else new
        registry.init_models(env.cr, names, {"module": MODULE})
    return new


def _lacks_column(env, model_class):
    model = env[model_class._name]
    return any(
        field.store
        and field.column_type
        and MODULE in field._modules
        and not column_exists(env.cr, model._table, field.name)
        for field in model._fields.values()
    )
