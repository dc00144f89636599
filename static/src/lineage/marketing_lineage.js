import { Component, onWillUnmount, reactive, useEffect, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { Field } from "@web/views/fields/field";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What was asked for: the origins of each record's values, by the record's id in the
 * web client. Empty until somebody presses the button.
 */
const lineages = reactive({});

export class MarketingLineagePopover extends Component {
    static template = "marketing_contact.LineagePopover";
    static props = { lines: Array, close: Function };

    getOrigin({ source, user, date, own, known }) {
        const values = {
            source,
            user,
            date: toLocaleDateTimeString(deserializeDateTime(date)),
        };
        if (!known) {
            return _t("Not in the journal. Last saved by %(user)s, %(date)s.", values);
        }
        if (own) {
            return _t("Entered here by %(user)s, %(date)s.", values);
        }
        return _t("Entered on %(source)s by %(user)s, %(date)s.", values);
    }

    getPrevious({ previous, known }) {
        if (!known) {
            return "";
        }
        return previous ? _t("Before: %s", previous) : _t("Before: empty");
    }
}

/** The icon beside a value. */
export class MarketingLineageIcon extends Component {
    static template = "marketing_contact.LineageIcon";
    static props = { lines: Array, label: String };

    setup() {
        this.popover = usePopover(MarketingLineagePopover, { position: "bottom" });
    }

    get title() {
        return _t("Origin of “%s”", this.props.label);
    }

    onClick(ev) {
        if (this.popover.isOpen) {
            this.popover.close();
        } else {
            this.popover.open(ev.currentTarget, { lines: this.props.lines });
        }
    }
}

/** The button that asks where the form's shared values came from. */
export class MarketingLineage extends Component {
    static template = "marketing_contact.Lineage";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.lineages = useState(lineages);
        // what was saved meanwhile has another origin
        useEffect(
            (dirty) => {
                if (this.wasDirty && !dirty && this.isOpen) {
                    delete this.lineages[this.props.record.id];
                    this.load();
                }
                this.wasDirty = dirty;
            },
            () => [this.props.record.dirty]
        );
        onWillUnmount(() => delete lineages[this.props.record.id]);
    }

    get isOpen() {
        return Boolean(this.lineages[this.props.record.id]);
    }

    async toggle() {
        if (this.isOpen) {
            delete this.lineages[this.props.record.id];
        } else {
            await this.load();
        }
    }

    async load() {
        const { id, resModel, resId } = this.props.record;
        this.lineages[id] = await this.orm.call(resModel, "get_lineage_texts", [[resId]]);
    }
}

registry.category("view_widgets").add("marketing_lineage", {
    component: MarketingLineage,
});

Field.components = { ...Field.components, MarketingLineageIcon };

patch(Field.prototype, {
    setup() {
        super.setup(...arguments);
        // the notice stands on the forms whose values are shared, and on no others
        if ("marketing_sync_notice" in (this.props.record?.fields || {})) {
            this.marketingLineages = useState(lineages);
        }
    },

    get marketingLineage() {
        const { record, name } = this.props;
        return this.marketingLineages?.[record.id]?.[name];
    },

    get marketingLineageLabel() {
        return this.props.record.fields[this.props.name].string;
    },
});
