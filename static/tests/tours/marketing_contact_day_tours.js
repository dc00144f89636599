import { registry } from "@web/core/registry";
import { searchFor } from "./tour_steps";

const wizard = ".modal:not(.o_inactive_modal) ";
const noWizard = "body:not(:has(.modal)) ";

function selectBoth() {
    return [
        { trigger: ".o_pager_value:contains(/^1-2$/)" },
        {
            trigger: ".o_list_renderer thead .o_list_record_selector input",
            run: "click",
        },
        { trigger: ".o_selection_box:contains('2')" },
    ];
}

function choose(action) {
    return [
        {
            trigger: ".o_cp_action_menus .dropdown-toggle:contains('Actions')",
            run: "click",
        },
        {
            trigger: `.o-dropdown--menu .o_menu_item:contains('${action}')`,
            run: "click",
        },
    ];
}

const tours = registry.category("web_tour.tours");

// Find those not spoken to for 90 days, mail them.
tours.add("marketing_contact_day_mail", {
    steps: () => [
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        {
            trigger: ".o_filter_menu .o_menu_item:contains('Not Spoken to for 90 Days')",
            run: "click",
        },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: "body:not(:has(.o_filter_menu))" },
        ...searchFor("Tour Day"),

        ...selectBoth(),
        ...choose("Send Email"),
        {
            trigger: wizard + ".o_field_widget[name=subject] input",
            run: "edit News of the Day",
        },
        {
            trigger: wizard + ".odoo-editor-editable",
            run: "editor What we have for you",
        },
        { trigger: wizard + ".o_field_widget[name=marketing_reach]:contains('2 of 2')" },
        { trigger: wizard + "button[name=action_send_mail]", run: "click" },
        { trigger: ".o_notification:contains('Sent to 2')" },
        { trigger: noWizard + ".o_list_view" },
    ],
});

// The mails have gone out. Log calls, make one a customer, quote, see all in the timeline.
tours.add("marketing_contact_day_calls", {
    steps: () => [
        // log calls with both
        ...searchFor("Tour Day"),
        ...selectBoth(),
        ...choose("Log Interaction"),
        {
            trigger: wizard + ".o_field_widget[name=template_id] input",
            run: "edit Outgoing call",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Outgoing call')",
            run: "click",
        },
        { trigger: wizard + ".o_field_widget[name=name] input:value('Outgoing call')" },
        { trigger: wizard + "footer button[name=action_log]", run: "click" },
        { trigger: ".o_notification:contains('Logged with 2 contacts') button" },

        {
            content: "plan the next call with both",
            trigger: noWizard + ".o_list_view:not(:has(.o_selection_box))",
        },
        ...selectBoth(),
        ...choose("Schedule Activity"),
        { trigger: wizard + "button[name=action_schedule_activities]", run: "click" },
        { trigger: ".o_notification:contains('Scheduled with 2 contacts') button" },

        {
            content: "make one a customer, on the way to a quotation",
            trigger: noWizard + ".o_list_view:not(:has(.o_selection_box))",
        },
        {
            trigger: ".o_data_row:contains('Tour Day One') td[name=number]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons .o_marketing_menu a:contains('New')",
            run: "click",
        },
        {
            trigger: ".dropdown-menu.show button[name=action_new_quotation]",
            run: "click",
        },
        {
            trigger: wizard + ".o_field_widget[name=preview]:contains('Tour Day One')",
        },
        { trigger: wizard + "footer button[name=action_create]", run: "click" },
        {
            trigger: ".o_field_widget[name=partner_id] input:value('Tour Day One')",
        },
        { trigger: ".o_form_button_save:enabled", run: "click" },
        { trigger: ".o_form_saved, .o_form_button_create:enabled" },
        { trigger: ".o_cp_action_menus button:has(.fa-cog)", run: "click" },
        {
            trigger: ".o-dropdown--menu .dropdown-toggle:contains('Print')",
            run: "hover && click",
        },
        {
            trigger: ".o-dropdown--menu .o_menu_item:contains('Tour Quotation')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.o_blockUI)):not(:has(.o-dropdown--menu))",
        },

        {
            content: "see it in the timeline",
            trigger: ".o_back_button, .breadcrumb-item a:contains('Tour Day One')",
            run: "click",
        },
        { trigger: "button[name=action_view_sale_orders]:contains('1')" },
        { trigger: ".o_notebook_headers a:contains('Timeline')", run: "click" },
        ...["News of the Day", "Outgoing call", "Quotation printed"].map((text) => ({
            trigger: `.o_field_widget[name=timeline_ids] .o_data_row:contains('${text}')`,
        })),
    ],
});
