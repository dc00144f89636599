from . import test_automation
from . import test_bridges
from . import test_mailing
from . import test_opportunities
from . import test_segments
from . import test_sms
from . import test_privacy
