"""What the end of a call does to the case: closed, promised, or going on by another way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from triage import desk
from triage.calls import ticket as life
from triage.errors import InputError
from triage.store import Store
from triage.store.contacts import Contact
from triage.types import Flag, Ticket, TicketStatus
from unit.test_calling_hours_at_the_desk import MONDAY, NUMBERS, SETTINGS, settings_of, store, waiting

__all__ = ["store"]

NOON = MONDAY + timedelta(hours=12)
LONDON = NUMBERS["GB Europe/London"]


def ended(store: Store, outcome: life.Outcome, **more: object) -> Ticket:
    ticket = waiting(store, LONDON, "anna")
    desk.take(store, settings_of, agent="dora", now=NOON)
    return desk.finish(
        store,
        ticket.id,
        SETTINGS,
        agent="dora",
        token="",
        outcome=outcome,
        note="spoke to her",
        now=NOON,
        **more,  # type: ignore[arg-type]
    )


def test_a_wrong_number_is_dropped_and_the_case_goes_on(store: Store, tmp_path: Path) -> None:
    known = Contact(address="anna@example.org", phone=LONDON, phone_verified=True)
    store.contacts.save(known, who="test", at=NOON)
    ticket = ended(store, life.Outcome.WRONG_NUMBER)
    assert (ticket.status, ticket.phone, ticket.contact) == (TicketStatus.WAITING, None, "look_up")
    assert store.contacts.of("anna@example.org").phone == ""
    again = desk.take(store, settings_of, agent="fred", now=NOON)
    assert again is not None
    assert again.id == ticket.id, "nobody is lost over a wrong number"


def test_who_declines_a_call_is_written_to_and_not_rung_again(store: Store) -> None:
    ticket = ended(store, life.Outcome.DECLINED)
    assert (ticket.status, ticket.contact) == (TicketStatus.WAITING, "writing")
    assert Flag.NO_CALL in store.contacts.of("anna@example.org").flags


def test_what_was_agreed_is_a_promise_with_a_time(store: Store) -> None:
    due = NOON + timedelta(days=2)
    ticket = ended(store, life.Outcome.AGREED, promise="refund of £40", due=due)
    assert ticket.status is TicketStatus.RESOLVED
    (promise,) = store.promises.listing()
    assert (promise.text, promise.due, promise.status) == ("refund of £40", due, "open")
    assert store.promises.settle(now=due + timedelta(minutes=1))[0].id == promise.id


@pytest.mark.parametrize("outcome", [life.Outcome.RESOLVED, life.Outcome.AGREED, life.Outcome.ABUSE])
def test_other_ends_close_the_case(store: Store, outcome: life.Outcome) -> None:
    assert ended(store, outcome).status is TicketStatus.RESOLVED


def test_the_forecast_follows_what_came_and_what_was_closed(store: Store) -> None:
    later = MONDAY + timedelta(days=1, hours=12)
    assert desk.forecast(store, SETTINGS.calendar, now=later).empty_at == later
    tickets = [waiting(store, None, f"anna{n}") for n in range(6)]
    assert desk.forecast(store, SETTINGS.calendar, now=later).empty_at is None, "nobody was called"
    for ticket in tickets[:4]:
        done = life.Outcome.RESOLVED
        desk.finish(store, ticket.id, SETTINGS, agent="dora", token="", outcome=done, note="", now=NOON)
    quiet = NOON + timedelta(days=10)  # the four closed ones lie within, the six opened before
    seen = desk.forecast(store, SETTINGS.calendar, now=quiet)
    assert (seen.waiting, seen.opened, seen.closed) == (2, 0.6, 0.4)
    store.database.run("UPDATE ticket SET opened = 0")
    seen = desk.forecast(store, SETTINGS.calendar, now=quiet)
    assert seen.empty_at is not None
    assert seen.empty_at > quiet, "two wait, and 0.4 a day are closed: five business days"


@pytest.mark.parametrize("outcome", [life.Outcome.WRONG_NUMBER, life.Outcome.DECLINED])
def test_a_promise_in_a_call_that_came_to_nothing_is_refused_and_changes_nothing(
    store: Store, outcome: life.Outcome
) -> None:
    with pytest.raises(InputError, match="nothing can be promised"):
        ended(store, outcome, promise="refund", due=NOON + timedelta(days=1))
    assert [t.status for t in store.desk.queue()] == [TicketStatus.CLAIMED]
