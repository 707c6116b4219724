"""The tables of config.toml, one model each, with every key and its default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from triage.config.values import (
    AddrOrDomain,
    Addrs,
    Command,
    Count,
    Country,
    Days,
    Domain,
    Duration,
    Durations,
    Extract,
    Holidays,
    Host,
    Hours,
    Languages,
    Name,
    OptionalAddr,
    OptionalCommand,
    OptionalPath,
    Pattern,
    Positive,
    StoreUrl,
    Switch,
    Text,
    Within,
    WithinOrNever,
    Zone,
    is_loopback,
)
from triage.errors import UsageError
from triage.promises import Week, parse_hours
from triage.secret import SecretKind, SecretSource
from triage.types import Cue, Identity, Source

OVERRIDABLE = ("replies", "calling", "routing")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class _Opening(_Table):
    """When somebody is there: the same hours on `days`, or a table by day."""

    hours: Hours
    days: Days

    @property
    def week(self) -> Week:
        """The hours of each day, Monday first. A table by day names the days itself."""
        return parse_hours(self.hours, self.days)


class Store(_Table):
    url: StoreUrl = Field(default="", repr=False, validate_default=True)  # may hold a password
    group: str = ""

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None for PostgreSQL."""
        name = self.url.removeprefix("sqlite:///")
        return Path(name) if name != self.url else None


class Team(_Opening):
    timezone: Zone = "Europe/London"
    hours: Hours = "09:00-17:30"
    days: Days = "mon-fri"
    holidays: Holidays = "GB"
    closed: frozenset[date] = frozenset()
    languages: Languages = ("en",)


class Routing(_Table):
    call_threshold: Annotated[float, Field(ge=0, le=100)] = 60
    calls_per_day: Count = 20
    always_call: frozenset[Cue] = frozenset({Cue.LIFE_AT_RISK, Cue.SAFETY_HARM, Cue.FRAUD_SECURITY})
    vip: frozenset[AddrOrDomain] = frozenset()


class Calling(_Opening):
    hours: Hours = "09:00-20:00"
    days: Days = "mon-sat"
    default_country: Country = "GB"
    countries: tuple[Country, ...] = ()
    max_attempts: Positive = 3
    retry_after: Durations = (timedelta(hours=2), timedelta(days=1))
    lease: Annotated[Duration, Field(ge=timedelta(minutes=1))] = timedelta(minutes=45)
    contacts: OptionalPath = None
    confirm: Switch = True
    follow_up: WithinOrNever = "5 business days"
    follow_up_by: Literal["mail", "call"] = "mail"

    @property
    def allowed_countries(self) -> tuple[str, ...]:
        """Where numbers may be dialled; the default country if none is named."""
        return self.countries or (self.default_country,)


class Desk(_Table):
    """Who of the team has what the law sets a clock for."""

    cues: frozenset[Cue] = frozenset()
    senders: frozenset[AddrOrDomain] = frozenset()
    within: Within

    @model_validator(mode="after")
    def _takes_something(self) -> Desk:
        if not (self.cues or self.senders):
            raise ValueError("should have at least one of cues, senders")
        return self


DESKS = {
    "privacy": Desk(cues=frozenset({Cue.DATA_RIGHTS}), within="28 days"),
    "legal": Desk(cues=frozenset({Cue.OFFICIAL}), within="3 business days"),
}


class Replies(_Table):
    enabled: Switch = True
    wait: Duration = timedelta(minutes=10)
    from_name: str = ""
    from_address: OptionalAddr = ""
    signature: str = ""
    respond_within: Within = "1 business day"
    announce_calls: Literal["late", "always", "never"] = "late"
    ask_what_would_help: Switch = False
    concessions: tuple[str, ...] = ()
    mark_automatic: Switch = True
    templates: OptionalPath = None
    languages: Languages = ("en",)
    variants: Switch = True
    max_per_requester_per_day: Positive = 1
    emergency_text: str = ""


class Limits(_Table):
    message_bytes: Annotated[int, Field(strict=True, ge=10_000)] = 10_000_000
    parts: Positive = 200
    depth: Annotated[int, Field(strict=True, ge=1, le=50)] = 20  # deeper ones end Python's recursion
    text_chars: Annotated[int, Field(strict=True, ge=1_000)] = 200_000
    run_seconds: Annotated[int, Field(strict=True, ge=10)] = 240
    drafts_per_run: Count = 100


class Alerts(_Table):
    after: Duration = timedelta(minutes=30)
    command: OptionalCommand = ()


class Retention(_Table):
    days: Positive = 365


class OAuth2(_Table):
    token_command: Command


class Match(_Table):
    """Which mails a source sends. All patterns that are given must be found."""

    sender: Pattern = Field(default="", alias="from")
    subject: Pattern = ""
    header: Pattern = ""

    @model_validator(mode="after")
    def _matches_something(self) -> Match:
        if not (self.sender or self.subject or self.header):
            raise ValueError("should have at least one of from, subject, header")
        return self


class SourceTable(_Table):
    match: Match
    kind: Literal["form", "voicemail", "relay"]
    name: Extract = ""
    address: Extract = ""
    phone: Extract = ""

    @property
    def source(self) -> Source:
        match = {"from": self.match.sender, "subject": self.match.subject, "header": self.match.header}
        return Source(
            kind=self.kind,
            match=tuple((where, pattern) for where, pattern in match.items() if pattern),
            name=self.name,
            address=self.address,
            phone=self.phone,
        )


class Account(_Table):
    """One login to one server, with the replies, calling and routing that hold for it."""

    name: Name
    host: Host
    security: Literal["tls", "starttls", "none"] = "tls"
    port: Annotated[int, Field(strict=True, ge=1, le=65535)] = 993
    ca_file: OptionalPath = None
    username: Text
    password_env: str = ""
    password_command: OptionalCommand = ()
    password_file: OptionalPath = None
    oauth2: OAuth2 | None = None
    mailbox: Text = "INBOX"
    drafts: str = ""
    sent: tuple[str, ...] = ()
    answered_in: tuple[str, ...] = ()
    addresses: Addrs
    internal_domains: tuple[Domain, ...] = ()
    sources: tuple[SourceTable, ...] = ()
    replies: Replies = Replies()
    calling: Calling = Calling()
    routing: Routing = Routing()

    @field_validator("security")
    @classmethod
    def _plain_only_to_loopback(cls, value: str, info: ValidationInfo) -> str:
        if value == "none" and not is_loopback(info.data.get("host", "localhost")):
            raise ValueError('"none" is allowed to this machine only (localhost): use "tls" or "starttls"')
        return value

    @property
    def secret(self) -> SecretSource:
        """Where the password or token is; nothing is read until `secret.read()`."""
        if self.oauth2:
            return SecretSource(SecretKind.OAUTH2, self.oauth2.token_command)
        if self.password_command:
            return SecretSource(SecretKind.COMMAND, self.password_command)
        if self.password_file:
            return SecretSource(SecretKind.FILE, str(self.password_file))
        return SecretSource(SecretKind.ENV, self.password_env)

    @property
    def identity(self) -> Identity:
        return Identity(
            addresses=frozenset({*self.addresses, self.replies.from_address} - {""}),
            internal_domains=frozenset(self.internal_domains),
        )


class Config(_Table):
    """The whole configuration. `Config()` is the one of somebody who wrote none."""

    path: Path | None = None  # the file it came from
    store: Store = Field(default_factory=Store)  # asks for the XDG folder when it is wanted
    accounts: Mapping[str, Account] = Field(default_factory=dict)
    team: Team = Team()
    routing: Routing = Routing()
    calling: Calling = Calling()
    replies: Replies = Replies()
    desks: Mapping[Name, Desk] = Field(default_factory=lambda: dict(DESKS))
    limits: Limits = Limits()
    alerts: Alerts = Alerts()
    retention: Retention = Retention()

    def chosen(self, names: Sequence[str] = ()) -> tuple[Account, ...]:
        """The accounts of these names, all if none is named. Raises UsageError."""
        for name in names:
            if name not in self.accounts:
                raise UsageError(f"no account {name}", hint=f"accounts: {', '.join(self.accounts)}")
        return tuple(account for name, account in self.accounts.items() if not names or name in names)
