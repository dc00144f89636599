from . import ir_sequence
from . import marketing_business_relation
from . import marketing_contact
from . import marketing_contact_number
from . import marketing_contact_finding
from . import marketing_setup_mixin
from . import res_company
from . import ir_model
