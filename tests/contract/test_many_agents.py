"""Forty agents as forty processes take tickets from one store: each ticket once, none lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from servers.postgres import PostgresServer
from triage.calls import ticket as life
from triage.store import Store
from triage.types import Address, Ticket, TicketStatus

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LEASE = timedelta(hours=1)
AGENTS, TICKETS = (40, 2_000) if os.environ.get("TRIAGE_SOAK") else (8, 120)

# One agent: claims and closes until nothing is left; prints what it closed. With `dies`, it ends
# with a claim in its hands.
AGENT = """
import json, os, sys
from datetime import datetime, timedelta
from pathlib import Path
from triage.calls import ticket as life
from triage.errors import BusyError
from triage.store import Store

where, name, now, dies = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3]), sys.argv[4] == "dies"
closed = []
with Store.open(where if where.startswith("postgresql:") else Path(where)) as store:
    while True:
        try:
            ticket = store.desk.next(agent=name, now=now, lease=timedelta(hours=1))
            if ticket is None:
                break
            if dies and len(closed) == 2:
                os._exit(9)
            store.desk.step(
                ticket.id,
                lambda t: life.done(t, agent=name, outcome=life.Outcome.RESOLVED, now=now),
                "done",
                who=name,
                at=now,
            )
            closed.append(ticket.id)
            print(ticket.id, flush=True)
        except BusyError:
            continue
"""


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "triage.sqlite3")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_store()


def opened(where: str) -> Store:
    return Store.open(where if where.startswith("postgresql:") else Path(where))


def agents(where: str, names: dict[str, bool], now: datetime) -> list[int]:
    """Run agents side by side (name → does it die?); the ids of what they closed."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", AGENT, where, name, now.isoformat(), "dies" if dies else "lives"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name, dies in names.items()
    ]
    closed: list[int] = []
    for agent, dies in zip(running, names.values(), strict=True):
        out, err = agent.communicate(timeout=300)
        assert agent.returncode in ((0, 9) if dies else (0,)), err
        closed += map(int, out.split())
    return closed


def test_each_ticket_is_closed_once_and_those_of_dead_agents_come_back(where: str) -> None:
    with opened(where) as store, store.transaction():
        for n in range(TICKETS):
            store.desk.open(
                Ticket(
                    id=0,
                    account="support",
                    requester=Address(address=f"{n}@example.org"),
                    score=60 + n % 40,
                    priority=life.rank_key(60 + n % 40, NOW),
                    contact="look_up",
                    received=NOW,
                ),
                who="test",
                why="test",
                at=NOW,
                last_mail=NOW,
            )
    # A tenth of them dies with a ticket in its hands.
    closed = agents(where, {f"agent-{n}": n % 10 == 3 for n in range(AGENTS)}, NOW)
    assert len(closed) == len(set(closed)), "nobody was called twice"
    with opened(where) as store:
        left = store.desk.queue()
        assert {t.status for t in left} <= {TicketStatus.CLAIMED}
        assert len(closed) + len(left) == TICKETS
        assert store.desk.next(agent="new", now=NOW, lease=LEASE) is None, "their leases still run"
    after = agents(where, {"late-1": False, "late-2": False}, NOW + LEASE)
    assert sorted(closed + after) == list(range(1, TICKETS + 1)), json.dumps([len(closed), len(after)])
