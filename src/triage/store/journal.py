"""What happened: events of every change, passes over accounts, faults that last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.store.database import Database
from triage.store.values import dump, instant, load, ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: datetime
    subject: str
    subject_id: str
    who: str
    what: str
    why: str
    detail: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    account: str
    started: datetime
    seconds: float
    status: str
    error: str
    counts: dict[str, int]


class Journal:
    """The memory of the store: appended to, never changed."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def note(
        self,
        subject: str,
        subject_id: int | str,
        what: str,
        *,
        at: datetime,
        who: str = "triage",
        why: str = "",
        **detail: object,
    ) -> None:
        """Record an event; call it inside the transaction that makes the change."""
        self._db.run(
            "INSERT INTO event (at, subject, subject_id, who, what, why, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (ms(at), subject, str(subject_id), who, what, why, dump(detail)),
        )

    def of(self, subject: str, subject_id: int | str) -> list[Event]:
        return [
            Event(
                at=instant(row["at"]),
                subject=row["subject"],
                subject_id=row["subject_id"],
                who=row["who"],
                what=row["what"],
                why=row["why"],
                detail=load(row["detail"]),
            )
            for row in self._db.all(
                "SELECT * FROM event WHERE subject = ? AND subject_id = ? ORDER BY id",
                (subject, str(subject_id)),
            )
        ]

    def record_pass(self, done: Pass) -> None:
        with self._db.transaction():
            self._db.run(
                "INSERT INTO pass (account, started, seconds, status, error, counts) VALUES (?, ?, ?, ?, ?, ?)",
                (done.account, ms(done.started), done.seconds, done.status, done.error, dump(done.counts)),
            )
            # A pass every five minutes for years: keep the last thousand of each account.
            self._db.run(
                "DELETE FROM pass WHERE account = ? AND id <= (SELECT id FROM pass WHERE account = ?"
                " ORDER BY id DESC LIMIT 1 OFFSET 1000)",
                (done.account, done.account),
            )

    def last_good_pass(self, account: str | None = None) -> datetime | None:
        """When mail was last looked at without a fault (of any account, or of one)."""
        row = self._db.one(
            "SELECT max(started) AS at FROM pass WHERE status = 'ok'"
            + (" AND account = ?" if account else ""),
            (account,) if account else (),
        )
        return instant(row["at"]) if row and row["at"] is not None else None

    def last_pass(self, account: str) -> Pass | None:
        row = self._db.one("SELECT * FROM pass WHERE account = ? ORDER BY id DESC LIMIT 1", (account,))
        if row is None:
            return None
        return Pass(
            account=row["account"],
            started=instant(row["started"]),
            seconds=row["seconds"],
            status=row["status"],
            error=row["error"],
            counts=load(row["counts"]),
        )

    def fault(self, account: str, *, code: str, message: str, now: datetime) -> datetime:
        """Note a fault that may pass; returns since when it lasts."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO fault (account, code, message, since) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (account) DO UPDATE SET code = excluded.code, message = excluded.message",
                (account, code, message, ms(now)),
            )
            row = self._db.one("SELECT since FROM fault WHERE account = ?", (account,))
        return instant(row["since"]) if row else now

    def clear_fault(self, account: str) -> None:
        if self._db.number("SELECT count(*) FROM fault WHERE account = ?", (account,)):
            with self._db.transaction():
                self._db.run("DELETE FROM fault WHERE account = ?", (account,))
