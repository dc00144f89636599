from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .finding import LONG_WORD, phone_to_sql, split_terms

# So many matches are sorted by name; where there are more, the names are gone through.
FEW_MATCHES = 1000
# what any of the words that somebody types may stand in, besides the company's name
FOUND_BY = ("name", "number", "email", "vat", "company_registry", "city")


class MarketingContact(models.Model):
    """Finding contacts by what somebody types, see finding.py."""

    _inherit = "marketing.contact"

    @api.model
    def _search_display_name(self, operator, value):
        """Find contacts by what somebody types: each of the words, in any order, is in
        the name, number, e-mail, tax or company ID, town or the company's name, or is
        the phone number, however it is spelled.

        Asked for the first few in the order of their names, PostgreSQL goes through
        all names in order, although hardly any matches. So few matches come first.
        """
        terms = operator == "ilike" and isinstance(value, str) and split_terms(value)
        if not terms:
            domain = super()._search_display_name(operator, value)
            if operator in ("=", "in") and value:
                domain |= self._get_shown_domain(value)
            return domain
        # sudo, archived as well: who sees which is for the search around this to say
        contacts = self.sudo().with_context(active_test=False)
        few = contacts._get_few_domain(terms)
        ids = contacts._get_first_ids(few, FEW_MATCHES + 1)
        if len(ids) <= FEW_MATCHES:
            return Domain("id", "in", ids)
        return Domain.AND(self._get_term_domain(*term) for term in terms)

    @api.model
    def _get_word_domains(self, word):
        """Return the domains of where a word may stand, an index for each."""
        domains = [Domain(name, "ilike", word) for name in FOUND_BY]
        # its own query: joined, PostgreSQL may go through all who have a company; with
        # the user's rights: nobody learns the name of a company that is hidden
        companies = self.sudo(False)._search(
            [("name", "ilike", word)], active_test=False
        )
        return [*domains, Domain("parent_id", "any!", companies)]

    @api.model
    def _get_phone_domain(self, patterns):
        """Return the domain of the phone numbers that fit one of the patterns."""
        return Domain.custom(
            to_sql=lambda model, alias, query: phone_to_sql(
                model._field_to_sql(alias, "phone", query), patterns
            )
        )

    @api.model
    def _get_term_domain(self, words, patterns):
        """Return the domain of one of :func:`.finding.split_terms`."""
        domain = Domain.AND(Domain.OR(self._get_word_domains(word)) for word in words)
        return domain | self._get_phone_domain(patterns) if patterns else domain

    @api.model
    def _get_few_domain(self, terms):
        """Return the domain of all terms so that PostgreSQL asks one index after the
        other, as it does not for alternatives of which one is another table's.
        """
        limit = FEW_MATCHES + 1 if len(terms) == 1 else None
        domain = Domain.TRUE
        for words, patterns in terms:
            if min(map(len, words)) < LONG_WORD:
                # no index has it: it is looked for in what the others find
                domain &= self._get_term_domain(words, patterns)
                continue
            # of several words, more than a few may fit one
            each = limit if len(words) == 1 else None
            found = SQL(" INTERSECT ").join(
                self._unite(self._get_word_domains(word), each) for word in words
            )
            if patterns:
                numbers = [self._get_phone_domain([pattern]) for pattern in patterns]
                phones = self._unite(numbers, limit)
                found = SQL("%s UNION %s", found, phones)
            domain &= Domain.custom(
                to_sql=lambda model, alias, query, found=found: SQL(
                    "%s IN (%s)", SQL.identifier(alias, "id"), found
                )
            )
        return domain

    @api.model
    def _unite(self, domains, limit):
        """Return the query of the ids of each of the domains, merged ones as well."""
        queries = (
            self._search(domain, active_test=False, limit=limit).select()
            for domain in domains
        )
        return SQL("(%s)", SQL(" UNION ").join(SQL("(%s)", query) for query in queries))

    @api.model
    def _get_first_ids(self, domain, limit):
        """Return the ids of the first contacts found, whoever may see them."""
        return self._search(domain, limit=limit).get_result_ids()

    @api.model
    def _get_shown_domain(self, value):
        """Return the domain of what is shown, a number and a name, as exports have it
        and as people copy it.
        """
        domain = Domain.FALSE
        for text in [value] if isinstance(value, str) else value:
            words = text.split(" ") if isinstance(text, str) else []
            # a number hardly has more than two blanks in it
            for cut in range(1, min(len(words), 4)):
                number, name = " ".join(words[:cut]), " ".join(words[cut:])
                domain |= Domain("number", "=", number) & Domain("name", "=", name)
        return domain
