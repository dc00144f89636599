"""What a button answers with: a note at the corner, a list, the screen read again."""


def reload():
    """Return the action that reads the screen again."""
    return {"type": "ir.actions.client", "tag": "soft_reload"}


def close():
    """Return the action that closes the dialog."""
    return {"type": "ir.actions.act_window_close"}


def open_action(env, xml_id, domain=None, name=None, **context):
    """Return one of the module's actions, narrowed down.

    :param str xml_id: its XML id, without the module
    :param domain: of the records that it shows, by default its own
    :param str name: what its screen is called, by default its own name
    :param context: in place of its own
    """
    action = env["ir.actions.act_window"]._for_xml_id(f"marketing_contact.{xml_id}")
    if domain is not None:
        action["domain"] = list(domain)
    if name:
        action["display_name"] = action["name"] = name
    return {**action, "context": context}


def open_form(name, model, target="current", view_id=False, **context):
    """Return the action that opens a new record.

    :param str name: what its screen is called
    :param str model: the name of its model
    :param str target: where it opens, ``new`` for a dialog
    :param view_id: the form's, by default the usual one
    :param context: what it is filled in with
    """
    return {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": model,
        "view_mode": "form",
        "views": [(view_id, "form")],
        "target": target,
        "context": context,
    }


def notify(message, kind="success", **params):
    """Return the action that shows a note.

    :param str message: what it says
    :param str kind: ``success``, ``info``, ``warning`` or ``danger``
    :param params: further ones of `display_notification`, such as `title`, `sticky`,
        and `next`: what is done beside it
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {"type": kind, "message": message, **params},
    }
