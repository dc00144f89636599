from odoo import api, models
from odoo.tools import SQL

SEQUENCE_XMLID = "marketing_contact.sequence_marketing_contact"
SHIPPED_NAME = "Marketing Contacts"


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    @api.depends_context("lang")
    def _compute_display_name(self):
        """Show the shipped series in the user's language: Odoo keeps one name for all.

        One that somebody has renamed is called what they call it.
        """
        result = super()._compute_display_name()
        shipped = self.env.ref(SEQUENCE_XMLID, raise_if_not_found=False)
        if shipped and shipped in self and shipped.name == SHIPPED_NAME:
            shipped.display_name = self.env._("Marketing Contacts")
        return result

    def _marketing_get_other_use(self):
        """Return what else than contacts the sequence numbers, None for nothing.

        That is what its code says, or any record that names it as its own sequence,
        but for its own ranges of dates.
        """
        if not self:
            return None
        if self.code and self.code != "marketing.contact":
            return self.code
        for model_name, model in self.env.items():
            if model._abstract or model._transient or not model._auto:
                continue
            for field in model._fields.values():
                if (
                    field.type == "many2one"
                    and field.comodel_name == self._name
                    and field.store
                    and field.name != "marketing_contact_sequence_id"
                    and model_name != "ir.sequence.date_range"
                    and model.sudo()
                    .with_context(active_test=False)
                    .search_count([(field.name, "in", self.ids)], limit=1)
                ):
                    # sudo: only administrators may read the list of models
                    return self.env["ir.model"].sudo()._get(model_name).name
        return None

    def _marketing_draw_free_numbers(self, count):
        """Return `count` numbers that no contact has, drawn in one query.

        Numbers that an import has given already are skipped (BC: Contact Nos.).
        """
        self.ensure_one()
        numbers = []
        while len(numbers) < count:
            drawn = self._marketing_draw_numbers(count - len(numbers))
            taken = self._marketing_get_taken(drawn)
            numbers += [number for number in drawn if number not in taken]
        return numbers

    def _marketing_get_taken(self, numbers):
        """Return those of the numbers that a contact has, whoever may see it.

        Each is looked up in the order of the numbers: equality would be answered from
        the index for parts of numbers as well, which reads half of it for each.
        """
        self.env["marketing.contact"].flush_model(["number"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contact.number FROM unnest(%s::varchar[]) AS wanted(number)
                  JOIN LATERAL (
                    SELECT number FROM marketing_contact
                     WHERE number >= wanted.number ORDER BY number LIMIT 1
                  ) contact ON contact.number = wanted.number
                """,
                list(numbers),
            )
        )
        return {number for (number,) in rows}

    def _marketing_draw_numbers(self, count):
        """Return the next `count` numbers of the sequence."""
        if self.use_date_range or self.implementation != "standard":
            # one draw each: every date range is a sequence of its own, and one without
            # gaps, to which somebody has switched, is no sequence of PostgreSQL's
            return [self.next_by_id() for _index in range(count)]
        name = f"ir_sequence_{self.id:03d}"
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", name, count)
        )
        prefix, suffix = self._get_prefix_suffix()
        return [f"{prefix}{number:0{self.padding}d}{suffix}" for (number,) in rows]
