"""How a call ended, and what follows from it: promises, letters, the next attempt, feedback."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from triage.calls import hours
from triage.calls import ticket as life
from triage.desk.settings import DeskSettings, place
from triage.errors import InputError
from triage.promises import BusinessDuration
from triage.replies.letters import may_follow_up
from triage.store import Store
from triage.types import DraftStatus, Flag, Pause, Ticket, TicketStatus, Verdict

RETRY_DANGER = timedelta(minutes=15)  # where a life may be at risk, at any hour
FOLLOW_UP_SCORE = 30.0  # of a follow-up by phone: after every grievance
SOLVED = frozenset({life.Outcome.RESOLVED, life.Outcome.AGREED})


def finish(
    store: Store,
    id: int,
    settings: DeskSettings,
    *,
    agent: str,
    token: str,
    outcome: life.Outcome,
    note: str,
    now: datetime,
    promise: str = "",
    due: datetime | None = None,
    follow_up: BusinessDuration | None = None,
) -> Ticket:
    """Close a ticket; its requester was spoken to, so open promises to them are kept.

    Drafts of the case that are not on the server yet are withdrawn, the others marked as stale:
    the call has said it. An outcome that says whether the call was needed is feedback on the
    mails that were ranked as calls. What was agreed is a new promise, `due` at its time, and a
    letter confirms it; `follow_up` later they are asked whether all is well.

    After a wrong number, or a call that they declined, the case goes on: the number is to be
    looked up, or they are written to. Raises InputError for a promise made in such a call.
    """
    if promise and outcome in (life.Outcome.WRONG_NUMBER, life.Outcome.DECLINED):
        raise InputError(
            f"nothing can be promised in a call that ended with {outcome.value}",
            hint="give the outcome agreed or resolved, or leave the promise out",
        )
    with store.desk.keeping_note(id, note, who=agent, at=now):
        before = store.desk.ticket(id)
        if before.status in (TicketStatus.WAITING, TicketStatus.SCHEDULED) and not token:
            # Rung up by the customer, or settled in passing: no claim was needed.
            store.desk.claim(id, agent=agent, now=now, lease=timedelta(minutes=1))
        if outcome is life.Outcome.WRONG_NUMBER:
            return _wrong_number(store, before, agent=agent, token=token, note=note, now=now)
        if outcome is life.Outcome.DECLINED:
            return _declined(store, before, agent=agent, token=token, note=note, now=now)
        ticket = store.desk.step(
            id,
            lambda t: life.done(t, agent=agent, token=token, outcome=outcome, now=now),
            "done",
            who=agent,
            at=now,
            note=note,
            outcome=outcome.value,
        )
        why = f"t{id} closed: {outcome.value}"
        store.promises.keep_to(ticket.account, ticket.requester.address, who=agent, at=now, why=why)
        _settle_drafts(store, ticket, agent=agent, why=why, now=now)
        if promise:
            _agreed(store, ticket, settings, promise, due, agent=agent, now=now)
        if follow_up and outcome in SOLVED:
            start = max(now, due) if due else now
            _follow_up(store, ticket, settings, settings.calendar.add(start, follow_up), agent=agent, now=now)
        if lesson := life.LESSONS.get(outcome):
            called = [mail.id for mail in store.mail.of_ticket(id) if mail.verdict == Verdict.CALL]
            store.feedback.record(called, lesson, who=agent, at=now, source="outcome", note=why)
    return ticket


def _settle_drafts(store: Store, ticket: Ticket, *, agent: str, why: str, now: datetime) -> None:
    store.letters.drop_of_ticket(ticket.id, why=why, at=now, who=agent)
    drafts = {mail.draft for mail in store.mail.of_ticket(ticket.id) if mail.draft is not None}
    for draft in sorted(drafts | set(store.drafts.of_ticket(ticket.id))):
        status = store.drafts.record(draft).status
        if status is DraftStatus.PENDING:
            store.drafts.set_status(draft, DraftStatus.WITHDRAWN, at=now, who=agent, why=why)
        elif status in (DraftStatus.STORED, DraftStatus.UNCERTAIN):
            store.drafts.mark_stale(draft, at=now, why=why)


def _agreed(
    store: Store,
    ticket: Ticket,
    settings: DeskSettings,
    promise: str,
    due: datetime | None,
    *,
    agent: str,
    now: datetime,
) -> None:
    """What was agreed is owed from now on, and confirmed in writing (P28, P32)."""
    store.promises.make(
        account=ticket.account,
        requester=ticket.requester,
        text=promise,
        status="open",
        ticket=ticket.id,
        made=now,
        due=due,
        at=now,
        who=agent,
    )
    if settings.confirm and _may_write(store, ticket, settings):
        store.letters.want(
            "confirmation", account=ticket.account, ticket=ticket.id, said=promise, due=due, who=agent, at=now
        )


def _follow_up(
    store: Store, ticket: Ticket, settings: DeskSettings, when: datetime, *, agent: str, now: datetime
) -> None:
    """Some days later: is it really well? (P29) By mail, or by phone where that is wished."""
    cues = {reason.cue for reason in ticket.reasons}
    for mail in store.mail.of_ticket(ticket.id):
        cues |= {hit["cue"] for hit in mail.assessment.get("hits") or ()}
    if not may_follow_up(frozenset(cues), ticket.flags):
        return
    by_mail = _may_write(store, ticket, settings)
    by_phone = ticket.contact == "phone" and bool(ticket.phone)
    if by_phone and (settings.follow_up_by == "call" or not by_mail):
        _follow_up_call(store, ticket, when, agent=agent, now=now)
    elif by_mail:
        store.letters.want(
            "follow_up", account=ticket.account, ticket=ticket.id, not_before=when, who=agent, at=now
        )


def _follow_up_call(store: Store, ticket: Ticket, when: datetime, *, agent: str, now: datetime) -> None:
    call = replace(
        ticket,
        status=TicketStatus.SCHEDULED,
        tier=1,
        score=FOLLOW_UP_SCORE,
        received=when,
        attempts=0,
        next_attempt=when,
        pause=Pause.FOLLOW_UP,
        messages=0,
        outcome="",
        closed=None,
    )
    store.desk.open(
        life.placed(call, life.parts(score=FOLLOW_UP_SCORE)),
        who=agent,
        why=f"to ask whether t{ticket.id} is really well",
        at=now,
    )


def _retry_at(ticket: Ticket, settings: DeskSettings, now: datetime) -> datetime:
    """When to try again after a call in vain at `now`."""
    if ticket.tier == 0:
        return now + RETRY_DANGER
    where = place(ticket.region, settings, now, callback=ticket.callback)
    return hours.retry_at(
        now,
        ticket.attempts + 1,
        settings.retry_after,
        zone=where.zone,
        window=where.window,
        team=settings.calendar,
        holidays=where.holidays,
    )


def _may_write(store: Store, ticket: Ticket, settings: DeskSettings) -> bool:
    wishes = store.contacts.of(ticket.requester.address).flags | ticket.flags
    return settings.letters and bool(ticket.requester.address) and not wishes & {Flag.UNSAFE, Flag.NO_MAIL}


def _wrong_number(
    store: Store, ticket: Ticket, *, agent: str, token: str, note: str, now: datetime
) -> Ticket:
    contact = store.contacts.of(ticket.requester.address)
    if contact.phone and contact.phone == ticket.phone:
        dropped = replace(contact, phone="", phone_verified=False)
        store.contacts.save(dropped, who=agent, at=now, why="a wrong number")
    return store.desk.step(
        ticket.id,
        lambda t: life.wrong_number(t, agent=agent, token=token),
        "wrong number",
        who=agent,
        at=now,
        note=note,
        number=ticket.phone,
    )


def _declined(store: Store, ticket: Ticket, *, agent: str, token: str, note: str, now: datetime) -> Ticket:
    contact = store.contacts.of(ticket.requester.address)
    if contact.address:
        wish = replace(contact, flags=contact.flags | {Flag.NO_CALL.value})
        store.contacts.save(wish, who=agent, at=now, why="declined a call")
    return store.desk.step(
        ticket.id,
        lambda t: life.declined(t, agent=agent, token=token),
        "declined",
        who=agent,
        at=now,
        note=note,
    )


def missed(
    store: Store,
    id: int,
    settings: DeskSettings,
    *,
    agent: str,
    token: str,
    note: str,
    voicemail: bool,
    now: datetime,
) -> Ticket:
    """A call that reached nobody: scheduled again in calling hours; for life and safety soon, at any hour.

    After the last attempt a letter tells them that we tried, and asks for a better time; the
    ticket comes back when they answer, or after a business day.
    """
    ticket = store.desk.ticket(id)
    retry = _retry_at(ticket, settings, now)
    writes = _may_write(store, ticket, settings)
    answer_by = settings.calendar.add(now, life.ANSWER_WITHIN) if writes else None
    with store.desk.keeping_note(id, note, who=agent, at=now):
        tried = store.desk.step(
            id,
            lambda t: life.no_answer(
                t,
                agent=agent,
                token=token,
                retry_at=retry,
                max_attempts=settings.max_attempts,
                answer_by=answer_by,
            ),
            "voicemail" if voicemail else "no_answer",
            who=agent,
            at=now,
            note=note,
        )
        if tried.pause is Pause.ANSWER:
            store.letters.want("tried", account=ticket.account, ticket=id, who=agent, at=now)
    return tried


def put_off(
    store: Store, id: int, *, agent: str, token: str, until: datetime, note: str, now: datetime
) -> Ticket:
    """They asked to be called at a time."""
    if until <= now:
        raise InputError("that time is past", hint="give a later --until, or --for 2h")
    return store.desk.step(
        id,
        lambda t: life.snooze(t, agent=agent, token=token, until=until),
        "snoozed",
        who=agent,
        at=now,
        note=note,
        until=until.isoformat(),
    )


def give_back(store: Store, id: int, *, agent: str, token: str, note: str, now: datetime) -> Ticket:
    """Back to the queue, where it stood."""
    return store.desk.step(
        id,
        lambda t: life.release(t, agent=agent, token=token),
        "released",
        who=agent,
        at=now,
        note=note,
    )
