import { useState } from "@odoo/owl";
import { AlertDialog, ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

/** Person or company: asks before customers and vendors become the other as well. */
export class MarketingContactType extends RadioField {
    static template = "marketing_contact.ContactType";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.state = useState({ drawing: 0 });
    }

    async onChange(item) {
        const { resModel, resId } = this.props.record;
        if (!resId || (await this.mayBecome(resModel, resId, item[0] === "company"))) {
            return super.onChange(item);
        }
        // the browser shows what was clicked on: draw what still holds
        this.state.drawing++;
    }

    async mayBecome(resModel, resId, isCompany) {
        const { question, refusal } = await this.orm.call(resModel, "get_type_question", [
            [resId],
            isCompany,
        ]);
        const title = isCompany ? _t("Make it a company?") : _t("Make it a person?");
        if (refusal) {
            this.dialog.add(AlertDialog, { title: _t("This can't be done"), body: refusal });
            return false;
        }
        return !question || this.ask(title, question);
    }

    ask(title, body) {
        return new Promise((resolve) => {
            this.dialog.add(
                ConfirmationDialog,
                {
                    title,
                    body,
                    confirmLabel: _t("Continue"),
                    confirm: () => resolve(true),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) }
            );
        });
    }
}

registry.category("fields").add("marketing_contact_type", {
    ...radioField,
    component: MarketingContactType,
    additionalClasses: ["o_field_radio"],
    supportedTypes: ["selection"],
});
