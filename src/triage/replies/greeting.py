"""By which name a requester is greeted: the one they sign with, or none.

A wrong name is worse than no name, so every doubt ends in the neutral greeting.
"""

from __future__ import annotations

import re
import unicodedata

from triage.replies import signs
from triage.texts import one_line
from triage.types import Message

_TITLE_WORDS = "mr mrs ms miss mx dr prof sir dame rev herr frau mme m. mlle sr sra sr. sra. sig"
_TITLES = frozenset(_TITLE_WORDS.split())
_PARTICLES = frozenset(
    ["van", "von", "der", "den", "de", "del", "la", "da", "do", "dos", "di", "du", "y", "e"]
)
_LONGEST = 40  # characters of a name
_TAIL = 8  # non-empty lines at the end of a mail in which a sign-off stands


def greeting_name(message: Message) -> str:
    """The name to greet the requester with, or an empty string for the neutral greeting.

    A closing line that agrees with the From name comes first ("Gen" for Genevieve Wu), then
    the name after a sign-off ("Kind regards, Bob"). If other closing lines look like names
    and none agrees, nobody is named. Without any such line the From name serves.
    """
    known = person(message.requester.name) if message.requester else ""
    if message.source and known:
        return known  # a form's field; its other fields are no signature
    lines = [line.strip() for line in message.new_text.splitlines() if line.strip()][-_TAIL:]
    signature = [line.strip() for line in message.signature.splitlines() if line.strip("-_ ")][:3]
    signed = _signed_off([*lines, *signature])
    names = [signed, *map(_name_line, [*lines[1:], *signature])]
    if agreeing := next((name for name in names if name and _agree(name, known)), ""):
        return agreeing
    return signed or ("" if known and any(names) else known)


def person(name: str) -> str:
    """`name` as a person's name in a greeting, or an empty string if it is not one.

    "Kilbride, Saoirse" is turned round; remarks in brackets, emoji and quotes are dropped;
    roles, companies, addresses, initials and sentences are no names.
    """
    name = re.sub(r"[(\[<].*", "", one_line(name)).strip(" \"'“”‘’.,;:-–—~*_|")
    if not 2 <= len(name) <= 2 * _LONGEST or any(char in "@/\\{}=%$#" or char.isdigit() for char in name):
        return ""
    family, comma, given = name.partition(",")
    if comma:
        name = f"{given.strip()} {family.strip()}" if given.strip() and " " not in family.strip() else family
    kept = "".join(char for char in name if char.isalpha() or unicodedata.combining(char) or char in " -'’.&")
    words = kept.split()
    letters = [word for word in words if len(word.strip(".")) > 1 and word != "&"]
    if not letters or len(words) > 5 or len(kept) > _LONGEST:
        return ""
    if signs.not_names().search(signs.normalised(kept)):
        return ""
    if all(word.strip(".").casefold() in _TITLES for word in letters):
        return ""
    if len(words) == 1 and kept.isupper() and len(kept) <= 3:  # initials
        return ""
    careless = kept.islower() or kept.isupper()
    return " ".join(_cased(word) if careless else word for word in words)


def _cased(word: str) -> str:
    """daz → Daz and SMITH → Smith, but van stays van."""
    if word.casefold() in _PARTICLES:
        return word.casefold()
    return "-".join(part.capitalize() for part in word.split("-"))


def _signed_off(lines: list[str]) -> str:
    """The name on the line after the last sign-off, or on the sign-off's own line."""
    for place in range(len(lines) - 1, -1, -1):
        closing, _, rest = lines[place].partition(",")
        if _is_closing(closing):
            return _name_line(rest.strip() or next(iter(lines[place + 1 :]), ""))
    return ""


def _is_closing(words: str) -> bool:
    return signs.normalised(words).strip(" .!-–—") in signs.closings()


def _name_line(line: str) -> str:
    """The name that a short line holds, before any comma, bracket or bar; or nothing."""
    line = re.split(r"[,|(•·]|\s[-–—]\s", line.strip(" -–—~"), maxsplit=1)[0].strip()
    line = re.sub(r"\s+[xX]{1,4}$", "", line)
    if not line or len(line) > _LONGEST or line[-1] in "?!:" or len(line.split()) > 4:
        return ""
    name = person(line)
    first = name.split()[0] if name else ""
    return name if first[:1].isupper() or not first[:1].islower() else ""


def _agree(signed: str, known: str) -> bool:
    """Whether two names can be one person's: a word in common, also shortened (Gen, Genevieve)."""
    ours, theirs = _words(signed), _words(known)
    return any(a.startswith(b) or b.startswith(a) for a in ours for b in theirs)


def _words(name: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", name.casefold())
    words = "".join(char for char in bare if not unicodedata.combining(char)).replace("-", " ").split()
    return [word for word in words if len(word.strip(".")) > 1]
