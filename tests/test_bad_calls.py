import copy
import inspect
import json
import xmlrpc.client

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.rpc.controllers.xmlrpc import dumps

from .common import MarketingContactCommon

# What these take, and how they refuse the rest, is the ORM's own matter.
CRUD = {"create", "write", "unlink", "copy_data", "load", "fields_get"}
# and the importer's, whose screen alone calls them
CRUD |= {"execute_import", "get_fields_tree"}
NOWHERE = 2**31 - 1  # an id that no record has

# What callers of the API may send for any argument, right for none or few of them.
RUBBISH = [
    None,
    False,
    True,
    0,
    -1,
    1.5,
    NOWHERE,
    10**12,
    "",
    "nope",
    "nul\x00",
    [],
    [None],
    ["x"],
    [[]],
    {},
    {"nope": 1},
    {"name": []},
    {"name": "nul\x00"},
    {"country_id": "x"},
    {"country_id": NOWHERE},
    {"country_id": {}},
    {"is_company": "maybe", "phone": {}},
]


@tagged("post_install", "-at_install")
class TestBadCalls(MarketingContactCommon):
    """Every public method, called with rubbish, answers or gives a clear error."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.manager
        cls.manager.group_ids += cls.env.ref("base.group_partner_manager")
        cls.contact, cls.customer, cls.vendor, cls.bank = cls._linked("Called")

    def _get_methods(self):
        """Return the public methods of the module: model, name, parameters."""
        methods = []
        for model_name, model in self.env.items():
            if model._abstract:
                continue
            for name in dir(type(model)):
                function = getattr(type(model), name, None)
                if name.startswith("_") or name in CRUD or not callable(function):
                    continue
                if getattr(function, "_api_private", False):
                    continue
                module = getattr(inspect.unwrap(function), "__module__", None) or ""
                if not module.startswith("odoo.addons.marketing_contact."):
                    continue
                get_public_method(model, name)
                methods.append((model_name, name, function))
        return methods

    def _call(self, model_name, method, args):
        """Call as the API does. Return the error of another kind than a clear one."""
        model = self.env[model_name].with_user(self.user)
        self.env.invalidate_all()
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint() as savepoint:
                result = call_kw(model, method, copy.deepcopy(args), {})
                self.env.flush_all()
                json.dumps(result, default=str)
                savepoint.rollback()
        except UserError as error:
            self.assertTrue(error.args[0], f"{model_name}.{method}{args}: no text")
        except IntegrityError:
            return None  # the service makes a ValidationError of it (retrying)
        except Exception as error:
            return f"{model_name}.{method}{args}: {error!r}"
        return None

    def _get_records(self, model_name):
        records = {
            "marketing.contact": self.contact,
            "res.partner": self.customer,
            "res.partner.bank": self.contact.bank_account_ids,
            "res.bank": self.bank,
        }
        return records.get(model_name) or self.env[model_name].search([], limit=1)

    def test_rubbish_in_any_argument(self):
        good = {"kind": "customer", "card_id": self.customer.id, "vals": {}}
        errors = []
        methods = self._get_methods()
        for model_name, name, function in methods:
            ids = self._get_records(model_name).ids
            parameters = list(inspect.signature(function).parameters.values())[1:]
            usual = [good.get(p.name, p.default) for p in parameters]
            prefix = [] if getattr(function, "_api_model", False) else [ids]
            for index in range(len(usual)):
                for rubbish in RUBBISH:
                    args = [*usual[:index], rubbish, *usual[index + 1 :]]
                    errors.append(self._call(model_name, name, [*prefix, *args]))
            if prefix:
                errors.append(self._call(model_name, name, [[NOWHERE], *usual]))
        self.assertFalse("\n".join(filter(None, errors)))
        self.assertLessEqual(
            {
                ("marketing.contact", "link_card"),
                ("marketing.contact", "create_card"),
                ("marketing.contact", "preview_link"),
                ("res.bank", "preview_sync"),
                ("res.partner", "create_marketing_contacts"),
                ("res.partner.bank", "create_marketing_contacts"),
                ("marketing.sync.batch", "undo"),
                ("marketing.sync.change", "undo"),
                ("marketing.contact.relation", "check_differences"),
            },
            {(model_name, name) for model_name, name, _function in methods},
        )

    def test_answers_by_id_for_every_protocol(self):
        """XML-RPC knows no keys but text, JSON makes them text."""
        contact = self._contact("Åkessons Måleri", email="info@akesson.example")
        twin = self._contact("Akessons Maleri", email="info@akesson.example")
        card = self._partner("Akessons Maleri", email="info@akesson.example")
        for records, method, expected in (
            (contact, "find_cards", card),
            (contact, "find_duplicates", twin),
            (card, "find_marketing_contacts", contact | twin),
        ):
            for user in (self.manager, self.clerk):
                records = records.with_user(user)
                if not records.has_access("read"):
                    continue
                answer = call_kw(records, method, [records.ids], {})
                (found,), _method = xmlrpc.client.loads(dumps((answer,)))
                self.assertEqual(list(found), [str(records.id)])
                self.assertEqual(list(json.loads(json.dumps(answer))), list(found))
                self.assertEqual(list(answer), records.ids)
                if user == self.manager:
                    (best, *_rest) = found[str(records.id)]
                    self.assertIn(best["id"], expected.ids)

    def test_none_or_several_records(self):
        """Methods for one record say so; the buttons of forms are Odoo's to guard."""
        several = (self.contact + self._contact("Other")).ids
        for name, args in (
            ("link_card", ["customer", self.customer.id]),
            ("preview_link", ["customer", self.customer.id]),
            ("get_lineage", []),
        ):
            for ids in ([], several):
                contacts = self.Contact.with_user(self.user).browse(ids)
                with self.assertRaisesRegex(UserError, "Choose one record"):
                    getattr(contacts, name)(*args)
        nothing = self.Contact.browse()
        self.assertFalse(nothing.create_card("customer"))
        self.assertEqual(nothing.preview_sync({"name": "X"}), [])
        self.assertFalse(self.Partner.browse().create_marketing_contacts("customer"))
        self.assertFalse(self.Account.browse().create_marketing_contacts())
