from . import account_document_download
from . import report
from . import thread
