import json
from pathlib import Path

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .normalise import Words, split_words

SHIPPED = Path(__file__).parent / "words.json"


class MarketingMatchWord(models.Model):
    """A word that says nothing about who is who, or the same as another one."""

    _name = "marketing.match.word"
    _inherit = ["marketing.cached.mixin"]
    _description = "Word for Matching"
    _order = "kind, name"

    name = fields.Char(string="Word", required=True, index=True)
    kind = fields.Selection(
        selection=[
            ("legal", "Legal form"),
            ("free", "Free mailer"),
            ("short", "Abbreviation"),
            ("road", "Word for a street"),
        ],
        required=True,
        default="legal",
        help="Legal forms and words for streets are left out when names and addresses "
        "are compared; a mailbox at a free mailer says nothing about a company; an "
        "abbreviation is compared as what it is short for.",
    )
    meaning = fields.Char(
        string="Short for", help="What the abbreviation is short for, one word."
    )
    active = fields.Boolean(default=True)

    _unique_word = models.Constraint(
        "UNIQUE(kind, name)", "This word is there already."
    )

    @api.constrains("kind", "meaning", "name")
    def _check_meaning(self):
        for word in self:
            if word.kind == "short" and not split_words(word.meaning or ""):
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
        found = {"legal": set(), "free": set(), "road": set()}
        short = {}
        for word in self.sudo().search_fetch([], ["name", "kind", "meaning"]):
            if word.kind == "free":
                found["free"].add(word.name.strip().lower().rpartition("@")[2])
                continue
            parts = split_words(word.name)
            if word.kind == "short":
                meaning = split_words(word.meaning or "")
                if len(parts) == 1 and meaning:
                    short[parts[0]] = "".join(meaning)
            else:
                found[word.kind].update(parts)
        return Words(
            frozenset(found["legal"]),
            frozenset(found["free"]),
            short,
            frozenset(found["road"]),
        )

    @api.model
    def _load_shipped(self):
        """Add the shipped words that are not there."""
        shipped = json.loads(SHIPPED.read_text())
        known = {
            (word.kind, word.name)
            for word in self.with_context(active_test=False).search([])
        }
        vals_list = [
            {"kind": kind, "name": name}
            for kind in ("legal", "free", "road")
            for name in shipped[kind]
        ]
        vals_list += [
            {"kind": "short", "name": name, "meaning": meaning}
            for name, meaning in shipped["short"].items()
        ]
        self.create(
            [vals for vals in vals_list if (vals["kind"], vals["name"]) not in known]
        )
