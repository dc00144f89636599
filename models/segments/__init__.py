from . import marketing_segment
from . import marketing_segment_use
from . import marketing_letter
from . import marketing_contact
from . import marketing_setup_mixin
from . import res_company
from . import bridges
