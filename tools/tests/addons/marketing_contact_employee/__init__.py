from . import models


def post_init_hook(env):
    companies = env["res.company"].search([])
    for name in ("employee", "job"):
        code = f"marketing_contact_employee.marketing_business_relation_{name}"
        companies[f"marketing_{name}_relation_id"] = env.ref(code)
