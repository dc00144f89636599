from . import marketing_preview_mixin
from . import marketing_contact_link
from . import marketing_contact_create_card
from . import marketing_contact_generate
from . import marketing_setup
from . import base_partner_merge
from . import marketing_sync_undo
from . import marketing_sync_repair
