{
    "name": "Marketing Contacts: Jobs",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "summary": "Bulk work by the workers of queue_job, as a test that it scales out",
    "author": "Marketing Contacts contributors",
    "license": "LGPL-3",
    "depends": ["marketing_contact", "queue_job"],
}
