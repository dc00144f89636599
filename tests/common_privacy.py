from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from .common_documents import MarketingDocumentsCommon

GROUP = "marketing_contact.group_marketing_contact_privacy"


class PrivacyCommon(MarketingDocumentsCommon):
    """Who sees to privacy, and somebody whom much is known of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(
            cls.env,
            "privacy_officer",
            f"{GROUP},base.group_partner_manager",
            name="Officer",
        )
        cls.Request = cls.env["marketing.privacy.request"]
        cls.Ban = cls.env["marketing.privacy.ban"]
        cls.Plan = cls.env["marketing.retention.rule"]

    @classmethod
    def _person(cls, name="Jo Marker", **vals):
        values = {"email": "jo@marker.example", "phone": "+46 70 123 45 67"}
        return cls.Contact.create({"name": name, **values, **vals})

    @classmethod
    def _request(cls, contacts, kind="erasure", **vals):
        return cls.Request.with_user(cls.officer).create(
            {
                "kind": kind,
                "name": contacts[:1].name,
                "email": contacts[:1].email,
                "contact_ids": [Command.set(contacts.ids)],
                "identity_checked_by": cls.officer.id,
                **vals,
            }
        )

    @classmethod
    def _age(cls, records, days, *columns):
        """Let records be older than they are."""
        date = fields.Datetime.now() - timedelta(days=days)
        cls.env.flush_all()
        for column in columns or ("create_date", "write_date"):
            cls.env.cr.execute(
                f"UPDATE {records._table} SET {column} = %s WHERE id = ANY(%s)",
                [date, records.ids],
            )
        records.invalidate_recordset()
