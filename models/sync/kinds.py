"""The words in which the engine, the map and the relations speak to each other."""

from typing import NamedTuple

KINDS = [
    ("customer", "Customer"),
    ("vendor", "Vendor"),
    ("bank_account", "Bank Account"),
]

# Where the shared values of a kind live; a bank account's are those of its bank.
CARD_MODELS = {
    "customer": "res.partner",
    "vendor": "res.partner",
    "bank_account": "res.bank",
}

# The models that the engine writes on, in the order in which it does so, the same for
# every save.
TARGET_MODELS = ("marketing.contact", "res.partner", "res.bank")

SHAREABLE_TYPES = {
    "binary",
    "boolean",
    "char",
    "date",
    "datetime",
    "float",
    "html",
    "image",
    "integer",
    "many2many",
    "many2one",
    "selection",
    "text",
}

# What no field map may reach, whoever writes it (DESIGN §9): identities, ownership,
# accounting and what gives access. Fields reserved to groups are refused as well.
FORBIDDEN_FIELDS = {
    "marketing.contact": {
        "active",
        "company_id",
        "number",
        "parent_id",
        "properties",
    },
    "res.partner": {
        "active",
        "autopost_bills",
        "commercial_partner_id",
        "credit_limit",
        "debit_limit",
        "followup_status",
        "ignore_abnormal_invoice_amount",
        "ignore_abnormal_invoice_date",
        "is_coa_installed",
        "ref_company_ids",
        "signup_type",
        "suspense",
        "trust",
        "use_partner_credit_limit",
        "company_id",
        "customer_rank",
        "employee",
        "parent_id",
        "partner_share",
        "properties",
        "supplier_rank",
        "type",
    },
    "res.bank": {"active", "bic"},
}
# Beginnings of names that steer money, documents and logins, of whatever module.
FORBIDDEN_PREFIXES = (
    "account_",
    "edi_",
    "group_rfq",
    "invoice_",
    "peppol_",
    "picking_",
    "property_",
    "purchase_",
    "receipt_reminder",
    "reminder_date",
    "sale_",
    "signup_",
    "specific_property_",
)
FORBIDDEN_COMODELS = {
    "account.account",
    "res.company",
    "res.groups",
    "res.partner.bank",
}


class SharedField(NamedTuple):
    """One active line of the map, as the engine reads it."""

    kind: str
    contact_field: str
    card_field: str
    to_card: bool
    to_contact: bool
    keep_filled: bool
    on_link: str

    block: str

    def get_winner(self, contact, card, master, keep):
        """Return which side's value is kept when the two are linked.

        :param contact: the contact, with the rights to read it
        :param card: the partner or bank, likewise
        :param str master: ``contact``, ``card`` or ``neither``
        :param dict keep: ``{contact field: "contact" or "card"}``
        :return: ``contact``, ``card``, or None if there is nothing to do
        """
        contact_value = contact._marketing_value(self.contact_field)
        card_value = card._marketing_value(self.card_field)
        if contact_value == card_value:
            return None
        if card._marketing_is_empty(card_value, self.card_field):
            return self.get_way("contact")
        if contact._marketing_is_empty(contact_value, self.contact_field):
            return self.get_way("card")
        if self.contact_field not in keep and master == "neither":
            return None
        if not self.to_contact:
            return "contact"
        if not self.to_card:
            return "card"
        chosen = master if self.on_link == "master" else self.on_link
        return keep.get(self.contact_field, chosen)

    def get_way(self, winner):
        """Return the winner, or None if its value may not travel."""
        may_travel = self.to_card if winner == "contact" else self.to_contact
        return winner if may_travel else None

    def contradicts(self, contact, card):
        """Return whether both sides are filled and differ."""
        contact_value = contact._marketing_value(self.contact_field)
        card_value = card._marketing_value(self.card_field)
        return (
            contact_value != card_value
            and not contact._marketing_is_empty(contact_value, self.contact_field)
            and not card._marketing_is_empty(card_value, self.card_field)
        )


def get_winners(lines, contact, card, master, keep):
    """Return ``{line: which side's value is kept}`` when the two are linked.

    Lines of one block, such as an address, are one value: where the two sides
    contradict each other in any of them, one side's block wins whole, its empty fields
    included; where nothing contradicts they complete each other (DESIGN §4).

    :param list[SharedField] lines: the map of the link's kind
    :param contact, card, master, keep: as of :meth:`SharedField.get_winner`
    :return: of the lines with something to do
    """
    winners = {}
    blocks = {}
    for line in lines:
        if line.block:
            blocks.setdefault(line.block, []).append(line)
        else:
            winners[line] = line.get_winner(contact, card, master, keep)
    for block in blocks.values():
        if not _block_contradicts(block, contact, card):
            for line in block:
                winners[line] = line.get_winner(contact, card, master, keep)
            continue
        side = _get_block_side(block, master, keep)
        for line in block:
            contact_value = contact._marketing_value(line.contact_field)
            if side and contact_value != card._marketing_value(line.card_field):
                winners[line] = line.get_way(side)
    return {line: winners[line] for line in lines if winners.get(line)}


def _get_block_side(block, master, keep):
    """Return whose block wins, None for neither's."""
    kept = [keep[line.contact_field] for line in block if line.contact_field in keep]
    if kept:
        return kept[0]
    if master == "neither":
        return None
    return next((line.on_link for line in block if line.on_link != "master"), master)


def _block_contradicts(block, contact, card):
    """Return whether the two sides of a block can't be one value.

    A state of one country contradicts another country, though the fields differ.
    """
    if any(line.contradicts(contact, card) for line in block):
        return True
    countries = set()
    for record, name in ((contact, "contact_field"), (card, "card_field")):
        for line in block:
            field = record._fields[getattr(line, name)]
            if field.type != "many2one":
                continue
            value = record[field.name]
            if value._name == "res.country.state":
                value = value.country_id
            if value._name == "res.country" and value:
                countries.add(value)
    return len(countries) > 1


class Link(NamedTuple):
    """A relation as the engine reads it: a contact and the record it is kept with."""

    relation_id: int
    kind: str
    contact: tuple
    card: tuple


class Effect(NamedTuple):
    """A value that the sync writes: where, what, and where it comes from."""

    target: tuple
    field: str
    value: object
    source: tuple
    relation_id: int
    old: object


class LinkOptions(NamedTuple):
    """How `marketing.contact.relation.create` links; no client can send one."""

    master: str = "contact"
    keep: dict | None = None
    align: bool = True
    new_contacts: bool = False
