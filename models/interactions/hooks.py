"""Hearing of documents that are created and confirmed, on models with a rule only.

As `base_automation` does: methods are put on top of a model's class, so that a document
is recorded when its own `create` is done, and taken away when the last rule goes. A
model without a rule runs no line of ours.
"""

from odoo import api

# the methods that are put on top of a class, by the events that they hear of
CREATE = ("create",)
CONFIRM = ("create", "write", "_compute_field_value")
METHODS = {"create": CREATE, "confirm": CONFIRM}


def _make_create():
    @api.model_create_multi
    def create(self, vals_list, **kwargs):
        records = create.origin(self, vals_list, **kwargs)
        self.env["marketing.interaction"]._record_created(records)
        return records

    return create


def _make_write():
    def write(self, vals, **kwargs):
        if "state" not in vals:
            return write.origin(self, vals, **kwargs)
        recorder = self.env["marketing.interaction"]
        unconfirmed = recorder._get_unconfirmed(self)
        result = write.origin(self, vals, **kwargs)
        recorder._record_confirmed(unconfirmed)
        return result

    return write


def _make_compute_field_value():
    def _compute_field_value(self, field):
        if field.name != "state" or not field.store:
            return _compute_field_value.origin(self, field)
        recorder = self.env["marketing.interaction"]
        unconfirmed = recorder._get_unconfirmed(self)
        result = _compute_field_value.origin(self, field)
        recorder._record_confirmed(unconfirmed)
        return result

    return _compute_field_value


def _make_unregister_hook():
    def _unregister_hook(self):
        # it takes off whatever is on top of the classes, ours included
        result = _unregister_hook.origin(self)
        self.env["marketing.interaction.rule"]._patch_models()
        return result

    return _unregister_hook


MAKERS = {
    "create": _make_create,
    "write": _make_write,
    "_compute_field_value": _make_compute_field_value,
    "_unregister_hook": _make_unregister_hook,
}


def add(registry, wanted):
    """Put our methods on top of the classes of the models that are to have them.

    :param dict wanted: ``{model name: names of methods}``
    :return: whether anything changed
    """
    if "base.automation" in registry:
        wanted = {**wanted, "base.automation": {"_unregister_hook"}}
    added = [
        _patch(registry[model_name], name)
        for model_name, names in wanted.items()
        for name in names
    ]
    return any(added)


def get_unwanted(registry, wanted):
    """Return the pairs of class and name of our methods that nobody needs any more."""
    return [
        (model_class, name)
        for model_name, model_class in registry.items()
        for name in CONFIRM
        if name not in wanted.get(model_name, ())
        and getattr(vars(model_class).get(name), "marketing_contact", False)
    ]


def remove(registry, wanted):
    """Take our methods off the classes of the models that no longer need them."""
    for model_class, name in get_unwanted(registry, wanted):
        _unpatch(model_class, name)


def _patch(model_class, name):
    """Put our method on top of a registry class, unless it is there."""
    method = vars(model_class).get(name)
    while method is not None:
        if getattr(method, "marketing_contact", False):
            return False
        method = getattr(method, "origin", None)
    method = MAKERS[name]()
    method.origin = getattr(model_class, name)
    method.marketing_contact = True
    setattr(model_class, name, method)
    return True


def _unpatch(model_class, name):
    """Take our method off a registry class, if nobody has put another on top.

    Below those of others it stays until the registry is loaded anew; without a rule it
    does nothing but call on.
    """
    method = vars(model_class)[name]
    delattr(model_class, name)
    if getattr(model_class, name) is not method.origin:
        # what was put on the class itself before us
        setattr(model_class, name, method.origin)
