"""`triage messages …`: what came, and what became of it."""

from __future__ import annotations

from typing import Annotated

import typer

from triage.cli import shapes
from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import (
    Column,
    Page,
    Result,
    instant_of,
    read_id,
    safe,
    safe_lines,
    show_id,
    show_span,
    table,
)
from triage.errors import NotFoundError
from triage.texts import doubts


def register(line: CommandLine) -> None:
    line.group("messages", "What came and what became of it.", panel=Panel.RECORDS)
    line.add("messages list", list_, example="triage messages list --owed")
    line.add("messages show", show, example="triage messages show m12")


def list_(
    ctx: typer.Context,
    owed: Annotated[bool, typer.Option("--owed", help="Only those who still wait for a person.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Not only the last 200.")] = False,
    since: Annotated[str, typer.Option(metavar="DATE", help="From this day on.")] = "",
) -> Result:
    """Lists messages, newest first, each with its disposition and ground."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        records = place.store.mail.records(
            owed=owed, since=instant_of(since, place.config.team.timezone), limit=None if all_ else 200
        )
        now, warnings = place.now, place.warnings()

    def text(page: Page) -> str:
        rows = [
            (
                show_id("m", r.id),
                show_span(now - r.received) if r.received else "",
                who.name or who.address if (who := r.requester or r.sender) else "",
                r.subject,
                "" if r.score is None else f"{r.score:.0f}",
                r.disposition or "open",
                r.ground,
                show_id("t", r.ticket) if r.ticket else show_id("d", r.draft) if r.draft else "",
            )
            for r in records
        ]
        columns = [
            Column(title="id"),
            Column(title="age", right=True),
            Column(title="from", flexible=True, least=12),
            Column(title="subject", flexible=True, least=16),
            Column(title="score", right=True),
            Column(title="became"),
            Column(title="ground"),
            Column(title="see"),
        ]
        return table(columns, rows, page) or ("Nobody waits." if owed else "No message is on record.")

    return Result(data=[shapes.message(r) for r in records], text=text, warnings=warnings)


def show(
    ctx: typer.Context,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="A message's id, such as m12.")],
) -> Result:
    """Shows one message: what was newly written, what became of it and why."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        record = place.store.mail.record(read_id("m", message))
        if record is None:
            raise NotFoundError(f"there is no message {message}", hint="triage messages list")
        events = [shapes.event(e) for e in place.store.journal.of("message", record.id)]
    data = shapes.message(record) | {
        "new_text": record.new_text,
        "assessment": record.assessment,
        "attempts": record.attempts,
        "fault": record.fault or None,
        "events": events,
    }

    def text(page: Page) -> str:
        sender = f"{record.sender.name} <{record.sender.address}>" if record.sender else "unknown"
        lines = [
            page.bold(safe(f"{show_id('m', record.id)}  {record.subject}")),
            safe(f"from {sender}, in {record.ref.account}/{record.ref.mailbox}, uid {record.ref.uid}"),
            *(page.yellow(f"look twice: {doubt}") for doubt in doubts(record.assessment.get("doubts") or ())),
            safe(f"{record.disposition or 'open'}: {record.why or record.fault or 'not handled yet'}"),
        ]
        if record.score is not None:
            lines.append(f"score {record.score:.0f}, {record.verdict}: triage explain m{record.id}")
        return "\n".join([*lines, "", safe_lines(record.new_text)])

    return Result(data=data, text=text)
