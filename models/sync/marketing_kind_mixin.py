from lxml import etree

from odoo import api, models

from .kinds import get_kinds


class MarketingKindMixin(models.AbstractModel):
    """A model with the field `kind`: its choices and filters are those of the registry.

    In a search view, a separator named `kinds` stands for a filter of each kind.
    """

    _name = "marketing.kind.mixin"
    _description = "Record of a Kind"

    @api.model
    def _get_kind_selection(self, plural=False):
        """Return the kinds as choices, labels in the user's language."""
        return [
            (kind.name, self.env._(kind.plural if plural else kind.label))
            for kind in get_kinds(self.env).values()
        ]

    @api.model
    def _get_card_kind_selection(self):
        """Return the kinds that people choose from: all but those that come along with
        another link.
        """
        kinds = get_kinds(self.env)
        return [
            (name, label)
            for name, label in self._get_kind_selection()
            if not kinds[name].personal
        ]

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        place = arch.find(".//separator[@name='kinds']")
        if place is not None:
            for name, label in self._get_kind_selection(plural=True):
                place.addprevious(
                    etree.Element(
                        "filter",
                        name=f"{name}s",
                        string=label,
                        domain=f"[('kind', '=', '{name}')]",
                    )
                )
        return arch, view
