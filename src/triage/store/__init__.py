"""triage's own records: one Store, in parts over one database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from triage.store.contacts import Contacts
from triage.store.conversations import Conversations
from triage.store.database import Database, copy_records
from triage.store.desk import Desk
from triage.store.drafts import DraftRecord, Drafts
from triage.store.feedback import Feedback
from triage.store.figures import Figures
from triage.store.incidents import Incidents
from triage.store.journal import Journal
from triage.store.letters import Letters
from triage.store.mail import Mail
from triage.store.promises import Promises
from triage.store.sqlite import SqliteDatabase
from triage.types import Disposition, DraftStatus

__all__ = ["Store"]


class Store:
    """One part for each noun: what came (`mail`), who writes with whom (`conversations`), who is to be
    called (`desk`), who they are (`contacts`), what we owe them (`promises`), what was drafted
    (`drafts`) and what is to be (`letters`), what many write about at once (`incidents`), what
    people said of the ranking (`feedback`), what happened (`journal`), and how much of it (`figures`).
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.journal = Journal(database)
        self.mail = Mail(database)
        self.conversations = Conversations(database)
        self.desk = Desk(database, self.journal)
        self.contacts = Contacts(database, self.journal)
        self.promises = Promises(database, self.journal)
        self.letters = Letters(database, self.journal)
        self.incidents = Incidents(database, self.journal)
        self.drafts = Drafts(database, self.journal)
        self.feedback = Feedback(database, self.journal)
        self.figures = Figures(database)

    @classmethod
    def open(cls, where: Path | str, *, group: str = "") -> Store:
        """The store in a SQLite file, or at a postgresql:// URL."""
        if isinstance(where, str):
            from triage.store.postgres import PostgresDatabase

            return cls(PostgresDatabase.open(where))
        return cls(SqliteDatabase.open(where, group=group))

    @classmethod
    def dry(cls, where: Path | str | None) -> Store:
        """A copy in memory of a store, for a dry run."""
        if isinstance(where, str):
            from triage.store.postgres import dry_copy

            return cls(dry_copy(where))
        return cls(SqliteDatabase.copy_in_memory(where))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.database.transaction():
            yield

    @property
    def key(self) -> bytes:
        """The secret of this store that makes markers and tombstones opaque to the outside."""
        row = self.database.one("SELECT value FROM meta WHERE key = 'store_key'")
        return bytes.fromhex(row["value"]) if row else b""

    def withdraw(
        self, draft: DraftRecord, *, ground: str, why: str, who: str = "triage", at: datetime
    ) -> None:
        """Take back a draft that is not on the server yet; its mail is owed to a person now."""
        with self.transaction():
            self.drafts.set_status(draft.id, DraftStatus.WITHDRAWN, at=at, who=who, why=why)
            record = self.mail.record(draft.message) if draft.message is not None else None
            if record and record.disposition == Disposition.DRAFTED:
                self.mail.change_disposition(record.id, Disposition.OWED, ground, why)
                self.journal.note("message", record.id, "owed", at=at, who=who, why=why)

    def copy_into(self, target: Store) -> dict[str, int]:
        """All records into an empty store; rows by table. Raises InputError if it is not empty.

        Nobody writes here meanwhile: the copy is of one moment.
        """
        with self.transaction():
            return copy_records(self.database, target.database)

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
