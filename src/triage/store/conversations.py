"""Who writes with whom: conversations, and our own mail as it was seen in them.

A mail joins a conversation only by its references and its sender together. Our own mail is
known by headers alone; from it follows what a person has answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from triage.store.database import Database
from triage.store.values import dump, instant, load, marks, ms
from triage.types import Message, MessageRef, Sighting


class Conversations:
    """The conversation side of the store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def find(self, account: str, requester: str, targets: Sequence[str]) -> int | None:
        """The conversation that a mail belongs to, if there is one.

        One of its references must name a mail of the conversation AND its sender must take part
        in it: a forged References neither leaks nor silences another customer.
        """
        for target in targets:
            row = self._db.one(
                "SELECT k.conversation FROM conversation_key k JOIN participant p"
                " ON p.conversation = k.conversation AND p.address = ?"
                " WHERE k.account = ? AND k.message_id = ? LIMIT 1",
                (requester, account, target),
            )
            if row:
                return int(row["conversation"])
        return None

    def join(self, account: str, message: Message, targets: Sequence[str]) -> int:
        """The conversation of a mail: the one that it joins, else a new one."""
        requester = message.requester.address if message.requester else ""
        joined = self.find(account, requester, targets)
        if joined is None:
            joined = self._db.insert(
                "INSERT INTO conversation (account, created) VALUES (?, ?)", (account, ms(message.received))
            )
            # The mails of ours that it answers, so that a second answer to them joins too.
            for target in targets[:5]:
                self._key(account, target, joined)
        if message.message_id:
            self._key(account, message.message_id, joined)
        people = {requester} | ({message.sender.address} if message.sender else set())
        for address in people - {""}:
            self._db.run(
                "INSERT INTO participant (conversation, address) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (joined, address),
            )
        return joined

    def add_key(self, account: str, message_id: str, conversation: int) -> None:
        """A mail of ours (a draft's Message-ID) that the requester may answer to."""
        self._key(account, message_id, conversation)

    def _key(self, account: str, message_id: str, conversation: int) -> None:
        self._db.run(
            "INSERT INTO conversation_key (account, message_id, conversation) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (account, message_id, conversation),
        )

    # ------------------------------------------------------------------ our own mail

    def sight(self, sightings: Iterable[tuple[Sighting, str]], now: datetime) -> list[int]:
        """Record mails of our own, each with its role; marks what a person has answered.

        Returns the ids of the messages that were found answered now.
        """
        answered: list[int] = []
        with self._db.transaction():
            for sighting, role in sightings:
                at = sighting.date or now
                known = self._db.one(
                    "SELECT id FROM sighting WHERE account = ? AND mailbox = ? AND uidvalidity = ? AND uid = ?",
                    (
                        sighting.ref.account,
                        sighting.ref.mailbox,
                        sighting.ref.uidvalidity,
                        sighting.ref.uid,
                    ),
                )
                if known:
                    continue
                id = self._db.insert(
                    "INSERT INTO sighting (account, mailbox, uidvalidity, uid, message_id, sender, recipients,"
                    " at, marker, role) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        sighting.ref.account,
                        sighting.ref.mailbox,
                        sighting.ref.uidvalidity,
                        sighting.ref.uid,
                        sighting.message_id,
                        sighting.sender,
                        dump(list(sighting.recipients)),
                        ms(at),
                        sighting.marker,
                        role,
                    ),
                )
                for target in dict.fromkeys((*sighting.in_reply_to, *sighting.references)):
                    self._db.run(
                        "INSERT INTO sighting_reference (account, message_id, sighting) VALUES (?, ?, ?)"
                        " ON CONFLICT DO NOTHING",
                        (sighting.ref.account, target, id),
                    )
                if sighting.message_id:
                    self._join_sighting(sighting)
                if role == "answer":
                    answered += self._mark_answered(sighting, at)
        return answered

    def is_sighted(self, ref: MessageRef) -> bool:
        """True if the message at this place is one of our own that was taken note of."""
        return (
            self._db.one(
                "SELECT 1 FROM sighting WHERE account = ? AND mailbox = ? AND uidvalidity = ? AND uid = ?",
                (ref.account, ref.mailbox, ref.uidvalidity, ref.uid),
            )
            is not None
        )

    def is_holding_reply(self, account: str, message_id: str) -> bool:
        """True if a mail of ours with this Message-ID was taken for a holding reply before."""
        return (
            bool(message_id)
            and self._db.one(
                "SELECT 1 FROM sighting WHERE account = ? AND message_id = ? AND role = 'holding_reply'",
                (account, message_id),
            )
            is not None
        )

    def _join_sighting(self, sighting: Sighting) -> None:
        """Our answer belongs to the conversation of the one it went to."""
        for target in (*sighting.in_reply_to, *sighting.references[::-1]):
            for row in self._db.all(
                "SELECT k.conversation, p.address FROM conversation_key k JOIN participant p"
                " ON p.conversation = k.conversation WHERE k.account = ? AND k.message_id = ?",
                (sighting.ref.account, target),
            ):
                if row["address"] in sighting.recipients:
                    self._key(sighting.ref.account, sighting.message_id, row["conversation"])
                    return

    def _mark_answered(self, sighting: Sighting, at: datetime) -> list[int]:
        targets = tuple(dict.fromkeys((*sighting.in_reply_to, *sighting.references)))[:100]
        if not targets or not sighting.recipients:
            return []
        account = sighting.ref.account
        rows = self._db.all(
            "SELECT id, requester_address, message_id, received FROM message WHERE account = ?"
            f" AND answered IS NULL AND disposition IS NOT NULL AND (message_id IN ({marks(len(targets))})"
            " OR conversation IN (SELECT conversation FROM conversation_key WHERE account = ?"
            f" AND message_id IN ({marks(len(targets))})))",
            (account, *targets, account, *targets),
        )
        found = []
        for row in rows:
            direct = row["message_id"] in targets
            if row["requester_address"] in sighting.recipients and (direct or row["received"] <= ms(at)):
                self._db.run("UPDATE message SET answered = ? WHERE id = ?", (ms(at), row["id"]))
                found.append(row["id"])
        return found

    def answered(
        self, account: str, *, message_id: str, conversation: int | None, requester: str, received: datetime
    ) -> datetime | None:
        """When a person of ours answered this mail, or wrote in its conversation after it."""
        if not requester:
            return None
        rows = self._db.all(
            "SELECT s.recipients, s.at, r.message_id = ? AS direct FROM sighting_reference r"
            " JOIN sighting s ON s.id = r.sighting WHERE r.account = ? AND s.role = 'answer'"
            " AND (r.message_id = ? OR (s.at >= ? AND r.message_id IN"
            " (SELECT message_id FROM conversation_key WHERE account = ? AND conversation = ?)))",
            (message_id, account, message_id, ms(received), account, conversation or 0),
        )
        times = [
            row["at"]
            for row in rows
            if requester in load(row["recipients"]) and (message_id or not row["direct"])
        ]
        return instant(min(times)) if times else None

    def draft_with_marker(self, account: str, mailbox: str, marker: str, uidvalidity: int) -> int | None:
        """The uid at which a draft with this marker was seen in Drafts."""
        row = self._db.one(
            "SELECT uid FROM sighting WHERE account = ? AND mailbox = ? AND marker = ? AND uidvalidity = ?"
            " AND role = 'draft' ORDER BY uid DESC LIMIT 1",
            (account, mailbox, marker, uidvalidity),
        )
        return int(row["uid"]) if row else None

    def sent_with_marker(self, account: str, marker: str) -> datetime | None:
        row = self._db.one(
            "SELECT at FROM sighting WHERE account = ? AND marker = ? AND role <> 'draft' LIMIT 1",
            (account, marker),
        )
        return instant(row["at"]) if row else None

    def answers_in(self, account: str, conversation: int) -> list[tuple[datetime, bool]]:
        """When we wrote in a conversation, and whether it was only our holding reply."""
        rows = self._db.all(
            "SELECT DISTINCT s.at, s.role FROM sighting s JOIN sighting_reference r ON r.sighting = s.id"
            " JOIN conversation_key k ON k.account = r.account AND k.message_id = r.message_id"
            " WHERE k.account = ? AND k.conversation = ? AND s.role IN ('answer', 'holding_reply') ORDER BY s.at",
            (account, conversation),
        )
        return [(instant(row["at"]), row["role"] == "holding_reply") for row in rows]

    def edited_copy(
        self, account: str, mailbox: str, marker: str, target: str, uids: Collection[int]
    ) -> int | None:
        """The uid of a mail in Drafts that is our draft, saved anew by an agent's program."""
        rows = self._db.all(
            "SELECT DISTINCT s.uid FROM sighting s LEFT JOIN sighting_reference r ON r.sighting = s.id"
            " WHERE s.account = ? AND s.mailbox = ? AND s.role = 'draft' AND (s.marker = ? OR r.message_id = ?)"
            " ORDER BY s.uid DESC",
            (account, mailbox, marker, target),
        )
        return next((row["uid"] for row in rows if row["uid"] in uids), None)

    def forget_drafts_seen(self, account: str, mailbox: str) -> None:
        """The Drafts mailbox was made anew: what was seen in it lies elsewhere now."""
        self._db.run(
            "DELETE FROM sighting_reference WHERE sighting IN (SELECT id FROM sighting WHERE account = ?"
            " AND mailbox = ? AND role = 'draft')",
            (account, mailbox),
        )
        self._db.run(
            "DELETE FROM sighting WHERE account = ? AND mailbox = ? AND role = 'draft'", (account, mailbox)
        )
