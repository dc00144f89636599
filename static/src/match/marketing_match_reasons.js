import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const SHOWN = 4;
const TONES = {
    same: "text-bg-success",
    like: "text-bg-warning",
    differs: "text-bg-danger",
};

/** The chance as people read it: what is nearly sure never reads as 100 %. */
export function formatChance(score) {
    return formatFloat(score, { digits: [8, 1] });
}

/** Why two may be the same, at a glance: what weighs most, in the color of its tone. */
export class MatchChips extends Component {
    static template = "marketing_contact.MatchChips";
    static props = { reasons: Array };

    get chips() {
        return this.props.reasons
            .filter((reason) => reason.shown)
            .slice(0, SHOWN)
            .map((reason) => ({
                ...reason,
                css: TONES[reason.tone],
                title: [
                    reason.text,
                    [reason.value, reason.other_value].filter(Boolean).join(" – "),
                ].join("\n"),
            }));
    }
}

export class MarketingMatchReasons extends Component {
    static template = "marketing_contact.MatchReasons";
    static components = { MatchChips };
    static props = { ...standardFieldProps };

    get reasons() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("marketing_match_reasons", {
    component: MarketingMatchReasons,
    supportedTypes: ["json"],
});
