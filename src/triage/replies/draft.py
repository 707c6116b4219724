"""Turns a reply's words into the mail that is appended to Drafts.

The result answers one message, to one requester, inside its thread, and quotes the
original below. Nothing from the answered mail is ever copied into a header as it stands:
every value is cleaned to printable text first, so that a header cannot be injected
(CVE-2024-6923), and identifiers are taken over only if they look like one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import textwrap
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from triage import texts
from triage.intake.conversation import reference_chain, reply_subject
from triage.replies.compose import ReplySettings
from triage.replies.redact import redact
from triage.texts import one_line, plain
from triage.types import DraftMail, Message

MARKER_HEADER = "X-Triage-Marker"
WIDTH = 72  # columns of our own lines
QUOTED_WIDTH = 90  # a quoted line up to here stays as it was written; a longer one is wrapped
QUOTED_BYTES = 20_000  # of the original, UTF-8


def build(
    *,
    message: Message,
    text: str,
    settings: ReplySettings,
    marker: str,
    message_id: str,
    now: datetime,
    language: str = "en",
    quote: bool = True,
) -> DraftMail:
    """The reply `text` to `message` as an RFC 5322 mail with CRLF line ends.

    `quote`: what the message said stands below.

    Raises ValueError if the requester or the settings have no address that a reply can
    be written to (none, malformed, or with a non-ASCII local part, RFC 6532).
    """
    if message.requester is None:
        raise ValueError("the message names nobody to reply to")
    ours = "\n".join(_wrapped(line) for line in plain(text).rstrip().splitlines()) + "\n"
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _mailbox(settings.from_name, settings.from_address)
    mail["To"] = _mailbox(message.requester.name, message.requester.address)
    begun = _phrase(message.subject)
    mail["Subject"] = subject = _phrase(reply_subject(begun)) if message.message_id or quote else begun
    mail["Date"] = now
    mail["Message-ID"] = message_id
    if _IDENTIFIER.fullmatch(message.message_id):
        mail["In-Reply-To"] = message.message_id
    if references := [known for known in reference_chain(message) if _IDENTIFIER.fullmatch(known)]:
        mail["References"] = " ".join(references)
    if settings.mark_automatic:
        mail["Auto-Submitted"] = "auto-replied"  # RFC 3834 section 5
    mail[MARKER_HEADER] = marker
    below = f"\n{_original(message, language, settings.team_folder)}" if quote else ""
    mail.set_content(f"{ours}{below}", charset="utf-8")
    return DraftMail(
        content=mail.as_bytes(), message_id=message_id, marker=marker, subject=subject, text=ours
    )


def identity(*, key: bytes, fingerprint: str, kind: str, generation: int, domain: str) -> tuple[str, str]:
    """(marker, Message-ID) of a draft. ValueError if the domain is none for a Message-ID."""
    return (
        marker(key=key, fingerprint=fingerprint, kind=kind, generation=generation),
        draft_message_id(key=key, fingerprint=fingerprint, kind=kind, generation=generation, domain=domain),
    )


def marker(*, key: bytes, fingerprint: str, kind: str, generation: int) -> str:
    """What recognises this draft on the server: a keyed hash, opaque to the outside."""
    return _keyed("marker", key, fingerprint, kind, generation)


def draft_message_id(*, key: bytes, fingerprint: str, kind: str, generation: int, domain: str) -> str:
    """The draft's Message-ID: the same for the same draft, and unlike its marker."""
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f"{domain!r} is no domain for a Message-ID")
    return f"<{_keyed('message-id', key, fingerprint, kind, generation)}@{domain}>"


def _keyed(purpose: str, key: bytes, fingerprint: str, kind: str, generation: int) -> str:
    said = "\0".join((purpose, fingerprint, kind, str(generation))).encode("utf-8", "surrogatepass")
    return hmac.new(key, said, hashlib.sha256).hexdigest()[:40]


# --------------------------------------------------------------------------- headers

_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
# A Message-ID that fits on one line of 998 octets (RFC 5322 sections 2.1.1 and 3.6.4).
_IDENTIFIER = re.compile(r"<[!-;=?-~]{1,900}>")
_STRUCTURAL = frozenset({"message-id", "in-reply-to", "references", MARKER_HEADER.lower()})


class _Policy(EmailPolicy):
    """Folds identifiers at spaces only: encoding a long one would break the thread."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in _STRUCTURAL:
            return f"{name}: " + "\r\n ".join(str(value).split()) + "\r\n"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _STRUCTURAL:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


# 7bit: every server and client takes it, and no line can exceed 998 octets.
_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


def _phrase(text: str) -> str:
    """`text` as it may stand in a header: printable, one line, bounded, never decoded again."""
    return one_line(text[:2000]).replace("=?", "= ?")[:300].strip()


def _mailbox(name: str, address: str) -> Address:
    """A checked address, with the name if it is a harmless one (RFC 5322 section 3.4)."""
    local, _, domain = address[:400].rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ValueError(f"{one_line(address)!r} is not an address to reply to") from error
    usable = _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain) and "=?" not in local
    if not usable or ".." in local or local[0] == "." or local[-1] == "." or ".." in domain:
        raise ValueError(f"{one_line(address)!r} is not an address to reply to")
    shown = _phrase(name)[:100].strip()
    return Address(display_name="" if "@" in shown else shown, username=local, domain=domain)


# --------------------------------------------------------------------------- body


def _wrapped(line: str) -> str:
    """One line at most WIDTH columns wide, list entries hanging; a long word stays whole."""
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _original(message: Message, language: str, team_folder: str) -> str:
    """What the requester wrote, attributed, redacted, as "> " lines, cut at a line's end."""
    words = texts.wording(language, team_folder=team_folder)["reply"]
    original = plain(redact(message.new_text)).strip()
    if not original:
        return ""
    kept: list[str] = []
    size = 0
    for line in original.splitlines():
        line = line.rstrip()
        for part in [line] if len(line) <= QUOTED_WIDTH else _wrapped(line).splitlines():
            size += len(part.encode("utf-8")) + 3
            if size > QUOTED_BYTES:
                return "\n".join([_attribution(message, words), *kept, f"> {words['omitted']}", ""])
            kept.append(f"> {part}".rstrip())
    return "\n".join([_attribution(message, words), *kept, ""])


def _attribution(message: Message, words: Any) -> str:
    at = message.date or message.received
    person = message.requester
    name = (_phrase(person.name)[:60].strip() or person.address) if person else ""
    said: str = words["attribution"].format(
        weekday=words["weekdays"][at.weekday()],
        day=at.day,
        month=words["months"][at.month - 1],
        year=at.year,
        time=f"{at:%H:%M}",
        name=name,
    )
    return textwrap.fill(said, WIDTH, break_long_words=False)
