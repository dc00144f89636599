from collections import defaultdict

from odoo import api, models

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
        names_by_node = defaultdict(set)
        for effect in effects:
            names_by_node[effect.target].add(effect.field)
        guarded = {}
        for model_name in TARGET_MODELS:
            nodes = [node for node in names_by_node if node[0] == model_name]
            if nodes:
                names = set().union(*(names_by_node[node] for node in nodes))
                targets = records[nodes[0]].browse(id_ for _name, id_ in nodes)
                for id_, held in targets._marketing_guarded_fields(names).items():
                    guarded[model_name, id_] = held
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
        for relation in relations:
            for target, names in fields_by_target.items():
                if target == relation._get_card_node():
                    relation.contact_id._message_log(
                        body=self.env._(
                            "“%(record)s” belongs to a user account and keeps its own "
                            "value of: %(fields)s. Whoever may edit that user can "
                            "change it there.",
                            record=records[target].display_name,
                            fields=", ".join(sorted(names)),
                        )
                    )
