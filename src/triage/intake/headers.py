"""Header fields: a block of octets to named values, and what single values mean.

Written for hostile input: every function is linear in its input, and `read_fields` cuts
the block, the number of fields and each field to `Limits` before anything else looks.
Sources: RFC 5322 (fields, dates, identifiers), RFC 2047 (encoded words), RFC 2231
(parameters), RFC 6532 (UTF-8 in headers).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import unquote_to_bytes

from triage.intake import charset
from triage.types import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The fields of one header block, in order: lower-case name and unfolded raw value."""

    fields: tuple[tuple[str, str], ...] = ()
    defects: tuple[str, ...] = ()

    def first(self, name: str) -> str:
        """The first raw value of the field `name` (lower case), or an empty string."""
        return next((value for n, value in self.fields if n == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for n, value in self.fields if n == name)

    def decoded(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, decode_words(value)) for name, value in self.fields)


def read_fields(buffer: bytes, start: int, end: int, limits: Limits) -> tuple[Fields, int]:
    """The header fields of `buffer[start:end]` (line ends "\\n") and where the body starts.

    The block ends at the first empty line. A line that is no field and no continuation
    ends it too, unless a well-known field follows before the empty line. Beyond the limits
    only well-known fields are read.
    """
    if buffer[start : start + 1] == b"\n":
        return Fields(), start + 1
    blank = buffer.find(b"\n\n", start, end)
    body = end if blank < 0 else blank + 2
    block = buffer[start : end if blank < 0 else blank]
    defects = []
    if len(block) > limits.header_bytes:
        beyond = islice(_KNOWN_FIELD.finditer(block, limits.header_bytes), 30)
        block = block[: limits.header_bytes] + b"".join(found[0] for found in beyond)
        defects.append(f"the headers are longer than {limits.header_bytes} octets")

    lines = block.split(b"\n")
    found: list[tuple[str, list[bytes]]] = []
    position = start
    last_known: int | None = None
    for number, line in enumerate(lines):
        if field := _FIELD.match(line):
            found.append((field[1].decode("ascii").lower(), [line[field.end() :]]))
        elif line[:1] in (b" ", b"\t"):
            if found:
                found[-1][1].append(line)
        elif not (number == 0 and _ENVELOPE.match(line)):
            if last_known is None:
                last_known = max((n for n, text in enumerate(lines) if _KNOWN.match(text)), default=-1)
            if number > last_known:
                body = position
                break
            defects.append("a line among the headers is not one")
        position += len(line) + 1

    kept: list[tuple[str, str]] = []
    names = set()
    for name, values in found:
        if len(kept) < limits.headers or (name in _NEEDED and name not in names):
            value = _one_line(charset.decode(b"".join(values)))
            if len(value) > limits.header_length:
                defects.append(f"the header {name} is longer than {limits.header_length} characters")
            kept.append((name, value[: limits.header_length]))
            names.add(name)
    if len(kept) < len(found):
        defects.append(f"more than {limits.headers} headers")
    return Fields(fields=tuple(kept), defects=tuple(dict.fromkeys(defects))), body


_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_ENVELOPE = re.compile(rb">?From ")  # the separator line of an mbox
_NEEDED = frozenset(  # read even after too many others
    (
        *("from", "to", "cc", "subject", "date", "message-id", "reply-to", "sender", "in-reply-to"),
        *("references", "content-type", "content-transfer-encoding", "auto-submitted", "precedence"),
        "return-path",
    )
)
_NAMES = (
    rb"(?i:from|to|cc|subject|date|message-id|reply-to|sender|references|in-reply-to|received|"
    rb"return-path|mime-version|content-type|content-transfer-encoding|content-disposition)[ \t]*:"
)
_KNOWN = re.compile(_NAMES)
_KNOWN_FIELD = re.compile(rb"\n" + _NAMES + rb"[^\n]*(?:\n[ \t][^\n]*)*")
_CONTROLS = re.compile("[\x01-\x1f\x7f-\x9f\u2028\u2029]+")


def _one_line(text: str) -> str:
    """`text` on one line: control characters, which header injection needs, become a space."""
    return _CONTROLS.sub(" ", text).strip()


# --------------------------------------------------------------------------- encoded words


def decode_words(raw: str) -> str:
    """`raw` with its encoded words decoded (RFC 2047); broken ones stay as they are.

    White space between two encoded words vanishes, and neighbours in one charset are
    decoded together, since mailers split characters between them. The result is one line.
    """
    if "=?" not in raw:
        return raw
    out: list[str] = []
    pending, pending_charset = b"", ""
    for gap, word in _words(raw):
        if pending and (word is None or gap.strip() or word[0] != pending_charset):
            out.append(charset.decode(pending, pending_charset))
            pending = b""
            if word is not None and not gap.strip():
                gap = ""
        elif pending:
            gap = ""
        out.append(gap)
        if word is not None:
            pending_charset = word[0]
            pending += word[1]
    return _one_line("".join(out))


def _words(raw: str) -> Iterator[tuple[str, tuple[str, bytes] | None]]:
    """Each encoded word as (text before it, (charset, octets)); at last (the rest, None)."""
    done = position = 0
    while (opening := _WORD.search(raw, position)) is not None:
        close = raw.find("?=", opening.end())
        if close < 0:
            break
        payload = raw[opening.end() : close]
        position = opening.end()
        if "=?" in payload:
            continue
        octets = _word_octets(opening[2], payload)
        if octets is None:
            continue
        yield raw[done : opening.start()], (opening[1].partition("*")[0].lower(), octets)
        done = position = close + 2
    yield raw[done:], None


_WORD = re.compile(r"=\?([^?\s=]{1,75})\?([BbQq])\?")


def _word_octets(encoding: str, payload: str) -> bytes | None:
    octets = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(octets, header=True)
    letters = octets.rstrip(b"= ")
    try:
        return binascii.a2b_base64(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")
    except binascii.Error:
        return None


# --------------------------------------------------------------------------- parameters


def parameters(raw: str) -> tuple[str, dict[str, str]]:
    """The value of a structured field and its parameters: ("text/plain", {"charset": …}).

    Both lower-case but the parameters' values. Continued and percent-encoded parameters
    (RFC 2231) are put together, encoded words decoded; the first of a name wins. At most
    100 parameters are read.
    """
    value = re.split(r"[;,\s]", raw, maxsplit=1)[0].lower()
    whole: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for number, found in enumerate(_PARAMETER.finditer(raw)):
        if number == 100:
            break
        text = found[2].strip()
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))
        name, starred, section = found[1].lower().partition("*")
        if not starred:
            whole.setdefault(name, decode_words(text))
        elif piece := _SECTION.fullmatch(section):
            extended = bool(piece[2]) or not piece[1]
            pieces.setdefault(name, {}).setdefault(int(piece[1] or 0), (text, extended))
    for name, sections in pieces.items():
        whole[name] = _joined(sections)
    return value, whole


_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_SECTION = re.compile(r"([0-9]{0,3})(\*?)")  # of "name*", "name*1", "name*1*", what follows the star


def _joined(sections: dict[int, tuple[str, bool]]) -> str:
    """The sections of an RFC 2231 parameter as one value; the first names the charset."""
    octets, declared = b"", "utf-8"
    for number in sorted(sections):
        text, extended = sections[number]
        if extended and number == 0 and text.count("'") >= 2:
            declared, _, text = text.split("'", 2)
        octets += unquote_to_bytes(text) if extended else text.encode("utf-8", "replace")
    return _one_line(charset.decode(octets, declared))


# --------------------------------------------------------------------------- identifiers, dates


def message_ids(raw: str, *, most: int = 100) -> tuple[str, ...]:
    """The message identifiers in a field, each `<…>`, without repetition.

    Of more than `most` the first and the last ones are kept (RFC 5322 section 3.6.4: the
    first names the conversation). Tokens without brackets count only when the field holds
    nothing else. Others (blank, longer than 500, not printable ASCII) are dropped.
    """
    tokens = [token.rpartition("<")[2] for token in raw.split(">")[:-1] if "<" in token]
    if not tokens and "<" not in raw:
        words = raw.split()
        if len(words) == 1 or all("@" in word for word in words):
            tokens = words
    ids = [f"<{token}>" for token in dict.fromkeys("".join(t.split()) for t in tokens) if _IDENTIFIER(token)]
    return tuple(ids if len(ids) <= most else [ids[0], *ids[1 - most :]])


_IDENTIFIER = re.compile(r"[!-;=?-~]{1,500}").fullmatch


def read_date(raw: str) -> datetime | None:
    """The instant of a Date field (RFC 5322 section 3.3), None if it is not one."""
    from email.utils import parsedate_to_datetime  # costs 10 ms at start-up

    try:
        date = parsedate_to_datetime(raw[:100])
        if date.tzinfo is None:  # "-0000": UTC, of unknown origin
            date = date.replace(tzinfo=UTC)
        date.astimezone(UTC)  # year 1 or 9999 may have no UTC instant
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date
