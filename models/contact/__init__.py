from . import ir_sequence
from . import marketing_business_relation
from . import marketing_contact
from . import res_company
from . import ir_model
