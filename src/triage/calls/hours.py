"""Calling hours: when a requester may be phoned (pure; the clock is passed in).

A call needs two things at once: it is a decent hour where the requester lives (the calling
window, in their zone, never on their public holidays), and the team is there. Life and
safety come before hours (playbook P34): for those the caller does not ask here at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from triage.calls.callback import CallbackWindow
from triage.promises import BusinessCalendar, Week, parse_hours

SEARCH_DAYS = 28
"""How far ahead a common hour is sought: a change of clocks can open one, a year of looking cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingWindow:
    """The hours in which people may be phoned, in their own local time."""

    week: Week

    @classmethod
    def parse(cls, hours: str, days: str = "mon-sat") -> CallingWindow:
        """From the configuration: "09:00-20:00", "mon-sat". ValueError says what is wrong."""
        return cls(week=parse_hours(hours, days))

    def at(self, zone: str, holidays: frozenset[date] = frozenset()) -> BusinessCalendar:
        """The window as a calendar in the IANA `zone`. ValueError for an unknown zone."""
        return BusinessCalendar(timezone=zone, hours=self.week, holidays=holidays)


def may_call(
    at: datetime,
    *,
    zone: str,
    window: CallingWindow,
    team: BusinessCalendar | None = None,
    holidays: frozenset[date] = frozenset(),
) -> bool:
    """True if at `at` the window is open in the requester's `zone` and the team is there.

    `team` None: somebody is always there. `holidays` are those of the requester's country.
    """
    return window.at(zone, holidays).is_open(at) and (team is None or team.is_open(at))


def next_call_time(
    at: datetime,
    *,
    zone: str,
    window: CallingWindow,
    team: BusinessCalendar | None = None,
    holidays: frozenset[date] = frozenset(),
) -> datetime:
    """The first instant (UTC) from `at` on, `at` included, at which the requester may be phoned.

    Where window and team have no hour in common within SEARCH_DAYS (Sydney's day is London's
    night), the window alone decides: a ticket always gets a time, and nobody is rung at night.
    """
    theirs = window.at(zone, holidays)
    opening = theirs.next_opening(at)
    return opening if team is None else _in_common(theirs, team, at) or opening


def narrowed(
    window: CallingWindow,
    wish: CallbackWindow,
    *,
    at: datetime,
    zone: str,
    team: BusinessCalendar,
    holidays: frozenset[date] = frozenset(),
) -> CallingWindow:
    """The part of `window` that keeps a requester's wish ("after 6").

    A wish that cannot be kept, because nobody of the team is there then, narrows nothing: a
    person who cannot be phoned as they like is still not forgotten.
    """
    week = wish.within(window.week, at.astimezone(ZoneInfo(zone)).date())
    if not any(week):
        return window
    kept = CallingWindow(week=week)
    return kept if _in_common(kept.at(zone, holidays), team, at) else window


def _in_common(theirs: BusinessCalendar, team: BusinessCalendar, at: datetime) -> datetime | None:
    """The first instant within SEARCH_DAYS at which both are open."""
    moment, horizon = theirs.next_opening(at), at + timedelta(days=SEARCH_DAYS)
    while moment <= horizon:
        here = team.next_opening(moment)
        there = theirs.next_opening(here)
        if here == there:
            return there
        moment = there
    return None


def retry_at(
    at: datetime,
    attempt: int,
    retry_after: tuple[timedelta, ...],
    *,
    zone: str,
    window: CallingWindow,
    team: BusinessCalendar | None = None,
    holidays: frozenset[date] = frozenset(),
) -> datetime:
    """When to try again after the `attempt`-th call (1 is the first) got no answer at `at`.

    `retry_after` holds the pause after each attempt; its last one also serves for all later
    ones. The result lies in calling hours. ValueError for attempt 0 or no pauses.
    """
    if attempt < 1 or not retry_after:
        raise ValueError("a retry needs an attempt of 1 or more and at least one pause")
    pause = retry_after[min(attempt, len(retry_after)) - 1]
    return next_call_time(at + pause, zone=zone, window=window, team=team, holidays=holidays)
