"""The frame of a letter: banner, form, greeting, sign-off, signature and disclaimer.

    without_frame(lines) -> (what was written, what framed it)
    without_courtesies(text) -> text to judge

A signature block is told by its looks (a name, then short lines with numbers, addresses,
titles), a disclaimer by its opening words. What looks like prose stays, also below a
sign-off: people add "P.S." and "I forgot to say".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from triage.intake import letters

LOOK: Final = 300  # characters of a line that patterns see
_TAIL: Final = 80  # lines from the end among which a signature is looked for


def without_frame(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Parts what was written from banner, signature, disclaimers and form fields.

    The sign-off and the name under it stay with what was written. Returns the written
    lines and the framing ones, both in order.
    """
    kept, frame = _without_form(_without_banner(lines))
    cut: set[int] = set()
    for block in _blocks(kept):
        if _is_footer([kept[i] for i in block], first=block.start == _first_text(kept)):
            cut.update(block)
        elif _is_device_line(kept[block[-1]]):
            cut.add(block[-1])
    cut.update(_signature(kept, cut))
    written = trimmed([line for i, line in enumerate(kept) if i not in cut])
    if all(_is_blank(line) or _is_greeting(line) for line in written):
        return kept, frame  # a mail of nothing but a signature: that is its text
    return written, frame + [line for i, line in enumerate(kept) if i in cut]


def without_courtesies(text: str) -> str:
    """`text` without its greeting line and its sign-off and name; `text` if none is left."""
    lines = trimmed(text.split("\n"))
    inner = lines[_after_greeting(lines) :]
    inner = trimmed(inner[: _before_sign_off(inner)])
    return "\n".join(inner) if inner else "\n".join(lines)


def is_courtesy_only(text: str, *, thanks: bool = True) -> bool:
    """Whether `text` is no more than a device's line, a greeting, a sign-off and a name.

    Without `thanks` only device lines count as nothing: "Thanks!" is a whole answer.
    """
    lines = [line for line in text.split("\n") if not _is_blank(line)]
    if not thanks:
        return all(map(_is_device_line, lines))
    frame = (_is_device_line, _is_greeting, _is_sign_off, _is_name, _is_contact)
    return len(lines) <= 6 and all(any(looks(line) for looks in frame) for line in lines)


# --------------------------------------------------------------------------- lines and blocks


def _blocks(lines: Sequence[str]) -> list[range]:
    """The runs of lines between blank lines and rules, as index ranges."""
    runs = groupby(
        range(len(lines)), key=lambda i: 0 if not lines[i].strip() else 1 + bool(_RULE.match(lines[i]))
    )
    found = [(kind, list(run)) for kind, run in runs]
    return [range(run[0], run[-1] + 1) for kind, run in found if kind == 1]


def trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without the blank and ruled ones at both ends."""
    out = list(lines)
    while out and _is_blank(out[-1]):
        out.pop()
    start = next((i for i, line in enumerate(out) if not _is_blank(line)), 0)
    return out[start:]


def _is_blank(line: str) -> bool:
    return not line.strip() or _RULE.match(line) is not None


def _first_text(lines: Sequence[str]) -> int:
    return next((i for i, line in enumerate(lines) if not _is_blank(line)), len(lines))


_RULE = re.compile(r"\s*[-_=*~—─]{3,}\s*$")
_WORD = re.compile(r"[^\W\d_](?:[\w'’.-]*[^\W_])?")


def _words(line: str) -> list[str]:
    return _WORD.findall(line[:LOOK])


def _says_something(words: Sequence[str]) -> bool:
    return any(word.lower() in letters.SAYING for word in words)


_PARENTHESIS = re.compile(r"\s*\([^()]{1,60}\)\s*$")


def _is_name(line: str) -> bool:
    """A line that holds nothing but a person's or a firm's name (or initials)."""
    text = _PARENTHESIS.sub("", line.strip()[:LOOK]).strip(" \t*_~-–—/,.!:)")
    words = _words(text)
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
    return proper and not words[0][0].islower() and not shouted and not _says_something(words)


_LINK = re.compile(
    r"\S{1,100}@\S{1,100}\.\w|https?://|www\.|\b[\w-]{2,60}\.(?:com|org|net|example|co|de|fr|es|nl"
    r"|it|pt|eu|uk|io|test|pl|ch|at|be|ie)\b"
)
_SPLIT = re.compile(r"\s[|·•]\s|\s[|·•]|[|·•]\s")


def _is_contact(line: str) -> bool:
    """A line of a signature block: numbers, addresses and labels, no sentence."""
    text = line.strip()[:LOOK]
    if len(text) > 160 or text.endswith(("?", "!")):
        return False
    if not (any(c.isdigit() for c in text) or _LINK.search(text) or _SPLIT.search(text)):
        return False
    words = [word for word in _words(_LINK_TEXT.sub(" ", text)) if word.lower() not in letters.LABELS]
    strange = [word for word in words if word[0].islower() and word.lower() not in letters.PARTICLES]
    return len(words) <= 16 and len(strange) <= len(words) // 4 and not _says_something(words)


_LINK_TEXT = re.compile(
    r"\S{1,100}@\S{1,100}|https?://\S{1,200}|www\.\S{1,100}|\b[\w-]{2,60}(?:\.[\w-]{2,20}){1,3}\b"
)


def _is_short(line: str) -> bool:
    """A title, a slogan, a town: short, and no sentence that says something."""
    text = line.strip()[:LOOK]
    words = _words(text)
    return _is_quip(line) or (
        0 < len(words) <= 9
        and len(text) <= 80
        and not text[0].islower()
        and not text.endswith(("?", "!", "."))
        and not _says_something(words)
    )


def _is_quip(line: str) -> bool:
    """A motto in quotation marks."""
    text = line.strip()
    return len(text) > 2 and text[0] in "\"“„«'" and text[-1] in "\"”“»'"


# --------------------------------------------------------------------------- top: banners, forms, greetings

_BANNER_TAG = re.compile(
    r"\s*\[(?:external|extern|externe|externo|esterno|ext)(?: (?:e-?mail|sender))?\]\s*", re.IGNORECASE
)


def _without_banner(lines: Sequence[str]) -> list[str]:
    """Drops what a mail gateway wrote above the mail ("[EXTERNAL]", "CAUTION: …")."""
    out = trimmed(lines)
    for _ in range(3):
        if not out:
            break
        tag = _BANNER_TAG.match(out[0])
        if tag and out[0][tag.end() :].strip():
            out[0] = out[0][tag.end() :]
        elif letters.BANNER.match(out[0][:LOOK]):
            block = _blocks(out[:12])[0]
            rest = trimmed(out[block.stop if len(block) <= 4 else 1 :]) or trimmed(out[1:])
            if not rest:
                break
            out = rest
        else:
            break
    return out


_FIELD = re.compile(r"\s*([^\W\d_][\w'’ /.-]{0,28}?)\s?(?:[:：]|\t)\s*(.*)")


def _without_form(lines: list[str]) -> tuple[list[str], list[str]]:
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


def _after_greeting(lines: Sequence[str]) -> int:
    """The index of the first line after the greeting; 0 if there is none on its own line.

    A heading of one short line may stand above a greeting.
    """
    if lines and _is_greeting(lines[0]):
        return 1
    if len(lines) > 1 and len(_words(lines[0])) <= 6 and lines[0].strip()[-1:] not in "?!.,":
        at = 1 if lines[1].strip() else 2
        if at < len(lines) - 1 and lines[at].strip().endswith(",") and _is_greeting(lines[at]):
            return at + 1
    return 0


def _is_greeting(line: str) -> bool:
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
    words = _words(rest.replace("/", " "))
    if _says_something(words):
        return False
    plain = [
        w
        for w in words
        if w[0].islower() and w.lower() not in letters.PARTICLES and w.lower() not in letters.ADDRESSED
    ]
    closed = rest.rstrip().endswith((",", "!", ":", ".", "-", "–"))
    return len(words) <= 8 and (not plain or (len(words) <= 2 and closed))


# --------------------------------------------------------------------------- bottom: sign-offs

_POSTSCRIPT = re.compile(r"\s*(?:p\.? ?p?\.?s\b|n\.?b\b|post ?scriptum\b)", re.IGNORECASE)


def _is_sign_off(line: str) -> bool:
    text = line.strip()
    return 1 < len(text) <= 220 and "?" not in text and letters.SIGN_OFF.match(text) is not None


def _is_signed_name(line: str) -> bool:
    """A name below a sign-off: there a lower-case one or two words will do."""
    words = _words(_PARENTHESIS.sub("", line))
    return _is_name(line) or (0 < len(words) <= 2 and len(line.strip()) <= 30 and not _says_something(words))


def _sign_off(lines: Sequence[str]) -> tuple[int, int] | None:
    """Where the last sign-off stands: its first line and the line after the name under it.

    Below it stands a name, or nothing; above it, a text ("Thank you." may also begin one).
    """
    for at in range(len(lines) - 1, max(len(lines) - _TAIL, _first_text(lines)), -1):
        if not _is_sign_off(lines[at]):
            continue
        below = next((i for i in range(at + 1, len(lines)) if not _is_blank(lines[i])), len(lines))
        if below == len(lines):
            return at, below
        if _is_signed_name(lines[below]):
            if not _is_sign_off(lines[below]):
                return at, below + 1
        elif _is_contact(lines[below]):
            return at, below
    return None


def _before_sign_off(lines: Sequence[str]) -> int:
    """How many of the lines come before the closing sign-off and name."""
    found = _sign_off(lines)
    if found and _only_signature(lines[found[1] :]):
        end = found[0]
        while end and _is_blank(lines[end - 1]):
            end -= 1
        # "Thanks again," above "Kind regards,"
        return end - 1 if end > 1 and _is_sign_off(lines[end - 1]) else end
    return _before_name(lines)


def _only_signature(lines: Sequence[str]) -> bool:
    """Whether below a sign-off and name there is nothing but a few signature lines."""
    blocks = [[lines[i] for i in block] for block in _blocks(lines)]
    below_name = bool(lines) and bool(lines[0].strip())
    return sum(map(len, blocks)) <= 6 and all(
        _is_signature_block(block, below_name=below_name and at == 0) for at, block in enumerate(blocks)
    )


def _is_signature_block(lines: Sequence[str], *, below_name: bool) -> bool:
    """Titles alone make a signature directly below the name only; elsewhere they may say something."""
    return all(map(_is_signature_line, lines)) and (
        below_name or _is_name(lines[0]) or any(map(_is_contact, lines)) or any(map(_is_quip, lines))
    )


def _is_signature_line(line: str) -> bool:
    return _is_contact(line) or _is_short(line) or _is_name(line)


def _before_name(lines: Sequence[str]) -> int:
    """Without a sign-off: how many lines come before a closing block that begins with a name."""
    blocks = _blocks(lines)
    if len(blocks) > 1 and lines[blocks[-2].stop - 1].rstrip().endswith(":"):
        return len(lines)
    for block in blocks[-1:]:
        texts = [lines[i] for i in block]
        if len(blocks) > 1 and _is_name(texts[0]) and _only_signature(texts[1:]) and len(texts) <= 5:
            return block.start
        if len(texts) > 1 and _is_name(texts[-1]) and texts[-2].rstrip()[-1:] in ".!?)…":
            return block.stop - 1
    return len(lines)


# --------------------------------------------------------------------------- bottom: signatures, footers


def _signature(lines: Sequence[str], cut: set[int]) -> set[int]:
    """The lines of the contact block, and of boilerplate below it. The name itself stays."""
    left = [i for i in range(len(lines)) if i not in cut]
    texts = [lines[i] for i in left]
    found = _sign_off(texts)
    start = found[1] if found else _after_unannounced_name(texts)
    out: set[int] = set()
    contacts = 0
    for block in _blocks(texts[start:]):
        part = [texts[start + i] for i in block]
        contacts += sum(map(_is_contact, part))
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
    for block in reversed(_blocks(texts)[1:][-4:]):
        part = [texts[i] for i in block]
        ruled = _RULE.match(texts[block.start - 1]) is not None and bool(texts[block.start - 1].strip())
        contact = contact or any(map(_is_contact, part))
        if len(part) <= 10 and _is_name(part[0]) and all(map(_is_signature_line, part[1:])):
            start = block.start + 1 if contact else start
        elif ruled and len(part) <= 4 and all(map(_is_signature_line, part)):
            start = block.start if contact else start
        elif not (_is_boilerplate(part, 1) or all(map(_is_contact, part))):
            break
    return start


def _is_device_line(line: str) -> bool:
    """ "Sent from my iPhone" and its kin, in any language; not "Sent from the depot"."""
    text = line.strip()
    return (
        len(text) <= 120
        and letters.DEVICE_LINE.match(text) is not None
        and letters.DEVICE.search(text) is not None
    )


def _is_footer(lines: Sequence[str], *, first: bool) -> bool:
    """A block that no person typed: a disclaimer, a list's or a scanner's footer, device lines."""
    if all(_is_device_line(line) for line in lines):
        return True
    if first or _speaks_for_itself(lines):
        return False
    if letters.DISCLAIMER.match(" ".join(lines[:4])[:LOOK]):
        return True
    listed = any(letters.LIST_FOOTER.match(line[:LOOK]) for line in lines)
    return listed and (letters.LIST_FOOTER.match(lines[0][:LOOK]) is not None or len(lines) <= 4)


def _is_boilerplate(lines: Sequence[str], contacts: int) -> bool:
    """Below a contact block: a paragraph that speaks like a lawyer."""
    if not contacts or _speaks_for_itself(lines):
        return False
    text = " ".join(lines)[:2000]
    return len({found.lower() for found in letters.LEGAL.findall(text)}) >= 2


def _speaks_for_itself(lines: Sequence[str]) -> bool:
    """Whether somebody says "I" or "my" in it: no disclaimer does, and nobody who does is cut."""
    words = [word for line in lines[:40] for word in _words(line)]
    return "I" in words or any(word.lower() in letters.FIRST_PERSON for word in words)
