"""What people said of the ranking: one verdict a message, that teaches and that measures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.store.database import Database, Row
from triage.store.journal import Journal
from triage.store.values import instant, instant_or_none, load, ms
from triage.types import Address, Verdict

_SAID = (
    "SELECT f.verdict AS said, f.who, f.at, f.source, f.note, m.* FROM feedback f"
    " JOIN message m ON m.id = f.message"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The verdict that counts for a message, and the message as it was ranked.

    `text` is the stored newly written text; `assessment` the stored JSON object. Both are
    empty, and `score` may be all that is left, once the words have expired.
    """

    message: int
    said: Verdict
    who: str
    at: datetime
    source: str  # agent: said outright | outcome: how a call ended
    note: str
    account: str
    received: datetime | None
    sender: Address | None
    subject: str
    text: str
    score: float
    verdict: Verdict
    assessment: dict[str, Any]


class Feedback:
    """Appended to, never changed. What an agent said outright counts before what the end of a
    call implies; among equals the latest counts."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._db = database
        self._journal = journal

    def record(
        self,
        messages: Collection[int],
        said: Verdict,
        *,
        who: str,
        at: datetime,
        source: str = "agent",
        note: str = "",
    ) -> None:
        """Keep a verdict on messages, each with an event."""
        with self._db.transaction():
            for id in messages:
                self._db.insert(
                    "INSERT INTO feedback (message, verdict, who, at, source, note) VALUES (?, ?, ?, ?, ?, ?)",
                    (id, said, who, ms(at), source, note),
                )
                self._journal.note(
                    "message", id, "feedback", at=at, who=who, why=note, verdict=said.value, source=source
                )

    def of(self, message: int) -> Said | None:
        """What counts for a message; None if nobody has said anything."""
        row = self._db.one(
            f"{_SAID} WHERE f.message = ? ORDER BY f.source = 'agent' DESC, f.id DESC LIMIT 1", (message,)
        )
        return _said(row) if row else None

    def all(self, account: str = "") -> list[Said]:
        """What counts for each message that has feedback and was ranked, oldest mail first."""
        rows = self._db.all(
            f"{_SAID} WHERE f.id = (SELECT g.id FROM feedback g WHERE g.message = f.message"
            " ORDER BY g.source = 'agent' DESC, g.id DESC LIMIT 1) AND m.score IS NOT NULL"
            " AND (m.account = ? OR ? = '') ORDER BY m.received, m.id",
            (account, account),
        )
        return [_said(row) for row in rows]


def _said(row: Row) -> Said:
    sender = row["sender_address"] or row["sender_name"]
    return Said(
        message=row["id"],
        said=Verdict(row["said"]),
        who=row["who"],
        at=instant(row["at"]),
        source=row["source"],
        note=row["note"],
        account=row["account"],
        received=instant_or_none(row["received"]),
        sender=Address(address=row["sender_address"], name=row["sender_name"]) if sender else None,
        subject=row["subject"],
        text=row["new_text"],
        score=row["score"] or 0.0,
        verdict=Verdict(row["verdict"] or Verdict.NONE),
        assessment=load(row["assessment"]),
    )
