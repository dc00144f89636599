import logging
from collections import Counter

from psycopg2 import errors

from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..contact.answers import open_action
from ..contact.input import check_one, check_values
from ..sync.kinds import CONTACT_MODEL
from ..sync.rights import get_readable_names, hidden_name
from ..sync.values import from_json, get_label, get_value, is_empty, to_text
from .preview import describe, get_readable, try_out

_logger = logging.getLogger(__name__)

# How long a notice waits for somebody else's save: who types is not held up.
NOTICE_PATIENCE = "300ms"
# So many people are named one by one.
SHOWN_PEOPLE = 3
# So many records that an edit of several changes are named one by one.
SHOWN_RECORDS = 5


def _key(effect):
    """Return the key of the record that an effect of a preview changes."""
    return effect["model"], effect["id"]


class MarketingFormMixin(models.AbstractModel):
    """What the form of a record that shares values shows about them.

    The preview of a save, the notice at the edit, and the lineage: where a value came
    from, who brought it, when, and what it was before.
    """

    _name = "marketing.form.mixin"
    _description = "Form of a Synchronized Record"

    # ------------------------------------------------------------
    # PREVIEW AND NOTICE
    # ------------------------------------------------------------

    def preview_sync(self, vals):
        """Return what saving `vals` on the records would write elsewhere.

        :param dict vals: as for ``write``
        :return: list of ``{model, id, display_name, field, old, new}``
        :raise UserError: for fields that there are not, and what a save would refuse
        """
        check_values(self, vals)
        effects, _journal = try_out(
            self, lambda env: self.with_env(env).write(dict(vals))
        )
        return effects

    def get_sync_notice(self, vals):
        """Return what to tell about unsaved changes, of the form of a record or of
        several that are edited in the list; False if there is nothing.

        :param dict vals: what was changed, as for ``write``
        :return: str or False
        """
        check_values(self, vals)
        self.check_access("read")
        heard, names = self.browse(), set()
        for record in self:
            shared = record._marketing_get_notice_fields().intersection(vals)
            if shared:
                heard |= record
                names |= shared
        if not names:
            return False
        vals = {name: vals[name] for name in names}

        def save(env):
            env.cr.execute(SQL("SET LOCAL lock_timeout TO %s", NOTICE_PATIENCE))
            heard.with_env(env).write(vals)

        try:
            effects, journal = try_out(heard, save)
        except errors.ReadOnlySqlTransaction:
            # Odoo tries again on the primary
            raise
        except Exception as error:
            # a value that is not complete yet, or somebody saves one of the records
            # right now: the save itself will say so, or wait
            _logger.debug("No notice of %s: %s", heard, error)
            return False
        texts = list(dict.fromkeys(journal.held_back))
        own = {(record._name, record.id) for record in self}
        effects = [effect for effect in effects if _key(effect) not in own]
        if text := self._get_affected_text(effects, journal.shown):
            texts.insert(0, text)
        return " ".join(texts) or False

    def _marketing_get_notice_fields(self):
        """Return the names of the fields of which others hear when they change."""
        return self._marketing_shared_fields() if self.marketing_linked else set()

    def _get_affected_text(self, effects, shown):
        """Return which other records effects change, False for none."""
        if len(self) > 1:
            counts = Counter(
                shown[key].role
                for key in get_readable(self.env, {_key(e) for e in effects})
            )
            if sum(counts.values()) > SHOWN_RECORDS:
                return self.env._(
                    "This also changes %(count)s other records: %(roles)s.",
                    count=sum(counts.values()),
                    roles=", ".join(
                        f"{role} ({n})" for role, n in sorted(counts.items())
                    ),
                )
        names = self._get_affected(effects, shown)
        return names and self.env._("This also changes: %(records)s.", records=names)

    def _get_affected(self, effects, shown):
        """Return the names of the records that effects change, as the user may see;
        of many people of a company their number.
        """
        names = {}
        # sudo: whether they are people; names only of those that the user may read
        contacts = self.env[CONTACT_MODEL].sudo()
        people = contacts.browse(
            {e["id"] for e in effects if e["model"] == CONTACT_MODEL}
        ).filtered("parent_id")
        many = people if len(people) > SHOWN_PEOPLE else people.browse()
        marketer = contacts.sudo(False).has_access("read")
        for effect in effects:
            record = self.env[effect["model"]].browse(effect["id"])
            if effect["model"] == CONTACT_MODEL and effect["id"] in many._ids:
                names[contacts] = self.env._("%s people", len(many))
            elif record not in names:
                if record.has_access("read"):
                    names[record] = describe(self.env, effect, shown)["said"]
                elif not marketer and effect["model"] == CONTACT_MODEL:
                    # sudo: who has no rights on marketing hears that the contact of
                    # their own customer changes along; its name is the customer's
                    names[record] = self.env._(
                        "the marketing contact %s", record.sudo().name
                    )
                elif marketer:
                    # to others it says nothing: another company's vendor, say
                    names[record] = hidden_name(self.env, effect["model"])
        return ", ".join(names.values())

    # ------------------------------------------------------------
    # JOURNAL
    # ------------------------------------------------------------

    def action_view_journal(self):
        """Open the entries of the journal that changed the record."""
        self.ensure_one()
        record = self._marketing_get_journal_record()
        changes = self.env["marketing.sync.change"]._search(
            [("target_model", "=", record._name), ("target_id", "=", record.id)]
        )
        # ids, since an action's domain goes to the client
        ids = {row[0] for row in self.env.execute_query(changes.select("batch_id"))}
        return open_action(
            self.env,
            "marketing_sync_batch_action",
            [("id", "in", sorted(ids))],
            self.env._("Journal of %s", self.display_name),
        )

    def _marketing_get_journal_record(self):
        """Return the record whose values the journal knows."""
        return self

    # ------------------------------------------------------------
    # LINEAGE
    # ------------------------------------------------------------

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
        check_one(self)
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
        values = {name: get_value(record, name) for name in names}
        known = self._get_known_sources(values)
        saved = {
            "model": self._name,
            "id": self.id,
            "display_name": self.display_name,
            "user_id": self.write_uid.id,
            "date": self.write_date,
            "previous": False,
        }
        return [
            ({"field": name, "value": value, **known.get(name, saved)}, name in known)
            for name, value in values.items()
        ]

    def _get_known_sources(self, values):
        """Return ``{field: dict}`` of what the journal knows of where values are from.

        :param dict values: the values of the fields; what the journal does not end in
            is not known
        """
        if not values:
            return {}
        self.env["marketing.sync.change"].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT DISTINCT ON (change.field_name)
                       change.field_name AS field,
                       change.source_model AS model, change.source_id AS id,
                       change.old_value, change.new_value, batch.user_id, batch.date
                  FROM marketing_sync_change change
                  JOIN marketing_sync_batch batch ON batch.id = change.batch_id
                 WHERE change.target_model = %s AND change.target_id = %s
                   AND change.field_name IN %s AND change.state = 'applied'
              ORDER BY change.field_name, change.id DESC
                """,
                self._name,
                self.id,
                tuple(values),
            )
        )
        known = {}
        for row in rows:
            name, old, new = (row.pop(n) for n in ("field", "old_value", "new_value"))
            if from_json(self, name, new) == values[name]:
                known[name] = {**row, "previous": from_json(self, name, old)}
        sources = known.values()
        names = get_readable_names(self.env, {(s["model"], s["id"]) for s in sources})
        for source in sources:
            key = (source["model"], source["id"])
            source["display_name"] = names.get(key, False)
        return known

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
        # sudo: which kinds of links there are; nothing of them is shown
        relations = self.env["marketing.contact.relation"].sudo()
        links = relations.search([(self._marketing_link_column, "=", self.id)])
        shared = self._marketing_shared_fields(links.mapped("kind"))
        for line, known in self._get_lineage_lines():
            name = line["field"]
            own = (line["model"], line["id"]) == (self._name, self.id)
            previous = to_text(self, name, line["previous"])
            if is_empty(self, name, line["value"]) and not previous:
                continue
            if own and name not in shared:
                # nobody else has it: what is shared by other kinds of links
                continue
            texts[name] = [
                {
                    "label": get_label(self, name),
                    "value": to_text(self, name, line["value"]),
                    "source": self._get_source_text(line),
                    # sudo: the name of the user who entered the value
                    "user": users.browse(line["user_id"]).name,
                    "date": line["date"],
                    "previous": previous,
                    "own": own,
                    "known": known,
                }
            ]
        return texts

    def _get_source_text(self, line):
        """Return what the record of a line is and its name, if the user may read it."""
        if not line["display_name"]:
            return hidden_name(self.env, line["model"])
        return self.env[line["model"]].browse(line["id"])._marketing_said()
