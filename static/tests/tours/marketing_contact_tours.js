import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { searchFor } from "./tour_steps";

const tours = registry.category("web_tour.tours");

/** Fails where one letter stands for two things. */
function checkLetters(where) {
    const seen = {};
    for (const element of document.querySelectorAll(
        `${where} [data-hotkey], ${where} [accesskey]`
    )) {
        const letter = (element.dataset.hotkey || element.accessKey).toLowerCase();
        if (element.checkVisibility() && letter) {
            if (seen[letter]) {
                throw new Error(
                    `${letter}: ${seen[letter].outerHTML} and ${element.outerHTML}`
                );
            }
            seen[letter] = element;
        }
    }
    return seen;
}

const wizard = ".modal:not(.o_inactive_modal) ";

function pressInMenu(menu, label) {
    return [
        {
            content: `open the menu ${menu}`,
            trigger: `.o_statusbar_buttons .o_marketing_menu a:contains('${menu}')`,
            run: "click",
        },
        {
            content: `press ${label}`,
            trigger: `.o_marketing_menu .dropdown-menu.show button:contains('${label}')`,
            run: "click",
        },
    ];
}

tours.add("marketing_contact_create_customer", {
    steps: () => [
        {
            content: "create a contact",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=name] textarea",
            run: "edit Tour Mills",
        },
        {
            trigger: ".o_field_widget[name=phone] input",
            run: "edit +46 8 555 020 10",
        },
        {
            trigger: ".o_field_widget[name=street] input",
            run: "edit Mill Street 1",
        },
        ...stepUtils.saveForm(),
        {
            content: "the contact has drawn its number",
            trigger: ".o_field_widget[name=number]:not(:empty)",
        },
        ...pressInMenu("Link", "Create as Customer"),
        {
            content: "the wizard shows what it will create",
            trigger: wizard + ".o_field_widget[name=preview]:contains('Mill Street 1')",
        },
        {
            trigger: wizard + "footer button[name=action_create]",
            run: "click",
        },
        {
            content: "the customer opens, filled in and in step with the contact",
            trigger:
                ".o_field_widget[name=marketing_sync_summary]:contains('Tour Mills')",
        },
        {
            trigger: ".o_field_widget[name=street] input:value('Mill Street 1')",
        },
        {
            content: "go to the contact from there",
            trigger: "button[name=action_view_marketing_contact]",
            run: "click",
        },
        {
            content: "the contact shows its customer",
            trigger: ".o_marketing_chip:contains('Customer:')",
        },
    ],
});

tours.add("marketing_contact_link_vendor", {
    steps: () => [
        ...pressInMenu("Link", "With Existing"),
        {
            content: "with a vendor",
            trigger: wizard + ".o_field_widget[name=kind] .o_radio_input[data-value=vendor]",
            run: "click",
        },
        {
            trigger: wizard + ".o_field_widget[name=partner_id] input[placeholder='Choose the vendor']",
            run: "edit Tour Vendor",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tour Vendor')",
            run: "click",
        },
        {
            content: "the contact's street would win",
            trigger:
                wizard +
                ".o_field_widget[name=preview] tr:contains('Vendor Street 2'):contains('Contact Street 1')",
        },
        {
            content: "the columns name the two",
            trigger:
                wizard +
                "th[data-name=contact_value]:contains('Tour Contact') ~ th[data-name=card_value]:contains('Tour Vendor')",
        },
        {
            content: "keep the phone number of the vendor",
            trigger:
                wizard + ".o_data_row:contains('Phone') td[name=card_value] button",
            run: "click",
        },
        {
            content: "the preview follows the choice",
            trigger:
                wizard +
                ".o_field_widget[name=preview] tr:contains('Tour Contact'):contains('+46 8 555 020 22')",
        },
        {
            trigger: wizard + "footer button[name=action_link]",
            run: "click",
        },
        {
            content: "the contact is a vendor now",
            trigger: "body:not(:has(.modal)) .o_marketing_chip:contains('Vendor:')",
        },
        {
            trigger: ".o_field_widget[name=phone] input:value('+46 8 555 020 22')",
        },
    ],
});

tours.add("marketing_contact_generate", {
    steps: () => [
        ...searchFor("Tour Customer"),
        {
            trigger: ".o_list_view:has(.o_data_row:eq(2)):not(:has(.o_data_row:eq(3)))",
        },
        {
            trigger: "thead .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_cp_action_menus button:contains('Actions')",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .dropdown-item:contains('Create Contacts')",
            run: "click",
        },
        {
            content: "the wizard says what to expect",
            trigger: wizard + ".o_field_widget[name=summary]:contains('3 get a new contact')",
        },
        {
            trigger: wizard + "footer button[name=action_generate]",
            run: "click",
        },
        {
            content: "the new contacts are shown",
            trigger:
                ".breadcrumb-item:contains('Contacts'), .o_breadcrumb:contains('Contacts')",
        },
        {
            trigger: ".o_data_row:contains('Tour Customer 3') td[name=business_relation_ids]:contains('Customer')",
        },
    ],
});

tours.add("marketing_contact_phone", {
    steps: () => [
        {
            content: "the customer says with whom it is in step",
            trigger:
                ".o_field_widget[name=marketing_sync_summary]:contains('Tour Contact')",
        },
        {
            trigger: ".o_field_widget[name=phone] input",
            run: "edit +46 8 555 020 99",
        },
        ...stepUtils.saveForm(),
        {
            trigger: "button[name=action_view_marketing_contact]",
            run: "click",
        },
        {
            content: "the contact has the new number",
            trigger:
                "body:has(.o_field_widget[name=link_chips]) .o_field_widget[name=phone] input:value('+46 8 555 020 99')",
        },
    ],
});

tours.add("marketing_contact_setup", {
    steps: () => [
        ...pressInMenu("Link", "Create as Customer"),
        {
            content: "the error names what is missing and leads to the setup",
            trigger: ".o_error_dialog:contains('Business Relation for Customers')",
        },
        {
            trigger: ".o_error_dialog button:contains('Go to Marketing Setup')",
            run: "click",
        },
        {
            trigger:
                wizard +
                ".o_field_widget[name=marketing_customer_relation_id] input",
            run: "edit TOURCUST",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('TOURCUST')",
            run: "click",
        },
        {
            trigger: wizard + "footer button[name=action_save]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        ...pressInMenu("Link", "Create as Customer"),
        {
            content: "now it works",
            trigger: wizard + ".o_field_widget[name=preview]:contains('Tour Contact')",
        },
        {
            trigger: wizard + "footer button[name=action_create]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=marketing_sync_summary]:contains('Tour Contact')",
        },
    ],
});

tours.add("marketing_contact_first", {
    steps: () => [
        {
            content: "an empty list offers a form",
            trigger: ".o_marketing_first_steps a:contains('New')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name] textarea",
        },
        {
            content: "back to the list",
            trigger: ".o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            content: "and the import",
            trigger: ".o_marketing_first_steps a:contains('Import')",
            run: "click",
        },
        {
            trigger: ".o_import_action",
        },
        {
            trigger: ".o_back_button, .breadcrumb-item a, .o_control_panel button:contains('Cancel')",
            run: "click",
        },
        {
            content: "and to begin with the customers",
            trigger: ".o_marketing_first_steps a:contains('Create from Customers')",
            run: "click",
        },
        {
            trigger: wizard + ".o_field_widget[name=summary]",
        },
        {
            trigger: wizard + "footer button[name=action_generate]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('Tour First')",
        },
    ],
});

tours.add("marketing_contact_type_switch", {
    steps: () => [
        {
            content: "make it a person",
            trigger: ".o_radio_input[data-value=person]",
            run: "click",
        },
        {
            content: "no: it stays a company",
            trigger: ".modal-body:contains('Customer Tour Switch')",
        },
        {
            trigger: ".modal-footer button:contains('Cancel')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_radio_input[data-value=company]:checked",
        },
        {
            content: "yes",
            trigger: ".o_radio_input[data-value=person]",
            run: "click",
        },
        {
            trigger: ".modal-footer button:contains('Continue')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_radio_input[data-value=person]:checked",
        },
        ...stepUtils.saveForm(),
        {
            trigger: ".o_radio_input[data-value=person]:checked",
        },
    ],
});

tours.add("marketing_contact_letters", {
    steps: () => [
        {
            content: "a form with its pager",
            trigger: ".o_data_row:contains('Tour Letters') td[name=name]",
            run: "click",
        },
        {
            content: "letters of the header, none of them taken by Odoo",
            trigger: ".o_form_view .o_pager_next",
            run() {
                const seen = checkLetters("body");
                for (const letter of ["o", "w", "l"]) {
                    if (!seen[letter]?.closest(".o_statusbar_buttons")) {
                        throw new Error(`${letter} stands for nothing of the header`);
                    }
                }
            },
        },
        {
            content: "a letter opens the menu",
            trigger: ".o_form_view",
            run: "press Alt+l",
        },
        {
            trigger: ".o_marketing_menu .dropdown-menu.show button:contains('Existing')",
            run: "click",
        },
        {
            content: "letters of the wizard",
            trigger: wizard + "footer button[name=action_link][data-hotkey]",
            run: () => checkLetters(".modal"),
        },
        {
            trigger: wizard + "footer button:contains('Discard')",
            run: "click",
        },
        {
            content: "person or company by the keyboard",
            trigger: "body:not(:has(.modal)) .o_radio_input[data-value=company]",
            run() {
                this.anchor.focus();
                if (this.anchor.tabIndex < 0 || document.activeElement !== this.anchor) {
                    throw new Error("Person and Company can't be reached");
                }
            },
        },
    ],
});

tours.add("marketing_contact_header", {
    steps: () => [
        {
            content: "the header is one line, and nothing sticks out at the side",
            trigger: ".o_statusbar_buttons .o_marketing_menu:last-child a",
            run() {
                const buttons = [
                    ...document.querySelectorAll(
                        ".o_statusbar_buttons [name=actions] > button, .o_marketing_menu > a"
                    ),
                ].filter((button) => button.checkVisibility());
                const tops = new Set(
                    buttons.map((button) => Math.round(button.getBoundingClientRect().top))
                );
                if (buttons.length < 3 || tops.size > 1) {
                    throw new Error(`${buttons.length} buttons in ${tops.size} lines`);
                }
                const sheet = document.querySelector(".o_form_sheet");
                for (const field of sheet.querySelectorAll(".o_field_widget")) {
                    const { right } = field.getBoundingClientRect();
                    if (right > window.innerWidth + 1) {
                        throw new Error(`${field.getAttribute("name")} sticks out`);
                    }
                }
            },
        },
        {
            trigger: ".o_statusbar_buttons .o_marketing_menu:last-child a",
            run: "click",
        },
        {
            content: "the menu lies above the sheet, within the screen",
            trigger: ".o_marketing_menu .dropdown-menu.show .dropdown-item",
            async run() {
                await new Promise((resolve) => setTimeout(resolve, 300));
                const { left, right, top, height } = this.anchor.getBoundingClientRect();
                const seen = document.elementFromPoint(left + 5, top + height / 2);
                if (!seen?.closest(".dropdown-menu") || right > window.innerWidth + 1) {
                    throw new Error(`the menu lies below ${seen?.outerHTML}`);
                }
            },
        },
    ],
});
