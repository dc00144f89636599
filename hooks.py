from .models.match.keys import drop_tables


def post_init_hook(env):
    """Set up the companies that were there before the module.

    Later ones get their setup by the defaults of the fields.
    """
    env["res.company"]._marketing_set_defaults()
    env["marketing.contact"]._marketing_make_properties_definition()
    env["marketing.match.word"]._load_shipped()
    env["marketing.import.heading"]._load_shipped()
    env["marketing.contact"]._marketing_save_filters()


def uninstall_hook(env):
    """Remove the links first: the business relations can't go before them, nor the
    templates of interactions before their rules.

    Customers, vendors and bank accounts are left as they are.
    """
    env.cr.execute("DELETE FROM marketing_contact_relation")
    env.cr.execute("DELETE FROM marketing_interaction_rule")
    # fields of models of ours that went with their own module, which Odoo stumbles over
    env.cr.execute(
        """
        DELETE FROM ir_model_data data
         WHERE module = 'marketing_contact' AND model = 'ir.model.fields'
           AND NOT EXISTS (SELECT FROM ir_model_fields WHERE id = data.res_id)
        """
    )
    # what was made when it was needed: the secret of erased addresses, for one
    env["ir.config_parameter"].search(
        [("key", "=like", "marketing_contact.%")]
    ).unlink()
    env.registry.clear_cache()
    drop_tables(env.cr, env["marketing.match"]._get_sides().values())
