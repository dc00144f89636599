import { Component, reactive, useEffect, useState, xml } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * Knows the user's bulk work that is going on. It only listens: who has none asks the
 * server nothing.
 */
export const marketingRunService = {
    dependencies: ["bus_service"],
    start(env, { bus_service: bus }) {
        const state = reactive({
            runs: {},
            news: 0,
            hear(run) {
                state.runs = Object.fromEntries(
                    [...Object.values(state.runs).filter(({ id }) => id !== run.id), run]
                        .filter(({ open }) => open)
                        .map((other) => [other.id, other])
                );
                state.news++;
            },
        });
        bus.subscribe("marketing_run_progress", (run) => state.hear(run));
        return state;
    },
};

/** Shows in the bar at the top how far the user's bulk work is. */
export class MarketingRunProgress extends Component {
    static template = "marketing_contact.RunProgress";
    static components = { Dropdown, DropdownItem };
    static props = {};

    setup() {
        this.action = useService("action");
        this.state = useState(useService("marketing_run"));
    }

    get runs() {
        return Object.values(this.state.runs);
    }

    get progress() {
        return Math.min(...this.runs.map((run) => run.progress));
    }

    open(run) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "marketing.run",
            res_id: run.id,
            views: [[false, "form"]],
        });
    }
}

/** Reads the form of a run again when there is news of one. */
export class MarketingRunFollower extends Component {
    static template = xml`<span class="d-none"/>`;
    static props = { ...standardWidgetProps };

    setup() {
        const state = useState(useService("marketing_run"));
        const first = state.news;
        useEffect(
            (news) => {
                if (news !== first) {
                    this.props.record.load();
                }
            },
            () => [state.news]
        );
    }
}

registry.category("services").add("marketing_run", marketingRunService);
registry
    .category("systray")
    .add("marketing_contact.RunProgress", { Component: MarketingRunProgress });
registry
    .category("view_widgets")
    .add("marketing_run_follower", { component: MarketingRunFollower });
