"""The words that frame a letter, read from letters.toml: sign-offs, greetings, footers."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Final

_TABLES = tomllib.loads(files("triage.intake").joinpath("letters.toml").read_text(encoding="utf-8"))


def _words(name: str, *, by: str | None = None) -> frozenset[str]:
    return frozenset(word.strip() for text in _TABLES["words"][name].values() for word in text.split(by))


def _pattern(name: str, *, before: str = "", after: str = "") -> re.Pattern[str]:
    alternatives = (one for entries in _TABLES["patterns"][name].values() for one in entries)
    return re.compile(f"{before}(?:{'|'.join(alternatives)}){after}", re.IGNORECASE)


PARTICLES: Final = _words("particles")
SAYING: Final = _words("saying")
FIRST_PERSON: Final = _words("first_person")
LABELS: Final = _words("labels")
ADDRESSED: Final = _words("addressed")
NAME_FIELDS: Final = _words("name_fields", by=",")
MESSAGE_FIELDS: Final = _words("message_fields", by=",")

SIGN_OFF: Final = _pattern("sign_off", before=r"[\W_]{0,3}", after=r"[\W_]{0,4}$")
GREETING: Final = _pattern("greeting", after=r"(?![\w'’])")
TO_WHOM: Final = _pattern("to_whom")
BANNER: Final = _pattern("banner", before=r"[\W_]{0,4}")
DEVICE_LINE: Final = _pattern("device_line", before=r"\s*", after=r"[\s.!]*$")
DEVICE: Final = _pattern("device")
DISCLAIMER: Final = _pattern("disclaimer", before=r"[\W_]{0,6}")
LIST_FOOTER: Final = _pattern("list_footer", before=r"[\W_]{0,4}")
LEGAL: Final = _pattern("legal")
