from . import test_employee, test_job
