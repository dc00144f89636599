import json
import re
from pathlib import Path

from odoo import api, fields, models

from ..sync.kinds import CONTACT_MODEL

SHIPPED = Path(__file__).parent / "headings.json"
# in that file: the headings of columns that make a name together
NAME_PARTS = "name parts"


class MarketingImportHeading(models.Model):
    """What other programs call a field of contacts, for the columns of an import."""

    _name = "marketing.import.heading"
    _description = "Column Heading"
    _order = "field_name, name"

    name = fields.Char(
        string="Column Heading",
        required=True,
        help="As another program writes it; capital letters, blanks and punctuation "
        "make no difference.",
    )
    key = fields.Char(compute="_compute_key", store=True, precompute=True)
    field_name = fields.Selection(
        selection="_get_field_selection", string="Field", required=True
    )
    is_part = fields.Boolean(
        string="Part of the Name",
        help="Columns such as First Name and Last Name are joined to one name.",
    )

    _unique_key = models.Constraint(
        "UNIQUE(key)", "There is a column heading like this one already."
    )

    @api.depends("name")
    def _compute_key(self):
        for heading in self:
            heading.key = get_key(heading.name)

    @api.model
    def _get_field_selection(self):
        """Return the fields that a column may be for, with their labels."""
        Contact = self.env[CONTACT_MODEL]
        labels = Contact.fields_get(attributes=["string", "readonly"])
        return sorted(
            (
                (name, info["string"])
                for name, info in labels.items()
                if not info["readonly"] and can_be_set(Contact, name)
            ),
            key=lambda choice: choice[1],
        )

    @api.model
    def _get_known(self):
        """Return ``{key: (field name, whether it is a part of the name)}``."""
        # sudo: whoever imports may read what managers have said of headings
        found = self.sudo().search_fetch([], ["key", "field_name", "is_part"])
        return {h.key: (h.field_name, h.is_part) for h in found}

    @api.model
    def _load_shipped(self):
        """Add the shipped headings that are not there."""
        known = self._get_known()
        vals_list = []
        for field_name, names in json.loads(SHIPPED.read_text()).items():
            is_part = field_name == NAME_PARTS
            for name in names:
                if get_key(name) not in known:
                    known[get_key(name)] = True
                    vals_list.append(
                        {
                            "name": name,
                            "field_name": "name" if is_part else field_name,
                            "is_part": is_part,
                        }
                    )
        self.create(vals_list)


def get_key(heading):
    """Return what of a heading counts: letters and digits."""
    return re.sub(r"[\W_]+", "", heading or "").casefold()


def can_be_set(model, name, people=False):
    """Return whether an import can set a field of one of our models.

    Not what is only searched or computed, nor the messages, activities and other
    records around a record.

    :param bool people: whether the people of a company may come along with it
    """
    field = model._fields.get(name)
    if field is None or name == "id":
        # a property; the external id
        return True
    if field.type == "one2many":
        return people and name == "child_ids"
    return (
        bool(field.store or field.inverse)
        and name not in models.MAGIC_COLUMNS
        and name != "merged_into_id"
        and "mail" not in field._modules
    )
