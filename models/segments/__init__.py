from . import marketing_segment
from . import using
from . import why
from . import marketing_segment_use
from . import marketing_letter
from . import marketing_contact
