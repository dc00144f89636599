from odoo import api, models

from ..models.contact.input import without_defaults
from ..models.links.align import align
from ..models.links.put import put
from ..models.people import people
from ..models.sync.kinds import get_kinds
from ..models.sync.session import open_journal


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys_generic(self, model, src_records, dst_record):
        """Let the relations follow the survivor before Odoo rewrites foreign keys.

        Odoo does so by SQL and deletes, without a word, what then breaks a constraint.
        """
        if model in ("res.partner", "res.partner.bank"):
            self._marketing_merge_relations(src_records, dst_record)
        # sudo: whoever merges partners may have no right on proposals
        self.env["marketing.match"].sudo()._follow_merge(
            model, src_records.ids, dst_record.id
        )
        return super()._update_foreign_keys_generic(model, src_records, dst_record)

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Bring the survivor in line with the contact that came with a merged one."""
        # sudo: whoever merges partners may have no right on contacts
        Relation = self.env["marketing.contact.relation"].sudo()
        before = Relation.search([("partner_id", "in", partner_ids)])
        survivors = {relation.id: relation.partner_id for relation in before}
        if not before:
            return super()._merge(partner_ids, dst_partner, extra_checks)
        # one entry of the journal for all that the merge does to contacts and cards
        with open_journal(self.env, "save"):
            result = super()._merge(partner_ids, dst_partner, extra_checks)
            moved = before.exists().filtered(lambda r: r.partner_id != survivors[r.id])
            align(moved, master="card")
            # children have moved along with their partner, the links before them
            people.follow_links(
                moved.filtered("kind"),
                {"res.partner": (moved | before.exists()).partner_id.ids},
            )
        return result

    @api.model
    def _marketing_merge_relations(self, src_records, dst_record):
        """Move the relations of merged cards to the survivor.

        A card has one contact: where the survivor has another one already, the merged
        card's contact keeps its data without a link, and both contacts are told.
        """
        column = next(
            column
            for column, model_name in get_kinds(self.env).columns.items()
            if model_name == src_records._name
        )
        # sudo: whoever merges partners may have no right on contacts and relations
        Relation = self.env["marketing.contact.relation"].sudo()
        kept = Relation.search([(column, "=", dst_record.id)])
        for relation in Relation.search([(column, "in", src_records.ids)]):
            contact = kept.contact_id[:1]
            if contact and contact != relation.contact_id:
                self._marketing_report_merge(relation, contact, dst_record)
                relation.unlink()
            elif relation.kind in kept.mapped("kind"):
                relation.unlink()
            else:
                put(
                    relation,
                    [{column: dst_record.id}],
                    align=False,
                    new_cards=False,
                    ties=False,
                )
                kept |= relation

    @api.model
    def _marketing_report_merge(self, relation, contact, survivor):
        """Tell two contacts that their cards became one."""
        message = self.env._(
            "“%(card)s” was merged into “%(survivor)s”, which belongs to the contact "
            "“%(contact)s”. The contact “%(other)s” is no longer linked with it; merge "
            "the two contacts if they are the same.",
            card=relation._get_card().display_name,
            survivor=survivor.display_name,
            contact=contact.display_name,
            other=relation.contact_id.display_name,
        )
        for told in contact | relation.contact_id:
            told.message_post(body=message)
        self.env["marketing.match"].sudo()._propose_double(contact, relation.contact_id)
        told = without_defaults(relation.contact_id)
        told.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Merge with %s?", contact.display_name),
            user_id=relation.contact_id.user_id.id or self.env.uid,
        )

    def _process_query(self, query):
        """Do not propose to merge cards of one contact: they are apart on purpose."""
        result = super()._process_query(query)
        for line in self.line_ids:
            partners = self.env["res.partner"].browse(
                int(id_) for id_ in line.aggr_ids.strip("[]").split(",")
            )
            # sudo: whoever merges partners may have no right on contacts
            relations = partners.sudo().marketing_relation_ids
            if (
                len(relations.contact_id) == 1
                and relations.partner_id.with_env(self.env) == partners
            ):
                line.unlink()
                self.number_group -= 1
        return result
