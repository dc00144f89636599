from . import marketing_match_word
