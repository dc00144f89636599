"""What erasing contacts does, decided before it is done: the plan is the deed."""

import html
import re

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.mail import email_normalize_all

from ..merge.moves import find_pointing
from ..sync import journal
from ..sync.kinds import CONTACT_MODEL
from ..sync.rights import get_recordsets, hidden_name
from . import traces

CARDS = ("keep", "minimise", "erase")
# what a card loses that keeps its name, address and tax ID
MINIMISED = ("phone", "email", "website", "function", "image_1920", "comment")
# what points at a contact by model and id, and is nothing without it
BELONGING = {
    "ir.attachment",
    "ir.model.data",
    "mail.activity",
    "mail.followers",
    "mail.message",
    "mail.scheduled.message",
    "marketing.exception",
    "rating.rating",
}
# what a request has of who asks
PERSONAL = ("name", "email", "phone", "identity_note", "other_found")
# shorter names are parts of too many words
LEAST_LETTERS = 4
# what is done leaves no trace of its own, and makes no contact anew
QUIET = {
    "active_test": False,
    "mail_create_nolog": True,
    "mail_notrack": True,
    "marketing_contact_no_create": True,
    "tracking_disable": True,
}


def get_end(phone):
    """Return the last digits of a phone number, which are the same however written."""
    return re.sub(r"\D", "", phone)[-6:]


class Plan:
    """What erasing contacts does to which record.

    Models join it by `marketing.contact._privacy_collect`, and say of records that
    they go (:meth:`goes`), lose what names somebody (:meth:`nameless`) or stay
    (:meth:`stays`); who speaks last of a record is heard.

    :ivar asker: the environment of who asks, whose rights decide what is touched
    :ivar env: the same with all rights: what belongs to an erased contact goes whoever
        may see it
    :ivar contacts: those to be erased, and those that were merged into them
    :ivar cards: ``keep``, ``minimise`` or ``erase``
    :ivar links: their links with cards
    :ivar partners: the customers, vendors and people that they are linked with
    :ivar documents: ``{partner id: whether one of its documents is open}`` of those
        that have any
    """

    def __init__(self, contacts, cards):
        self.asker = contacts.env
        self.env = contacts.sudo().with_context(**QUIET).env
        asked = contacts.with_env(self.env)
        self.contacts = asked | asked.merged_ids
        self.cards = cards
        self.links = self.contacts.relation_ids.filtered("kind")
        self.partners = self._get_partners()
        self.documents = {}
        self.found = {}
        self.copies = self.env["marketing.sync.change"]
        self.values = []

    def _get_partners(self):
        """Return the linked partners, and what is theirs at the very same address."""
        partners = self.links.partner_id
        same = Domain.OR(
            Domain("parent_id", "in", partners.ids) & Domain(name, "in", values)
            for name in ("email_normalized", "phone_sanitized")
            if (values := [v for v in partners.mapped(name) if v])
        )
        own = partners.filtered("is_company").ids
        return partners | partners.search(same & ~Domain("parent_id", "in", own))

    # ------------------------------------------------------------
    # WHAT BECOMES OF A RECORD
    # ------------------------------------------------------------

    def goes(self, records, reason=""):
        """Let the records be deleted."""
        self._note("goes", records, reason)

    def nameless(self, records, values, reason=""):
        """Let the records stay without what names somebody.

        :param dict values: what to write on them
        """
        self._note("nameless", records, reason, values)

    def stays(self, records, reason, values=None):
        """Let the records stay, and say why.

        :param dict values: what they lose nevertheless
        """
        self._note("stays", records, reason, values)

    def _note(self, where, records, reason, values=None):
        for id_ in records._ids:
            self.found[records._name, id_] = (where, reason)
        if records and values:
            self.values.append((records.with_env(self.env), values))

    def get(self, where):
        """Return ``{model: records}`` of one of the three lists."""
        keys = [key for key, (place, _reason) in self.found.items() if place == where]
        return get_recordsets(self.env, keys)

    def get_lines(self):
        """Return the three lists, as people read them."""
        names = {}
        for model, records in get_recordsets(self.env, self.found).items():
            # what is gone in the meantime has no name
            readable = records.exists().with_env(self.asker)._filtered_access("read")
            for record in readable.sudo():
                names[model, record.id] = record.display_name or f"#{record.id}"
        lines = {"goes": [], "nameless": [], "stays": []}
        for (model, id_), (where, reason) in self.found.items():
            lines[where].append(
                {
                    "model": model,
                    "id": id_,
                    "display_name": names.get((model, id_))
                    or hidden_name(self.asker, model),
                    "what": self.env["ir.model"]._get(model).name,
                    "reason": self.env._(reason) if reason else "",
                }
            )
        return lines

    # ------------------------------------------------------------
    # WHO THEY ARE
    # ------------------------------------------------------------

    def get_addresses(self, records):
        """Return what e-mail and phone of the records look like, however written."""
        found = set()
        for record in records:
            found.update(
                (record.email, record.email_normalized),
                (record.phone, record.phone_sanitized),
                email_normalize_all(record.email or ""),
            )
        return sorted(found - {False, None, ""})

    def get_texts(self, records, names=True):
        """Return what names the records, as it is and as HTML has it."""
        found = self.get_addresses(records)
        if names:
            named = (record.name or "" for record in records)
            found += [name for name in named if len(name) >= LEAST_LETTERS]
        return list(dict.fromkeys([*found, *map(html.escape, found)]))

    def get_names(self):
        """Return what names the contacts, as it is."""
        return [
            *filter(None, self.contacts.mapped("name")),
            *self.get_addresses(self.contacts),
        ]

    # ------------------------------------------------------------
    # COLLECT
    # ------------------------------------------------------------

    def collect(self):
        """Decide what becomes of what the contact's own models know of; before others
        say theirs.
        """
        self.goes(self.contacts)
        # at nobody else instead
        pointing = find_pointing(self.env, dict.fromkeys(self.contacts.ids, 0))
        for reference, rows in pointing.items():
            self._collect_reference(reference, [row.id for row in rows])
        self.stays(
            self.contacts.child_ids - self.contacts,
            self.env._("Nobody asked to erase this person, who stays without company."),
        )
        self.goes(self.contacts.relation_ids)
        changes = self.env["marketing.sync.change"].search(
            Domain.OR(
                Domain("target_model", "=", records._name)
                & Domain("target_id", "in", records.ids)
                for records in (self.contacts, *self._get_shared())
            )
        )
        self.nameless(changes.batch_id, {}, self.env._("Loses the values."))
        addresses = self.get_addresses(self.contacts)
        for model, name in (("mail.blacklist", "email"), ("phone.blacklist", "number")):
            listed = self.env[model].search([(name, "in", addresses)])
            self.stays(listed, self.env._("Is the opt-out itself."))
        requests = self._find_requests(addresses)
        self.nameless(
            requests,
            dict.fromkeys(PERSONAL, False),
            self.env._("Loses who asked; number, kind and dates stay."),
        )
        self.goes(requests.attachment_ids)
        told = requests.message_ids
        self.goes(told.filtered(lambda m: m.message_type != "notification"))

    def _find_requests(self, addresses):
        """Return the requests of the contacts, however they wrote their address."""
        Request = self.env["marketing.privacy.request"]
        own = Request.search([("contact_ids", "in", self.contacts.ids)])
        asked = Request.search(["|", ("email", "!=", False), ("phone", "!=", False)])
        known, ends = set(addresses), set(map(get_end, addresses))
        return own | asked.filtered(
            lambda r: (
                known & set(email_normalize_all(r.email or ""))
                # phones are read where they end alike only: that takes its time
                or r.phone
                and get_end(r.phone) in ends
                and any(known & set(vals) for vals in r._get_addresses().values())
            )
        )

    def _get_shared(self):
        """Return the records that share values with the contacts, by model."""
        shared = [record for li in self.links for record in li._get_shared_record()]
        return get_recordsets(self.env, [(r._name, r.id) for r in shared]).values()

    def _collect_reference(self, reference, ids):
        """Decide what becomes of what points at the contacts."""
        if reference.model == CONTACT_MODEL or reference.how == "many2many":
            return
        records = self.env[reference.model].browse(ids)
        field = records._fields[reference.get_field_name()]
        if reference.how == "id" and field.ondelete == "restrict":
            raise UserError(
                self.env._(
                    "“%(record)s” can't do without the contact. Change or delete it "
                    "first.",
                    record=records[0].with_env(self.asker).sudo().display_name,
                )
            )
        cascades = reference.how == "id" and field.ondelete == "cascade"
        if cascades or (reference.how == "pair" and reference.model in BELONGING):
            self.goes(records)
        elif reference.how in ("id", "pair"):
            self.stays(records, self.env._("No longer points to the contact."))

    def collect_cards(self):
        """Decide what becomes of the cards, when all know which documents they have."""
        for link in self.links.filtered(lambda link: not link.partner_id):
            for record in {link._get_card(), link._get_shared_record()}:
                self.stays(
                    record, self.env._("Is no longer linked; nothing else changes.")
                )
        self._collect_partners(self._get_touchable(self.partners))
        gone = self.get("goes").get("res.partner", self.partners.browse())
        addresses = gone.search([("id", "child_of", gone.ids)]) - gone
        self.goes(own := self._get_touchable(addresses))
        gone |= own
        self.goes(gone.bank_ids)
        self.goes(self._find_about(gone, "mail.message"))
        self.goes(self._find_about(gone, "ir.attachment"))
        staying = self.partners - gone
        self._collect_texts(staying)
        accounts = staying.bank_ids | self.links.bank_account_id
        self.stays(
            staying.bank_ids,
            self.env._("Is an account of a customer or vendor who stays."),
        )
        self.stays(
            self._find_about(accounts, "mail.message"),
            self.env._("Is a message of an account that stays."),
        )
        self.goes(self._find_about(self.partners, "marketing.exception"))
        self._collect_sent(gone)

    def _collect_partners(self, touched):
        """Decide what becomes of partners: which are deleted, and what others lose."""
        if self.cards == "erase":
            # the database itself forbids to delete these, as if by a document
            for id_ in traces.find_needed(touched):
                self.documents.setdefault(id_, False)
        losing = {}
        for partner in touched:
            has, is_open = partner.id in self.documents, self.documents.get(partner.id)
            if self.cards == "keep":
                self.stays(partner, self.env._("Was asked to be kept as it is."))
            elif is_open:
                self.stays(
                    partner, self.env._("Keeps all: one of its documents is open.")
                )
            elif self.cards == "erase" and not has:
                self.goes(partner)
            else:
                filled = tuple(name for name in MINIMISED if partner[name])
                losing[filled] = losing.get(filled, partner.browse()) | partner
        for names, partners in losing.items():
            reason = self.env._("Keeps name, address and tax ID for the ledger only.")
            self.stays(partners, reason, dict.fromkeys(names, False))

    def _get_touchable(self, partners):
        """Return the partners that may be changed, and say why others may not."""
        users = self.env["res.users"].search([("partner_id", "in", partners.ids)])
        companies = self.env["res.company"].search([("partner_id", "in", partners.ids)])
        guarded = users.partner_id | companies.partner_id
        self.stays(
            guarded & partners,
            self.env._("Belongs to a user or to one of our companies."),
        )
        rest = partners - guarded
        own = rest.with_env(self.asker)._filtered_access("write").with_env(self.env)
        self.stays(rest - own, self.env._("Is not yours to change."))
        return own

    def _collect_sent(self, gone):
        """Decide what becomes of messages elsewhere that the partners sent: those of
        documents stay with these, others lose the address.
        """
        sent = self.env["mail.message"].search(
            Domain("author_id", "in", (self._get_losing() | gone).ids)
            & Domain("email_from", "!=", False)
        )
        named = {key for key, (where, _r) in self.found.items() if where == "stays"}
        sent = self._get_others(sent).filtered(
            lambda m: (m.model, m.res_id) not in named
        )
        self.nameless(sent, {"email_from": False}, self.env._("Loses the address."))

    def _get_losing(self):
        """Return the partners that stay, and lose what names somebody."""
        losing = [r for r, _values in self.values if r._name == "res.partner"]
        return self.partners.browse().union(*losing)

    def _find_about(self, records, model):
        """Return the messages, files or lines of the inbox about records."""
        named = "model" if model == "mail.message" else "res_model"
        domain = Domain(named, "=", records._name) & Domain("res_id", "in", records.ids)
        # the condition on the id: files that are values of fields as well
        return self.env[model].search(domain & Domain("id", "!=", False))

    def _collect_texts(self, partners):
        """Decide what becomes of the messages and files of cards that stay: messages
        with an address go where the card loses it, unless the audit trail keeps them.
        """
        losing = set(self._get_losing()._ids)
        files = self._find_about(partners, "ir.attachment")
        self.stays(
            files.filtered(lambda f: not (f.res_field and f.res_id in losing)),
            self.env._("Is a file of a customer or vendor who stays."),
        )
        messages = self._find_about(partners, "mail.message")
        leaving = self._filter_naming(messages, partners, names=False)
        leaving = leaving.filtered(lambda message: message.res_id in losing)
        kept = leaving.browse()
        if "account_audit_log_restricted" in messages._fields:
            kept = leaving.filtered("account_audit_log_restricted")
        self.stays(
            self._filter_naming(messages, partners) - leaving,
            self.env._("Is a message of a customer or vendor who stays."),
        )
        self.stays(kept, self.env._("The audit trail forbids to delete it."))
        self.goes(leaving - kept)

    def _filter_naming(self, messages, partners, names=True):
        """Return those of the messages of partners that hold their address, or name."""
        contacts = {link.partner_id: link.contact_id for link in self.links}
        pairs = [
            (partner.id, pattern)
            for partner in partners
            for pattern in traces.get_patterns(
                self.get_texts([partner, *contacts.get(partner, ())], names)
            )
        ]
        return traces.filter_naming(messages, pairs)

    def collect_elsewhere(self):
        """Find what else holds the very address or, of a wizard, the name."""
        addresses = self.get_addresses([*self.contacts, *self.partners])
        for records in traces.find_addresses(self.env, addresses):
            self._collect_former(records)
            self.stays(
                self._get_others(records),
                self.env._(
                    "Has the same email address or phone number: look yourself."
                ),
            )
        if texts := self.get_texts([*self.contacts, *self.partners]):
            patterns = traces.get_patterns(texts)
            for runs in traces.find_logs(self.env, patterns):
                for run in runs:
                    self._collect_log(run)
            for records in traces.find_wizards(self.env, texts):
                self.goes(records)
            for records in traces.find_composers(self.env, self.contacts):
                self.goes(records)
            for records in traces.find_filters(self.env, patterns):
                self.stays(
                    records,
                    self.env._("Is a filter by the name or address: look yourself."),
                )
        lines = self.env["marketing.exception"]._find_naming(self.get_names())
        self.nameless(
            self._get_others(lines),
            {},
            self.env._("Loses name and address of who was in the way."),
        )

    def _collect_former(self, records):
        """Let the journal forget what was written on what is linked no more."""
        copies = self.env["marketing.sync.change"].search(
            Domain("target_model", "=", records._name)
            & Domain("target_id", "in", records.ids)
            & Domain("source_model", "=", CONTACT_MODEL)
            & Domain("source_id", "in", self.contacts.ids)
        )
        self.copies |= copies
        self.nameless(
            self._get_others(copies.batch_id), {}, self.env._("Loses the values.")
        )

    def _collect_log(self, run):
        """Let a run, and what it logged with others, forget the names."""
        names = sorted(self.get_names(), key=len, reverse=True)
        texts = [
            re.escape(form) for name in names for form in (name, html.escape(name))
        ]
        pattern = re.compile("|".join(texts), re.IGNORECASE)

        def forget(values, *names):
            return {
                name: pattern.sub("…", values[name])
                for name in names
                if isinstance(values.get(name), str)
            }

        params, reason = dict(run.params), self.env._("Loses name and address.")
        logged = params.get("values") or {}
        if logged.get("name"):
            interactions = self.env["marketing.interaction"]
            told = interactions.search([("name", "=", logged["name"])])
            forgotten = forget(logged, "name", "note")
            self.nameless(self._get_others(told), forgotten, reason)
            params["values"] = logged | forgotten
        self.nameless(run, {"params": params | forget(params, "domain")}, reason)

    def _get_others(self, records):
        """Return those of the records of which nothing is decided yet."""
        return records.filtered(lambda r: (r._name, r.id) not in self.found)

    # ------------------------------------------------------------
    # THE DEED
    # ------------------------------------------------------------

    def do(self):
        """Do what is planned: first what would go along, then the contacts, then what
        others share with them.
        """
        goes = self.get("goes")
        shared = self._get_shared()
        gone = goes.pop(CONTACT_MODEL)
        patterns = traces.get_patterns(self.get_texts(self.contacts))
        names = self.get_names()
        for records, values in self.values:
            if records._name != "res.partner":
                records.write(values)
        gone.with_context(marketing_privacy_erase=True).unlink()
        for records in goes.values():
            records.exists().unlink()
        for records, values in self.values:
            if records._name == "res.partner":
                records.write(values)
        for records in shared:
            records.exists()._marketing_erase_journal()
        if self.copies:
            journal.erase(self.env, SQL("id IN %s", self.copies._ids))
        self.env["marketing.exception"]._forget_names(names)
        self.env.flush_all()
        sides = self.env["marketing.match"]._get_sides()
        for side, records in (("contact", gone), ("partner", self.partners)):
            keys = SQL.identifier(sides[side].keys)
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE id = ANY(%s)", keys, records.ids)
            )
        # what was told to browsers, and is kept for a day
        told = SQL("DELETE FROM bus_bus WHERE message LIKE ANY(%s)", patterns)
        self.env.cr.execute(told)
