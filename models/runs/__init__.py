from . import marketing_run
from . import marketing_run_work
from . import marketing_run_part
from . import marketing_exception
