from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..links.marks import get_sides
from ..sync.session import open_journal


class MarketingContactRelation(models.Model):
    """Taking back one link that was wrong, however many were made with it."""

    _inherit = "marketing.contact.relation"

    can_undo = fields.Boolean(
        compute="_compute_can_undo",
        help="The journal knows what making the link has changed, and it is yours to "
        "undo.",
    )

    @api.depends("batch_id", "kind")
    @api.depends_context("uid")
    def _compute_can_undo(self):
        manager = self.env.su or self.env.user.has_group(
            "marketing_contact.group_marketing_contact_manager"
        )
        personal = self._get_personal_kinds()
        for relation in self:
            # sudo: users have no right on the journal; who made the link may undo it
            batch = relation.sudo().batch_id
            own = bool(batch) and (manager or batch.user_id == self.env.user)
            relation.can_undo = own and relation.kind not in {False, *personal}

    def action_undo_link(self):
        """Unlink, and put back what linking has filled in on both sides."""
        self.check_access("unlink")
        if not self.exists():
            raise UserError(self.env._("The link is gone already."))
        if not all(relation.can_undo for relation in self):
            raise AccessError(
                self.env._(
                    "Only administrators of Marketing Contacts may undo links that "
                    "others made. Unlink them instead, or ask one of them."
                )
            )
        return self.env["marketing.sync.batch"]._get_undo_action(self._undo_links())

    def _undo_links(self):
        """Undo what the links' entries of the journal did to their contacts: values,
        unless somebody has changed them since, and links, those of people included. The
        rest of the entries stays.

        :return: the changes that were left alone
        """
        # sudo: users have no right on the journal; what is written goes by the rules of
        # the engine, and by who asks
        links = self.sudo()
        batches = links.batch_id
        contacts = (
            links.contact_id
            | links.contact_id.with_context(active_test=False).child_ids
        )
        around = contacts.relation_ids.filtered("kind")
        keys = {(name, id_) for name, ids in get_sides(around).items() for id_ in ids}
        for batch in batches:
            created = batch._get_created()
            keys -= {(created._name, id_) for id_ in created._ids}
        changes = batches.change_ids.filtered(
            lambda change: (change.target_model, change.target_id) in keys
        )
        with open_journal(self.env, "undo") as journal:
            touched = changes._get_targets()
            left = changes.with_env(self.env)._undo()
            made = around.filtered(lambda relation: relation.batch_id in batches)
            journal.note_removed(made)
            made.with_env(self.env).unlink()
            changes._check_links_of(touched)
        return left
