import { registry } from "@web/core/registry";
import { searchFor } from "./tour_steps";

const tours = registry.category("web_tour.tours");
const wizard = ".modal:not(.o_inactive_modal) ";
const noWizard = "body:not(:has(.modal)) ";

const click = (trigger) => ({ trigger, run: "click" });
const see = (trigger) => ({ trigger });
const type = (trigger, text) => ({ trigger, run: `edit ${text}` });

/**
 * One of the commonest jobs: its steps, of which exactly so many are clicks. The
 * table of docs/clicks.md says the same number beside that of Odoo's own screens.
 */
function job(name, clicks, steps) {
    const found = steps.filter(({ run }) => run === "click").length;
    if (found !== clicks) {
        throw new Error(`${name}: ${found} clicks, not ${clicks}`);
    }
    return [{ content: name, trigger: "body" }, ...steps];
}

const toList = () => [
    click(".o_menu_brand"),
    see("body:not(:has(.modal, .o_facet_value)) .o_list_view .o_data_row"),
];
const row = (name) => `.o_data_row:has(td[name=name]:contains('${name}')) td[name=number]`;
const openForm = (name) => [...toList(), ...searchFor(name), click(row(name)), see(form(name))];
const form = (name) => noWizard + `.o_form_view .o_last_breadcrumb_item:contains('${name}')`;
const save = () => [
    click(".o_form_button_save:enabled"),
    see(".o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))"),
];
const chooseForAll = (action) => [
    click(".o_list_renderer thead .o_list_record_selector input"),
    click(".o_cp_action_menus .dropdown-toggle:contains('Actions')"),
    click(`.o-dropdown--menu .o_menu_item:contains('${action}')`),
];

tours.add("marketing_contact_clicks_one", {
    steps: () => [
        see(".o_list_view .o_data_row"),
        ...job("Find somebody by a phone number, and open it", 1, [
            ...searchFor("08-555 90 01"),
            see(".o_pager_value:contains(/^1-1$/)"),
            click(row("Click Mill AB")),
            see(form("Click Mill AB")),
        ]),
        ...toList(),
        ...job("Find a person by the company's name, and open it", 1, [
            ...searchFor("Click Mill"),
            click(row("Ann Click")),
            see(form("Ann Click")),
        ]),
        ...toList(),
        ...job("New company", 2, [
            click(".o_list_button_add"),
            type(".o_field_widget[name=name]:visible textarea", "Click Newcomer"),
            ...save(),
        ]),
        ...job("Archive", 3, [
            click(".o_cp_action_menus .dropdown-toggle"),
            click(".o-dropdown--menu .o_menu_item:contains(/^Archive$/)"),
            click(wizard + "footer .btn-primary"),
            see(noWizard + ".ribbon:contains('Archived')"),
        ]),
        ...openForm("Click Mill AB"),
        ...job("New person of a company", 3, [
            click("button[name=action_view_people]"),
            click(".o_list_button_add, .o-kanban-button-new"),
            type(".o_field_widget[name=name]:visible textarea", "Eve Click"),
            ...save(),
        ]),
        ...openForm("Click Mill AB"),
        ...job("Log a call", 2, [
            click("button[name=action_log_interaction]"),
            click(wizard + "footer button:contains(/^Log$/)"),
            see(noWizard + ".o_field_widget[name=timeline_ids] .o_data_row"),
        ]),
        ...job("Plan an activity", 2, [
            click(".o-mail-Chatter-activity"),
            click(wizard + "footer .btn-primary"),
            see(noWizard + ".o-mail-Activity"),
        ]),
        ...job("Email to one", 2, [
            click(".o-mail-Chatter-sendMessage"),
            type(".o-mail-Composer-input", "Hello from the tour"),
            click(".o-mail-Composer-send:enabled"),
            see(".o-mail-Message:contains('Hello from the tour')"),
        ]),
    ],
});

tours.add("marketing_contact_clicks_links", {
    steps: () => [
        ...openForm("Click Prospect One"),
        ...job("A contact becomes a customer", 2, [
            click("div[name=not_linked] button:contains('Create as Customer')"),
            click(wizard + "button[name=action_create]"),
            see(noWizard + ".o_form_view .o_field_widget[name=name]"),
        ]),
        ...openForm("Click Prospect One"),
        ...job("Quotation for a customer", 1, [
            click(".o_statusbar_buttons button[name=action_new_quotation]"),
            see(".o_field_widget[name=partner_id] input:value('Click Prospect One')"),
        ]),
        click(".o_form_button_cancel:visible"),
        ...openForm("Click Prospect Two"),
        ...job("Quotation for somebody who is no customer yet", 2, [
            click(".o_statusbar_buttons button[name=action_new_quotation]"),
            click(wizard + "button[name=action_create]:visible"),
            see(".o_field_widget[name=partner_id] input:value('Click Prospect Two')"),
        ]),
        click(".o_form_button_cancel:visible"),
        ...openForm("Click Prospect Three"),
        ...job("Link with a customer who is there", 3, [
            click("div[name=not_linked] button:contains('Link with Existing')"),
            type(wizard + ".o_field_widget[name=partner_id]:visible input", "Clack Customer"),
            click(".o-autocomplete--dropdown-item:contains('Clack Customer')"),
            click(wizard + "button[name=action_link]"),
            see(noWizard + ".o_marketing_chip:contains('Customer')"),
        ]),
        ...job("Take the last link back", 1, [
            click(".o_notification button:contains('Undo')"),
            see("div[name=not_linked]"),
        ]),
        ...openForm("Click Linked"),
        ...job("Unlink", 2, [
            click(".o_marketing_unlink"),
            click(wizard + "button[name=action_unlink]"),
            see(noWizard + "div[name=not_linked]"),
        ]),
        ...openForm("Click Nordkvarn"),
        ...job("Say that a customer is the same", 1, [
            click(".o_marketing_lookalike .o_marketing_same"),
            see(".o_marketing_chip:contains('Click Nordkvarn')"),
        ]),
        ...openForm("Click Unwanted"),
        ...job("Block", 2, [
            click(".o_cp_action_menus .dropdown-toggle"),
            click(".o-dropdown--menu .o_menu_item:contains(/^Block$/)"),
            // who may not see it any more is back in the list
            see(".o_list_view .o_data_row"),
        ]),
    ],
});

tours.add("marketing_contact_clicks_many", {
    steps: () => [
        see(".o_list_view .o_data_row"),
        ...searchFor("Click Bulk"),
        see(".o_pager_value:contains(/^1-20$/)"),
        ...job("Email to 20", 4, [
            ...chooseForAll("Send Email"),
            see(wizard + ".o_field_widget[name=marketing_reach]:contains('20 of 20')"),
            type(wizard + ".o_field_widget[name=subject] input", "News"),
            {
                trigger: wizard + ".odoo-editor-editable",
                run: "editor What we have for you",
            },
            click(wizard + "button[name=action_send_mail]"),
            see(noWizard + ".o_notification:contains('Sent to 20')"),
        ]),
        ...toList(),
        ...searchFor("Click Bulk"),
        see(".o_pager_value:contains(/^1-20$/)"),
        ...job("Log a call with 20", 4, [
            ...chooseForAll("Log Interaction"),
            type(wizard + ".o_field_widget[name=name] input", "Call"),
            click(wizard + "button[name=action_log]"),
            see(noWizard + ".o_notification:contains('Logged with 20')"),
        ]),
        ...toList(),
        ...searchFor("Click Bulk"),
        see(".o_pager_value:contains(/^1-20$/)"),
        ...job("Plan an activity with 20", 4, [
            ...chooseForAll("Schedule Activity"),
            click(wizard + "button[name=action_schedule_activities]"),
            see(noWizard + ".o_notification:contains('Scheduled with 20')"),
        ]),
        ...toList(),
        ...searchFor("Click Double"),
        see(".o_pager_value:contains(/^1-2$/)"),
        ...job("Merge two", 4, [
            ...chooseForAll("Merge"),
            click(wizard + "button[name=action_merge]"),
            see(noWizard + ".o_notification:contains('Merged into')"),
        ]),
    ],
});
