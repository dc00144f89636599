from . import test_create_card
from . import test_deletion
from . import test_generate
from . import test_import
from . import test_link
from . import test_rights
from . import test_sync
from . import test_trust
