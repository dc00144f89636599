from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..contact.answers import open_action
from ..runs.marketing_run import OPEN_STATES
from ..sync.kinds import CONTACT_MODEL, get_kinds
from ..sync.rights import is_manager
from ..sync.session import open_journal
from ..sync.values import PICTURES, comparable_sql, get_notation, text_sql
from .preview import render_taken_back
from .undo import of_links, undo

# How many links one statement of the check looks at: bounded memory and locks.
CHECK_STEP = 250000

# Writes what differs now and was not listed, deletes what was listed and differs no
# longer, or is no longer shared: a check that finds nothing new writes nothing, and no
# two wait for each other unless they list the same. Then PostgreSQL asks for another
# try, as Odoo gives it, where a broken constraint would be final.
RENEW = """
    WITH found (relation_id, contact_field, card_field, contact_value, card_value)
         AS MATERIALIZED (%(found)s),
    gone AS (
        DELETE FROM marketing_sync_difference listed
         USING marketing_contact_relation relation
         WHERE relation.id = listed.relation_id AND %(condition)s
           AND NOT EXISTS (
               SELECT FROM found
                WHERE found.relation_id = listed.relation_id
                  AND found.contact_field = listed.contact_field
                  AND found.card_field = listed.card_field))
    INSERT INTO marketing_sync_difference AS listed
        (relation_id, contact_field, card_field, contact_value, card_raw)
    SELECT * FROM found
    ON CONFLICT (relation_id, contact_field, card_field) DO UPDATE
       SET contact_value = EXCLUDED.contact_value, card_raw = EXCLUDED.card_raw
     WHERE (listed.contact_value, listed.card_raw)
           IS DISTINCT FROM (EXCLUDED.contact_value, EXCLUDED.card_raw)
    """


class MarketingContactRelation(models.Model):
    """Finding where contacts and cards have come apart, set-wise in SQL, and undoing
    one link that was wrong, however many were made with it.
    """

    _inherit = "marketing.contact.relation"

    can_undo = fields.Boolean(
        compute="_compute_can_undo",
        help="The journal knows what making the link has changed, and it is yours to "
        "undo.",
    )
    undo_preview = fields.Html(
        string="What Goes Back",
        compute="_compute_undo_preview",
        sanitize=False,
        export_string_translation=False,
    )

    @api.depends("batch_id", "kind")
    @api.depends_context("uid")
    def _compute_can_undo(self):
        manager = is_manager(self.env)
        personal = get_kinds(self.env).personal
        for relation in self:
            # sudo: users have no right on the journal; who made the link may undo it
            batch = relation.sudo().batch_id
            own = bool(batch) and (manager or batch.user_id == self.env.user)
            relation.can_undo = own and relation.kind not in {False, *personal}

    @api.depends("can_undo")
    @api.depends_context("uid", "lang")
    def _compute_undo_preview(self):
        """Show what goes back where the values do not stay."""
        for relation in self:
            relation.undo_preview = relation.can_undo and render_taken_back(
                self.env, [scope.changes for scope in of_links(relation._origin)]
            )

    def action_unlink(self):
        """Remove the link, and offer to take that back."""
        names = ", ".join(filter(None, self.mapped("card_name")))
        with open_journal(self.env, "link") as journal:
            action = super().action_unlink()
        offer = journal.offer_undo(
            self.env, self.env._("Unlinked: %s.", names), next=action
        )
        return offer if names else action

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
        """Undo what the links' entries of the journal did to their contacts; the rest
        of the entries stays. Return the :class:`Outcome`.
        """
        return undo(self.env, of_links(self), delete_made=True)

    # ------------------------------------------------------------
    # DIFFERENCES
    # ------------------------------------------------------------

    def check_differences(self):
        """Compare contacts and cards by value and list the differences.

        On no relations: all of them. Empty and NULL are the same, so are values that
        differ in their notation only (spaces in phone numbers, capitals in e-mails,
        the order of tags).

        :return: the differences found
        """
        self.check_access("read")
        self.env.flush_all()
        Relation = self.env["marketing.contact.relation"]
        if self:
            self._check_differences_of(SQL("relation.id IN %s", tuple(self.ids)))
            domain = [("relation_id", "in", self.ids)]
        else:
            for low, high in Relation._get_check_steps(0):
                Relation._check_differences_of(
                    SQL("relation.id > %s AND relation.id <= %s", low, high)
                )
            domain = []
        return self.env["marketing.sync.difference"].search(domain)

    @api.model
    def _get_check_steps(self, after):
        """Yield the bounds ``(low, high]`` of the ids to look at, so many links a step,
        however far their ids lie apart.
        """
        while True:
            step = SQL(
                """
                SELECT MAX(id) FROM (
                    SELECT id FROM marketing_contact_relation
                     WHERE id > %s ORDER BY id LIMIT %s) step
                """,
                after,
                CHECK_STEP,
            )
            ((last,),) = self.env.execute_query(step)
            if not last:
                return
            yield after, last
            after = last

    @api.model
    def _check_differences_of(self, condition):
        """Renew the differences, and the states, of the relations of a condition."""
        found = [SQL("SELECT 0, '', '', '', '' WHERE FALSE")]
        for kind in get_kinds(self.env):
            for _lines, query in self._get_difference_queries(kind, condition):
                found.append(SQL("SELECT * FROM (%s) differing", query))
        found = SQL(" UNION ALL ").join(found)
        self.env.cr.execute(SQL(RENEW, found=found, condition=condition))
        self._renew_states(condition)
        self.env["marketing.sync.difference"].invalidate_model()
        self.invalidate_model(["state"])

    @api.model
    def _renew_states(self, condition):
        """Bring the states of the relations of a condition up to date."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE marketing_contact_relation relation
                   SET state = found.state
                  FROM (
                    SELECT relation.id,
                           CASE WHEN EXISTS (
                                SELECT FROM marketing_sync_difference difference
                                 WHERE difference.relation_id = relation.id)
                                THEN 'drifted' ELSE 'equal' END AS state
                      FROM marketing_contact_relation relation
                     WHERE %s) found
                 WHERE found.id = relation.id AND found.state != relation.state
                """,
                condition,
            )
        )

    @api.model
    def _get_difference_queries(self, kind, condition):
        """Return queries of the differences of one kind, each with the lines of the map
        that it looks at: all values at once, pictures one by one.
        """
        lines = self.env["marketing.sync.field"]._get_kind_map(kind)
        # a side that does not send its changes may have a value of its own
        lines = [line for line in lines if line.both_ways]
        pictures = [line for line in lines if self._is_picture(line)]
        others = [line for line in lines if line not in pictures]
        groups = filter(None, [others, *([line] for line in pictures)])
        return [(group, self._get_query(group, condition)) for group in groups]

    @api.model
    def _get_query(self, lines, condition):
        """Return the query of the differences in lines of a kind that are kept in the
        same tables.

        The links that differ at all are found first, by one pass over the tables; only
        those are then looked at field by field.
        """
        contact_fields = self.env[CONTACT_MODEL]._fields
        tests, rows, columns, others = [], [], [], []
        for line in lines:
            sides = self._get_sides_sql(line)
            test = self._get_test_sql(*sides, line.keep_filled)
            tests.append(test)
            rows.append(self._get_row_sql(line, sides, test))
            if contact_fields[line.contact_field].column_type:
                columns.append(line)
            else:
                others.append(test)
        return SQL(
            """
            SELECT relation.id AS relation_id, field.contact_field, field.card_field,
                   field.contact_value, field.card_value
              FROM %(links)s
              CROSS JOIN LATERAL (VALUES %(rows)s) AS field
                   (contact_field, card_field, contact_value, card_value, differs)
             WHERE relation.kind = %(kind)s AND %(condition)s
               AND %(raw)s
               AND (%(any)s)
               AND field.differs
               FOR KEY SHARE OF relation
            """,
            links=self._get_links_sql(lines[0]),
            raw=self._get_raw_test_sql(columns, others),
            rows=SQL(", ").join(rows),
            kind=lines[0].kind,
            condition=condition,
            any=SQL(" OR ").join(tests),
        )

    @api.model
    def _get_row_sql(self, line, sides, test):
        """Return a row of a line's fields, their values as texts, and `test`."""
        if not self._is_picture(line):
            sides = (
                text_sql(self.env[CONTACT_MODEL], "contact", line.contact_field),
                text_sql(self.env[line.shared_model], "card", line.card_field),
            )
        names = (line.contact_field, line.card_field)
        return SQL("(%s, %s, %s, %s, %s)", *names, *sides, test)

    @api.model
    def _is_picture(self, line):
        """Return whether the line's values are attachments, compared by checksum."""
        field = self.env[CONTACT_MODEL]._fields[line.contact_field]
        return field.type in PICTURES

    @api.model
    def _get_sides_sql(self, line):
        """Return the SQL of a line's two values such that equal values are equal."""
        if self._is_picture(line):
            return SQL("contact.checksum"), SQL("card.checksum")
        contact_model = self.env[CONTACT_MODEL]
        card_model = self.env[line.shared_model]
        # both sides are read alike, whatever the card's field is called
        notation = get_notation(contact_model, line.contact_field)
        return (
            comparable_sql(contact_model, "contact", line.contact_field, notation),
            comparable_sql(card_model, "card", line.card_field, notation),
        )

    @api.model
    def _get_test_sql(self, contact_sql, card_sql, keep_filled):
        """Return the SQL of whether two values differ."""
        test = SQL("%s IS DISTINCT FROM %s", contact_sql, card_sql)
        if not keep_filled:
            return test
        # there an emptied value leaves the other side filled
        return SQL(
            "(%s AND %s IS NOT NULL AND %s IS NOT NULL)", test, contact_sql, card_sql
        )

    @api.model
    def _get_raw_test_sql(self, lines, others):
        """Return the SQL of whether a column differs to the letter, or another value.

        Nearly all links are the same to the letter, and asking that costs a tenth of
        asking whether they are the same in another notation.

        :param lines: the lines of the map whose values are columns
        :param list[SQL] others: whether the values of the others differ
        """
        tests = list(others)
        if lines:
            contact = [SQL.identifier("contact", line.contact_field) for line in lines]
            card = [SQL.identifier("card", line.card_field) for line in lines]
            rows = SQL(", ").join(contact), SQL(", ").join(card)
            tests.append(SQL("ROW(%s) IS DISTINCT FROM ROW(%s)", *rows))
        return SQL("(%s)", SQL(" OR ").join(tests))

    @api.model
    def _get_links_sql(self, line):
        """Return the links with the tables of a line's values, for a FROM clause."""
        column = SQL.identifier(get_kinds(self.env)[line.kind].shared_column)
        if not self._is_picture(line):
            return SQL(
                """marketing_contact_relation relation
                  JOIN marketing_contact contact ON contact.id = relation.contact_id
                  JOIN %s card ON card.id = relation.%s""",
                SQL.identifier(self.env[line.shared_model]._table),
                column,
            )
        # few: looking them up link by link would cost more than all other fields
        pictures = [
            SQL(
                """(WITH found AS MATERIALIZED (
                    SELECT res_id, checksum FROM ir_attachment
                     WHERE res_model = %s AND res_field = %s)
                    SELECT * FROM found)""",
                *side,
            )
            for side in (
                (CONTACT_MODEL, line.contact_field),
                (line.shared_model, line.card_field),
            )
        ]
        return SQL(
            """marketing_contact_relation relation
              LEFT JOIN %s contact ON contact.res_id = relation.contact_id
              LEFT JOIN %s card ON card.res_id = relation.%s""",
            *pictures,
            column,
        )

    @api.model
    def _count_differences(self, line):
        """Count what sharing two fields comes to, in one query.

        Of all links, whoever may see them: the map is the same for all companies.

        :param line: a :class:`SharedField`, in the map or not
        :return: how many links there are, how many of them differ, and how many of
            these are filled on both sides
        """
        self.env.flush_all()
        contact_sql, card_sql = self._get_sides_sql(line)
        (counts,) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*),
                       COUNT(*) FILTER (WHERE %(test)s),
                       COUNT(*) FILTER (WHERE %(filled)s)
                  FROM %(links)s
                 WHERE relation.kind = %(kind)s
                """,
                test=self._get_test_sql(contact_sql, card_sql, line.keep_filled),
                filled=self._get_test_sql(contact_sql, card_sql, True),
                links=self._get_links_sql(line),
                kind=line.kind,
            )
        )
        return counts

    @api.readonly
    def action_view_differences(self):
        """Open what differs between the two sides of the link, to be repaired there."""
        self.ensure_one()
        return open_action(
            self.env,
            "marketing_sync_difference_action",
            [("relation_id", "=", self.id)],
            self.env._("Differences of %s", self.card_name or ""),
        )

    @api.model
    def _cron_check_differences(self):
        """Check all links, part by part; an interrupted check goes on."""
        runs = self.env["marketing.run"]
        run = runs.search(
            [("origin", "=", "check"), ("state", "in", OPEN_STATES)], limit=1
        )
        (run or runs._start("check", {}).sudo())._work()
