from . import marketing_generate_run
