from . import contact
from . import sync
from . import links
from . import runs
from . import trust
from . import match
from . import documents
from . import interactions
