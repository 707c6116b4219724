"""The top of a letter: a gateway's banner, a web form's fields, the greeting."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.intake import letters
from triage.intake.lines import LOOK, blocks_of, says_something, speaks_for_itself, trimmed, words_of

_BANNER_TAG = re.compile(
    r"\s*\[(?:external|extern|externe|externo|esterno|ext)(?: (?:e-?mail|sender))?\]\s*", re.IGNORECASE
)


def without_banner(lines: Sequence[str]) -> list[str]:
    """Drops what a mail gateway wrote above the mail ("[EXTERNAL]", "CAUTION: …")."""
    out = trimmed(lines)
    for _ in range(3):
        if not out:
            break
        tag = _BANNER_TAG.match(out[0])
        if tag and out[0][tag.end() :].strip():
            out[0] = out[0][tag.end() :]
        elif letters.BANNER.match(out[0][:LOOK]) and not speaks_for_itself(out[:1]):
            block = blocks_of(out[:12])[0]
            rest = trimmed(out[block.stop if len(block) <= 4 else 1 :]) or trimmed(out[1:])
            if not rest:
                break
            out = rest
        else:
            break
    return out


_FIELD = re.compile(r"\s*([^\W\d_][\w'’ /.-]{0,28}?)\s?(?:[:：]|\t)\s*(.*)")


def without_form(lines: list[str]) -> tuple[list[str], list[str]]:
    """Of a web form's mail the message, and the fields above it: who wrote, not what."""
    fields = 0
    for at, line in enumerate(lines[:30]):
        field = _FIELD.match(line[:LOOK])
        label = field[1].lower().strip() if field else ""
        if label in letters.NAME_FIELDS:
            fields += 1
        elif field and label in letters.MESSAGE_FIELDS and fields >= 2:
            first = _FIELD.match(line)
            message = [first[2] if first else "", *lines[at + 1 :]]
            return (trimmed(message), lines[:at]) if any(m.strip() for m in message) else (lines, [])
    return lines, []


def after_greeting(lines: Sequence[str]) -> int:
    """The index of the first line after the greeting; 0 if there is none on its own line.

    A heading of one short line may stand above a greeting.
    """
    if lines and is_greeting(lines[0]):
        return 1
    if len(lines) > 1 and len(words_of(lines[0])) <= 6 and lines[0].strip()[-1:] not in "?!.,":
        at = 1 if lines[1].strip() else 2
        if at < len(lines) - 1 and lines[at].strip().endswith(",") and is_greeting(lines[at]):
            return at + 1
    return 0


def is_greeting(line: str) -> bool:
    text = line.strip()
    if len(text) > 80 or "?" in text:
        return False
    if letters.TO_WHOM.match(text):
        return True
    found = letters.GREETING.match(text)
    if not found:
        return False
    rest = text[found.end() :]
    if "@" in rest and " " not in rest.strip():
        return True
    words = words_of(rest.replace("/", " "))
    if says_something(words):
        return False
    plain = [
        w
        for w in words
        if w[0].islower() and w.lower() not in letters.PARTICLES and w.lower() not in letters.ADDRESSED
    ]
    closed = rest.rstrip().endswith((",", "!", ":", ".", "-", "–"))
    return len(words) <= 8 and (not plain or (len(words) <= 2 and closed))
