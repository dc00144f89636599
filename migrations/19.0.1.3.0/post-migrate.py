def migrate(cr, _version):
    """Say on the sides of links that they are linked, which saves look at since."""
    for table, column in (
        ("marketing_contact", "contact_id"),
        ("res_partner", "partner_id"),
        ("res_bank", "bank_id"),
    ):
        cr.execute(
            f"""
            UPDATE {table} SET marketing_linked = TRUE
             WHERE marketing_linked IS NOT TRUE
               AND id IN (SELECT {column} FROM marketing_contact_relation
                           WHERE kind IS NOT NULL)
            """  # noqa: S608
        )
