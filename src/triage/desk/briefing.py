"""A ticket as the agent sees it: with everything of the records that its brief tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.calls import brief as briefs
from triage.calls import callback, phone
from triage.desk.settings import DeskSettings, local, place
from triage.store import Store
from triage.store.journal import Event
from triage.store.mail import MessageRecord
from triage.types import Emotion, Reason, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A ticket as the agent sees it. `text` is for a screen, `markdown` for a ticket system."""

    ticket: Ticket
    brief: briefs.Brief
    text: str
    markdown: str


def shown(store: Store, ticket: Ticket, settings: DeskSettings, *, now: datetime) -> Shown:
    """The ticket with everything of the records that its brief tells."""
    mails = store.mail.of_ticket(ticket.id)
    conversations = {m.conversation for m in mails if m.conversation}
    brief = briefs.brief(
        ticket=ticket,
        mails=[
            briefs.BriefMail(
                received=m.received or ticket.received,
                subject=m.subject,
                new_text=m.new_text,
                key_sentence=str(m.assessment.get("key_sentence") or ""),
                emotion=Emotion(str(m.assessment.get("emotion") or "neutral")),
                score=m.score or 0.0,
                reasons=_reasons(m.assessment),
                doubts=tuple(m.assessment.get("doubts") or ()),
            )
            for m in mails
        ],
        phone=brief_phone(ticket, settings, mails=mails, now=now),
        answers=[
            briefs.BriefAnswer(at=at, holding=holding)
            for conversation in sorted(conversations)
            for at, holding in store.conversations.answers_in(ticket.account, conversation)
        ],
        promises=[
            briefs.BriefPromise(what=p.text, due=p.due, state=p.status)
            for p in store.promises.to(ticket.account, ticket.requester.address)
            if p.due and ticket.requester.address
        ],
        events=_told(store.journal.of("ticket", ticket.id)),
        concessions=settings.concessions,
        now=local(now, settings),
        language=settings.language,
        team_folder=settings.team_folder,
    )
    text, markdown = (
        briefs.render(brief, form=form, language=settings.language, team_folder=settings.team_folder)
        for form in ("txt", "md")
    )
    return Shown(ticket=ticket, brief=brief, text=text, markdown=markdown)


def brief_phone(
    ticket: Ticket, settings: DeskSettings, *, mails: Sequence[MessageRecord] = (), now: datetime
) -> briefs.BriefPhone:
    """The number, and whether it may be called at this hour; else one of the mails' that must not be."""
    if not ticket.phone:
        refused = _refused(mails, settings)
        if not refused:
            return briefs.BriefPhone()
        return briefs.BriefPhone(
            shown=phone.display(refused, home_country=settings.default_country),
            time_zone=phone.time_zone(refused, fallback=settings.calendar.timezone),
            obstacle=phone.allowed(refused, countries=settings.countries),
        )
    region = ticket.region or phone.region(ticket.phone, fallback=settings.calendar.timezone)
    where = place(region, settings, now, callback=ticket.callback)
    may_call = ticket.tier == 0 or where.may_call(now)
    return briefs.BriefPhone(
        shown=phone.display(ticket.phone, home_country=settings.default_country),
        verified=ticket.phone_verified,
        time_zone=where.zone,
        may_call=may_call,
        not_before=None if may_call else where.next_call(now),
        obstacle=phone.allowed(ticket.phone, countries=settings.countries),
        asked_for=_asked_for(mails) if ticket.callback else "",
    )


def _asked_for(mails: Sequence[MessageRecord]) -> str:
    """The latest sentence that says when they can be phoned."""
    for mail in reversed(mails):
        language = str(mail.assessment.get("language") or "")
        if mail.received and (
            wish := callback.asked(mail.new_text, language, received=mail.received, answering=True)
        ):
            return wish.said
    return ""


def _refused(mails: Sequence[MessageRecord], settings: DeskSettings) -> str:
    """A number that the mails give, and that must not be dialled."""
    given = [str(mail.assessment.get("phone") or "") for mail in reversed(mails)]
    return next((n for n in given if n and phone.allowed(n, countries=settings.countries)), "")


def _reasons(assessment: Mapping[str, Any]) -> tuple[Reason, ...]:
    """The stored reasons, and after them the cues that gave no points (such as abuse)."""
    reasons = [Reason(**reason) for reason in assessment.get("reasons") or ()]
    counted = {reason.cue for reason in reasons}
    free = [Reason(**hit, points=0.0) for hit in assessment.get("hits") or () if hit["cue"] not in counted]
    return (*reasons, *free)


def _told(events: Sequence[Event]) -> list[briefs.BriefEvent]:
    """What happened so far; the brief words what whoever calls next should know."""
    return [briefs.BriefEvent(at=e.at, what=e.what.replace(" ", "_"), who=e.who, note=e.why) for e in events]
