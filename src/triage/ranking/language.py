"""Ranking, the language of a mail: what the requester newly wrote it in.

`detect` asks the packaged n-gram detector (eldc) and says "unknown" rather than guess.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

UNKNOWN = "unknown"

_ENOUGH = 40  # characters from which on a text and its subject, both unsure, are believed if they agree
_LONGEST = 4_000  # characters looked at; more do not change the answer
_NOT_PROSE = re.compile(r"https?://\S{1,500}|\S{1,100}@\S{1,100}|\S{0,40}\d\S{0,40}|[<>\[\]{}|_*#=]+")

# Languages that mail to a support desk is really written in. Left out are those that the
# detector likes to see in two or three European words (Yoruba, Tagalog, Malay, Basque …).
_CANDIDATES = (
    "ar,be,bg,bn,ca,cs,da,de,el,en,es,et,fa,fi,fr,he,hi,hr,hu,is,it,ja,ko,lt,lv,nl,no,pl,pt,ro,ru,"
    "sk,sl,sr,sv,th,tr,uk,ur,vi,zh"
)


def detect(text: str, *, subject: str = "") -> str:
    """The language of a text (ISO 639-1), or "unknown".

    The subject joins in only where the text is short: it is often ours, or a form's.
    """
    prose = _prose(text)
    found, sure = _asked(prose)
    if sure:
        return found
    with_subject, sure = _asked(f"{_prose(subject)} {prose}")
    if sure:
        return with_subject
    return found if found == with_subject and len(prose) >= _ENOUGH else UNKNOWN


def _prose(text: str) -> str:
    text = text[:_LONGEST].encode("utf-8", "ignore").decode("utf-8")  # lone surrogates raise in eldc
    return " ".join(_NOT_PROSE.sub(" ", text).split())


def _asked(prose: str) -> tuple[str, bool]:
    if not prose:
        return UNKNOWN, False
    result = _detector().detect_details(prose)
    return result.language if result.language != "und" else UNKNOWN, result.reliable


@cache
def _detector() -> Any:
    import eldc

    eldc.init()
    detector = eldc.instance()  # its settings are its own; other users of eldc keep theirs
    detector.set_languages(_CANDIDATES)
    return detector
