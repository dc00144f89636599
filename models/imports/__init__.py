from . import marketing_import_heading
from . import base_import
from . import marketing_card_mixin
from . import marketing_contact
