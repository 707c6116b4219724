"""What a pass needs from outside, and what it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from triage.calls.contacts import Entry
from triage.promises import BusinessCalendar, BusinessDuration
from triage.ranking.assess import RankingSettings
from triage.replies.compose import ReplySettings
from triage.routing import Policy, address_in
from triage.types import (
    Assessment,
    Cue,
    Disposition,
    Envelope,
    Identity,
    Limits,
    Mailboxes,
    MailboxState,
    Message,
    RawMessage,
    Source,
)


def _nobody(_: str) -> None:
    """No file of contacts."""


class MailSource(Protocol):
    """One login to one server (intake.imap.ImapSource). Every method may raise a TriageError."""

    bytes_fetched: int

    def connect(self) -> None: ...
    def close(self) -> None: ...
    def mailboxes(self) -> Mailboxes: ...
    def examine(self, mailbox: str) -> MailboxState: ...
    def uids_after(self, mailbox: str, uid: int) -> tuple[int, ...]: ...
    def uids_since(self, mailbox: str, uid: int, since: date) -> tuple[int, ...]: ...
    def envelopes(
        self, mailbox: str, uids: Sequence[int], *, fields: Sequence[str] = ()
    ) -> Iterator[Envelope]: ...
    def fetch(
        self,
        mailbox: str,
        uids_with_sizes: Sequence[tuple[int, int]],
        *,
        message_bytes: int,
        count: int = ...,
    ) -> Iterator[RawMessage]: ...
    def flags(self, mailbox: str, uids: Sequence[int]) -> dict[int, frozenset[str]]: ...
    def append(self, mailbox: str, content: bytes, *, when: datetime) -> int | None: ...
    def find_marker(self, mailbox: str, *, header: str, marker: str, from_uid: int) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamDesk:
    """Who of the team has what the law sets a clock for (P35), and how long that clock runs.

    `cues` of the mail, or `senders` (addresses or domains), say what goes there.
    """

    name: str
    within: BusinessDuration
    cues: frozenset[Cue] = frozenset()
    senders: frozenset[str] = frozenset()

    def takes(self, message: Message, assessment: Assessment) -> bool:
        address = message.requester.address if message.requester else ""
        return bool(self.cues & assessment.cues) or address_in(address, self.senders)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """One account's configuration as plain values (made by bootstrap)."""

    name: str
    identity: Identity
    sources: tuple[Source, ...] = ()
    limits: Limits
    ranking: RankingSettings
    policy: Policy
    replies: ReplySettings
    wait: timedelta = timedelta(minutes=10)
    drafts_per_run: int = 100
    calls_per_day: int = 20
    vip: frozenset[str] = frozenset()  # addresses or domains
    calendar: BusinessCalendar  # the team's
    respond_within: BusinessDuration
    countries: tuple[str, ...] = ()  # where numbers may be dialled; empty: anywhere
    default_country: str = "GB"
    own_numbers: tuple[str, ...] = ()  # E.164; never taken for a requester's
    on_file: Callable[[str], Entry | None] = _nobody  # the team's file of contacts
    desks: tuple[TeamDesk, ...] = ()
    faults: tuple[str, ...] = ()  # what of the configuration cannot be used; each pass tells it
    start_back: timedelta = timedelta(days=7)
    keep: timedelta = timedelta(days=365)  # how long the words of closed cases are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass over one account: what every step needs."""

    source: MailSource
    account: AccountSettings
    now: datetime
    seconds_left: Callable[[], float]
    dry_run: bool = False
    limit: int | None = None


@dataclass(slots=True, kw_only=True)
class PassReport:
    """What a pass did. The counts of dispositions add up to `seen`."""

    account: str
    mailbox: str = ""
    status: str = "ok"  # ok | partial (time was up; the next run goes on) | an error's code
    error: str | None = None
    hint: str = ""
    exit: int = 0
    seen: int = 0
    ticketed: int = 0
    drafted: int = 0
    owed: int = 0
    left_alone: int = 0
    quarantined: int = 0
    uncertain: int = 0
    appended: int = 0
    pending: int = 0
    unsent: int = 0  # drafts that lie in Drafts
    oldest_unsent: datetime | None = None
    deferred: int = 0
    bytes_fetched: int = 0
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)  # for whoever looks at the run by hand
    alarms: list[str] = field(default_factory=list)  # life and safety: told at once, whatever else
    young: bool = False  # a fault that may pass and has not lasted long: cron stays quiet about it

    def count(self, disposition: Disposition, number: int = 1) -> None:
        self.seen += number
        setattr(self, disposition.value, getattr(self, disposition.value) + number)

    def counts(self) -> dict[str, int]:
        return {
            name: getattr(self, name)
            for name in (
                "seen",
                "ticketed",
                "drafted",
                "owed",
                "left_alone",
                "quarantined",
                "uncertain",
                "appended",
                "pending",
                "deferred",
                "bytes_fetched",
            )
        }
