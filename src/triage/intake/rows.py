"""A row of JSON as a `Message`, for texts that come without a mail around them. Pure.

to_message({"subject": "…", "body": "…"}, ref=…, now=…) -> Message
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from triage.intake.addresses import read_addresses
from triage.intake.body import separate
from triage.intake.charset import clean
from triage.intake.headers import message_ids, read_date
from triage.types import Address, Message, MessageRef, RequesterFrom


def to_message(row: Mapping[str, object], *, ref: MessageRef, now: datetime) -> Message:
    """A JSON row as a message: "subject" and "body", optionally "from", "to", "date", "headers".

    People are "Name <address>", {"name", "address"} or a list of these; the date is RFC 3339 or
    RFC 5322 (else `now`); headers are an object or a list of pairs. Raises ValueError.
    """
    subject, text = (_text(row, name) for name in ("subject", "body"))
    headers = _headers(row)
    named = dict(reversed(headers))  # of several, the first counts
    senders, to = _people(row.get("from")), _people(row.get("to"))
    sender = next(iter(senders or read_addresses(named.get("from", ""))), None)
    to = to or read_addresses(named.get("to", ""))
    date = _date(row.get("date") or named.get("date"))
    for name, people in (("to", to), ("from", senders)):
        if people and name not in named:
            headers.insert(0, (name, ", ".join(_spelled(person) for person in people)))
    parts = separate(text)
    identity = (str(ref.key), sender.address if sender else "", subject, " ".join(text.split()))
    return Message(
        ref=ref,
        message_id=next(iter(message_ids(named.get("message-id", ""))), ""),
        in_reply_to=message_ids(named.get("in-reply-to", "")),
        references=message_ids(named.get("references", "")),
        subject=subject,
        sender=sender,
        reply_to=read_addresses(named.get("reply-to", "")),
        to=to,
        cc=read_addresses(named.get("cc", "")),
        requester=sender,
        requester_from=RequesterFrom.FROM if sender else RequesterFrom.NOBODY,
        date=date,
        received=date or now,
        headers=tuple(headers),
        text=text,
        new_text=parts.new_text,
        quoted_text=parts.quoted_text,
        signature=parts.signature,
        size=len(text.encode()),
        fingerprint=hashlib.sha256("\0".join(identity).encode()).hexdigest(),
    )


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if value is None and name == "subject":
        return ""
    if not isinstance(value, str):
        raise ValueError(f'"{name}" must be a text')
    return " ".join(clean(value).split()) if name == "subject" else clean(value)


def _headers(row: Mapping[str, object]) -> list[tuple[str, str]]:
    given = row.get("headers") or []
    pairs: Iterable[object] = (
        given.items() if isinstance(given, dict) else given if isinstance(given, list) else [0]
    )
    headers = []
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ValueError('"headers" must be an object or a list of pairs')
        headers.append((clean(str(pair[0])).lower(), " ".join(clean(str(pair[1])).split())))
    return headers


def _people(value: object) -> tuple[Address, ...]:
    if isinstance(value, str):
        return read_addresses(clean(value))
    if isinstance(value, dict):
        found = read_addresses(clean(str(value.get("address", ""))))
        return tuple(Address(address=a.address, name=clean(str(value.get("name") or a.name))) for a in found)
    if isinstance(value, list):
        return tuple(person for one in value for person in _people(one))
    return ()


def _spelled(person: Address) -> str:
    return f"{person.name} <{person.address}>" if person.name else person.address


def _date(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        date = datetime.fromisoformat(value)
        return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # a year 1 or 9999 may have no UTC instant
        return read_date(value)
