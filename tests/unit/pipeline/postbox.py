"""A mail server in memory, for what a real one shows only by luck: crashes, gaps, clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email import message_from_bytes

from triage.errors import MailboxMissingError, NetworkError
from triage.types import Envelope, Mailboxes, MailboxState, MessageRef, RawMessage

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # a Wednesday


@dataclass(slots=True, kw_only=True)
class Lying:
    """A mail as it lies in a mailbox."""

    content: bytes
    at: datetime
    flags: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class Box:
    uidvalidity: int = 1
    uidnext: int = 1
    mails: dict[int, Lying] = field(default_factory=dict)

    def put(self, content: bytes, *, at: datetime = NOW, flags: frozenset[str] = frozenset()) -> int:
        uid = self.uidnext
        self.uidnext += 1
        self.mails[uid] = Lying(content=content, at=at, flags=flags)
        return uid


class Postbox:
    """The server and the one connection to it: a `MailSource`.

    `fault(command, mailbox, uids)` is called before each command and may raise.
    """

    def __init__(self) -> None:
        self.boxes = {"INBOX": Box(), "Drafts": Box(), "Sent": Box()}
        self.names = Mailboxes(inbox="INBOX", drafts="Drafts", sent=("Sent",))
        self.fault: Callable[[str, str, Sequence[int]], None] = lambda command, mailbox, uids: None
        self.after_append: Callable[[], None] = lambda: None
        self.tells_uid = True
        self.connected = False
        self.connections = 0
        self.bytes_fetched = 0

    def _asked(self, command: str, mailbox: str = "", uids: Sequence[int] = ()) -> Box:
        if not self.connected:
            raise NetworkError("not connected")
        try:
            self.fault(command, mailbox, uids)
        except BaseException:
            self.connected = False
            raise
        if mailbox and mailbox not in self.boxes:
            self.connected = False  # after any failure a new connection is needed
            raise MailboxMissingError(f"no mailbox {mailbox}")
        return self.boxes.get(mailbox, Box())

    def connect(self) -> None:
        self.connected = True
        self.connections += 1
        self._asked("connect")

    def close(self) -> None:
        self.connected = False

    def mailboxes(self) -> Mailboxes:
        self._asked("mailboxes")
        return self.names

    def examine(self, mailbox: str) -> MailboxState:
        box = self._asked("examine", mailbox)
        return MailboxState(uidvalidity=box.uidvalidity, uidnext=box.uidnext, exists=len(box.mails))

    def uids_after(self, mailbox: str, uid: int) -> tuple[int, ...]:
        return tuple(sorted(u for u in self._asked("search", mailbox).mails if u > uid))

    def uids_since(self, mailbox: str, uid: int, since: date) -> tuple[int, ...]:
        mails = self._asked("search", mailbox).mails
        return tuple(sorted(u for u, m in mails.items() if u > uid and m.at.date() >= since))

    def envelopes(
        self, mailbox: str, uids: Sequence[int], *, fields: Sequence[str] = ()
    ) -> Iterator[Envelope]:
        mails = self._asked("envelopes", mailbox, uids).mails
        for uid in uids:
            if uid in mails:
                head = message_from_bytes(mails[uid].content)
                lines = [f"{name}: {value}" for name in fields for value in head.get_all(name, [])]
                yield Envelope(
                    uid=uid,
                    size=len(mails[uid].content),
                    internal_date=mails[uid].at,
                    flags=mails[uid].flags,
                    header="\r\n".join([*lines, "", ""]).encode() if fields else b"",
                )

    def fetch(
        self,
        mailbox: str,
        uids_with_sizes: Sequence[tuple[int, int]],
        *,
        message_bytes: int,
        count: int = 200,
    ) -> Iterator[RawMessage]:
        box = self._asked("fetch", mailbox, [uid for uid, _ in uids_with_sizes])
        for uid, size in uids_with_sizes:
            if uid in box.mails and box.mails[uid].content:
                self.bytes_fetched += size
                yield RawMessage(
                    ref=MessageRef(account="", mailbox=mailbox, uidvalidity=box.uidvalidity, uid=uid),
                    content=box.mails[uid].content,
                    size=size,
                    internal_date=box.mails[uid].at,
                    flags=box.mails[uid].flags,
                )

    def flags(self, mailbox: str, uids: Sequence[int]) -> dict[int, frozenset[str]]:
        mails = self._asked("flags", mailbox, uids).mails
        return {uid: mails[uid].flags for uid in uids if uid in mails}

    def append(self, mailbox: str, content: bytes, *, when: datetime) -> int | None:
        uid = self._asked("append", mailbox).put(content, at=when, flags=frozenset({"\\Draft"}))
        try:
            self.after_append()
        except BaseException:
            self.connected = False
            raise
        return uid if self.tells_uid else None

    def find_marker(self, mailbox: str, *, header: str, marker: str, from_uid: int) -> int | None:
        for envelope in self.envelopes(mailbox, self.uids_after(mailbox, from_uid - 1), fields=[header]):
            if marker and marker in envelope.header.decode():
                return envelope.uid
        return None
