"""When a requester may be phoned."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from triage.calls.callback import CallbackWindow
from triage.calls.hours import CallingWindow, may_call, narrowed, next_call_time, retry_at
from triage.promises import BusinessCalendar, parse_hours

WINDOW = CallingWindow.parse("09:00-20:00", "mon-sat")
TEAM = BusinessCalendar(timezone="Europe/London", hours=parse_hours("09:00-17:30"))


def at(text: str, zone: str = "Europe/London") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_a_call_needs_both_a_decent_hour_there_and_the_team_here() -> None:
    # 20 November 2026 is a Friday. New York is five hours behind.
    assert may_call(at("2026-11-20 10:00"), zone="Europe/London", window=WINDOW, team=TEAM)
    assert not may_call(at("2026-11-20 18:00"), zone="Europe/London", window=WINDOW, team=TEAM)
    assert may_call(at("2026-11-20 18:00"), zone="Europe/London", window=WINDOW)
    assert not may_call(at("2026-11-20 10:00"), zone="America/New_York", window=WINDOW, team=TEAM)
    assert may_call(at("2026-11-20 14:00"), zone="America/New_York", window=WINDOW, team=TEAM)
    assert not may_call(at("2026-11-22 12:00"), zone="Europe/London", window=WINDOW)


def test_nobody_is_phoned_on_their_public_holiday() -> None:
    thanksgiving = frozenset({date(2026, 11, 26)})
    call = at("2026-11-26 15:00")
    assert may_call(call, zone="America/New_York", window=WINDOW, team=TEAM)
    assert not may_call(call, zone="America/New_York", window=WINDOW, team=TEAM, holidays=thanksgiving)
    assert next_call_time(
        call, zone="America/New_York", window=WINDOW, team=TEAM, holidays=thanksgiving
    ) == at("2026-11-27 14:00")


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        ("2026-11-20 10:00", "Europe/London", "2026-11-20 10:00"),
        ("2026-11-20 18:00", "Europe/London", "2026-11-23 09:00"),  # the team is home, Saturday too
        ("2026-11-20 09:00", "America/New_York", "2026-11-20 14:00"),
        ("2026-11-20 16:00", "Asia/Kolkata", "2026-11-23 09:00"),  # it is 21:30 there
        ("2026-11-20 12:00", "America/Los_Angeles", "2026-11-20 17:00"),
    ],
)
def test_the_next_call_is_at_the_first_hour_in_common(now: str, zone: str, expected: str) -> None:
    found = next_call_time(at(now), zone=zone, window=WINDOW, team=TEAM)
    assert found == at(expected)
    assert may_call(found, zone=zone, window=WINDOW, team=TEAM)


def test_without_an_hour_in_common_their_day_decides_and_nobody_is_rung_at_night() -> None:
    found = next_call_time(at("2026-11-20 10:00"), zone="Pacific/Auckland", window=WINDOW, team=TEAM)
    assert found == at("2026-11-21 09:00", "Pacific/Auckland")
    assert may_call(found, zone="Pacific/Auckland", window=WINDOW)


def test_the_repeated_hour_of_autumn_ends_the_search() -> None:
    everyone = CallingWindow.parse("00:00-24:00", "mon-sun")
    night = BusinessCalendar(timezone="Europe/Berlin", hours=parse_hours("00:00-24:00", "mon-sun"))
    moment = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert next_call_time(moment, zone="Europe/London", window=everyone, team=night) == moment


def test_retries_wait_longer_and_then_keep_the_last_pause() -> None:
    pauses = (timedelta(hours=2), timedelta(days=1))
    missed = at("2026-11-19 10:00")
    due = [retry_at(missed, n, pauses, zone="Europe/London", window=WINDOW, team=TEAM) for n in (1, 2, 3)]
    assert due == [at("2026-11-19 12:00"), at("2026-11-20 10:00"), at("2026-11-20 10:00")]


def test_a_retry_waits_for_calling_hours() -> None:
    missed = at("2026-11-20 16:30")
    again = retry_at(missed, 1, (timedelta(hours=2),), zone="Europe/London", window=WINDOW, team=TEAM)
    assert again == at("2026-11-23 09:00")


def test_a_retry_without_attempt_or_pause_is_a_mistake() -> None:
    for attempt, pauses in ((0, (timedelta(hours=1),)), (1, ())):
        with pytest.raises(ValueError, match="a retry needs"):
            retry_at(at("2026-11-20 16:30"), attempt, pauses, zone="Europe/London", window=WINDOW)


def kept(wish: str, team: BusinessCalendar = TEAM) -> CallingWindow:
    return narrowed(
        WINDOW,
        CallbackWindow.parse(wish),
        at=at("2026-11-20 10:00"),
        zone="Europe/London",
        team=team,
    )


def test_a_wish_to_be_phoned_at_a_time_is_kept() -> None:
    late = BusinessCalendar(timezone="Europe/London", hours=parse_hours("09:00-19:00"))
    window = kept("18:00-00:00", late)
    assert not may_call(at("2026-11-20 17:59"), zone="Europe/London", window=window)
    assert may_call(at("2026-11-20 18:00"), zone="Europe/London", window=window)


def test_a_wish_that_nobody_can_keep_costs_nobody_their_call() -> None:
    assert kept("18:00-00:00") == WINDOW  # the team goes home at 17:30
    assert kept("00:00-00:00 sat,sun") == WINDOW
    assert kept("21:00-00:00") == WINDOW
