"""Our own mail: what we have answered, and what became of our drafts.

Sent, `answered_in`, Drafts and our own mails in the inbox are read incrementally, by their
headers alone. A sent mail is an answer of a person, or our holding reply: that is settled
here once, by marker, Message-ID, or the likeness of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from triage.calls import ticket as life
from triage.intake import conversation
from triage.intake.addresses import read_addresses
from triage.intake.headers import message_ids, read_date, read_fields
from triage.intake.parse import parse
from triage.pipeline.envelopes import envelopes
from triage.pipeline.ports import Pass
from triage.replies.draft import MARKER_HEADER
from triage.store import Store
from triage.store.drafts import DraftRecord
from triage.types import DraftStatus, Envelope, Identity, Limits, Mailboxes, Message, MessageRef, Sighting

FIELDS = (
    "From",
    "To",
    "Cc",
    "Bcc",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    MARKER_HEADER,
)
READ_BACK = timedelta(days=1)  # before the start line, since SINCE counts days in the server's zone


def look(work: Pass, store: Store, boxes: Mailboxes, *, start_line: datetime) -> None:
    """Take note of what is new where our answers lie. In Sent all mail is ours, whatever its From."""
    identity = work.account.identity
    for mailbox in dict.fromkeys((*boxes.sent, *boxes.answered_in)):
        for sightings in _new(work, store, mailbox, start_line):
            note(work, store, (s for s in sightings if mailbox in boxes.sent or identity.is_ours(s.sender)))


def look_at_drafts(work: Pass, store: Store, mailbox: str, *, start_line: datetime) -> None:
    """Take note of what is new in Drafts: a draft that an agent edited is saved anew there."""
    for sightings in _new(work, store, mailbox, start_line):
        store.conversations.sight(((s, "draft") for s in sightings), work.now)


def note(work: Pass, store: Store, sightings: Iterable[Sighting]) -> None:
    """Record mails of ours with the role that each plays."""
    for sighting in sightings:
        role, draft, edits = _role(work, store, sighting)
        with store.transaction():
            for answered in store.conversations.sight([(sighting, role)], work.now):
                _tell_the_ticket(work, store, answered, sighting)
            if draft is not None and role == "answer":
                _replaced(work, store, draft, sighting)
            elif draft is not None:
                _sent(work, store, draft, sighting, edits)


def _tell_the_ticket(work: Pass, store: Store, message: int, answer: Sighting) -> None:
    """Whoever calls next should know that a colleague has written meanwhile."""
    record = store.mail.record(message)
    if record and record.ticket is not None:
        store.journal.note(
            "ticket", record.ticket, "answered", at=work.now, why=f"by mail from {answer.sender}"
        )


def sighting(envelope: Envelope, *, ref: MessageRef) -> Sighting:
    """A mail's outside as a sighting."""
    block = envelope.header.replace(b"\r\n", b"\n")
    fields, _ = read_fields(block, 0, len(block), Limits())
    senders = read_addresses(fields.first("from"))
    recipients = [a.address for name in ("to", "cc", "bcc") for a in read_addresses(fields.first(name))]
    automatic = fields.first("auto-submitted").strip().lower()
    return Sighting(
        ref=ref,
        message_id=next(iter(message_ids(fields.first("message-id"))), ""),
        in_reply_to=message_ids(fields.first("in-reply-to")),
        references=message_ids(fields.first("references")),
        sender=senders[0].address if senders else "",
        recipients=tuple(recipients),
        date=envelope.internal_date or read_date(fields.first("date")),
        marker=fields.first(MARKER_HEADER.lower()).strip(),
        automated=bool(automatic) and not automatic.startswith("no"),
        size=envelope.size,
    )


def is_answer_in_inbox(seen: Sighting, identity: Identity) -> bool:
    """A mail of ours to somebody outside, lying in the inbox (a colleague put us in Cc)."""
    tied = bool(seen.in_reply_to or seen.references)
    return tied and identity.is_ours(seen.sender) and any(not identity.is_ours(r) for r in seen.recipients)


def _new(work: Pass, store: Store, mailbox: str, start_line: datetime) -> Iterator[list[Sighting]]:
    """The mails of a mailbox that were not seen yet; the cursor advances batch by batch."""
    account = work.account.name
    state = work.source.examine(mailbox)
    record = store.mail.mailbox(account, mailbox)
    cursor = record.cursor if record and record.uidvalidity == state.uidvalidity else 0
    if record and record.uidvalidity != state.uidvalidity:
        store.conversations.forget_drafts_seen(account, mailbox)
    if state.uidnext <= cursor + 1:
        return
    uids = (
        work.source.uids_after(mailbox, cursor)
        if cursor
        else work.source.uids_since(mailbox, 0, (start_line - READ_BACK).date())
    )
    for at in range(0, len(uids), 500):
        batch = uids[at : at + 500]
        yield [
            sighting(
                envelope,
                ref=MessageRef(
                    account=account, mailbox=mailbox, uidvalidity=state.uidvalidity, uid=envelope.uid
                ),
            )
            for envelope in envelopes(work, mailbox, batch, fields=FIELDS)
        ]
        store.mail.set_mailbox(
            account, mailbox, uidvalidity=state.uidvalidity, cursor=batch[-1], start_line=start_line
        )
    if not uids:
        store.mail.set_mailbox(
            account, mailbox, uidvalidity=state.uidvalidity, cursor=state.uidnext - 1, start_line=start_line
        )


def _role(
    work: Pass, store: Store, seen: Sighting
) -> tuple[str, DraftRecord | None, conversation.Compared | None]:
    """(role of a mail of ours, the draft that it is, what a person made of it).

    A draft whose words were replaced by others is a person's answer, whatever its marker says.
    """
    account = work.account.name
    known = store.drafts.known(account, marker=seen.marker, message_id=seen.message_id)
    if known is not None:
        text = _text(work, seen)
        edits = conversation.compared(known.text, text) if text and known.text else None
        return "answer" if edits and edits.replaced else "holding_reply", known, edits
    if store.conversations.is_holding_reply(account, seen.message_id):  # seen before, in another mailbox
        return "holding_reply", None, None
    if seen.marker or seen.automated:
        return "automatic", None, None
    for draft in store.drafts.unsent_replies_to(account, (*seen.in_reply_to, *seen.references)):
        if draft.requester.address in seen.recipients:
            edits = conversation.compared(draft.text, _text(work, seen))
            if edits.alike:
                return "holding_reply", draft, edits
    return "answer", None, None


def _text(work: Pass, seen: Sighting) -> str:
    """What was written in a mail of ours (its marker was lost on the way: the text must tell)."""
    for raw in work.source.fetch(
        seen.ref.mailbox, [(seen.ref.uid, seen.size)], message_bytes=work.account.limits.message_bytes
    ):
        message = parse(raw, identity=Identity(), limits=work.account.limits, now=work.now)
        if isinstance(message, Message):
            return message.new_text
    return ""


def _replaced(work: Pass, store: Store, draft: DraftRecord, seen: Sighting) -> None:
    """An agent wrote an answer into the draft's place, and sent that."""
    if draft.status not in (DraftStatus.SENT, DraftStatus.WITHDRAWN, DraftStatus.ANSWERED):
        why = f"found in {seen.ref.mailbox} with other words: a person's answer"
        store.drafts.set_status(draft.id, DraftStatus.ANSWERED, at=work.now, why=why)


def _sent(
    work: Pass, store: Store, draft: DraftRecord, seen: Sighting, edits: conversation.Compared | None
) -> None:
    """An agent sent the draft: its promise runs from that moment."""
    if draft.status in (DraftStatus.SENT, DraftStatus.WITHDRAWN):
        return
    at = seen.date or work.now
    measured: dict[str, Any] = {"kept": round(edits.kept, 2), "added": round(edits.added, 2)} if edits else {}
    store.drafts.set_status(
        draft.id, DraftStatus.SENT, at=work.now, why=f"found in {seen.ref.mailbox}", **measured
    )
    store.conversations.add_key(work.account.name, seen.message_id or draft.message_id, draft.conversation)
    due = work.account.calendar.add(at, work.account.respond_within)
    store.promises.sent(draft.id, made=at, due=due, at=work.now)
    if draft.kind in ("ask_number", "tried"):
        _asked(work, store, draft, at)


def _asked(work: Pass, store: Store, draft: DraftRecord, at: datetime) -> None:
    """They were asked for a number or a time: their case comes back without an answer too."""
    until = work.account.calendar.add(at, life.ANSWER_WITHIN)
    record = store.mail.record(draft.message) if draft.message is not None else None
    id = draft.ticket or (record.ticket if record else None)
    ticket = store.desk.ticket(id) if id is not None else None
    if ticket is None or ticket.contact == "phone" or until <= work.now:
        return
    paused = life.asked(ticket, until=until)
    if paused != ticket:
        store.desk.save(paused, "asked", who="triage", at=work.now, why=f"d{draft.id} was sent")


def of_inbox(work: Pass, mailbox: str, uidvalidity: int, envelopes: Iterable[Envelope]) -> list[Sighting]:
    """Our own answers among newly discovered mails of the inbox."""
    found = []
    for envelope in envelopes:
        if envelope.header:
            ref = MessageRef(
                account=work.account.name, mailbox=mailbox, uidvalidity=uidvalidity, uid=envelope.uid
            )
            seen = sighting(envelope, ref=ref)
            if is_answer_in_inbox(seen, work.account.identity):
                found.append(seen)
    return found
