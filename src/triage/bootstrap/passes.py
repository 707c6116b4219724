"""Wiring of a run: an account's configuration as plain values, its server, its lock, its faults."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from triage import promises, texts
from triage.bootstrap import calendar, now
from triage.config import Account, Config
from triage.errors import WORST_FIRST, ConfigError, Exit, InputError, TriageError
from triage.intake import automatic
from triage.pipeline import AccountSettings, PassReport, TeamDesk, run_pass
from triage.ranking.assess import RankingSettings
from triage.ranking.model import Weights, weights_in
from triage.replies import compose
from triage.routing import Policy
from triage.store import Store
from triage.types import Identity, Limits

if TYPE_CHECKING:
    from triage.calls.contacts import Entry
    from triage.intake.imap import ImapSource

# Grounds that silence a mail by the look of its headers: a wrong setting shows here.
SILENCING = frozenset({*automatic.GROUNDS, "not_named"}) - {"ours"}


def run_accounts(
    config: Config,
    store: Store,
    names: tuple[str, ...] = (),
    *,
    since: datetime | None = None,
    limit: int | None = None,
    dry_run: bool = False,
) -> list[PassReport]:
    """A pass over each account, whatever happens to the others.

    A fault that may pass is remembered with the time when it began (`PassReport.young` says
    that it has not lasted `alerts.after` yet).
    """
    reports = []
    for account in config.chosen(names):
        started = now()
        try:
            report = run_account(config, account, store, since=since, limit=limit, dry_run=dry_run)
        except TriageError as error:
            report = PassReport(
                account=account.name,
                mailbox=account.mailbox,
                status=error.code,
                error=error.message,
                hint=error.hint,
                exit=int(error.exit),
            )
        if report.exit == Exit.TRY_AGAIN and not dry_run:
            began = store.journal.fault(
                account.name, code=report.status, message=report.error or "", now=started
            )
            report.young = now() - began < config.alerts.after
        reports.append(report)
    return reports


def run_account(
    config: Config,
    account: Account,
    store: Store,
    *,
    since: datetime | None = None,
    limit: int | None = None,
    dry_run: bool = False,
) -> PassReport:
    """One pass, under the account's lock. Raises BusyError if another run holds it."""
    deadline = time.monotonic() + config.limits.run_seconds

    def seconds_left() -> float:
        return deadline - time.monotonic()

    if dry_run:
        return _pass(config, account, store, seconds_left, since, limit, dry_run=True)
    with store.database.account_lock(account.name):
        return _pass(config, account, store, seconds_left, since, limit, dry_run=False)


def _pass(
    config: Config,
    account: Account,
    store: Store,
    seconds_left: Callable[[], float],
    since: datetime | None,
    limit: int | None,
    *,
    dry_run: bool,
) -> PassReport:
    mail = source(account, seconds_left=seconds_left)
    try:
        return run_pass(
            mail,
            store,
            settings(config, account),
            now=now(),
            seconds_left=seconds_left,
            since=since,
            limit=limit,
            dry_run=dry_run,
        )
    finally:
        mail.close()


def worst_exit(reports: list[PassReport]) -> Exit:
    """The exit code of a run over several accounts."""
    exits = {Exit(r.exit) for r in reports if r.status != "busy"}
    if reports and all(r.status == "busy" for r in reports):
        return Exit.TRY_AGAIN
    if any(r.quarantined for r in reports):
        exits.add(Exit.DATA)
    return next((code for code in WORST_FIRST if code in exits), Exit.OK)


def alert(config: Config, lines: list[str]) -> str:
    """Hand urgent lines to the team's alert command on its stdin; returns what went wrong."""
    if not lines or not config.alerts.command:
        return ""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 - the administrator's own command
            config.alerts.command,
            input="\n".join(lines) + "\n",
            text=True,
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"alerts.command could not be run: {error}"
    return f"alerts.command ended with status {done.returncode}" if done.returncode else ""


def settings(config: Config, account: Account) -> AccountSettings:
    """An account's configuration as the pipeline wants it."""
    replies = account.replies
    within = promises.parse_duration(replies.respond_within)
    reply_settings = compose.ReplySettings(
        from_name=replies.from_name,
        from_address=replies.from_address or account.addresses[0],
        signature=replies.signature,
        respond_within=within,
        announce_calls=replies.announce_calls,
        ask_what_would_help=replies.ask_what_would_help,
        mark_automatic=replies.mark_automatic,
        languages=replies.languages,
        variants=replies.variants,
        phone_offer=account.routing.calls_per_day > 0,
        emergency_text=replies.emergency_text,
        team_folder=str(replies.templates) if replies.templates else "",
    )
    on_file, fault = _on_file(account.calling.contacts, account.calling.default_country)
    return AccountSettings(
        name=account.name,
        identity=account.identity,
        sources=tuple(table.source for table in account.sources),
        limits=_limits(config),
        ranking=RankingSettings(
            call_threshold=account.routing.call_threshold,
            always_call=account.routing.always_call,
            weights=team_weights(weights_folder(config)),
        ),
        policy=Policy(
            replies_enabled=replies.enabled,
            languages=frozenset(replies.languages)
            & frozenset(texts.languages(team_folder=reply_settings.team_folder)),
            max_per_requester_per_day=replies.max_per_requester_per_day,
            announce_calls=replies.announce_calls,
            emergency_text=bool(replies.emergency_text.strip()),
        ),
        replies=reply_settings,
        wait=replies.wait,
        drafts_per_run=config.limits.drafts_per_run,
        calls_per_day=account.routing.calls_per_day,
        vip=account.routing.vip,
        calendar=calendar(config),
        respond_within=within,
        keep=timedelta(days=config.retention.days),
        countries=account.calling.allowed_countries,
        default_country=account.calling.default_country,
        on_file=on_file,
        faults=(fault,) if fault else (),
        desks=_desks(config),
        own_numbers=_own_numbers(replies.signature, account.calling.default_country),
    )


def default_settings(config: Config | None = None) -> AccountSettings:
    """Settings for mail that belongs to no account (`triage rank` on files)."""
    config = config or Config()
    team = calendar(config)
    within = promises.parse_duration(config.replies.respond_within)
    return AccountSettings(
        name="",
        identity=Identity(),
        limits=_limits(config),
        ranking=RankingSettings(
            call_threshold=config.routing.call_threshold, always_call=config.routing.always_call
        ),
        policy=Policy(),
        replies=compose.ReplySettings(from_address="support@localhost"),
        calendar=team,
        respond_within=within,
        countries=config.calling.allowed_countries,
        default_country=config.calling.default_country,
    )


def source(account: Account, *, seconds_left: Callable[[], float]) -> ImapSource:
    """The account's mail server, not connected yet."""
    from triage.intake.imap import ImapSource, Login

    secret = account.secret
    return ImapSource(
        Login(
            host=account.host,
            port=account.port,
            security=account.security,
            ca_file=str(account.ca_file) if account.ca_file else "",
            username=account.username,
            secret=secret.read,
            oauth=secret.oauth,
            account=account.name,
            mailbox=account.mailbox,
            drafts=account.drafts,
            sent=account.sent,
            answered_in=account.answered_in,
        ),
        deadline=seconds_left,
    )


def weights_folder(config: Config) -> Path:
    """Where a team's own weights lie: beside its store, or in the data folder of each machine."""
    if config.store.path:
        return config.store.path.parent / "weights"
    import platformdirs

    return platformdirs.user_data_path("triage") / "weights"


def team_weights(folder: Path) -> Weights | None:
    """Weights of a folder; None if there are none. Raises ConfigError for damaged ones."""
    if not (folder / "model.toml").is_file():
        return None
    try:
        return weights_in(folder)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            f"the weights in {folder} cannot be read: {error}", hint="triage train --revert"
        ) from None


def _desks(config: Config) -> tuple[TeamDesk, ...]:
    return tuple(
        TeamDesk(name=name, within=promises.parse_duration(desk.within), cues=desk.cues, senders=desk.senders)
        for name, desk in config.desks.items()
    )


def _on_file(path: Path | None, country: str) -> tuple[Callable[[str], Entry | None], str]:
    """The team's file of contacts, and why it cannot be used: mail does not wait for it."""
    if path is None:
        return lambda _: None, ""
    from triage.calls import contacts

    try:
        return contacts.read(path, default_country=country).find, ""
    except InputError as error:
        return lambda _: None, f"{error.message}; until then numbers come from the mails alone"


def _limits(config: Config) -> Limits:
    limits = config.limits
    return Limits(
        message_bytes=limits.message_bytes,
        parts=limits.parts,
        depth=limits.depth,
        text_chars=limits.text_chars,
    )


def _own_numbers(signature: str, country: str) -> tuple[str, ...]:
    """Our own telephone numbers, as they stand in our signature."""
    if not any(c.isdigit() for c in signature):
        return ()
    from triage.calls import phone

    return tuple(number.e164 for number in phone.find(signature, default_country=country))
