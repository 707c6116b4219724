"""`triage verify`, `triage backup`, `triage store copy`: is all of it there, and copies of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Problem, Result, table
from triage.errors import WORST_FIRST, Exit


def register(line: CommandLine) -> None:
    line.add("verify", verify, panel=Panel.RECORDS, example="triage verify")
    line.add("backup", backup, panel=Panel.RECORDS, example="triage backup triage-monday.sqlite3")
    line.group("store", "Where the records are.", panel=Panel.RECORDS)
    line.add("store copy", copy, example="triage store copy postgresql://desk.example.org/triage")


def verify(
    ctx: typer.Context,
    accounts: Annotated[list[str] | None, typer.Argument(metavar="[ACCOUNT]...", show_default=False)] = None,
) -> Result:
    """Counts each mailbox against the records: nothing is lost."""
    from triage import bootstrap, checks

    config = bootstrap.read_config(options(ctx).config)
    with bootstrap.open_workplace(config) as place:
        counts = checks.verify(config, place.store, tuple(accounts or ()))
    fields = (
        "account",
        "mailbox",
        "ok",
        "server",
        "recorded",
        "open",
        "undiscovered",
        "dispositions",
        "missing",
        "unexplained",
        "error",
    )

    def text(page: Page) -> str:
        rows = [
            (
                c.account,
                c.mailbox,
                c.server,
                " + ".join(f"{n} {word.replace('_', ' ')}" for word, n in sorted(c.dispositions.items())),
                c.open,
                c.undiscovered,
                len(c.missing),
                "adds up" if c.ok and not c.error else c.error or ("MISSING" if c.missing else "see below"),
            )
            for c in counts
        ]
        columns = [
            Column(title="account"),
            Column(title="mailbox"),
            Column(title="on server", right=True),
            Column(title="on record", flexible=True, least=20),
            Column(title="open", right=True),
            Column(title="new", right=True),
            Column(title="lost", right=True),
            Column(title=""),
        ]
        return table(columns, rows, page)

    problems = tuple(
        Problem(
            code="lost",
            message=f"{c.account}: {len(c.missing)} messages of {c.mailbox} have no record"
            f" (uid {', '.join(map(str, c.missing[:10]))})",
            hint="please report this; `triage run --since DATE` does not mend it",
        )
        if c.missing
        else Problem(code="verify", message=f"{c.account}: {c.error}")
        for c in counts
        if c.missing or (not c.ok and c.error)
    ) + tuple(
        Problem(
            code="unexplained",
            message=f"{c.account}: the events of {', '.join(c.unexplained[:10])} do not tell their state",
            hint="somebody changed the store by hand, or please report this",
        )
        for c in counts
        if c.unexplained
    )
    exits = {c.exit for c in counts}
    code = next((e for e in WORST_FIRST if e in exits), Exit.FOUND if Exit.FOUND in exits else Exit.OK)
    return Result(
        data={"accounts": [{name: getattr(c, name) for name in fields} for c in counts]},
        text=text,
        exit=code,
        errors=problems,
        routine=True,
    )


def backup(
    ctx: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")]
) -> Result:
    """Copies the store into a new file, consistently, while others work on."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        place.store.database.backup(file)
    size = file.stat().st_size
    return Result(
        data={"file": str(file), "bytes": size},
        text=f"{file} holds the store ({size:,} octets).",
        routine=True,
    )


def copy(
    ctx: typer.Context,
    to: Annotated[
        str,
        typer.Argument(metavar="URL", help="An empty store: postgresql://… or sqlite:///FILE."),
    ],
) -> Result:
    """Copies all records into an empty store, to move the desk there."""
    from triage import bootstrap

    config = bootstrap.read_config(options(ctx).config)
    with bootstrap.open_workplace(config) as place, bootstrap.open_store(to) as target:
        counts = place.store.copy_into(target)
        where = target.database.where
    return Result(
        data={"to": where, "rows": counts},
        text=f"{where} holds {sum(counts.values()):,} records."
        " Set [store] url to it, and run cron with that configuration only.",
    )
