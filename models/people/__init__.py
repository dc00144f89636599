from . import marketing_contact_relation
from . import marketing_contact
from . import res_partner
