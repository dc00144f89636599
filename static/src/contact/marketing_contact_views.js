import { markup, onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ActionHelper } from "@web/views/action_helper";
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

/** What an empty list says, with buttons for the first steps where there is nothing yet. */
class FirstStepsHelper extends ActionHelper {
    static template = "marketing_contact.FirstSteps";

    setup() {
        super.setup?.();
        const orm = useService("orm");
        this.steps = "";
        onWillStart(async () => {
            this.steps = markup(
                await orm.call("marketing.contact", "get_first_steps", [], {
                    context: this.env.searchModel.context,
                })
            );
        });
    }
}

const offeringFirstSteps = (Renderer) =>
    class extends Renderer {
        static components = { ...Renderer.components, ActionHelper: FirstStepsHelper };
    };

for (const [name, view] of Object.entries({
    marketing_contact_form: formView,
    marketing_contact_list: telling,
    marketing_contact_kanban: kanbanView,
})) {
    registry.category("views").add(name, {
        ...view,
        Controller: sayingWhatGoes(view.Controller),
        Renderer: view.Renderer.components.ActionHelper
            ? offeringFirstSteps(view.Renderer)
            : view.Renderer,
    });
}
