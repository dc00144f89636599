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
