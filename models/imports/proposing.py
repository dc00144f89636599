"""Who is the same as those who were imported, looked for once for all of them."""

from ..contact.trial import is_trial
from ..sync.kinds import CONTACT_MODEL


def propose_for_imported(records):
    """Propose who of the other side is the same as imported contacts or partners.

    Not for a test, nor for what is installed with a module.
    """
    env = records.env
    if is_trial(env.cr) or env.context.get("install_mode"):
        return
    if records._name == CONTACT_MODEL:
        env["marketing.match"]._propose_for(records)
    elif records._name == "res.partner":
        # sudo: whoever imports partners may have no right on contacts
        unlinked = records.sudo().filtered(
            lambda p: p.commercial_partner_id == p and not p.marketing_relation_ids
        )
        if unlinked:
            env["marketing.match"]._propose_for(unlinked)
