import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import {
    Many2ManyTagsField,
    many2ManyTagsField,
} from "@web/views/fields/many2many_tags/many2many_tags_field";

/** In the search menu of contacts: what is searched for becomes a segment. */
export class SaveAsSegment extends Component {
    static template = "marketing_contact.SaveAsSegment";
    static components = { DropdownItem };
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    async onSelected() {
        const action = await this.orm.call("marketing.segment", "action_save_search", [
            this.env.searchModel.domain,
        ]);
        this.action.doAction(action);
    }
}

registry.category("favoriteMenu").add(
    "marketing-save-as-segment",
    {
        Component: SaveAsSegment,
        groupNumber: 3,
        isDisplayed: (env) => env.searchModel.resModel === "marketing.contact",
    },
    { sequence: 10 }
);

/** The segments of a contact; each tag tells why the contact is in it. */
export class MarketingSegmentTags extends Many2ManyTagsField {
    getTagProps(record) {
        const reasons = this.props.record.data.segment_reasons || {};
        return { ...super.getTagProps(record), title: reasons[record.resId] };
    }
}

registry.category("fields").add("marketing_segment_tags", {
    ...many2ManyTagsField,
    component: MarketingSegmentTags,
    fieldDependencies: [{ name: "segment_reasons", type: "json", readonly: true }],
});
