import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const wizard = ".modal:not(.o_inactive_modal) ";
const noWizard = "body:not(:has(.modal)) ";

// The first hour: look at samples, link the sure ones.
tours.add("marketing_contact_match_board", {
    steps: () => [
        {
            content: "the proposals stand in their bands, with their reasons",
            trigger: ".o_kanban_group:contains('Sure') .o_kanban_record:contains('Tour Kelmaro')",
        },
        {
            trigger:
                ".o_kanban_record:contains('Tour Kelmaro') .badge.text-bg-success:contains('Phone')",
        },
        { trigger: ".o_switch_view.o_list", run: "click" },
        { trigger: ".o_list_view button:contains('Link All Sure Ones')", run: "click" },
        { trigger: wizard + ".o_field_widget[name=count]:contains('2')" },
        { trigger: wizard + "footer button[name=action_link]", run: "click" },
        { trigger: noWizard + ".o_list_view:not(:contains('Tour Kelmaro'))" },
        {
            content: "what is done now and then is in the cog",
            trigger: ".o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o_menu_item:contains('Merge All Sure Ones')",
            run: "click",
        },
        { trigger: ".o_notification:contains('No two contacts')" },
    ],
});

// Questions, by the keys.
tours.add("marketing_contact_match_queue", {
    steps: () => [
        { trigger: ".o_marketing_match_queue th:contains('Tour Ask One')" },
        { trigger: ".o_marketing_match_queue tr.table-danger" },
        { trigger: ".o_marketing_match_queue", run: "press n" },
        { trigger: ".o_marketing_match_queue th:contains('Tour Ask Two')" },
        { trigger: ".o_marketing_match_queue", run: "press u" },
        { trigger: ".o_marketing_match_queue th:contains('Tour Ask One')" },
        { trigger: ".o_marketing_match_queue", run: "press l" },
        { trigger: ".o_marketing_match_queue th:contains('Tour Ask Two')" },
        { trigger: ".o_marketing_match_queue .o_marketing_same", run: "click" },
        { trigger: ".o_marketing_match_queue p:contains('nothing left')" },
    ],
});

// Questions: what was taken back is asked and answered again, with more ahead than
// are wanted at once.
const queue = ".o_marketing_match_queue";
const asks = (number) => ({ trigger: `${queue} th:contains('Tour Ask ${number}')` });
const press = (key) => ({ trigger: queue, run: `press ${key}` });
tours.add("marketing_contact_match_queue_back", {
    steps: () => [
        ...[asks(1), press("s"), asks(2), press("u"), asks(1)],
        ...[press("s"), asks(2), press("s"), asks(3), press("u"), asks(2), press("u")],
        ...[asks(1), press("l"), asks(2), press("l"), asks(3), press("l"), asks(4)],
        ...[press("l"), asks(5), press("l"), asks(6), press("l")],
        { trigger: `${queue} p:contains('nothing left')` },
    ],
});

// Link with Existing: who is likely the same stands on top.
tours.add("marketing_contact_match_link", {
    steps: () => [
        {
            trigger: ".o_statusbar_buttons .o_marketing_menu a:contains('Link')",
            run: "click",
        },
        {
            trigger: ".o_marketing_menu .dropdown-menu.show button:contains('With Existing')",
            run: "click",
        },
        { trigger: wizard + ".o_marketing_link_proposals .badge:contains('Phone')" },
        {
            trigger: wizard + ".o_marketing_link_proposals button:contains('Tour Kelmaro')",
            run: "click",
        },
        { trigger: wizard + "footer button[name=action_link]", run: "click" },
        { trigger: noWizard + ".o_form_view:contains('Tour Kelmaro')" },
    ],
});

const banner = ".o_marketing_lookalike";

// The banner of a contact's form: not the same, taken back, the same, undone.
tours.add("marketing_contact_lookalike", {
    steps: () => [
        { trigger: `${banner}:contains('Tour Kelmaro Partner') .badge:contains('Phone')` },
        { trigger: `${banner} .o_marketing_differs`, run: "click" },
        { trigger: `body:not(:has(${banner})) .o_notification:contains('not the same')` },
        { trigger: ".o_notification button:contains('Undo')", run: "click" },
        { trigger: `${banner} .o_marketing_look`, run: "click" },
        {
            content: "the customer says the same of the contact",
            trigger: `${banner}:contains('Tour Kelmaro Contact')`,
        },
        { trigger: ".o_last_breadcrumb_item:contains('Tour Kelmaro Partner')" },
        {
            content: "what is typed is saved first",
            trigger: ".o_field_widget[name=website] input",
            run: "edit https://tour.example",
        },
        { trigger: `${banner} .o_marketing_same`, run: "click" },
        {
            trigger: `body:not(:has(${banner})) div[name=marketing_sync_summary]:contains('Tour Kelmaro Contact')`,
        },
        { trigger: ".o_notification button:contains('Undo')", run: "click" },
        { trigger: ".o_notification:contains('Undone')" },
    ],
});

// Two contacts: the same wizard as from the list.
tours.add("marketing_contact_lookalike_double", {
    steps: () => [
        { trigger: `${banner}:contains('Tour Twin')` },
        { trigger: `${banner} .o_marketing_same`, run: "click" },
        { trigger: wizard + "footer button[name=action_merge]", run: "click" },
        { trigger: noWizard + ".o-mail-Chatter:contains('Merged with')" },
        { trigger: `body:not(:has(${banner})) .o_form_view` },
    ],
});
