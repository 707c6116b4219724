"""One pass over one account, step by step."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from triage.errors import (
    CertificateError,
    DeadlineError,
    MailboxMissingError,
    NetworkError,
    ProtocolError,
    TriageError,
)
from triage.pipeline import drafts, incidents, intake, letters, ours
from triage.pipeline.message import Handler
from triage.pipeline.ports import AccountSettings, MailSource, Pass, PassReport
from triage.store import Store, journal
from triage.types import DraftStatus

log = logging.getLogger(__name__)


def run_pass(
    source: MailSource,
    store: Store,
    account: AccountSettings,
    *,
    now: datetime,
    seconds_left: Callable[[], float],
    since: datetime | None = None,
    limit: int | None = None,
    dry_run: bool = False,
) -> PassReport:
    """Take in what is new, and bring tickets and drafts up to date.

    Never raises a TriageError: what stopped the pass is in the report, with its exit code,
    and what was done by then is committed. With `dry_run` the store is a copy in memory and
    nothing is appended.
    """
    work = Pass(
        source=source, account=account, now=now, seconds_left=seconds_left, dry_run=dry_run, limit=limit
    )
    report = PassReport(account=account.name, warnings=[*account.faults])
    started = time.monotonic()
    try:
        try:
            _steps(work, store, report, since)
        except (CertificateError, DeadlineError):
            raise
        except (NetworkError, ProtocolError) as error:
            # One retry with a new connection: each step takes up where the last one committed.
            log.info("%s: %s; once more with a new connection", account.name, error)
            report.deferred = 0
            _steps(work, store, report, since)
    except TriageError as error:
        report.status, report.error, report.hint, report.exit = (
            error.code,
            error.message,
            error.hint,
            int(error.exit),
        )
    finally:
        report.pending = store.drafts.count(account.name, DraftStatus.PENDING)
        report.unsent, report.oldest_unsent = store.drafts.lying(account.name)
        report.bytes_fetched = source.bytes_fetched
        report.seconds = round(time.monotonic() - started, 3)
    good = report.error is None
    store.journal.record_pass(
        journal.Pass(
            account=account.name,
            started=now,
            seconds=report.seconds,
            status="ok" if good else report.status,
            error=report.error or "",
            counts=report.counts(),
        )
    )
    if good:
        store.journal.clear_fault(account.name)
    return report


def _steps(work: Pass, store: Store, report: PassReport, since: datetime | None) -> None:
    work.source.connect()
    boxes = work.source.mailboxes()
    report.mailbox = boxes.inbox
    record = store.mail.mailbox(work.account.name, boxes.inbox)
    start_line = record.start_line if record else since or work.now - work.account.start_back

    ours.look(work, store, boxes, start_line=start_line)
    if boxes.drafts:
        try:
            ours.look_at_drafts(work, store, boxes.drafts, start_line=start_line)
        except MailboxMissingError as error:  # listed, and not to be opened
            work.source.connect()
            boxes = replace(boxes, drafts="", drafts_missing=error.message)
    if boxes.drafts:
        drafts.recover(work, store, report)
    start_line = intake.discover(work, store, boxes.inbox, report, since=since)
    # Before new mail is routed: a draft that an answer has overtaken must not cover it.
    drafts.settle(work, store, boxes, report)
    handle = Handler(work=work, store=store, report=report, start_line=start_line)
    intake.work_off(work, store, boxes.inbox, report, handle)
    incidents.notice(work, store, report)
    letters.write(work, store, report)
    store.mail.expire(before=work.now - work.account.keep)
    if boxes.drafts:
        drafts.append(work, store, boxes, report, start_line=start_line)
    elif work.account.policy.replies_enabled:
        # Calls do not wait for this: tickets were made all the same.
        waiting = store.drafts.count(work.account.name, DraftStatus.PENDING)
        raise MailboxMissingError(
            f"{waiting} draft(s) wait: {boxes.drafts_missing}",
            hint=f'set drafts = "…" under [accounts.{work.account.name}]',
        )
