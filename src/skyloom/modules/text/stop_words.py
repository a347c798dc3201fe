"""English words that say little by themselves: a list of our own, of pronouns, articles and the like.

The old product's list was never published; a list of one's own goes into the second input of Preprocess Text.
"""

from __future__ import annotations

_PRONOUNS = """
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself
she her hers herself it its itself they them their theirs themselves one oneself this that these
those who whom whose which what whoever whatever whichever somebody someone something anybody anyone
anything everybody everyone everything nobody nothing each other another both either neither some
any all few many much most several such own same
"""
_ARTICLES_AND_CONJUNCTIONS = """
a an the and or but nor so yet if because as until while although though unless since than whether
when where why how
"""
_PREPOSITIONS = """
of at by for with about against between into through during before after above below to from up down
in out on off over under upon within without toward towards onto among amongst across along around
behind beside besides beyond per via
"""
_HELPING_VERBS = """
am is are was were be been being have has had having do does did doing done will would shall should
can could may might must ought
"""
_ADVERBS = """
again further then once here there now just only very too also not no even ever never always often
almost already rather quite perhaps maybe however therefore thus hence else still instead more less
"""

STOP_WORDS = frozenset(
    (_PRONOUNS + _ARTICLES_AND_CONJUNCTIONS + _PREPOSITIONS + _HELPING_VERBS + _ADVERBS).split()
)
