"""Which of a mail's parts are its text, and which are attachments.

`read_content` walks the tree of parts once. Everything that is not the readable text is
listed as an attachment: named, typed, measured, never opened.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from triage.intake import body, charset, inline
from triage.intake.headers import decode_words
from triage.intake.mime import Part
from triage.types import Attachment, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The readable text of a mail, its attachments, and the first mail embedded in it."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    embedded: Part | None = None
    defects: tuple[str, ...] = ()


def read_content(root: Part, limits: Limits) -> Content:
    """The text a person would read, in order, cut to `limits.text_chars`; and the rest."""
    reader = _ContentReader(limits)
    # A mail that is one text is read whatever its name or disposition: there is nothing else.
    text = reader.words(root) if _is_text(root) else reader.read(root)
    text = text.strip() or next((t for part in reader.spare if (t := reader.words(part).strip())), "")
    if len(text) > limits.text_chars:
        text = text[: limits.text_chars]
        reader.defects.append(f"the text is longer than {limits.text_chars} characters")
    return Content(
        text=text,
        attachments=tuple(reader.attachments),
        embedded=reader.embedded,
        defects=tuple(dict.fromkeys(reader.defects)),
    )


class _ContentReader:
    """Reads parts as text and collects on the way what is not text."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.attachments: list[Attachment] = []
        self.spare: list[Part] = []  # text only if the mail has no other
        self.embedded: Part | None = None
        self.defects: list[str] = []

    def read(self, part: Part) -> str:
        """The text of `part` and of what it holds, empty if it is an attachment."""
        if part.children and part.kind == "multipart":
            match part.content_type:
                case "multipart/alternative":
                    return self.better(part)
                case "multipart/encrypted":
                    self.defects.append("encrypted")
                    return self.rest(part.children)
                case "multipart/report" | "multipart/signed":
                    return self.read(part.children[0]) + self.rest(part.children[1:])
                case "multipart/related":
                    root = _related_root(part)
                    self.rest(tuple(child for child in part.children if child is not root))
                    return self.read(root)
            return _joined([(child.content_type, self.read(child)) for child in part.children])
        attached = part.disposition == "attachment" or part.filename
        if _is_text(part) and (not attached or _CONTINUATION.fullmatch(part.filename)):
            return self.words(part)
        self.attach(part)
        return ""

    def rest(self, parts: tuple[Part, ...]) -> str:
        """Lists the leaves of `parts` as attachments; their text is none of the mail's."""
        for part in parts:
            if part.kind == "multipart" and part.children:
                self.rest(part.children)
            else:
                self.attach(part)
        return ""

    def better(self, part: Part) -> str:
        """The text of a multipart/alternative that says what the sender meant to show.

        Plain text is preferred, as it was meant to be read. The other form (the last one,
        RFC 2046 section 5.1.4) wins when the plain one is empty or lacks most of what the
        other one says: it is a stub, or a teaser.
        """
        plain = rich = ""
        for child in part.children:
            if child.content_type in _NEVER_SHOWN:
                self.attach(child)
            elif child.content_type == "text/plain":
                plain = plain or self.read(child)
            else:
                rich = self.read(child) or rich
        if not plain.strip() or not rich.strip():
            return plain if plain.strip() else rich
        shown, said = Counter(_WORDS.findall(rich)), Counter(_WORDS.findall(plain))
        return rich if (shown - said).total() * 2 > shown.total() else plain

    def words(self, part: Part) -> str:
        """The part's own text, decoded; what is no text taken out."""
        octets = part.octets()
        markup = part.content_type in _MARKUP or _HTML_START.match(octets) is not None
        if markup:
            octets = _PICTURE_IN_URL.sub(b"", octets)
        most = 10 * self.limits.text_chars
        if len(octets) > most:
            octets = octets[:most]
            self.defects.append(f"a text part is longer than {most} octets")
        declared = part.parameters.get("charset", "")
        if markup:
            if not declared and (meta := _META_CHARSET.search(octets, 0, 2_000)):
                declared = meta[1].decode("ascii")
            return body.html_to_text(charset.decode(octets, declared))
        text = charset.decode(octets, declared)
        if part.parameters.get("format", "").lower() == "flowed":
            text = body.unflow(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
        text, files = inline.without_uuencoded(text)
        self.attachments += files
        text, encrypted = inline.without_armour(text)
        if encrypted:
            self.defects.append("encrypted")
        return text

    def attach(self, part: Part) -> None:
        mail = part.children[0] if part.children and part.kind == "message" else None
        if mail is not None and self.embedded is None:
            self.embedded = mail
        undivided = part.is_container and not part.children
        if undivided or (_is_text(part) and part.disposition != "attachment"):
            self.spare.append(part)
        if defect := _CLOSED.get(part.content_type):
            self.defects.append(defect)
        name = _base_name(part.filename)
        if not name and mail is not None:
            name = decode_words(mail.fields.first("subject"))[:255]
        name = name or decode_words(part.fields.first("content-description"))[:255]
        self.attachments.append(
            Attachment(
                name=name or part.content_type.partition("/")[2],
                content_type=part.content_type,
                size=len(part.body) if part.kind in ("message", "multipart") else len(part.octets()),
            )
        )


_TEXT = {
    "text/plain",
    "text/html",
    "text/enriched",
    "text/richtext",
    "text/markdown",
    "application/xhtml+xml",
}
_MARKUP = _TEXT - {"text/plain", "text/markdown"}
_NEVER_SHOWN = {"text/calendar", "text/x-amp-html", "text/watch-html", "text/directory", "text/vcard"}
_CLOSED = {
    "application/pkcs7-mime": "encrypted",
    "application/x-pkcs7-mime": "encrypted",
    "application/pgp-encrypted": "encrypted",
    "application/ms-tnef": "parts of it are inside winmail.dat",
}
# Exchange's name for the text that was written below a picture.
_CONTINUATION = re.compile(r"(?i)ATT\d{3,}\.(?:txt|html?)")
_WORDS = re.compile(r"\w+")
_HTML_START = re.compile(rb"(?i)\s{0,200}<(?:!doctype html|html)\b")  # whatever its type says
_PICTURE_IN_URL = re.compile(rb"data:image/[a-z0-9.+-]{1,40};base64,[A-Za-z0-9+/=\s]+")
_META_CHARSET = re.compile(rb"(?i)<meta[^>]{0,200}?charset=[\"']?([a-z0-9_-]{1,40})")


def _is_text(part: Part) -> bool:
    return part.content_type in _TEXT


def _related_root(part: Part) -> Part:
    """The part that the others of a multipart/related belong to (RFC 2387 section 3.2)."""
    start = part.parameters.get("start", "").strip()
    for child in part.children if start else ():
        if child.fields.first("content-id").strip() == start:
            return child
    return next((c for c in part.children if _is_text(c) or c.kind == "multipart"), part.children[0])


def _joined(texts: list[tuple[str, str]]) -> str:
    """Several texts as one, in order; HTML that only repeats the plain text before it is left out."""
    joined: list[str] = []
    squashed = ""
    for content_type, text in texts:
        squash = " ".join(_WORDS.findall(text))
        if squash and not (content_type in _MARKUP and squash in squashed):
            joined.append(text.strip("\n"))
            squashed += " " + squash
    return "\n\n".join(joined)


def _base_name(name: str) -> str:
    """A file name without folders; it is shown, never used as a path."""
    return re.split(r"[/\\]", name.rstrip("/\\ "))[-1].strip()[:255]
