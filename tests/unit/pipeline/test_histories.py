"""Agents and customers do whatever they like, in any order, with a fake clock: the records add up."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from triage import desk
from triage.bootstrap import passes
from triage.calls.ticket import Outcome
from triage.errors import InputError, LostLeaseError, StateError
from triage.promises import parse_duration
from triage.replies.compose import ReplySettings
from triage.store import Store
from triage.types import Identity, Ticket, TicketStatus
from unit.pipeline.office import OURS, Office
from unit.pipeline.postbox import NOW, Postbox
from unit.test_calling_hours_at_the_desk import SETTINGS

HISTORIES = 10_000 if os.environ.get("TRIAGE_SOAK") else 40
DESK = replace(SETTINGS, lease=timedelta(minutes=45))

MAILS = (
    "This is the third time I write and nobody answers. I am furious. I want a manager to call me"
    " or I am leaving you for good.",
    "This is the third time I write and nobody answers. I am furious. Call me on +44 20 7946 0018.",
    "My number is +44 20 7946 0018, after 4 pm.",
    "Which filter fits the model 300, please?",
    "Thank you, it is all solved now.",
    "Please do not call me any more. I am still furious, you have ruined my holiday.",
)

# What calls/ticket.py allows: state before, state after, and the events that may lead there.
WAITING, SCHEDULED, CLAIMED = TicketStatus.WAITING, TicketStatus.SCHEDULED, TicketStatus.CLAIMED
RESOLVED, CANCELLED = TicketStatus.RESOLVED, TicketStatus.CANCELLED
STEPS = {
    (WAITING, CLAIMED): {"claimed"},
    (SCHEDULED, CLAIMED): {"claimed"},
    (CLAIMED, WAITING): {"released", "no_answer", "voicemail", "wrong number", "declined"},
    (CLAIMED, SCHEDULED): {"no_answer", "voicemail", "snoozed"},
    (CLAIMED, RESOLVED): {"done"},
    (WAITING, SCHEDULED): {"snoozed", "asked"},
    (SCHEDULED, WAITING): {"mail joined"},
    (RESOLVED, WAITING): {"reopened"},
    (WAITING, CANCELLED): {"merged"},
    (SCHEDULED, CANCELLED): {"merged"},
    (CLAIMED, CANCELLED): {"merged"},
}
ATTEMPTS = {"no_answer", "voicemail", "wrong number", "declined"}
LAST = {"made": {"unsent", "open"}, "due": {"open"}, "due soon": {"open"}}


class Histories(RuleBasedStateMachine):
    """One account, its server and its store in memory."""

    agents = st.sampled_from(["ada", "robot-7"])
    picks = st.integers(min_value=0, max_value=5)

    def __init__(self) -> None:
        super().__init__()
        account = replace(
            passes.default_settings(),
            name="support",
            identity=Identity(addresses=frozenset({OURS})),
            replies=ReplySettings(from_address=OURS),
            wait=timedelta(),
        )
        self.office = Office(postbox=Postbox(), store=Store.dry(None), settings=account)
        self.store = self.office.store
        self.passed = timedelta()
        self.written = 0
        self.agreed = 0
        self.held: dict[str, tuple[int, str]] = {}  # what each agent last claimed

    @property
    def now(self) -> datetime:
        return NOW + self.passed

    def someone_is_at_work(self) -> bool:
        return bool(self.held)

    # ------------------------------------------------------------------ what happens

    @initialize(first=st.sampled_from(MAILS[:2]), second=st.sampled_from(MAILS))
    def a_day_begins(self, first: str, second: str) -> None:
        self.a_mail_comes("anna", first)
        self.a_mail_comes("bo", second)
        self.an_agent_takes_the_next("ada")

    @rule(who=st.sampled_from(["anna", "bo", "cy"]), text=st.sampled_from(MAILS))
    def a_mail_comes(self, who: str, text: str) -> None:
        self.written += 1
        lines = (
            f"From: {who}@customer.example",
            f"To: {OURS}",
            f"Subject: my order {self.written}",
            f"Message-ID: <m{self.written}@customer.example>",
            f"Date: {self.now:%a, %d %b %Y %H:%M:%S} +0000",
            "",
            text,
            "",
        )
        self.office.postbox.boxes["INBOX"].put("\r\n".join(lines).encode(), at=self.now)
        self.office.run(self.passed)

    @rule(hours=st.sampled_from([0.1, 0.8, 3, 20, 100]))
    def time_passes(self, hours: float) -> None:
        self.passed += timedelta(hours=hours)

    @rule()
    def cron_runs(self) -> None:
        self.office.run(self.passed)

    @rule()
    @precondition(lambda self: self.office.on_server)
    def the_team_sends_a_draft(self) -> None:
        boxes = self.office.postbox.boxes
        _, lying = boxes["Drafts"].mails.popitem()
        boxes["Sent"].put(lying.content, at=self.now)

    @rule(agent=agents)
    def an_agent_takes_the_next(self, agent: str) -> None:
        taken = desk.take(self.store, lambda _: DESK, agent=agent, now=self.now)
        if taken is not None:
            self.held[agent] = (taken.id, taken.claim)

    def attempt(self, agent: str, change: str, *arguments: object, **more: object) -> Ticket | None:
        """A step on what this agent last claimed: done, or refused without a trace in the ticket."""
        if agent not in self.held:
            return None
        id, token = self.held[agent]
        before = self.store.desk.ticket(id)
        try:
            changed: Ticket = getattr(desk, change)(
                self.store, id, *arguments, agent=agent, token=token, note="a note", now=self.now, **more
            )
        except (StateError, LostLeaseError, InputError):
            assert self.store.desk.ticket(id) == before
            return None
        return changed

    @precondition(someone_is_at_work)
    @rule(agent=agents, outcome=st.sampled_from(Outcome), promises=st.booleans())
    def a_call_ends(self, agent: str, outcome: Outcome, promises: bool) -> None:
        promise = {"promise": "a refund of £40", "due": self.now + timedelta(days=2)} if promises else {}
        follow_up = parse_duration("3 business days")
        if self.attempt(agent, "finish", DESK, outcome=outcome, follow_up=follow_up, **promise) and promises:
            self.agreed += 1

    @precondition(someone_is_at_work)
    @rule(agent=agents, voicemail=st.booleans())
    def a_call_reaches_nobody(self, agent: str, voicemail: bool) -> None:
        self.attempt(agent, "missed", DESK, voicemail=voicemail)

    @precondition(someone_is_at_work)
    @rule(agent=agents, hours=st.integers(min_value=-1, max_value=60))
    def they_name_a_time(self, agent: str, hours: int) -> None:
        self.attempt(agent, "put_off", until=self.now + timedelta(hours=hours))

    @precondition(someone_is_at_work)
    @rule(agent=agents)
    def an_agent_gives_it_back(self, agent: str) -> None:
        self.attempt(agent, "give_back")

    @rule(agent=agents, pick=picks)
    def an_agent_parts_a_case(self, agent: str, pick: int) -> None:
        cases = [t for t in self.store.desk.queue() if t.messages > 1]
        if cases:
            case = cases[pick % len(cases)]
            newest = self.store.mail.of_ticket(case.id)[-1]
            self.store.desk.split(case.id, [newest.id], who=agent, at=self.now)

    @rule(agent=agents, pick=picks)
    def an_agent_joins_two_cases(self, agent: str, pick: int) -> None:
        cases = sorted(self.store.desk.queue(), key=lambda t: t.id)
        if len(cases) > 1:
            one, other = cases[pick % len(cases)], cases[(pick + 1) % len(cases)]
            with suppress(StateError):
                self.store.desk.merge(one.id, other.id, who=agent, at=self.now)

    # ------------------------------------------------------------------ what always holds

    @invariant()
    def the_events_tell_the_state(self) -> None:
        assert self.store.desk.unexplained(since=NOW) == []

    @invariant()
    def no_step_is_taken_that_the_table_does_not_have(self) -> None:
        for ticket in self.store.desk.queue(everything=True):
            status, attempts = "", 0
            for event in self.store.journal.of("ticket", ticket.id):
                changes: Any = event.detail.get("changes") or {}
                after = changes.get("status", status)
                if status and after != status:
                    assert event.what in STEPS[TicketStatus(status), TicketStatus(after)]
                status = after
                if event.what in ATTEMPTS:
                    assert changes["attempts"] == attempts + 1
                elif "attempts" in changes and event.what != "opened":
                    assert changes["attempts"] == 0
                attempts = changes.get("attempts", attempts)
            assert (status, attempts) == (ticket.status, ticket.attempts)

    @invariant()
    def no_mail_and_no_ticket_is_lost(self) -> None:
        records = self.store.mail.records()
        assert len(records) == self.written
        assert all(r.disposition for r in records)
        in_cases = Counter(r.ticket for r in records if r.ticket)
        for ticket in self.store.desk.queue(everything=True):
            assert ticket.messages == in_cases.pop(ticket.id, 0)
        assert not in_cases

    @invariant()
    def one_person_is_called_by_one_agent(self) -> None:
        held: dict[str, set[str]] = {}
        for ticket in self.store.desk.queue():
            if ticket.status is CLAIMED and ticket.lease_expires and ticket.lease_expires > self.now:
                held.setdefault(ticket.requester.address, set()).add(ticket.claimed_by)
        assert all(len(agents) == 1 for agents in held.values())

    @invariant()
    def promises_are_as_their_events_tell(self) -> None:
        promises = self.store.promises.listing(everything=True)
        assert sum(p.text == "a refund of £40" for p in promises) == self.agreed
        for promise in promises:
            last = self.store.journal.of("promise", promise.id)[-1].what
            assert promise.status in LAST.get(last, {last})
            assert (promise.due is None) is (promise.status == "unsent") or promise.status in ("kept", "moot")

    def teardown(self) -> None:
        self.store.close()


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
