"""The tree of a mail's MIME parts, from octets (RFC 2045, 2046).

`read_tree` never raises and is bounded: parts and depth are capped by `Limits`, the octets
are held once and shared by all parts, and each level is searched once. The standard
library's parser recurses without bound and is quadratic on several kinds of hostile mail.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from triage.intake.headers import Fields, parameters, read_fields
from triage.types import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One MIME part. A multipart has `children`; an embedded mail has one, its root.

    `content_type` is lower-case ("text/plain"); `parameters` are those of Content-Type;
    `disposition` is "inline", "attachment" or empty; `filename` as the sender gave it.
    """

    fields: Fields
    content_type: str
    parameters: dict[str, str]
    disposition: str
    filename: str
    encoding: str
    body: memoryview
    children: tuple[Part, ...] = ()

    @property
    def kind(self) -> str:
        return self.content_type.partition("/")[0]

    @property
    def is_container(self) -> bool:
        """True for a type that holds parts: a multipart or an embedded mail."""
        return self.kind == "multipart" or self.content_type in _MAILS

    def octets(self) -> bytes:
        """The content with its transfer encoding undone, as far as it can be."""
        return decode_transfer(bytes(self.body), self.encoding)


def read_tree(content: bytes, limits: Limits) -> tuple[Part, tuple[str, ...]]:
    """The root part of a mail and the defects met on the way.

    Line ends of every kind become "\\n". What lies deeper or further than the limits
    allow stays undivided in the body of its part.
    """
    reader = _TreeReader(limits)
    root = reader.mail(content, depth=0)
    return root, tuple(dict.fromkeys(reader.defects))


class _TreeReader:
    """The counters that one mail's parts share while the tree is built."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.parts = 0
        self.defects: list[str] = []

    def mail(self, content: bytes, *, depth: int) -> Part:
        lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = lines.removeprefix(b"\xef\xbb\xbf").lstrip(b"\n")
        buffer = b"\n" + lines  # so that a boundary can open the body
        return self.part(buffer, 1, len(buffer), depth=depth)

    def part(self, buffer: bytes, start: int, end: int, *, depth: int, default: str = "text/plain") -> Part:
        self.parts += 1
        fields, body = read_fields(buffer, start, end, self.limits)
        body = min(body, end)
        self.defects += fields.defects
        content_type, content_parameters = parameters(fields.first("content-type"))
        content_type = _known_type(content_type, default)
        disposition, disposition_parameters = parameters(fields.first("content-disposition"))
        encoding = parameters(fields.first("content-transfer-encoding"))[0]
        children: tuple[Part, ...] = ()
        if content_type.startswith("multipart/"):
            boundary = content_parameters.get("boundary", "").rstrip()
            inner = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
            children = tuple(self.divide(buffer, body, end, boundary, depth=depth, default=inner))
            if not children and depth < self.limits.depth and self.parts < self.limits.parts:
                self.defects.append("a multipart without parts")
                content_type = "text/plain"
        elif content_type in _MAILS:
            if self.enough(depth):
                pass
            elif encoding in ("base64", "quoted-printable"):
                children = (self.mail(decode_transfer(buffer[body:end], encoding), depth=depth + 1),)
            else:
                children = (self.part(buffer, body, end, depth=depth + 1),)
        return Part(
            fields=fields,
            content_type=content_type,
            parameters=content_parameters,
            disposition=disposition,
            filename=disposition_parameters.get("filename") or content_parameters.get("name", ""),
            encoding=encoding,
            body=memoryview(buffer)[body:end],
            children=children,
        )

    def divide(
        self, buffer: bytes, body: int, end: int, boundary: str, *, depth: int, default: str
    ) -> Iterator[Part]:
        """The parts between the boundaries; the last may lack its closing one."""
        delimiter = _delimiter(buffer, body, end, boundary)
        if delimiter is None or self.enough(depth):
            return
        start = -1
        for found in delimiter.finditer(buffer, body - 1, end):
            if start >= 0:
                if self.enough(depth):
                    return
                yield self.part(buffer, start, max(start, found.start()), depth=depth + 1, default=default)
            start = -1 if found[1] else min(found.end() + 1, end)
            if found[1]:
                return
        if start >= 0 and not self.enough(depth):
            yield self.part(buffer, start, end, depth=depth + 1, default=default)

    def enough(self, depth: int) -> bool:
        if depth >= self.limits.depth:
            self.defects.append(f"parts are nested deeper than {self.limits.depth}")
        elif self.parts >= self.limits.parts:
            self.defects.append(f"more than {self.limits.parts} parts")
        else:
            return False
        return True


def _delimiter(buffer: bytes, body: int, end: int, boundary: str) -> re.Pattern[bytes] | None:
    """What divides a multipart. Without a boundary parameter, the first line of its shape.

    The pattern opens with literal octets, so that the search runs at the speed of `find`.
    """
    token = boundary[:200].encode("utf-8", "replace")
    if not token:
        guess = _GUESS.search(buffer, body - 1, end)
        if guess is None:
            return None
        token = guess[1]
    return re.compile(rb"\n--" + re.escape(token) + rb"(--)?[ \t]*(?=\n|\Z)")


_MAILS = ("message/rfc822", "message/global")
_GUESS = re.compile(rb"\n--([^\s-][^\s]{5,70})[ \t]*(?=\n)")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")


def _known_type(declared: str, default: str) -> str:
    """A usable content type; RFC 2045 section 5.2 reads a malformed one as text/plain."""
    if _TYPE.fullmatch(declared):
        return declared
    if declared in ("html", "text/html/", "html/text"):
        return "text/html"
    return "text/plain" if declared else default


def decode_transfer(octets: bytes, encoding: str) -> bytes:
    """Undo a Content-Transfer-Encoding (RFC 2045 section 6) leniently; unknown ones are none.

    Broken base64 yields what can be read; text that only claims to be base64 stays.
    """
    if encoding == "quoted-printable":
        return binascii.a2b_qp(octets)
    if encoding == "base64":
        return _decode_base64(octets)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return decode_uu(octets.split(b"\n"))
    return octets


_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)


def _decode_base64(octets: bytes) -> bytes:
    sample = b"".join(octets[:4_000].split(b"\n"))
    if sample.count(b" ") * 12 > len(sample):
        return octets  # prose under a wrong label
    letters = octets.translate(None, _NOT_BASE64)
    pieces = letters.split(b"=", 1_000)[:1_000]  # padding inside: several encodings, joined
    return b"".join(binascii.a2b_base64(p[: len(p) - (len(p) % 4 == 1)] + b"==") for p in pieces if p)


def decode_uu(lines: list[bytes]) -> bytes:
    """The content of uuencoded lines; those that are none are skipped."""
    out = []
    for line in lines:
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)
