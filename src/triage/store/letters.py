"""Letters: drafts that the desk asks for. A run words them when their time has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.store.database import Database, Row
from triage.store.journal import Journal
from triage.store.values import instant, instant_or_none, ms, ms_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`kind` is one of replies/letters.py. `said`: in the words of an agent or the team."""

    id: int
    account: str
    kind: str
    ticket: int | None
    message: int | None  # the mail that it answers; None: the newest of the ticket
    said: str
    due: datetime | None  # of what was said, if it promises something
    wanted: datetime
    not_before: datetime
    status: str  # wanted | drafted | dropped
    draft: int | None
    who: str


class Letters:
    """The letters' side of the store. Every change is an event of the letter's ticket or mail."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._db = database
        self._journal = journal

    def want(
        self,
        kind: str,
        *,
        account: str,
        ticket: int | None = None,
        message: int | None = None,
        said: str = "",
        due: datetime | None = None,
        not_before: datetime | None = None,
        who: str,
        at: datetime,
    ) -> int:
        """Ask for a letter (inside the transaction of what it is about)."""
        id = self._db.insert(
            "INSERT INTO letter (account, kind, ticket, message, said, due, wanted, not_before, status, who)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'wanted', ?)",
            (account, kind, ticket, message, said, ms_or_none(due), ms(at), ms(not_before or at), who),
        )
        self._note(self._letter(id), "letter wanted", at=at, who=who)
        return id

    def due(self, account: str, now: datetime) -> list[Letter]:
        """Those whose time has come, the oldest first."""
        rows = self._db.all(
            "SELECT * FROM letter WHERE account = ? AND status = 'wanted' AND not_before <= ?"
            " ORDER BY not_before, id",
            (account, ms(now)),
        )
        return [_letter(row) for row in rows]

    def wanted(self) -> list[Letter]:
        """Every letter that waits for its time, or for an older draft to go."""
        rows = self._db.all("SELECT * FROM letter WHERE status = 'wanted' ORDER BY not_before, id")
        return [_letter(row) for row in rows]

    def drafted(self, letter: Letter, draft: int, *, at: datetime) -> None:
        self._db.run("UPDATE letter SET status = 'drafted', draft = ? WHERE id = ?", (draft, letter.id))
        self._note(letter, "letter drafted", at=at, draft=f"d{draft}")

    def drop(self, letter: Letter, *, why: str, at: datetime, who: str = "triage") -> None:
        """It is not wanted any more, or cannot be written."""
        self._db.run("UPDATE letter SET status = 'dropped' WHERE id = ?", (letter.id,))
        self._note(letter, "letter dropped", at=at, who=who, why=why)

    def drop_of_ticket(self, ticket: int, *, why: str, at: datetime, who: str = "triage") -> None:
        """What a ticket's letters would say is overtaken."""
        rows = self._db.all("SELECT * FROM letter WHERE ticket = ? AND status = 'wanted'", (ticket,))
        for row in rows:
            self.drop(_letter(row), why=why, at=at, who=who)

    def drop_of_message(
        self, message: int, *, kind: str, why: str, at: datetime, who: str = "triage"
    ) -> None:
        """A letter of this kind to one mail is overtaken."""
        rows = self._db.all(
            "SELECT * FROM letter WHERE message = ? AND kind = ? AND status = 'wanted'", (message, kind)
        )
        for row in rows:
            self.drop(_letter(row), why=why, at=at, who=who)

    def _letter(self, id: int) -> Letter:
        row = self._db.one("SELECT * FROM letter WHERE id = ?", (id,))
        assert row is not None  # noqa: S101 - just written
        return _letter(row)

    def _note(
        self, letter: Letter, what: str, *, at: datetime, who: str = "triage", why: str = "", draft: str = ""
    ) -> None:
        subject, id = ("ticket", letter.ticket) if letter.ticket is not None else ("message", letter.message)
        kind = letter.kind.replace("_", " ")
        self._journal.note(subject, id or 0, what, at=at, who=who, why=why, kind=kind, draft=draft)


def _letter(row: Row) -> Letter:
    return Letter(
        id=row["id"],
        account=row["account"],
        kind=row["kind"],
        ticket=row["ticket"],
        message=row["message"],
        said=row["said"],
        due=instant_or_none(row["due"]),
        wanted=instant(row["wanted"]),
        not_before=instant(row["not_before"]),
        status=row["status"],
        draft=row["draft"],
        who=row["who"],
    )
