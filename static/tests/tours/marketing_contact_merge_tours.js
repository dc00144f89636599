import { registry } from "@web/core/registry";
import { searchFor } from "./tour_steps";

const tours = registry.category("web_tour.tours");

const wizard = ".modal:not(.o_inactive_modal) ";

function selectRow(text) {
    return {
        trigger: `.o_data_row:contains('${text}'):first .o_list_record_selector input`,
        run: "click",
    };
}

tours.add("marketing_contact_merge", {
    steps: () => [
        ...searchFor("Tour Merge"),
        { trigger: ".o_list_view:has(.o_data_row:eq(1)):not(:has(.o_data_row:eq(2)))" },
        selectRow("Tour Merge Mills"),
        selectRow("Tour Merge Works"),
        {
            trigger: ".o_cp_action_menus button:contains('Actions')",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o_menu_item:contains('Merge')",
            run: "click",
        },
        {
            content: "the contact with a customer is to stay",
            trigger: wizard + ".o_field_widget[name=target_id] input:value('Tour Merge Works')",
        },
        {
            content: "what moves is told",
            trigger: wizard + ".o_field_widget[name=preview] li:contains('2 × Interaction')",
        },
        {
            content: "keep the phone number of the other one",
            trigger: wizard + ".o_data_row:contains('Phone') td[name=keep_contact_id]",
            run: "click",
        },
        {
            trigger: wizard + ".o_selected_row td[name=keep_contact_id] input",
            run: "edit Tour Merge Mills",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tour Merge Mills')",
            run: "click",
        },
        {
            content: "the customer will get it",
            trigger:
                wizard +
                ".o_field_widget[name=preview] tr:contains('Customer'):contains('+46 8 555 020 11')",
        },
        {
            trigger: wizard + "footer button[name=action_merge]",
            run: "click",
        },
        {
            content: "the contact that stays opens, with what it got",
            trigger: "body:not(:has(.modal)) .o_field_widget[name=phone] input:value('+46 8 555 020 11')",
        },
        { trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a", run: "click" },
        ...searchFor("Merge Mills"),
        {
            content: "found by the old name, under the one that stays",
            trigger: ".o_list_view .o_data_row:contains('Tour Merge Works')",
        },
        { trigger: ".o_list_view:not(:has(.o_data_row:eq(1)))" },
    ],
});

tours.add("marketing_contact_merge_undo", {
    steps: () => [
        {
            content: "the entry of the journal",
            trigger: ".o_form_view .o_field_widget[name=origin]:contains('Merge')",
        },
        { trigger: "button[name=action_preview_undo]", run: "click" },
        {
            content: "what the undo would change",
            trigger: wizard + ".o_field_widget[name=preview] tr:contains('+46 8 555 020 22')",
        },
        { trigger: wizard + "footer button[name=action_undo]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_notification:contains('Undone')" },
    ],
});
