"""The life of a ticket: which state may follow which, and what each step changes.

    from        step                     to          and
    waiting     claim                    claimed     a lease begins
    scheduled   claim                    claimed     the customer may ring first
    claimed     claim (the same agent)   claimed     the lease is renewed
    claimed     claim (lease over)       claimed     another agent has it now
    claimed     release                  waiting     it stands where it stood
    claimed     no_answer                scheduled   retry; after the last one they are written to
    claimed     wrong_number             waiting     the number is dropped: look up another
    claimed     declined                 waiting     they are written to, and never phoned
    claimed     done                     resolved    with an outcome
    any open    snooze                   scheduled   until the agreed time (a claimed one: its holder)
    waiting     asked                    scheduled   until they answer, or time is up
    scheduled   they write               waiting     unless a time was agreed
    resolved    they write               waiting     within `CASE`, what was agreed goes on
    any open    over                     resolved    their incident ended, and they were told
    any open    cancel                   cancelled   it is one case with an older ticket

    scheduled and its time come, or claimed and its lease over: it may be claimed.

Pure: every function takes a ticket and returns the next one or raises `StateError`.
The store applies the result in one transaction together with the event that tells it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from triage.errors import LostLeaseError, StateError
from triage.promises import BusinessDuration, Unit
from triage.types import Flag, Pause, Ticket, TicketStatus, Verdict

OPEN = frozenset({TicketStatus.WAITING, TicketStatus.SCHEDULED, TicketStatus.CLAIMED})
CLOSED = frozenset({TicketStatus.RESOLVED, TicketStatus.CANCELLED})

# One slope of age for every ticket, so that the order between two tickets never changes by
# the clock alone: a day of waiting weighs as much as 12 points of score, and nothing starves.
POINTS_PER_HOUR = 0.5
VIP_POINTS = 10.0
BROKEN_PROMISE_POINTS = 10.0
DEADLINE_POINTS = 5.0  # they name a date after which it is too late
CONTACT_POINTS = 2.0  # for each further mail, up to five
ANSWER_WITHIN = BusinessDuration(amount=1, unit=Unit.BUSINESS_DAY)  # to a letter that asks for a number
CASE = timedelta(days=7)  # mails of one address within this time form one case


class Outcome(StrEnum):
    """How a call ended. After `declined` and `wrong_number` the case itself goes on."""

    RESOLVED = "resolved"
    AGREED = "agreed"
    DECLINED = "declined"
    ANSWERED_BY_MAIL = "answered_by_mail"
    WRONG_NUMBER = "wrong_number"
    NOT_NEEDED = "not_needed"
    ABUSE = "abuse"
    INCIDENT_OVER = "incident_over"


# What the end of a call says about the ranking that led to it. The others say nothing: who did
# not answer, declined or had a wrong number may have needed the call all the same.
LESSONS = {
    Outcome.RESOLVED: Verdict.CALL,
    Outcome.AGREED: Verdict.CALL,
    Outcome.ABUSE: Verdict.CALL,
    Outcome.NOT_NEEDED: Verdict.REPLY,
}


def parts(
    *, score: float, vip: bool = False, promises_broken: int = 0, deadline: bool = False, messages: int = 1
) -> tuple[tuple[str, float], ...]:
    """What a ticket weighs apart from its age, part by part; what weighs nothing is left out."""
    every = (
        ("score", score),
        ("broken_promise", BROKEN_PROMISE_POINTS if promises_broken else 0.0),
        ("vip", VIP_POINTS if vip else 0.0),
        ("deadline", DEADLINE_POINTS if deadline else 0.0),
        ("contacts", CONTACT_POINTS * min(5, max(0, messages - 1))),
    )
    return tuple((name, points) for name, points in every if points or name == "score")


def rank_key(points: float, received: datetime) -> float:
    """The stored order within a tier (higher first). It changes by events only, never by time."""
    return points - POINTS_PER_HOUR * received.timestamp() / 3600


def placed(ticket: Ticket, parts: tuple[tuple[str, float], ...]) -> Ticket:
    """The ticket with this weight, and the place in the queue that follows from it."""
    weight = sum(points for _, points in parts)
    return replace(ticket, parts=parts, priority=rank_key(weight, ticket.received))


def promise_broken(ticket: Ticket) -> Ticket:
    """A promise to its requester was not kept: it moves up."""
    kept = tuple(part for part in ticket.parts if part[0] != "broken_promise")
    return placed(ticket, (*kept, ("broken_promise", BROKEN_PROMISE_POINTS)))


def priority(key: float, now: datetime) -> float:
    """The rank key as points that people read: the weight plus what waiting has added by `now`."""
    return key + POINTS_PER_HOUR * now.timestamp() / 3600


def is_open(ticket: Ticket) -> bool:
    return ticket.status in OPEN


def lease_expired(ticket: Ticket, now: datetime) -> bool:
    return ticket.lease_expires is None or ticket.lease_expires <= now


def claimable(ticket: Ticket, now: datetime) -> bool:
    """May `calls next` hand it out now?"""
    if ticket.status is TicketStatus.WAITING:
        return True
    if ticket.status is TicketStatus.SCHEDULED:
        return ticket.next_attempt is None or ticket.next_attempt <= now
    return ticket.status is TicketStatus.CLAIMED and lease_expired(ticket, now)


def claim(ticket: Ticket, *, agent: str, token: str, now: datetime, lease: timedelta) -> Ticket:
    """`agent` takes the ticket (a scheduled one too: the customer may ring first).

    A claim by the present holder renews the lease and keeps the token.

    Raises:
        StateError: it is closed, or another agent holds it.
    """
    if not is_open(ticket):
        raise StateError(
            f"ticket t{ticket.id} is {ticket.status}",
            hint=f"`triage calls history t{ticket.id}` tells how it ended",
        )
    if ticket.status is TicketStatus.CLAIMED and not lease_expired(ticket, now):
        if ticket.claimed_by != agent:
            raise StateError(
                f"ticket t{ticket.id} is held by {ticket.claimed_by}",
                hint="`triage calls next` gives the next free one",
                code="held",
            )
        token = ticket.claim
    return replace(
        ticket,
        status=TicketStatus.CLAIMED,
        claimed_by=agent,
        claim=token,
        lease_expires=now + lease,
        next_attempt=None,
        pause=None,
    )


def held_by(ticket: Ticket, *, agent: str, token: str = "") -> Ticket:
    """The ticket, if `agent` (or the bearer of `token`) is its last holder.

    The holder may still finish after the lease expired, as long as nobody took over.

    Raises:
        LostLeaseError: somebody else took it, or it was closed meanwhile.
        StateError: it was never claimed by this agent.
    """
    mine = ticket.claim == token if token else ticket.claimed_by == agent
    if ticket.status is TicketStatus.CLAIMED and mine:
        return ticket
    if ticket.status is TicketStatus.CLAIMED:
        raise LostLeaseError(
            f"ticket t{ticket.id} is now held by {ticket.claimed_by}",
            hint="your note was kept in its history; nothing else was changed",
        )
    if token or not is_open(ticket):
        raise LostLeaseError(
            f"ticket t{ticket.id} is {ticket.status}, no longer yours",
            hint="your note was kept in its history; nothing else was changed",
        )
    raise StateError(
        f"ticket t{ticket.id} is {ticket.status}, not claimed by {agent}",
        hint=f"claim it first: `triage calls claim t{ticket.id}`",
    )


def _freed(ticket: Ticket) -> Ticket:
    return replace(ticket, claimed_by="", claim="", lease_expires=None, next_attempt=None, pause=None)


def _scheduled(ticket: Ticket, until: datetime, pause: Pause) -> Ticket:
    return replace(ticket, status=TicketStatus.SCHEDULED, next_attempt=until, pause=pause)


def _called_in_vain(ticket: Ticket, *, agent: str, token: str) -> Ticket:
    """Back in the queue with one more attempt."""
    ticket = _freed(held_by(ticket, agent=agent, token=token))
    return replace(ticket, status=TicketStatus.WAITING, attempts=ticket.attempts + 1)


def release(ticket: Ticket, *, agent: str, token: str = "") -> Ticket:
    """Give it back to the queue, where it stood."""
    return replace(_freed(held_by(ticket, agent=agent, token=token)), status=TicketStatus.WAITING)


def no_answer(
    ticket: Ticket,
    *,
    agent: str,
    token: str = "",
    retry_at: datetime,
    max_attempts: int,
    answer_by: datetime | None = None,
) -> Ticket:
    """A call that reached nobody. After the last attempt they are written to.

    Where a life may be at risk no attempt is the last (P34).

    `answer_by`: how long their answer to that letter is waited for; None: no letter can be
    written, so a person must find a way at once.
    """
    ticket = _called_in_vain(ticket, agent=agent, token=token)
    if ticket.attempts < max_attempts or ticket.tier == 0:
        return _scheduled(ticket, retry_at, Pause.RETRY)
    ticket = replace(ticket, contact="writing")
    return _scheduled(ticket, answer_by, Pause.ANSWER) if answer_by else ticket


def wrong_number(ticket: Ticket, *, agent: str, token: str = "") -> Ticket:
    """Somebody else answered: the number is dropped, and another is to be looked up."""
    ticket = _called_in_vain(ticket, agent=agent, token=token)
    return replace(
        ticket,
        phone=None,
        phone_verified=False,
        region="",
        contact="look_up" if ticket.contact == "phone" else ticket.contact,
    )


def declined(ticket: Ticket, *, agent: str, token: str = "") -> Ticket:
    """They do not want to talk: the case goes on in writing."""
    ticket = _called_in_vain(ticket, agent=agent, token=token)
    return replace(ticket, contact="writing", flags=ticket.flags | {Flag.NO_CALL.value})


def snooze(ticket: Ticket, *, agent: str, token: str = "", until: datetime) -> Ticket:
    """Put it off until a time. An unclaimed ticket may be snoozed by anyone."""
    unclaimed = ticket.status in (TicketStatus.WAITING, TicketStatus.SCHEDULED) and not token
    freed = _freed(ticket if unclaimed else held_by(ticket, agent=agent, token=token))
    return _scheduled(freed, until, Pause.AGREED)


def asked(ticket: Ticket, *, until: datetime) -> Ticket:
    """A letter that asks them for a number or a time was sent: give them until then to answer.

    A ticket that somebody holds, that a time was agreed for or that is closed stays as it is.
    """
    awaits = ticket.status is TicketStatus.SCHEDULED and ticket.pause is Pause.ANSWER
    if ticket.status is TicketStatus.WAITING or awaits:
        return _scheduled(ticket, until, Pause.ANSWER)
    return ticket


def wrote_again(ticket: Ticket) -> Ticket:
    """A mail of theirs joined: what waited for it, or was resolved, waits for us now.

    Attempts start anew where they had been used up. Raises StateError for a cancelled ticket.
    """
    if ticket.status is TicketStatus.RESOLVED:
        return reopen(ticket)
    if not is_open(ticket):
        raise StateError(f"ticket t{ticket.id} is {ticket.status}: no mail joins it")
    if ticket.pause is Pause.ANSWER or ticket.contact == "writing":
        ticket = replace(ticket, attempts=0)
    if ticket.status is TicketStatus.SCHEDULED and ticket.pause is not Pause.AGREED:
        ticket = replace(_freed(ticket), status=TicketStatus.WAITING)
    return ticket


def done(ticket: Ticket, *, agent: str, token: str = "", outcome: Outcome, now: datetime) -> Ticket:
    """The case is closed with an outcome."""
    ticket = _freed(held_by(ticket, agent=agent, token=token))
    return replace(ticket, status=TicketStatus.RESOLVED, outcome=outcome.value, closed=now)


def over(ticket: Ticket, *, now: datetime) -> Ticket:
    """The incident that it was part of is over, and its requester was told: nobody needs to call."""
    if not is_open(ticket):
        raise StateError(f"ticket t{ticket.id} is {ticket.status} already")
    return replace(
        _freed(ticket), status=TicketStatus.RESOLVED, outcome=Outcome.INCIDENT_OVER.value, closed=now
    )


def reopen(ticket: Ticket) -> Ticket:
    """The requester wrote again about a case that was resolved lately."""
    if ticket.status is not TicketStatus.RESOLVED:
        raise StateError(f"ticket t{ticket.id} is {ticket.status}; only a resolved one is reopened")
    return replace(ticket, status=TicketStatus.WAITING, outcome="", closed=None, attempts=0)


def joined(kept: Ticket, gone: Ticket) -> Ticket:
    """One case of two: the weightier of each, and the number that either has.

    Raises StateError for a closed one.
    """
    if not is_open(kept):
        raise StateError(f"ticket t{kept.id} is {kept.status} already")
    weightier = gone if gone.score > kept.score else kept
    number = kept if kept.phone else gone
    every = dict(gone.parts) | {
        name: max(points, dict(gone.parts).get(name, 0.0)) for name, points in kept.parts
    }
    messages = kept.messages + gone.messages
    every.update(dict(parts(score=every.get("score", 0.0), messages=messages)))
    both = replace(
        kept,
        tier=min(kept.tier, gone.tier),
        score=weightier.score,
        reasons=weightier.reasons,
        messages=messages,
        received=min(kept.received, gone.received),
        flags=kept.flags | gone.flags,
        phone=number.phone,
        phone_verified=number.phone_verified,
        region=number.region,
        callback=kept.callback or gone.callback,
        contact=kept.contact if kept.contact == "writing" else number.contact,
    )
    return placed(both, tuple(every.items()))


def cancel(ticket: Ticket, *, now: datetime, merged_into: int | None = None) -> Ticket:
    """It is one case with another ticket."""
    if not is_open(ticket):
        raise StateError(f"ticket t{ticket.id} is {ticket.status} already")
    return replace(
        _freed(ticket), status=TicketStatus.CANCELLED, closed=now, merged_into=merged_into, messages=0
    )
