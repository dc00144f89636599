"""Takes the pictures of the documentation in the browser of Odoo's tests.

Run by ``python3 dev.py pictures``, which names them in PICTURES, all by default. What
they are of stands in `pictures.json`: the page, what must be there, what is uploaded or
clicked on first, where the picture is needed as well, and the files that it shows.
"""

import base64
import datetime
import io
import json
import os
import time
import zipfile
from pathlib import Path
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import HttpCase
from odoo.tests.common import ChromeBrowser

CHECKOUT = Path(__file__).resolve().parent.parent
IMAGES = CHECKOUT / "docs" / "images"
PICTURES = json.loads((CHECKOUT / "tools" / "pictures.json").read_text())
# what the page may take to show, in seconds
PATIENCE = 20


class Pictures(HttpCase):
    """Makes what the pictures show and takes them; all is rolled back at the end."""

    browser_size = "1280x857"

    def test_pictures(self):
        """Take the pictures."""
        only = list(filter(None, os.environ["PICTURES"].split(",")))
        places = self._prepare()

        def take(browser, *_arguments, **_options):
            # our pages are not all of the server
            browser._websocket_request("Fetch.disable")
            hidden = {"hidden": True}
            browser._websocket_request("Emulation.setScrollbarsHidden", params=hidden)
            for name in only or PICTURES:
                picture = PICTURES[name]
                page = picture["page"].format(**places)
                url = self.base_url() + page if page.startswith("/") else page
                content = self._take(browser, picture, url)
                (IMAGES / f"{name}.png").write_bytes(content)
                if "also" in picture:
                    (CHECKOUT / picture["also"]).write_bytes(content)
                print(f"{name}.png", flush=True)

        # in place of waiting for a script to say that it is done
        with patch.object(ChromeBrowser, "_wait_code_ok", take):
            self.browser_js("/odoo", "", "true", login="admin")

    def _take(self, browser, picture, url):
        """Return the picture of a page."""
        do = browser._websocket_request
        do("Page.navigate", params={"url": url})
        self._wait(browser, picture["wait"])
        if "upload" in picture:
            root = do("DOM.getDocument")["root"]["nodeId"]
            params = {"nodeId": root, "selector": "input.o_input_file"}
            node = do("DOM.querySelector", params=params)
            files = [str(CHECKOUT / picture["upload"])]
            do("DOM.setFileInputFiles", params={"files": files, **node})
            self._wait(browser, picture["uploaded"])
        for selector in picture.get("clicks", ()):
            self._wait(browser, selector)
            self._ask(browser, selector, ".click()")
        time.sleep(2)
        return base64.b64decode(do("Page.captureScreenshot")["data"])

    def _ask(self, browser, selector, what):
        """Return the value of what an element of the page says."""
        code = f"document.querySelector({json.dumps(selector)}){what}"
        result = browser._websocket_request(
            "Runtime.evaluate", params={"expression": code}
        )
        return result["result"].get("value")

    def _wait(self, browser, selector):
        """Wait until an element is there."""
        end = time.monotonic() + PATIENCE
        while not self._ask(browser, selector, " !== null"):
            self.assertLess(time.monotonic(), end, f"{selector} does not show.")
            time.sleep(0.25)

    # --- what the pictures show

    def _prepare(self):
        """Return ``{name: id or address}`` for the addresses of the pages."""
        self.env = self.env(user=self.env.ref("base.user_admin"))
        customer = [("kind", "=", "customer"), ("contact_id.child_ids", "!=", False)]
        relation = self.env["marketing.contact.relation"].search(customer, limit=1)
        contact = relation.contact_id
        places = {"contact": contact.id, "customer": relation.partner_id.id}
        places["wizard"] = self._make_wizard(contact).id
        # something for the journal to tell
        contact.phone = "+32 4 555 12 01"
        # and somebody for who is who
        self.env["res.partner"].create(
            {
                "name": "Lena Holm",
                "city": "Stockholm",
                "email": "office@holm-photo.example",
                "phone": "08-555 020 10",
                "country_id": self.env.ref("base.se").id,
            }
        )
        self.env["marketing.match"].match_all()
        domain = [("email", "!=", False), ("parent_id", "!=", False)]
        people = self.env["marketing.contact"].search(domain)
        people[1].action_privacy_block("Asked us to stop")
        return places | {
            "segment": self._make_segment(people[0]).id,
            "request": self._make_request(people[-1]).id,
            "answer": self._make_answer(people[-1]),
            "blocked": people[1].id,
        }

    def _make_wizard(self, contact):
        """Return a wizard that links a contact with a vendor who differs."""
        vendor = {"name": "Northwind Mills SA", "is_company": True, "city": "Namur"}
        vendor |= {"street": "Rue Haute 7", "phone": "+32 81 55 01 00"}
        partner = self.env["res.partner"].create(vendor)
        values = {"contact_id": contact.id, "kind": "vendor", "partner_id": partner.id}
        return self.env["marketing.contact.link"].create(values)

    def _make_segment(self, rival):
        """Return a segment that leaves out the members of another one."""
        Segment = self.env["marketing.segment"]
        members = [Command.set(rival.ids)]
        rivals = {"name": "Competitors", "kind": "static", "contact_ids": members}
        # this year until today, as the editor writes it
        domain = [
            *(("email", "!=", False), ("is_company", "=", False)),
            *(
                ("create_date", ">=", "today =1m =1d"),
                ("create_date", "<", "today +1d"),
            ),
        ]
        values = {"name": "People we met this year", "domain": repr(domain)}
        excluded = [Command.set(Segment.create(rivals).ids)]
        return Segment.create({**values, "exclude_segment_ids": excluded})

    def _make_request(self, contact):
        """Return a request to erase a contact, beside one that is overdue."""
        Request, today = self.env["marketing.privacy.request"], datetime.date.today()
        overdue = today - datetime.timedelta(days=40)
        Request.create({"kind": "access", "name": "Ida Berg", "received_on": overdue})
        values = {name: contact[name] for name in ("name", "email", "phone")}
        values |= {"identity_checked_by": self.env.uid, "identity_note": "Called back"}
        values["received_on"] = today - datetime.timedelta(days=3)
        request = Request.create({"kind": "erasure", **values})
        request.action_find()
        return request

    def _make_answer(self, contact):
        """Return the address of the page that answers what is known of a contact."""
        answer = contact.privacy_answer()
        page = CHECKOUT / ".odoo" / "answer.html"
        with zipfile.ZipFile(io.BytesIO(answer)) as archive:
            page.write_bytes(archive.read(page.name))
        return page.as_uri()
