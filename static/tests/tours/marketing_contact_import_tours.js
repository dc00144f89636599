import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const column = (name) =>
    `.o_import_data_content tbody tr:has(.o_import_file_column_cell .fw-bold:contains(/^${name}$/))`;

function openImport() {
    return [
        { trigger: ".o_control_panel .o_cp_action_menus .dropdown-toggle", run: "click" },
        { trigger: ".o-dropdown--menu .o_import_menu", run: "click" },
        { trigger: ".o_control_panel .o_import_file" },
    ];
}

function upload(name, lines) {
    return {
        content: `choose the file ${name}`,
        trigger: ".o_control_panel input.o_input_file:not(:visible)",
        run() {
            const files = new DataTransfer();
            files.items.add(new File([lines.join("\r\n")], name, { type: "text/csv" }));
            this.anchor.files = files.files;
            this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
        },
    };
}

const isMapped = (header, field) => ({
    content: `${header} is ${field}`,
    trigger: `${column(header)}:contains('${field}')`,
});

const pressImport = () => ({
    trigger: ".o_control_panel button:contains(/^Import$/)",
    run: "click",
});

// People with their companies, as Outlook writes them, from the list of all contacts.
tours.add("marketing_contact_import_outlook", {
    steps: () => [
        ...openImport(),
        upload("outlook.csv", [
            "\ufeffFirst Name,Middle Name,Last Name,Company,Job Title,Business City,Business Country/Region,Business Phone,Mobile Phone,E-mail Address,Web Page,Notes",
            "Tora,,Tour,Tour Tak AB,Buyer,Lund,Sweden,+46 46 555 61,+46 70 555 61 61,tora@tour-tak.example,www.tour-tak.example,Met at the fair",
            "Timo,,Tour,Tour Tak AB,,Lund,Sweden,,+46 70 555 62 62,timo@tour-tak.example,,",
        ]),
        isMapped("First Name", "Name"),
        isMapped("Last Name", "Name"),
        isMapped("Company", "Company Name"),
        isMapped("Job Title", "Job Position"),
        isMapped("Business Phone", "Phone"),
        isMapped("E-mail Address", "Email"),
        pressImport(),
        {
            content: "the company is not there: make it",
            trigger: `${column("Company")} select`,
            run: "select name_create_enabled_fields",
        },
        pressImport(),
        { trigger: ".o_list_view .o_data_row:contains('Tora Tour'):contains('Tour Tak AB')" },
        { trigger: ".o_list_view .o_data_row:contains('Timo Tour'):contains('Tour Tak AB')" },
        { trigger: ".o_notification:contains('2 contacts, 1 company made')" },
        {
            trigger: ".o_notification button:contains('Show the Companies')",
            run: "click",
        },
        { trigger: ".o_list_view:not(:has(.o_data_row:contains('Tora Tour'))) .o_data_row:contains('Tour Tak AB')" },
    ],
});

// Companies, as HubSpot writes them.
tours.add("marketing_contact_import_hubspot", {
    steps: () => [
        ...openImport(),
        upload("hubspot.csv", [
            "Record ID,Company name,Company owner,Create Date,Phone Number,City,Country/Region,Street Address,Postal Code,Company Domain Name,Industry",
            "8800001,Tour Rope Ltd,,2026-01-03 12:00,0117 555 0163,Bristol,United Kingdom,9 Quay,BS1 4ND,tour-rope.example,MACHINERY",
        ]),
        isMapped("Company name", "Name"),
        isMapped("Phone Number", "Phone"),
        isMapped("Company Domain Name", "Website"),
        {
            trigger: ".o_control_panel button:contains(/^Test$/)",
            run: "click",
        },
        { trigger: ".alert-info:contains('What will come in: 1 contact.')" },
        pressImport(),
        { trigger: ".o_list_view .o_data_row:contains('Tour Rope Ltd')" },
        {
            content: "the note leads to who looks like a customer, and to nobody else",
            trigger: ".o_notification:contains('1 looks like a customer') button:contains('Look at Them')",
            run: "click",
        },
        {
            trigger:
                ".o_kanban_view:has(.o_kanban_record:contains('Tour Rope Ltd')):not(:has(.o_kanban_record:not(.o_kanban_ghost):not(:contains('Tour Rope Ltd'))))",
        },
    ],
});
