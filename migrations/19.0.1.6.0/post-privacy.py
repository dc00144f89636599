from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file


def migrate(cr, _version):
    """Bring the examples of retention, and let interactions be read whose contact was
    erased: both as a new database has them.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    convert_file(
        env,
        "marketing_contact",
        "data/marketing_retention_data.xml",
        {},
        "init",
        noupdate=True,
    )
    rule = env.ref(
        "marketing_contact.marketing_interaction_rule_company",
        raise_if_not_found=False,
    )
    of_contact = "'|', ('contact_id.company_id', '=', False)"
    if rule and "('contact_id', '=', False)" not in rule.domain_force:
        rule.domain_force = rule.domain_force.replace(
            of_contact, f"'|', ('contact_id', '=', False), {of_contact}"
        )
