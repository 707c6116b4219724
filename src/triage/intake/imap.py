"""Intake over IMAP: finds new messages and fetches them without leaving a trace.

    with ImapSource(login, deadline=seconds_left) as source:
        names = source.mailboxes()
        state = source.examine(names.inbox)
        uids = source.uids_after(names.inbox, cursor)
        sizes = [(e.uid, e.size) for e in source.envelopes(names.inbox, uids)]
        for raw in source.fetch(names.inbox, sizes, message_bytes=10_000_000): ...

Mailboxes are opened with EXAMINE and bodies read with BODY.PEEK, so no flag of any message ever
changes; the one command that writes is APPEND (`append`). Whatever a server leaves out of an
answer, or answers with NIL, is not yielded: absent is not done, the caller keeps it open.
Every failure is one of triage.errors, after which the connection is closed and must be made anew.
Import this module only where mail is fetched: imapclient takes its time to load.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self

from triage.errors import MailboxMissingError, NetworkError, ProtocolError, TriageError, WriteError
from triage.intake import imap_wire
from triage.intake.imap_bounds import Bounds
from triage.intake.imap_errors import Refused, translate, will_pass
from triage.types import Envelope, Mailboxes, MailboxState, MessageRef, RawMessage

BATCH_BYTES = 8_000_000  # of bodies in one FETCH
BATCH_COUNT = 200  # bodies in one FETCH
ENVELOPE_COUNT = 500  # envelopes in one FETCH
BEGINNING_BYTES = 256_000  # what is read of a message over the limit
SEARCH_WINDOW = 80_000  # messages in one SEARCH: 11 octets each stay below imaplib's line of 1,000,000


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How to reach one account. `secret` gives the password or access token when a connection is made."""

    host: str
    port: int = 993
    security: str = "tls"  # tls | starttls | none (to loopback only)
    ca_file: str = ""  # PEM file of a private CA, trusted besides the system's
    username: str
    secret: Callable[[], str] = field(repr=False)
    oauth: bool = False  # the secret is an OAuth 2 access token
    account: str = ""
    mailbox: str = "INBOX"
    drafts: str = ""  # empty: by SPECIAL-USE
    sent: tuple[str, ...] = ()  # empty: by SPECIAL-USE
    answered_in: tuple[str, ...] = ()


class ImapSource:
    """One account's mail over one connection.

    `deadline` gives the seconds left in the run. `step_timeout` bounds, in seconds, the silence
    that is borne and, with the time for the octets expected, each step as a whole.
    """

    def __init__(self, login: Login, *, deadline: Callable[[], float], step_timeout: float = 30.0) -> None:
        self._login = login
        self._deadline = deadline
        self._step_timeout = step_timeout
        self._client: imap_wire.Client | None = None
        self._bounds: Bounds | None = None
        self._selected = ""
        self._states: dict[str, MailboxState] = {}
        self.bytes_fetched = 0  # octets of bodies received so far

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------- connection

    def connect(self) -> None:
        """Connects and logs in, asking for the secret anew. Raises one of triage.errors."""
        self.close()
        where = f"{self._login.username} at {self._login.host}:{self._login.port}"
        secret = self._login.secret()
        self._bounds = Bounds(self._deadline, self._step_timeout, where)
        self._client = imap_wire.dial(self._login, secret, self._bounds)

    def close(self) -> None:
        """Logs out, briefly, and closes the connection. Never fails."""
        if self._client is not None:
            self._client.log_out()
        self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.hang_up()
        self._client, self._selected = None, ""
        self._states.clear()

    @contextmanager
    def _step(
        self, doing: str, *, octets: int = 0, refused: type[TriageError] = ProtocolError
    ) -> Iterator[imap_wire.Client]:
        """One command: bounded in time, its failures translated, the connection closed after one."""
        if self._client is None or self._bounds is None:
            raise NetworkError(
                f"{self._login.username} at {self._login.host}: not connected (to {doing})",
                hint="connect again",
            )
        try:
            self._bounds.start(doing, octets)
            yield self._client
        except BaseException as error:
            self._drop()
            failure = translate(error, self._bounds, refused=refused)
            if failure is None or failure is error:
                raise
            raise failure from error

    # ------------------------------------------------------------------- mailboxes

    def mailboxes(self) -> Mailboxes:
        """The mailboxes to work with: configured names first, then those with the special use (RFC 6154).

        Without a Drafts mailbox (none has the special use, or the configured one is not listed)
        `drafts` is empty and `drafts_missing` says why: calls do not wait for it. Raises
        MailboxMissingError for any other configured name that the server does not list.
        """
        with self._step("list the mailboxes") as client:
            listed = client.mailbox_names()
        login = self._login
        names = [name for _, name in listed]
        for key, wanted in (
            ("mailbox", (login.mailbox,)),
            ("sent", login.sent),
            ("answered_in", login.answered_in),
        ):
            for name in wanted:
                if name not in names and name.upper() != "INBOX":
                    raise MailboxMissingError(
                        f"{login.username} at {login.host}: there is no mailbox {name!r} ({key})",
                        hint="the server has: " + _some(names),
                    )
        drafts = [name for uses, name in listed if "\\drafts" in uses]
        sent = tuple(name for uses, name in listed if "\\sent" in uses)
        missing = ""
        if login.drafts and login.drafts not in names:
            missing = f"there is no mailbox {login.drafts!r} (drafts); the server has: {_some(names)}"
        elif not login.drafts and not drafts:
            missing = f"no mailbox is marked as Drafts; the server has: {_some(names)}"
        return Mailboxes(
            inbox=login.mailbox,
            drafts="" if missing else login.drafts or drafts[0],
            sent=login.sent or sent,
            answered_in=login.answered_in,
            drafts_missing=missing,
        )

    def examine(self, mailbox: str) -> MailboxState:
        """Opens `mailbox` read-only. Raises MailboxMissingError if it cannot be opened."""
        with self._step(f"open mailbox {mailbox!r}", refused=MailboxMissingError) as client:
            self._selected = ""
            said = client.select_folder(mailbox, readonly=True)
            if b"UIDNEXT" not in said:
                said |= client.folder_status(mailbox, ["UIDNEXT"])
            state = MailboxState(
                uidvalidity=int(said[b"UIDVALIDITY"]),
                uidnext=int(said[b"UIDNEXT"]),
                exists=int(said[b"EXISTS"]),
            )
        self._selected = mailbox
        self._states[mailbox] = state
        return state

    def _select(self, mailbox: str) -> MailboxState:
        """The state of `mailbox`, which is opened unless it is open: uids keep their meaning throughout."""
        known = self._states.get(mailbox)
        if known and mailbox == self._selected:
            return known
        state = self.examine(mailbox)
        if known and state.uidvalidity != known.uidvalidity:
            self._drop()
            raise NetworkError(
                f"{self._login.username} at {self._login.host}: mailbox {mailbox!r} was made anew meanwhile",
                hint="the next run takes it up afresh",
            )
        return state

    # ------------------------------------------------------------------- discovery

    def uids_after(self, mailbox: str, uid: int) -> tuple[int, ...]:
        """The uids above `uid`, ascending."""
        return self._search(mailbox, uid)

    def uids_since(self, mailbox: str, uid: int, since: date) -> tuple[int, ...]:
        """The uids above `uid` whose INTERNALDATE lies on or after the day `since` (server's zone)."""
        return self._search(mailbox, uid, f" SINCE {imap_wire.search_date(since)}")

    def _search(self, mailbox: str, uid: int, also: str = "") -> tuple[int, ...]:
        """Searches in windows of messages, the newest first.

        An expunge between two windows moves messages down, into a window still to come: seen
        twice at worst, never missed. `n:*` always names the last message (RFC 9051, section 9
        "sequence-set"), so uids up to `uid` are discarded.
        """
        exists = self._select(mailbox).exists
        found: set[int] = set()
        for upper in range(max(exists, 1), 0, -SEARCH_WINDOW):
            window = ""
            if exists > SEARCH_WINDOW:
                window = f"{max(1, upper - SEARCH_WINDOW + 1)}:{'*' if upper == exists else upper} "
            with self._step(f"search mailbox {mailbox!r}") as client:
                found |= client.search_uids(f"{window}UID {uid + 1}:*{also}")
        return tuple(sorted(n for n in found if n > uid))

    def envelopes(
        self, mailbox: str, uids: Sequence[int], *, fields: Sequence[str] = ()
    ) -> Iterator[Envelope]:
        """Size, date, flags and the header fields asked for, without the bodies."""
        wanted = "(UID RFC822.SIZE INTERNALDATE FLAGS)"
        if fields:
            if not all(re.fullmatch(r"[A-Za-z0-9-]+", name) for name in fields):
                raise ValueError(f"not header field names: {fields!r}")
            wanted = f"{wanted[:-1]} BODY.PEEK[HEADER.FIELDS ({' '.join(fields)})])"
        for batch in _slices(uids, ENVELOPE_COUNT):
            for uid, record in self._records(mailbox, batch, wanted, octets=len(batch) * 4_000):
                size, header = record.get(b"RFC822.SIZE"), _section(record, b"BODY[HEADER.FIELDS")
                if isinstance(size, int) and b"FLAGS" in record and (header is not None or not fields):
                    yield _envelope(uid, size, record, header or b"")

    def flags(self, mailbox: str, uids: Sequence[int]) -> dict[int, frozenset[str]]:
        """The flags of the messages that still exist."""
        return {
            uid: imap_wire.flags(record[b"FLAGS"])
            for batch in _slices(uids, ENVELOPE_COUNT)
            for uid, record in self._records(mailbox, batch, "(UID FLAGS)")
            if b"FLAGS" in record
        }

    # ------------------------------------------------------------------- bodies

    def fetch(
        self,
        mailbox: str,
        uids_with_sizes: Sequence[tuple[int, int]],
        *,
        message_bytes: int,
        count: int = BATCH_COUNT,
    ) -> Iterator[RawMessage]:
        """The messages' bytes, in batches of at most `count` and about 8 MB.

        Of a message over `message_bytes` only the beginning is read (`truncated`). What the server
        leaves out, or gives as NIL or empty, is not yielded. After a failure in the middle, fetch
        the rest with count=1 to find the message that the server stumbles over.
        """
        beginning = min(message_bytes, BEGINNING_BYTES)
        whole = [pair for pair in uids_with_sizes if pair[1] <= message_bytes]
        for batch in _batches(whole, count):
            sizes = dict(batch)
            yield from self._bodies(mailbox, sizes, "BODY.PEEK[]", octets=sum(sizes.values()))
        for uid, size in uids_with_sizes:
            if size > message_bytes:
                part = f"BODY.PEEK[]<0.{beginning}>"
                yield from self._bodies(mailbox, {uid: size}, part, octets=beginning, truncated=True)

    def _bodies(
        self, mailbox: str, sizes: dict[int, int], part: str, *, octets: int, truncated: bool = False
    ) -> list[RawMessage]:
        uidvalidity = self._select(mailbox).uidvalidity
        records = self._records(mailbox, list(sizes), f"(UID INTERNALDATE FLAGS {part})", octets=octets)
        bodies = [(uid, record, body) for uid, record in records if (body := _section(record, b"BODY[]"))]
        self.bytes_fetched += sum(len(body) for _, _, body in bodies)
        return [
            RawMessage(
                ref=MessageRef(
                    account=self._login.account, mailbox=mailbox, uidvalidity=uidvalidity, uid=uid
                ),
                content=body,
                size=sizes[uid],
                truncated=truncated,
                internal_date=imap_wire.internal_date(record.get(b"INTERNALDATE")),
                flags=imap_wire.flags(record.get(b"FLAGS")),
            )
            for uid, record, body in bodies
        ]

    def _records(
        self, mailbox: str, uids: Sequence[int], wanted: str, *, octets: int = 0
    ) -> list[tuple[int, dict[bytes, Any]]]:
        """What the server says about `uids`, ascending. A batch that it refuses is halved and asked again."""
        if not uids:
            return []
        self._select(mailbox)
        with self._step(f"read messages of {mailbox!r}", octets=octets) as client:
            try:
                return sorted(client.fetch_records(uids, wanted).items())
            except Refused as refusal:
                if will_pass(refusal):
                    raise
        if len(uids) == 1:
            return []
        half = len(uids) // 2
        return [
            record
            for part in (uids[:half], uids[half:])
            for record in self._records(mailbox, part, wanted, octets=octets)
        ]

    # ------------------------------------------------------------------- drafts

    def append(self, mailbox: str, content: bytes, *, when: datetime) -> int | None:
        """Puts `content` (lines ending in CRLF) into `mailbox` as a draft; its uid if the server tells.

        WriteError and MailboxMissingError mean that nothing was written; after a NetworkError or
        ProtocolError nobody knows: look for the marker.
        """
        with self._step(f"append to {mailbox!r}", octets=len(content), refused=WriteError) as client:
            answer = client.append(mailbox, content, flags=("\\Draft",), msg_time=when)
            told = re.search(rb"\[APPENDUID (\d+) (\d+)\]", answer or b"")  # RFC 4315
        known = self._states.get(mailbox)
        if not told or (known and int(told[1]) != known.uidvalidity):  # some servers swap the two
            return None
        return int(told[2])

    def find_marker(self, mailbox: str, *, header: str, marker: str, from_uid: int) -> int | None:
        """The uid, from `from_uid` on, of the message whose header field `header` is `marker`.

        The fields are fetched and compared here: search keys would reach the server as commands.
        """
        self.examine(mailbox)  # afresh, to see what has just been appended
        uids = self.uids_after(mailbox, from_uid - 1)
        for envelope in self.envelopes(mailbox, uids, fields=[header]):
            if marker in _values(envelope.header, header):
                return envelope.uid
        return None


def _envelope(uid: int, size: int, record: dict[bytes, Any], header: bytes) -> Envelope:
    return Envelope(
        uid=uid,
        size=size,
        internal_date=imap_wire.internal_date(record.get(b"INTERNALDATE")),
        flags=imap_wire.flags(record.get(b"FLAGS")),
        header=header,
    )


def _section(record: dict[bytes, Any], name: bytes) -> bytes | None:
    """The value of a BODY section, whose name servers echo with variations (<0>, case, quotes)."""
    return next((v for k, v in record.items() if k.startswith(name) and isinstance(v, bytes)), None)


def _values(header: bytes, name: str) -> list[str]:
    """The values of the field `name` in a raw header block, unfolded (RFC 5322 section 2.2.3)."""
    lines = re.sub(rb"\r?\n(?=[ \t])", b"", header).decode("utf-8", "replace").split("\n")
    fields = (line.partition(":") for line in lines)
    return [value.strip() for field, _, value in fields if field.strip().lower() == name.lower()]


def _slices(uids: Sequence[int], count: int) -> Iterator[Sequence[int]]:
    return (uids[i : i + count] for i in range(0, len(uids), count))


def _batches(pairs: Iterable[tuple[int, int]], count: int) -> Iterator[list[tuple[int, int]]]:
    """(uid, size) pairs in groups of at most `count` and BATCH_BYTES; a larger one goes alone."""
    batch: list[tuple[int, int]] = []
    octets = 0
    for uid, size in pairs:
        if batch and (len(batch) == count or octets + size > BATCH_BYTES):
            yield batch
            batch, octets = [], 0
        batch.append((uid, size))
        octets += size
    if batch:
        yield batch


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "")
