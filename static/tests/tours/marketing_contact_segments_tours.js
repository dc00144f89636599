import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const wizard = ".modal:not(.o_inactive_modal) ";

function edit(field, value) {
    return { trigger: `.o_field_widget[name=${field}] input`, run: `edit ${value}` };
}

// last year's buyers of a product who were not spoken to for 90 days
const BUYERS = `[("ordered_product_ids.name", "=", "Tour Pump"),
    ("last_order_date", ">=", "-1y"),
    "|", ("last_interaction_date", "=", False), ("last_interaction_date", "<", "-90d")]`;

tours.add("marketing_contact_segment_mail", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        edit("name", "Pumps: speak to them"),
        {
            content: "the conditions",
            trigger: ".o_field_widget[name=domain] .o_domain_selector_debug_container textarea",
            async run(helpers) {
                await helpers.edit(BUYERS);
                await helpers.press("Tab");
            },
        },
        {
            content: "no segment has archived contacts: nobody is asked",
            trigger: ".o_domain_selector:not(:has(.form-switch))",
        },
        edit("exclude_segment_ids", "Competitors"),
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Competitors')",
            run: "click",
        },
        { trigger: ".o_form_button_save", run: "click" },
        {
            content: "two buyers are in it",
            trigger: "button[name=action_view_members]:contains('2')",
        },
        { trigger: ".o_notebook a[name=why]", run: "click" },
        edit("asked_contact_id", "Tour Rival"),
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tour Rival')",
            run: "click",
        },
        {
            content: "why a competitor is not",
            trigger: ".o_field_widget[name=answer]:contains('Competitors')",
        },
        { trigger: "button[name=action_send_email]", run: "click" },
        {
            trigger: wizard + ".o_field_widget[name=subject] input, " + wizard + ".o_field_widget[name=subject] textarea",
            run: "edit Your pump",
        },
        {
            trigger: wizard + "button[name=action_send_mail]:contains('Send')",
            run: "click",
        },
        { trigger: "body:not(:has(.modal)) .o_form_view" },
    ],
});

tours.add("marketing_contact_segment_call", {
    steps: () => [
        { trigger: ".o_notebook a[name=uses]", run: "click" },
        {
            content: "a segment of those who did not answer",
            trigger: ".o_field_widget[name=use_ids] .o_data_row:contains('Email') button[name=action_not_answered]",
            run: "click",
        },
        {
            trigger: "button[name=action_view_members]:contains('1')",
        },
        { trigger: "button[name=action_schedule_activity]", run: "click" },
        {
            content: "they are called",
            trigger: wizard + ".o_field_widget[name=activity_type_id] .btn:contains('Call')",
            run: "click",
        },
        {
            trigger: wizard + "button[name=action_schedule_activities]",
            run: "click",
        },
        { trigger: "body:not(:has(.modal)) .o_form_view" },
    ],
});

tours.add("marketing_contact_segment_reason", {
    steps: () => [
        {
            trigger: ".o_field_widget[name=segment_ids] .o_marketing_segment_tags",
            run: "hover",
        },
        {
            content: "each tag tells why",
            trigger: ".o_field_widget[name=segment_ids] .o_tag[data-tooltip*='is Oslo']",
        },
    ],
});
