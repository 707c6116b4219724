"""`triage incidents …`: many people write about the same thing; one text answers them all."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Result, read_id, show_id, show_span, table
from triage.errors import InputError, UsageError

if TYPE_CHECKING:
    from triage.bootstrap import Workplace
    from triage.desk.incidents import Standing

IncidentId = Annotated[str, typer.Argument(metavar="INCIDENT", help="An incident's id, such as i2.")]
Say = Annotated[str, typer.Option("--say", metavar="TEXT", help="The words that everybody gets.")]
SayFile = Annotated[
    Path | None, typer.Option("--say-file", metavar="FILE", help="A file with these words (UTF-8).")
]
As = Annotated[str, typer.Option("--as", metavar="NAME", help="Who you are.")]


def register(line: CommandLine) -> None:
    line.group("incidents", "Many people, one matter.", panel=Panel.CALLS)
    line.add("incidents list", list_, example="triage incidents list")
    line.add("incidents open", open_, example='triage incidents open i2 --say "The heating network is down."')
    line.add("incidents close", close, example='triage incidents close i2 --say "Everything works again."')
    line.add("incidents dismiss", dismiss, example="triage incidents dismiss i2 --note campaign")


def list_(
    ctx: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
) -> Result:
    """Lists surges of like mails that were noticed, and incidents that are open."""
    from triage import bootstrap, desk

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        found = [desk.standing(place.store, i) for i in place.store.incidents.listing(everything=all_)]
        now, warnings = place.now, place.warnings()

    def text(page: Page) -> str:
        rows = [
            (
                show_id("i", s.incident.id),
                s.incident.status,
                s.incident.name,
                s.mails,
                s.requesters,
                s.told,
                s.folded,
                show_span(now - s.incident.since),
            )
            for s in found
        ]
        columns = [
            Column(title="id"),
            Column(title="state"),
            Column(title="what they write", flexible=True, least=16),
            Column(title="mails", right=True),
            Column(title="people", right=True),
            Column(title="told", right=True),
            Column(title="cases", right=True),
            Column(title="since", right=True),
        ]
        return table(columns, rows, page) or "Nothing unusual is going on."

    return Result(data=[_shape(s) for s in found], text=text, warnings=warnings)


def open_(
    ctx: typer.Context,
    incident: IncidentId,
    say: Say = "",
    say_file: SayFile = None,
    name: Annotated[str, typer.Option(metavar="TEXT", help="What your team calls it.")] = "",
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="MESSAGE", help="A mail that is another matter (may be repeated)."),
    ] = None,
    as_: As = "",
) -> Result:
    """Answers all its mails with one text; calls only danger, vulnerable people and VIPs."""
    from triage import bootstrap, desk

    said = _said(say, say_file)
    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        id = read_id("i", incident)
        account = place.account(place.store.incidents.record(id).account)
        opened = desk.open_incident(
            place.store,
            cache(partial(bootstrap.desk_settings, place.config)),
            id,
            said=said,
            name=name,
            without=[read_id("m", message) for message in without or ()],
            vip=account.routing.vip if account else (),
            agent=bootstrap.agent(as_),
            now=place.now,
        )
        return _changed(place, desk.standing(place.store, opened), "is open: the next run drafts your words")


def close(
    ctx: typer.Context, incident: IncidentId, say: Say = "", say_file: SayFile = None, as_: As = ""
) -> Result:
    """Ends it: drafts the all-clear to those who were told, and resolves their cases."""
    from triage import bootstrap, desk

    last_words = _said(say, say_file)
    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        closed = desk.close_incident(
            place.store,
            cache(partial(bootstrap.desk_settings, place.config)),
            read_id("i", incident),
            last_words=last_words,
            agent=bootstrap.agent(as_),
            now=place.now,
        )
        standing = desk.standing(place.store, closed)
        return _changed(place, standing, f"is closed: {standing.told} get the all-clear")


def dismiss(
    ctx: typer.Context,
    incident: IncidentId,
    note: Annotated[str, typer.Option(metavar="TEXT", help="What it was.")] = "",
    as_: As = "",
) -> Result:
    """Notes that a proposed one is no incident; its like is not proposed for two days."""
    from triage import bootstrap, desk

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        gone = desk.dismiss_incident(
            place.store, read_id("i", incident), agent=bootstrap.agent(as_), note=note, now=place.now
        )
        return _changed(place, desk.standing(place.store, gone), "is dismissed")


# --------------------------------------------------------------------------- shared


def _said(say: str, file: Path | None) -> str:
    if bool(say.strip()) == (file is not None):
        raise UsageError("give the words with --say TEXT or --say-file FILE", hint="one of the two")
    if file is None:
        return say
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}") from None


def _shape(standing: Standing) -> dict[str, Any]:
    incident = standing.incident
    return {
        "id": show_id("i", incident.id),
        "account": incident.account,
        "status": incident.status,
        "name": incident.name,
        "mails": standing.mails,
        "requesters": standing.requesters,
        "told": standing.told,
        "tickets": standing.folded,
        "example": None if incident.example is None else show_id("m", incident.example),
        "since": incident.since,
        "noticed": incident.noticed,
        "opened": incident.opened,
        "closed": incident.closed,
        "said": incident.said or None,
        "last_words": incident.last_words or None,
    }


def _changed(place: Workplace, standing: Standing, what: str) -> Result:
    return Result(
        data=_shape(standing),
        text=f"{show_id('i', standing.incident.id)} {what}.",
        warnings=place.warnings(),
    )
