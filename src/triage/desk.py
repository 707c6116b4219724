"""The use cases of the call desk: what an agent does with a ticket, joined to the records.

    take / claim   the next ticket, or one by its id
    shown          a ticket with its brief
    finish         the call was made: the ticket is closed, what was promised is kept
    missed         nobody answered: when to try again
    add            a case that did not come by mail
    give_feedback  what an agent says of a mail's rank

Rules of a ticket's life are in calls/ticket.py; here they meet the store, calling hours and
promises. `now` is passed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from triage.calls import brief as briefs
from triage.calls import hours, phone
from triage.calls import ticket as life
from triage.errors import InputError, NotFoundError, StateError
from triage.promises import BusinessCalendar, BusinessDuration, Unit, country_holidays
from triage.routing import OWED
from triage.store import Store
from triage.store.desk import Contact
from triage.store.journal import Event
from triage.store.mail import MessageRecord
from triage.types import Address, DraftStatus, Emotion, Flag, Reason, Ticket, TicketStatus, Verdict

FORECAST_DAYS = 10  # business days
WISHES = tuple(f.value for f in Flag if f not in (Flag.DEATH_NOTICE, Flag.MINOR))

CALL_EVENTS = {
    "no_answer": "called, no answer",
    "voicemail": "called, left a voicemail",
    "wrong number": "called, a wrong number",
    "declined": "did not want to talk on the phone",
    "released": "given back",
    "snoozed": "put off",
    "note": "note",
    "done": "closed",
    "reopened": "wrote again after it was closed",
    "answered": "was answered by mail",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """How a team calls (made by bootstrap)."""

    window: hours.CallingWindow
    calendar: BusinessCalendar  # the team's
    default_country: str = "GB"
    countries: tuple[str, ...] = ()
    max_attempts: int = 3
    retry_after: tuple[timedelta, ...] = (timedelta(hours=2), timedelta(days=1))
    lease: timedelta = timedelta(minutes=45)
    concessions: tuple[str, ...] = ()
    language: str = "en"  # of the agents
    team_folder: str = ""


SettingsOf = Callable[[str], DeskSettings]
"""How the team of an account calls; "" gives the global settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A ticket as the agent sees it."""

    ticket: Ticket
    brief: briefs.Brief
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A message that got feedback, and the feedback that counted for it until now."""

    message: MessageRecord
    before: Verdict | None


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
            )
            for m in mails
        ],
        phone=brief_phone(ticket, settings, now=now),
        answers=[
            briefs.BriefAnswer(at=at, holding=holding)
            for conversation in sorted(conversations)
            for at, holding in store.conversations.answers_in(ticket.account, conversation)
        ],
        promises=[
            briefs.BriefPromise(what=p.text, due=p.due, state=p.status)
            for p in store.desk.promises(everything=True)
            if p.due and p.requester.address == ticket.requester.address and ticket.requester.address
        ],
        events=_told(store.journal.of("ticket", ticket.id)),
        concessions=settings.concessions,
        now=now.astimezone(ZoneInfo(settings.calendar.timezone)),
        language=settings.language,
        team_folder=settings.team_folder,
    )
    text = briefs.render(brief, language=settings.language, team_folder=settings.team_folder)
    return Shown(ticket=ticket, brief=brief, text=text)


def brief_phone(ticket: Ticket, settings: DeskSettings, *, now: datetime) -> briefs.BriefPhone:
    """The number, and whether it may be called at this hour."""
    if not ticket.phone:
        return briefs.BriefPhone(time_zone=settings.calendar.timezone)
    region = ticket.region or phone.region(ticket.phone, fallback=settings.calendar.timezone)
    zone, holidays = _place(region, settings, now)
    may_call = ticket.tier == 0 or _is_awake(region, settings, now)
    opening = None
    if not may_call:
        opening = hours.next_call_time(now, zone=zone, window=settings.window, holidays=holidays)
    return briefs.BriefPhone(
        shown=phone.display(ticket.phone, home_country=settings.default_country),
        verified=ticket.phone_verified,
        time_zone=zone,
        may_call=may_call,
        not_before=opening,
        obstacle=phone.allowed(ticket.phone, countries=settings.countries),
    )


def take(
    store: Store,
    settings_of: SettingsOf,
    *,
    agent: str,
    now: datetime,
    peek: bool = False,
    language: str = "",
) -> Ticket | None:
    """The most urgent ticket that may be worked now, claimed unless `peek`.

    Nobody is offered for a call outside their calling hours or on their public holidays, but
    for life and safety (P34). Cases that are written to, or whose number is to be looked up,
    are offered at any hour.
    """
    asleep = [
        (account, region)
        for account, region in store.desk.regions()
        if not _is_awake(region, settings_of(account), now)
    ]
    return store.desk.next(
        agent=agent,
        now=now,
        lease=settings_of("").lease,
        peek=peek,
        asleep=asleep,
        language=language,
    )


def next_opening(store: Store, settings_of: SettingsOf, *, now: datetime) -> datetime | None:
    """When the first of those who wait for a call may be phoned again; None if nobody waits.

    For a queue in which `take` found nobody.
    """
    earliest: dict[tuple[str, str], datetime] = {}
    for ticket in store.desk.queue():
        at = ticket.lease_expires if ticket.status is TicketStatus.CLAIMED else ticket.next_attempt
        at, key = max(now, at or now), (ticket.account, ticket.region)
        earliest[key] = min(at, earliest.get(key, at))
    openings = []
    for (account, region), at in earliest.items():
        settings = settings_of(account)
        zone, holidays = _place(region, settings, now)
        openings.append(hours.next_call_time(at, zone=zone, window=settings.window, holidays=holidays))
    return min(openings, default=None)


def _place(region: str, settings: DeskSettings, now: datetime) -> tuple[str, frozenset[date]]:
    """Time zone and public holidays of a region ("GB Europe/London"); the team's where it is unknown."""
    country, _, zone = region.partition(" ")
    if not zone or country == settings.default_country:
        return zone or settings.calendar.timezone, settings.calendar.holidays
    return zone, _holidays(country, now.year)


@lru_cache(maxsize=300)
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        return country_holidays(country, range(year - 1, year + 2))
    except ValueError:  # a country, or none, of which nobody knows the holidays
        return frozenset()


def _is_awake(region: str, settings: DeskSettings, now: datetime) -> bool:
    zone, holidays = _place(region, settings, now)
    return hours.may_call(now, zone=zone, window=settings.window, holidays=holidays)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When the queue will be empty at the present rate. Rates are tickets a business day."""

    waiting: int
    days: int  # business days looked back on
    opened: float
    closed: float
    empty_at: datetime | None  # None: not at this rate


def forecast(store: Store, calendar: BusinessCalendar, *, now: datetime) -> Forecast:
    """Looks back on `FORECAST_DAYS` business days, fewer where the team is closed for long."""
    since, days = now, 0
    for back in range(1, FORECAST_DAYS * 4):
        if days == FORECAST_DAYS:
            break
        since = now - timedelta(days=back)
        days += calendar.is_business_day(since)
    waiting, opened, closed = store.desk.traffic(since)
    days = max(1, days)
    gain = (closed - opened) / days
    empty_at = None
    if not waiting:
        empty_at = now
    elif gain > 0:
        length = BusinessDuration(amount=max(1, math.ceil(waiting / gain)), unit=Unit.BUSINESS_DAY)
        empty_at = calendar.add(now, length)
    return Forecast(waiting=waiting, days=days, opened=opened / days, closed=closed / days, empty_at=empty_at)


def finish(
    store: Store,
    id: int,
    *,
    agent: str,
    token: str,
    outcome: life.Outcome,
    note: str,
    now: datetime,
    promise: str = "",
    due: datetime | None = None,
) -> Ticket:
    """Close a ticket; its requester was spoken to, so open promises to them are kept.

    Drafts of the case that are not on the server yet are withdrawn, the others marked as stale:
    the call has said it. An outcome that says whether the call was needed is feedback on the
    mails that were ranked as calls. What was agreed is a new promise, `due` at its time.

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
        store.desk.keep_promises_to(ticket.account, ticket.requester.address, who=agent, at=now, why=why)
        for mail in store.mail.of_ticket(id):
            status = store.drafts.record(mail.draft).status if mail.draft else None
            if mail.draft and status is DraftStatus.PENDING:
                store.drafts.set_status(mail.draft, DraftStatus.WITHDRAWN, at=now, who=agent, why=why)
            elif mail.draft and status is DraftStatus.STORED:
                store.drafts.mark_stale(mail.draft, at=now, why=why)
        if promise:
            store.desk.promise(
                account=ticket.account,
                requester=ticket.requester,
                text=promise,
                status="open",
                ticket=id,
                made=now,
                due=due,
                at=now,
                who=agent,
            )
        if lesson := life.LESSONS.get(outcome):
            called = [mail.id for mail in store.mail.of_ticket(id) if mail.verdict == Verdict.CALL]
            store.feedback.record(called, lesson, who=agent, at=now, source="outcome", note=why)
    return ticket


def _wrong_number(
    store: Store, ticket: Ticket, *, agent: str, token: str, note: str, now: datetime
) -> Ticket:
    contact = store.desk.contact(ticket.requester.address)
    if contact.phone and contact.phone == ticket.phone:
        dropped = replace(contact, phone="", phone_verified=False)
        store.desk.save_contact(dropped, who=agent, at=now, why="a wrong number")
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
    contact = store.desk.contact(ticket.requester.address)
    if contact.address:
        wish = replace(contact, flags=contact.flags | {Flag.NO_CALL.value})
        store.desk.save_contact(wish, who=agent, at=now, why="declined a call")
    return store.desk.step(
        ticket.id,
        lambda t: life.declined(t, agent=agent, token=token),
        "declined",
        who=agent,
        at=now,
        note=note,
    )


def give_feedback(
    store: Store, messages: Sequence[int], said: Verdict, *, agent: str, note: str, now: datetime
) -> list[Taught]:
    """An agent's verdict on messages, with what ranking said and what was said of them before.

    Raises:
        NotFoundError: there is no such message.
        StateError: it was never ranked, so there is nothing to say about its rank.
    """
    taught = []
    with store.transaction():
        for id in messages:
            record = store.mail.record(id)
            if record is None:
                raise NotFoundError(f"there is no message m{id}", hint="triage messages list")
            if record.score is None:
                raise StateError(
                    f"message m{id} was not ranked", hint=f"`triage messages show m{id}` tells why"
                )
            before = store.feedback.of(id)
            taught.append(Taught(message=record, before=before.said if before else None))
        store.feedback.record(messages, said, who=agent, at=now, note=note)
    return taught


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
    """A call that reached nobody: scheduled again in calling hours, or to be written to."""
    ticket = store.desk.ticket(id)
    zone, holidays = _place(ticket.region, settings, now)
    retry = hours.retry_at(
        now,
        ticket.attempts + 1,
        settings.retry_after,
        zone=zone,
        window=settings.window,
        team=settings.calendar,
        holidays=holidays,
    )
    return store.desk.step(
        id,
        lambda t: life.no_answer(
            t, agent=agent, token=token, retry_at=retry, max_attempts=settings.max_attempts
        ),
        "voicemail" if voicemail else "no_answer",
        who=agent,
        at=now,
        note=note,
    )


def put_off(
    store: Store, id: int, *, agent: str, token: str, until: datetime, note: str, now: datetime
) -> Ticket:
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
    return store.desk.step(
        id,
        lambda t: life.release(t, agent=agent, token=token),
        "released",
        who=agent,
        at=now,
        note=note,
    )


def add(
    store: Store,
    settings: DeskSettings,
    *,
    account: str,
    requester: Address,
    number: str,
    subject: str,
    score: float,
    note: str,
    agent: str,
    now: datetime,
) -> Ticket:
    """A case that came by another way than mail.

    Raises:
        StateError: this requester has an open ticket already.
        InputError: the number cannot be dialled.
    """
    if number:
        found = phone.find(number, default_country=settings.default_country)
        if not found:
            raise InputError(
                f"{number} is not a telephone number", hint="give it with its country code: +44 20 …"
            )
        number = found[0].e164
        if refused := phone.allowed(number, countries=settings.countries):
            raise InputError(f"{number} must not be dialled: {refused}")
    with store.transaction():
        known = store.desk.case_of(account, requester.address, now=now)
        if known and life.is_open(known):
            raise StateError(
                f"{requester.address} has ticket t{known.id} already",
                hint=f"`triage calls show t{known.id}`",
                code="exists",
            )
        contact = store.desk.contact(requester.address)
        writing = contact.flags & {Flag.NO_CALL, Flag.WRITING_ONLY, Flag.UNSAFE}
        number = number or contact.phone
        return store.desk.open(
            Ticket(
                id=0,
                account=account,
                requester=requester,
                score=score,
                priority=life.rank_key(score, now),
                phone=number or None,
                phone_verified=bool(number),
                region=phone.region(number, fallback=settings.calendar.timezone) if number else "",
                contact="writing" if writing else "phone" if number else "look_up",
                flags=contact.flags,
                subject=subject,
                received=now,
                reasons=(Reason(cue="added", evidence=note or subject, points=score),),
            ),
            who=agent,
            why=note or "added by hand",
            at=now,
            last_mail=now,
        )


def _reasons(assessment: Mapping[str, Any]) -> tuple[Reason, ...]:
    """The stored reasons, and after them the cues that gave no points (such as abuse)."""
    reasons = [Reason(**reason) for reason in assessment.get("reasons") or ()]
    counted = {reason.cue for reason in reasons}
    free = [Reason(**hit, points=0.0) for hit in assessment.get("hits") or () if hit["cue"] not in counted]
    return (*reasons, *free)


def _told(events: Sequence[Event]) -> list[briefs.BriefEvent]:
    """The events that whoever calls next should know."""
    return [
        briefs.BriefEvent(at=e.at, what=CALL_EVENTS[e.what], who=e.who, note=e.why)
        for e in events
        if e.what in CALL_EVENTS
    ]


def keep_contact(
    store: Store, contact: Contact, *, agent: str, now: datetime, time_zone: str = "UTC"
) -> None:
    """Wishes and number of a requester; their open tickets obey at once.

    `time_zone` is the team's, for a number that may ring in several.
    """
    with store.transaction():
        store.desk.save_contact(contact, who=agent, at=now)
        for ticket in store.desk.open_tickets_of(contact.address):
            number = contact.phone or (None if ticket.phone_verified else ticket.phone)
            writing = contact.flags & {Flag.NO_CALL, Flag.WRITING_ONLY, Flag.UNSAFE}
            store.desk.save(
                replace(
                    ticket,
                    flags=(ticket.flags - frozenset(WISHES)) | contact.flags,
                    phone=number or None,
                    phone_verified=bool(contact.phone) and contact.phone_verified,
                    region=phone.region(number, fallback=time_zone) if number else "",
                    contact="writing" if writing else "phone" if number else "look_up",
                ),
                "wishes changed",
                who=agent,
                at=now,
                why=", ".join(sorted(contact.flags)),
            )
        for wish in (Flag.UNSAFE, Flag.NO_MAIL):
            if wish in contact.flags:
                for draft in store.drafts.pending_for(contact.address):
                    store.withdraw(draft, ground=wish.value, why=OWED[wish.value], who=agent, at=now)
