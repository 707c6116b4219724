"""What came: mailboxes, and messages with their dispositions.

Discovery before work: a row per message is committed together with the cursor, and the
rows without a disposition are the work list. Nothing here is ever lost by a crash; the
worst is a repeated fetch.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from triage.store.database import Database, Row
from triage.store.values import dump, instant, instant_or_none, load, marks, ms, ms_or_none
from triage.types import (
    Address,
    Assessment,
    Decision,
    Disposition,
    Envelope,
    Message,
    MessageRef,
    Unreadable,
)

MAX_ATTEMPTS = 3
QUARANTINE_BYTES = 1_000_000
CONTACTS_WITHIN = timedelta(days=30)
HISTORY = 50  # how many mails of a requester a context or a brief looks back on


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxRecord:
    uidvalidity: int
    cursor: int
    start_line: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """A discovered message that has no disposition yet. `size` in octets."""

    id: int
    ref: MessageRef
    size: int
    attempts: int
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """A message as the records know it. `assessment` is the stored JSON object."""

    id: int
    ref: MessageRef
    message_id: str
    in_reply_to: tuple[str, ...]
    subject: str
    sender: Address | None
    requester: Address | None
    received: datetime | None
    new_text: str
    score: float | None
    verdict: str
    assessment: dict[str, Any]
    disposition: str | None
    ground: str
    why: str
    conversation: int | None
    ticket: int | None
    draft: int | None
    answered: datetime | None
    incident: int | None
    attempts: int
    fault: str
    size: int


def _record(row: Row) -> MessageRecord:
    def person(prefix: str) -> Address | None:
        address, name = row[f"{prefix}_address"], row[f"{prefix}_name"]
        return Address(address=address, name=name) if address or name else None

    return MessageRecord(
        id=row["id"],
        ref=MessageRef(
            account=row["account"], mailbox=row["mailbox"], uidvalidity=row["uidvalidity"], uid=row["uid"]
        ),
        message_id=row["message_id"],
        in_reply_to=tuple(load(row["in_reply_to"])),
        subject=row["subject"],
        sender=person("sender"),
        requester=person("requester"),
        received=instant_or_none(row["received"] if row["received"] is not None else row["internal_date"]),
        new_text=row["new_text"],
        score=row["score"],
        verdict=row["verdict"],
        assessment=load(row["assessment"]),
        disposition=row["disposition"],
        ground=row["ground"],
        why=row["why"],
        conversation=row["conversation"],
        ticket=row["ticket"],
        draft=row["draft"],
        answered=instant_or_none(row["answered"]),
        incident=row["incident"],
        attempts=row["attempts"],
        fault=row["fault"],
        size=row["size"],
    )


class Mail:
    """The message side of the store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # ------------------------------------------------------------------ discovery

    def mailbox(self, account: str, mailbox: str) -> MailboxRecord | None:
        row = self._db.one("SELECT * FROM mailbox WHERE account = ? AND mailbox = ?", (account, mailbox))
        if row is None:
            return None
        return MailboxRecord(
            uidvalidity=row["uidvalidity"], cursor=row["cursor"], start_line=instant(row["start_line"])
        )

    def set_mailbox(
        self, account: str, mailbox: str, *, uidvalidity: int, cursor: int, start_line: datetime
    ) -> None:
        self._db.run(
            "INSERT INTO mailbox (account, mailbox, uidvalidity, cursor, start_line) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (account, mailbox) DO UPDATE SET uidvalidity = excluded.uidvalidity,"
            " cursor = excluded.cursor, start_line = excluded.start_line",
            (account, mailbox, uidvalidity, cursor, ms(start_line)),
        )

    def discover(
        self,
        account: str,
        mailbox: str,
        *,
        uidvalidity: int,
        envelopes: Sequence[Envelope],
        start_line: datetime,
        now: datetime,
    ) -> int:
        """Commit rows for new messages and advance the cursor; returns how many were `old`.

        Mail that arrived before the start line gets its disposition at once.
        """
        old = 0
        with self._db.transaction():
            for envelope in envelopes:
                is_old = envelope.internal_date is not None and envelope.internal_date < start_line
                changed = self._db.run(
                    "INSERT INTO message (account, mailbox, uidvalidity, uid, size, internal_date, discovered,"
                    " disposition, ground, why, decided) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT (account, mailbox, uidvalidity, uid) DO NOTHING",
                    (
                        account,
                        mailbox,
                        uidvalidity,
                        envelope.uid,
                        envelope.size,
                        ms_or_none(envelope.internal_date),
                        ms(now),
                        Disposition.LEFT_ALONE if is_old else None,
                        "old" if is_old else "",
                        "it arrived before the start line" if is_old else "",
                        ms(now) if is_old else None,
                    ),
                )
                old += is_old and changed == 1
            if envelopes:
                self.set_mailbox(
                    account,
                    mailbox,
                    uidvalidity=uidvalidity,
                    cursor=max(e.uid for e in envelopes),
                    start_line=start_line,
                )
        return old

    def drop_open(self, account: str, mailbox: str, *, other_than: int) -> int:
        """Remove open and `old` rows of a past uidvalidity: those messages are discovered anew."""
        return self._remove(
            "account = ? AND mailbox = ? AND uidvalidity <> ? AND (disposition IS NULL OR ground = 'old')",
            (account, mailbox, other_than),
        )

    def _remove(self, which: str, parameters: tuple[str | int, ...]) -> int:
        """Delete rows that nothing depends on, with what quarantine kept of them before a retry."""
        self._db.run(
            f"DELETE FROM quarantine WHERE message IN (SELECT id FROM message WHERE {which})", parameters
        )
        return self._db.run(f"DELETE FROM message WHERE {which}", parameters)

    def open_rows(self, account: str, mailbox: str) -> list[OpenRow]:
        """The work list: the untried first, the most tried last."""
        return [
            OpenRow(
                id=row["id"],
                ref=MessageRef(
                    account=account, mailbox=mailbox, uidvalidity=row["uidvalidity"], uid=row["uid"]
                ),
                size=row["size"],
                attempts=row["attempts"],
                fault=row["fault"],
            )
            for row in self._db.all(
                "SELECT id, uidvalidity, uid, size, attempts, fault FROM message WHERE account = ?"
                " AND mailbox = ? AND disposition IS NULL ORDER BY attempts, uid",
                (account, mailbox),
            )
        ]

    def count_attempts(self, ids: Collection[int]) -> None:
        """Committed before the fetch, so that a mail that kills the program is counted too."""
        with self._db.transaction():
            self._db.run(
                f"UPDATE message SET attempts = attempts + 1 WHERE id IN ({marks(len(ids))})",
                tuple(ids),
            )

    def give_back_attempts(self, ids: Collection[int]) -> None:
        """The server was away: that is no fault of these messages."""
        with self._db.transaction():
            self._db.run(
                "UPDATE message SET attempts = attempts - 1 WHERE disposition IS NULL AND attempts > 0"
                f" AND id IN ({marks(len(ids))})",
                tuple(ids),
            )

    def note_fault(self, id: int, fault: str) -> None:
        self._db.run("UPDATE message SET fault = ? WHERE id = ?", (fault[:500], id))

    def reopen_old(self, account: str, mailbox: str, *, since: datetime) -> int:
        """Draw the start line earlier: `old` mail on this side of it is taken up after all."""
        return self._db.run(
            "UPDATE message SET disposition = NULL, ground = '', decided = NULL WHERE account = ? AND mailbox = ?"
            " AND disposition = 'left_alone' AND ground = 'old' AND internal_date >= ?",
            (account, mailbox, ms(since)),
        )

    def remove_vanished(self, id: int) -> None:
        """The message was deleted on the server before it was ever read."""
        self._remove("id = ? AND disposition IS NULL", (id,))

    def follow(self, known: int, row: OpenRow) -> None:
        """A known message lies at a new uid after a uidvalidity change: keep one record of it."""
        with self._db.transaction():
            self._remove("id = ? AND disposition IS NULL", (row.id,))
            self._db.run(
                "UPDATE message SET uidvalidity = ?, uid = ? WHERE id = ?",
                (row.ref.uidvalidity, row.ref.uid, known),
            )

    # ------------------------------------------------------------------ dispositions

    def moved_message(self, message: Message, *, told_apart: bool) -> MessageRecord | None:
        """The record of this very message from before its mailbox's uidvalidity changed.

        Mail that its content does not tell apart from another one (`told_apart` is False) must
        also have arrived at the same instant.
        """
        ref = message.ref
        row = self._db.one(
            "SELECT * FROM message WHERE fingerprint = ? AND fingerprint <> '' AND account = ? AND mailbox = ?"
            " AND uidvalidity <> ? AND disposition IS NOT NULL AND (? OR received = ?) ORDER BY id LIMIT 1",
            (
                message.fingerprint,
                ref.account,
                ref.mailbox,
                ref.uidvalidity,
                told_apart,
                ms(message.received),
            ),
        )
        return _record(row) if row else None

    def same_message(self, message: Message) -> MessageRecord | None:
        """An earlier record of this very message (moved, delivered twice, second account)."""
        if not message.fingerprint:
            return None
        row = self._db.one(
            "SELECT * FROM message WHERE fingerprint = ? AND fingerprint <> '' AND disposition IS NOT NULL"
            " AND NOT (account = ? AND mailbox = ? AND uidvalidity = ? AND uid = ?) ORDER BY id LIMIT 1",
            (
                message.fingerprint,
                message.ref.account,
                message.ref.mailbox,
                message.ref.uidvalidity,
                message.ref.uid,
            ),
        )
        return _record(row) if row else None

    def decide(
        self,
        id: int,
        message: Message,
        assessment: Assessment,
        decision: Decision,
        *,
        doubts: tuple[str, ...] = (),
        new_text: str,
        conversation: int | None,
        ticket: int | None,
        draft: int | None,
        answered: datetime | None,
        now: datetime,
    ) -> None:
        """Write a message's one disposition with everything that is kept of it."""
        sender, requester = message.sender, message.requester
        self._db.run(
            "UPDATE message SET decided = ?, disposition = ?, ground = ?, why = ?, message_id = ?,"
            " in_reply_to = ?, fingerprint = ?, received = ?, subject = ?, sender_name = ?,"
            " sender_address = ?, requester_name = ?, requester_address = ?, new_text = ?, score = ?,"
            " verdict = ?, assessment = ?, conversation = ?, ticket = ?, draft = ?, answered = ?, incident = ?,"
            " fault = ''"
            " WHERE id = ? AND disposition IS NULL",
            (
                ms(now),
                decision.disposition,
                decision.ground,
                decision.why,
                message.message_id,
                dump(list(message.in_reply_to)),
                message.fingerprint,
                ms(message.received),
                message.subject[:1000],
                sender.name if sender else "",
                sender.address if sender else "",
                requester.name if requester else "",
                requester.address if requester else "",
                new_text,
                assessment.score,
                assessment.verdict,
                dump(_assessment(assessment) | {"doubts": list(doubts)}),
                conversation,
                ticket,
                draft,
                ms_or_none(answered),
                decision.incident,
                id,
            ),
        )

    def quarantine(
        self, id: int, *, reason: str, content: bytes | None, received: datetime | None, now: datetime
    ) -> None:
        with self._db.transaction():
            self._db.run(
                "UPDATE message SET decided = ?, disposition = ?, ground = 'unreadable', why = ?,"
                " received = coalesce(?, internal_date) WHERE id = ?",
                (ms(now), Disposition.QUARANTINED, reason, ms_or_none(received), id),
            )
            self._db.run(
                "INSERT INTO quarantine (message, reason, content, at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (message) DO UPDATE SET reason = excluded.reason, at = excluded.at",
                (id, reason, content[:QUARANTINE_BYTES] if content is not None else None, ms(now)),
            )

    def quarantine_unreadable(self, id: int, unreadable: Unreadable, content: bytes, now: datetime) -> None:
        self.quarantine(id, reason=unreadable.reason, content=content, received=unreadable.received, now=now)

    def quarantined(self, *, everything: bool = False) -> list[tuple[MessageRecord, str, datetime]]:
        """What lies in quarantine (with `everything`, also what was retried since)."""
        rows = self._db.all(
            "SELECT m.*, q.reason, q.at FROM quarantine q JOIN message m ON m.id = q.message"
            + ("" if everything else " WHERE m.disposition = 'quarantined'")
            + " ORDER BY q.at DESC"
        )
        return [(_record(row), row["reason"], instant(row["at"])) for row in rows]

    def quarantined_content(self, id: int) -> bytes | None:
        row = self._db.one("SELECT content FROM quarantine WHERE message = ?", (id,))
        return row["content"] if row else None

    def retry_quarantined(self, id: int) -> bool:
        """Open its row again: the next run fetches it anew."""
        return (
            self._db.run(
                "UPDATE message SET disposition = NULL, decided = NULL, attempts = 0, ground = '', why = ''"
                " WHERE id = ? AND disposition = 'quarantined'",
                (id,),
            )
            == 1
        )

    def change_disposition(self, id: int, disposition: Disposition, ground: str, why: str) -> None:
        self._db.run(
            "UPDATE message SET disposition = ?, ground = ?, why = ? WHERE id = ?",
            (disposition, ground, why, id),
        )

    def expire(self, *, before: datetime) -> int:
        """Forget the words of messages decided before an instant; returns how many.

        What stays is what counting and recognising need: where it lay, its disposition, its
        Message-ID and fingerprint. Cases that are still open keep theirs.
        """
        rows = self._db.all(
            "SELECT id FROM message WHERE new_text <> '' AND decided < ? AND disposition <> 'owed'"
            " AND NOT EXISTS (SELECT 1 FROM ticket WHERE ticket.id = message.ticket"
            " AND ticket.status IN ('waiting', 'scheduled', 'claimed'))",
            (ms(before),),
        )
        ids = [row["id"] for row in rows]
        with self._db.transaction():
            for id in ids:
                self._db.run(
                    "UPDATE message SET new_text = '', subject = '', sender_name = '', requester_name = '',"
                    " assessment = '{}' WHERE id = ?",
                    (id,),
                )
                self._db.run(
                    "UPDATE draft SET text = '', subject = '' WHERE message = ? OR ticket ="
                    " (SELECT ticket FROM message WHERE id = ?)",
                    (id, id),
                )
                self._db.run("UPDATE quarantine SET content = NULL WHERE message = ?", (id,))
        return len(ids)

    # ------------------------------------------------------------------ reading

    def answered_meanwhile(self, account: str) -> list[MessageRecord]:
        """Messages that wait for a person or have a draft, though a person has answered them."""
        rows = self._db.all(
            "SELECT * FROM message WHERE account = ? AND answered IS NOT NULL"
            " AND disposition IN ('drafted', 'owed', 'uncertain') ORDER BY id",
            (account,),
        )
        return [_record(row) for row in rows]

    def record(self, id: int) -> MessageRecord | None:
        row = self._db.one("SELECT * FROM message WHERE id = ?", (id,))
        return _record(row) if row else None

    def records(
        self, *, owed: bool = False, since: datetime | None = None, limit: int | None = 200
    ) -> list[MessageRecord]:
        """Newest first; `owed`: only those who still wait for a person, oldest first."""
        where, parameters = ["1 = 1"], []
        if owed:
            where.append("disposition = 'owed'")
        if since is not None:
            where.append("coalesce(received, internal_date) >= ?")
            parameters.append(ms(since))
        order = "ASC" if owed else "DESC"
        sql = (
            f"SELECT * FROM message WHERE {' AND '.join(where)}"
            f" ORDER BY coalesce(received, internal_date) {order}, id {order}"
        )
        if limit is not None:
            sql += " LIMIT ?"
            parameters.append(limit)
        return [_record(row) for row in self._db.all(sql, parameters)]

    def of_requester(self, account: str, address: str, *, limit: int = HISTORY) -> list[MessageRecord]:
        """The latest mails of one requester, oldest first."""
        rows = self._db.all(
            "SELECT * FROM message WHERE account = ? AND requester_address = ? AND disposition IS NOT NULL"
            " ORDER BY received DESC, id DESC LIMIT ?",
            (account, address, limit),
        )
        return [_record(row) for row in reversed(rows)]

    def from_people(
        self, account: str, *, since: datetime | None = None, before: datetime, limit: int = 5000
    ) -> list[MessageRecord]:
        """The latest mails that people wrote and that are on record with their words, oldest first."""
        rows = self._db.all(
            "SELECT * FROM message WHERE account = ? AND received >= ? AND received < ? AND new_text <> ''"
            " AND (disposition IN ('ticketed', 'drafted', 'owed', 'uncertain') OR ground IN ('covered', 'answered'))"
            " ORDER BY received DESC, id DESC LIMIT ?",
            (account, ms(since) if since else 0, ms(before) + 1, limit),
        )
        return [_record(row) for row in reversed(rows)]

    def writers(self, account: str, *, since: datetime, before: datetime) -> int:
        """How many people wrote between two instants."""
        return self._db.number(
            "SELECT count(DISTINCT requester_address) FROM message WHERE received >= ? AND received < ?"
            " AND account = ? AND (disposition IN ('ticketed', 'drafted', 'owed', 'uncertain')"
            " OR ground IN ('covered', 'answered', 'solved'))",
            (ms(since), ms(before), account),
        )

    def first(self, account: str) -> datetime | None:
        """When the first mail on record came."""
        row = self._db.one(
            "SELECT received FROM message WHERE account = ? AND received IS NOT NULL ORDER BY received LIMIT 1",
            (account,),
        )
        return instant(row["received"]) if row else None

    def waiting_of(self, account: str, address: str, *, since: datetime) -> list[MessageRecord]:
        """A requester's mails that no person has answered and no ticket holds, oldest first."""
        if not address:
            return []
        rows = self._db.all(
            "SELECT * FROM message WHERE account = ? AND requester_address = ? AND received >= ?"
            " AND (disposition IN ('drafted', 'owed', 'uncertain') OR ground = 'covered')"
            " AND answered IS NULL AND ticket IS NULL ORDER BY received, id",
            (account, address, ms(since)),
        )
        return [_record(row) for row in rows]

    def of_ticket(self, ticket: int) -> list[MessageRecord]:
        rows = self._db.all("SELECT * FROM message WHERE ticket = ? ORDER BY received, id", (ticket,))
        return [_record(row) for row in rows]

    def assign_ticket(self, ids: Collection[int], ticket: int | None) -> None:
        self._db.run(
            f"UPDATE message SET ticket = ? WHERE id IN ({marks(len(ids))})",
            (ticket, *ids),
        )

    def assign_draft(self, id: int, draft: int) -> None:
        self._db.run("UPDATE message SET draft = ? WHERE id = ?", (draft, id))

    def dispositions(self, account: str, mailbox: str, uidvalidity: int) -> dict[int, str | None]:
        """The disposition of each recorded uid of a mailbox; None for an open row."""
        return {
            row["uid"]: row["disposition"]
            for row in self._db.all(
                "SELECT uid, disposition FROM message WHERE account = ? AND mailbox = ? AND uidvalidity = ?",
                (account, mailbox, uidvalidity),
            )
        }

    def grounds(self, account: str) -> dict[str, int]:
        """How many messages each ground left alone or kept owed."""
        return {
            row["ground"]: row["n"]
            for row in self._db.all(
                "SELECT ground, count(*) AS n FROM message WHERE account = ? AND disposition IS NOT NULL"
                " AND ground <> 'old' GROUP BY ground",
                (account,),
            )
        }


def _assessment(assessment: Assessment) -> dict[str, object]:
    return {
        "base": assessment.base,
        "reasons": [{"cue": r.cue, "evidence": r.evidence, "points": r.points} for r in assessment.reasons],
        "sentiment": assessment.sentiment.mean,
        "emotion": assessment.emotion.value,
        "language": assessment.language,
        "phone": assessment.phone,
        "phone_from": assessment.phone_from,
        "flags": sorted(f.value for f in assessment.flags),
        "key_sentence": assessment.key_sentence,
        "automated": assessment.automated.ground if assessment.automated else None,
        "floor": assessment.floor,
        "solved": assessment.solved,
        "unjudged": assessment.unjudged,
        "hits": [{"cue": h.cue, "evidence": h.evidence} for h in assessment.hits],
    }
