from odoo import models
from odoo.exceptions import ValidationError
from odoo.models import MAGIC_COLUMNS

from ..sync.rights import shown_name
from ..sync.session import open_journal
from ..sync.values import get_value, is_empty, to_write


class MarketingContact(models.Model):
    """Merging contacts, as when linking finds that a card has another one."""

    _inherit = "marketing.contact"

    def _merge_into(self, contact):
        """Merge the contacts into another one, which takes over all they have.

        Links, people, messages and activities move; what is empty on `contact` is
        filled in. The merged contacts are deleted.

        :param contact: the contact that stays
        :raise ValidationError: if the two have different records of the same kind
        """
        sources = self - contact
        sources.check_access("unlink")
        contact.check_access("write")
        with open_journal(self.env, "link"):
            return sources._merge_all_into(contact)

    def _merge_all_into(self, contact):
        """Merge the contacts as :meth:`_merge_into` says, in the open journal."""
        sources = self
        Relation = self.env["marketing.contact.relation"].sudo()
        # sudo: links to cards of companies that the user may not see move as well
        for relation in Relation.search([("contact_id", "in", sources.ids)]):
            twins = contact.sudo().relation_ids.filtered(
                lambda r, relation=relation: (
                    r.kind == relation.kind
                    and (not r.kind or self._get_kind(r.kind).single)
                    and r.company_id == relation.company_id
                    and (
                        r.kind
                        or r.business_relation_id == relation.business_relation_id
                    )
                )
            )
            if twins and relation.kind:
                raise ValidationError(
                    self.env._(
                        "“%(merged)s” and “%(target)s” have different records of the "
                        "kind %(kind)s: “%(source_card)s” and “%(target_card)s”. "
                        "Unlink one of them first.",
                        merged=relation.contact_id.display_name,
                        target=contact.display_name,
                        kind=relation._get_kind_name(),
                        source_card=shown_name(relation._get_card()),
                        target_card=shown_name(twins[0]._get_card()),
                    )
                )
            if twins:
                relation.unlink()
            else:
                relation.contact_id = contact
        sources._merge_references(contact)
        gaps = {}
        for name in self._get_mergeable_fields():
            if is_empty(contact, name, get_value(contact, name)):
                for source in sources:
                    if value := get_value(source, name):
                        gaps[name] = to_write(contact, name, value)
                        break
        names = ", ".join(sources.mapped("display_name"))
        sources.unlink()
        if gaps:
            contact.write(gaps)
        contact._message_log(
            body=self.env._("Merged with the following contacts: %s", names)
        )
        return contact

    def _get_mergeable_fields(self):
        """Return the fields that a merge fills in where they are empty."""
        return [
            name
            for name, field in self._fields.items()
            if field.store
            and name not in MAGIC_COLUMNS
            and not field.readonly
            and not field.related
            and field.type in ("char", "text", "html", "many2one", "many2many", "image")
            and name not in ("number", "parent_id", "company_id", "name")
        ]

    def _merge_references(self, contact):
        """Move what points at the contacts: people, messages, activities, files."""
        self.child_ids.parent_id = contact
        for model_name, model_field, id_field in (
            ("mail.message", "model", "res_id"),
            ("mail.activity", "res_model", "res_id"),
            ("ir.attachment", "res_model", "res_id"),
        ):
            domain = [(model_field, "=", self._name), (id_field, "in", self.ids)]
            if model_name == "ir.attachment":
                domain.append(("res_field", "=", False))
            # sudo: messages and activities of others move with the contact as well
            self.env[model_name].sudo().search(domain).write({id_field: contact.id})
