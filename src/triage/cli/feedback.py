"""`triage feedback`: what the team says of the ranking. It measures, and may teach."""

from __future__ import annotations

from typing import Annotated

import typer

from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Result, read_id, show_id, table
from triage.errors import StateError, UsageError
from triage.types import Verdict


def register(line: CommandLine) -> None:
    line.add("feedback", feedback, panel=Panel.CALLS, example="triage feedback m12 call")


def feedback(
    ctx: typer.Context,
    id: Annotated[
        str, typer.Argument(metavar="ID", help="A message (m12), or a ticket (t3) for all its mails.")
    ],
    verdict: Annotated[Verdict, typer.Argument(metavar="call|reply|none", help="What it should have been.")],
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the next who looks.")] = "",
    as_: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Who you are (else TRIAGE_AGENT, else the login).")
    ] = "",
) -> Result:
    """Records what a mail should have been: a call, a reply, or nothing. The latest word counts."""
    from triage import bootstrap, desk

    kind = id.strip()[:1].lower()
    if kind not in ("m", "t"):
        raise UsageError(f"{id} is neither a message nor a ticket", hint="it looks like m12 or t3")
    number = read_id(kind, id)
    agent = bootstrap.agent(as_)
    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        if kind == "t":
            mails = place.store.mail.of_ticket(place.store.desk.ticket(number).id)
            messages = [mail.id for mail in mails if mail.score is not None]
            if not messages:
                raise StateError(f"ticket t{number} holds no mail: it was added by hand")
        else:
            messages = [number]
        taught = desk.give_feedback(place.store, messages, verdict, agent=agent, note=note, now=place.now)
        now = place.now
    rows = [
        {
            "message": show_id("m", one.message.id),
            "subject": one.message.subject,
            "score": one.message.score,
            "ranked": one.message.verdict or None,
            "verdict": verdict,
            "before": one.before,
        }
        for one in taught
    ]

    def text(page: Page) -> str:
        columns = [
            Column(title="mail"),
            Column(title="subject", flexible=True, least=20),
            Column(title="ranked", right=True),
            Column(title="as"),
            Column(title="should be"),
            Column(title="said before"),
        ]
        body = [
            (r["message"], r["subject"], f"{r['score']:.0f}", r["ranked"], r["verdict"], r["before"])
            for r in rows
        ]
        return table(columns, body, page)

    return Result(
        data={"verdict": verdict, "who": agent, "at": now, "note": note or None, "messages": rows}, text=text
    )
