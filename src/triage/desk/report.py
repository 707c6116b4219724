"""The report: what came, what was done about it, and what makes customers unhappy (P30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.store import Store
from triage.store.figures import Edits


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Counts since `since`; what is said to be `now` is the state of the moment."""

    since: datetime
    mails: Mapping[str, int]  # by disposition
    owed: int  # now
    oldest_owed: datetime | None
    cases: int  # opened
    waiting: int  # now
    oldest_waiting: datetime | None
    outcomes: Mapping[str, int]
    calls: Mapping[str, int]
    drafts: Mapping[str, int]  # by status
    unsent: int  # now
    oldest_unsent: datetime | None
    edits: Edits
    promises: Mapping[str, int]
    overdue: int  # now
    signs: Mapping[str, int]  # most frequent first
    feedback: Mapping[str, int]


def report(store: Store, *, since: datetime, now: datetime) -> Report:
    figures = store.figures
    owed, oldest_owed = figures.owed()
    waiting, oldest_waiting = figures.waiting()
    unsent, oldest_unsent = figures.unsent()
    return Report(
        since=since,
        mails=figures.dispositions(since),
        owed=owed,
        oldest_owed=oldest_owed,
        cases=figures.opened(since),
        waiting=waiting,
        oldest_waiting=oldest_waiting,
        outcomes=figures.outcomes(since),
        calls=figures.calls(since),
        drafts=figures.drafts(since),
        unsent=unsent,
        oldest_unsent=oldest_unsent,
        edits=figures.edits(since),
        promises=figures.promises(since),
        overdue=len(store.promises.overdue(now)),
        signs=dict(figures.signs(since).most_common()),
        feedback=figures.feedback(since),
    )
