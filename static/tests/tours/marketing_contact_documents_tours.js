import { registry } from "@web/core/registry";

const wizard = ".modal:not(.o_inactive_modal) ";

const log = {
    trigger: ".o_statusbar_buttons button[name=action_log_interaction]",
    run: "click",
};
const summary = wizard + ".o_field_widget[name=name] input";

/** Looks at another tab of the browser. */
function lookAway() {
    const hidden = { configurable: true, get: () => "hidden" };
    Object.defineProperty(document, "visibilityState", hidden);
    document.dispatchEvent(new Event("visibilitychange"));
    delete document.visibilityState;
}

registry.category("web_tour.tours").add("marketing_contact_log_and_leave", {
    steps: () => [
        log,
        {
            content: "the form is filled in, and nobody says that it is so",
            trigger: summary + ":value('Call')",
            run: lookAway,
        },
        { trigger: summary, run: "edit Call about nothing" },
        { trigger: summary, run: lookAway },
        { trigger: wizard + ".modal-header .btn-close", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_view" },
        log,
        {
            trigger: summary + ":value('Call')",
            run: () => window.location.reload(),
            expectUnloadPage: true,
        },
        { trigger: "body:not(:has(.modal)) .o_form_view" },
    ],
});

registry.category("web_tour.tours").add("marketing_contact_quotation", {
    steps: () => [
        {
            content: "a quotation for a prospect",
            trigger: ".o_statusbar_buttons .o_marketing_menu a:contains('New')",
            run: "click",
        },
        {
            trigger: ".dropdown-menu.show button[name=action_new_quotation]",
            run: "click",
        },
        {
            content: "who is not a customer yet: that comes first",
            trigger: wizard + ".o_field_widget[name=preview]:contains('Tour Prospect')",
        },
        {
            content: "choose the template there",
            trigger: wizard + ".o_field_widget[name=template_id] input",
            run: "edit Tour Template",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tour Template')",
            run: "click",
        },
        {
            trigger: wizard + "footer button[name=action_create]",
            run: "click",
        },
        {
            content: "on to the quotation, made out to the new customer",
            trigger:
                ".o_field_widget[name=partner_id] input:value('Tour Prospect')",
        },
        {
            trigger:
                ".o_field_widget[name=marketing_contact_id] input:value('Tour Prospect')",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_confirm]:visible",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Sales Order')",
        },
        {
            content: "print it",
            trigger: ".o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .dropdown-toggle:contains('Print')",
            run: "hover && click",
        },
        {
            trigger: ".o-dropdown--menu .o_menu_item:contains('Tour Order')",
            run: "click",
        },
        {
            content: "wait for the file",
            trigger: "body:not(:has(.o_blockUI)):not(:has(.o-dropdown--menu))",
        },
        {
            content: "back on the contact",
            trigger: ".o_back_button, .breadcrumb-item a:contains('Tour Prospect')",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_view_sale_orders]:contains('1')",
        },
        {
            content: "both have become interactions",
            trigger: "button[name=action_view_interactions]:contains('2')",
        },
        {
            trigger: ".o_notebook_headers a:contains('Timeline')",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=timeline_ids] .o_data_row:contains('Sales order printed')",
        },
        {
            trigger:
                ".o_field_widget[name=timeline_ids] .o_data_row:contains('Sales order confirmed')",
        },
        {
            content: "log a call",
            trigger: ".o_statusbar_buttons button[name=action_log_interaction]",
            run: "click",
        },
        {
            trigger: wizard + ".o_field_widget[name=template_id] input",
            run: "edit Outgoing call",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Outgoing call')",
            run: "click",
        },
        {
            trigger: wizard + ".o_field_widget[name=name] input:value('Outgoing call')",
        },
        {
            trigger: wizard + "footer button[name=action_logged]",
            run: "click",
        },
        {
            trigger: "button[name=action_view_interactions]:contains('3')",
        },
    ],
});
