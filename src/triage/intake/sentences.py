"""The sentences of plain mail prose, in the order in which they stand.

    sentences(text) -> tuple of sentences

People write mail in many manners: wrapped at 72 columns or not at all, with list marks,
without capitals, without full stops. A sentence ends at a full stop, a question or an
exclamation mark, an emoji, a list item, a blank line, or a line break that no wrapping
made. Rules for en, de, fr, es, nl, it and pt; linear in the text's length.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

MAX_SENTENCES: Final = 2_000
MAX_LENGTH: Final = 1_000  # characters; a longer run-on is split at a space


def sentences(text: str) -> tuple[str, ...]:
    """The first MAX_SENTENCES sentences of `text`.

    Each is a verbatim slice of it but for white space, which becomes single spaces.
    List marks and ruled lines are left out.
    """
    found: list[str] = []
    uncapitalised = _lacks_capitals(text)
    for passage in _passages(text):
        for sentence in _split(passage, uncapitalised):
            found.append(sentence)
            if len(found) == MAX_SENTENCES:
                return tuple(found)
    return tuple(found)


# --------------------------------------------------------------------------- passages

_WRAPPED: Final = range(55, 101)  # widths at which mail clients wrap
_LIST_MARK = re.compile(r"(?:[-*•·‣–—+]|\(?\d{1,2}[.)]|[a-z]\))\s+(?=\S)")
_BULLET = re.compile(r"[-*•·‣–—+]\s+(?=\S)")
_RULE = re.compile(r"[-_=*~.─—|#\s]*")
_FIELD = re.compile(r"[^\W\d_][\w .'’-]{0,24}(?::\s|\t)")


def _passages(text: str) -> Iterator[str]:
    """The stretches of text that no sentence crosses, their wrapped lines joined."""
    raw = text.splitlines()
    lines = [" ".join(line.split()) for line in raw]
    width = max((len(line) for line in lines if len(line) < _WRAPPED.stop), default=0)
    width = width if width in _WRAPPED else _WRAPPED.stop
    passage: list[str] = []
    listed = False  # the passage is a list item, whose further lines hang below the mark
    previous = ""
    for line, typed in zip(lines, raw, strict=True):
        hangs = bool(passage) and typed[:1] in (" ", "\t") and _LIST_MARK.match(typed.lstrip()) is None
        if passage and not (line and ((hangs and listed) or _goes_on(previous, line, width))):
            yield " ".join(passage)
            passage = []
        if line and not _RULE.fullmatch(line):
            listed = _LIST_MARK.match(line) is not None if not passage else listed
            passage.append(line if passage else _without_bullet(line))
        previous = line
    if passage:
        yield " ".join(passage)


def _without_bullet(line: str) -> str:
    bullet = _BULLET.match(line)
    return line[bullet.end() :] if bullet else line


def _goes_on(line: str, after: str, width: int) -> bool:
    """Whether the break between two lines is a client's wrapping rather than the writer's."""
    if not line or _LIST_MARK.match(after) or _RULE.fullmatch(after):
        return False
    if after[0].islower():
        return not line.endswith((".", "!", "?", ":"))
    if len(line) >= _WRAPPED.stop or _FIELD.match(after):
        return False
    return len(line) + 1 + len(after.split(" ", 1)[0]) > width


# --------------------------------------------------------------------------- ends

_EMOJI = "\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d"
_END = re.compile(
    rf"(?<![.!?…。！？])(?P<mark>[.!?…。！？]++)(?P<closing>(?:[\"”’»“')\]]| »)*+)(?:\s?[{_EMOJI}])*+"
    r"(?P<gap>\s+|(?<=[。！？])|(?<=[a-zß-ÿ]\.)(?=[A-ZÀ-Þ][a-zß-ÿ ])|$)"
    rf"|(?<=[{_EMOJI}])\s(?=[A-ZÀ-ÞА-Я¿¡])"
)
_ABBREVIATIONS = tomllib.loads(
    files("triage.intake").joinpath("abbreviations.toml").read_text(encoding="utf-8")
)


def _words(name: str) -> tuple[str, ...]:
    return tuple(word for words in _ABBREVIATIONS[name].values() for word in words.split())


_GOES_ON = frozenset(_words("goes_on"))
_BEFORE_NUMBER = frozenset(_words("before_number"))
_BEFORE_CAPITAL = frozenset(_words("before_capital"))
_AFTER_ORDINAL = _words("after_ordinal")
_WORD_BEFORE = re.compile(r"[^\s(\[\"“„«'‘’/]*$")
_LOOK: Final = 24  # characters before a full stop that tell what it ends


def _split(passage: str, uncapitalised: bool) -> Iterator[str]:
    start = 0
    for end in _END.finditer(passage):
        if end.start() < start or not _ends_sentence(passage, end, uncapitalised):
            continue
        yield from _bounded(passage[start : end.end()])
        start = end.end()
    yield from _bounded(passage[start:])


def _ends_sentence(passage: str, end: re.Match[str], uncapitalised: bool) -> bool:
    after = passage[end.end() : end.end() + _LOOK]
    mark = end["mark"]
    if not after or mark is None:
        return True
    low = after[0].islower()
    if mark[-1] in "!?。！？":
        return not (low and end["closing"]) and not after.startswith((",", ";", ")"))
    if mark == ".":
        before = _WORD_BEFORE.search(passage, max(0, end.start() - _LOOK), end.start())
        word = before[0] if before else ""
        if _goes_on_after(word, after, start=end.start() == len(word)):
            return False
        if not end["gap"] and ("." in word or word == "www" or "." in after.split(" ", 1)[0]):
            return False  # a host name, not a forgotten space
    if low:
        return uncapitalised and mark != "…" and not mark.startswith("..")
    return after[0] not in ",;:)"


def _goes_on_after(word: str, after: str, *, start: bool) -> bool:
    """Whether the full stop after `word` belongs to it: "Dr.", "No. 5", "3. Oktober"."""
    plain = word.lower()
    if plain in _GOES_ON or (len(word) == 1 and word.isalpha() and word != "I"):
        return True
    if plain in _BEFORE_NUMBER:
        return after[0].isdigit() or after[0] in "+#:(º°"
    if plain in _BEFORE_CAPITAL:
        return after[0].islower()
    if word.isdigit() and len(word) <= 2:
        return start or after[0].islower() or after.lower().startswith(_AFTER_ORDINAL)
    return "@" in word or "://" in word


def _lacks_capitals(text: str) -> bool:
    """Whether the writer begins sentences in lower case more often than not."""
    starts = re.findall(r"[^\W\d_]{3}[.!?] +([^\W\d_])", text[:20_000])
    return sum(map(str.islower, starts)) * 2 > len(starts)


def _bounded(sentence: str) -> Iterator[str]:
    sentence = sentence.strip()
    start = 0
    while len(sentence) - start > MAX_LENGTH:
        cut = sentence.rfind(" ", start + MAX_LENGTH // 2, start + MAX_LENGTH)
        cut = cut if cut > 0 else start + MAX_LENGTH
        yield sentence[start:cut].strip()
        start = cut
    if rest := sentence[start:].strip():
        yield rest
