"""A desk with years of calls behind it: what the past costs whoever asks for the next call."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from servers import postgres
from triage import desk
from triage.bootstrap.passes import default_settings
from triage.calls.hours import CallingWindow
from triage.desk import DeskSettings
from triage.store import Store

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
OPEN, FEW, MANY = 10_000, 10_000, 1_000_000
CALLS = 200
HOUR_MS = 3_600_000
ZONES = ("GB Europe/London", "US America/New_York", "NP Asia/Katmandu", "AU Australia/Adelaide")


def next_calls() -> dict[str, float]:
    """Median time of `calls next`, and of its brief, with a million tickets on record, ten thousand of
    them open, against ten thousand on record, all of them open. Wall time, as a database does half of it.
    """
    ratios: dict[str, float] = {}
    for kind in ("sqlite", "postgresql"):
        if kind == "postgresql" and postgres.missing():
            continue
        took = {}
        for size in (FEW, MANY):
            with _store(kind) as store:
                _fill(store, size)
                took[size] = _next_calls(store)
        for name, seconds in took[MANY].items():
            ratios[f"{name}, {kind}, 1,000,000 / 10,000"] = seconds / took[FEW][name]
    return ratios


@contextmanager
def _store(kind: str) -> Iterator[Store]:
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder, "s.sqlite3")) as store:
            yield store
    else:
        with postgres.PostgresServer() as server, Store.open(server.new_store()) as store:
            yield store


def _fill(store: Store, size: int) -> None:
    """`size` tickets with three events each; the last `OPEN` of them are open, the others resolved."""
    now = round(NOW.timestamp() * 1000)
    closed = size - OPEN
    zones = " ".join(f"WHEN {n} THEN '{zone}'" for n, zone in enumerate(ZONES))
    numbers = (
        f"WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {size})"
    )
    database = store.desk._db
    with store.transaction():
        database.run(
            "INSERT INTO ticket (account, requester_name, requester_address, status, tier, rank_key, score,"
            " phone, contact, region, subject, opened, received, last_mail, messages, outcome, closed)"
            f" {numbers} SELECT 'support', '', 'c' || (i % 400000) || '@example.org',"
            f" CASE WHEN i <= {closed} THEN 'resolved' ELSE 'waiting' END, 1, 60 + i % 40 + i / 1000.0,"
            f" 60 + i % 40, '+442079460018', 'phone', CASE i % 4 {zones} END, 'my order', {now} - ({size} - i) * 60000,"
            f" {now} - ({size} - i) * 60000, {now} - ({size} - i) * 60000, 1,"
            f" CASE WHEN i <= {closed} THEN 'resolved' ELSE '' END,"
            f" CASE WHEN i <= {closed} THEN {now} - ({closed} - i) * 60000 - {HOUR_MS} END FROM n"
        )
        for number, what in enumerate(("opened", "claimed", "done")):
            database.run(
                f"INSERT INTO event (at, subject, subject_id, who, what) {numbers}"
                f" SELECT {now} - ({size} - i) * 60000 + {number}, 'ticket', CAST(i AS TEXT), 'ada', '{what}'"
                f" FROM n WHERE {number} = 0 OR i <= {closed}"
            )


def _next_calls(store: Store) -> dict[str, float]:
    settings = DeskSettings(window=CallingWindow.parse("09:00-20:00"), calendar=default_settings().calendar)
    taking, showing, counting = [], [], []
    for number in range(CALLS):
        began = time.perf_counter()
        ticket = desk.take(store, lambda _: settings, agent=f"agent {number}", now=NOW)
        took = time.perf_counter()
        assert ticket is not None
        desk.shown(store, ticket, settings, now=NOW)
        shown = time.perf_counter()
        store.desk.calls_made("support", NOW - timedelta(hours=9))
        taking.append(took - began)
        showing.append(shown - took)
        counting.append(time.perf_counter() - shown)
    return {
        "next": statistics.median(taking),
        "its brief": statistics.median(showing),
        "calls made today": statistics.median(counting),
    }
