from odoo import api, models
from odoo.fields import Domain

from ..sync.kinds import get_kinds


class MarketingContact(models.Model):
    """What an empty list of contacts offers to begin with."""

    _inherit = "marketing.contact"

    @api.model
    def get_first_steps(self):
        """Return buttons for what the user may do where there is no contact at all yet.

        Asked for by the empty list itself: the web client keeps the text of an action.

        :return: HTML, empty if there are contacts or none may be created
        """
        if not self.has_access("create") or self.search_count([], limit=1):
            return ""
        people = self.env.context.get("default_is_company") is False
        return self.env["ir.qweb"]._render(
            "marketing_contact.empty_list",
            {
                "is_company": not people,
                "sources": [] if people else self._get_sources(),
            },
        )

    @api.model
    def _get_sources(self):
        """Return what contacts can be created from, as far as the user may see it.

        :return: list of ``{kind, name, count}``
        """
        sources = []
        for kind in get_kinds(self.env).values():
            Card = self.env[kind.card_model]
            if kind.personal or not Card.has_access("read"):
                continue
            domain = Domain(Card._marketing_kind_domain(kind.name))
            domain &= Card._marketing_new_cards_domain(kind.name)
            if count := Card.search_count(domain):
                name = self.env._(kind.plural)
                sources.append({"kind": kind.name, "name": name, "count": count})
        return sources

    @api.model
    def action_import(self):
        """Open the import of contacts, companies unless the rows say otherwise."""
        return self._get_import_action(is_company=True)

    @api.model
    def action_import_people(self):
        """Open the import of people."""
        return self._get_import_action(is_company=False)

    @api.model
    def _get_import_action(self, is_company):
        # the web client calls the methods without the context of the list
        return {
            "type": "ir.actions.client",
            "tag": "import",
            "name": self.env._("Import Contacts"),
            "params": {
                "active_model": self._name,
                "context": {"default_is_company": is_company},
            },
        }
