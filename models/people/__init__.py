from . import marketing_contact_relation
from . import marketing_contact
from . import marketing_contact_company
from . import res_partner
