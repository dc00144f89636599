from collections import defaultdict

from odoo import api, models

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
    def _marketing_hold_back(self, effects, records):
        """Return the effects without those that the guard holds back, and tell."""
        ids = {model_name: {} for model_name in TARGET_MODELS}
        names = {model_name: set() for model_name in TARGET_MODELS}
        for effect in effects:
            model_name, id_ = effect.target
            ids[model_name][id_] = True
            names[model_name].add(effect.field)
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
        self._marketing_tell_held_back(held_back, records)
        return [e for e in effects if e.field not in guarded.get(e.target, ())]

    @api.model
    def _marketing_tell_held_back(self, effects, records):
        """Mark the relations of what was held back and say so on the contacts."""
        # sudo: the editor of a card may lack the right on relations and contacts
        relations = (
            self.env["marketing.contact.relation"]
            .sudo()
            .browse({effect.relation_id for effect in effects})
        )
        relations.filtered(lambda r: r.state != "drifted").state = "drifted"
        fields_by_target = defaultdict(set)
        for effect in effects:
            field = records[effect.target]._fields[effect.field]
            fields_by_target[effect.target].add(field._description_string(self.env))
        journal = self._marketing_state().get(JOURNAL)
        for target, names in fields_by_target.items():
            text = self.env._(
                "“%(record)s” belongs to a user account and keeps its own value of: "
                "%(fields)s. Whoever may edit that user can change it there.",
                record=records[target].display_name,
                fields=", ".join(sorted(names)),
            )
            if journal and journal.dry:
                journal.held_back.append(text)
                continue
            for contact in relations.filtered(
                lambda r, target=target: r._get_card_node() == target
            ).contact_id:
                contact._message_log(body=text)
