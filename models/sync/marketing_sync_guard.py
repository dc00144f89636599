from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

from .marketing_sync_journal import JOURNAL
from .sync_terms import TARGET_MODELS


class MarketingSyncGuard(models.AbstractModel):
    """What the engine must not write, and how the editor hears of it (DESIGN §9)."""

    _name = "marketing.sync.guard"
    _description = "Guard of Synchronized Records"

    def _marketing_guarded_fields(self, field_names):
        """Return ``{id: names of the fields that the sync must not write}``.

        Extend to guard records of a model, such as the partners of users.
        """
        return {}

    @api.model
    def _marketing_hold_back(self, effects):
        """Return the effects without those that the guard holds back, and tell."""
        ids = {model_name: {} for model_name in TARGET_MODELS}
        names = {model_name: set() for model_name in TARGET_MODELS}
        for (model_name, id_), field, *_rest in effects:
            ids[model_name][id_] = True
            names[model_name].add(field)
        guarded = {
            (model_name, id_): held
            for model_name, model_ids in ids.items()
            if model_ids
            for id_, held in self.env[model_name]
            .browse(model_ids)
            ._marketing_guarded_fields(names[model_name])
            .items()
        }
        if not guarded:
            return effects
        held_back = [e for e in effects if e.field in guarded.get(e.target, ())]
        if not held_back:
            return effects
        self._marketing_tell_held_back(held_back)
        return [e for e in effects if e.field not in guarded.get(e.target, ())]

    @api.model
    def _marketing_tell_held_back(self, effects):
        """Mark the relations of what was held back and say so on the contacts."""
        # sudo: the editor of a card may lack the right on relations and contacts
        relations = (
            self.env["marketing.contact.relation"]
            .sudo()
            .browse({effect.relation_id for effect in effects})
            .exists()
        )
        relations.filtered(lambda r: r.state != "drifted").state = "drifted"
        records = self._marketing_records({effect.target for effect in effects})
        names_by_target, relations_by_target = defaultdict(set), defaultdict(set)
        for effect in effects:
            names_by_target[effect.target].add(effect.field)
            relations_by_target[effect.target].add(effect.relation_id)
        for target, names in names_by_target.items():
            contacts = relations.filtered(
                lambda r, ids=relations_by_target[target]: r.id in ids
            ).contact_id
            self._marketing_tell(records[target], names, contacts)

    @api.model
    def _marketing_tell(self, record, field_names, contacts):
        """Say on the contacts, or in the preview, what `record` did not take."""
        labels = sorted(
            record._fields[name]._description_string(self.env) for name in field_names
        )
        text = record._marketing_held_back_text(", ".join(labels))
        journal = self._marketing_state().get(JOURNAL)
        if journal and journal.dry:
            journal.held_back.append(text)
            return
        for contact in contacts:
            contact._message_log(body=text)

    def _marketing_held_back_text(self, labels):
        """Return the sentence that says why the record keeps its own values.

        :param str labels: the names of the fields
        """
        return self.env._(
            "“%(record)s” belongs to a user account or to one of our companies and "
            "keeps its own value of: %(fields)s. Whoever may edit that user or company "
            "can change it there.",
            record=self.display_name,
            fields=labels,
        )

    def _marketing_tell_nested(self, held, vals, writing):
        """Tell what is held back where Odoo writes on from a card to its company or
        its people, on the contacts of the cards that it comes from.

        :param list held: pairs of a record and the names of fields held back there
        :param dict vals: what was to be written
        :param dict writing: the nodes in the engine's hands
        """
        for record, names in held:
            differing = {
                name
                for name in names.intersection(vals)
                if name in self._fields
                and record[name]
                != record._fields[name].convert_to_record(
                    record._fields[name].convert_to_cache(vals[name], record), record
                )
            }
            if not differing:
                continue
            # sudo: the editor of a card may lack the right on relations and contacts
            relations = self.env["marketing.contact.relation"].sudo()
            own = relations.search(
                [("partner_id", "=", record.id), ("kind", "!=", False)]
            )
            own.filtered(lambda r: r.state != "drifted").state = "drifted"
            family = (record.commercial_partner_id | record.parent_id).ids
            sources = relations.search(
                [
                    ("partner_id", "in", [i for m, i in writing if m == self._name]),
                    "|",
                    ("partner_id", "child_of", family or record.ids),
                    ("partner_id", "parent_of", record.ids),
                ]
            )
            self._marketing_tell(record, differing, (own | sources).contact_id)

    # ------------------------------------------------------------
    # WHAT ONLY MARKETING'S OWN RULES REFUSE
    # ------------------------------------------------------------

    def _marketing_get_unfit(self, values):
        """Return ``{id: names}`` of values that the records' own rules don't allow and
        that must not stop whoever saves another side (DESIGN §5.1).

        :param dict values: ``{id: {field: value}}``, as the engine plans them
        """
        return {}

    # ------------------------------------------------------------
    # REFUSALS
    # ------------------------------------------------------------

    def _marketing_write_batch(self, values):
        """Write the same values on all records; name the one that refuses them."""
        vals = {
            name: self._marketing_to_write(name, value)
            for name, value in values.items()
        }
        try:
            self.write(dict(vals))
        except UserError as error:
            raise self._marketing_refusal(error, vals) from error

    def _marketing_refusal(self, error, vals):
        """Return `error` in words that name the record and the fields.

        The transaction will be rolled back, so trying the records of a batch one by
        one does no harm.
        """
        culprit = self[:1]
        for record in self if len(self) > 1 else ():
            try:
                record.write(dict(vals))
            except UserError as single_error:
                culprit, error = record, single_error
                break
        names = ", ".join(
            self._fields[name]._description_string(self.env) for name in vals
        )
        if not culprit.sudo(False).has_access("read"):
            message = self.env._(
                "A record that is kept in step with this one, and that you may not "
                "see, can't take the new value of %(fields)s, so nothing was saved. "
                "Ask an administrator of Marketing Contacts.",
                fields=names,
            )
            return type(error)(message)
        message = self.env._(
            "%(model)s “%(record)s” can't take the new value of %(fields)s, so nothing "
            "was saved:\n%(reason)s",
            model=culprit._marketing_role(),
            record=culprit.display_name,
            fields=names,
            reason=error.args[0],
        )
        return type(error)(message)
