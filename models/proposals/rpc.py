"""What is answered by the numbers of records, for each kind of client."""

try:
    from odoo.addons.rpc.controllers.xmlrpc import OdooMarshaller
except ImportError:  # Odoo is run without it
    OdooMarshaller = None


class ById(dict):
    """``{id: anything}``. JSON turns the numbers into text by itself; XML-RPC knows no
    keys but text and gets the same.
    """


def _dump(marshaller, value, write):
    marshaller.dump_struct({str(id_): found for id_, found in value.items()}, write)


if OdooMarshaller:
    OdooMarshaller.dispatch[ById] = _dump
