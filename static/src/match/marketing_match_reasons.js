import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const SHOWN = 4;
// from this chance on, in per cent, two are very likely the same
const VERY_LIKELY = 90;
// more likely than not
const LIKELY = 50;
const TONES = {
    same: "text-bg-success",
    like: "text-bg-warning",
    differs: "text-bg-danger",
};

// also for whom colours are all the same
const SIGNS = { same: "+", like: "≈", differs: "−" };

/** The chance in words, as it begins a sentence: nobody decides by a decimal place. */
export function sayChance(score) {
    if (score >= VERY_LIKELY) {
        return _t("Very likely the same");
    }
    return score > LIKELY ? _t("Perhaps the same") : _t("Less likely the same");
}

/** Why two may be the same, at a glance: what weighs most, in the sign and color of its tone. */
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
                sign: SIGNS[reason.tone],
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
