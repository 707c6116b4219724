"""What happened in a time, in figures: for the report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from triage.store.database import Database
from triage.store.values import instant_or_none, load, ms
from triage.types import DraftStatus

_OPEN = "status IN ('waiting', 'scheduled', 'claimed')"
_CALLS = ("done", "no_answer", "voicemail", "wrong number", "declined")
MAILS = 20_000  # whose signs are counted, the latest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What agents made of the drafts that they sent. Shares as in conversation.Compared."""

    sent: int = 0  # of which it is known
    as_they_were: int = 0
    kept: float | None = None  # mean share of sentences
    added: float | None = None  # mean of new words for each word of the draft


class Figures:
    """Counts since an instant."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def dispositions(self, since: datetime) -> dict[str, int]:
        return self._counts(
            "SELECT disposition, count(*) FROM message WHERE received >= ? AND disposition IS NOT NULL"
            " GROUP BY disposition",
            since,
        )

    def owed(self) -> tuple[int, datetime | None]:
        """How many mails wait for a person without a draft, and since when the oldest does."""
        return self._waiting(
            "SELECT count(*) AS n, min(received) AS at FROM message WHERE disposition = 'owed'"
        )

    def signs(self, since: datetime) -> Counter[str]:
        """How many mails show each cue of escalation."""
        found: Counter[str] = Counter()
        for row in self._db.all(
            "SELECT assessment FROM message WHERE received >= ? AND disposition IN"
            " ('ticketed', 'drafted', 'owed', 'uncertain') ORDER BY received DESC LIMIT ?",
            (ms(since), MAILS),
        ):
            found.update({hit["cue"] for hit in load(row["assessment"]).get("hits") or ()})
        return found

    def outcomes(self, since: datetime) -> dict[str, int]:
        """How the cases ended that were closed."""
        return self._counts(
            "SELECT CASE WHEN status = 'cancelled' THEN 'merged' ELSE outcome END, count(*)"
            " FROM ticket WHERE closed >= ? GROUP BY 1",
            since,
        )

    def opened(self, since: datetime) -> int:
        return self._db.number("SELECT count(*) FROM ticket WHERE opened >= ?", (ms(since),))

    def waiting(self) -> tuple[int, datetime | None]:
        """How many cases are open, and since when the oldest is."""
        return self._waiting(f"SELECT count(*) AS n, min(received) AS at FROM ticket WHERE {_OPEN}")

    def calls(self, since: datetime) -> dict[str, int]:
        """Calls by what became of each; "done" is one that reached them."""
        return self._counts(
            "SELECT what, count(*) FROM event WHERE subject = 'ticket' AND at >= ?"
            f" AND what IN ({', '.join(repr(call) for call in _CALLS)}) GROUP BY what",
            since,
        )

    def drafts(self, since: datetime) -> dict[str, int]:
        """Drafts that were made, by what became of each."""
        return self._counts("SELECT status, count(*) FROM draft WHERE created >= ? GROUP BY status", since)

    def unsent(self) -> tuple[int, datetime | None]:
        """How many drafts lie in Drafts, and since when the oldest does."""
        return self._waiting(
            f"SELECT count(*) AS n, min(stored) AS at FROM draft WHERE status = '{DraftStatus.STORED.value}'"
        )

    def edits(self, since: datetime) -> Edits:
        """How much agents changed in the drafts that they sent."""
        rows = self._db.all(
            "SELECT detail FROM event WHERE subject = 'draft' AND at >= ? AND what = 'sent'", (ms(since),)
        )
        known = [detail for row in rows if "kept" in (detail := load(row["detail"]))]
        if not known:
            return Edits()
        return Edits(
            sent=len(known),
            as_they_were=sum(detail["kept"] == 1 and detail["added"] == 0 for detail in known),
            kept=sum(detail["kept"] for detail in known) / len(known),
            added=sum(detail["added"] for detail in known) / len(known),
        )

    def promises(self, since: datetime) -> dict[str, int]:
        """Promises that ran or ended, by their state."""
        return self._counts(
            "SELECT status, count(*) FROM promise WHERE made >= ? OR closed >= ? GROUP BY status",
            since,
            since,
        )

    def feedback(self, since: datetime) -> dict[str, int]:
        """What agents and calls said of the ranking: "call → reply" is a call that was not needed."""
        rows = self._db.all(
            "SELECT m.verdict AS was, f.verdict AS said, count(*) AS n FROM feedback f"
            " JOIN message m ON m.id = f.message WHERE f.at >= ? GROUP BY 1, 2",
            (ms(since),),
        )
        return {f"{row['was']} → {row['said']}": row["n"] for row in rows}

    def _counts(self, sql: str, *since: datetime) -> dict[str, int]:
        return {str(row[0]): int(row[1]) for row in self._db.all(sql, [ms(at) for at in since])}

    def _waiting(self, sql: str) -> tuple[int, datetime | None]:
        row = self._db.one(sql)
        return (int(row["n"]), instant_or_none(row["at"])) if row else (0, None)
