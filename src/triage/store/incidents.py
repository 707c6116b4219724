"""Mass incidents: proposed when a surge is noticed, opened and closed by the team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.errors import NotFoundError
from triage.incidents import belongs
from triage.store.database import Database, Row
from triage.store.journal import Journal
from triage.store.values import dump, instant, instant_or_none, load, marks, ms

REMEMBERED = timedelta(days=2)  # a surge like one that was closed or dismissed lately is not proposed anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`said` is what the team tells everybody, `last_words` that it is over."""

    id: int
    account: str
    name: str
    status: str  # proposed | open | closed | dismissed
    terms: Mapping[str, float]  # what later mails are compared with
    example: int | None  # its most typical mail
    since: datetime  # its first mail
    noticed: datetime
    opened: datetime | None
    closed: datetime | None
    said: str
    last_words: str


class Incidents:
    """The incidents' side of the store."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._db = database
        self._journal = journal

    # ------------------------------------------------------------------ reading

    def record(self, id: int) -> Incident:
        """Raises NotFoundError."""
        row = self._db.one("SELECT * FROM incident WHERE id = ?", (id,))
        if row is None:
            raise NotFoundError(
                f"there is no incident i{id}", hint="`triage incidents list --all` shows them"
            )
        return _incident(row)

    def listing(self, *, everything: bool = False) -> list[Incident]:
        """The proposed and open ones, newest first."""
        where = "" if everything else " WHERE status IN ('proposed', 'open')"
        return [_incident(row) for row in self._db.all(f"SELECT * FROM incident{where} ORDER BY id DESC")]

    def like(self, account: str, subject: str, text: str) -> int | None:
        """The open incident that a mail belongs to."""
        for row in self._db.all(
            "SELECT * FROM incident WHERE account = ? AND status = 'open' ORDER BY id", (account,)
        ):
            if belongs(load(row["terms"]), subject, text):
                return int(row["id"])
        return None

    def known(self, account: str, *, now: datetime) -> list[Incident]:
        """Those of an account that a new surge may be the same as."""
        rows = self._db.all(
            "SELECT * FROM incident WHERE account = ? AND (status IN ('proposed', 'open') OR closed >= ?)",
            (account, ms(now - REMEMBERED)),
        )
        return [_incident(row) for row in rows]

    def mails(self, id: int) -> list[int]:
        rows = self._db.all("SELECT id FROM message WHERE incident = ? ORDER BY received, id", (id,))
        return [row["id"] for row in rows]

    def tickets(self, id: int) -> list[int]:
        """Its open tickets, folded into one line of the queue."""
        rows = self._db.all(
            "SELECT id FROM ticket WHERE incident = ? AND status IN ('waiting', 'scheduled', 'claimed')"
            " ORDER BY id",
            (id,),
        )
        return [row["id"] for row in rows]

    def told(self, id: int) -> list[int]:
        """The mails whose requesters were told: the draft with the team's words was sent."""
        rows = self._db.all(
            "SELECT m.id FROM message m JOIN draft d ON d.id = m.draft WHERE m.incident = ?"
            " AND d.kind = 'incident' AND d.status = 'sent' ORDER BY m.id",
            (id,),
        )
        return [row["id"] for row in rows]

    # ------------------------------------------------------------------ their life

    def propose(
        self,
        *,
        account: str,
        name: str,
        terms: Mapping[str, float],
        mails: tuple[int, ...],
        example: int,
        since: datetime,
        at: datetime,
    ) -> int:
        id = self._db.insert(
            "INSERT INTO incident (account, name, status, terms, example, since, noticed)"
            " VALUES (?, ?, 'proposed', ?, ?, ?, ?)",
            (account, name[:200], dump(dict(terms)), example, ms(since), ms(at)),
        )
        self.add(id, mails)
        self._journal.note("incident", id, "proposed", at=at, why=name[:200], mails=len(mails))
        return id

    def add(self, id: int, mails: tuple[int, ...] | list[int]) -> None:
        if mails:
            self._db.run(
                f"UPDATE message SET incident = ? WHERE incident IS NULL AND id IN ({marks(len(mails))})",
                (id, *mails),
            )

    def remove(self, id: int, mails: tuple[int, ...] | list[int]) -> None:
        """Mails that are another matter after all."""
        if mails:
            self._db.run(
                f"UPDATE message SET incident = NULL WHERE incident = ? AND id IN ({marks(len(mails))})",
                (id, *mails),
            )

    def open(self, id: int, said: str, *, name: str = "", who: str, at: datetime) -> None:
        self._db.run(
            "UPDATE incident SET status = 'open', opened = ?, said = ?, name = CASE WHEN ? = '' THEN name"
            " ELSE ? END WHERE id = ?",
            (ms(at), said, name, name, id),
        )
        self._journal.note("incident", id, "opened", at=at, who=who, why=said)

    def close(self, id: int, last_words: str, *, status: str, who: str, at: datetime) -> None:
        self._db.run(
            "UPDATE incident SET status = ?, closed = ?, last_words = ? WHERE id = ?",
            (status, ms(at), last_words, id),
        )
        self._journal.note("incident", id, status, at=at, who=who, why=last_words)


def _incident(row: Row) -> Incident:
    return Incident(
        id=row["id"],
        account=row["account"],
        name=row["name"],
        status=row["status"],
        terms=load(row["terms"]),
        example=row["example"],
        since=instant(row["since"]),
        noticed=instant(row["noticed"]),
        opened=instant_or_none(row["opened"]),
        closed=instant_or_none(row["closed"]),
        said=row["said"],
        last_words=row["last_words"],
    )
