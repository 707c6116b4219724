"""`triage quarantine …`: messages that could not be read, for a person to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Result, read_id, safe, safe_lines, show_id, table
from triage.errors import NotFoundError, StateError

if TYPE_CHECKING:
    from triage.store.mail import MessageRecord

SHOWN = 4_000  # octets of the raw mail that `show` prints


def register(line: CommandLine) -> None:
    line.group("quarantine", "Messages that could not be read.", panel=Panel.RECORDS)
    line.add("quarantine list", list_, example="triage quarantine list")
    line.add("quarantine show", show, example="triage quarantine show m12")
    line.add("quarantine retry", retry, example="triage quarantine retry m12")


def list_(
    ctx: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Those that were read since too.")] = False,
) -> Result:
    """Lists what lies in quarantine, newest first."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        found = place.store.mail.quarantined(everything=all_)

    def text(page: Page) -> str:
        columns = [
            Column(title="id"),
            Column(title="mailbox"),
            Column(title="uid", right=True),
            Column(title="octets", right=True),
            Column(title="why", flexible=True),
        ]
        rows = [(show_id("m", r.id), r.ref.mailbox, r.ref.uid, r.size, why) for r, why, _ in found]
        return table(columns, rows, page) or "Nothing is in quarantine."

    return Result(data=[_shape(r, why, at) for r, why, at in found], text=text)


def show(
    ctx: typer.Context,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="A message's id, such as m12.")],
) -> Result:
    """Shows the beginning of a quarantined message as it came."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        id = read_id("m", message)
        found = [q for q in place.store.mail.quarantined(everything=True) if q[0].id == id]
        if not found:
            raise NotFoundError(f"{message} is not in quarantine", hint="triage quarantine list")
        content = place.store.mail.quarantined_content(id) or b""
    record, why, at = found[0]
    beginning = content[:SHOWN].decode("utf-8", "replace")
    return Result(
        data=_shape(record, why, at) | {"content": beginning},
        text=lambda page: "\n".join(
            [page.bold(f"{show_id('m', record.id)}: {safe(why)}"), "", safe_lines(beginning)]
        ),
    )


def retry(
    ctx: typer.Context,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="A message's id, such as m12.")],
    as_: Annotated[str, typer.Option("--as", metavar="NAME", help="Who you are.")] = "",
) -> Result:
    """Lets the next run read a quarantined message again."""
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        id = read_id("m", message)
        found = [q for q in place.store.mail.quarantined(everything=True) if q[0].id == id]
        if not found:
            raise NotFoundError(f"{message} is not in quarantine", hint="triage quarantine list")
        with place.store.transaction():
            if not place.store.mail.retry_quarantined(id):
                raise StateError(f"{message} was taken up again already", hint="triage messages show")
            place.store.journal.note("message", id, "retry", at=place.now, who=bootstrap.agent(as_))
    record, why, at = found[0]
    return Result(
        data=_shape(record, why, at), text=f"{show_id('m', id)} will be read again by the next run."
    )


def _shape(record: MessageRecord, why: str, since: object) -> dict[str, object]:
    return {
        "id": show_id("m", record.id),
        "account": record.ref.account,
        "mailbox": record.ref.mailbox,
        "uid": record.ref.uid,
        "received": record.received,
        "size": record.size,
        "attempts": record.attempts,
        "reason": why,
        "since": since,
    }
