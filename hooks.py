def post_init_hook(env):
    """Set up the companies that were there before the module.

    Later ones get their setup by the defaults of the fields.
    """
    env["res.company"]._marketing_set_defaults()
