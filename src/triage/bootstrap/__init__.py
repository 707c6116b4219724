"""The composition root: the only place where Config meets the adapters.

Commands ask for what they need: a `Workplace` (configuration and store) for the agents' work;
`passes` for a run over accounts and what it takes. Adapters take plain values, never Config.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from triage import promises, texts
from triage.config import Account, Config, find, load
from triage.errors import ConfigError, InputError
from triage.store import Store

if TYPE_CHECKING:
    from triage.desk import DeskSettings

STALE_AFTER = timedelta(minutes=30)  # agents are warned when the last good pass is older


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """An open store with the configuration that it belongs to."""

    config: Config
    store: Store
    now: datetime

    def account(self, name: str) -> Account | None:
        return self.config.accounts.get(name)

    def warnings(self) -> tuple[str, ...]:
        """What an agent should know before relying on the queue."""
        last = self.store.journal.last_good_pass()
        if last is None:
            return ("no mail was read yet: `triage run` has not had a good pass",)
        age = self.now - last
        if age > STALE_AFTER:
            minutes = int(age.total_seconds() // 60)
            return (f"the last good pass was {minutes} minutes ago: newer mail is not in here",)
        return ()


def read_config(explicit: str | None, environ: Mapping[str, str] | None = None) -> Config:
    """Raises ConfigError."""
    return load(find(explicit, os.environ if environ is None else environ))


def store_of(config: Config) -> Path | str:
    """Where the store is: a SQLite file, or a postgresql:// URL (which may hold a password)."""
    return config.store.path or config.store.url


def open_store(url: str) -> Store:
    """The store at sqlite:///FILE or postgresql://…, made if it is not there. Raises InputError."""
    if url.startswith(("postgresql://", "postgres://")):
        return Store.open(url)
    name = url.removeprefix("sqlite:///")
    if name in (url, ""):
        raise InputError(f"{url} is no store", hint="give postgresql://… or sqlite:///FILE")
    return Store.open(Path(name))


@contextmanager
def open_workplace(config: Config) -> Iterator[Workplace]:
    """The store, for reading and for the agents' commands."""
    with Store.open(store_of(config), group=config.store.group) as store:
        yield Workplace(config=config, store=store, now=now())


@contextmanager
def dry_store(config: Config) -> Iterator[Store]:
    """A copy of the store in memory; nothing is created if there is none."""
    with Store.dry(store_of(config)) as store:
        yield store


def now() -> datetime:
    return datetime.now(UTC)


def agent(explicit: str = "") -> str:
    """Who is at work: --as, else TRIAGE_AGENT, else the login."""
    try:
        name = explicit or os.environ.get("TRIAGE_AGENT", "") or getpass.getuser()
    except (OSError, KeyError):
        name = ""
    name = " ".join(name.split())[:80]
    if not name or not name.isprintable():
        raise InputError("it is not clear who you are", hint="give --as NAME or set TRIAGE_AGENT")
    return name


def calendar(config: Config) -> promises.BusinessCalendar:
    """The team's business time, with its country's holidays of this year and its neighbours."""
    team = config.team
    year = now().year
    try:
        holidays = (
            promises.country_holidays(team.holidays, range(year - 1, year + 3))
            if team.holidays
            else frozenset()
        )
    except ValueError as error:
        raise ConfigError(f"team.holidays: {error}") from None
    return promises.BusinessCalendar(
        timezone=team.timezone, hours=team.week, holidays=holidays, closed=team.closed
    )


def desk_settings(config: Config, account_name: str) -> DeskSettings:
    """How the team of an account calls (the global tables if the account is gone)."""
    from triage.calls.hours import CallingWindow
    from triage.desk import DeskSettings

    account = config.accounts.get(account_name)
    calling = account.calling if account else config.calling
    replies = account.replies if account else config.replies
    templates = str(replies.templates) if replies.templates else ""
    return DeskSettings(
        window=CallingWindow(week=calling.week),
        calendar=calendar(config),
        default_country=calling.default_country,
        countries=calling.allowed_countries,
        max_attempts=calling.max_attempts,
        retry_after=calling.retry_after,
        lease=calling.lease,
        letters=replies.enabled,
        confirm=calling.confirm,
        follow_up=promises.parse_duration(calling.follow_up) if calling.follow_up else None,
        follow_up_by=calling.follow_up_by,
        concessions=replies.concessions,
        language=texts.first_worded(config.team.languages, team_folder=templates),
        team_folder=templates,
    )
