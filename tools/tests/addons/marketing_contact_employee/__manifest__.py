{
    "name": "Marketing Contacts: Employees",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "summary": "A kind that an add-on brings, as a test that one can",
    "author": "Marketing Contacts contributors",
    "license": "LGPL-3",
    "depends": ["hr", "marketing_contact"],
    "data": [
        "data/marketing_contact_employee_data.xml",
        "views/hr_employee_views.xml",
    ],
    "post_init_hook": "post_init_hook",
}
