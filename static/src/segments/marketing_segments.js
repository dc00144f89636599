import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { DomainSelector } from "@web/core/domain_selector/domain_selector";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { DomainField, domainField } from "@web/views/fields/domain/domain_field";
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

class SegmentDomainSelector extends DomainSelector {
    getShowArchivedCheckBox() {
        return false;
    }
}

/** Conditions on contacts; no segment has archived ones, so nobody is asked for them. */
export class MarketingSegmentDomain extends DomainField {
    static template = "marketing_contact.SegmentDomain";
    static components = { ...DomainField.components, DomainSelector: SegmentDomainSelector };
}

registry.category("fields").add("marketing_segment_domain", {
    ...domainField,
    component: MarketingSegmentDomain,
});

/**
 * The segments of a contact; each tag tells why the contact is in it, which is asked
 * for when somebody points at them.
 */
export class MarketingSegmentTags extends Many2ManyTagsField {
    static template = "marketing_contact.SegmentTags";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.root = useRef("root");
        this.why = useState({ asked: "", reasons: {} });
        // the tooltip that opens knows nothing of what comes later: open it again
        useEffect(
            () => {
                const tag = this.root.el.querySelector(".o_tag:hover");
                tag?.dispatchEvent(new MouseEvent("mouseenter"));
            },
            () => [this.why.reasons]
        );
    }

    async onPointed() {
        const { record } = this.props;
        const asked = [record.resId, ...this.tags.map((tag) => tag.resId)].join();
        if (this.why.asked !== asked) {
            this.why.asked = asked;
            const [told] = await this.orm.read(record.resModel, [record.resId], [
                "segment_reasons",
            ]);
            this.why.reasons = told.segment_reasons || {};
        }
    }

    getTagProps(record) {
        const title = this.why.reasons[record.resId];
        return { ...super.getTagProps(record), title };
    }
}

registry.category("fields").add("marketing_segment_tags", {
    ...many2ManyTagsField,
    component: MarketingSegmentTags,
});
