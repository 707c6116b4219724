"""Who the requester of a mail is. docs/reference/requester.md states these rules for users.

The first rule that fits:

1. Source: the mail comes from a configured web form, voicemail system or relay. The
   patterns on the body name the person. Without an address there: a foreign Reply-To; of a
   relay also a foreign From; otherwise nobody (a voicemail may still leave a number).
2. Reply-To, if it is foreign (neither ours nor a no-reply address) and differs from From.
3. A colleague's forward: the sender is ours, and the mail holds the header of another one
   and is no answer by its subject. The forwarded From, if it is foreign; nobody, if it
   names no usable address.
4. From.
5. Sender, if From is unusable.

Before all of them the rewriting of From by our own list address ("Anna via Support") is
undone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.intake.addresses import read_addresses, takes_no_replies, tidy_name, usable
from triage.intake.headers import Fields, decode_words
from triage.types import Address, Identity, RequesterFrom, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The person, how they were found, and what the finding showed besides."""

    person: Address | None = None
    found: RequesterFrom = RequesterFrom.NOBODY
    phone: str = ""  # from a source's pattern, as written there
    source: str = ""  # the kind of the source
    forwarded_by: Address | None = None


def find_requester(
    *,
    fields: Fields,
    author: Address | None,
    text: str,
    forwarded: Sequence[tuple[str, str]] = (),
    identity: Identity,
    sources: Sequence[Source] = (),
) -> Requester:
    """Applies the rules above.

    `author` is what `find_author` returned, `forwarded` the header (lower-case names) of
    the mail that this one forwards, or nothing.
    """
    reply_to = _foreign_reply_to(fields, author, identity)
    for source in sources:
        if _matches(source, fields):
            return _named_in_body(source, text, author, reply_to, identity)
    if reply_to is not None and (author is None or reply_to.address != author.address):
        return Requester(person=reply_to, found=RequesterFrom.REPLY_TO)
    if author is not None and is_colleagues_forward(fields, author, forwarded, identity):
        person = _forwarded_author(forwarded)
        if person is None:
            return Requester(forwarded_by=author)
        if not identity.is_ours(person.address):
            return Requester(person=person, found=RequesterFrom.FORWARD, forwarded_by=author)
    if author is not None:
        return Requester(person=author, found=RequesterFrom.FROM)
    for person in read_addresses(fields.first("sender"), most=1):
        return Requester(person=person, found=RequesterFrom.SENDER)
    return Requester()


def find_author(fields: Fields, identity: Identity) -> Address | None:
    """The first usable address in From; behind a list of ours, the person who wrote to it.

    Google Groups and Mailman put the list's address into From ("Anna via Support"
    <support@ours>) and the person into Reply-To, X-Original-From or X-Original-Sender.
    Those are believed only if From is one of our own addresses.
    """
    author = next(iter(read_addresses(fields.first("from"), most=1)), None)
    if author is None or not identity.is_own(author.address):
        return author
    phrase, via, _ = author.name.rpartition(" via ")
    originals = ("x-original-from", "x-original-sender")
    if not via and not any(fields.first(name) for name in originals):
        return author
    for name in ("reply-to", *originals):
        for person in read_addresses(fields.first(name)):
            if not identity.is_own(person.address):
                return Address(address=person.address, name=person.name or tidy_name(phrase))
    return author


def _foreign_reply_to(fields: Fields, author: Address | None, identity: Identity) -> Address | None:
    for person in read_addresses(fields.first("reply-to")):
        if not identity.is_ours(person.address) and not takes_no_replies(person.address):
            if not person.name and author is not None and author.domain == person.domain:
                return Address(address=person.address, name=author.name)
            return person
    return None


# --------------------------------------------------------------------------- sources


def _matches(source: Source, fields: Fields) -> bool:
    """True if every condition of the source finds its pattern in the header it looks at."""
    for where, pattern in source.match:
        if where == "header":
            values = [f"{name}: {value}" for name, value in fields.decoded()]
        else:
            values = [decode_words(value) for value in fields.all(where)[:1]]
        if not any(_search(pattern, value) for value in values):
            return False
    return bool(source.match)


def _named_in_body(
    source: Source, text: str, author: Address | None, reply_to: Address | None, identity: Identity
) -> Requester:
    name = tidy_name(_found(source.name, text))
    address = usable(_found(source.address, text))
    if address and not identity.is_own(address):
        person: Address | None = Address(address=address, name=name)
    else:
        person = reply_to
        if person is None and source.kind == "relay" and author and not identity.is_ours(author.address):
            person = author
        if person is not None and name:
            person = Address(address=person.address, name=name)
    return Requester(
        person=person,
        found=RequesterFrom.SOURCE if person else RequesterFrom.NOBODY,
        phone=_found(source.phone, text)[:40],
        source=source.kind,
    )


def _found(pattern: str, text: str) -> str:
    """What the pattern's group (without one, the whole pattern) found in the body."""
    match = _search(pattern, text) if pattern else None
    return (match[match.lastindex or 0] or "").strip() if match else ""


def _search(pattern: str, text: str) -> re.Match[str] | None:
    try:
        return re.search(pattern, text[:20_000], re.IGNORECASE | re.MULTILINE)
    except re.error:
        return None  # the configuration's check reports it; a mail is no place to


# --------------------------------------------------------------------------- forwards


def is_colleagues_forward(
    fields: Fields, author: Address | None, forwarded: Sequence[tuple[str, str]], identity: Identity
) -> bool:
    """True if one of us passes on another's mail: it holds that mail's header and is no answer."""
    if author is None or not forwarded or not identity.is_ours(author.address):
        return False
    return not _ANSWER.match(decode_words(fields.first("subject")))


def says_forward(subject: str) -> bool:
    """True if the subject opens with the mark of a forward, in one of our languages."""
    return _FORWARD.match(subject) is not None


_TAGS = r"(?i)\s*(?:\[[^\]]{0,40}\]\s*)?"  # "[EXTERNAL] "
_FORWARD = re.compile(_TAGS + r"(?:fwd?|wg|wtr|tr|rv|i|doorst|enc|vl|pd)\s*:")
_ANSWER = re.compile(_TAGS + r"(?:re|aw|antw|antwort|sv|rif|r|res|resp|ref|odp)(?:\[\d+\])?\s*:")


def _forwarded_author(forwarded: Sequence[tuple[str, str]]) -> Address | None:
    """The one address in the forwarded From; readers write it as <a@b>, [mailto:a@b] or (a@b)."""
    value = next((v for name, v in forwarded if name == "from"), "")[:1_000]
    found = _SHOWN_ADDRESS.findall(value)
    address = usable(found[0]) if len(set(found)) == 1 else None
    if address is None:
        return None
    name = value.partition(found[0])[0].strip().removesuffix("mailto:")
    return Address(address=address, name=tidy_name(name.strip().rstrip("<([")))


_SHOWN_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"'@]{1,64}@[^\s<>()\[\]:;,\"'@]{1,253}")
