"""kill -9 at any moment: after one more run nothing is missing and nothing is double."""

from __future__ import annotations

import os
import random
import time
from collections import Counter

import pytest

from e2e.mails import AUTOMATED, crowd
from e2e.team import Team

pytestmark = pytest.mark.dovecot

ROUNDS, CROWD = (20, 1000) if os.environ.get("TRIAGE_SOAK") else (4, 48)  # about 600 drafts


def test_after_kills_at_random_moments_one_more_run_has_everything_exactly_once(team: Team) -> None:
    team.configure("[limits]\ndrafts_per_run = 1000")
    chance = random.Random(os.environ.get("TRIAGE_SEED", "4"))
    mails = [*crowd(CROWD), *AUTOMATED.values()]
    total = len(mails)
    before = {}
    for round in range(ROUNDS):
        share = mails[round::ROUNDS]
        team.desk.deliver(*share)
        before = team.desk.snapshot()
        process = team.start("run", "--json")
        # Start-up takes some 0.5 s, a run of this size about as long.
        time.sleep(chance.uniform(0.3, 1.6))
        process.kill()
        process.communicate(timeout=30)

    run = team.run()

    assert team.desk.snapshot() == before
    assert (run["pending"], run["deferred"]) == (0, 0)
    messages = team.messages()
    assert len(messages) == total
    assert all(m["disposition"] for m in messages)
    assert "quarantined" not in {m["disposition"] for m in messages}
    answered = Counter(d["In-Reply-To"] for d in team.drafts_on_server())
    assert answered == Counter(m["message_id"] for m in messages if m["draft"])
    assert max(answered.values()) == 1
    assert {d["status"] for d in team.drafts()} == {"stored"}
    ticketed = Counter(m["requester"]["address"] for m in messages if m["ticket"])
    tickets = Counter(t["requester"]["address"] for t in team.tickets())
    assert tickets == Counter(ticketed.keys())
    assert {t["requester"]["address"]: t["messages"] for t in team.tickets()} == ticketed
    assert team.triage("verify", "--json").exit == 0
    assert team.run()["seen"] == 0
