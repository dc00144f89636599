import io

from odoo import api, fields, models
from odoo.tools import SQL

from . import moves

COLUMNS = ("batch_id", "res_model", "res_id", "field_name", "from_id", "to_id")


class MarketingContactMergeMove(models.Model):
    """What a merge of contacts moved: which record pointed where. No values.

    Plain numbers, by SQL and in bulk: it outlives what it tells of, and goes with its
    entry in the journal.
    """

    _name = "marketing.contact.merge.move"
    _description = "Moved by a Merge of Contacts"
    _log_access = False
    _order = "id"

    batch_id = fields.Many2one(
        comodel_name="marketing.sync.batch",
        required=True,
        ondelete="cascade",
        index=True,
    )
    res_model = fields.Char(string="Model", required=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True
    )
    field_name = fields.Char(string="Technical Field", required=True)
    from_id = fields.Integer(string="Pointed at", required=True)
    to_id = fields.Integer(string="Points at", required=True)

    _from_idx = models.Index("(from_id)")
    _to_idx = models.Index("(to_id)")

    @api.model
    def _note(self, batch, moved):
        """Note what moved in an entry of the journal, ``{Reference: rows}``."""
        lines = [
            f"{batch.id}\t{reference.model}\t{row.id}\t{reference.field}\t"
            f"{row.from_id}\t{row.to_id}\n"
            for reference, rows in moved.items()
            for row in rows
        ]
        if lines:
            self.env.cr.copy_from(
                io.StringIO("".join(lines)), table=self._table, columns=COLUMNS
            )
            self.invalidate_model()

    @api.model
    def _follow(self, journal, survivors):
        """Let all that points at contacts point at others, and note it.

        :param dict survivors: ``{contact id: id of the contact to point at}``
        """
        self._note_in(journal, moves.move_all(self.env, survivors))

    @api.model
    def _note_in(self, journal, moved):
        """Note what moved in the entry of a journal that is to be written."""
        if not journal.dry:
            self._note(journal.get_batch(self.env), moved)

    @api.model
    def _note_late(self, moved):
        """Note what came to merged contacts after their merge, beside what that moved:
        an undo gives it back as well.
        """
        ids = {row.from_id for rows in moved.values() for row in rows}
        if not ids:
            return
        found = self.env.execute_query(
            SQL(
                """
                SELECT (entry ->> 'id')::int, MAX(batch.id)
                  FROM marketing_sync_batch batch, jsonb_array_elements(
                       CASE jsonb_typeof(merged_contacts) WHEN 'array'
                            THEN merged_contacts END) entry
                 WHERE (entry ->> 'id')::int IN %s
                   AND jsonb_typeof(entry -> 'new' -> 0) = 'number'
              GROUP BY 1
                """,
                tuple(ids),
            )
        )
        batch_of = dict(found)
        for batch_id in set(batch_of.values()):
            own = {
                reference: [r for r in rows if batch_of.get(r.from_id) == batch_id]
                for reference, rows in moved.items()
            }
            self._note(self.env["marketing.sync.batch"].browse(batch_id), own)

    @api.model
    def _erase(self, contact_ids):
        """Forget what was moved from or to contacts that are deleted."""
        if contact_ids:
            self.env.cr.execute(
                SQL(
                    """DELETE FROM marketing_contact_merge_move
                        WHERE from_id IN %(ids)s OR to_id IN %(ids)s""",
                    ids=tuple(contact_ids),
                )
            )
            self.invalidate_model()
