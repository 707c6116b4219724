"""`triage report`: what came, what was done about it, what makes customers unhappy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Page, Result, instant_of, safe, show_span
from triage.errors import WriteError
from triage.texts import sign

if TYPE_CHECKING:
    from triage.desk.report import Report

DAYS = 30
SIGNS = 8


def register(line: CommandLine) -> None:
    line.add("report", report, panel=Panel.RECORDS, example="triage report --since 2026-11-01")


def report(
    ctx: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="DATE", help=f"From this day on (default: the last {DAYS} days).")
    ] = "",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it into this file as a page.")
    ] = None,
) -> Result:
    """Tells what came, what was done about it, and what makes customers unhappy."""
    from triage import bootstrap, desk

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        start = instant_of(since, place.config.team.timezone) or place.now - timedelta(days=DAYS)
        found = desk.report(place.store, since=start, now=place.now)
        now = place.now
    sections = [*_sections(found, now)]
    if html is not None:
        _write(html, sections, found)

    def text(page: Page) -> str:
        lines = []
        width = max(len(name) for _, rows in sections for name, _ in rows)
        for title, rows in sections:
            lines += ["", page.bold(title)] + [f"  {safe(name):{width}}  {safe(said)}" for name, said in rows]
        said = f"\n\n{html} holds it as a page." if html else ""
        return "\n".join([f"Since {found.since:%a %d %b %Y}:", *lines]) + said

    return Result(data=_shape(found), text=text)


def _sections(found: Report, now: datetime) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    def aged(count: int, oldest: datetime | None) -> str:
        return f"{count}, the oldest for {show_span(now - oldest)}" if oldest else str(count)

    yield (
        "Mail",
        [
            ("came", f"{sum(found.mails.values())}: {_listed(found.mails)}"),
            ("wait for a person, no draft", aged(found.owed, found.oldest_owed)),
        ],
    )
    reached, tried = found.calls.get("done", 0), sum(found.calls.values())
    yield (
        "Calls",
        [
            ("cases opened", str(found.cases)),
            ("calls", f"{tried}, of which {reached} ended the case" if tried else "none"),
            ("ended", _listed(found.outcomes) or "none"),
            ("open now", aged(found.waiting, found.oldest_waiting)),
        ],
    )
    edits = found.edits
    yield (
        "Holding replies",
        [
            ("made", f"{sum(found.drafts.values())}: {_listed(found.drafts)}"),
            (
                "sent as they were",
                f"{edits.as_they_were} of {edits.sent}; on the mean {edits.kept:.0%} of the sentences stayed"
                if edits.kept is not None
                else "none is known yet",
            ),
            ("in Drafts, unsent", aged(found.unsent, found.oldest_unsent)),
        ],
    )
    yield (
        "Promises",
        [("made or ended", _listed(found.promises) or "none"), ("overdue now", str(found.overdue))],
    )
    signs = [(sign(name), str(count)) for name, count in [*found.signs.items()][:SIGNS]]
    yield "What makes them unhappy (mails that show it)", signs or [("nothing", "")]
    if found.feedback:
        yield "The ranking, as agents and calls judged it", [(k, str(n)) for k, n in found.feedback.items()]


def _listed(counts: Mapping[str, int]) -> str:
    most = sorted(counts.items(), key=lambda one: -one[1])
    return ", ".join(f"{count} {name.replace('_', ' ') or 'no outcome'}" for name, count in most)


def _shape(found: Report) -> dict[str, Any]:
    return asdict(found)


def _write(file: Path, sections: list[tuple[str, list[tuple[str, str]]]], found: Report) -> None:
    from html import escape

    body = "".join(
        f"<h2>{escape(title)}</h2><table>"
        + "".join(f"<tr><th>{escape(name)}</th><td>{escape(said)}</td></tr>" for name, said in rows)
        + "</table>"
        for title, rows in sections
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>triage report</title><style>'
        "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
        "th{text-align:left;font-weight:normal;padding-right:2em;vertical-align:top;color:#555}"
        f"</style><h1>Support mail since {found.since:%d %B %Y}</h1>{body}</html>\n"
    )
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise WriteError(f"cannot write {file}: {error.strerror}") from None
