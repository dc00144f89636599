from odoo import models

# so many are named of those that were held back
NAMED = 40


class ResCompany(models.Model):
    """How many letters somebody may get."""

    _inherit = "res.company"

    _check_mail_cap = models.Constraint(
        "CHECK(marketing_mail_cap >= 0 AND marketing_mail_cap_days > 0)",
        "Letters to one address: 0 or more, in at least one day.",
    )

    def _marketing_get_held_reason(self, count):
        """Return in words how many letters the cap held back, and by which rule."""
        return self.env._(
            "%(count)s held back: %(cap)s in %(days)s days",
            count=count,
            cap=self.marketing_mail_cap,
            days=self.marketing_mail_cap_days,
        )

    def _marketing_tell_held(self, contacts, document=None):
        """Tell who sent which contacts the cap held back, in a document's chatter if
        there is one.
        """
        if not contacts:
            return
        names = ", ".join(contacts[:NAMED].mapped("name"))
        more = " …" if len(contacts) > NAMED else ""
        text = f"{self._marketing_get_held_reason(len(contacts))} ({names}{more})"
        if document:
            document.message_post(body=text)
        else:
            self.env.user._bus_send(
                "simple_notification",
                {"type": "warning", "sticky": True, "message": text},
            )
