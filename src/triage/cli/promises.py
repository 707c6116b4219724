"""`triage promises …`: what we said we would do, and by when."""

from __future__ import annotations

from typing import Annotated

import typer

from triage.cli import shapes
from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Result, read_id, show_id, show_span, table
from triage.errors import Exit


def register(line: CommandLine) -> None:
    line.group("promises", "What we promised, by when.", panel=Panel.CALLS)
    line.add("promises list", list_, example="triage promises list --check")
    line.add("promises keep", keep, example="triage promises keep p3 --note rung")


def list_(
    ctx: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Those that are kept or moot too.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if one is overdue.")] = False,
) -> Result:
    """Lists open promises, the most pressing first; unsent ones have no time yet."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        records = place.store.promises.listing(everything=all_)
        now = place.now
    data = [shapes.promise(r, now=now) for r in records]

    def text(page: Page) -> str:
        rows = [
            (
                show_id("p", r.id),
                r.requester.name or r.requester.address,
                r.text,
                "when sent"
                if r.due is None
                else f"in {show_span(r.due - now)}"
                if r.due > now
                else f"{show_span(now - r.due)} overdue",
                r.status,
            )
            for r in records
        ]
        columns = [
            Column(title="id"),
            Column(title="to", flexible=True),
            Column(title="what", flexible=True),
            Column(title="due"),
            Column(title="state"),
        ]
        return table(columns, rows, page) or "Nothing is promised."

    overdue = any(p["overdue"] for p in data)
    return Result(
        data=data, text=text, exit=Exit.FOUND if check and overdue else Exit.OK, routine=check and not overdue
    )


def keep(
    ctx: typer.Context,
    promise: Annotated[str, typer.Argument(metavar="PROMISE", help="A promise's id, such as p3.")],
    moot: Annotated[bool, typer.Option("--moot", help="It is no longer wanted.")] = False,
    note: Annotated[str, typer.Option(metavar="TEXT")] = "",
    as_: Annotated[str, typer.Option("--as", metavar="NAME", help="Who you are.")] = "",
) -> Result:
    """Notes that a promise was kept."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        id = read_id("p", promise)
        status = "moot" if moot else "kept"
        place.store.promises.close(id, status, who=bootstrap.agent(as_), at=place.now, why=note)
        data = shapes.promise(place.store.promises.record(id), now=place.now)
    return Result(data=data, text=f"{show_id('p', id)} is {status}.")
