"""What a reply may repeat of a customer's own words (playbook P7 and P11).

Verbatim and short, or not at all: never sarcasm, insults, health, secrets or shouting.
"""

from __future__ import annotations

import re

from triage.intake.conversation import base_subject
from triage.intake.letters import GREETING
from triage.intake.opening import is_greeting
from triage.matters import listed, matters
from triage.replies import signs
from triage.replies.redact import redact
from triage.texts import one_line

_LEAST_WORDS, MOST_WORDS = 4, 25
_ODD = re.compile(
    r"[“”<>{}|\[\]\U0001F000-\U0010FFFF]|https?:|www\.|[!?]{2}|!$"
)  # our quotation marks, markup, links, shouting, emoji
_BRIEF = 10  # words
_MATTERS = 5
_FRAGMENT = 2  # words
_MATTERS_WORDS = 32  # the whole reply has at most 160 (P15)


def quote(sentence: str, *, upset: bool) -> str:
    """`sentence` itself if it can be quoted to its writer, else an empty string."""
    sentence = _without_greeting(one_line(sentence)).strip("“”\"' ")
    words = sentence.split()
    return sentence if _LEAST_WORDS <= len(words) <= MOST_WORDS and fit(sentence, upset=upset) else ""


def _without_greeting(sentence: str) -> str:
    """“Hi, where is it?” and “Dear partner, where is it?” ask “where is it?”"""
    address, comma, rest = sentence.partition(",")
    if not (comma and is_greeting(address + comma)):
        greeting = GREETING.match(sentence)
        rest = sentence[greeting.end() :] if greeting else ""
    rest = rest.lstrip(" ,.;:!–—-")
    return rest if len(rest.split()) >= _LEAST_WORDS else sentence


def topic(subject: str, *, upset: bool) -> str:
    """The subject as a phrase that names the matter, else an empty string."""
    phrase = one_line(base_subject(subject)).strip("“”\"'-–—:;,. ")
    words = phrase.split()
    if not 2 <= len(words) <= 12 or len(phrase) > 80 or phrase.endswith(("…", "...")):
        return ""
    if signs.empty_topics().fullmatch(signs.normalised(phrase)) or not fit(phrase, upset=upset):
        return ""
    return phrase


def leaves_open(quote: str, topic: str) -> bool:
    """Whether `topic` has to be named beside `quote`: “Can I edit that?” does not tell the matter."""
    told, named = (set(signs.normalised(words).strip("?.!").split()) for words in (quote, topic))
    return len(quote.split()) <= _BRIEF and 2 * len(named - told) >= len(named)


def points(text: str, *, upset: bool) -> tuple[str, ...]:
    """The several matters of `text`, all of them, or none if one cannot be repeated.

    The questions of somebody upset may be rhetorical: then only a list counts.
    """
    raised = listed(text) if upset else matters(text)
    found = tuple(one_line(point).strip('“”" ') for point in raised)
    words = sum(len(point.split()) for point in found)
    if not 2 <= len(found) <= _MATTERS or words > _MATTERS_WORDS:
        return ()
    # A fragment ("An hour?") says nothing by itself.
    whole = all(_FRAGMENT < len(p.split()) <= MOST_WORDS for p in found)
    return found if whole and all(fit(p, upset=upset) for p in found) else ()


def fit(words: str, *, upset: bool) -> bool:
    """Whether words of a customer can stand in our reply. `upset`: praise is sarcasm then."""
    text = signs.normalised(words)
    unfit = signs.unquotable()
    if unfit["insults"].search(text) or unfit["health"].search(text):
        return False
    if upset and unfit["praise"].search(text):
        return False
    return redact(words) == words and not (_ODD.search(words) or _shouts(words))


def _shouts(words: str) -> bool:
    """Two long words in capitals (codes with digits are none)."""
    bare = (word.strip(".,:;!?()'\"") for word in words.split())
    return sum(len(word) > 3 and word.isupper() and word.isalpha() for word in bare) > 1
