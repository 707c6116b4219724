"""How a team calls, and where and when that is: settings of the desk, and places of numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from triage.calls import hours
from triage.calls.callback import CallbackWindow
from triage.promises import BusinessCalendar, BusinessDuration, country_holidays


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
    letters: bool = True  # drafts are made at all
    confirm: bool = True  # what was agreed is confirmed in writing
    follow_up: BusinessDuration | None = None  # how long after a case was solved
    follow_up_by: str = "mail"  # mail | call
    concessions: tuple[str, ...] = ()
    language: str = "en"  # of the agents
    team_folder: str = ""


SettingsOf = Callable[[str], DeskSettings]
"""How the team of an account calls; "" gives the global settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a number rings, and when it may ring there."""

    zone: str  # IANA
    holidays: frozenset[date]
    window: hours.CallingWindow

    def may_call(self, now: datetime) -> bool:
        return hours.may_call(now, zone=self.zone, window=self.window, holidays=self.holidays)

    def next_call(self, at: datetime, *, team: BusinessCalendar | None = None) -> datetime:
        """The first instant from `at` on at which it may ring (and `team` is there)."""
        return hours.next_call_time(at, zone=self.zone, window=self.window, team=team, holidays=self.holidays)


def place(region: str, settings: DeskSettings, now: datetime, *, callback: str = "") -> Place:
    """Of a ticket's region ("GB Europe/London"); the team's where it is unknown.

    `callback`: the ticket's, when its requester says that they can be phoned.
    """
    country, _, zone = region.partition(" ")
    zone = zone or settings.calendar.timezone
    home = not region.strip() or country == settings.default_country
    holidays = settings.calendar.holidays if home else _holidays(country, now.year)
    window = settings.window
    if callback:
        wish = CallbackWindow.parse(callback)
        window = hours.narrowed(window, wish, at=now, zone=zone, team=settings.calendar, holidays=holidays)
    return Place(zone=zone, holidays=holidays, window=window)


@lru_cache(maxsize=300)
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        return country_holidays(country, range(year - 1, year + 2))
    except ValueError:  # a country, or none, of which nobody knows the holidays
        return frozenset()


def local(at: datetime, settings: DeskSettings) -> datetime:
    """An instant in the team's time zone."""
    return at.astimezone(ZoneInfo(settings.calendar.timezone))
