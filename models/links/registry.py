"""The kinds that this module brings, and the constraints that follow from the registry:
they are asked for before there is a database to ask.
"""

from odoo import models
from odoo.tools.translate import LazyTranslate

from ..sync.kinds import Kind

_lt = LazyTranslate(__name__)

OUR_KINDS = {
    "customer": Kind(
        name="customer",
        label=_lt("Customer"),
        plural=_lt("Customers"),
        card_model="res.partner",
        card_column="partner_id",
        setup_field="marketing_customer_relation_id",
        rank_field="customer_rank",
    ),
    "vendor": Kind(
        name="vendor",
        label=_lt("Vendor"),
        plural=_lt("Vendors"),
        card_model="res.partner",
        card_column="partner_id",
        setup_field="marketing_vendor_relation_id",
        rank_field="supplier_rank",
    ),
    "bank_account": Kind(
        name="bank_account",
        label=_lt("Bank Account"),
        plural=_lt("Bank Accounts"),
        card_model="res.partner.bank",
        card_column="bank_account_id",
        shared_model="res.bank",
        shared_column="bank_id",
        setup_field="marketing_bank_relation_id",
        single=False,
    ),
    "person": Kind(
        name="person",
        label=_lt("Person"),
        plural=_lt("People"),
        card_model="res.partner",
        card_column="partner_id",
        single=False,
        personal=True,
    ),
}


def _read_kinds(registry):
    """Return the registry of kinds where there is no environment yet."""
    return registry["marketing.contact.relation"](None, (), ())._get_kinds()


class TargetConstraint(models.Constraint):
    """A card's column is filled where the relation's kind is one of its own, and only
    there. All of them together: a kind has exactly its own target; no kind, no target.
    """

    def __init__(self, column, message):
        super().__init__("", message)
        self.column = column

    def get_definition(self, registry):
        names = [
            f"'{kind.name}'"
            for kind in _read_kinds(registry).values()
            if kind.card_column == self.column
        ]
        return (
            f"CHECK((COALESCE(kind, '') IN ({', '.join(names)})) "
            f"= ({self.column} IS NOT NULL))"
        )


class CodeConstraint(models.Constraint):
    """Every relation has a code, but those of kinds that come along with another."""

    def get_definition(self, registry):
        names = [f"'{k.name}'" for k in _read_kinds(registry).values() if k.personal]
        return (
            "CHECK(business_relation_id IS NOT NULL "
            f"OR COALESCE(kind, '') IN ({', '.join(names)}))"
        )


def get_single_index(registry):
    """Return the definition of the index on kinds of which a contact has one card."""
    names = [f"'{k.name}'" for k in _read_kinds(registry).values() if k.single]
    return (
        "(contact_id, kind, COALESCE(company_id, 0)) "
        f"WHERE kind IN ({', '.join(names)})"
    )
