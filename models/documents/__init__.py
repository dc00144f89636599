from . import marketing_document_mixin
from . import marketing_contact_relation
from . import marketing_contact
from . import res_partner
from . import sale_order
from . import purchase_order
from . import marketing_contact_opportunities
from . import crm_lead
