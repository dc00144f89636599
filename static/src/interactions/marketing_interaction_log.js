import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";

/**
 * The dialog that logs an interaction. It is filled in beforehand, so that it could be
 * saved as it is: nothing is, unless somebody says so.
 */
class MarketingInteractionLogController extends formView.Controller {
    beforeVisibilityChange() {
        // what Odoo would save while somebody looks at another page stays in the dialog
    }

    async beforeLeave() {
        // leaving is closing the dialog
    }

    async beforeUnload(ev) {
        if (await this.model.root.isDirty()) {
            ev.preventDefault();
            ev.returnValue = "Unsaved changes";
        }
    }
}

registry.category("views").add("marketing_interaction_log", {
    ...formView,
    Controller: MarketingInteractionLogController,
});
