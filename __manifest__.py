{
    "name": "Marketing Contacts",
    "version": "19.0.1.0.0",
    "category": "Marketing",
    "summary": "Contacts of marketing, kept in step with customers, vendors and banks",
    "author": "Marketing Contacts contributors",
    "license": "LGPL-3",
    "depends": ["contacts", "phone_validation", "purchase", "sale"],
    "data": [],
    "application": True,
}
