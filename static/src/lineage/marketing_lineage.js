import { Component, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const ICON = "o_marketing_lineage_icon";

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

/**
 * The button that asks where the form's shared values came from, and puts an icon beside
 * each of them. The icons are its own elements on the fields of the form at hand, so that
 * no field of any other form knows of them.
 */
export class MarketingLineage extends Component {
    static template = "marketing_contact.Lineage";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.root = useRef("root");
        this.state = useState({ lineage: null });
        this.popover = usePopover(MarketingLineagePopover, { position: "bottom" });
        // a field that is drawn anew gets its icon again
        this.observer = new MutationObserver(() => this.placeIcons());
        useEffect(
            (lineage) => {
                if (!lineage) {
                    return;
                }
                this.placeIcons();
                this.observer.observe(this.form, { childList: true, subtree: true });
                return () => this.removeIcons();
            },
            () => [this.state.lineage]
        );
        // what was saved meanwhile has another origin
        useEffect(
            (dirty, resId) => {
                if (this.isOpen && this.shownId !== resId) {
                    this.state.lineage = null;
                } else if (this.isOpen && this.wasDirty && !dirty) {
                    // none is shown until the new ones are there
                    this.removeIcons();
                    this.load();
                }
                this.wasDirty = dirty;
            },
            () => [this.props.record.dirty, this.props.record.resId]
        );
        onWillUnmount(() => this.removeIcons());
    }

    get isOpen() {
        return Boolean(this.state.lineage);
    }

    get form() {
        return this.root.el.closest(".o_form_renderer, .o_form_view");
    }

    async toggle() {
        if (this.isOpen) {
            this.state.lineage = null;
        } else {
            await this.load();
        }
    }

    async load() {
        const { resModel, resId } = this.props.record;
        const lineage = await this.orm.call(resModel, "get_lineage_texts", [[resId]]);
        this.shownId = resId;
        this.state.lineage = lineage;
    }

    placeIcons() {
        for (const [name, lines] of Object.entries(this.state.lineage || {})) {
            for (const field of this.form.querySelectorAll(
                `.o_field_widget[name="${name}"]`
            )) {
                // a field of a line within another field is that line's own
                const isNested = field.parentElement.closest(".o_field_widget");
                if (!isNested && !field.querySelector(`:scope > .${ICON}`)) {
                    field.append(this.makeIcon(name, lines));
                }
            }
        }
    }

    makeIcon(name, lines) {
        const label = this.props.record.fields[name]?.string || name;
        const icon = document.createElement("button");
        icon.type = "button";
        icon.className = `${ICON} btn btn-link p-0 d-print-none`;
        icon.title = _t("Origin of “%s”", label);
        icon.setAttribute("aria-label", icon.title);
        const image = document.createElement("i");
        image.className = "fa fa-info-circle";
        image.setAttribute("aria-hidden", "true");
        icon.append(image);
        icon.addEventListener("click", (ev) => {
            ev.stopPropagation();
            if (this.popover.isOpen) {
                this.popover.close();
            } else {
                this.popover.open(icon, { lines });
            }
        });
        return icon;
    }

    removeIcons() {
        this.observer.disconnect();
        for (const icon of this.form?.querySelectorAll(`.${ICON}`) || []) {
            icon.remove();
        }
    }
}

registry.category("view_widgets").add("marketing_lineage", {
    component: MarketingLineage,
});
