import logging
from operator import itemgetter

from markupsafe import escape

from odoo import api, fields, models
from odoo.tools import groupby
from odoo.tools.mail import email_normalize_all

from ..contact.companies import is_open_to
from ..sync.attempt import harmless
from ..sync.kinds import CONTACT_MODEL

_logger = logging.getLogger(__name__)


class MarketingInteraction(models.Model):
    """Recording: writing the interactions that the rules ask for.

    After the fact and harmless: what goes wrong here is logged and leaves the print,
    the mail and the order alone. However many documents, the number of queries is the
    same.
    """

    _inherit = "marketing.interaction"

    def _harmless(self):
        """Undo and log what goes wrong within, but for a read-only request."""
        return harmless(
            self.env, _logger, "An interaction could not be recorded", flush=False
        )

    @api.model
    def _record(self, event, records, report_name=None):
        """Record an event on documents, for the rules that fit."""
        rules = [
            rule
            for rule in self._get_rules(records, event)
            if not (rule.report_name and report_name) or rule.report_name == report_name
        ]
        self._record_for(rules, records)

    @api.model
    def _record_for(self, rules, records):
        if rules and records:
            with self._harmless():
                matches = self._get_matches(rules, records)
                self._write_interactions(
                    [self._prepare_interaction(*match) for match in matches]
                )

    @api.model
    def _get_rules(self, records, event):
        return self.env["marketing.interaction.rule"]._get_active_rules(
            records._name, event
        )

    @api.model
    def _get_matches(self, rules, records):
        """Return the list of rules, records and contacts that go together."""
        # sudo: the document's partner may be one that the user may not see
        records = self._with_sudo(records)
        contacts = self._get_contacts(records)
        reached = records.filtered(
            lambda record: (
                (contact := contacts[record.id]) and not contact.privacy_hidden
            )
        )
        matches = []
        for rule in rules:
            matching = reached
            if rule.domain:
                Rule = self.env["marketing.interaction.rule"]
                matching = matching.filtered_domain(Rule._read_condition(rule.domain))
            matches += [(rule, record, contacts[record.id]) for record in matching]
        return matches

    @api.model
    def _get_contacts(self, records):
        """Return ``{id: contact}``: the document's own, else that of its partner."""
        Contact = records.env["marketing.contact"]
        if records._name == Contact._name:
            return {record.id: record for record in records}
        own_field = records._fields.get("marketing_contact_id")
        contacts, partners = {}, {}
        for record in records:
            contacts[record.id] = Contact
            if own_field and own_field.store:
                contacts[record.id] = record["marketing_contact_id"]
            if not contacts[record.id]:
                # a person first, then the company
                partner = self._get_partners(record)
                partners[record] = partner | partner.commercial_partner_id
        relations = records.env["marketing.contact.relation"].search(
            [("partner_id", "in", Contact.customer_id.union(*partners.values()).ids)]
        )
        by_partner = {
            relation.partner_id: relation.contact_id for relation in relations
        }
        for record, candidates in partners.items():
            company = "company_id" in record._fields and record["company_id"]
            for partner in candidates:
                contact = by_partner.get(partner, Contact)
                if contact and (not company or is_open_to(contact.company_id, company)):
                    contacts[record.id] = contact
                    break
        return contacts

    @api.model
    def _get_partners(self, record):
        """Return whom a document is made out to."""
        if record._name == "res.partner":
            return record
        for name in ("partner_id", "vendor_id"):
            field = record._fields.get(name)
            if field and field.comodel_name == "res.partner" and record[name]:
                return record[name]
        return record._mail_get_partners()[record.id]

    @api.model
    def _with_sudo(self, records):
        """Return the records with all rights and without defaults in the context."""
        context = {
            key: value
            for key, value in self.env.context.items()
            if key in ("lang", "tz", "allowed_company_ids")
        }
        return records.with_env(self.env(su=True, context=context))

    @api.model
    def _prepare_interaction(self, rule, record, contact):
        """Return the values of the interaction that a rule asks for."""
        contact = contact.merged_into_id or contact
        # sudo: whoever prints a document may have no right on templates
        template = self._with_sudo(self.env["marketing.interaction.template"]).browse(
            rule.template_id
        )
        company = "company_id" in record._fields and record["company_id"]
        user = self.env.user
        if user.share and record._fields.get("user_id"):
            # done by the customer, in the portal: a matter of the salesperson
            user = record["user_id"]
        return {
            "contact_id": contact.id,
            "name": template.name,
            "template_id": template.id,
            "rule_id": rule.id,
            "user_id": user.id,
            "channel": "email" if rule.event == "email" else template.channel,
            "direction": template.direction,
            "duration": template.duration,
            "cost": template.cost,
            "note": False,
            "date": fields.Datetime.now(),
            "company_id": (company or contact.company_id or self.env.company).id,
            "res_model": record._name,
            "res_id": record.id,
            "res_name": record.display_name,
        }

    @api.model
    def _write_interactions(self, vals_list):
        if vals_list:
            # sudo: it is recorded whether or not the user has rights on contacts
            self._with_sudo(self.browse()).create(vals_list)

    # ------------------------------------------------------------
    # CONFIRM
    # ------------------------------------------------------------

    @api.model
    def _get_unconfirmed(self, records):
        """Return ``{confirmed state: records}`` of those that are not there yet."""
        return {
            # sudo: reading the state must not fail where writing it would not
            state: records.sudo().filtered(
                lambda record, state=state: record.id and record["state"] != state
            )
            for state in self._get_confirmed_states(records)
        }

    @api.model
    def _get_confirmed_states(self, records):
        if "state" not in records._fields:
            return set()
        return {rule.confirmed_state for rule in self._get_rules(records, "confirm")}

    @api.model
    def _record_created(self, records):
        """Record new documents, also as confirmed if they come into being so."""
        self._record("create", records)
        field = records._fields.get("state")
        # a state that is computed later on is heard of then
        if field and (not field.compute or field.precompute):
            self._record_confirmed(
                {
                    state: records.sudo()  # sudo: as above
                    for state in self._get_confirmed_states(records)
                }
            )

    @api.model
    def _record_confirmed(self, unconfirmed):
        """Record those that have reached their confirmed state."""
        for state, records in unconfirmed.items():
            confirmed = records.filtered(
                lambda record, state=state: record["state"] == state
            )
            rules = self._get_rules(records, "confirm")
            self._record_for(
                [rule for rule in rules if rule.confirmed_state == state], confirmed
            )

    # ------------------------------------------------------------
    # MAILS
    # ------------------------------------------------------------

    @api.model
    def _record_mails(self, items):
        """Record mails that went out, once for each document and contact."""
        with_rules = self.env["marketing.interaction.rule"]._get_active_models("email")
        items = [item for item in items if item["model"] in with_rules]
        if items:
            with self._harmless():
                seen = self._get_recorded_mails(items)
                vals_list = []
                for model_name, of_model in groupby(items, itemgetter("model")):
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
        known = self._with_sudo(self.browse()).search_fetch(
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
            subject = item["subject"] or ""
            for match in matches[item["res_id"]]:
                vals = self._prepare_interaction(*match)
                if subject and model_name == CONTACT_MODEL:
                    # no document says what it was about
                    vals["name"] = f"{vals['name']}: {subject}"
                vals_list.append(
                    {
                        **vals,
                        "user_id": item["user_id"],
                        "note": escape(subject),
                        "mail_message_id": item["message_id"],
                    }
                )
        return vals_list

    @api.model
    def _get_reach(self, items, contacts):
        """Return the function that tells whether a mail reached its contact.

        That is an address of the contact, of its company or people, or one of the
        cards and what belongs to them.

        :param dict contacts: ``{document id: contact}``
        """
        Contact = self._with_sudo(self.env["marketing.contact"])
        hosts = {
            res_id: contact._get_linking_contact()
            for res_id, contact in contacts.items()
        }
        all_hosts = Contact.union(*hosts.values())
        addresses = self._get_addresses_of(all_hosts)
        cards = {host: host.relation_ids.partner_id for host in all_hosts}
        raw = {address for item in items for address in item["addresses"]}
        normalized = {address: set(email_normalize_all(address)) for address in raw}
        Partner = Contact.customer_id
        reached = Partner.browse(
            {partner_id for item in items for partner_id in item["partner_ids"]}
        ).exists()
        by_id = {partner.id: partner for partner in reached}
        by_email = self._get_by_address(Partner.union(*cards.values()))

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

    @api.model
    def _get_addresses_of(self, contacts):
        """Return ``{contact: addresses}``, a company's with those of its people."""
        people = contacts.with_context(active_test=False).search_fetch(
            [("parent_id", "in", contacts.ids)], ["parent_id", "email"]
        )
        addresses = {
            contact: contact._marketing_get_addresses() for contact in contacts
        }
        for person in people:
            addresses[person.parent_id] |= person._marketing_get_addresses()
        return addresses

    @api.model
    def _get_by_address(self, cards):
        """Return ``{address: partners}`` of cards and what belongs to them."""
        partners = cards.search_fetch(
            [("commercial_partner_id", "in", cards.ids), ("email", "!=", False)],
            ["email"],
        )
        found = {}
        for partner in partners:
            # a field may hold several addresses, of which Odoo normalises the first
            for address in email_normalize_all(partner.email):
                found[address] = found.get(address, cards.browse()) | partner
        return found
