from . import marketing_match_word
from . import marketing_match
from . import matched_mixin
from . import marketing_card_mixin
from . import marketing_contact
from . import res_partner
from . import res_bank
from . import res_company
