import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { searchFor } from "./tour_steps";

const tours = registry.category("web_tour.tours");

const wizard = ".modal:not(.o_inactive_modal) ";
const noWizard = "body:not(:has(.modal)) ";
const notice = ".alert[name=marketing_sync_notice]";

function edit(field, value) {
    return { trigger: `.o_field_widget[name=${field}] input`, run: `edit ${value}` };
}

function leave(field) {
    // the notice comes when the field is left
    return { trigger: `.o_field_widget[name=${field}] input`, run: "press Tab" };
}

function discard() {
    return [
        { trigger: ".o_form_button_cancel", run: "click" },
        { trigger: `body:not(:has(${notice}))` },
    ];
}

function switchTo(view) {
    return { trigger: `.o_switch_view.o_${view}`, run: "click" };
}

function selectRow(text) {
    return {
        trigger: `.o_data_row:contains('${text}'):first .o_list_record_selector input`,
        run: "click",
    };
}

function confirmUndo() {
    return [
        {
            content: "the preview shows old and new values",
            trigger: wizard + ".o_field_widget[name=preview] td:contains('Tour Trust')",
        },
        { trigger: wizard + "footer button[name=action_undo]", run: "click" },
    ];
}

// ------------------------------------------------------------
// THE BOARD OF DIFFERENCES
// ------------------------------------------------------------

tours.add("marketing_contact_board", {
    steps: () => [
        {
            content: "the differences are listed by the fields' own names",
            trigger: ".o_data_row:contains('Tour Trust') td[name=contact_field]:contains('City')",
        },
        switchTo("graph"),
        { trigger: ".o_graph_renderer canvas" },
        switchTo("pivot"),
        { trigger: ".o_pivot th:contains('Customer')" },
        { trigger: ".o_pivot th:contains('City')" },
        switchTo("kanban"),
        {
            content: "grouped by kind, with both values",
            trigger: ".o_kanban_group:contains('Customer') .o_kanban_record:contains('Drifted City')",
        },
        switchTo("list"),
        { trigger: ".o_data_row:contains('Tour Trust')" },
        { trigger: "thead .o_list_record_selector input", run: "click" },
        {
            trigger: ".o_control_panel button[name=action_preview_use_contact]",
            run: "click",
        },
        {
            content: "what the contact's values would change",
            trigger: wizard + ".o_field_widget[name=preview] tr:contains('Customer'):contains('Drifted City')",
        },
        {
            content: "nothing is repaired yet: the cards' values, rather",
            trigger: wizard + ".o_field_widget[name=winner] .o_radio_input[data-value=card]",
            run: "click",
        },
        {
            trigger: wizard + ".o_field_widget[name=preview] tr:contains('Contact'):contains('Drifted City')",
        },
        { trigger: wizard + "footer button[name=action_repair]", run: "click" },
        { trigger: ".o_notification:contains('repaired')" },
        { trigger: noWizard + ".o_view_nocontent:contains('No differences listed')" },
    ],
});

tours.add("marketing_contact_board_one", {
    steps: () => [
        {
            content: "one difference, from its row, the other way round",
            trigger: ".o_data_row:contains('City') button[name=action_preview_use_contact]",
            run: "click",
        },
        {
            trigger: wizard + ".o_field_widget[name=preview] tr:contains('Drifted City')",
        },
        { trigger: wizard + "footer button[name=action_repair]", run: "click" },
        { trigger: noWizard + ".o_list_view:not(:has(.o_data_row:contains('City')))" },
        { trigger: ".o_data_row:contains('Tour Trust'):contains('Zip')" },
    ],
});

// ------------------------------------------------------------
// THE NOTICE AT THE EDIT
// ------------------------------------------------------------

tours.add("marketing_contact_notice_contact", {
    steps: () => [
        { trigger: `body:not(:has(${notice})) .o_field_widget[name=phone] input` },
        edit("phone", "+46 8 555 030 99"),
        leave("phone"),
        { trigger: `${notice}:contains('Customer'):contains('Bank')` },
        ...discard(),
        edit("city", "Lund"),
        leave("city"),
        { trigger: `${notice}:contains('Customer')` },
        ...discard(),
    ],
});

tours.add("marketing_contact_notice_customer", {
    steps: () => [
        { trigger: `body:not(:has(${notice})) .o_field_widget[name=phone] input` },
        edit("phone", "+46 8 555 030 99"),
        leave("phone"),
        { trigger: `${notice}:contains('Contact'):contains('Bank')` },
        ...discard(),
    ],
});

tours.add("marketing_contact_notice_account", {
    steps: () => [
        { trigger: `body:not(:has(${notice})) .o_field_widget[name=bank_id] input` },
        edit("bank_id", "Tour Other Bank"),
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tour Other Bank')",
            run: "click",
        },
        { trigger: `${notice}:contains('Contact'):contains('Tour Trust')` },
        ...discard(),
    ],
});

// ------------------------------------------------------------
// UNDO
// ------------------------------------------------------------

tours.add("marketing_contact_undo_batches", {
    steps: () => [
        { trigger: ".o_data_row:contains('Save')" },
        { trigger: ".o_data_row:eq(0) .o_list_record_selector input", run: "click" },
        { trigger: ".o_data_row:eq(1) .o_list_record_selector input", run: "click" },
        {
            trigger: ".o_control_panel button[name=action_preview_undo]",
            run: "click",
        },
        ...confirmUndo(),
        { trigger: ".o_notification:contains('all values are back')" },
        { trigger: noWizard + ".o_data_row:contains('Undo'):contains('Applied')" },
        { trigger: ".o_data_row:contains('Save'):contains('Undone')" },
    ],
});

tours.add("marketing_contact_undo_batch", {
    steps: () => [
        {
            content: "the changes stand in the entry, each with its undo",
            trigger:
                ".o_field_widget[name=change_ids] .o_data_row:contains('Tour Trust') button[name=action_preview_undo]",
        },
        {
            trigger: ".o_form_statusbar button[name=action_preview_undo]",
            run: "click",
        },
        ...confirmUndo(),
        {
            content: "what somebody changed since is left alone and listed",
            trigger: noWizard + ".o_breadcrumb:contains('Left Alone')",
        },
        { trigger: ".o_data_row:contains('Phone'):contains('Tour Trust')" },
        { trigger: ".o_list_view:not(:has(.o_data_row:contains('City')))" },
    ],
});

tours.add("marketing_contact_undo_changes", {
    steps: () => [
        selectRow("Vendor City"),
        {
            trigger: ".o_control_panel button[name=action_preview_undo]",
            run: "click",
        },
        ...confirmUndo(),
        {
            trigger: noWizard + ".o_data_row:contains('Vendor City'):contains('Undone')",
        },
    ],
});

tours.add("marketing_contact_undo_change", {
    steps: () => [
        {
            trigger: ".o_form_statusbar button[name=action_preview_undo]",
            run: "click",
        },
        ...confirmUndo(),
        {
            trigger:
                noWizard +
                ".o_form_statusbar:not(:has(button[name=action_preview_undo])) .o_arrow_button_current:contains('Undone')",
        },
    ],
});

tours.add("marketing_contact_undo_generate", {
    steps: () => [
        {
            trigger: ".o_form_statusbar button[name=action_preview_undo]",
            run: "click",
        },
        // offered switched on
        { trigger: wizard + ".o_field_widget[name=delete_created] input:checked" },
        { trigger: wizard + "footer button[name=action_undo]", run: "click" },
        { trigger: ".o_notification:contains('all values are back')" },
        { trigger: noWizard + ".o_form_view .o_arrow_button_current:contains('Undone')" },
    ],
});

// ------------------------------------------------------------
// ORIGIN OF VALUES
// ------------------------------------------------------------

const icon = (field) => `.o_field_widget[name=${field}] .o_marketing_lineage_icon`;
const popover = ".o_popover .o_marketing_lineage_popover";

tours.add("marketing_contact_lineage", {
    steps: () => [
        {
            content: "nothing is shown until somebody asks",
            trigger: "body:not(:has(.o_marketing_lineage_icon)) .o_marketing_lineage[aria-pressed=false]",
            run: "click",
        },
        { trigger: ".o_marketing_lineage[aria-pressed=true]" },
        { trigger: icon("phone") + "[aria-label*=Phone]", run: "click" },
        {
            trigger: popover + ":contains('Customer'):contains('Tour Marketer'):contains('Before: +46 8 555 030 10')",
        },
        { trigger: icon("city"), run: "click" },
        { trigger: `${popover}:contains('City')` },
        edit("phone", "+46 8 555 030 77"),
        ...stepUtils.saveForm(),
        {
            content: "a saved value has another origin at once",
            trigger: icon("phone"),
            run: "click",
        },
        { trigger: `${popover}:contains('Entered here by Tour Marketer')` },
        {
            trigger: ".o_marketing_lineage",
            run: "click",
        },
        { trigger: "body:not(:has(.o_marketing_lineage_icon))" },
    ],
});

tours.add("marketing_contact_lineage_card", {
    steps: () => [
        { trigger: ".o_marketing_lineage", run: "click" },
        { trigger: ".o_marketing_lineage_icon:eq(0)", run: "click" },
        { trigger: `${popover}:contains('Tour Trust')` },
    ],
});

// ------------------------------------------------------------
// OVERVIEW AND SHARED FIELDS
// ------------------------------------------------------------

tours.add("marketing_contact_overview", {
    steps: () => [
        { trigger: ".o_kanban_record:contains('Journal') .o_dashboard_graph canvas" },
        {
            content: "the number is the door",
            trigger: ".o_kanban_record button[name=action_open]:contains('without a Contact')",
            run: "click",
        },
        { trigger: ".modal .o_form_view .o_field_widget[name=kind]" },
        { trigger: ".modal footer button[special=cancel]", run: "click" },
        {
            trigger: ".o_kanban_record:contains('Customers'):contains('Linked') a[name=action_open_drifted]",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains('Tour Trust'):contains('Out of Sync')" },
        { trigger: ".breadcrumb-item a:contains('Overview')", run: "click" },
        {
            trigger: ".o_kanban_record:contains('Customers') a[name=action_open_unlinked]",
            run: "click",
        },
        { trigger: ".o_breadcrumb:contains('Customers without a Contact')" },
        { trigger: ".o_data_row:contains('Tour Unlinked')" },
        { trigger: ".breadcrumb-item a:contains('Overview')", run: "click" },
        {
            trigger: ".o_kanban_record:contains('Entries per day') button[name=action_open]",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains('Tour Trust')" },
        { trigger: ".breadcrumb-item a:contains('Overview')", run: "click" },
        { trigger: ".o_kanban_record a[name=action_check]", run: "click" },
        { trigger: ".o_list_view .o_data_row:contains('Tour Trust'):contains('City')" },
    ],
});

tours.add("marketing_contact_map_notice", {
    steps: () => [
        {
            content: "activate a line that was archived",
            trigger: ".o_field_widget[name=active] input",
            run: "click",
        },
        { trigger: ".alert[name=change_notice]:contains('differ')" },
        {
            content: "nothing is saved before one saves",
            trigger: ".o_form_button_cancel",
            run: "click",
        },
        { trigger: "body:not(:has(.alert[name=change_notice]))" },
    ],
});

// ------------------------------------------------------------
// BULK WORK
// ------------------------------------------------------------

const bar = ".o_marketing_run_progress";

function hearOf(run) {
    return {
        trigger: ".o_menu_systray",
        run: () => {
            // the bus itself tells nothing while a test is not committed
            odoo.__WOWL_DEBUG__.root.env.services.marketing_run.hear(run);
        },
    };
}

tours.add("marketing_contact_run_progress", {
    steps: () => {
        const id = Number(location.pathname.split("/").pop());
        const run = { id, name: "Tour Run", open: true };
        return [
            { trigger: `.o_menu_systray:not(:has(${bar}))` },
            hearOf({ ...run, progress: 40 }),
            { trigger: `${bar}:contains('40%')`, run: "click" },
            { trigger: ".o-dropdown-item:contains('Tour Run')", run: "click" },
            { trigger: ".o_form_view h1:contains('Check for Differences')" },
            hearOf({ ...run, open: false, progress: 100 }),
            { trigger: `.o_menu_systray:not(:has(${bar}))` },
        ];
    },
});

// ------------------------------------------------------------
// SEVERAL IN THE LIST
// ------------------------------------------------------------

function editSeveral(field, value) {
    const cell = `.o_data_row:contains('Tour Trust Two') td[name=${field}]`;
    return [
        ...searchFor("Tour Trust"),
        { trigger: ".o_pager_value:contains(/^1-2$/)" },
        { trigger: ".o_list_renderer thead .o_list_record_selector input", run: "click" },
        { trigger: ".o_selection_box:contains('2')" },
        { trigger: cell, run: "click" },
        {
            trigger: `.o_selected_row td[name=${field}] input`,
            run: `edit ${value}`,
        },
        { trigger: ".o_list_renderer .o_list_footer, .o_list_renderer tfoot", run: "click" },
        {
            content: "what else will change is told before",
            trigger: wizard + notice + ":contains('This also changes')",
        },
        { trigger: wizard + "footer .btn-primary", run: "click" },
    ];
}

tours.add("marketing_contact_edit_several", {
    steps: () => [
        ...editSeveral("phone", "+46 8 555 030 99"),
        {
            content: "an undo is offered after",
            trigger: ".o_notification:contains('3 other records') button:contains('Undo')",
            run: "click",
        },
        { trigger: ".o_data_row:contains('+46 8 555 030 10')" },
    ],
});

tours.add("marketing_contact_edit_several_customers", {
    steps: () => [
        ...switchToList(),
        ...editSeveral("email", "both@tour.example"),
        { trigger: ".o_notification:contains('3 other records') button:contains('Undo')" },
    ],
});

function switchToList() {
    return [switchTo("list"), { trigger: ".o_list_view" }];
}
