from . import marketing_hidden_mixin
from . import marketing_sync_field
from . import marketing_sync_mixin
from . import marketing_contact
