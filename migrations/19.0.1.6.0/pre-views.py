def migrate(cr, _version):
    """Empty our extensions of views, which are loaded after what they extend: an old
    one may look for what that has no longer.
    """
    cr.execute(
        """
        UPDATE ir_ui_view SET arch_db = '{"en_US": "<data/>"}'
         WHERE mode = 'extension' AND id IN (
               SELECT res_id FROM ir_model_data
                WHERE module = 'marketing_contact' AND model = 'ir.ui.view')
        """
    )
