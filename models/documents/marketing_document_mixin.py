from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from ..contact.companies import is_open_sql, is_open_to
from ..sync.rights import hidden_name

# Gives documents the contact of their partner, unless one of its people is there.
CLAIM = """
    UPDATE %(table)s document
       SET marketing_contact_id = relation.contact_id
      FROM marketing_contact_relation relation
      JOIN marketing_contact contact ON contact.id = relation.contact_id
      JOIN res_partner partner
        ON partner.commercial_partner_id = relation.partner_id
        OR partner.id = relation.partner_id
     WHERE relation.id IN %(relations)s
       AND document.partner_id = partner.id
       AND document.marketing_contact_id IS DISTINCT FROM contact.id
       AND NOT EXISTS (
            SELECT 1 FROM marketing_contact person
             WHERE person.id = document.marketing_contact_id
               AND person.parent_id = contact.id)
       AND %(open)s
    """


class MarketingDocumentMixin(models.AbstractModel):
    """The contact of an order: that of its partner, or a person of that company."""

    _name = "marketing.document.mixin"
    _description = "Document of a Marketing Contact"

    # the kind of card that the documents are made out to, set by the model
    _marketing_card_kind = None
    # fields of contacts that count the documents, besides those named like the table
    _marketing_count_fields = ()

    marketing_contact_id = fields.Many2one(
        comodel_name="marketing.contact",
        compute="_compute_marketing_contact_id",
        store=True,
        readonly=False,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="marketing_contact.group_marketing_contact_user",
        help="The contact of marketing that this document belongs to: that of its "
        "customer or vendor, or a person there.",
    )

    def _auto_init(self):
        # no contact is linked when the module is installed: nothing to compute for
        # the documents that are there
        if not self._abstract and not column_exists(
            self.env.cr, self._table, "marketing_contact_id"
        ):
            create_column(self.env.cr, self._table, "marketing_contact_id", "int4")
        return super()._auto_init()

    @api.depends("partner_id", "company_id")
    def _compute_marketing_contact_id(self):
        """Fill in the contact of the partner, unless one who fits stands there."""
        # sudo: as in the loop; read for all at once
        partners = self.sudo().partner_id
        partners |= partners.commercial_partner_id
        partners.marketing_relation_ids.contact_id.mapped("company_id")
        for document in self:
            contact = document._marketing_get_partner_contact()
            current = document.marketing_contact_id
            if person := document._marketing_get_person(contact):
                document.marketing_contact_id = person
            elif contact and not contact._is_or_employs(current):
                document.marketing_contact_id = contact
            elif (
                not contact
                and document.partner_id
                # sudo: as above
                and document.sudo()._marketing_is_elsewhere(current.sudo())
            ):
                # it belongs to another partner than this one
                document.marketing_contact_id = False
            else:
                document.marketing_contact_id = current

    def _marketing_is_elsewhere(self, contact):
        """Return whether a contact has partners, other than the document's."""
        return bool(contact._get_linking_contact().relation_ids.partner_id)

    def _marketing_get_partner_contact(self):
        """Return the contact of the partner's commercial entity, if any."""
        self.ensure_one()
        # sudo: whoever makes out a document may have no right on contacts
        partner = self.sudo().partner_id.commercial_partner_id
        contact = partner.marketing_relation_ids.contact_id[:1]
        company = self.sudo().company_id or self.env.company
        if not is_open_to(contact.company_id, company):
            return contact.browse()
        return contact.sudo(self.env.su)

    def _marketing_get_person(self, contact):
        """Return the person that the partner is, one of the contact's company."""
        # sudo: as in _marketing_get_partner_contact
        ties = self.sudo().partner_id.marketing_relation_ids
        person = ties._filter_ties().contact_id[:1]
        known = contact and contact._is_or_employs(person)
        return person.sudo(self.env.su) if known else person.browse()

    @api.onchange("marketing_contact_id")
    def _onchange_marketing_contact_id(self):
        """Fill in the card of the contact that was chosen."""
        contact = self.marketing_contact_id._origin._filtered_access("read")
        known = self._marketing_get_partner_contact()
        if not contact or (known and known._is_or_employs(contact)):
            return None
        contact = contact.with_company(self.company_id or self.env.company)
        card = contact._get_current_cards()[contact][self._marketing_card_kind][:1]
        if card:
            self.partner_id = card
        elif known:
            self.partner_id = False
            return {
                "warning": {
                    "title": self.env._("No Customer or Vendor Yet"),
                    "message": self.env._(
                        "The contact “%(contact)s” has no customer or vendor to make "
                        "this document out to. Use Create as on the contact first, or "
                        "choose another one.",
                        contact=contact.display_name,
                    ),
                }
            }
        return None

    @api.model
    def _marketing_check_given(self, vals_list):
        """Check the contacts in the values of documents: what a document is given, its
        partner may be linked with, and shares from then on.

        :raise AccessError: unless the user may write on them
        :raise ValidationError: for one that was merged
        """
        field = self._fields["marketing_contact_id"]
        default = self.env.context.get(f"default_{field.name}")
        if not self._has_field_access(field, "write"):
            default = None
        given = {vals.get(field.name, default) for vals in vals_list}
        # what is no id the ORM refuses
        ids = [id_ for id_ in given if id_ and isinstance(id_, int)]
        if self.env.su or not ids:
            return
        contacts = self.env["marketing.contact"].browse(ids).exists()
        if len(contacts._filtered_access("write")) < len(ids):
            raise AccessError(
                self.env._(
                    "You may not change this marketing contact, or it is gone: choose "
                    "another one for the document."
                )
            )
        contacts._check_not_merged()

    def _marketing_take_contact(self, others):
        """Take over the contact of documents that are merged into this one."""
        self.ensure_one()
        # sudo: whoever merges documents may have no right on contacts
        document, contacts = self.sudo(), others.sudo().marketing_contact_id
        if contacts and not document.marketing_contact_id:
            document.marketing_contact_id = contacts[0]

    def write(self, vals):
        if given := vals.get("marketing_contact_id"):
            # sudo: the contact that is there may be one that the user may not see
            if any(
                document.marketing_contact_id.id != given for document in self.sudo()
            ):
                self._marketing_check_given([vals])
        return super().write(vals)

    def _read_format(self, fnames, load="_classic_read"):
        """Leave out contacts that the user may not see: Odoo would name them."""
        values_list = super()._read_format(fnames, load)
        if "marketing_contact_id" in fnames and not self.env.su:
            # sudo: as above, and for whoever may see the field
            contacts = self.sudo().marketing_contact_id._origin.sudo(False)
            if hidden := contacts - contacts._filtered_access("read"):
                documents = self.sudo().filtered(
                    lambda document: document.marketing_contact_id._origin in hidden
                )
                document_ids = set(documents._ids)
                for values in values_list:
                    if values["id"] in document_ids:
                        values["marketing_contact_id"] = False
        return values_list

    @api.model
    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        """Name no contact that the user may not see: Odoo names each group by sudo."""
        formatter = super()._web_read_group_groupby_formatter(groupby_spec, values)
        if groupby_spec != "marketing_contact_id" or self.env.su:
            return formatter

        names = self._marketing_name_groups(values)

        def format_group(contact):
            label, domain = formatter(contact)
            return label and (contact.id, names[contact.id]), domain

        return format_group

    @api.model
    def _read_group_format_result(self, rows_dict, lazy_groupby):
        """As :meth:`_web_read_group_groupby_formatter`, for callers of `read_group`."""
        name = "marketing_contact_id"
        if name not in lazy_groupby or self.env.su:
            return super()._read_group_format_result(rows_dict, lazy_groupby)
        names = self._marketing_name_groups(row[name] for row in rows_dict)
        super()._read_group_format_result(rows_dict, lazy_groupby)
        for row in rows_dict:
            row[name] = row[name] and (row[name][0], names[row[name][0]])

    @api.model
    def _marketing_name_groups(self, contacts):
        """Return what groups of documents are called, by the ids of their contacts."""
        contacts = self.env["marketing.contact"].browse(c.id for c in contacts if c)
        hidden = hidden_name(self.env, contacts._name)
        names = dict.fromkeys(contacts.ids, hidden)
        readable = contacts._filtered_access("read")
        return names | {contact.id: contact.display_name for contact in readable}

    @api.model_create_multi
    def create(self, vals_list):
        self._marketing_check_given(vals_list)
        contacts = self.env["marketing.contact"]
        return super().create(
            [
                self._marketing_complete(vals, contacts.browse(id_))
                if (id_ := vals.get("marketing_contact_id"))
                and not vals.get("partner_id")
                else vals
                for vals in vals_list
            ]
        )

    @api.model
    def _marketing_complete(self, vals, contact):
        """Return the values with the customer or vendor of a document's contact."""
        company = self.env["res.company"].browse(vals.get("company_id"))
        contact = contact.with_company(company or self.env.company)
        cards = contact._get_current_cards()[contact][self._marketing_card_kind]
        return {**vals, "partner_id": cards[0].id} if cards else vals

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        given = {"partner_id", "marketing_contact_id"} & set(default or {})
        field = self._fields["marketing_contact_id"]
        # who has no rights on contacts copies the document without; the copy then gets
        # the contact of its partner
        if not given and self._has_field_access(field, "write"):
            # nor may anybody give what they may not change
            contacts = self.sudo().marketing_contact_id.sudo(self.env.su)
            contacts = contacts._filtered_access("write")
            for document, vals in zip(self, vals_list, strict=True):
                if vals and (contact := document.marketing_contact_id) in contacts:
                    vals[field.name] = contact.id
        return vals_list

    @api.model
    def _marketing_has_documents(self, partners):
        """Return whether partners, or what belongs to them, have documents at all: most
        new ones have none, and asking takes a fraction of claiming.
        """
        return bool(
            self.env.execute_query(
                SQL(
                    """
                    SELECT FROM res_partner partner
                      JOIN %s document ON document.partner_id = partner.id
                     WHERE partner.commercial_partner_id IN %s OR partner.id IN %s
                     LIMIT 1
                    """,
                    SQL.identifier(self._table),
                    partners._ids,
                    partners._ids,
                )
            )
        )

    @api.model
    def _marketing_claim(self, relations):
        """Give the documents of newly linked cards the contact of the card.

        A person of the contact's company stays. In SQL, one query for all: the
        documents themselves do not change, nobody is told and no date is set.
        """
        self.flush_model(["partner_id", "company_id", "marketing_contact_id"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        if not self._marketing_has_documents(relations.partner_id):
            return
        self.env["marketing.contact"].flush_model(["company_id", "parent_id"])
        self.env.cr.execute(
            SQL(
                CLAIM,
                open=is_open_sql(
                    SQL.identifier("contact", "company_id"),
                    SQL.identifier("document", "company_id"),
                ),
                table=SQL.identifier(self._table),
                relations=relations._ids,
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model(["marketing_contact_id"], flush=False)
            Contact = self.env["marketing.contact"]
            names = (f"{self._table}_ids", f"{self._table}_count")
            Contact.invalidate_model(
                [
                    name
                    for name in (*names, *self._marketing_count_fields)
                    if name in Contact._fields
                ],
                flush=False,
            )
