from . import marketing_linked_mixin
from . import marketing_card_mixin
from . import marketing_contact_relation
from . import marketing_contact
from . import marketing_card_template
from . import res_partner
from . import res_partner_bank
from . import res_bank
