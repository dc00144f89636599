import json
from hashlib import md5

from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..models.contact.finding import split_terms
from .common import MarketingContactCommon

ROWS = 10000
MD5 = md5(b"1234").hexdigest()  # in the name of the row of that number
# Some pages long, and kept in memory.
SMALL = {
    "marketing_interaction_rule",
    "marketing_sync_field",
    "res_company",
    "res_lang",
}


class TestIndexes(MarketingContactCommon):
    """The engine's main queries go by an index, however many records there are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked("Indexed")
        cls.account = cls.contact.bank_account_ids
        cls.env.flush_all()
        code = cls.company.marketing_customer_relation_id.id
        row = "'Row ' || i"
        cls._copy(cls.holder, {"name": row, "complete_name": row, "active": "TRUE"})
        cls._copy(cls.bank, {"name": "'Row Bank ' || i", "active": "TRUE"})
        number = {"acc_number": "'ROW' || i", "sanitized_acc_number": "'ROW' || i"}
        cls._copy(cls.account, {**number, "active": "TRUE"})
        cls.env.cr.execute(
            """
            UPDATE res_partner_bank account SET bank_id = bank.id FROM res_bank bank
             WHERE bank.name = replace(account.acc_number, 'ROW', 'Row Bank ')
            """
        )
        cls._analyze()
        # made by SQL: what counts is that there are many, and that PostgreSQL knows
        for query in (
            """
            INSERT INTO marketing_contact
                (name, number, email, vat, company_registry, phone, active)
            SELECT 'Row ' || i || md5(i::text), 'ROW' || i,
                   'row' || i || '@' || md5(i::text) || '.example', 'XX' || i,
                   'R' || i, '+46' || i, TRUE
              FROM generate_series(1, %(rows)s) i
            """,
            # every fourth one has people
            """
            UPDATE marketing_contact person SET parent_id = company.id
              FROM marketing_contact company
             WHERE company.number LIKE 'ROW%%'
               AND right(company.number, -3)::int %% 4 = 0
               AND person.number IN (
                   'ROW' || right(company.number, -3)::int + 1,
                   'ROW' || right(company.number, -3)::int + 2)
            """,
            "ANALYZE marketing_contact",
            """
            INSERT INTO marketing_contact_relation
                (contact_id, business_relation_id, kind, state, partner_id)
            SELECT contact.id, %(code)s, 'customer', 'equal', partner.id
              FROM (SELECT id, row_number() OVER (ORDER BY id) AS i
                      FROM marketing_contact WHERE number LIKE 'ROW%%') contact
              JOIN (SELECT id, row_number() OVER (ORDER BY id) AS i
                      FROM res_partner WHERE name LIKE 'Row %%') partner
                ON partner.i = contact.i
            """,
            """
            INSERT INTO marketing_contact_relation
                (contact_id, business_relation_id, kind, state, bank_account_id,
                 bank_id)
            SELECT contact.id, %(code)s, 'bank_account', 'equal', account.id,
                   account.bank_id
              FROM (SELECT id, row_number() OVER (ORDER BY id) AS i
                      FROM marketing_contact WHERE number LIKE 'ROW%%') contact
              JOIN (SELECT id, bank_id, row_number() OVER (ORDER BY id) AS i
                      FROM res_partner_bank WHERE acc_number LIKE 'ROW%%') account
                ON account.i = contact.i
            """,
            """
            INSERT INTO marketing_sync_batch (origin, user_id, date, company_id)
            SELECT 'save', 1, now() - i * interval '1 day', %(company)s
              FROM generate_series(1, %(rows)s) i
            """,
            """
            INSERT INTO marketing_sync_change
                (batch_id, state, relation_ref, source_model, source_id, target_model,
                 target_id, field_name)
            SELECT batch.id, 'applied', relation.id, 'marketing.contact',
                   relation.contact_id, 'res.partner', relation.partner_id, 'phone'
              FROM (SELECT id, row_number() OVER () AS i
                      FROM marketing_sync_batch) batch
              JOIN (SELECT id, contact_id, partner_id, row_number() OVER () AS i
                      FROM marketing_contact_relation WHERE kind = 'customer') relation
                ON relation.i = batch.i
            """,
            """
            INSERT INTO marketing_sync_difference
                (relation_id, contact_field, card_field, contact_value, card_raw)
            SELECT id, 'phone', 'phone', '1', '2'
              FROM marketing_contact_relation WHERE kind = 'customer'
            """,
        ):
            cls.env.cr.execute(
                query,
                {
                    "rows": ROWS,
                    "code": code,
                    "holder": cls.holder.id,
                    "company": cls.company.id,
                },
            )
        cls._analyze()
        cls.env.invalidate_all()

    @classmethod
    def _analyze(cls):
        for table in (
            "marketing_contact",
            "marketing_contact_relation",
            "marketing_sync_batch",
            "marketing_sync_change",
            "marketing_sync_difference",
            "res_bank",
            "res_partner",
            "res_partner_bank",
        ):
            cls.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        # as VACUUM does: what waits to be put into an index makes it look dear, the
        # more the fuller the list was that the tests before left
        cls.env.cr.execute(
            """
            SELECT gin_clean_pending_list(class.oid) FROM pg_class class
              JOIN pg_index ON indexrelid = class.oid
              JOIN pg_am ON pg_am.oid = class.relam AND amname = 'gin'
             WHERE indrelid = 'marketing_contact'::regclass
            """
        )

    @classmethod
    def _copy(cls, record, values):
        """Make rows out of a record: other modules have required columns, too.

        :param dict values: ``{column: SQL of its value}``, `i` being the row's number
        """
        values = {name: SQL(text) for name, text in values.items()}
        for name, field in record._fields.items():
            if field.required and field.store and name not in values:
                values[name] = SQL.identifier(name)
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO %(table)s (%(names)s) SELECT %(values)s
                  FROM %(table)s, generate_series(1, %(rows)s) i WHERE id = %(id)s
                """,
                table=SQL.identifier(record._table),
                names=SQL(", ").join(map(SQL.identifier, values)),
                values=SQL(", ").join(values.values()),
                rows=ROWS,
                id=record.id,
            )
        )

    def _scanned(self, query):
        """Return the tables that PostgreSQL reads from end to end for a query."""
        self.env.cr.execute(SQL("EXPLAIN (FORMAT JSON) %s", query))
        plans = self.env.cr.fetchone()[0]
        plans = json.loads(plans) if isinstance(plans, str) else plans
        found, todo = set(), [plan["Plan"] for plan in plans]
        while todo:
            plan = todo.pop()
            whole = plan["Node Type"].startswith("Index") and "Index Cond" not in plan
            if plan["Node Type"] == "Seq Scan" or whole:
                found.add(plan["Relation Name"])
            todo += plan.get("Plans", ())
        return {table for table in found if table.startswith(("marketing_", "res_"))}

    def assertInOrder(self, query):
        """Check that a query reads the first rows by an index, sorting nothing."""
        self.env.cr.execute(SQL("EXPLAIN %s", query))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("Index", plan)
        self.assertNotIn("Sort", plan)

    def assertIndexed(self, query):
        """Check that a query reads no table from end to end, but for small ones."""
        self.assertLessEqual(self._scanned(query), SMALL, query)

    def assertDeedIndexed(self, deed):
        """Check all the statements that a deed executes on our tables."""
        seen, cr = [], self.env.cr
        execute = type(cr).execute

        def listen(cursor, query, params=None, **kwargs):
            if isinstance(query, SQL):
                query, params = query.code, query.params
            text = query.decode() if isinstance(query, bytes) else query
            if text.strip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
                if "marketing_" in text:
                    seen.append(cr.mogrify(text, params).decode())
            return execute(cursor, query, params, **kwargs)

        self.patch(type(cr), "execute", listen)
        deed()
        self.env.flush_all()
        self.patch(type(cr), "execute", execute)
        self.assertTrue(seen)
        for text in seen:
            scanned = self._scanned(SQL(text.replace("%", "%%")))
            self.assertLessEqual(scanned, SMALL, text)

    def _search(self, model, domain, **options):
        return self.env[model]._search(domain, **options).select()

    def test_relations_of_a_record(self):
        """Of contacts, partners, accounts and banks: what every save asks for."""
        model = "marketing.contact.relation"
        for column, record in (
            ("contact_id", self.contact),
            ("partner_id", self.customer),
            ("bank_account_id", self.account),
            ("bank_id", self.bank),
        ):
            self.assertIndexed(self._search(model, [(column, "in", record.ids)]))

    def test_links_of_a_save(self):
        for record in (self.contact, self.customer, self.vendor, self.bank):
            self.assertDeedIndexed(lambda record=record: record.write({"phone": "12"}))
            record.phone = False

    def test_search_contacts(self):
        # some thousand contacts are read from end to end sooner than by an index:
        # asked is whether there is one that serves
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for field, value in (
            ("name", "Row 1234"),
            ("number", "ROW1234"),
            ("email", "row1234@"),
            ("vat", "XX1234"),
        ):
            for operator in ("=", "ilike"):
                domain = [(field, operator, value)]
                query = self._search("marketing.contact", domain)
                self.assertIndexed(query)

    def test_list_in_its_order(self):
        """The first page of the list takes no sorting of all contacts."""
        Contact = self.Contact.with_user(self.marketer)
        for order in (None, "name desc, id desc"):
            query = Contact._search([], order=order or Contact._order, limit=80)
            self.assertInOrder(query.select())

    def test_search_by_any_of_them(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")  # as above
        for text in ("row1234@", f"1234 {MD5[:9]}", "+46 12 34", "08-123 45", "012345"):
            domain = self.Contact._search_display_name("ilike", text)
            self.assertIndexed(self._search("marketing.contact", domain))
            contacts = self.Contact.sudo().with_context(active_test=False)
            domain = contacts._get_few_domain(split_terms(text))
            self.assertIndexed(contacts._search(domain, active_test=False).select())

    def test_proposals_for_a_text(self):
        """The few proposals are not looked for by going through all names in order."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off")  # as above
        found = []
        self.assertDeedIndexed(
            lambda: found.extend(self.Contact.name_search("row1234@", limit=8))
        )
        self.assertEqual([name for _id, name in found], ["ROW1234 Row 1234" + MD5])

    def test_proposals_are_as_ever(self):
        """Few or many, in the list's order, by whatever operator."""
        few, many = "row12", "row"
        for text, operator, limit in (
            (few, "ilike", 8),
            (many, "ilike", 8),
            (many, "ilike", None),
            ("ROW1234", "=", 8),
            ("ROW1234", "!=", 8),
            ("", "ilike", 8),
            (few, "not ilike", 8),
        ):
            domain = [("email", "!=", False)]
            expected = self.Contact.search(
                [("display_name", operator, text), *domain], limit=limit
            )
            found = self.Contact.name_search(text, domain, operator, limit)
            self.assertEqual([id_ for id_, _name in found], expected.ids, text)

    def test_proposals_by_rights(self):
        """Matches are looked for with more rights than who asks has."""
        other = self.env["res.company"].create({"name": "Other Company"})
        hidden = self._contact("Hidden Quince", company_id=other.id)
        archived = self._contact("Archived Quince", active=False)
        Contact = self.Contact.with_user(self.marketer)
        self.assertFalse(Contact.name_search("Quince"))
        found = Contact.with_context(active_test=False).name_search("Quince")
        self.assertEqual([id_ for id_, _name in found], archived.ids)
        found = self.Contact.name_search("Quince")
        self.assertEqual([id_ for id_, _name in found], hidden.ids)
        with self.assertRaises(AccessError):
            self.Contact.with_user(self.employee).name_search("Quince")

    def test_cards_of_a_contact(self):
        self.assertDeedIndexed(
            lambda: (
                self.contact.customer_id,
                self.contact.bank_account_ids,
                self.contact.relation_summary,
                self.customer.marketing_contact_id,
            )
        )

    def test_journal_of_a_value(self):
        self.assertDeedIndexed(self.contact.get_lineage)
        domain = [
            ("target_model", "=", "res.partner"),
            ("target_id", "=", self.customer.id),
            ("field_name", "=", "phone"),
        ]
        self.assertIndexed(self._search("marketing.sync.change", domain, limit=1))

    def test_erasure_from_the_journal(self):
        self.assertDeedIndexed(self.customer._marketing_erase_journal)

    def test_undo(self):
        self.contact.phone = "34"
        batch = self.env["marketing.sync.batch"].search([], limit=1)
        self.assertDeedIndexed(batch.undo)

    def test_retention(self):
        """The daily clean-up finds the old ones by their date."""
        self.env["res.company"].search([]).marketing_journal_days = 0
        self.company.marketing_journal_days = ROWS - 10
        self.env.flush_all()
        self.assertDeedIndexed(self.env["marketing.sync.batch"]._gc_journal)

    def test_differences_of_a_relation(self):
        relation = self.customer.marketing_relation_ids
        domain = [("relation_id", "in", relation.ids)]
        self.assertIndexed(self._search("marketing.sync.difference", domain))
        self.assertDeedIndexed(relation.check_differences)

    def test_deletion(self):
        """Foreign keys are looked up when a record is deleted: they have an index."""
        self.env.cr.execute(
            """
            SELECT c.conrelid::regclass::text, a.attname
              FROM pg_constraint c
              JOIN pg_attribute a
                ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.contype = 'f' AND c.conrelid::regclass::text IN %s
               AND c.confrelid::regclass::text IN %s
               AND NOT EXISTS (
                    SELECT FROM pg_index i
                     WHERE i.indrelid = c.conrelid AND i.indkey[0] = a.attnum)
          ORDER BY 1, 2
            """,
            [
                (
                    "marketing_contact",
                    "marketing_contact_relation",
                    "marketing_interaction",
                    "marketing_sync_batch",
                    "marketing_sync_change",
                    "marketing_sync_difference",
                    "purchase_order",
                    "sale_order",
                ),
                (
                    "marketing_contact",
                    "marketing_contact_relation",
                    "marketing_sync_batch",
                    "res_bank",
                    "res_partner_bank",
                ),
            ],
        )
        self.assertEqual(
            [row for row in self.env.cr.fetchall() if "marketing" in "".join(row)], []
        )
