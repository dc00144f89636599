import json
from datetime import datetime, timedelta


def call_json2(case, user, model, method, **params):
    """Call a method by JSON-2, as other systems do, with an API key of the user.

    :param case: the test, an `HttpCase`
    :return: the status and what was answered
    """
    key = (
        case.env["res.users.apikeys"]
        .with_user(user)
        ._generate("rpc", "test", datetime.now() + timedelta(days=1))
    )
    response = case.url_open(
        f"/json/2/{model}/{method}",
        data=json.dumps(params),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
        },
    )
    return response.status_code, response.json()
