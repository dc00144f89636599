import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ListConfirmationDialog } from "@web/views/list/list_confirmation_dialog";
import { listView } from "@web/views/list/list_view";
import { useUndoOffer } from "../undo/marketing_undo_offer";

/** Odoo's question before several are saved, with what else will change. */
class SyncedListConfirmationDialog extends ListConfirmationDialog {
    static template = "marketing_contact.SyncedListConfirmation";
    static props = { ...ListConfirmationDialog.props, notice: String };
}

/** A list of records that share values: tells before several are saved what else will
 * change, and offers to undo it afterwards. Asks the server only where one of them is
 * linked, as far as the list knows. */
export const tellingWhatElse = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.orm = useService("orm");
            this.offerUndo = useUndoOffer();
        }

        get modelParams() {
            const params = super.modelParams;
            params.hooks.onSavedMulti = this.onSavedMulti.bind(this);
            return params;
        }

        async onAskMultiSaveConfirmation(changes, records) {
            const notice = await this.getSyncNotice(records);
            if (!notice) {
                return super.onAskMultiSaveConfirmation(changes, records);
            }
            // the dialog that Odoo opens now gets a sentence more
            const { dialogService } = this;
            this.dialogService = {
                ...dialogService,
                add: (_dialog, props, options) =>
                    dialogService.add(
                        SyncedListConfirmationDialog,
                        { ...props, notice },
                        options
                    ),
            };
            const answer = super.onAskMultiSaveConfirmation(changes, records);
            this.dialogService = dialogService;
            return answer;
        }

        async onSavedMulti(records) {
            const linked = getLinked(records);
            if (linked.length) {
                const offer = await this.orm.silent.call(
                    "marketing.sync.batch",
                    "get_own_last",
                    [this.props.resModel, linked.map((record) => record.resId)]
                );
                if (offer) {
                    this.offerUndo(offer);
                }
            }
        }

        async getSyncNotice(records) {
            const linked = records.length > 1 ? getLinked(records) : [];
            if (!linked.length) {
                return "";
            }
            return this.orm.silent.call(this.props.resModel, "get_sync_notice", [
                linked.map((record) => record.resId),
                records[0]._getChanges(),
            ]);
        }
    };

function getLinked(records) {
    // a list without the column is one of contacts: their people may follow, too
    return records.filter((record) => record.data.marketing_linked !== false);
}

registry.category("views").add("marketing_synced_list", {
    ...listView,
    Controller: tellingWhatElse(listView.Controller),
});
