import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";
import { tellingWhatElse } from "../notice/marketing_synced_list";

/** Says before a contact is deleted what goes along with it and what stays. */
const sayingWhatGoes = (Controller) =>
    class extends Controller {
        get deleteConfirmationDialogProps() {
            return {
                ...super.deleteConfirmationDialogProps,
                title: _t("Delete the contact?"),
                body: _t(
                    "Its interactions and business relations go with it. Customers, vendors and bank accounts stay as they are; so do its people and its orders."
                ),
            };
        }
    };

const telling = { ...listView, Controller: tellingWhatElse(listView.Controller) };

for (const [name, view] of Object.entries({
    marketing_contact_form: formView,
    marketing_contact_list: telling,
    marketing_contact_kanban: kanbanView,
})) {
    registry.category("views").add(name, {
        ...view,
        Controller: sayingWhatGoes(view.Controller),
    });
}
