from . import marketing_contact_merge_move
from . import marketing_contact_merged
from . import marketing_contact
from . import marketing_contact_relation
from . import marketing_sync_batch
from . import marketing_run
