"""Holding replies into the Drafts mailbox: each exactly once, whatever breaks in between.

    recover    what a crash left between "appending" and "stored"
    settle     drafts that were sent, edited, removed; messages that a person answered
    append     the pending ones whose time to wait is over

The APPEND is the only write to a mail server in the whole program. What is needed to find
it again (marker, UIDNEXT and UIDVALIDITY of Drafts) is committed before it is sent.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from triage.calls import ticket as life
from triage.errors import MailboxMissingError, NetworkError, ProtocolError, WriteError
from triage.pipeline import ours
from triage.pipeline.ports import Pass, PassReport
from triage.replies.draft import MARKER_HEADER
from triage.routing import LEFT_ALONE, OWED
from triage.store import Store
from triage.store.drafts import DraftRecord
from triage.store.mail import MessageRecord
from triage.types import Disposition, DraftStatus, Flag, Mailboxes

log = logging.getLogger(__name__)

# A program moves a sent mail from Drafts to Sent in two steps: wait for the second one.
DISCARDED_AFTER = timedelta(minutes=15)


def recover(work: Pass, store: Store, report: PassReport) -> None:
    """Find out what became of each APPEND whose end was not recorded."""
    for draft in store.drafts.of_status(work.account.name, DraftStatus.APPENDING):
        if store.conversations.sent_with_marker(work.account.name, draft.marker):
            store.drafts.set_status(draft.id, DraftStatus.SENT, at=work.now, why="found in Sent")
            continue
        try:
            state = work.source.examine(draft.mailbox)
        except MailboxMissingError:
            work.source.connect()
            _uncertain(work, store, report, draft, "that mailbox cannot be opened any more")
            continue
        saved = draft.uidnext or 1
        if state.uidvalidity != draft.uidvalidity:
            _uncertain(work, store, report, draft, "the Drafts mailbox was made anew meanwhile")
            continue
        uid = work.source.find_marker(
            draft.mailbox, header=MARKER_HEADER, marker=draft.marker, from_uid=saved
        )
        if uid is not None:
            store.drafts.stored(draft.id, uid=uid, at=work.now)
            report.appended += 1
        elif state.uidnext - saved == len(work.source.uids_after(draft.mailbox, saved - 1)):
            # Every mail that came into Drafts since is still there, and none is ours.
            store.drafts.back_to_pending(draft.id, at=work.now, why="the server does not have it")
        else:
            _uncertain(work, store, report, draft, "something was removed from Drafts meanwhile")


def _replied_to(store: Store, draft: DraftRecord) -> MessageRecord | None:
    """The mail whose fate a draft shares; a letter of the desk has none."""
    return store.mail.record(draft.message) if draft.message is not None else None


def _uncertain(work: Pass, store: Store, report: PassReport, draft: DraftRecord, why: str) -> None:
    with store.transaction():
        store.drafts.set_status(draft.id, DraftStatus.UNCERTAIN, at=work.now, why=why)
        record = _replied_to(store, draft)
        if record and record.disposition == Disposition.DRAFTED:
            store.mail.change_disposition(
                record.id,
                Disposition.UNCERTAIN,
                "append_interrupted",
                f"its draft may or may not be on the server: {why}",
            )
    report.warnings.append(
        f"draft d{draft.id} for {draft.requester.address} may or may not be in {draft.mailbox} ({why});"
        f" look, then `triage drafts retry d{draft.id}` if it is not there"
    )


def settle(work: Pass, store: Store, boxes: Mailboxes, report: PassReport) -> None:
    """Bring the records in line with what people did to drafts and mails since."""
    account = work.account.name
    for record in store.mail.answered_meanwhile(account):
        with store.transaction():
            store.mail.change_disposition(
                record.id, Disposition.LEFT_ALONE, "answered", LEFT_ALONE["answered"]
            )
            store.journal.note("message", record.id, "answered", at=work.now, why="a person answered it")
    for status in (DraftStatus.PENDING, DraftStatus.STORED, DraftStatus.UNCERTAIN):
        for draft in store.drafts.of_status(account, status):
            replied_to = _replied_to(store, draft)
            if replied_to and replied_to.answered:
                store.drafts.set_status(
                    draft.id, DraftStatus.ANSWERED, at=work.now, why="a person answered first"
                )
    if boxes.drafts:
        _look_after_stored(work, store, boxes.drafts)
    _settle_promises(work, store, report)


def _settle_promises(work: Pass, store: Store, report: PassReport) -> None:
    """A promise that breaks is told, and raises its requester's case; so is a clock that runs out."""
    for broken in store.promises.settle(now=work.now):
        whose = f" of the {broken.desk} desk" if broken.desk else ""
        report.warnings.append(
            f"promise p{broken.id}{whose} to {broken.requester.address} was not kept: {broken.text}"
        )
        with store.transaction():
            for ticket in store.desk.open_tickets_of(broken.requester.address):
                if ticket.account == broken.account:
                    why = f"p{broken.id}: {broken.text}"
                    store.desk.save(
                        life.promise_broken(ticket), "promise broken", who="triage", at=work.now, why=why
                    )
    for near in store.promises.running_out(work.account.name, now=work.now):
        report.warnings.append(
            f"the {near.desk} desk has until {near.due:%d %b %H:%M} UTC: {near.text}"
            f" ({near.requester.address}, p{near.id})"
        )


def _look_after_stored(work: Pass, store: Store, mailbox: str) -> None:
    """Drafts that are no longer where we put them: edited, sent, or thrown away."""
    stored = [
        d for d in store.drafts.of_status(work.account.name, DraftStatus.STORED) if d.mailbox == mailbox
    ]
    if not stored:
        return
    state = work.source.examine(mailbox)
    present = set(work.source.uids_after(mailbox, 0))
    taken = {d.uid for d in stored if d.uid in present and d.uidvalidity == state.uidvalidity}
    for draft in stored:
        if draft.uid in present and draft.uidvalidity == state.uidvalidity:
            if draft.missing is not None:
                store.drafts.missing(draft.id, at=None)
            continue
        copy = store.conversations.edited_copy(
            work.account.name, mailbox, draft.marker, draft.in_reply_to, present - taken
        )
        if copy is not None:
            store.drafts.moved(draft.id, copy, uidvalidity=state.uidvalidity, at=work.now)
            taken.add(copy)
        elif draft.missing is None:
            store.drafts.missing(draft.id, at=work.now)
        elif work.now - draft.missing >= DISCARDED_AFTER:
            _discarded(work, store, draft)


def _discarded(work: Pass, store: Store, draft: DraftRecord) -> None:
    """An agent threw it away unsent: its mail waits for a person now."""
    with store.transaction():
        store.drafts.set_status(
            draft.id, DraftStatus.DISCARDED, at=work.now, why="neither in Drafts nor in Sent"
        )
        record = _replied_to(store, draft)
        if record and record.disposition == Disposition.DRAFTED and record.answered is None:
            store.mail.change_disposition(
                record.id, Disposition.OWED, "draft_discarded", OWED["draft_discarded"]
            )
            store.journal.note("message", record.id, "owed", at=work.now, why=OWED["draft_discarded"])


def append(work: Pass, store: Store, boxes: Mailboxes, report: PassReport, *, start_line: datetime) -> None:
    """Put the drafts that are due into Drafts.

    Raises NetworkError, ProtocolError, WriteError; whatever is not recorded as stored by
    then is found again by `recover`.
    """
    due = store.drafts.due(work.account.name, work.now)[: work.account.drafts_per_run]
    if not due or work.dry_run:
        return
    ours.look(work, store, boxes, start_line=start_line)  # people may have answered meanwhile
    settle(work, store, boxes, report)
    answered = _flagged_answered(work, store, due)
    for draft in due:
        if store.drafts.record(draft.id).status is not DraftStatus.PENDING or draft.content is None:
            continue
        if draft.id in answered:
            _answered_by_flag(work, store, draft)
            continue
        wishes = store.contacts.of(draft.requester.address).flags
        if wish := next((f for f in (Flag.UNSAFE, Flag.NO_MAIL) if f in wishes), None):
            store.withdraw(draft, ground=wish.value, why=OWED[wish.value], at=work.now)
            continue
        if work.seconds_left() < 5:
            break
        _append_one(work, store, boxes.drafts, report, draft)


def _append_one(work: Pass, store: Store, mailbox: str, report: PassReport, draft: DraftRecord) -> None:
    state = work.source.examine(mailbox)
    # A store restored from a backup has forgotten what it appended since; the server has not.
    if there := store.conversations.draft_with_marker(
        work.account.name, mailbox, draft.marker, state.uidvalidity
    ):
        store.drafts.begin(
            draft.id, mailbox=mailbox, uidvalidity=state.uidvalidity, uidnext=state.uidnext, at=work.now
        )
        store.drafts.stored(draft.id, uid=there, at=work.now)
        return
    store.drafts.begin(
        draft.id, mailbox=mailbox, uidvalidity=state.uidvalidity, uidnext=state.uidnext, at=work.now
    )
    try:
        uid = work.source.append(mailbox, draft.content or b"", when=work.now)
    except (NetworkError, ProtocolError) as error:
        log.info("append of d%d failed: %s; connecting anew", draft.id, error)
        work.source.connect()
        recover(work, store, report)
        if store.drafts.record(draft.id).status is DraftStatus.PENDING:
            raise
        return
    except (WriteError, MailboxMissingError) as error:  # the server said no: nothing is there
        store.drafts.back_to_pending(draft.id, at=work.now, why=error.message)
        raise
    if uid is None:
        uid = work.source.find_marker(
            mailbox, header=MARKER_HEADER, marker=draft.marker, from_uid=state.uidnext
        )
    store.drafts.stored(draft.id, uid=uid, at=work.now)
    report.appended += 1


def _flagged_answered(work: Pass, store: Store, due: list[DraftRecord]) -> set[int]:
    """Drafts whose mail carries \\Answered by now."""
    answered = set()
    by_mailbox: dict[tuple[str, int], dict[int, int]] = {}
    for draft in due:
        record = _replied_to(store, draft)
        if record:
            place = record.ref.mailbox, record.ref.uidvalidity
            by_mailbox.setdefault(place, {})[record.ref.uid] = draft.id
    for (mailbox, uidvalidity), drafts in by_mailbox.items():
        if work.source.examine(mailbox).uidvalidity != uidvalidity:
            continue  # the mail is gone: under its uid lies another one, if any
        for uid, flags in work.source.flags(mailbox, list(drafts)).items():
            if "\\Answered" in flags and uid in drafts:
                answered.add(drafts[uid])
    return answered


def _answered_by_flag(work: Pass, store: Store, draft: DraftRecord) -> None:
    with store.transaction():
        store.drafts.set_status(
            draft.id, DraftStatus.ANSWERED, at=work.now, why="its mail is marked as answered"
        )
        record = _replied_to(store, draft)
        if record and record.disposition == Disposition.DRAFTED:
            store.mail.change_disposition(
                record.id, Disposition.LEFT_ALONE, "answered", LEFT_ALONE["answered"]
            )
