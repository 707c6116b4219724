"""New mail: discover it, fetch it, hand each message on; no bad mail may stop the others.

Rows are committed before any work and attempts before each fetch. A message that breaks
the connection, or the program, is tried alone the next time, three times in all, and then
quarantined and told about; all the others go on.
"""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from triage.errors import Exit, NetworkError, ProtocolError, TriageError
from triage.pipeline import ours
from triage.pipeline.envelopes import envelopes
from triage.pipeline.ports import Pass, PassReport
from triage.store import Store
from triage.store.mail import MAX_ATTEMPTS, OpenRow
from triage.types import Disposition, Envelope, RawMessage

log = logging.getLogger(__name__)

BATCH_COUNT = 50
BATCH_BYTES = 8_000_000
STUMBLES = 3  # failures in a row, each with a new connection, before the pass gives up
RESERVE_SECONDS = 20.0  # kept of the run's time for the drafts

Handle = Callable[[OpenRow, RawMessage], Disposition | None]
"""Processes one message; None if it turned out to be a known one (nothing to count)."""


def discover(work: Pass, store: Store, inbox: str, report: PassReport, *, since: datetime | None) -> datetime:
    """Commit a row for every message not seen yet; returns the start line."""
    account, now = work.account.name, work.now
    state = work.source.examine(inbox)
    record = store.mail.mailbox(account, inbox)
    start_line = record.start_line if record else since or now - work.account.start_back
    cursor = record.cursor if record else 0
    if record and since is not None and since != start_line:
        start_line = since
        with store.transaction():
            reopened = store.mail.reopen_old(account, inbox, since=since)
            store.mail.set_mailbox(
                account, inbox, uidvalidity=record.uidvalidity, cursor=cursor, start_line=since
            )
            store.journal.note("mailbox", f"{account}/{inbox}", "start line moved", at=now, reopened=reopened)
    if record and record.uidvalidity != state.uidvalidity:
        # RFC 9051 section 2.3.1.1: every uid means something else now. Known messages are
        # recognised by their content when they are read again.
        cursor = 0
        with store.transaction():
            dropped = store.mail.drop_open(account, inbox, other_than=state.uidvalidity)
            store.mail.set_mailbox(
                account, inbox, uidvalidity=state.uidvalidity, cursor=0, start_line=start_line
            )
            store.journal.note(
                "mailbox",
                f"{account}/{inbox}",
                "uidvalidity changed",
                at=now,
                old=record.uidvalidity,
                new=state.uidvalidity,
                dropped=dropped,
            )
        log.info("%s: %s has a new uidvalidity; looking at all of it again", account, inbox)
    if record is None:
        store.mail.set_mailbox(account, inbox, uidvalidity=state.uidvalidity, cursor=0, start_line=start_line)
    if state.uidnext <= cursor + 1:
        return start_line

    uids = work.source.uids_after(inbox, cursor)
    # On the first look most mail is old: only what is recent needs its header fields.
    recent = (
        set(uids)
        if cursor
        else set(work.source.uids_since(inbox, 0, (start_line - timedelta(days=1)).date()))
    )
    for at in range(0, len(uids), 500):
        batch = uids[at : at + 500]
        found = {
            envelope.uid: envelope
            for wanted, fields in (
                ([u for u in batch if u in recent], ours.FIELDS),
                ([u for u in batch if u not in recent], ()),
            )
            for envelope in envelopes(work, inbox, wanted, fields=fields)
        }
        ours.note(work, store, ours.of_inbox(work, inbox, state.uidvalidity, found.values()))
        old = store.mail.discover(
            account,
            inbox,
            uidvalidity=state.uidvalidity,
            # A message that the server did not tell about has a row all the same.
            envelopes=[found.get(u) or Envelope(uid=u, size=0, internal_date=None) for u in batch],
            start_line=start_line,
            now=now,
        )
        report.count(Disposition.LEFT_ALONE, old)
    return start_line


def work_off(work: Pass, store: Store, inbox: str, report: PassReport, handle: Handle) -> None:
    """Fetch and handle the open rows.

    Raises NetworkError or ProtocolError when the server fails again and again; what was
    handled by then is committed.
    """
    account = work.account.name
    rows = store.mail.open_rows(account, inbox)
    for row in rows:
        if row.attempts >= MAX_ATTEMPTS:
            _give_up(work, store, report, row, row.fault or "the program ended each time while reading it")
    rows = [row for row in rows if row.attempts < MAX_ATTEMPTS]
    if work.limit is not None:
        rows = rows[: work.limit]
    batches = deque(_batches(rows))
    stumbles = 0
    while batches:
        if work.seconds_left() < RESERVE_SECONDS:
            report.status = "partial"
            log.info("%s: time is up; %d messages wait for the next run", account, sum(map(len, batches)))
            break
        batch = batches.popleft()
        waiting = {row.ref.uid: row for row in batch}
        store.mail.count_attempts([row.id for row in batch])
        try:
            for raw in work.source.fetch(
                inbox,
                [(row.ref.uid, row.size) for row in batch],
                message_bytes=work.account.limits.message_bytes,
                count=len(batch),
            ):
                if raw.ref.uid in waiting:
                    _handle_one(work, store, report, waiting.pop(raw.ref.uid), raw, handle)
                    stumbles = 0
        except (NetworkError, ProtocolError) as error:
            stumbles += 1
            try:
                if stumbles >= STUMBLES:
                    raise
                work.source.connect()
                work.source.examine(inbox)
            except TriageError:
                store.mail.give_back_attempts([row.id for row in waiting.values()])
                report.deferred += len(waiting)
                raise
            for row in waiting.values():
                batches.extend(_after_failure(work, store, report, row, error.message, alone=len(batch) == 1))
        else:
            for row in waiting.values():
                _not_delivered(work, store, inbox, report, row)


def _batches(rows: list[OpenRow]) -> Iterator[list[OpenRow]]:
    """The untried together, capped in number and octets; whoever failed once goes alone."""
    batch: list[OpenRow] = []
    octets = 0
    for row in rows:
        if row.attempts:
            break
        if batch and (len(batch) >= BATCH_COUNT or octets + row.size > BATCH_BYTES):
            yield batch
            batch, octets = [], 0
        batch.append(row)
        octets += row.size
    if batch:
        yield batch
    for row in rows:
        if row.attempts:
            yield [row]


def _handle_one(
    work: Pass, store: Store, report: PassReport, row: OpenRow, raw: RawMessage, handle: Handle
) -> None:
    try:
        disposition = handle(row, raw)
    except Exception as error:
        if isinstance(error, TriageError) and error.exit is not Exit.BUG:
            raise  # the store or the server, not this message
        # A fault of ours that this mail has found: it must not stop the others. The words of an
        # exception may hold mail, so only its place is told.
        log.debug("message %s", row.ref, exc_info=True)
        frame = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"triage failed on it ({type(error).__name__} at {Path(frame.filename).name}:{frame.lineno})"
        store.mail.note_fault(row.id, reason)
        if row.attempts + 1 >= MAX_ATTEMPTS:
            _give_up(work, store, report, row, reason, raw.content)
        else:
            report.deferred += 1
            report.warnings.append(f"{_name(row)}: {reason}; it will be tried again")
        return
    if disposition is not None:
        report.count(disposition)
        if disposition is Disposition.QUARANTINED:
            report.warnings.append(f"{_name(row)} was quarantined: see `triage quarantine list`")


def _after_failure(
    work: Pass, store: Store, report: PassReport, row: OpenRow, reason: str, *, alone: bool
) -> Iterator[list[OpenRow]]:
    """What becomes of a message that was being fetched when the connection broke.

    In a batch it may be innocent: it is tried alone at once. Alone it is under suspicion.
    """
    store.mail.note_fault(row.id, reason)
    if not alone:
        yield [
            OpenRow(id=row.id, ref=row.ref, size=row.size, attempts=row.attempts + 1, fault=reason),
        ]
    elif row.attempts + 1 >= MAX_ATTEMPTS:
        _give_up(work, store, report, row, reason)
    else:
        report.deferred += 1


def _not_delivered(work: Pass, store: Store, inbox: str, report: PassReport, row: OpenRow) -> None:
    """The server left it out of its answer: gone, or still owed to us."""
    if row.ref.uid not in work.source.uids_after(inbox, row.ref.uid - 1):
        with store.transaction():
            store.mail.remove_vanished(row.id)
            store.journal.note("message", row.id, "deleted on the server before it was read", at=work.now)
        return
    reason = "the server gives no content for it"
    store.mail.note_fault(row.id, reason)
    if row.attempts + 1 >= MAX_ATTEMPTS:
        _give_up(work, store, report, row, reason)
    else:
        report.deferred += 1


def _give_up(
    work: Pass, store: Store, report: PassReport, row: OpenRow, reason: str, content: bytes | None = None
) -> None:
    with store.transaction():
        store.mail.quarantine(row.id, reason=reason, content=content, received=None, now=work.now)
        store.journal.note("message", row.id, "quarantined", at=work.now, why=reason)
    report.count(Disposition.QUARANTINED)
    report.warnings.append(f"{_name(row)} was quarantined: {reason}")


def _name(row: OpenRow) -> str:
    return f"message m{row.id} (uid {row.ref.uid} in {row.ref.mailbox})"
