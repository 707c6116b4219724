"""`calls next` offers nobody for a call outside their own calling hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from triage import desk
from triage.calls import phone
from triage.calls import ticket as life
from triage.calls.hours import CallingWindow
from triage.promises import BusinessCalendar, country_holidays, parse_hours
from triage.store import Store
from triage.types import Address, Ticket, TicketStatus

# A week with Christmas in it, from Monday on.
MONDAY = datetime(2026, 12, 21, 0, 0, tzinfo=UTC)
NUMBERS = {
    "GB Europe/London": "+442079460018",
    "DE Europe/Berlin": "+493023125000",
    "US America/Los_Angeles": "+12133734253",
    "US America/New_York": "+12123734253",
    "IN Asia/Calcutta": "+912266778899",  # + 5:30
    "NP Asia/Katmandu": "+97714412345",  # + 5:45
    "AU Australia/Adelaide": "+61882260000",  # + 10:30 in summer
    "JP Asia/Tokyo": "+81332211234",
    "BR America/Sao_Paulo": "+551132310000",
    "NZ Pacific/Auckland": "+6493022222",
    "ZA Africa/Johannesburg": "+27117830000",
    "AE Asia/Dubai": "+97142345678",
}
SETTINGS = desk.DeskSettings(
    window=CallingWindow.parse("09:00-20:00", "mon-sat"),
    calendar=BusinessCalendar(
        timezone="Europe/London",
        hours=parse_hours("09:00-17:30", "mon-fri"),
        holidays=country_holidays("GB-ENG", range(2026, 2028)),
    ),
)


def settings_of(account: str) -> desk.DeskSettings:
    return SETTINGS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.sqlite3") as opened:
        yield opened


def waiting(store: Store, number: str | None, name: str, *, tier: int = 1, language: str = "en") -> Ticket:
    with store.transaction():
        return store.desk.open(
            Ticket(
                id=0,
                account="support",
                requester=Address(address=f"{name}@example.org"),
                score=70,
                tier=tier,
                priority=life.rank_key(70, MONDAY),
                phone=number,
                region=phone.region(number, fallback="Europe/London") if number else "",
                language=language,
                contact="phone" if number else "look_up",
                received=MONDAY,
            ),
            who="test",
            why="test",
            at=MONDAY,
            last_mail=MONDAY,
        )


def offered(store: Store, now: datetime) -> list[Ticket]:
    """All that agents would be offered at this moment; given back at once."""
    found: list[Ticket] = []
    while ticket := desk.take(store, settings_of, agent=f"agent-{len(found)}", now=now):
        found.append(ticket)
    for number, ticket in enumerate(found):
        desk.give_back(store, ticket.id, agent=f"agent-{number}", token="", note="", now=now)
    return found


def test_in_a_week_over_twelve_zones_nobody_is_offered_outside_their_hours(store: Store) -> None:
    for region, number in NUMBERS.items():
        assert phone.region(number, fallback="Europe/London") == region
        waiting(store, number, region.split("/")[-1].lower())
    seen: set[str] = set()
    for step in range(0, 8 * 24 * 60, 45):
        now = MONDAY + timedelta(minutes=step)
        for ticket in offered(store, now):
            country, _, zone = ticket.region.partition(" ")
            local = now.astimezone(ZoneInfo(zone))
            assert 9 <= local.hour < 20, (ticket.region, local)
            assert local.weekday() < 6, (ticket.region, local)
            code = "GB-ENG" if country == "GB" else country
            assert local.date() not in country_holidays(code, [2026]), (ticket.region, local)
            seen.add(ticket.region)
    assert seen == set(NUMBERS), "each of them is offered at some hour"


def test_life_and_safety_comes_before_hours_and_so_does_what_is_no_call(store: Store) -> None:
    night = MONDAY + timedelta(hours=3)
    grave = waiting(store, NUMBERS["GB Europe/London"], "grave", tier=0)
    unknown = waiting(store, None, "unknown")
    waiting(store, NUMBERS["DE Europe/Berlin"], "asleep")
    assert [t.id for t in offered(store, night)] == [grave.id, unknown.id]


def test_where_life_may_be_at_risk_the_next_attempt_is_soon_at_any_hour_and_none_is_the_last(
    store: Store,
) -> None:
    ticket = waiting(store, NUMBERS["GB Europe/London"], "anna", tier=0)
    at = MONDAY + timedelta(hours=23)
    for _ in range(SETTINGS.max_attempts + 2):
        taken = desk.take(store, settings_of, agent="dora", now=at)
        assert taken is not None
        assert taken.id == ticket.id
        tried = desk.missed(
            store, ticket.id, SETTINGS, agent="dora", token="", note="", voicemail=False, now=at
        )
        assert (tried.status, tried.contact) == (TicketStatus.SCHEDULED, "phone")
        assert desk.take(store, settings_of, agent="dora", now=at) is None
        soon = at + timedelta(minutes=15)
        assert desk.next_opening(store, settings_of, now=at) == tried.next_attempt == soon
        at = soon


def test_it_says_from_when_on_the_next_one_may_be_called(store: Store) -> None:
    assert desk.next_opening(store, settings_of, now=MONDAY) is None
    waiting(store, NUMBERS["GB Europe/London"], "london")
    waiting(store, NUMBERS["DE Europe/Berlin"], "berlin")
    assert desk.next_opening(store, settings_of, now=MONDAY) == MONDAY + timedelta(hours=8)


def test_an_agent_may_ask_for_cases_in_one_language(store: Store) -> None:
    noon = MONDAY + timedelta(hours=12)
    waiting(store, None, "english")
    german = waiting(store, None, "german", language="de")
    found = desk.take(store, settings_of, agent="dora", now=noon, language="de")
    assert found is not None
    assert found.id == german.id
    assert desk.take(store, settings_of, agent="fred", now=noon, language="fr") is None


def test_try_me_after_six_is_kept(store: Store) -> None:
    ticket = waiting(store, NUMBERS["GB Europe/London"], "anna")
    noon, six = MONDAY + timedelta(hours=12), MONDAY + timedelta(hours=18)
    desk.take(store, settings_of, agent="dora", now=noon)
    desk.put_off(store, ticket.id, agent="dora", token="", until=six, note="after six", now=noon)
    assert offered(store, six - timedelta(minutes=1)) == []
    assert [t.id for t in offered(store, six)] == [ticket.id]
