from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .names import get_shipped, make_words
from .scripts import split_words

# what is short for something
MEANT = ("short", "first")


class MarketingMatchWord(models.Model):
    """A word that says nothing about who is who, or the same as another one."""

    _name = "marketing.match.word"
    _description = "Word for Matching"
    _order = "kind, name"

    name = fields.Char(string="Word", required=True, index=True)
    kind = fields.Selection(
        selection=[
            ("legal", "Legal form"),
            ("free", "Free mailer"),
            ("short", "Abbreviation"),
            ("first", "First name"),
            ("road", "Word for a street"),
            ("trade", "Word for a trade"),
            ("weak", "Addition to a name"),
        ],
        required=True,
        default="legal",
        help="Legal forms and words for streets are left out when names and addresses "
        "are compared; a mailbox at a free mailer says nothing about a company; an "
        "abbreviation, and a first name as friends say it, is compared as what it is "
        "short for. A word for a trade says little of a company, an addition may be "
        "left out of its name.",
    )
    meaning = fields.Char(
        string="Short for",
        help="What the abbreviation or first name is short for, one word.",
    )
    active = fields.Boolean(default=True)

    _unique_word = models.Constraint(
        "UNIQUE(kind, name)", "This word is there already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        words = super().create(vals_list)
        self.env.registry.clear_cache()
        return words

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.constrains("kind", "meaning", "name")
    def _check_meaning(self):
        for word in self:
            if word.kind in MEANT and not split_words(word.meaning or ""):
                raise ValidationError(
                    self.env._(
                        "Say what “%(word)s” is short for, or choose another kind.",
                        word=word.name,
                    )
                )

    @api.model
    @tools.ormcache()
    def _get_words(self):
        """Return the words, as names and addresses are compared with.

        :rtype: Words
        """
        # sudo: who is who is asked by all, words are kept by managers
        # archived ones count for nobody, whatever the first who asks looks at
        words = self.sudo().with_context(active_test=True)
        found = words.search_fetch([], ["name", "kind", "meaning"])
        return make_words((word.kind, word.name, word.meaning) for word in found)

    @api.model
    def _load_shipped(self):
        """Add the shipped words that are not there."""
        known = {
            (word.kind, word.name)
            for word in self.with_context(active_test=False).search([])
        }
        self.create(
            [
                {"kind": kind, "name": name, "meaning": meaning}
                for kind, name, meaning in get_shipped()
                if (kind, name) not in known
            ]
        )
