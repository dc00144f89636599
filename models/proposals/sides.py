"""The models that are matched: contacts, and what kinds of links share with them."""

from odoo.tools.translate import LazyTranslate

from ..match.sides import Side
from ..sync.kinds import CONTACT_MODEL

_lt = LazyTranslate(__name__)

_PLACE = {
    "name": "r.name",
    "street": "concat_ws(' ', r.street, r.street2)",
    "zip": "r.zip",
    "city": "r.city",
    "country": "c.code",
    "phone": "r.phone",
    "email": "r.email",
}
_PARTY = _PLACE | {
    "company_id": "r.company_id",
    "is_company": "COALESCE(r.is_company, FALSE)",
    "phone_read": "r.phone_sanitized",
    "website": "r.website",
    "vat": "r.vat",
    "company_registry": "r.company_registry",
}
_ACCOUNTS = """(
    SELECT string_agg(account.sanitized_acc_number, ' '
                      ORDER BY account.sanitized_acc_number)
      FROM res_partner_bank account
     WHERE account.partner_id = %s AND account.active)"""
_LINKED_ACCOUNTS = """(
    SELECT string_agg(account.sanitized_acc_number, ' '
                      ORDER BY account.sanitized_acc_number)
      FROM marketing_contact_relation relation
      JOIN res_partner_bank account ON account.partner_id = relation.partner_id
     WHERE relation.contact_id = r.id AND account.active)"""
_LINKED = """EXISTS (
    SELECT FROM marketing_contact_relation relation
     WHERE relation.%s = k.id AND relation.kind IS NOT NULL)"""
CONTACT = Side(
    "contact",
    _lt("Contact"),
    CONTACT_MODEL,
    "other_contact_id",
    _PARTY
    | {
        "parent_id": "CASE WHEN r.is_company THEN NULL ELSE r.parent_id END",
        "accounts": _LINKED_ACCOUNTS,
    },
    where="r.merged_into_id IS NULL",
    further=(
        "SELECT relation.contact_id AS id, account.write_date"
        "  FROM res_partner_bank account JOIN marketing_contact_relation relation"
        "    ON relation.partner_id = account.partner_id",
        "SELECT contact_id AS id, write_date FROM marketing_contact_relation relation"
        " WHERE EXISTS (SELECT FROM res_partner_bank account"
        "                WHERE account.partner_id = relation.partner_id)",
    ),
    further_models=("res.partner.bank", "marketing.contact.relation"),
)
PARTNER = Side(
    "partner",
    _lt("Customer or vendor"),
    "res.partner",
    "partner_id",
    _PARTY | {"accounts": _ACCOUNTS % "r.id"},
    where="r.commercial_partner_id = r.id",
    # guarded: users, and our own companies
    unsafe="""NOT r.active
        OR EXISTS (SELECT FROM res_users x WHERE x.partner_id = r.id)
        OR EXISTS (SELECT FROM res_company x WHERE x.partner_id = r.id)""",
    linked=_LINKED % "partner_id",
    further=("SELECT partner_id AS id, write_date FROM res_partner_bank",),
    further_models=("res.partner.bank", "marketing.contact.relation"),
)
BANK = Side(
    "bank",
    _lt("Bank"),
    "res.bank",
    "bank_id",
    _PLACE | {"is_company": "TRUE", "accounts": "r.bic"},
    country="country",
    linked=_LINKED % "bank_id",
    further_models=("marketing.contact.relation",),
)
OUR_SIDES = {side.name: side for side in (CONTACT, PARTNER, BANK)}


def get_proposal_column(Match, model_name):
    """Return the field of proposals that holds a model's records, None without one.

    :param Match: `marketing.match`
    """
    return next(
        (
            name
            for name, field in Match._fields.items()
            if field.type == "many2one"
            and field.comodel_name == model_name
            and name not in ("contact_id", "company_id", "create_uid", "write_uid")
            and name != "user_id"
        ),
        None,
    )


# what is compared of an add-on's cards as it is there
COMPARED = (
    *("name", "street", "zip", "city", "phone", "email", "website"),
    *("vat", "company_registry"),
)


def get_further_side(Match, kind, lines):
    """Return the side of a kind that an add-on brings, None if proposals have no field
    for its cards.

    :param Match: `marketing.match`
    :param Kind kind: its entry of the registry
    :param lines: the lines of the map: what its cards share with contacts is compared
    """
    column = get_proposal_column(Match, kind.shared_model)
    if not column:
        return None
    model = Match.pool[kind.shared_model]

    def is_stored(name):
        return name in model._fields and model._fields[name].column_type

    shared = {
        line.contact_field: line.card_field
        for line in lines
        if line.kind == kind.name and is_stored(line.card_field)
    }
    fields = {name: f"r.{shared[name]}" for name in COMPARED if name in shared}
    if "is_company" in shared:
        fields["is_company"] = f"COALESCE(r.{shared['is_company']}, FALSE)"
    else:
        fields["is_company"] = "FALSE"
    if "country_id" in shared:
        fields["country"] = "c.code"
    if is_stored("company_id"):
        fields["company_id"] = "r.company_id"
    return Side(
        kind.shared_model.replace(".", "_"),
        kind.label,
        kind.shared_model,
        column,
        fields,
        country=shared.get("country_id"),
        unsafe="NOT r.active" if is_stored("active") else "FALSE",
        linked=_LINKED % kind.shared_column,
        further_models=("marketing.contact.relation",),
    )
