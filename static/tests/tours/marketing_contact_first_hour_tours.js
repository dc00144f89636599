import { registry } from "@web/core/registry";
import { searchFor } from "./tour_steps";

const tours = registry.category("web_tour.tours");
const wizard = ".modal:not(.o_inactive_modal) ";
const noWizard = "body:not(:has(.modal)) ";

const sure = ".o_kanban_group:not(:contains('Unsure')):contains('Sure') .o_kanban_record";

// The first hour of a company, one tour after the other, see tests/test_tours_first_hour.py.

tours.add("marketing_contact_first_hour_look", {
    steps: () => [
        { trigger: ".o_kanban_view" },
        { trigger: ".o_cp_action_menus button:has(.fa-cog)", run: "click" },
        { trigger: ".o-dropdown--menu .o_menu_item:contains('Look Now')", run: "click" },
        {
            content: "it goes on by itself",
            trigger: ".o_form_view .alert:contains('You can leave this page')",
        },
    ],
});

tours.add("marketing_contact_first_hour_link", {
    steps: () => [
        { trigger: "button[name=action_view_results]:contains('to ask')", run: "click" },
        {
            content: "samples of each band, with what speaks for them",
            trigger: sure + " .badge.text-bg-success",
        },
        { trigger: ".o_kanban_group:contains('Ask') .o_kanban_record .badge" },
        { trigger: ".o_control_panel button:contains('Link All Sure Ones')", run: "click" },
        {
            content: "what will be filled in",
            trigger: wizard + ".o_field_widget[name=preview]:contains('Phone')",
            timeout: 30000,
        },
        { trigger: wizard + "footer button[name=action_link]", run: "click" },
        {
            trigger: noWizard + `.o_kanban_view:not(:has(${sure}))`,
            timeout: 60000,
        },
    ],
});

const queue = ".o_marketing_match_queue";

// ten questions; the test knows which keys
tours.add("marketing_contact_first_hour_ask", {
    steps: () => [
        ...[..."snslssnsls"].map((key, answered) => ({
            trigger: `${queue}:contains(', ${answered} answered'):has(.o_marketing_same:enabled)`,
            run: `press ${key}`,
        })),
        { trigger: `${queue}:contains(', 10 answered'):has(.o_marketing_take_back:enabled)` },
    ],
});

const menu = "marketing_contact.marketing_contact_generate_menu";

tours.add("marketing_contact_first_hour_create", {
    steps: () => [
        {
            trigger: "button[data-menu-xmlid='marketing_contact.marketing_contact_menu']",
            run: "click",
        },
        { trigger: `.o-dropdown-item[data-menu-xmlid='${menu}']`, run: "click" },
        {
            content: "the kind is chosen there",
            trigger: wizard + ".o_field_widget[name=kind] input[data-value='customer']:checked",
        },
        {
            content: "beforehand it says how many are new, and how many are to be asked",
            trigger: wizard + ".alert-info .o_field_widget[name=summary]:contains('new contact'):contains('Who Is Who')",
        },
        { trigger: wizard + "footer button[name=action_generate]", run: "click" },
        { trigger: noWizard + ".o_list_view .o_data_row", timeout: 60000 },
    ],
});

tours.add("marketing_contact_first_hour_wrong", {
    steps: () => [
        {
            content: "what has happened comes first",
            trigger: ".o_notebook .nav-link.active:contains('Timeline')",
        },
        { trigger: ".o_notebook .nav-link[name=business_relations]", run: "click" },
        {
            trigger: ".o_field_widget[name=relation_ids] button[name=action_ask_unlink]",
            run: "click",
        },
        {
            content: "one question, with both answers",
            trigger: wizard + "footer:has(button[name=action_unlink]) button[name=action_undo_link]",
            run: "click",
        },
        { trigger: noWizard + ".o_notification:contains('Undone')" },
        {
            trigger:
                ".o_field_widget[name=relation_ids]:not(:has(button[name=action_ask_unlink]))",
        },
        { trigger: ".o_form_view:not(:has(.o_marketing_chip))" },
    ],
});

tours.add("marketing_contact_first_hour_merge", {
    steps: () => [
        ...searchFor("First Hour Twin"),
        { trigger: ".o_list_view:has(.o_data_row:eq(1)):not(:has(.o_data_row:eq(2)))" },
        { trigger: ".o_data_row:eq(0) .o_list_record_selector input", run: "click" },
        { trigger: ".o_data_row:eq(1) .o_list_record_selector input", run: "click" },
        { trigger: ".o_cp_action_menus button:contains('Actions')", run: "click" },
        { trigger: ".o-dropdown--menu .o_menu_item:contains('Merge')", run: "click" },
        { trigger: wizard + ".o_field_widget[name=preview] tr:contains('Customer')" },
        { trigger: wizard + "footer button[name=action_merge]", run: "click" },
        { trigger: noWizard + ".o_form_view .o_field_widget[name=number]" },
    ],
});

tours.add("marketing_contact_first_hour_merge_undo", {
    steps: () => [
        { trigger: ".o_data_row:eq(0):contains('Merge') .o_data_cell:eq(0)", run: "click" },
        { trigger: "button[name=action_preview_undo]", run: "click" },
        { trigger: wizard + "footer button[name=action_undo]", run: "click" },
        { trigger: noWizard + ".o_notification:contains('Undone')" },
    ],
});
