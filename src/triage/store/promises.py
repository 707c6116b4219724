"""What we owe by a time: what drafts promised, what was agreed on the phone, what the law asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.errors import NotFoundError, StateError
from triage.store.database import Database, Row
from triage.store.journal import Journal
from triage.store.values import instant, instant_or_none, ms, ms_or_none
from triage.types import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRecord:
    """`due` is None until the draft that makes the promise was sent.

    With a `desk` it is a clock set by law (P35): no answer stops it, only whoever keeps it.
    """

    id: int
    account: str
    requester: Address
    ticket: int | None
    draft: int | None
    conversation: int | None
    text: str
    made: datetime | None
    due: datetime | None
    status: str  # unsent | open | kept | broken | moot
    desk: str


class Promises:
    """The promises' side of the store. Every change is written together with its event."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._db = database
        self._journal = journal

    def make(
        self,
        *,
        account: str,
        requester: Address,
        text: str,
        status: str,
        draft: int | None = None,
        ticket: int | None = None,
        conversation: int | None = None,
        made: datetime | None = None,
        due: datetime | None = None,
        desk: str = "",
        at: datetime,
        who: str = "triage",
    ) -> int:
        id = self._db.insert(
            "INSERT INTO promise (account, requester_name, requester_address, conversation, ticket, draft, text,"
            " made, due, status, desk) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account,
                requester.name,
                requester.address,
                conversation,
                ticket,
                draft,
                text,
                ms_or_none(made),
                ms_or_none(due),
                status,
                desk,
            ),
        )
        self._journal.note("promise", id, "made", at=at, who=who, why=text)
        return id

    # ------------------------------------------------------------------ reading

    def listing(self, *, everything: bool = False) -> list[PromiseRecord]:
        """Those that are open or broken, the most pressing first; unsent ones last."""
        where = "" if everything else "WHERE status IN ('unsent', 'open', 'broken')"
        return [
            _promise(row)
            for row in self._db.all(f"SELECT * FROM promise {where} ORDER BY due IS NULL, due, id")
        ]

    def to(self, account: str, address: str) -> list[PromiseRecord]:
        """Every promise to one requester, oldest first."""
        rows = self._db.all(
            "SELECT * FROM promise WHERE account = ? AND requester_address = ? ORDER BY id",
            (account, address),
        )
        return [_promise(row) for row in rows]

    def record(self, id: int) -> PromiseRecord:
        """Raises NotFoundError."""
        row = self._db.one("SELECT * FROM promise WHERE id = ?", (id,))
        if row is None:
            raise NotFoundError(f"there is no promise p{id}", hint="`triage promises list --all` shows them")
        return _promise(row)

    def dues_of_drafts(self) -> dict[int, datetime]:
        """By when each sent draft's promise is due."""
        return {
            row["draft"]: instant(row["due"])
            for row in self._db.all(
                "SELECT draft, due FROM promise WHERE draft IS NOT NULL AND due IS NOT NULL"
            )
        }

    def broken(self, account: str, address: str) -> int:
        """How many promises to a requester were not kept by their time, and still are not."""
        return self._db.number(
            "SELECT count(*) FROM promise WHERE account = ? AND requester_address = ? AND status = 'broken'",
            (account, address),
        )

    def overdue(self, now: datetime) -> list[PromiseRecord]:
        """Those whose time is over, the oldest first."""
        rows = self._db.all(
            "SELECT * FROM promise WHERE status IN ('open', 'broken') AND due < ? ORDER BY due, id",
            (ms(now),),
        )
        return [_promise(row) for row in rows]

    # ------------------------------------------------------------------ their life

    def sent(self, draft: int, *, made: datetime, due: datetime, at: datetime) -> None:
        """The draft was sent: its promise runs from now on."""
        row = self._db.one("SELECT id FROM promise WHERE draft = ? AND status = 'unsent'", (draft,))
        if row:
            self._db.run(
                "UPDATE promise SET status = 'open', made = ?, due = ? WHERE id = ?",
                (ms(made), ms(due), row["id"]),
            )
            self._journal.note("promise", row["id"], "due", at=at, due=ms(due))

    def close(self, id: int, status: str, *, who: str, at: datetime, why: str = "") -> None:
        """kept or moot. Raises StateError for one that is closed already."""
        with self._db.transaction():
            record = self.record(id)
            if record.status in ("kept", "moot"):
                raise StateError(f"promise p{id} is {record.status} already")
            self._db.run("UPDATE promise SET status = ?, closed = ? WHERE id = ?", (status, ms(at), id))
            self._journal.note("promise", id, status, at=at, who=who, why=why)

    def keep_to(self, account: str, address: str, *, who: str, at: datetime, why: str) -> None:
        """A person spoke to the requester: that they hear from us is kept.

        What was agreed on the phone is kept by doing it, and a clock of the law by its desk.
        """
        if not address:
            return
        for row in self._db.all(
            "SELECT id FROM promise WHERE account = ? AND requester_address = ? AND desk = ''"
            " AND (ticket IS NULL OR draft IS NOT NULL) AND status IN ('unsent', 'open', 'broken')",
            (account, address),
        ):
            self.close(row["id"], "kept", who=who, at=at, why=why)

    def moot(self, conversation: int, *, at: datetime, why: str) -> None:
        """Its requester needs no answer any more."""
        for row in self._db.all(
            "SELECT id FROM promise WHERE conversation = ? AND desk = ''"
            " AND status IN ('unsent', 'open', 'broken')",
            (conversation,),
        ):
            self.close(row["id"], "moot", who="triage", at=at, why=why)

    def settle(self, *, now: datetime) -> list[PromiseRecord]:
        """Keep those whose requester was answered since; returns those that are broken from now on."""
        broken: list[PromiseRecord] = []
        with self._db.transaction():
            for row in self._db.all("SELECT * FROM promise WHERE status IN ('open', 'broken')"):
                answered = None if row["desk"] else self._answered_since(row)
                if answered is not None:
                    self.close(row["id"], "kept", who="triage", at=now, why="a person answered")
                elif row["status"] == "open" and row["due"] is not None and row["due"] < ms(now):
                    self._db.run("UPDATE promise SET status = 'broken' WHERE id = ?", (row["id"],))
                    self._journal.note("promise", row["id"], "broken", at=now)
                    broken.append(self.record(row["id"]))
        return broken

    def running_out(self, account: str, *, now: datetime) -> list[PromiseRecord]:
        """Clocks set by law of which a fifth is left or less; each is told once."""
        found = []
        with self._db.transaction():
            for row in self._db.all(
                "SELECT * FROM promise WHERE account = ? AND desk <> '' AND status = 'open'"
                " AND due - (due - made) / 5 <= ? AND NOT EXISTS (SELECT 1 FROM event WHERE"
                " subject = 'promise' AND subject_id = CAST(promise.id AS TEXT) AND what = 'due soon')",
                (account, ms(now)),
            ):
                self._journal.note("promise", row["id"], "due soon", at=now)
                found.append(_promise(row))
        return found

    def clock(self, account: str, address: str, desk: str) -> PromiseRecord | None:
        """The running clock of a desk for one requester."""
        row = self._db.one(
            "SELECT * FROM promise WHERE account = ? AND requester_address = ? AND desk = ?"
            " AND status IN ('open', 'broken') ORDER BY id LIMIT 1",
            (account, address, desk),
        )
        return _promise(row) if row else None

    def _answered_since(self, row: Row) -> int | None:
        answer = self._db.one(
            "SELECT min(answered) AS at FROM message WHERE conversation = ? AND requester_address = ?"
            " AND answered >= ?",
            (row["conversation"], row["requester_address"], row["made"] or 0),
        )
        return answer["at"] if answer else None


def _promise(row: Row) -> PromiseRecord:
    return PromiseRecord(
        id=row["id"],
        account=row["account"],
        requester=Address(address=row["requester_address"], name=row["requester_name"]),
        ticket=row["ticket"],
        draft=row["draft"],
        conversation=row["conversation"],
        text=row["text"],
        made=instant_or_none(row["made"]),
        due=instant_or_none(row["due"]),
        status=row["status"],
        desk=row["desk"],
    )
