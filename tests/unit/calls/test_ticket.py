"""The life of a ticket: what each step allows, and thousands of random histories."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from triage.calls import ticket as life
from triage.errors import LostLeaseError, StateError
from triage.types import Address, Pause, Ticket, TicketStatus

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=45)


def ticket(**changes: object) -> Ticket:
    fields: dict[str, object] = {
        "id": 1,
        "account": "support",
        "requester": Address(address="anna@example.org"),
        "received": NOW,
    }
    return Ticket(**{**fields, **changes})  # type: ignore[arg-type] # keywords by name, for brevity


def claimed(agent: str = "ben", token: str = "a1", at: datetime = NOW) -> Ticket:
    return life.claim(ticket(), agent=agent, token=token, now=at, lease=LEASE)


def test_a_claim_gives_a_lease_and_a_token() -> None:
    held = claimed()
    assert held.status is TicketStatus.CLAIMED
    assert (held.claimed_by, held.claim, held.lease_expires) == ("ben", "a1", NOW + LEASE)


def test_a_second_agent_cannot_take_a_held_ticket() -> None:
    with pytest.raises(StateError, match="held by ben") as refused:
        life.claim(claimed(), agent="cleo", token="b2", now=NOW + timedelta(minutes=44), lease=LEASE)
    assert refused.value.code == "held"


def test_the_holder_renews_the_lease_and_keeps_the_token() -> None:
    later = NOW + timedelta(minutes=30)
    renewed = life.claim(claimed(), agent="ben", token="other", now=later, lease=LEASE)
    assert (renewed.claim, renewed.lease_expires) == ("a1", later + LEASE)


def test_an_expired_lease_is_free_for_the_next_agent() -> None:
    taken = life.claim(claimed(), agent="cleo", token="b2", now=NOW + LEASE, lease=LEASE)
    assert (taken.claimed_by, taken.claim) == ("cleo", "b2")


def test_the_last_holder_may_finish_an_expired_lease_that_nobody_took() -> None:
    late = NOW + timedelta(hours=5)
    done = life.done(claimed(), agent="ben", outcome=life.Outcome.RESOLVED, now=late)
    assert (done.status, done.outcome, done.closed) == (TicketStatus.RESOLVED, "resolved", late)


def test_a_late_holder_whose_ticket_was_taken_over_loses() -> None:
    taken = life.claim(claimed(), agent="cleo", token="b2", now=NOW + LEASE, lease=LEASE)
    with pytest.raises(LostLeaseError, match="now held by cleo"):
        life.done(taken, agent="ben", outcome=life.Outcome.RESOLVED, now=NOW + LEASE)
    with pytest.raises(LostLeaseError, match="now held by cleo"):
        life.release(taken, agent="cleo", token="a1")  # the old token fences, whatever the name


def test_a_scheduled_ticket_may_be_claimed_by_hand_since_the_customer_may_ring_first() -> None:
    tomorrow = NOW + timedelta(days=1)
    scheduled = life.snooze(ticket(), agent="ben", until=tomorrow)
    assert not life.claimable(scheduled, NOW)
    assert life.claimable(scheduled, tomorrow)
    held = life.claim(scheduled, agent="ben", token="a", now=NOW, lease=LEASE)
    assert held.status is TicketStatus.CLAIMED


def test_a_call_without_answer_is_scheduled_again_and_after_the_last_attempt_written_to() -> None:
    retry = NOW + timedelta(hours=2)
    once = life.no_answer(claimed(), agent="ben", retry_at=retry, max_attempts=2)
    assert (once.status, once.next_attempt, once.attempts) == (TicketStatus.SCHEDULED, retry, 1)
    held = life.claim(once, agent="ben", token="b", now=retry, lease=LEASE)
    twice = life.no_answer(held, agent="ben", retry_at=retry, max_attempts=2)
    assert (twice.status, twice.contact, twice.attempts) == (TicketStatus.WAITING, "writing", 2)


@pytest.mark.parametrize("closed", [TicketStatus.RESOLVED, TicketStatus.CANCELLED])
def test_a_closed_ticket_is_neither_claimed_nor_closed_again(closed: TicketStatus) -> None:
    end = ticket(status=closed)
    with pytest.raises(StateError):
        life.claim(end, agent="ben", token="a", now=NOW, lease=LEASE)
    with pytest.raises(StateError):
        life.cancel(end, now=NOW)


def test_only_a_resolved_ticket_is_reopened() -> None:
    resolved = life.done(claimed(), agent="ben", outcome=life.Outcome.AGREED, now=NOW)
    assert life.reopen(resolved).status is TicketStatus.WAITING
    with pytest.raises(StateError):
        life.reopen(ticket())


def test_the_order_between_two_tickets_never_changes_by_the_clock_alone() -> None:
    old = life.rank_key(70, NOW - timedelta(days=2))
    new = life.rank_key(90, NOW)
    assert old > new, "a day of waiting weighs 12 points, so nothing starves"
    for later in (NOW, NOW + timedelta(days=400)):
        assert life.priority(old, later) > life.priority(new, later)


def test_vip_broken_promises_and_further_mails_weigh() -> None:
    plain = life.placed(ticket(), life.parts(score=70))
    assert plain.parts == (("score", 70),)
    for heavier in (
        life.parts(score=70, vip=True),
        life.parts(score=70, promises_broken=2),
        life.parts(score=70, deadline=True),
        life.parts(score=70, messages=3),
    ):
        assert life.placed(ticket(), heavier).priority > plain.priority


def test_a_promise_that_breaks_raises_its_case_once() -> None:
    plain = life.placed(ticket(), life.parts(score=70, messages=3))
    raised = life.promise_broken(plain)
    assert raised.priority == plain.priority + life.BROKEN_PROMISE_POINTS
    assert life.promise_broken(raised).priority == raised.priority


def test_what_they_write_ends_a_wait_but_not_what_was_agreed() -> None:
    late = NOW + timedelta(days=1)
    tried = life.no_answer(
        claimed(), agent="ben", retry_at=late, max_attempts=1, answer_by=NOW + timedelta(days=2)
    )
    assert (tried.contact, tried.pause, tried.attempts) == ("writing", Pause.ANSWER, 1)
    again = life.wrote_again(tried)
    assert (again.status, again.attempts, again.pause) == (TicketStatus.WAITING, 0, None)
    agreed = life.snooze(ticket(), agent="ben", until=late)
    assert life.wrote_again(agreed) == agreed


def test_whoever_was_asked_for_a_number_comes_back_without_an_answer_too() -> None:
    until = NOW + timedelta(days=1)
    asked = life.asked(ticket(contact="look_up"), until=until)
    assert (asked.status, asked.next_attempt) == (TicketStatus.SCHEDULED, until)
    assert not life.claimable(asked, NOW)
    assert life.claimable(asked, until)
    held = claimed()
    assert life.asked(held, until=until) == held, "somebody is at it"


class Histories(RuleBasedStateMachine):
    """Agents do whatever they like, in any order, with a fake clock."""

    def __init__(self) -> None:
        super().__init__()
        self.ticket = ticket()
        self.now = NOW
        self.tokens = 0
        self.attempts = 0

    agents = st.sampled_from(["ben", "cleo", "robot-7"])

    def attempt(self, change: Callable[[], Ticket]) -> bool:
        """A refused step changes nothing."""
        before = self.ticket
        try:
            self.ticket = change()
        except StateError:
            assert self.ticket is before
            return False
        return True

    @rule(hours=st.floats(min_value=0, max_value=30))
    def time_passes(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    @rule(agent=agents)
    def claim(self, agent: str) -> None:
        self.tokens += 1
        free = life.is_open(self.ticket) and (
            self.ticket.status is not TicketStatus.CLAIMED
            or life.lease_expired(self.ticket, self.now)
            or self.ticket.claimed_by == agent
        )
        assert free is self.attempt(
            lambda: life.claim(self.ticket, agent=agent, token=f"k{self.tokens}", now=self.now, lease=LEASE)
        )

    @rule(agent=agents)
    def release(self, agent: str) -> None:
        self.attempt(lambda: life.release(self.ticket, agent=agent))

    @rule(agent=agents)
    def no_answer(self, agent: str) -> None:
        retry = self.now + timedelta(hours=2)
        if self.attempt(lambda: life.no_answer(self.ticket, agent=agent, retry_at=retry, max_attempts=3)):
            self.attempts += 1

    @rule(agent=agents, hours=st.integers(min_value=1, max_value=100))
    def snooze(self, agent: str, hours: int) -> None:
        until = self.now + timedelta(hours=hours)
        self.attempt(lambda: life.snooze(self.ticket, agent=agent, until=until))

    @rule(agent=agents, outcome=st.sampled_from(life.Outcome))
    def done(self, agent: str, outcome: life.Outcome) -> None:
        holds = self.ticket.status is TicketStatus.CLAIMED and self.ticket.claimed_by == agent
        assert holds is self.attempt(
            lambda: life.done(self.ticket, agent=agent, outcome=outcome, now=self.now)
        )

    @rule()
    @precondition(lambda self: self.ticket.status is TicketStatus.RESOLVED)
    def reopen(self) -> None:
        assert self.attempt(lambda: life.reopen(self.ticket))
        self.attempts = 0

    @invariant()
    def the_fields_agree_with_the_state(self) -> None:
        t = self.ticket
        held = t.status is TicketStatus.CLAIMED
        assert held is bool(t.claimed_by) is bool(t.claim) is (t.lease_expires is not None)
        assert (t.closed is not None) is (t.status in life.CLOSED)
        assert (t.next_attempt is not None) <= (t.status is TicketStatus.SCHEDULED)
        assert t.attempts == self.attempts
        assert life.is_open(t) or not life.claimable(t, self.now)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
