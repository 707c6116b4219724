"""Holding replies on their way to the Drafts mailbox, so that none is lost and none is double.

pending ──► appending ──► stored ──► sent | answered | discarded
   │            └──► uncertain (may or may not be on the server: a person looks)
   └──► withdrawn | answered | failed
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.errors import NotFoundError
from triage.store.database import Database, Row
from triage.store.journal import Journal
from triage.store.values import instant, instant_or_none, marks, ms
from triage.types import Address, DraftMail, DraftStatus

UNSENT = (DraftStatus.PENDING, DraftStatus.APPENDING, DraftStatus.STORED, DraftStatus.UNCERTAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord:
    id: int
    account: str
    message: int | None  # whose fate it shares; None for a letter of the desk
    ticket: int | None  # of a letter
    conversation: int
    kind: str
    language: str
    status: DraftStatus
    requester: Address
    subject: str
    text: str
    content: bytes | None
    marker: str
    message_id: str
    in_reply_to: str
    created: datetime
    not_before: datetime
    mailbox: str
    uidvalidity: int | None
    uidnext: int | None
    appending: datetime | None
    uid: int | None
    stored: datetime | None
    missing: datetime | None
    stale: bool
    promise: str


def _draft(row: Row) -> DraftRecord:
    return DraftRecord(
        id=row["id"],
        account=row["account"],
        message=row["message"],
        ticket=row["ticket"],
        conversation=row["conversation"],
        kind=row["kind"],
        language=row["language"],
        status=DraftStatus(row["status"]),
        requester=Address(address=row["requester_address"], name=row["requester_name"]),
        subject=row["subject"],
        text=row["text"],
        content=row["content"],
        marker=row["marker"],
        message_id=row["message_id"],
        in_reply_to=row["in_reply_to"],
        created=instant(row["created"]),
        not_before=instant(row["not_before"]),
        mailbox=row["mailbox"],
        uidvalidity=row["uidvalidity"],
        uidnext=row["uidnext"],
        appending=instant_or_none(row["appending"]),
        uid=row["uid"],
        stored=instant_or_none(row["stored"]),
        missing=instant_or_none(row["missing"]),
        stale=bool(row["stale"]),
        promise=row["promise"],
    )


class Drafts:
    """The drafts' side of the store."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._db = database
        self._journal = journal

    # ------------------------------------------------------------------ planning

    def generation(self, conversation: int, fingerprint: str) -> int:
        """How many drafts this conversation, or another mail just like this one, has had.

        Part of the marker of the next draft, which thus differs from all of theirs.
        """
        return self._db.number(
            "SELECT (SELECT count(*) FROM draft WHERE conversation = ?)"
            " + (SELECT count(draft) FROM message WHERE fingerprint = ? AND fingerprint <> ''"
            " AND conversation <> ?)",
            (conversation, fingerprint, conversation),
        )

    def unsent(self, conversation: int) -> DraftRecord | None:
        row = self._db.one(
            f"SELECT * FROM draft WHERE conversation = ? AND status IN ({marks(len(UNSENT))})",
            (conversation, *UNSENT),
        )
        return _draft(row) if row else None

    def made_since(self, account: str, address: str, since: datetime) -> int:
        """Drafts made for a requester since an instant (the daily cap)."""
        return self._db.number(
            "SELECT count(*) FROM draft WHERE account = ? AND requester_address = ? AND created >= ?"
            " AND status NOT IN ('withdrawn', 'failed')",
            (account, address, ms(since)),
        )

    def plan(
        self,
        mail: DraftMail,
        *,
        account: str,
        message: int | None,
        ticket: int | None = None,
        conversation: int,
        generation: int,
        kind: str,
        language: str,
        requester: Address,
        in_reply_to: str,
        not_before: datetime,
        promise: str,
        now: datetime,
    ) -> int:
        """Commit the intent (inside the message's transaction)."""
        id = self._db.insert(
            "INSERT INTO draft (account, message, ticket, conversation, generation, kind, language, status,"
            " requester_name, requester_address, subject, text, content, marker, message_id, in_reply_to,"
            " created, not_before, promise) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " ?, ?)",
            (
                account,
                message,
                ticket,
                conversation,
                generation,
                kind,
                language,
                requester.name,
                requester.address,
                mail.subject,
                mail.text,
                mail.content,
                mail.marker,
                mail.message_id,
                in_reply_to,
                ms(now),
                ms(not_before),
                promise,
            ),
        )
        self._journal.note("draft", id, "planned", at=now, why=kind)
        return id

    def mark_stale(self, id: int, *, at: datetime, why: str) -> None:
        """Something happened while the draft lies unsent: the agent must look before sending it."""
        self._db.run("UPDATE draft SET stale = 1 WHERE id = ?", (id,))
        self._journal.note("draft", id, "stale", at=at, why=why)

    # ------------------------------------------------------------------ appending

    def due(self, account: str, now: datetime) -> list[DraftRecord]:
        """Pending drafts whose time to wait is over, oldest first."""
        return self._in(account, DraftStatus.PENDING, " AND not_before <= ?", (ms(now),))

    def begin(self, id: int, *, mailbox: str, uidvalidity: int, uidnext: int, at: datetime) -> None:
        """Commit what a later run needs to find this APPEND again, before it is sent."""
        with self._db.transaction():
            self._db.run(
                "UPDATE draft SET status = 'appending', mailbox = ?, uidvalidity = ?, uidnext = ?, appending = ?"
                " WHERE id = ? AND status = 'pending'",
                (mailbox, uidvalidity, uidnext, ms(at), id),
            )
            self._journal.note("draft", id, "appending", at=at, mailbox=mailbox, uidnext=uidnext)

    def stored(self, id: int, *, uid: int | None, at: datetime) -> None:
        """It is in Drafts: the bytes are not needed any more."""
        with self._db.transaction():
            self._db.run(
                "UPDATE draft SET status = 'stored', uid = ?, stored = ?, content = NULL, missing = NULL"
                " WHERE id = ?",
                (uid, ms(at), id),
            )
            self._journal.note("draft", id, "stored", at=at, uid=uid)

    def back_to_pending(self, id: int, *, at: datetime, why: str, who: str = "triage") -> None:
        with self._db.transaction():
            self._db.run("UPDATE draft SET status = 'pending' WHERE id = ?", (id,))
            self._journal.note("draft", id, "pending", at=at, why=why, who=who)

    def retry(self, draft: DraftRecord, *, who: str, at: datetime) -> None:
        """An agent has looked: an uncertain draft is not on the server, so it may be appended."""
        with self._db.transaction():
            self.back_to_pending(draft.id, at=at, who=who, why="an agent looked: it is not there")
            self._db.run(
                "UPDATE message SET disposition = 'drafted', ground = 'reply' WHERE id = ?"
                " AND disposition = 'uncertain'",
                (draft.message,),
            )

    def set_status(
        self, id: int, status: DraftStatus, *, at: datetime, why: str, who: str = "triage", **detail: object
    ) -> None:
        """End a draft's way (or make it uncertain); its bytes go unless they may be needed.

        What a draft promises that will never be sent is moot. `detail` goes into the event.
        """
        with self._db.transaction():
            keep = status is DraftStatus.UNCERTAIN
            self._db.run(
                "UPDATE draft SET status = ?" + ("" if keep else ", content = NULL") + " WHERE id = ?",
                (status, id),
            )
            self._journal.note("draft", id, status.value, at=at, why=why, who=who, **detail)
            promise = self._db.one("SELECT id FROM promise WHERE draft = ? AND status = 'unsent'", (id,))
            if promise and status not in (*UNSENT, DraftStatus.SENT):
                self._db.run(
                    "UPDATE promise SET status = 'moot', closed = ? WHERE id = ?", (ms(at), promise["id"])
                )
                self._journal.note("promise", promise["id"], "moot", at=at, why=why, who=who)

    def moved(self, id: int, uid: int, *, uidvalidity: int, at: datetime) -> None:
        """An agent edited it: the same draft lies at another uid now."""
        with self._db.transaction():
            self._db.run(
                "UPDATE draft SET uid = ?, uidvalidity = ?, missing = NULL WHERE id = ?",
                (uid, uidvalidity, id),
            )
            self._journal.note("draft", id, "edited", at=at, uid=uid)

    def missing(self, id: int, *, at: datetime | None) -> None:
        """Note since when a stored draft is no longer in Drafts (None: it is back)."""
        with self._db.transaction():
            self._db.run("UPDATE draft SET missing = ? WHERE id = ?", (ms(at) if at else None, id))

    # ------------------------------------------------------------------ reading

    def of_status(self, account: str, status: DraftStatus) -> list[DraftRecord]:
        return self._in(account, status)

    def _in(
        self, account: str, status: DraftStatus, more: str = "", parameters: tuple[int, ...] = ()
    ) -> list[DraftRecord]:
        rows = self._db.all(
            f"SELECT * FROM draft WHERE account = ? AND status = ?{more} ORDER BY id",
            (account, status, *parameters),
        )
        return [_draft(row) for row in rows]

    def count(self, account: str, status: DraftStatus) -> int:
        return self._db.number(
            "SELECT count(*) FROM draft WHERE account = ? AND status = ?", (account, status)
        )

    def lying(self, account: str) -> tuple[int, datetime | None]:
        """How many drafts lie in Drafts, and since when the oldest does."""
        row = self._db.one(
            "SELECT count(*) AS n, min(stored) AS at FROM draft WHERE account = ? AND status = ?",
            (account, DraftStatus.STORED),
        )
        return (row["n"], instant_or_none(row["at"])) if row else (0, None)

    def unsent_replies_to(self, account: str, targets: tuple[str, ...]) -> list[DraftRecord]:
        """Drafts on the server (or perhaps there) that reply to one of these mails."""
        if not targets:
            return []
        rows = self._db.all(
            "SELECT * FROM draft WHERE account = ? AND status IN ('appending', 'stored', 'uncertain')"
            f" AND in_reply_to IN ({marks(len(targets))})",
            (account, *targets),
        )
        return [_draft(row) for row in rows]

    def known(self, account: str, *, marker: str, message_id: str) -> DraftRecord | None:
        """Our draft with this marker or Message-ID."""
        row = self._db.one(
            "SELECT * FROM draft WHERE account = ? AND ((marker = ? AND ? <> '') OR (message_id = ? AND ? <> ''))",
            (account, marker, marker, message_id, message_id),
        )
        return _draft(row) if row else None

    def record(self, id: int) -> DraftRecord:
        """Raises NotFoundError."""
        row = self._db.one("SELECT * FROM draft WHERE id = ?", (id,))
        if row is None:
            raise NotFoundError(
                f"there is no draft d{id}", hint="`triage drafts list --all` shows every draft"
            )
        return _draft(row)

    def listing(self, *, everything: bool = False) -> list[DraftRecord]:
        where = "" if everything else f" WHERE status IN ({marks(len(UNSENT))})"
        rows = self._db.all(
            f"SELECT * FROM draft{where} ORDER BY id DESC",
            () if everything else UNSENT,
        )
        return [_draft(row) for row in rows]

    def pending_for(self, address: str) -> list[DraftRecord]:
        rows = self._db.all(
            "SELECT * FROM draft WHERE requester_address = ? AND status = 'pending' ORDER BY id", (address,)
        )
        return [_draft(row) for row in rows]

    def of_ticket(self, ticket: int) -> list[int]:
        """The ids of a ticket's letters."""
        return [row["id"] for row in self._db.all("SELECT id FROM draft WHERE ticket = ?", (ticket,))]

    def of_requester(self, account: str, address: str) -> list[DraftRecord]:
        rows = self._db.all(
            "SELECT * FROM draft WHERE account = ? AND requester_address = ? ORDER BY id", (account, address)
        )
        return [_draft(row) for row in rows]
