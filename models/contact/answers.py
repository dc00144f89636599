"""What a button answers with: a note at the corner, the screen read again."""


def reload():
    """Return the action that reads the screen again."""
    return {"type": "ir.actions.client", "tag": "soft_reload"}


def close():
    """Return the action that closes the dialog."""
    return {"type": "ir.actions.act_window_close"}


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
