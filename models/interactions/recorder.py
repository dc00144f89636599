import contextlib
import logging

import psycopg2.errors

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


class MarketingInteractionRecorder(models.AbstractModel):
    """Writes the interactions that the rules ask for.

    After the fact and harmless: what goes wrong here is logged and leaves the print,
    the mail and the order alone. However many documents, the number of queries is the
    same.
    """

    _name = "marketing.interaction.recorder"
    _inherit = ["marketing.interaction.mails"]
    _description = "Recorder of Interactions"

    @contextlib.contextmanager
    def _harmless(self):
        """Undo and log what goes wrong within, and go on.

        Except that the transaction is read-only: Odoo repeats the request then.
        """
        # what is pending is not ours: its errors are not swallowed, nor is it lost
        # when we roll back. Not by a flushing savepoint, which would end the
        # tracking of changes as at a commit.
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                yield
        except (
            psycopg2.errors.ReadOnlySqlTransaction,
            *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
        ):
            # Odoo tries the whole again
            raise
        except Exception:
            self.env["marketing.interaction"].invalidate_model(flush=False)
            _logger.exception("An interaction could not be recorded")

    @api.model
    def _record(self, event, records, report_name=None):
        """Record an event on documents, for the rules that fit."""
        rules = self._get_rules(records, event)
        if rules and records:
            with self._harmless():
                self._write_interactions(
                    [
                        self._prepare_interaction(rule, record, contact)
                        for rule, record, contact in self._get_matches(rules, records)
                        if not rule.report_name
                        or not report_name
                        or rule.report_name == report_name
                    ]
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
        records = self._clean(records)
        contacts = self._get_contacts(records)
        matches = []
        for rule in rules:
            matching = records.filtered(lambda record: contacts[record.id])
            if rule.domain:
                Rule = self.env["marketing.interaction.rule"]
                matching = matching.filtered_domain(Rule._eval_domain(rule.domain))
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
                partners[record] = self._get_partners(record).commercial_partner_id
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
                if contact and (
                    not company
                    or not contact.company_id
                    or contact.company_id in company.parent_ids
                ):
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
    def _clean(self, records):
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
        # sudo: whoever prints a document may have no right on templates
        template = self._clean(self.env["marketing.interaction.template"]).browse(
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
            self._clean(self.env["marketing.interaction"]).create(vals_list)

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
        """Record those that have reached their confirmed state.

        :param dict unconfirmed: as :meth:`_get_unconfirmed` returned before
        """
        for state, records in unconfirmed.items():
            confirmed = records.filtered(
                lambda record, state=state: record["state"] == state
            )
            if confirmed:
                rules = [
                    rule
                    for rule in self._get_rules(records, "confirm")
                    if rule.confirmed_state == state
                ]
                with self._harmless():
                    self._write_interactions(
                        [
                            self._prepare_interaction(*match)
                            for match in self._get_matches(rules, confirmed)
                        ]
                    )
