"""How records look in JSON: the shapes that schemas/ describes and design promises."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from triage.calls.ticket import priority
from triage.cli.output import show_id
from triage.types import Assessment, Message, Ticket, TicketStatus

if TYPE_CHECKING:
    from triage.store.drafts import DraftRecord
    from triage.store.journal import Event
    from triage.store.mail import MessageRecord
    from triage.store.promises import PromiseRecord

Shape = dict[str, Any]


def ticket(record: Ticket, *, now: datetime) -> Shape:
    claimed = record.status is TicketStatus.CLAIMED
    return {
        "id": show_id("t", record.id),
        "status": record.status,
        "priority": round(priority(record.priority, now), 1),
        "score": round(record.score, 1),
        "requester": record.requester,
        "phone": record.phone,
        "phone_verified": record.phone_verified,
        "region": record.region or None,
        "callback": record.callback or None,
        "language": record.language or None,
        "contact": record.contact,
        "flags": sorted(record.flags),
        "subject": record.subject,
        "received": record.received,
        "waiting": max(0, round((now - record.received).total_seconds())),
        "attempts": record.attempts,
        "next_attempt": record.next_attempt,
        "claimed_by": record.claimed_by if claimed else None,
        "lease_expires": record.lease_expires if claimed else None,
        "messages": record.messages,
        "reasons": list(record.reasons),
        "tier": record.tier,
        "order": [{"part": name, "points": round(points, 1)} for name, points in _order(record, now)],
        "pause": record.pause,
        "desk": record.desk or None,
        "incident": None if record.incident is None else show_id("i", record.incident),
        "outcome": record.outcome or None,
    }


def _order(record: Ticket, now: datetime) -> list[tuple[str, float]]:
    """Why a ticket stands where it stands: the parts of its priority, and what waiting added."""
    waited = priority(record.priority, now) - sum(points for _, points in record.parts)
    return [*record.parts, ("waiting", waited)] if record.parts else []


def message(record: MessageRecord) -> Shape:
    return {
        "id": show_id("m", record.id),
        "account": record.ref.account,
        "mailbox": record.ref.mailbox,
        "uid": record.ref.uid,
        "message_id": record.message_id or None,
        "subject": record.subject,
        "from": record.sender,
        "received": record.received,
        "score": None if record.score is None else round(record.score, 1),
        "verdict": record.verdict or None,
        "disposition": record.disposition,
        "ground": record.ground or None,
        "conversation": None if record.conversation is None else str(record.conversation),
        "ticket": None if record.ticket is None else show_id("t", record.ticket),
        "draft": None if record.draft is None else show_id("d", record.draft),
        "requester": record.requester,
        "why": record.why or None,
        "answered": record.answered,
    }


def ranked(
    id: str, parsed: Message | None, assessment: Assessment | None, *, error: str | None = None
) -> Shape:
    """One mail as `triage rank` prints it; what could not be read has only an error."""
    if parsed is None or assessment is None:
        return {
            "id": id,
            "message_id": None,
            "subject": "",
            "from": None,
            "score": None,
            "verdict": None,
            "reasons": [],
            "sentiment": None,
            "emotion": None,
            "language": None,
            "phone": None,
            "flags": [],
            "new_text": "",
            "key_sentence": None,
            "automated": None,
            "error": error,
        }
    return {
        "id": id,
        "message_id": parsed.message_id or None,
        "subject": parsed.subject,
        "from": parsed.sender,
        "score": round(assessment.score, 4),
        "verdict": assessment.verdict,
        "reasons": list(assessment.reasons),
        "sentiment": round(assessment.sentiment.mean, 4),
        "emotion": assessment.emotion,
        "language": assessment.language,
        "phone": assessment.phone,
        "flags": sorted(assessment.flags),
        "new_text": parsed.new_text,
        "key_sentence": assessment.key_sentence or None,
        "automated": assessment.automated,
        "error": error,
    }


def draft(record: DraftRecord, *, promise_due: datetime | None) -> Shape:
    return {
        "id": show_id("d", record.id),
        "status": record.status,
        "kind": record.kind,
        "requester": record.requester,
        "subject": record.subject,
        "language": record.language,
        "mailbox": record.mailbox or None,
        "uid": record.uid,
        "message_id": record.message_id,
        "in_reply_to": record.in_reply_to or None,
        "promise_due": promise_due,
        "text": record.text,
        "account": record.account,
        "message": None if record.message is None else show_id("m", record.message),
        "ticket": None if record.ticket is None else show_id("t", record.ticket),
        "created": record.created,
        "not_before": record.not_before,
        "stale": record.stale,
    }


def promise(record: PromiseRecord, *, now: datetime) -> Shape:
    return {
        "id": show_id("p", record.id),
        "status": record.status,
        "requester": record.requester,
        "text": record.text,
        "made": record.made,
        "due": record.due,
        "overdue": record.status in ("open", "broken") and record.due is not None and record.due < now,
        "ticket": None if record.ticket is None else show_id("t", record.ticket),
        "draft": None if record.draft is None else show_id("d", record.draft),
        "desk": record.desk or None,
    }


def event(record: Event) -> Shape:
    detail = ", ".join(
        f"{key}: {value}"
        for key, value in record.detail.items()
        if key != "changes" and value not in ("", None, [], {})
    )
    return {
        "at": record.at,
        "who": record.who,
        "event": record.what,
        "detail": " · ".join(part for part in (record.why, detail) if part),
    }
