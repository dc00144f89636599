{
    "name": "Marketing Contacts: Reaching out",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "summary": "Opportunities, mailings and text messages, as a test that they are met",
    "author": "Marketing Contacts contributors",
    "license": "LGPL-3",
    "depends": [
        "marketing_contact",
        "base_automation",
        "crm",
        "mass_mailing",
        "mass_mailing_sms",
        "privacy_lookup",
        "sms",
    ],
}
