import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Component } from "@odoo/owl";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { ListRenderer } from "@web/views/list/list_renderer";

/** A value of one of two sides: a click on it says that it is the one to stay. */
export class MarketingKeepValue extends Component {
    static template = "marketing_contact.KeepValue";
    static props = { ...standardFieldProps, side: { type: String } };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get kept() {
        return this.props.record.data.keep === this.props.side;
    }

    get title() {
        return this.kept ? _t("This value stays") : _t("Click to keep this value");
    }

    async keep() {
        await this.props.record.update({ keep: this.props.side });
    }
}

registry.category("fields").add("marketing_keep_value", {
    component: MarketingKeepValue,
    supportedTypes: ["char"],
    extractProps: ({ options }) => ({ side: options.side }),
});

/** Names the columns of the two sides after the records that they are. */
class MarketingKeepLinesRenderer extends ListRenderer {
    getActiveColumns() {
        const { contact_side, card_side } = this.props.list.model.root.data;
        const labels = { contact_value: contact_side, card_value: card_side };
        const columns = super.getActiveColumns();
        for (const column of columns) {
            column.label = labels[column.name] || column.label;
        }
        return columns;
    }
}

class MarketingKeepLines extends X2ManyField {
    static components = {
        ...X2ManyField.components,
        ListRenderer: MarketingKeepLinesRenderer,
    };
}

registry.category("fields").add("marketing_keep_lines", {
    ...x2ManyField,
    component: MarketingKeepLines,
});
