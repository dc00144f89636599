from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class MarketingSyncLineage(models.AbstractModel):
    """Where a shared value came from, who brought it, when, and what it was before."""

    _name = "marketing.sync.lineage"
    _description = "Lineage of Shared Values"

    def get_lineage(self):
        """Return where each shared value of the record came from.

        :return: list of ``{field, value, model, id, display_name, user_id, date,
            previous}``, a dict for each shared field. `model` and `id` say on which
            record the value was entered, `display_name` is False if the user may not
            read that one; `previous` is the value before, False if unknown
        :raise AccessError: if the user may not read the record
        """
        return [line for line, _known in self._get_lineage_lines()]

    def _get_lineage_lines(self):
        """Return the lines of :meth:`get_lineage`, and whether the journal knows them.

        What was entered without reaching anybody is in no journal; all that is known
        then is who saved the record last.
        """
        self._marketing_check_one()
        self.check_access("read")
        if not self.env.su and not self.env.user._is_internal():
            raise AccessError(
                self.env._("Where values came from is for users of the company only.")
            )
        record = self.with_context(bin_size=False)
        names = sorted(
            name
            for name in self._marketing_shared_fields()
            if self._has_field_access(self._fields[name], "read")
        )
        changes = self._get_last_changes(names)
        readable = {}
        result = []
        for name in names:
            value = record._marketing_value(name)
            line = {
                "field": name,
                "value": value,
                "model": self._name,
                "id": self.id,
                "display_name": self.display_name,
                "user_id": self.write_uid.id,
                "date": self.write_date,
                "previous": False,
            }
            change = changes.get(name)
            known = bool(
                change and self._marketing_from_json(name, change["new_value"]) == value
            )
            if known:
                source = (change["source_model"], change["source_id"])
                if source not in readable:
                    readable[source] = self._get_readable_name(*source)
                line.update(
                    model=source[0],
                    id=source[1],
                    display_name=readable[source],
                    user_id=change["user_id"],
                    date=change["date"],
                    previous=self._marketing_from_json(name, change["old_value"]),
                )
            result.append((line, known))
        return result

    def _get_last_changes(self, names):
        """Return ``{field: row}`` of each field's last change, from the journal."""
        if not names:
            return {}
        self.env["marketing.sync.change"].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT DISTINCT ON (change.field_name)
                       change.field_name, change.source_model, change.source_id,
                       change.old_value, change.new_value, batch.user_id, batch.date
                  FROM marketing_sync_change change
                  JOIN marketing_sync_batch batch ON batch.id = change.batch_id
                 WHERE change.target_model = %s AND change.target_id = %s
                   AND change.field_name IN %s AND change.state = 'applied'
              ORDER BY change.field_name, change.id DESC
                """,
                self._name,
                self.id,
                tuple(names),
            )
        )
        return {row["field_name"]: row for row in rows}

    def _get_readable_name(self, model_name, record_id):
        """Return a record's name, False if it is gone or not the user's to read."""
        if model_name not in self.env:
            return False
        record = self.env[model_name].browse(record_id).exists()
        return record.display_name if record and record.has_access("read") else False

    def get_lineage_texts(self):
        """Return the lineage as a person reads it, for the form to show beside values.

        :return: ``{field of the form: list of {label, value, source, user, date,
            previous, own, known}}``; `source` is what the other record is and its name,
            `own` whether it is this very record, `known` False if nothing but the last
            save of the record is known
        :raise AccessError: if the user may not read the record
        """
        users = self.env["res.users"].sudo()
        texts = {}
        for line, known in self._get_lineage_lines():
            name = line["field"]
            previous = self._marketing_format_value(name, line["previous"])
            if self._marketing_is_empty(line["value"], name) and not previous:
                continue
            texts[name] = [
                {
                    "label": self._fields[name]._description_string(self.env),
                    "value": self._marketing_format_value(name, line["value"]),
                    "source": self._get_source_text(line),
                    # sudo: the name of the user who entered the value
                    "user": users.browse(line["user_id"]).name,
                    "date": line["date"],
                    "previous": previous,
                    "own": (line["model"], line["id"]) == (self._name, self.id),
                    "known": known,
                }
            ]
        return texts

    def _get_source_text(self, line):
        """Return what the record of a line is and its name, if the user may read it."""
        if not line["display_name"]:
            return self.env._("another record")
        role = self.env[line["model"]].browse(line["id"])._marketing_role()
        return f"{role} {line['display_name']}"
