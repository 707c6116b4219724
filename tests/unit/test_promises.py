"""Business time: when a promise falls due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.promises import (
    BusinessCalendar,
    BusinessDuration,
    Unit,
    country_holidays,
    parse_days,
    parse_duration,
    parse_hours,
)

LONDON = BusinessCalendar(
    timezone="Europe/London",
    hours=parse_hours("09:00-17:30"),
    holidays=frozenset({date(2026, 12, 25), date(2026, 12, 28)}),
    closed=frozenset({date(2026, 12, 29)}),
)
BREAK = BusinessCalendar(
    timezone="Europe/Berlin",
    hours=parse_hours({"mon-thu": "09:00-12:00,13:00-17:00", "fri": "09:00-14:00"}),
)


def at(text: str, zone: str = "Europe/London") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("made", "promise", "due"),
    [
        # 20 November 2026 is a Friday.
        ("2026-11-20 16:00", "1 business day", "2026-11-23 16:00"),
        ("2026-11-20 17:30", "1 business day", "2026-11-23 17:30"),
        ("2026-11-20 17:31", "1 business day", "2026-11-23 17:30"),
        ("2026-11-21 10:00", "1 business day", "2026-11-23 17:30"),
        ("2026-11-22 23:59", "1 business day", "2026-11-23 17:30"),
        ("2026-11-23 07:00", "1 business day", "2026-11-23 17:30"),
        ("2026-11-23 09:00", "1 business day", "2026-11-24 09:00"),
        ("2026-11-21 10:00", "2 business days", "2026-11-24 17:30"),
        ("2026-11-20 16:00", "5 business days", "2026-11-27 16:00"),
        # Christmas: Friday and Monday are holidays, Tuesday the team is closed.
        ("2026-12-24 16:00", "1 business day", "2026-12-30 16:00"),
        ("2026-12-25 16:00", "1 business day", "2026-12-30 17:30"),
        ("2026-11-20 16:00", "4 business hours", "2026-11-23 11:30"),
        ("2026-11-21 10:00", "4 business hours", "2026-11-23 13:00"),
        ("2026-11-20 09:00", "8 business hours", "2026-11-20 17:00"),
        ("2026-11-20 13:30", "4 business hours", "2026-11-20 17:30"),
        ("2026-11-20 16:00", "24h", "2026-11-21 16:00"),
        ("2026-11-20 16:00", "30m", "2026-11-20 16:30"),
        ("2026-11-20 16:00", "0m", "2026-11-20 16:00"),
    ],
)
def test_a_promise_falls_due_when_its_reader_expects(made: str, promise: str, due: str) -> None:
    assert LONDON.add(at(made), parse_duration(promise)) == at(due)


@pytest.mark.parametrize(
    ("made", "promise", "due"),
    [
        ("2026-11-18 12:30", "1 business day", "2026-11-19 13:00"),  # in the break: a day like any other
        ("2026-11-19 16:00", "1 business day", "2026-11-20 14:00"),  # Friday closes at 14:00
        ("2026-11-20 13:00", "1 business day", "2026-11-23 13:00"),
        ("2026-11-18 11:00", "2 business hours", "2026-11-18 14:00"),  # the break does not count
        ("2026-11-18 12:30", "1 business hours", "2026-11-18 14:00"),
    ],
)
def test_breaks_and_short_days_are_kept(made: str, promise: str, due: str) -> None:
    assert BREAK.add(at(made, "Europe/Berlin"), parse_duration(promise)) == at(due, "Europe/Berlin")


def test_hours_open_and_close() -> None:
    assert LONDON.is_open(at("2026-11-20 09:00"))
    assert not LONDON.is_open(at("2026-11-20 17:30"))
    assert not LONDON.is_open(at("2026-12-25 12:00"))
    assert not BREAK.is_open(at("2026-11-18 12:00", "Europe/Berlin"))
    assert LONDON.next_opening(at("2026-11-20 12:00")) == at("2026-11-20 12:00")
    assert LONDON.next_opening(at("2026-12-24 18:00")) == at("2026-12-30 09:00")
    assert BREAK.next_opening(at("2026-11-18 12:30", "Europe/Berlin")) == at(
        "2026-11-18 13:00", "Europe/Berlin"
    )


def test_an_instant_from_anywhere_is_read_on_the_teams_clock() -> None:
    kolkata = BusinessCalendar(timezone="Asia/Kolkata", hours=parse_hours("09:30-18:00"))
    made = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # 09:30 in Kolkata
    assert kolkata.is_open(made)
    assert kolkata.add(made, parse_duration("1 business day")) == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_a_change_of_clocks_moves_no_opening() -> None:
    # Clocks go back on Sunday 25 October 2026 and forward on Sunday 29 March.
    due = LONDON.add(at("2026-10-23 16:00"), parse_duration("1 business day"))
    assert due == at("2026-10-26 16:00")
    assert due - at("2026-10-23 16:00") == timedelta(hours=73)
    night = BusinessCalendar(timezone="Europe/London", hours=parse_hours("00:00-24:00", "sun"))
    assert night.add(at("2026-03-29 00:00"), BusinessDuration(amount=23, unit=Unit.BUSINESS_HOUR)) == at(
        "2026-03-30 00:00"
    )
    gap = BusinessCalendar(timezone="Europe/London", hours=parse_hours("01:00-02:00", "sun"))
    assert gap.next_opening(at("2026-03-29 00:00")) == at("2026-04-05 01:00")
    assert gap.is_open(datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/London"), fold=1))


def test_the_hour_that_repeats_is_open_both_times_round_the_clock() -> None:
    always = BusinessCalendar(timezone="Europe/London", hours=parse_hours("00:00-24:00", "mon-sun"))
    for fold in (0, 1):
        moment = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/London"), fold=fold)
        assert always.is_open(moment)
        assert always.next_opening(moment).astimezone(UTC) == moment.astimezone(UTC)


ZONES = st.sampled_from(["Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"])
MOMENTS = st.integers(0, 365 * 24 * 60).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
PROMISES = st.sampled_from(
    ["1 business day", "3 business days", "1 business hour", "9 business hours", "90m"]
)
WEEKS = st.sampled_from(
    [
        parse_hours("09:00-17:30"),
        parse_hours({"mon-thu": "08:00-12:00,13:00-24:00", "fri": "09:00-10:00"}),
        parse_hours("00:00-24:00", "mon-sun"),
        parse_hours("01:30-02:30", "sun"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(zone=ZONES, first=MOMENTS, second=MOMENTS, promise=PROMISES, week=WEEKS)
def test_a_later_promise_is_never_due_earlier_and_none_is_due_before_it_was_made(
    zone: str,
    first: datetime,
    second: datetime,
    promise: str,
    week: tuple[tuple[tuple[time, time], ...], ...],
) -> None:
    calendar = BusinessCalendar(timezone=zone, hours=week, holidays=frozenset({date(2026, 5, 1)}))
    duration = parse_duration(promise)
    earlier, later = sorted((first, second))
    assert earlier < calendar.add(earlier, duration) <= calendar.add(later, duration)
    assert calendar.is_open(calendar.next_opening(earlier))


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ({}, "no day has any hours"),
        ("", "no day has any hours"),
        ("9 to 5", "09:00"),
        ("09:00-09:00", "end before they begin"),
        ("17:00-09:00", "end before they begin"),
        ("09:00-12:00,11:00-17:00", "overlap"),
        ("13:00-17:00,09:00-12:00", "overlap"),
        ("09:00-24:00,10:00-11:00", "overlap"),
        ("24:00-24:00", "no time of day"),
        ("09:00-25:00", "no time of day"),
        ({"mon": "09:00-17:00", "mon-fri": "09:00-17:00"}, "twice"),
        ({"noday": "09:00-17:00"}, "is no day"),
    ],
)
def test_hours_that_make_no_sense_are_refused_in_words(hours: str | dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_hours(hours)


def test_a_calendar_that_never_opens_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="never there"):
        BusinessCalendar(timezone="Europe/London", hours=((),) * 7)
    with pytest.raises(ValueError, match="seven days"):
        BusinessCalendar(timezone="Europe/London", hours=())
    with pytest.raises(ValueError, match="no such time zone"):
        BusinessCalendar(timezone="Mars/Base", hours=parse_hours("09:00-17:00"))
    with pytest.raises(ValueError, match="no such time zone"):
        BusinessCalendar(timezone="../etc/passwd", hours=parse_hours("09:00-17:00"))


def test_days_are_read_as_ranges_and_lists() -> None:
    assert parse_days("mon-fri") == (0, 1, 2, 3, 4)
    assert parse_days("Mon, Wed,friday") == (0, 2, 4)
    assert parse_days("sun-thu") == (0, 1, 2, 3, 6)
    with pytest.raises(ValueError, match="is no day"):
        parse_days("")


@pytest.mark.parametrize(
    "text", ["", "soon", "1 fortnight", "-1h", "1.5h", "0 business days", "h", "99999h", "1 h m"]
)
def test_a_duration_that_makes_no_sense_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(text)


def test_elapsed_time_is_known_for_plain_durations_only() -> None:
    assert parse_duration("10m").elapsed == timedelta(minutes=10)
    assert parse_duration(" 2  Hours ").elapsed == timedelta(hours=2)
    assert parse_duration("1d").elapsed == timedelta(days=1)
    with pytest.raises(ValueError, match="business time"):
        _ = parse_duration("1 working day").elapsed


def test_holidays_come_by_country_and_part() -> None:
    assert date(2026, 12, 25) in country_holidays("GB", [2026])
    assert date(2026, 4, 6) in country_holidays("gb-eng", [2026])
    assert date(2026, 1, 6) in country_holidays("DE-BY", [2026])
    assert date(2026, 1, 6) not in country_holidays("DE", [2026])
    assert country_holidays("", [2026]) == frozenset()


@pytest.mark.parametrize(("code", "message"), [("XX", "“XX”"), ("DE-XX", "DE-BY"), ("England", "“England”")])
def test_an_unknown_country_is_refused_in_words(code: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        country_holidays(code, [2026])
