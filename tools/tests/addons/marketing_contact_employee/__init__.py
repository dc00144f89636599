from . import models


def post_init_hook(env):
    code = env.ref("marketing_contact_employee.marketing_business_relation_employee")
    env["res.company"].search([]).marketing_employee_relation_id = code
