from . import employee, job
