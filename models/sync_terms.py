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
        "commercial_partner_id",
        "company_id",
        "customer_rank",
        "employee",
        "parent_id",
        "partner_share",
        "properties",
        "supplier_rank",
        "type",
    },
    "res.bank": {"active"},
}
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

    def get_winner(self, contact, card, master, keep):
        """Return which side's value is kept when the two are linked.

        :param contact: the contact, with the rights to read it
        :param card: the partner or bank, likewise
        :param str master: ``contact`` or ``card``
        :param dict keep: ``{contact field: "contact" or "card"}``
        :return: ``contact``, ``card``, or None if there is nothing to do
        """
        contact_value = contact._marketing_value(self.contact_field)
        card_value = card._marketing_value(self.card_field)
        if contact_value == card_value:
            return None
        if card._marketing_is_empty(card_value, self.card_field):
            winner = "contact"
        elif contact._marketing_is_empty(contact_value, self.contact_field):
            winner = "card"
        else:
            if not self.to_contact:
                return "contact"
            if not self.to_card:
                return "card"
            chosen = master if self.on_link == "master" else self.on_link
            return keep.get(self.contact_field, chosen)
        may_travel = self.to_card if winner == "contact" else self.to_contact
        return winner if may_travel else None


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
