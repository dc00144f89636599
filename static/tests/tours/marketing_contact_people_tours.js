import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { searchFor } from "./tour_steps";

const tours = registry.category("web_tour.tours");

const wizard = ".modal:not(.o_inactive_modal) ";
const tab = ".o_notebook .nav-link:contains('People')";
const card = (name) => `.o_field_widget[name=child_ids] .o_kanban_record:contains('${name}')`;

tours.add("marketing_contact_people_generate", {
    steps: () => [
        ...searchFor("Tour Azure"),
        {
            content: "the customer and its two people",
            trigger: ".o_list_view:has(.o_data_row:eq(2)):not(:has(.o_data_row:eq(3)))",
        },
        { trigger: "thead .o_list_record_selector input", run: "click" },
        { trigger: ".o_cp_action_menus button:contains('Actions')", run: "click" },
        {
            trigger: ".o-dropdown--menu .dropdown-item:contains('Create Contacts')",
            run: "click",
        },
        {
            content: "the people are counted, and come along unless one says no",
            trigger: wizard + ".o_field_widget[name=count_people]:contains('2')",
        },
        { trigger: wizard + ".o_field_widget[name=include_people] input:checked" },
        { trigger: wizard + "footer button[name=action_generate]", run: "click" },
        { trigger: ".o_data_row td[name=name]:contains('Tour Azure')", run: "click" },
        { trigger: tab, run: "click" },
        {
            content: "whose contact a person is stands on its card",
            trigger: `${card("Tour Buyer")} .o_field_widget[name=tied_with], ${card("Tour Buyer")}:contains('Tour Azure')`,
        },
        { trigger: card("Tour Clerk") },
        { trigger: "button[name=action_view_people]:contains('2')", run: "click" },
        {
            content: "the list of the people does not repeat the company",
            trigger: ".o_list_view:has(.o_data_row:contains('Tour Buyer')):not(:has(th[data-name=parent_id]))",
        },
        { trigger: ".o_data_row td[name=name]:contains('Tour Buyer')", run: "click" },
        { trigger: ".o_marketing_chip:contains('Customer: Tour Azure')" },
        { trigger: ".o_notebook .nav-link[name=business_relations]", run: "click" },
        {
            content: "a person shows the relations of its company",
            trigger: ".o_field_widget[name=company_relation_ids] .o_data_row:contains('Customer')",
        },
        { trigger: ".o_field_widget[name=phone] input", run: "edit +46 8 555 040 40" },
        { trigger: ".o_field_widget[name=phone] input", run: "press Tab" },
        {
            content: "and what else its changes change",
            trigger: ".alert[name=marketing_sync_notice]:contains('Tour Buyer')",
        },
        ...stepUtils.saveForm(),
    ],
});

tours.add("marketing_contact_people_move", {
    steps: () => [
        { trigger: ".o_field_widget[name=city] input", run: "edit Tour Harbour" },
        { trigger: ".o_field_widget[name=city] input", run: "press Tab" },
        {
            content: "the people who move along are named",
            trigger: ".alert[name=marketing_sync_notice]:contains('Tour Buyer')",
        },
        ...stepUtils.saveForm(),
        { trigger: tab, run: "click" },
        {
            content: "take one out of the company",
            trigger: `${card("Tour Clerk")} a[name=action_remove_from_company]`,
            run: "click",
        },
        { trigger: wizard + "footer .btn-primary", run: "click" },
        { trigger: `body:not(:has(.modal)):not(:has(${card("Tour Clerk")}))` },
        {
            content: "add another one",
            trigger: ".o_field_widget[name=child_ids] .o-kanban-button-new",
            run: "click",
        },
        { trigger: wizard + ".o_field_widget[name=name] input", run: "edit Tour Nils" },
        { trigger: wizard + ".o_form_button_save", run: "click" },
        { trigger: card("Tour Nils") },
        ...stepUtils.saveForm(),
    ],
});

tours.add("marketing_contact_people_offer", {
    steps: () => [
        {
            content: "the overview says whose people are no contacts yet",
            trigger: ".o_kanban_record:contains('People') a:contains('Link People')",
            run: "click",
        },
        { trigger: wizard + ".o_field_widget[name=effects]:contains('2 of their people')" },
        { trigger: wizard + "footer button[name=action_link]", run: "click" },
        { trigger: ".o_notification:contains('are linked')" },
        { trigger: ".o_kanban_record:contains('People'):contains('2 Linked')" },
    ],
});
