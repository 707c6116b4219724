"""Lines of a mail: blank ones, blocks between them, and the words on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from triage.intake import letters

LOOK: Final = 300  # characters of a line that patterns see


def blocks_of(lines: Sequence[str]) -> list[range]:
    """The runs of lines between blank lines and rules, as index ranges."""
    runs = groupby(
        range(len(lines)), key=lambda i: 0 if not lines[i].strip() else 1 + bool(RULE.match(lines[i]))
    )
    found = [(kind, list(run)) for kind, run in runs]
    return [range(run[0], run[-1] + 1) for kind, run in found if kind == 1]


def trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without the blank and ruled ones at both ends."""
    out = list(lines)
    while out and is_blank(out[-1]):
        out.pop()
    start = next((i for i, line in enumerate(out) if not is_blank(line)), 0)
    return out[start:]


def is_blank(line: str) -> bool:
    return not line.strip() or RULE.match(line) is not None


def first_text(lines: Sequence[str]) -> int:
    return next((i for i, line in enumerate(lines) if not is_blank(line)), len(lines))


RULE = re.compile(r"\s*[-_=*~—─]{3,}\s*$")
_WORD = re.compile(r"[^\W\d_](?:[\w'’.-]*[^\W_])?")


def words_of(line: str) -> list[str]:
    return _WORD.findall(line[:LOOK])


def says_something(words: Sequence[str]) -> bool:
    return any(word.lower() in letters.SAYING for word in words)


def speaks_for_itself(lines: Sequence[str]) -> bool:
    """Whether somebody says "I" or "my" in it: no disclaimer does, and nobody who does is cut."""
    words = [word for line in lines[:40] for word in words_of(line)]
    return "I" in words or any(word.lower() in letters.FIRST_PERSON for word in words)
