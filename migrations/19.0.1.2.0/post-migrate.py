from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Make what is made at installation since, and the blocks of shared fields."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["marketing.contact"]._marketing_make_properties_definition()
    cr.execute(
        """
        UPDATE marketing_sync_field SET block = 'address'
         WHERE block IS NULL AND contact_field IN
               ('street', 'street2', 'zip', 'city', 'state_id', 'country_id')
        """
    )
    _tell_printed_from_mailed(env)


def _tell_printed_from_mailed(env):
    """Give rules for e-mails, as shipped before, a template of their own.

    What an administrator has renamed, deleted or set otherwise stays as it is.
    """
    prefix = "marketing_interaction_template_"
    # one look at all that is shipped: what is deleted has no name here
    names = env["ir.model.data"].search(
        [
            ("module", "=", "marketing_contact"),
            ("model", "=", "marketing.interaction.template"),
        ]
    )
    templates = {data.name.removeprefix(prefix): data.res_id for data in names}
    Template = env["marketing.interaction.template"]
    for key, id_ in templates.items():
        template = Template.browse(id_).exists()
        rules = env["marketing.interaction.rule"].with_context(active_test=False)
        mailed = rules.search([("template_id", "=", id_), ("event", "=", "email")])
        printed = rules.search([("template_id", "=", id_), ("event", "=", "print")])
        if not (template and mailed and printed) or f"{key}_email" in templates:
            continue
        twin = template.copy({"code": f"{template.code}-M", "name": template.name})
        for lang, _label in env["res.lang"].get_installed():
            name = template.with_context(lang=lang).name
            if name.endswith(" sent"):
                base = name.removesuffix(" sent")
                template.with_context(lang=lang).name = f"{base} printed"
                twin.with_context(lang=lang).name = f"{base} sent by e-mail"
        env["ir.model.data"].create(
            {
                "module": "marketing_contact",
                "model": Template._name,
                "name": f"{prefix}{key}_email",
                "res_id": twin.id,
                "noupdate": True,
            }
        )
        mailed.template_id = twin
