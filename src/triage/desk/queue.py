"""Who may be called now, in which order, and when the queue will be empty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.desk.settings import SettingsOf, place
from triage.promises import BusinessCalendar, BusinessDuration, Unit
from triage.store import Store
from triage.types import Ticket, TicketStatus

FORECAST_DAYS = 10  # business days


def take(
    store: Store,
    settings_of: SettingsOf,
    *,
    agent: str,
    now: datetime,
    peek: bool = False,
    language: str = "",
    desk: str = "",
) -> Ticket | None:
    """The most urgent ticket that may be worked now, claimed unless `peek`.

    Nobody is offered for a call outside their calling hours or on their public holidays, but
    for life and safety (P34). Cases that are written to, or whose number is to be looked up,
    are offered at any hour.
    """
    asleep = [
        (account, region, callback)
        for account, region, callback in store.desk.places()
        if not place(region, settings_of(account), now, callback=callback).may_call(now)
    ]
    return store.desk.next(
        agent=agent,
        now=now,
        lease=settings_of("").lease,
        peek=peek,
        asleep=asleep,
        language=language,
        desk=desk,
    )


def next_opening(store: Store, settings_of: SettingsOf, *, now: datetime) -> datetime | None:
    """When the first of those who wait for a call may be phoned again; None if nobody waits.

    For a queue in which `take` found nobody.
    """
    earliest: dict[tuple[str, str, str], datetime] = {}
    openings: list[datetime] = []
    for ticket in store.desk.queue():
        at = ticket.lease_expires if ticket.status is TicketStatus.CLAIMED else ticket.next_attempt
        at, key = max(now, at or now), (ticket.account, ticket.region, ticket.callback)
        if ticket.tier == 0:  # at any hour
            openings.append(at)
        else:
            earliest[key] = min(at, earliest.get(key, at))
    openings += [
        place(region, settings_of(account), now, callback=callback).next_call(at)
        for (account, region, callback), at in earliest.items()
    ]
    return min(openings, default=None)


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
