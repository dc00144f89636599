from . import marketing_interaction_template
from . import marketing_interaction_rule
from . import marketing_interaction
from . import marketing_interaction_recorder
from . import marketing_contact
from . import mail_mail
from . import ir_actions_report
