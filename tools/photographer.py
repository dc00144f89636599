"""Takes the pictures of the documentation in a running Odoo, by headless Chromium.

Run by ``python3 dev.py pictures`` in the virtual environment, with the address of the
server, the database and a folder for its own files as arguments, and the names of the
pictures, all by default.
"""

import base64
import datetime
import http.cookiejar
import io
import json
import shutil
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import websocket

CHECKOUT = Path(__file__).parent.parent
IMAGES = CHECKOUT / "docs" / "images"
# the same picture elsewhere: name -> where
ALSO = {
    "contact": "static/description/contact_form.png",
    "import": "static/description/import.png",
    "questions": "static/description/who_is_who.png",
    "link": "static/description/link_wizard.png",
    "segment": "static/description/segment.png",
    "overview": "static/description/overview.png",
}
PORT = 9334
# what the page may take to show, in seconds
PATIENCE = 20
# name of the picture -> path, what must be there, what to click on first
PICTURES = {
    "setup": (
        "/odoo/action-marketing_contact.marketing_setup_action",
        ".modal .o_form_view",
        None,
    ),
    "create_contacts": (
        "/odoo/action-marketing_contact.marketing_contact_generate_action",
        ".modal .o_field_widget[name=summary]",
        None,
    ),
    "contacts": ("/odoo/marketing-contacts", ".o_data_row", None),
    "contact": ("/odoo/marketing-contacts/{contact}", ".o_form_view", None),
    "people": (
        "/odoo/marketing-contacts/{contact}",
        ".o_notebook .nav-link[name=people]",
        ".o_notebook .nav-link[name=people]",
    ),
    "who_is_who": ("/odoo/marketing-who-is-who", ".o_kanban_record", None),
    "questions": (
        "/odoo/action-marketing_contact.marketing_match_queue_action",
        ".o_marketing_match_queue table",
        None,
    ),
    "import": ("/odoo/marketing-contacts/import", "input.o_input_file", None),
    "link": (
        "/odoo/marketing.contact.link/{wizard}",
        ".o_field_widget[name=line_ids] .o_data_row",
        None,
    ),
    "journal": ("/odoo/marketing-journal", ".o_data_row", None),
    "overview": ("/odoo/marketing-overview", ".o_kanban_record canvas", None),
    "customer": ("/odoo/res.partner/{customer}", ".o_form_view", None),
    "segments": ("/odoo/marketing-segments", ".o_data_row", None),
    "segment": ("/odoo/marketing-segments/{segment}", ".o_domain_selector", None),
    "segment_why": (
        "/odoo/marketing-segments/{segment}",
        ".o_form_view",
        (
            ".o_notebook .nav-link[name=why]",
            ".o_field_widget[name=asked_contact_id] input",
            ".o-autocomplete--dropdown-item:nth-child(3) a",
        ),
    ),
    "requests": ("/odoo/marketing-privacy-requests", ".o_data_row", None),
    "request": ("/odoo/marketing-privacy-requests/{request}", ".o_form_view", None),
    "erase": (
        "/odoo/marketing-privacy-requests/{request}",
        ".o_form_view",
        "button[name=action_erase]",
    ),
    "answer": ("{answer}", "body", None),
    "blocked": ("/odoo/marketing-contacts/{blocked}", ".alert-danger", None),
}


# what is uploaded first, and what must be there then
UPLOADS = {"import": ("tests/data/outlook.csv", ".o_import_data_content tbody tr")}


class Odoo:
    """The server, as a user who is logged in."""

    def __init__(self, address, database):
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        handler = urllib.request.HTTPCookieProcessor(self.cookies)
        self.opener = urllib.request.build_opener(handler)
        self.post(
            "/web/session/authenticate",
            {"db": database, "login": "admin", "password": "admin"},
        )

    def post(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.address + path, body, {"Content-Type": "application/json"}
        )
        answer = json.load(self.opener.open(request))
        if "error" in answer:
            raise SystemExit(answer["error"]["data"]["message"])
        return answer["result"]

    def call(self, model, method, *args):
        params = {"model": model, "method": method, "args": args, "kwargs": {}}
        return self.post("/web/dataset/call_kw", params)


class Browser:
    """A headless Chromium, spoken to by its own protocol."""

    def __init__(self, folder):
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        if not chromium:
            raise SystemExit("Chromium is not installed.")
        self.process = subprocess.Popen(
            [
                *(chromium, "--headless=new", "--no-sandbox", "--hide-scrollbars"),
                *(f"--remote-debugging-port={PORT}", "--remote-allow-origins=*"),
                *(
                    "--window-size=1280,1000",
                    f"--user-data-dir={folder}",
                    "about:blank",
                ),
            ],
            stderr=subprocess.DEVNULL,
        )
        self.number = 0
        self.socket = websocket.create_connection(self._find_page())

    def _find_page(self):
        address = f"http://127.0.0.1:{PORT}/json"
        for _try in range(PATIENCE * 2):
            try:
                with urllib.request.urlopen(address) as answer:  # noqa: S310
                    pages = json.load(answer)
                return next(
                    p["webSocketDebuggerUrl"] for p in pages if p["type"] == "page"
                )
            except (OSError, StopIteration):
                time.sleep(0.5)
        raise SystemExit("Chromium does not answer.")

    def do(self, method, **params):
        self.number += 1
        self.socket.send(
            json.dumps({"id": self.number, "method": method, "params": params})
        )
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                return answer.get("result", answer)

    def ask(self, expression):
        result = self.do("Runtime.evaluate", expression=expression)
        return result.get("result", {}).get("value")

    def wait(self, selector):
        found = f"!!document.querySelector({json.dumps(selector)})"
        for _try in range(PATIENCE * 4):
            if self.ask(found):
                return
            time.sleep(0.25)
        raise SystemExit(f"{selector} does not show.")

    def upload(self, path):
        """Choose a file of the module where the page asks for one."""
        root = self.do("DOM.getDocument")["root"]["nodeId"]
        found = self.do("DOM.querySelector", nodeId=root, selector="input.o_input_file")
        self.do(
            "DOM.setFileInputFiles",
            nodeId=found["nodeId"],
            files=[str(CHECKOUT / path)],
        )


def make_wizard(odoo, contact_id):
    """Return the id of a wizard that links a contact with a vendor who differs."""
    (partner_id,) = odoo.call(
        "res.partner",
        "create",
        [
            {
                "name": "Northwind Mills SA",
                "is_company": True,
                "street": "Rue Haute 7",
                "city": "Namur",
                "phone": "+32 81 55 01 00",
            }
        ],
    )
    values = {"contact_id": contact_id, "kind": "vendor", "partner_id": partner_id}
    (wizard_id,) = odoo.call("marketing.contact.link", "create", [values])
    return wizard_id


def make_segments(odoo, contact_ids):
    """Return the id of a segment that leaves out the members of another one."""
    (rivals_id,) = odoo.call(
        "marketing.segment",
        "create",
        [
            {
                "name": "Competitors",
                "kind": "static",
                "contact_ids": [[6, 0, contact_ids[:1]]],
            }
        ],
    )
    # this year until today, as the editor writes it
    domain = [
        *(["email", "!=", False], ["is_company", "=", False]),
        *(["create_date", ">=", "today =1m =1d"], ["create_date", "<", "today +1d"]),
    ]
    (segment_id,) = odoo.call(
        "marketing.segment",
        "create",
        [
            {
                "name": "People we met this year",
                "domain": repr(domain),
                "exclude_segment_ids": [[6, 0, [rivals_id]]],
            }
        ],
    )
    return segment_id


def make_requests(odoo, contact_id):
    """Return the id of a request to erase a contact, beside one that is overdue."""
    (asked,) = odoo.call(
        "marketing.contact", "read", [contact_id], ["name", "email", "phone"]
    )
    today = datetime.date.today()
    odoo.call(
        "marketing.privacy.request",
        "create",
        [
            {
                "kind": "access",
                "name": "Ida Berg",
                "received_on": str(today - datetime.timedelta(days=40)),
            }
        ],
    )
    values = {
        **{name: asked[name] for name in ("name", "email", "phone")},
        **{"kind": "erasure", "identity_checked_by": 2, "identity_note": "Called back"},
        "received_on": str(today - datetime.timedelta(days=3)),
    }
    (request_id,) = odoo.call("marketing.privacy.request", "create", [values])
    odoo.call("marketing.privacy.request", "action_find", [request_id])
    return request_id


def make_answer(odoo, contact_id, folder):
    """Return the address of the page that answers what is known of a contact."""
    answer = odoo.call("marketing.contact", "privacy_answer", [contact_id])
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(answer))) as archive:
        return Path(archive.extract("answer.html", folder)).as_uri()


def main():
    address, database, folder, *only = sys.argv[1:]
    odoo = Odoo(address, database)
    (relation,) = odoo.call(
        "marketing.contact.relation",
        "search_read",
        [["kind", "=", "customer"], ["contact_id.child_ids", "!=", False]],
        ["contact_id", "partner_id"],
        0,
        1,
    )
    names = {
        "contact": relation["contact_id"][0],
        "customer": relation["partner_id"][0],
        "wizard": make_wizard(odoo, relation["contact_id"][0]),
    }
    # something for the journal to tell
    odoo.call(
        "marketing.contact", "write", [names["contact"]], {"phone": "+32 4 555 12 01"}
    )
    # and somebody for who is who
    odoo.call(
        "res.partner",
        "create",
        [
            {
                "name": "Lena Holm",
                "city": "Stockholm",
                "email": "office@holm-photo.example",
                "phone": "08-555 020 10",
                "country_id": odoo.call("res.country", "search", [["code", "=", "SE"]])[
                    0
                ],
            }
        ],
    )
    odoo.call("marketing.match", "match_all")
    people = odoo.call(
        "marketing.contact",
        "search",
        [["email", "!=", False], ["parent_id", "!=", False]],
    )
    names |= {
        "segment": make_segments(odoo, people),
        "request": make_requests(odoo, people[-1]),
        "answer": make_answer(odoo, people[-1], folder),
        "blocked": people[1],
    }
    odoo.call(
        "marketing.contact", "action_privacy_block", [people[1]], "Asked us to stop"
    )
    IMAGES.mkdir(exist_ok=True)
    browser = Browser(folder)
    try:
        for cookie in odoo.cookies:
            browser.do(
                "Network.setCookie", name=cookie.name, value=cookie.value, url=address
            )
        for name in only or PICTURES:
            path, selector, clicks = PICTURES[name]
            place = path.format(**names)
            url = address + place if place.startswith("/") else place
            browser.do("Page.navigate", url=url)
            browser.wait(selector)
            if name in UPLOADS:
                upload, selector = UPLOADS[name]
                browser.upload(upload)
                browser.wait(selector)
            for click in [clicks] if isinstance(clicks, str) else clicks or ():
                browser.wait(click)
                browser.ask(f"document.querySelector({json.dumps(click)}).click()")
            time.sleep(2)
            picture = browser.do("Page.captureScreenshot")["data"]
            places = [IMAGES / f"{name}.png"]
            if name in ALSO:
                places.append(CHECKOUT / ALSO[name])
            for place in places:
                place.write_bytes(base64.b64decode(picture))
            sys.stdout.write(f"{name}.png\n")
    finally:
        browser.process.kill()


if __name__ == "__main__":
    main()
