def migrate(cr, _version):
    """Make the column of who is blocked: nobody is, and nothing has to be computed."""
    cr.execute(
        "ALTER TABLE marketing_contact ADD COLUMN IF NOT EXISTS privacy_hidden boolean"
    )
