"""`triage init` and `triage check`: from nothing to a first run, and what is wrong if not."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Page, Problem, Result, safe
from triage.errors import WORST_FIRST, Exit, InputError, LoginError, UsageError, WriteError

if TYPE_CHECKING:
    from triage.config import Account


def register(line: CommandLine) -> None:
    line.add("init", init, panel=Panel.SETUP, example="triage init")
    line.add("check", check, panel=Panel.SETUP, example="triage check")


def init(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(metavar="HOST", help="The IMAP server.")] = "",
    username: Annotated[str, typer.Option(metavar="NAME", help="The login.")] = "",
    address: Annotated[str, typer.Option(metavar="ADDRESS", help="The support address.")] = "",
    password_env: Annotated[
        str, typer.Option(metavar="VARIABLE", help="The environment variable that holds the password.")
    ] = "TRIAGE_PASSWORD",  # noqa: S107 - the name of a variable
    security: Annotated[str, typer.Option(help="tls, starttls, or none (this machine only).")] = "tls",
    port: Annotated[int | None, typer.Option(help="Default: 993, or 143 without implicit TLS.")] = None,
    ca_file: Annotated[str, typer.Option(metavar="FILE", help="A private CA's certificate.")] = "",
    account: Annotated[str, typer.Option(metavar="NAME", help="What to call it.")] = "support",
    team: Annotated[str, typer.Option(metavar="NAME", help="Who signs the replies.")] = "",
) -> Result:
    """Asks for the mailbox, tests the login, finds Drafts and Sent, and writes config.toml."""
    from triage.config import find, load, starter

    path = find(options(ctx).config, os.environ)
    if path.exists():
        raise InputError(f"{path} exists already; it is not overwritten", hint="edit it, then: triage check")
    username = _asked("Login name", username or address, "--username")
    host = _asked(
        "IMAP server",
        host or ("imap." + username.partition("@")[2] if "@" in username else ""),
        "--host",
        given=host,
    )
    address = _asked("Support address", address or (username if "@" in username else ""), "--address")
    team = _asked("Who signs the replies (such as “Larkwell Support”)", "Support", "--team", given=team)
    draft = path.with_name(path.name + ".new")
    text = starter(
        account=account,
        host=host,
        username=username,
        address=address,
        password_env=password_env,
        security=security,
        port=port or (993 if security == "tls" else 143),
        ca_file=ca_file,
        from_name=team,
        timezone=_local_zone(),
    )
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.chmod(0o600)
        config = load(draft)
        found = _tested(config.accounts[account], password_env)
        os.link(draft, path)  # fails if somebody made it meanwhile
    except OSError as error:
        raise WriteError(f"cannot write {path}: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
    steps = [
        f"{path} is written.",
        *found,
        "Next: triage check, then triage run --dry-run, then triage run.",
    ]
    return Result(data={"file": str(path), "account": account, "found": found}, text="\n".join(steps))


def _asked(question: str, default: str, option: str, *, given: str = "") -> str:
    if given:
        return given
    if not sys.stdin.isatty():
        if default:
            return default
        raise UsageError(f"{option} is missing", hint="or run triage init at a terminal, where it asks")
    return str(typer.prompt(question, default=default or None, err=True)).strip()


def _local_zone() -> str:
    """This machine's IANA time zone, as far as it tells; else London's."""
    from zoneinfo import available_timezones

    named = (
        os.environ.get("TZ", "").lstrip(":") or os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    )
    return named if "/" in named and named in available_timezones() else "Europe/London"


def _tested(account: Account, password_env: str) -> list[str]:
    """What the server says. A missing password is asked for (and not stored) at a terminal."""
    from triage.bootstrap import passes

    if not os.environ.get(password_env):
        if not sys.stdin.isatty():
            return [f"The login was not tested: {password_env} is not set."]
        import getpass

        os.environ[password_env] = getpass.getpass(f"Password (to test it; keep it in {password_env}): ")
    deadline = time.monotonic() + 60
    mail = passes.source(account, seconds_left=lambda: deadline - time.monotonic())
    try:
        mail.connect()
        boxes = mail.mailboxes()
    except LoginError as error:
        raise LoginError(error.message, hint=f"nothing was written; {error.hint}") from None
    finally:
        mail.close()
    return [
        f"The login works. Inbox: {boxes.inbox}.",
        f"Drafts: {boxes.drafts}."
        if boxes.drafts
        else "No Drafts mailbox was found: set drafts = … in the file.",
        f"Sent: {', '.join(boxes.sent)}."
        if boxes.sent
        else "No Sent mailbox was found: set sent = [...] in the file.",
    ]


def check(ctx: typer.Context) -> Result:
    """Tests configuration, store, templates, logins and mailboxes; says what to mend."""
    from triage import bootstrap, checks

    findings = list(checks.check(bootstrap.read_config(options(ctx).config)))
    failed = [f for f in findings if f.status == "failed"]

    def text(page: Page) -> str:
        marks = {"ok": "ok  ", "warning": page.yellow("look"), "failed": page.red("FAIL"), "skipped": "–   "}
        lines = []
        for f in findings:
            where = f"{f.account}: " if f.account else ""
            lines.append(f"{marks[f.status]}  {safe(f'{where}{f.name}: {f.detail}')}")
            if f.hint:
                lines.append(f"      {safe(f.hint)}")
        return "\n".join(lines)

    exits = {f.exit for f in failed}
    return Result(
        data={
            "checks": [
                {"name": f.name, "account": f.account, "status": f.status, "detail": f.detail, "hint": f.hint}
                for f in findings
            ]
        },
        text=text,
        exit=next((e for e in WORST_FIRST if e in exits), Exit.FOUND) if failed else Exit.OK,
        errors=tuple(
            Problem(
                code="check",
                message=f"{f.account + ': ' if f.account else ''}{f.name}: {f.detail}",
                hint=f.hint or "",
            )
            for f in failed
        ),
    )
