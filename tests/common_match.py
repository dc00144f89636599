from .common import MarketingContactCommon


class MatchCommon(MarketingContactCommon):
    """Contacts and partners, and which of them are found to be the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # those of a database that was made before
        cls.env["marketing.match.word"]._load_shipped()

    def _bands(self, contacts):
        """Return ``{(contact id, partner id): band}`` of what is found."""
        return {
            (id_, found["id"]): found["band"]
            for id_, cards in contacts.find_cards(limit=10).items()
            for found in cards
        }

    def _likely(self, contacts, score):
        """Return the pairs of ids that have a chance of at least `score`."""
        return {
            (id_, found["id"])
            for id_, cards in contacts.find_cards(limit=10).items()
            for found in cards
            if found["score"] >= score
        }

    def _pair(self, name, other_name, both=None, is_company=True, **vals):
        """Return a contact and a partner, who have `both` in common."""
        both = {"is_company": is_company, **(both or {})}
        return (
            self._contact(name, **both),
            self._partner(other_name, **both, **vals),
        )
