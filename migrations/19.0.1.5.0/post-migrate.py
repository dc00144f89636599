from odoo import SUPERUSER_ID, api

SHARED = ("name", "function", "phone", "email", "lang", "image_1920")
SWITCHES = (
    "people_to_contacts",
    "people_to_cards",
    "inherit_address",
    "inherit_salesperson",
    "inherit_lang",
    "inherit_phone",
    "inherit_website",
    "inherit_industry",
)


def migrate(cr, _version):
    """Give the map what is shared with people. For companies that were there before,
    nothing changes by itself: the overview offers to link people.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    if not env["marketing.sync.field"].search([("kind", "=", "person")], limit=1):
        env["marketing.sync.field"]._load_records(
            [
                {
                    "xml_id": f"marketing_contact.marketing_sync_field_person_{name}",
                    "noupdate": True,
                    "values": {
                        "kind": "person",
                        "sequence": number * 10,
                        "contact_field": name,
                        "card_field": name,
                    },
                }
                for number, name in enumerate(SHARED, 1)
            ]
        )
    companies = env["res.company"].with_context(active_test=False).search([])
    companies.write({f"marketing_{name}": False for name in SWITCHES})
    email = env.ref(
        "marketing_contact.marketing_interaction_template_email",
        raise_if_not_found=False,
    )
    rules = env["marketing.interaction.rule"].with_context(active_test=False).search([])
    templates = rules.template_id
    (templates - email if email else templates).use = "rule"
