"""The bottom of a letter: sign-off, name, contact block, disclaimers and footers.

A signature block is told by its looks (a name, then short lines with numbers, addresses,
titles), a disclaimer by its opening words. What looks like prose stays, also below a
sign-off: people add "P.S." and "I forgot to say".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from triage.intake import letters
from triage.intake.lines import (
    LOOK,
    RULE,
    blocks_of,
    first_text,
    is_blank,
    says_something,
    speaks_for_itself,
    words_of,
)

_TAIL: Final = 80  # lines from the end among which a sign-off is looked for

_POSTSCRIPT = re.compile(r"\s*(?:p\.? ?p?\.?s\b|n\.?b\b|post ?scriptum\b)", re.IGNORECASE)


def is_sign_off(line: str) -> bool:
    text = line.strip()
    return 1 < len(text) <= 220 and "?" not in text and letters.SIGN_OFF.match(text) is not None


def _is_signed_name(line: str) -> bool:
    """A name below a sign-off: there a lower-case one or two words will do."""
    words = words_of(_PARENTHESIS.sub("", line))
    return is_name(line) or (0 < len(words) <= 2 and len(line.strip()) <= 30 and not says_something(words))


def _sign_off(lines: Sequence[str]) -> tuple[int, int] | None:
    """Where the last sign-off stands: its first line and the line after the name under it.

    Below it stands a name, or nothing; above it, a text ("Thank you." may also begin one).
    """
    for at in range(len(lines) - 1, max(len(lines) - _TAIL, first_text(lines)), -1):
        if not is_sign_off(lines[at]):
            continue
        below = next((i for i in range(at + 1, len(lines)) if not is_blank(lines[i])), len(lines))
        if below == len(lines):
            return at, below
        if _is_signed_name(lines[below]):
            if not is_sign_off(lines[below]):
                return at, below + 1
        elif is_contact(lines[below]):
            return at, below
    return None


def before_sign_off(lines: Sequence[str]) -> int:
    """How many of the lines come before the closing sign-off and name."""
    found = _sign_off(lines)
    if found and _only_signature(lines[found[1] :]):
        end = found[0]
        while end and is_blank(lines[end - 1]):
            end -= 1
        # "Thanks again," above "Kind regards,"
        return end - 1 if end > 1 and is_sign_off(lines[end - 1]) else end
    return _before_name(lines)


def _only_signature(lines: Sequence[str]) -> bool:
    """Whether below a sign-off and name there is nothing but a few signature lines."""
    blocks = [[lines[i] for i in block] for block in blocks_of(lines)]
    below_name = bool(lines) and bool(lines[0].strip())
    return sum(map(len, blocks)) <= 6 and all(
        _is_signature_block(block, below_name=below_name and at == 0) for at, block in enumerate(blocks)
    )


def _is_signature_block(lines: Sequence[str], *, below_name: bool) -> bool:
    """Titles alone make a signature directly below the name only; elsewhere they may say something."""
    return all(map(_is_signature_line, lines)) and (
        below_name or is_name(lines[0]) or any(map(is_contact, lines)) or any(map(_is_quip, lines))
    )


def _is_signature_line(line: str) -> bool:
    return is_contact(line) or _is_short(line) or is_name(line)


def _before_name(lines: Sequence[str]) -> int:
    """Without a sign-off: how many lines come before a closing block that begins with a name."""
    blocks = blocks_of(lines)
    for block in blocks[-1:]:
        texts = [lines[i] for i in block]
        closes = len(blocks) > 1 and not _is_announced(lines, block)
        if closes and is_name(texts[0]) and _only_signature(texts[1:]) and len(texts) <= 5:
            return block.start
        if len(texts) > 1 and is_name(texts[-1]) and texts[-2].rstrip()[-1:] in ".!?)…":
            return block.stop - 1
    return len(lines)


def _is_announced(lines: Sequence[str], block: range) -> bool:
    """Whether the line above the block ends in a colon: "Please deliver to:"."""
    above = next((lines[i] for i in range(block.start - 1, -1, -1) if not is_blank(lines[i])), "")
    return above.rstrip().endswith(":")


# --------------------------------------------------------------------------- bottom: signatures, footers


def signature(lines: Sequence[str], cut: set[int]) -> set[int]:
    """The lines of the contact block, and of boilerplate below it. The name itself stays."""
    left = [i for i in range(len(lines)) if i not in cut]
    texts = [lines[i] for i in left]
    found = _sign_off(texts)
    start = found[1] if found else _after_unannounced_name(texts)
    out: set[int] = set()
    contacts = 0
    for block in blocks_of(texts[start:]):
        part = [texts[start + i] for i in block]
        contacts += sum(map(is_contact, part))
        looks = _is_signature_block(part, below_name=block.start == 0)
        if not _POSTSCRIPT.match(part[0]) and (looks or _is_boilerplate(part, contacts)):
            out.update(left[start + i] for i in block)
    return out


def _after_unannounced_name(texts: Sequence[str]) -> int:
    """Where a closing contact block begins, after its name; the end if there is none.

    Without a sign-off above it, only a name or a ruled line can begin one.
    """
    start = len(texts)
    contact = False
    for block in reversed(blocks_of(texts)[1:][-4:]):
        part = [texts[i] for i in block]
        ruled = RULE.match(texts[block.start - 1]) is not None and bool(texts[block.start - 1].strip())
        contact = contact or any(map(is_contact, part))
        if _is_announced(texts, block):
            break
        if len(part) <= 10 and is_name(part[0]) and all(map(_is_signature_line, part[1:])):
            start = block.start + 1 if contact else start
        elif ruled and len(part) <= 4 and all(map(_is_signature_line, part)):
            start = block.start if contact else start
        elif not (_is_boilerplate(part, 1) or all(map(is_contact, part))):
            break
    return start


def is_device_line(line: str) -> bool:
    """ "Sent from my iPhone" and its kin, in any language; not "Sent from the depot"."""
    text = line.strip()
    return (
        len(text) <= 120
        and letters.DEVICE_LINE.match(text) is not None
        and letters.DEVICE.search(text) is not None
    )


def is_footer(lines: Sequence[str], *, first: bool) -> bool:
    """A block that no person typed: a disclaimer, a list's or a scanner's footer, device lines."""
    if all(is_device_line(line) for line in lines):
        return True
    if first or speaks_for_itself(lines):
        return False
    if letters.DISCLAIMER.match(" ".join(lines[:4])[:LOOK]):
        return True
    listed = any(letters.LIST_FOOTER.match(line[:LOOK]) for line in lines)
    return listed and (letters.LIST_FOOTER.match(lines[0][:LOOK]) is not None or len(lines) <= 4)


def _is_boilerplate(lines: Sequence[str], contacts: int) -> bool:
    """Below a contact block: a paragraph that speaks like a lawyer."""
    if not contacts or speaks_for_itself(lines):
        return False
    text = " ".join(lines)[:2000]
    return len({found.lower() for found in letters.LEGAL.findall(text)}) >= 2


# --------------------------------------------------------------------------- the looks of a line

_ON_BEHALF = re.compile(r"(?:i\. ?[AV]\.|ppa\.?|p\. ?[pP]\.)\s+")
_PARENTHESIS = re.compile(r"\s*\([^()]{1,60}\)\s*$")


def is_name(line: str) -> bool:
    """A line that holds nothing but a person's or a firm's name (or initials)."""
    text = _PARENTHESIS.sub("", line.strip()[:LOOK]).strip(" \t*_~-–—/,.!:)")
    text = _ON_BEHALF.sub("", text, count=1)
    words = words_of(text)
    if line.rstrip().endswith(".") and words and len(words[-1]) > 3:
        return False  # "Tomorrow." is a sentence, "Ada E." is not
    if (
        not 0 < len(words) <= 6
        or len(text) > 60
        or any(c in text for c in '?!:;@"“')
        or any(c.isdigit() for c in text)
    ):
        return False
    shouted = len(words) > 2 and text.isupper() and max(map(len, words)) > 3
    proper = all(not word[0].islower() or word.lower() in letters.PARTICLES for word in words)
    return proper and not words[0][0].islower() and not shouted and not says_something(words)


_LINK = re.compile(
    r"\S{1,100}@\S{1,100}\.\w|https?://|www\.|\b[\w-]{2,60}\.(?:com|org|net|example|co|de|fr|es|nl"
    r"|it|pt|eu|uk|io|test|pl|ch|at|be|ie)\b"
)
_SPLIT = re.compile(r"\s[|·•]\s|\s[|·•]|[|·•]\s")


def is_contact(line: str) -> bool:
    """A line of a signature block: numbers, addresses and labels, no sentence."""
    text = line.strip()[:LOOK]
    if len(text) > 160 or text.endswith(("?", "!")):
        return False
    if not (any(c.isdigit() for c in text) or _LINK.search(text) or _SPLIT.search(text)):
        return False
    words = [word for word in words_of(_LINK_TEXT.sub(" ", text)) if word.lower() not in letters.LABELS]
    strange = [word for word in words if word[0].islower() and word.lower() not in letters.PARTICLES]
    return len(words) <= 16 and len(strange) <= len(words) // 4 and not says_something(words)


_LINK_TEXT = re.compile(
    r"\S{1,100}@\S{1,100}|https?://\S{1,200}|www\.\S{1,100}|\b[\w-]{2,60}(?:\.[\w-]{2,20}){1,3}\b"
)


def _is_short(line: str) -> bool:
    """A title, a slogan, a town: short, and no sentence that says something."""
    text = line.strip()[:LOOK]
    words = words_of(text)
    return _is_quip(line) or (
        0 < len(words) <= 9
        and len(text) <= 80
        and not text[0].islower()
        and not text.endswith(("?", "!", "."))
        and not says_something(words)
    )


def _is_quip(line: str) -> bool:
    """A motto in quotation marks."""
    text = line.strip()
    return len(text) > 2 and text[0] in "\"“„«'" and text[-1] in "\"”“»'"
