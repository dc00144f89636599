"""What the web client asks for to show a screen of contacts or of partners."""

from lxml import etree

from odoo.tools.safe_eval import safe_eval

ROWS = 80
VIEWS = {
    ("marketing.contact", "list"): "marketing_contact.marketing_contact_view_list",
    ("marketing.contact", "form"): "marketing_contact.marketing_contact_view_form",
    ("res.partner", "list"): "base.view_partner_tree",
    ("res.partner", "form"): "base.view_partner_form",
}


def get_arch(model, kind):
    """Return the view of a kind as a tree."""
    xml_id = VIEWS.get((model._name, kind))
    view_id = model.env.ref(xml_id).id if xml_id else None
    return etree.fromstring(model.get_view(view_id, kind)["arch"])


def fields_of(node):
    """Return the field nodes of a view, without those of views inside."""
    for child in node:
        if child.tag == "field":
            yield child
        else:
            yield from fields_of(child)


def specification(model, node):
    """Return what the web client asks for to show a view."""
    result = {}
    for child in fields_of(node):
        field = model._fields.get(child.get("name"))
        if field is None:
            continue
        spec = result[field.name] = {}
        if field.type in ("one2many", "many2many"):
            inner = next((part for part in child if part.tag in ("list", "kanban")), ())
            spec["fields"] = specification(model.env[field.comodel_name], inner)
            spec["limit"] = 40
        elif field.type == "many2one":
            spec["fields"] = {"display_name": {}}
    return result


def get_form_reader(record):
    """Return the function of a turn that reads what a form shows."""
    spec = specification(record, get_arch(record, "form"))
    return lambda _turn: record.browse(record.ids).web_read(spec)


def get_list_reader(model):
    """Return the function of a turn that reads what a list shows, all columns."""
    spec = {}
    for node in get_arch(model, "list").iterfind("field"):
        field = model._fields[node.get("name")]
        spec[field.name] = {"fields": {"display_name": {}}} if field.relational else {}
    return lambda _turn: model.web_search_read([], spec, limit=ROWS, count_limit=10001)


def get_searcher(model, text):
    """Return the function of a turn that reads the list for a text searched for."""
    field = next(fields_of(get_arch(model, "search")))
    domain = safe_eval(field.get("filter_domain"), {"self": text})
    spec = {"name": {}, "email": {}, "phone": {}}
    return lambda _turn: model.web_search_read(
        domain, spec, limit=ROWS, count_limit=10001
    )
