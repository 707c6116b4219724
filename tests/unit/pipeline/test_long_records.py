"""Years of records cost nobody anything: no statement of a pass or of the desk reads a whole table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from triage import desk
from triage.calls.ticket import Outcome
from triage.store.sqlite import SqliteDatabase
from unit.pipeline.office import Office, letter
from unit.pipeline.postbox import NOW
from unit.test_calling_hours_at_the_desk import SETTINGS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FURIOUS = (
    "This is the third time I write and nobody answers. I am furious. I want a manager to call me on"
    " +44 20 7946 0018 or I am leaving you for good."
)
GROWING = ("message", "ticket", "draft", "promise", "event", "letter", "sighting", "conversation")


def a_week(office: Office) -> None:
    """Mails, a call in vain, a call that ends well, drafts sent and unsent, an answer by hand."""
    store, boxes = office.store, office.postbox.boxes
    office.write("anna", FURIOUS)
    office.write("bo")
    office.run()
    taken = desk.take(store, lambda _: SETTINGS, agent="ada", now=NOW)
    assert taken is not None
    desk.shown(store, taken, SETTINGS, now=NOW)
    tell: dict[str, Any] = {"agent": "ada", "token": taken.claim, "note": "a note"}
    desk.missed(store, taken.id, SETTINGS, voicemail=True, now=NOW, **tell)
    _, lying = boxes["Drafts"].mails.popitem()
    boxes["Sent"].put(lying.content, at=NOW + HOUR)
    boxes["INBOX"].put(letter("again", FURIOUS, sender="anna@customer.example", answers="anna"))
    office.run(DAY)
    taken = desk.take(store, lambda _: SETTINGS, agent="ada", now=NOW + DAY)
    assert taken is not None
    tell["token"] = taken.claim
    due = NOW + 3 * DAY
    desk.finish(
        store, taken.id, SETTINGS, outcome=Outcome.AGREED, promise="£40", due=due, now=NOW + DAY, **tell
    )
    for later in (2, 5):
        office.run(later * DAY)
    desk.forecast(store, SETTINGS.calendar, now=NOW + DAY)
    desk.next_opening(store, lambda _: SETTINGS, now=NOW + DAY)
    store.desk.calls_made("support", NOW)
    store.promises.overdue(NOW)


def plans(office: Office, work: Callable[[Office], None]) -> list[str]:
    """How SQLite reads for each statement of `work`: each with its steps that read a whole table."""
    database = office.store.desk._db
    assert isinstance(database, SqliteDatabase)
    statements: dict[str, str] = {}

    def keep(sql: str) -> None:
        statements.setdefault(re.sub(r"\d+|'[^']*'", "?", sql), sql)

    database.trace(keep)
    work(office)
    database.trace(None)
    found = []
    for shape, sql in statements.items():
        if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)\b", sql):
            steps = [str(row["detail"]) for row in database.all(f"EXPLAIN QUERY PLAN {sql}")]
            whole = [step for step in steps if re.fullmatch(rf"SCAN ({'|'.join(GROWING)}|\w)", step)]
            found += [f"{step}: {shape}" for step in whole]
    assert len(statements) > 50
    return found


def test_no_statement_reads_a_whole_table(office: Office) -> None:
    office.settings = replace(office.settings, wait=timedelta())
    assert plans(office, a_week) == []
