"""Business time: by when a promise falls due (pure; no clock inside).

    BusinessCalendar(...).add(at, parse_duration("1 business day")) -> the instant it falls due

What a promise means, as the customer who reads it would say:

- "within one business day", written during the working day (breaks included), is due at the
  same clock time on the next business day: Friday 16:00 -> Monday 16:00. On a day that
  closes earlier it is due at the closing; a clock time within a break, at the break's end.
- Written outside it (evening, weekend, holiday), the next business day is the first one and
  the promise is due at its closing: Saturday -> Monday 17:30, Tuesday 07:00 -> Tuesday 17:30.
- "four business hours" counts open time only, from the next opening if we are closed.
- "24h", "30m", "1d" are elapsed time; a day is 24 hours.

A later start is never due earlier. Open time is real time, also across a change of clocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

Span: TypeAlias = tuple[time, time]
"""Opening and closing; a closing of 00:00 is the midnight that ends the day."""

Week: TypeAlias = tuple[tuple[Span, ...], ...]
"""The spans of Monday to Sunday: seven tuples, in order, without overlap."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Unit(StrEnum):
    """What a duration counts."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    BUSINESS_HOUR = "business hour"
    BUSINESS_DAY = "business day"


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessDuration:
    """A whole number of a unit: "2 business days"."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"

    @property
    def elapsed(self) -> timedelta:
        """As elapsed time. ValueError if it counts business time."""
        if self.unit not in _ELAPSED:
            raise ValueError(f"“{self}” is business time; use minutes, hours or days, such as “30m”")
        return self.amount * _ELAPSED[self.unit]


_ELAPSED = {Unit.MINUTE: timedelta(minutes=1), Unit.HOUR: timedelta(hours=1), Unit.DAY: timedelta(days=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """When a team is there. `timezone` is an IANA name.

    It takes instants of any zone and gives them in UTC: in the hour that a clock repeats, local
    times of two zones never compare equal (PEP 495).

    ValueError: an unknown zone, a week that is not seven days of ordered spans, or a week
    without any opening (so every search below ends).
    """

    timezone: str
    hours: Week
    holidays: frozenset[date] = frozenset()
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        _zone(self.timezone)
        if len(self.hours) != len(DAYS):
            raise ValueError("a week has seven days, from Monday to Sunday")
        for spans in self.hours:
            _check_spans(spans)
        if not any(self.hours):
            raise ValueError("the team is never there: no day has any hours")

    def is_open(self, at: datetime) -> bool:
        """True from an opening up to, and not including, its closing."""
        at = at.astimezone(UTC)
        return any(start <= at < end for start, end in self._spans(self._local_date(at)))

    def next_opening(self, at: datetime) -> datetime:
        """The first open instant at or after `at`: `at` itself when we are open."""
        start, _ = next(self._open_spans(at))
        return start

    def is_business_day(self, at: datetime) -> bool:
        """Whether the team is there at all on the local day of `at`."""
        return bool(self._spans(self._local_date(at)))

    def add(self, at: datetime, duration: BusinessDuration) -> datetime:
        """The instant at which a promise made at `at` falls due."""
        if duration.unit is Unit.BUSINESS_DAY:
            return self._add_days(at, duration.amount)
        if duration.unit is Unit.BUSINESS_HOUR:
            return self._add_open_time(at, timedelta(hours=duration.amount))
        return at.astimezone(UTC) + duration.elapsed

    def _add_days(self, at: datetime, amount: int) -> datetime:
        at = at.astimezone(UTC)
        today = self._local_date(at)
        spans = self._spans(today)
        begun = bool(spans) and at >= spans[0][0]
        during = begun and at <= spans[-1][1]
        days = self._business_days(today + timedelta(days=1) if begun else today)
        for _ in range(amount - 1):
            next(days)
        due = next(days)
        closing = self._spans(due)[-1][1]
        if not during:
            return closing
        clock = self._instant(due, at.astimezone(_zone(self.timezone)).time())
        return next((max(clock, start) for start, end in self._spans(due) if clock <= end), closing)

    def _add_open_time(self, at: datetime, left: timedelta) -> datetime:
        for start, end in self._open_spans(at):
            if left <= end - start:
                return start + left
            left -= end - start
        raise AssertionError("open spans never end")

    def _open_spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is open from `at` on, in UTC; the first one is cut at `at`."""
        at = at.astimezone(UTC)
        for day in self._business_days(self._local_date(at)):
            for start, end in self._spans(day):
                if at < end:
                    yield max(at, start), end

    def _business_days(self, first: date) -> Iterator[date]:
        """The days with hours, from `first` on. Endless, for some weekday is open and holidays end."""
        day = first
        while True:
            if self._spans(day):
                yield day
            day += timedelta(days=1)

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """The open spans of a local day, in UTC. One that a change of clocks swallows is gone."""
        if day in self.holidays or day in self.closed:
            return []
        spans = []
        for opening, closing in self.hours[day.weekday()]:
            start = self._instant(day, opening)
            end = self._instant(day if closing != time(0) else day + timedelta(days=1), closing)
            if start < end:
                spans.append((start, end))
        return spans

    def _instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, _zone(self.timezone)).astimezone(UTC)

    def _local_date(self, at: datetime) -> date:
        return at.astimezone(_zone(self.timezone)).date()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: “{name}” (use a name such as “Europe/London”)") from error


def _check_spans(spans: tuple[Span, ...]) -> None:
    previous: time | None = None
    for opening, closing in spans:
        if time(0) < closing <= opening:
            raise ValueError(f"hours {_show((opening, closing))} end before they begin")
        if previous is not None and (opening < previous or previous == time(0)):
            raise ValueError(f"hours {_show((opening, closing))} overlap the ones before them")
        previous = closing


def _show(span: Span) -> str:
    return f"{span[0]:%H:%M}-{span[1]:%H:%M}"


# --------------------------------------------------------------------------- reading the configuration

_UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), Unit.MINUTE),
    **dict.fromkeys(("h", "hour", "hours"), Unit.HOUR),
    **dict.fromkeys(("d", "day", "days"), Unit.DAY),
    **dict.fromkeys(("business hour", "business hours", "working hour", "working hours"), Unit.BUSINESS_HOUR),
    **dict.fromkeys(("business day", "business days", "working day", "working days"), Unit.BUSINESS_DAY),
}
_DURATION = re.compile(r"(\d{1,4}) ?([a-z]+(?: [a-z]+)?)")
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


def parse_duration(text: str) -> BusinessDuration:
    """Read "1 business day", "4 business hours", "24h", "30m" or "1d". ValueError otherwise.

    Business time is at least 1: "0 business days" is no promise that a person could read.
    """
    match = _DURATION.fullmatch(" ".join(text.lower().split()))
    unit = _UNITS.get(match[2]) if match else None
    if match is None or unit is None:
        raise ValueError(
            f"“{text}” is no duration: write “30m”, “2h”, “1d”, “4 business hours” or “1 business day”"
        )
    amount = int(match[1])
    if amount == 0 and unit not in _ELAPSED:
        raise ValueError(f"“{text}” is no duration: business time starts at 1")
    return BusinessDuration(amount=amount, unit=unit)


def parse_hours(hours: str | Mapping[str, str], days: str = "mon-fri") -> Week:
    """Read opening hours. ValueError says what is wrong with them.

    Either one text for all `days` ("09:00-17:30", with a break "09:00-12:00,13:00-17:00"), or
    a table by day ({"mon-thu": "09:00-17:30", "fri": "09:00-15:00"}), which then names the days
    itself and is not combined with `days`. A closing of 24:00 is midnight.
    """
    table = {days: hours} if isinstance(hours, str) else hours
    week: list[tuple[Span, ...]] = [()] * len(DAYS)
    for named, text in table.items():
        spans = tuple(_parse_span(part) for part in text.split(",") if part.strip())
        _check_spans(spans)
        for day in parse_days(named):
            if week[day]:
                raise ValueError(f"{DAYS[day]} has its hours twice")
            week[day] = spans
    if not any(week):
        raise ValueError("no day has any hours")
    return tuple(week)


def parse_days(text: str) -> tuple[int, ...]:
    """Read "mon-fri", "mon,wed,fri" or "sun-thu" as weekdays, Monday being 0."""
    days: set[int] = set()
    for part in text.lower().split(","):
        first, dash, last = (p.strip() for p in part.partition("-"))
        start = _parse_day(first)
        end = _parse_day(last) if dash else start
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return tuple(sorted(days))


def _parse_day(name: str) -> int:
    for index, day in enumerate(_DAY_NAMES):
        if len(name) >= 3 and day.startswith(name):
            return index
    raise ValueError(f"“{name}” is no day: use {', '.join(DAYS)}")


_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _parse_span(text: str) -> Span:
    opening, dash, closing = text.strip().partition("-")
    if not dash:
        raise ValueError(f"“{text.strip()}” are no hours: write them like “09:00-17:30”")
    return _parse_clock(opening), _parse_clock(closing, closing=True)


def _parse_clock(text: str, *, closing: bool = False) -> time:
    match = _CLOCK.fullmatch(text.strip())
    if match is None or (match[1] == "24" and (match[2] != "00" or not closing)):
        raise ValueError(f"“{text.strip()}” is no time of day: write it like “09:00”")
    return time(int(match[1]) % 24, int(match[2]))


def country_holidays(code: str, years: Iterable[int]) -> frozenset[date]:
    """The public holidays of "GB", "DE" or, with a subdivision, "DE-BY", in these years.

    A country alone has what all its parts share: an English team wants "GB-ENG", which adds
    Easter Monday and the August bank holiday. An empty code has none. ValueError for a code
    that is not known, saying which ones are.
    """
    if not code:
        return frozenset()
    import holidays  # imported here: it costs more than the rest of this module by far

    country, _, part = code.upper().partition("-")
    try:
        if len(country) != 2:
            raise NotImplementedError
        parts = {p.upper(): p for p in holidays.country_holidays(country).subdivisions}
    except NotImplementedError:
        raise ValueError(
            f"no holidays are known for “{code}”: use a country such as “GB”, or “DE-BY”"
        ) from None
    if part and part not in parts:
        choice = ", ".join(f"{country}-{p}" for p in parts.values()) or "no parts"
        raise ValueError(f"no holidays are known for “{code}”; {country} has {choice}")
    return frozenset(holidays.country_holidays(country, subdiv=parts.get(part), years=list(years)))
