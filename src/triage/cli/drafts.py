"""`triage drafts …`: the holding replies, on their way to Drafts and after."""

from __future__ import annotations

from typing import Annotated

import typer

from triage.cli import shapes
from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Result, read_id, safe, safe_lines, show_id, show_span, table
from triage.errors import StateError
from triage.texts import doubts
from triage.types import DraftStatus


def register(line: CommandLine) -> None:
    line.group("drafts", "The holding replies.", panel=Panel.RECORDS)
    line.add("drafts list", list_, example="triage drafts list")
    line.add("drafts show", show, example="triage drafts show d4")
    line.add("drafts retry", retry, example="triage drafts retry d4")


def list_(
    ctx: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Those that are sent or gone too.")] = False,
) -> Result:
    """Lists the drafts that are not sent yet, newest first."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        records = place.store.drafts.listing(everything=all_)
        dues = place.store.promises.dues_of_drafts()
        now, warnings = place.now, place.warnings()

    def text(page: Page) -> str:
        rows = [
            (
                show_id("d", r.id),
                show_span(now - r.created),
                r.requester.name or r.requester.address,
                r.subject,
                r.kind,
                r.status + (" (stale)" if r.stale and r.status is DraftStatus.STORED else ""),
            )
            for r in records
        ]
        columns = [
            Column(title="id"),
            Column(title="age", right=True),
            Column(title="to", flexible=True, least=12),
            Column(title="subject", flexible=True, least=16),
            Column(title="kind"),
            Column(title="state"),
        ]
        return table(columns, rows, page) or "No draft is waiting."

    return Result(
        data=[shapes.draft(r, promise_due=dues.get(r.id)) for r in records], text=text, warnings=warnings
    )


def show(
    ctx: typer.Context,
    draft: Annotated[str, typer.Argument(metavar="DRAFT", help="A draft's id, such as d4.")],
) -> Result:
    """Shows one draft's words and what became of it."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        record = place.store.drafts.record(read_id("d", draft))
        due = place.store.promises.dues_of_drafts().get(record.id)
        events = [shapes.event(e) for e in place.store.journal.of("draft", record.id)]
        answered = place.store.mail.record(record.message) if record.message is not None else None
    odd = doubts(answered.assessment.get("doubts") or ()) if answered else ()

    def text(page: Page) -> str:
        head = [
            page.bold(safe(f"{show_id('d', record.id)}  {record.subject}")),
            safe(f"to {record.requester.name} <{record.requester.address}>, {record.kind}, {record.status}"),
        ]
        if record.stale:
            head.append(page.yellow("stale: something happened since it was made; look before you send it"))
        head += [page.yellow(f"look twice before you send it: {doubt}") for doubt in odd]
        return "\n".join([*head, "", safe_lines(record.text)])

    data = shapes.draft(record, promise_due=due) | {"doubts": list(odd), "events": events}
    return Result(data=data, text=text)


def retry(
    ctx: typer.Context,
    draft: Annotated[str, typer.Argument(metavar="DRAFT", help="A draft's id, such as d4.")],
    as_: Annotated[str, typer.Option("--as", metavar="NAME", help="Who you are.")] = "",
) -> Result:
    """Lets the next run append an uncertain draft (after you looked: it is not in Drafts)."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        record = place.store.drafts.record(read_id("d", draft))
        if record.status is not DraftStatus.UNCERTAIN or record.content is None:
            raise StateError(
                f"draft {draft} is {record.status}", hint="only an uncertain draft can be tried again"
            )
        place.store.drafts.retry(record, who=bootstrap.agent(as_), at=place.now)
        record = place.store.drafts.record(record.id)
        due = place.store.promises.dues_of_drafts().get(record.id)
    return Result(
        data=shapes.draft(record, promise_due=due),
        text=f"{show_id('d', record.id)} will be appended by the next run.",
    )
