from markupsafe import escape

from odoo import api, models
from odoo.tools.mail import email_normalize_all


class MarketingInteractionMails(models.AbstractModel):
    """Which mails that went out are interactions with whom."""

    _name = "marketing.interaction.mails"
    _description = "Interactions by Mail"

    @api.model
    def _record_mails(self, items):
        """Record mails that went out, once for each document and contact.

        :param list items: as `SentMails` of mail_mail.py collects them
        """
        with_rules = self.env["marketing.interaction.rule"]._get_active_models("email")
        items = [item for item in items if item["model"] in with_rules]
        if items:
            with self._harmless():
                seen = self._get_recorded_mails(items)
                by_model = {}
                for item in items:
                    by_model.setdefault(item["model"], []).append(item)
                vals_list = []
                for model_name, of_model in by_model.items():
                    vals_list += self._prepare_mails(model_name, of_model, seen)
                self._write_interactions(vals_list)

    @api.model
    def _get_recorded_mails(self, items):
        """Return the set of messages and documents that are recorded already.

        A message that goes to several people is sent by several mails. Those of
        messages that are deleted once sent are dropped from the items.
        """
        # sudo: whoever sends may not read the message
        messages = self.env["mail.message"].sudo()
        messages = messages.browse({item["message_id"] for item in items}).exists()
        for item in items:
            if item["message_id"] not in messages._ids:
                item["message_id"] = False
        known = self._clean(self.env["marketing.interaction"]).search_fetch(
            [("mail_message_id", "in", messages.ids)],
            ["mail_message_id", "res_model", "res_id"],
        )
        return {(i.mail_message_id.id, i.res_model, i.res_id) for i in known}

    @api.model
    def _prepare_mails(self, model_name, items, seen):
        """Return the values of the interactions of mails from one model's documents."""
        records = self.env[model_name].browse(
            dict.fromkeys(item["res_id"] for item in items)
        )
        matches = {}
        rules = self._get_rules(records, "email")
        for match in self._get_matches(rules, records.exists()):
            matches.setdefault(match[1].id, []).append(match)
        reaches = self._get_reach(
            items, {res_id: found[0][2] for res_id, found in matches.items()}
        )
        vals_list = []
        for item in items:
            key = (item["message_id"] or item["rfc_id"], model_name, item["res_id"])
            if key in seen or not reaches(item):
                continue
            seen.add(key)
            vals_list += [
                {
                    **self._prepare_interaction(*match),
                    "user_id": item["user_id"],
                    "note": escape(item["subject"] or ""),
                    "mail_message_id": item["message_id"],
                }
                for match in matches[item["res_id"]]
            ]
        return vals_list

    @api.model
    def _get_reach(self, items, contacts):
        """Return the function that tells whether a mail reached its contact.

        That is an address of the contact, of its company or people, or one of the
        cards and what belongs to them.

        :param dict contacts: ``{document id: contact}``
        """
        Contact = self._clean(self.env["marketing.contact"])
        hosts = {
            res_id: contact._get_linking_contact()
            for res_id, contact in contacts.items()
        }
        all_hosts = Contact.union(*hosts.values())
        people = Contact.with_context(active_test=False).search_fetch(
            [("parent_id", "in", all_hosts.ids)], ["parent_id", "email"]
        )
        addresses = {host: host._marketing_get_addresses() for host in all_hosts}
        for person in people:
            addresses[person.parent_id] |= person._marketing_get_addresses()
        cards = {host: host.relation_ids.partner_id for host in all_hosts}
        raw = {address for item in items for address in item["addresses"]}
        normalized = {address: set(email_normalize_all(address)) for address in raw}
        Partner = Contact.customer_id
        reached = Partner.browse(
            {partner_id for item in items for partner_id in item["partner_ids"]}
        ).exists()
        # a field may hold several addresses, of which Odoo normalises the first
        family = Partner.search_fetch(
            [
                ("commercial_partner_id", "in", Partner.union(*cards.values()).ids),
                ("email", "!=", False),
            ],
            ["email"],
        )
        by_id = {partner.id: partner for partner in reached}
        by_email = {}
        for partner in family:
            for address in email_normalize_all(partner.email):
                by_email[address] = by_email.get(address, Partner) | partner

        def reaches(item):
            host = hosts.get(item["res_id"])
            if not host:
                return False
            own = addresses[host] - {False}
            mails = set().union(*(normalized[raw] for raw in item["addresses"]))
            partners = Partner.union(
                *(by_id.get(partner_id, Partner) for partner_id in item["partner_ids"]),
                *(by_email.get(mail, Partner) for mail in mails),
            )
            for partner in partners:
                mails.update(email_normalize_all(partner.email or ""))
            return bool(own & mails or partners.commercial_partner_id & cards[host])

        return reaches
