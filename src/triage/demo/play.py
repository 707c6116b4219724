"""Plays the demo: the server, the pass over its mailboxes, and what is there afterwards.

Nothing in it is staged: configuration, store, mail source and pipeline are the ones of
`triage run`. What it needs on disk lies in one temporary folder, which is gone when it ends.
"""

from __future__ import annotations

import email
import email.policy
import secrets
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from string import Template

from triage import bootstrap, desk
from triage.bootstrap import passes
from triage.config import Config, load
from triage.demo import samples
from triage.demo.server import serve
from triage.pipeline import PassReport
from triage.store import Store
from triage.store.drafts import DraftRecord
from triage.store.mail import MessageRecord
from triage.types import DraftStatus, Ticket

MAIL_SECONDS = 30.0
READ_BACK = 2  # drafts that are fetched back from the server


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedDraft:
    """A draft as it lies in the server's Drafts mailbox."""

    account: str
    mailbox: str
    uid: int
    flags: frozenset[str]
    headers: tuple[tuple[str, str], ...]
    text: str  # the whole body, the quoted original included


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What there is to see. `mails` are ranked, the highest score first."""

    now: datetime
    served: int  # mails in the inboxes
    mails: list[MessageRecord]
    reports: list[PassReport]
    queue: list[Ticket]
    first: desk.Shown | None
    drafts: list[DraftRecord]
    dues: dict[int, datetime]  # draft → by when an answer is promised
    fetched: list[FetchedDraft]
    start_seconds: float
    run_seconds: float


def perform() -> Performance:
    """Raises ConfigError with code "missing_extra" if the embedded server is not installed."""
    with _ended_in_order(), tempfile.TemporaryDirectory(prefix="triage-demo-") as folder:
        started = time.monotonic()
        now = bootstrap.now()
        stock = samples.accounts(now)
        password = secrets.token_urlsafe()
        with serve(stock, password=password) as port:
            config = _config(Path(folder), port, password)
            up = time.monotonic()
            with bootstrap.open_workplace(config) as place:
                reports = passes.run_accounts(config, place.store)
                done = time.monotonic()
                queue = place.store.desk.queue()
                drafts = place.store.drafts.listing(everything=True)
                mails = _ranked(place.store)
                return Performance(
                    now=now,
                    served=sum(len(boxes[samples.INBOX]) for boxes in stock.values()),
                    mails=mails,
                    reports=reports,
                    queue=queue,
                    first=_brief(config, place.store, queue, now),
                    drafts=drafts,
                    dues=place.store.promises.dues_of_drafts(),
                    fetched=[f for d in _telling(drafts, mails) if (f := _fetched(config, d))],
                    start_seconds=up - started,
                    run_seconds=done - up,
                )


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """A SIGTERM ends the demo as Ctrl-C does: whatever was opened is closed and removed."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _config(folder: Path, port: int, password: str) -> Config:
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password + "\n", encoding="utf-8")
    path = folder / "config.toml"
    template = files("triage.demo").joinpath("config.toml").read_text(encoding="utf-8")
    path.write_text(Template(template).substitute(port=port), encoding="utf-8")
    return load(path)


def _ranked(store: Store) -> list[MessageRecord]:
    """The highest score first; what was not ranked (older than the start line) last."""
    return sorted(
        store.mail.records(), key=lambda m: (m.score is None, -(m.score or 0.0), m.ref.account, m.ref.uid)
    )


def _brief(config: Config, store: Store, queue: Sequence[Ticket], now: datetime) -> desk.Shown | None:
    if not queue:
        return None
    return desk.shown(store, queue[0], bootstrap.desk_settings(config, queue[0].account), now=now)


def _telling(drafts: Sequence[DraftRecord], mails: Sequence[MessageRecord]) -> list[DraftRecord]:
    """Drafts to show: to the most upset requester, and the next ones of other kinds."""
    place = {mail.id: n for n, mail in enumerate(mails)}
    stored = [d for d in drafts if d.status is DraftStatus.STORED]
    first_of_kind: dict[str, DraftRecord] = {}
    for draft in sorted(stored, key=lambda d: place.get(d.message or 0, len(place))):
        first_of_kind.setdefault(draft.kind, draft)
    return list(first_of_kind.values())[:READ_BACK]


def _fetched(config: Config, draft: DraftRecord) -> FetchedDraft | None:
    """The draft, read from the server again."""
    deadline = time.monotonic() + MAIL_SECONDS
    with passes.source(
        config.accounts[draft.account], seconds_left=lambda: deadline - time.monotonic()
    ) as mail:
        box = draft.mailbox
        sizes = [(e.uid, e.size) for e in mail.envelopes(box, mail.uids_after(box, 0))]
        for raw in mail.fetch(box, sizes, message_bytes=config.limits.message_bytes):
            found = email.message_from_bytes(raw.content, policy=email.policy.default)
            if found["Message-ID"] == draft.message_id:
                return FetchedDraft(
                    account=draft.account,
                    mailbox=box,
                    uid=raw.ref.uid,
                    flags=raw.flags,
                    headers=tuple((name, str(value)) for name, value in found.items()),
                    text=str(found.get_content()),
                )
    return None
