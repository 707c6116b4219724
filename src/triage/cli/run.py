"""`triage run`: what cron calls every few minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Options, Page, Problem, Result, instant_of, show_span, table

if TYPE_CHECKING:
    from triage.config import Config
    from triage.pipeline import PassReport

FIELDS = (
    "account",
    "mailbox",
    "status",
    "error",
    "seen",
    "ticketed",
    "drafted",
    "owed",
    "left_alone",
    "quarantined",
    "uncertain",
    "appended",
    "pending",
    "unsent",
    "oldest_unsent",
    "deferred",
    "bytes_fetched",
    "seconds",
)


def register(line: CommandLine) -> None:
    line.add("run", run, panel=Panel.MAIN, example="triage run --quiet")


def run(
    ctx: typer.Context,
    accounts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ACCOUNT]...", help="Default: all accounts.", show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen; write nothing anywhere.")
    ] = False,
    since: Annotated[
        str,
        typer.Option(metavar="DATE", help="Draw the start line at this day (first run: 7 days back)."),
    ] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Take up at most so many messages an account.")
    ] = None,
) -> Result:
    """Takes in new mail: ranks it, queues the calls, puts holding replies into Drafts."""
    from triage import bootstrap
    from triage.bootstrap import passes
    from triage.store import Store

    chosen = options(ctx)
    config = bootstrap.read_config(chosen.config)
    start_line = instant_of(since, config.team.timezone)
    names = tuple(accounts or ())
    config.chosen(names)  # an unknown account is an error before anything is done
    with (
        Store.dry(bootstrap.store_of(config))
        if dry_run
        else Store.open(bootstrap.store_of(config), group=config.store.group)
    ) as store:
        reports = passes.run_accounts(config, store, names, since=start_line, limit=limit, dry_run=dry_run)
    return _result(config, reports, chosen, dry_run=dry_run)


def _result(config: Config, reports: list[PassReport], chosen: Options, *, dry_run: bool) -> Result:
    from triage.bootstrap import passes

    loud = [r for r in reports if not (chosen.quiet and r.young)]
    alarms = [f"{r.account}: {text}" for r in reports for text in r.alarms]
    problems = tuple(
        Problem(code=r.status, message=f"{r.account}: {r.error}", hint=r.hint)
        for r in loud
        if r.error and not _is_busy(r)
    ) + tuple(
        Problem(
            code="quarantined",
            message=f"{r.account}: {r.quarantined} message(s) could not be read and are quarantined",
            hint="triage quarantine list",
        )
        for r in reports
        if r.quarantined
    )
    warnings = [f"{r.account}: {r.error}" for r in reports if _is_busy(r)]
    if not dry_run and (failed := passes.alert(config, [*alarms, *(p.message for p in problems)])):
        alarms.append(failed)
    return Result(
        data={"accounts": [{name: getattr(r, name) for name in FIELDS} for r in reports]},
        text=lambda page: _text(reports, page, dry_run=dry_run),
        exit=passes.worst_exit(loud),
        # A new quarantine or an uncertain draft is for a person too: cron is not to hide it.
        alarms=(*alarms, *(f"{r.account}: {text}" for r in reports for text in r.warnings)),
        warnings=(*warnings, *(f"{r.account}: {text}" for r in reports for text in r.notices)),
        errors=problems,
        routine=True,
    )


def _is_busy(report: PassReport) -> bool:
    """Another run is at work, and has not been for long: nothing that a person must look at."""
    return report.status == "busy" and report.young


def _text(reports: list[PassReport], page: Page, *, dry_run: bool) -> str:
    rows = [
        (
            r.account,
            r.seen,
            r.ticketed,
            r.drafted,
            r.owed,
            r.left_alone,
            r.quarantined + r.uncertain or "",
            r.appended,
            r.pending,
            r.deferred or "",
            f"{r.seconds:.1f} s" + ("" if r.status == "ok" else f" ({r.status})"),
        )
        for r in reports
    ]
    columns = [Column(title="account")] + [
        Column(title=title, right=True)
        for title in (
            "new",
            "calls",
            "drafts",
            "owed",
            "left alone",
            "odd",
            "appended",
            "pending",
            "deferred",
        )
    ]
    text = table([*columns, Column(title="time")], rows, page)
    if dry_run:
        text += "\nDry run: nothing was written, here or on the server."
        return text
    if any(r.owed for r in reports):
        text += "\nOwed mail waits for a person: triage messages list --owed"
    from triage import bootstrap

    now = bootstrap.now()
    for r in reports:
        if r.oldest_unsent:
            text += f"\n{r.account}: {r.unsent} in Drafts, unsent, the oldest for {show_span(now - r.oldest_unsent)}"
    return text
