"""Octets to `Message`: the first stage of the pipeline. Pure, bounded, never raises.

    parse(raw, identity=…, now=…) -> Message | Unreadable

What a mail declares is believed as far as it can be; what is broken is mended or left out
and named in `Message.defects`. Only a mail of which nothing can be made is `Unreadable`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from triage.intake import body
from triage.intake.addresses import read_addresses
from triage.intake.content import Content, read_content
from triage.intake.headers import Fields, decode_words, message_ids, read_date
from triage.intake.mime import read_tree
from triage.intake.requester import find_author, find_requester, says_forward
from triage.types import Address, Identity, Limits, Message, RawMessage, Source, Unreadable

_LIMITS = Limits()


def parse(
    raw: RawMessage,
    *,
    identity: Identity,
    sources: Sequence[Source] = (),
    limits: Limits = _LIMITS,
    now: datetime,
) -> Message | Unreadable:
    """The mail as a value. `received` is its internal date, else a sane Date, else `now`.

    Content beyond `limits.message_bytes` is not looked at. A fault of this program's own
    while reading makes the mail `Unreadable` too: it goes to quarantine, where a person
    sees it, and the mails after it are read.
    """
    try:
        return _parse(raw, identity=identity, sources=sources, limits=limits, now=now)
    except Exception as fault:  # a mail must never stop the run
        reason = f"reading it failed: {type(fault).__name__}"
        return Unreadable(ref=raw.ref, reason=reason, received=raw.internal_date or now, size=raw.size)


def _parse(
    raw: RawMessage, *, identity: Identity, sources: Sequence[Source], limits: Limits, now: datetime
) -> Message | Unreadable:
    root, defects = read_tree(raw.content[: limits.message_bytes], limits)
    fields, content = root.fields, read_content(root, limits)
    date = read_date(fields.first("date"))
    received = raw.internal_date or (date if date and _is_sane(date, now) else now)
    if reason := _why_unreadable(fields, content):
        return Unreadable(ref=raw.ref, reason=reason, received=received, size=raw.size)

    author = find_author(fields, identity)
    subject = decode_words(fields.first("subject"))
    text = content.text
    parts = body.separate(text, forward=says_forward(subject))
    forwarded, forwarded_text = parts.forwarded_header, parts.forwarded_text
    if not forwarded and root.content_type != "multipart/report":
        forwarded, inner = _embedded_mail(content, limits)
        inner_parts = body.separate(inner)
        forwarded_text = inner_parts.new_text
        if not text:
            text, parts = inner, inner_parts
    requester = find_requester(
        fields=fields, author=author, text=text, forwarded=forwarded, identity=identity, sources=sources
    )
    passed_on = requester.forwarded_by is not None and forwarded_text.strip() != ""
    truncated = raw.truncated or len(raw.content) > limits.message_bytes
    message_id = next(iter(message_ids(fields.first("message-id"))), "")

    def people(name: str) -> tuple[Address, ...]:
        return read_addresses(", ".join(fields.all(name)), most=limits.addresses)

    return Message(
        ref=raw.ref,
        message_id=message_id,
        in_reply_to=message_ids(" ".join(fields.all("in-reply-to"))),
        references=message_ids(" ".join(fields.all("references"))),
        subject=subject,
        sender=author,
        reply_to=people("reply-to"),
        to=people("to"),
        cc=people("cc"),
        requester=requester.person,
        requester_from=requester.found,
        requester_phone=requester.phone,
        source=requester.source,
        date=date,
        received=received,
        headers=fields.decoded(),
        text=text,
        new_text=forwarded_text if passed_on else parts.new_text,
        quoted_text=parts.quoted_text,
        signature=parts.signature,
        forwarded_by=requester.forwarded_by,
        attachments=content.attachments,
        flags=raw.flags,
        size=raw.size,
        truncated=truncated,
        defects=_defects(fields, author, truncated, (*defects, *content.defects)),
        fingerprint=_fingerprint(fields, message_id, subject, text),
    )


def _embedded_mail(content: Content, limits: Limits) -> tuple[tuple[tuple[str, str], ...], str]:
    """The header and text of the mail that lies in another as message/rfc822, empty if none.

    Of mails that hold nothing but another one, the first that says something.
    """
    header: tuple[tuple[str, str], ...] = ()
    text = ""
    while not text and content.embedded is not None:
        header = content.embedded.fields.decoded()
        content = read_content(content.embedded, limits)
        text = content.text
    return header, text


def _why_unreadable(fields: Fields, content: Content) -> str:
    if fields.fields or content.attachments:
        return ""
    if not content.text:
        return "empty message"
    sample = content.text[:4_000]
    strange = sum(c == "\ufffd" or not (c.isprintable() or c.isspace()) for c in sample)
    return "this is no mail" if strange * 20 > len(sample) else ""


def _is_sane(date: datetime, now: datetime) -> bool:
    """True for a date between the first days of internet mail and a day from now."""
    return date.year >= 1982 and date - now <= timedelta(days=1)


def _defects(
    fields: Fields, author: Address | None, truncated: bool, found: tuple[str, ...]
) -> tuple[str, ...]:
    """What was odd about the mail, each once, in words for a person."""
    defects = list(found)
    if (authors := len(fields.all("from"))) > 1:
        defects.append(f"{authors} From headers")
    if author is None:
        defects.append("no usable address in From")
    if truncated:
        defects.append("only its beginning was read")
    return tuple(dict.fromkeys(defects))


def _fingerprint(fields: Fields, message_id: str, subject: str, text: str) -> str:
    """SHA-256 of what stays the same when a mail moves to another mailbox or server."""
    author = next((person.address for person in read_addresses(fields.first("from"), most=1)), "")
    stable = (message_id, author, fields.first("date"), subject, " ".join(text.split()))
    return hashlib.sha256("\0".join(stable).encode()).hexdigest()
