import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useUndoOffer } from "../undo/marketing_undo_offer";

// how long the form rests before it is asked what else its changes will change
const DELAY = 400;

/** Tells, before saving, what else the form's changes will change. */
export class MarketingSyncNotice extends Component {
    static template = "marketing_contact.SyncNotice";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.undo = useUndoOffer();
        this.told = null;
        this.state = useState({ text: "" });
        this.request = 0;
        this.ask = useDebounced(() => this.load(), DELAY);
        useRecordObserver((record) => {
            // read, so that the observer hears of a change of any of them
            for (const name in record.activeFields) {
                record.data[name];
            }
            const heard = record.data.marketing_linked || record.data.child_count;
            if (record.resId && heard && record.dirty) {
                this.ask();
            } else {
                if (this.state.text && this.told === record.resId && !record.dirty) {
                    // saved or discarded: the server knows which
                    this.offerUndo(record);
                }
                this.request++;
                this.ask.cancel();
                this.state.text = "";
            }
        });
    }

    async load() {
        const { record } = this.props;
        const request = ++this.request;
        const changes = await record.model.mutex.exec(() => record._getChanges());
        const text = await this.orm.silent.call(
            record.resModel,
            "get_sync_notice",
            [[record.resId], changes],
            { context: record.context }
        );
        if (request === this.request) {
            this.state.text = text || "";
            this.told = record.resId;
        }
    }

    async offerUndo({ resModel, resId }) {
        this.told = null;
        const offer = await this.orm.silent.call(
            "marketing.sync.batch",
            "get_own_last",
            [resModel, resId]
        );
        if (offer) {
            this.undo(offer);
        }
    }
}

registry.category("view_widgets").add("marketing_sync_notice", {
    component: MarketingSyncNotice,
    fieldDependencies: [{ name: "marketing_linked", type: "boolean" }],
});
