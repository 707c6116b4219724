"""What works and what does not: `triage check` and `triage verify`, as plain findings."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from triage import bootstrap, texts
from triage.bootstrap import passes
from triage.config import Account, Config
from triage.errors import Exit, TriageError
from triage.replies import compose, trial
from triage.store import Store

SILENCED = 0.4  # one ground that leaves more than this share of the mail alone is suspicious
SILENCED_FROM = 20  # messages, before that share says anything
EXPLAINED = timedelta(days=30)  # how long after their end tickets are compared with their events
CLOCK = timedelta(minutes=5)
WAL_RESET_FIXED = (3, 51, 3)  # SQLite versions before may damage a WAL file in rare races


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. `status`: ok | warning | failed | skipped."""

    name: str
    account: str | None
    status: str
    detail: str
    hint: str | None = None
    exit: Exit = Exit.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One mailbox counted against the records."""

    account: str
    mailbox: str
    ok: bool
    server: int | None = None
    recorded: int = 0
    open: int = 0
    undiscovered: int = 0
    dispositions: dict[str, int] = field(default_factory=dict)
    missing: tuple[int, ...] = ()
    unexplained: tuple[str, ...] = ()  # tickets whose events do not tell their state
    error: str | None = None
    exit: Exit = Exit.OK


def check(config: Config) -> Iterator[Finding]:
    """Look at everything that a run depends on. The configuration itself has been read by then."""
    yield _ok("configuration", None, str(config.path))
    yield from _store(config)
    yield from _templates(config)
    yield from _contacts(config)
    for account in config.accounts.values():
        yield from _server(account)
        yield from _records(config, account)


def verify(config: Config, store: Store, names: tuple[str, ...] = ()) -> list[Count]:
    """Count each inbox against its dispositions, and each open ticket against its events."""
    since = bootstrap.now() - EXPLAINED
    unexplained = [store.desk.ticket(id) for id in store.desk.unexplained(since=since)]
    counts = []
    for account in config.chosen(names):
        count = _count(config, store, account)
        if odd := tuple(f"t{ticket.id}" for ticket in unexplained if ticket.account == account.name):
            count = replace(count, ok=False, unexplained=odd, exit=count.exit or Exit.FOUND)
        counts.append(count)
    return counts


# --------------------------------------------------------------------------- check


def _contacts(config: Config) -> Iterator[Finding]:
    """The files of numbers: what cannot be used of them is told, row by row."""
    for path in sorted({a.calling.contacts for a in config.accounts.values() if a.calling.contacts}):
        from triage.calls import contacts

        try:
            book = contacts.read(path, default_country=config.calling.default_country)
        except TriageError as error:
            yield _failed("contacts", None, error)
            continue
        problems = book.check()
        if not problems:
            yield _ok("contacts", None, f"{path}: {len(book)} contacts")
        for problem in problems[:5]:
            yield Finding(name="contacts", account=None, status="warning", detail=problem)
        if len(problems) > 5:
            detail = f"{path}: {len(problems) - 5} more rows cannot be used"
            yield Finding(name="contacts", account=None, status="warning", detail=detail)


def _store(config: Config) -> Iterator[Finding]:
    try:
        with Store.open(bootstrap.store_of(config), group=config.store.group) as store:
            sound, where = store.database.integrity(), store.database.where
    except TriageError as error:
        yield _failed("store", None, error)
        return
    if sound != "ok":
        yield Finding(
            name="store",
            account=None,
            status="failed",
            detail=f"{where} is damaged: {sound}",
            hint="restore it from `triage backup`",
            exit=Exit.CANNOT_WRITE,
        )
        return
    yield _ok("store", None, where)
    if config.store.path and sqlite3.sqlite_version_info < WAL_RESET_FIXED:
        yield Finding(
            name="sqlite",
            account=None,
            status="ok",
            detail=f"{sqlite3.sqlite_version} (3.51.3 or newer also closes a rare fault of its journal)",
        )


def _templates(config: Config) -> Iterator[Finding]:
    replies = [("", config.replies)] + [(a.name, a.replies) for a in config.accounts.values()]
    seen = set()
    for name, table in replies:
        if (table.templates, table.languages) in seen:
            continue
        seen.add((table.templates, table.languages))
        folder = str(table.templates) if table.templates else ""
        missing = [code for code in table.languages if code not in texts.languages(team_folder=folder)]
        settings = compose.ReplySettings(
            from_address="support@localhost", from_name="Support", team_folder=folder
        )
        found = [p for code in table.languages if code not in missing for p in trial.problems(code, settings)]
        found.sort(key=lambda p: p.rule)  # what is broken before what breaks a rule
        broken = any(not p.rule for p in found)
        if found:
            yield Finding(
                name="templates",
                account=name or None,
                status="failed" if broken else "warning",
                detail=str(found[0]) + (f" (and {len(found) - 1} more)" if found[1:] else ""),
                hint="mend it in replies.templates; `triage templates check` tells all",
                exit=Exit.CONFIG if broken else Exit.OK,
            )
            continue
        if missing:
            yield Finding(
                name="templates",
                account=name or None,
                status="warning",
                detail=f"no templates in {', '.join(missing)}: such mail is owed to a person",
                hint="triage messages list --owed",
            )
        else:
            yield _ok("templates", name or None, ", ".join(table.languages))


def _server(account: Account) -> Iterator[Finding]:
    deadline = time.monotonic() + 60
    mail = passes.source(account, seconds_left=lambda: deadline - time.monotonic())
    try:
        mail.connect()
        yield _ok("login", account.name, f"{account.username} at {account.host}:{account.port}")
        boxes = mail.mailboxes()
        state = mail.examine(boxes.inbox)
        yield _ok("inbox", account.name, f"{boxes.inbox}, {state.exists} messages")
        if boxes.drafts:
            mail.examine(boxes.drafts)
            yield _ok("drafts", account.name, boxes.drafts)
        else:
            yield Finding(
                name="drafts",
                account=account.name,
                status="failed",
                detail=boxes.drafts_missing,
                hint=f'set drafts = "…" under [accounts.{account.name}]',
                exit=Exit.CONFIG,
            )
        if boxes.sent:
            for name in boxes.sent:
                mail.examine(name)
            yield _ok("sent", account.name, ", ".join(boxes.sent))
        else:
            yield Finding(
                name="sent",
                account=account.name,
                status="warning",
                detail="the server names no Sent mailbox: answers by people are not noticed",
                hint=f'set sent = ["…"] under [accounts.{account.name}]',
            )
    except TriageError as error:
        yield _failed("server", account.name, error)
    finally:
        mail.close()


def _records(config: Config, account: Account) -> Iterator[Finding]:
    with bootstrap.dry_store(config) as store:
        last = store.journal.last_good_pass(account.name)
        grounds = store.mail.grounds(account.name)
    if last is None:
        yield Finding(
            name="last run",
            account=account.name,
            status="warning",
            detail="there was no good pass yet",
            hint="triage run",
        )
    else:
        age = datetime.now(UTC) - last
        late = age > bootstrap.STALE_AFTER
        yield Finding(
            name="last run",
            account=account.name,
            status="warning" if late or age < -CLOCK else "ok",
            detail="the last good pass lies in the future: look at the clock"
            if age < -CLOCK
            else f"{max(0, int(age.total_seconds() // 60))} minutes ago",
            hint="look at cron" if late else None,
        )
    total = sum(grounds.values())
    for ground, number in grounds.items():
        if total >= SILENCED_FROM and number / total > SILENCED and ground in passes.SILENCING:
            yield Finding(
                name="silenced mail",
                account=account.name,
                status="warning",
                detail=f"{number} of {total} messages got no draft because of “{ground}”",
                hint="is one of your addresses missing in `addresses`? Look: triage messages list",
            )


# --------------------------------------------------------------------------- verify


def _count(config: Config, store: Store, account: Account) -> Count:
    deadline = time.monotonic() + config.limits.run_seconds
    mail = passes.source(account, seconds_left=lambda: deadline - time.monotonic())
    try:
        mail.connect()
        inbox = mail.mailboxes().inbox
        state = mail.examine(inbox)
        uids = mail.uids_after(inbox, 0)
    except TriageError as error:
        return Count(
            account=account.name, mailbox=account.mailbox, ok=False, error=error.message, exit=error.exit
        )
    finally:
        mail.close()
    record = store.mail.mailbox(account.name, inbox)
    if record is None or record.uidvalidity != state.uidvalidity:
        why = (
            "no run has looked at it yet" if record is None else "its uidvalidity changed since the last run"
        )
        return Count(
            account=account.name,
            mailbox=inbox,
            ok=record is not None or not uids,
            server=len(uids),
            undiscovered=len(uids),
            error=why,
            exit=Exit.OK if record is not None or not uids else Exit.FOUND,
        )
    known = store.mail.dispositions(account.name, inbox, state.uidvalidity)
    here = [uid for uid in uids if uid in known]
    missing = tuple(uid for uid in uids if uid not in known and uid <= record.cursor)
    dispositions: dict[str, int] = {}
    for uid in here:
        word = known[uid] or "open"
        dispositions[word] = dispositions.get(word, 0) + 1
    return Count(
        account=account.name,
        mailbox=inbox,
        ok=not missing,
        server=len(uids),
        recorded=len(known),
        open=dispositions.pop("open", 0),
        undiscovered=sum(uid > record.cursor for uid in uids),
        dispositions=dispositions,
        missing=missing,
        exit=Exit.FOUND if missing else Exit.OK,
    )


# --------------------------------------------------------------------------- findings


def _ok(name: str, account: str | None, detail: str) -> Finding:
    return Finding(name=name, account=account, status="ok", detail=detail)


def _failed(name: str, account: str | None, error: TriageError) -> Finding:
    return Finding(
        name=name,
        account=account,
        status="failed",
        detail=error.message,
        hint=error.hint or None,
        exit=error.exit,
    )
