import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const MODEL = "marketing.contact.relation";

/** What a contact is and is linked with, under its name; a click opens it. */
export class MarketingLinkChips extends Component {
    static template = "marketing_contact.LinkChips";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get chips() {
        return this.props.record.data[this.props.name] || [];
    }

    /** Call a method of the link that opens something, once what was typed is saved. */
    async open(chip, method) {
        if (await this.props.record.save()) {
            const action = await this.orm.call(MODEL, method, [[chip.id]]);
            if (action) {
                await this.action.doAction(action);
            }
        }
    }
}

registry.category("fields").add("marketing_link_chips", {
    component: MarketingLinkChips,
    supportedTypes: ["json"],
});
