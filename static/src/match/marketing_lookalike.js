import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { MatchChips, sayChance } from "./marketing_match_reasons";

const MODEL = "marketing.match";

/** Tells on a form whom the record may be the same as, by a proposal that is there. */
export class MarketingLookalike extends Component {
    static template = "marketing_contact.Lookalike";
    static components = { MatchChips };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({ match: false, busy: false });
        this.shown = false;
        this.request = 0;
        useRecordObserver((record) => {
            const shown = record.data.marketing_lookalike && record.resId;
            if (shown !== this.shown) {
                this.shown = shown;
                // the form doesn't wait for it
                this.load(record);
            }
        });
    }

    get match() {
        return this.state.match;
    }

    get chance() {
        return sayChance(this.match.score);
    }

    async load({ resModel, resId, data }) {
        const request = ++this.request;
        this.state.match = false;
        if (!data.marketing_lookalike || !resId) {
            return;
        }
        const match = await this.orm.silent.call(MODEL, "get_lookalike", [
            resModel,
            resId,
        ]);
        if (request === this.request) {
            this.state.match = match;
        }
    }

    /** Show the record as it is now, and whom else it looks like. */
    async reload() {
        const { record } = this.props;
        await record.load();
        this.shown = record.data.marketing_lookalike && record.resId;
        await this.load(record);
    }

    /** Call a method on the proposal, once what was typed is saved. */
    async call(method, { id }) {
        if (this.state.busy || !(await this.props.record.save())) {
            return { failed: true };
        }
        this.state.busy = true;
        try {
            return { result: await this.orm.call(MODEL, method, [[id]]) };
        } finally {
            this.state.busy = false;
        }
    }

    async same() {
        const { failed, result } = await this.call("action_same", this.match);
        if (failed) {
            return;
        }
        if (result?.type === "ir.actions.act_window") {
            // two contacts: which of their values stay is chosen there
            return this.action.doAction(result, { onClose: () => this.reload() });
        }
        if (result) {
            await this.action.doAction(result);
        }
        await this.reload();
    }

    async differs() {
        const { match } = this;
        const { failed } = await this.call("action_reject", match);
        if (failed) {
            return;
        }
        const close = this.notification.add(
            _t("Noted: not the same as %s.", match.display_name),
            {
                type: "success",
                autocloseDelay: 10000,
                buttons: [
                    {
                        name: _t("Undo"),
                        onClick: async () => {
                            close();
                            await this.call("action_reset", match);
                            await this.reload();
                        },
                    },
                ],
            }
        );
        await this.reload();
    }

    look() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: this.match.model,
            res_id: this.match.res_id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("marketing_lookalike", {
    component: MarketingLookalike,
    fieldDependencies: [{ name: "marketing_lookalike", type: "boolean" }],
});
