import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const wizard = ".modal:not(.o_inactive_modal) ";

function edit(field, value) {
    return { trigger: `.o_field_widget[name=${field}] input`, run: `edit ${value}` };
}

tours.add("marketing_contact_block", {
    steps: () => [
        {
            trigger: ".o_form_view .o_field_widget[name=name]",
        },
        {
            trigger: ".o_cp_action_menus .dropdown-toggle",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o_menu_item:contains('Block')",
            run: "click",
        },
        {
            content: "who may not see it any more is back in the list",
            trigger: ".o_list_view, .o_kanban_view",
        },
    ],
});

tours.add("marketing_contact_erase", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        {
            trigger: ".o_field_widget[name=kind] .o_select_menu_toggler",
            run: "click",
        },
        { trigger: ".o_select_menu_item:contains('Erasure')", run: "click" },
        edit("name", "Tour Privacy"),
        edit("email", "tour@privacy.example"),
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: "button[name=action_find]", run: "click" },
        {
            content: "found, though it is blocked",
            trigger: ".o_field_widget[name=contact_ids] .o_data_row:contains('Tour Privacy')",
        },
        {
            trigger: ".o_field_widget[name=identity_checked_by] input",
            run: "edit tour_officer",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('tour_officer')",
            run: "click",
        },
        { trigger: "button[name=action_erase]", run: "click" },
        {
            content: "what goes is shown",
            trigger: wizard + ".o_field_widget[name=preview] tr:contains('Tour Privacy')",
        },
        {
            content: "asked twice, with the number of lines",
            trigger: wizard + ".o_field_widget[name=confirm_count] input",
            async run(helpers) {
                const count = document.querySelector(wizard + ".o_field_widget[name=count]");
                await helpers.edit(count.textContent.trim());
                await helpers.press("Tab");
            },
        },
        { trigger: wizard + "footer button[name=action_erase]", run: "click" },
        {
            trigger: wizard + ".modal-body:contains('Erase for good')",
        },
        { trigger: wizard + ".modal-footer .btn-primary", run: "click" },
        {
            content: "the request is done and forgets who asked",
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_statusbar_status .o_arrow_button_current:contains('Done')",
        },
    ],
});
