from . import marketing_contact_merge_move
from . import marketing_contact_merge
from . import marketing_contact_relation
from . import marketing_sync_batch
from . import marketing_run
