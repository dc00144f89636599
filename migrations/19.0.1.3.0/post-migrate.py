from odoo.tools import SQL


def migrate(cr, _version):
    """Say on the sides of links that they are linked, which saves look at since."""
    for table, column in (
        ("marketing_contact", "contact_id"),
        ("res_partner", "partner_id"),
        ("res_bank", "bank_id"),
    ):
        cr.execute(
            SQL(
                """
                UPDATE %s SET marketing_linked = TRUE
                 WHERE marketing_linked IS NOT TRUE
                   AND id IN (SELECT %s FROM marketing_contact_relation
                               WHERE kind IS NOT NULL)
                """,
                SQL.identifier(table),
                SQL.identifier(column),
            )
        )
