"""`triage calls …`: the phone-call queue, worked by agents, people and programs alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.calls.ticket import Outcome
from triage.cli import shapes
from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Result, read_id, safe, show_id, show_span, table
from triage.errors import UsageError
from triage.types import Address, Pause, Ticket, TicketStatus

if TYPE_CHECKING:
    from triage.bootstrap import Workplace
    from triage.promises import BusinessDuration

TicketId = Annotated[str, typer.Argument(metavar="TICKET", help="A ticket's id, such as t12.")]
As = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Who you are (else TRIAGE_AGENT, else the login).")
]
Token = Annotated[
    str, typer.Option("--claim", metavar="TOKEN", help="The claim's token, for programs that share a name.")
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="What whoever comes next should know.")]


def register(line: CommandLine) -> None:
    line.group("calls", "The phone-call queue.", panel=Panel.CALLS)
    line.add("calls list", list_, example="triage calls list")
    line.add("calls next", next_, example="triage calls next")
    line.add("calls show", show, example="triage calls show t12")
    line.add("calls claim", claim, example="triage calls claim t12")
    line.add("calls release", release, example='triage calls release t12 --note "asked for French"')
    line.add("calls done", done, example='triage calls done t12 --outcome resolved --note "refunded"')
    line.add("calls no-answer", no_answer, example="triage calls no-answer t12 --voicemail")
    line.add("calls snooze", snooze, example="triage calls snooze t12 --for 2h")
    line.add("calls add", add, example='triage calls add anna@example.org --phone "+44 20 7946 0018"')
    line.add("calls split", split, example="triage calls split t12 m40 m41")
    line.add("calls merge", merge, example="triage calls merge t12 t15")
    line.add("calls forecast", forecast, example="triage calls forecast")
    line.add("calls history", history, example="triage calls history t12")


@contextmanager
def _workplace(ctx: typer.Context) -> Iterator[Workplace]:
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        yield place


def list_(
    ctx: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Closed tickets too.")] = False,
) -> Result:
    """Lists the queue, most urgent first."""
    from triage import desk

    with _workplace(ctx) as place:
        every = place.store.desk.queue(everything=all_)
        tickets = every if all_ else [t for t in every if t.incident is None]
        going_on = [
            desk.standing(place.store, i) for i in place.store.incidents.listing() if i.status == "open"
        ]
        now, warnings = place.now, place.warnings()

    def text(page: Page) -> str:
        lines = [
            f"{show_id('i', s.incident.id)}  {safe(s.incident.name)}: {s.mails} mails, {s.told} told,"
            f" {s.folded} cases folded into this line"
            for s in going_on
        ]
        queue = queue_table(tickets, page, now=now) or ("" if lines else "No one is waiting for a call.")
        return "\n".join(filter(None, [*lines, queue]))

    return Result(data=[shapes.ticket(t, now=now) for t in tickets], text=text, warnings=warnings)


def next_(
    ctx: typer.Context,
    as_: As = "",
    peek: Annotated[bool, typer.Option("--peek", help="Look, without claiming it.")] = False,
    language: Annotated[
        str, typer.Option(metavar="CODE", help="Only cases in this language, such as de.")
    ] = "",
    desk_: Annotated[
        str, typer.Option("--desk", metavar="NAME", help="Only cases of this desk, such as privacy.")
    ] = "",
) -> Result:
    """Claims the most urgent ticket that may be worked now, and shows its brief."""
    from triage import bootstrap, desk

    with _workplace(ctx) as place:
        settings_of = cache(partial(bootstrap.desk_settings, place.config))
        ticket = desk.take(
            place.store,
            settings_of,
            agent=bootstrap.agent(as_),
            now=place.now,
            peek=peek,
            language=language.lower(),
            desk=desk_,
        )
        if ticket is None:
            opening = desk.next_opening(place.store, settings_of, now=place.now)
            said = _nobody_now(opening, language, place)
            return Result(data=None, text=said, warnings=place.warnings())
        return _shown(place, ticket, claimed=not peek)


def show(
    ctx: typer.Context,
    ticket: TicketId,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="The whole brief as Markdown, for another system.")
    ] = False,
) -> Result:
    """Shows one ticket with the brief for the call."""
    with _workplace(ctx) as place:
        return _shown(place, place.store.desk.ticket(read_id("t", ticket)), markdown=markdown)


def claim(ctx: typer.Context, ticket: TicketId, as_: As = "") -> Result:
    """Claims one ticket (or renews your lease on it), and shows its brief."""
    from triage import bootstrap

    with _workplace(ctx) as place:
        found = place.store.desk.ticket(read_id("t", ticket))
        lease = bootstrap.desk_settings(place.config, found.account).lease
        found = place.store.desk.claim(found.id, agent=bootstrap.agent(as_), now=place.now, lease=lease)
        return _shown(place, found, claimed=True)


def release(ctx: typer.Context, ticket: TicketId, as_: As = "", note: Note = "", token: Token = "") -> Result:
    """Gives a claimed ticket back to the queue, with a note for whoever takes over."""
    from triage import bootstrap, desk

    with _workplace(ctx) as place:
        changed = desk.give_back(
            place.store,
            read_id("t", ticket),
            agent=bootstrap.agent(as_),
            token=token,
            note=note,
            now=place.now,
        )
        return _changed(place, changed, "is back in the queue")


def done(
    ctx: typer.Context,
    ticket: TicketId,
    outcome: Annotated[Outcome, typer.Option("--outcome", help="How it ended.")] = Outcome.RESOLVED,
    note: Note = "",
    promise: Annotated[
        str, typer.Option(metavar="TEXT", help="What was agreed; it is listed until it is kept.")
    ] = "",
    by: Annotated[str, typer.Option(metavar="TIME", help="By when, such as 2026-11-30T16:00.")] = "",
    within: Annotated[
        str, typer.Option(metavar="DURATION", help="By when, such as '2 business days' or 4h.")
    ] = "",
    follow_up: Annotated[
        str,
        typer.Option(metavar="DURATION", help="When to ask whether all is well: '5 business days', or none."),
    ] = "",
    as_: As = "",
    token: Token = "",
) -> Result:
    """Closes a ticket with an outcome and a note; after a wrong number or a refusal it goes on."""
    if outcome is Outcome.INCIDENT_OVER:
        raise UsageError("an incident ends for all at once", hint="triage incidents close i1 --say …")
    from triage import bootstrap, desk

    with _workplace(ctx) as place:
        due = _due(promise, by, within, place)
        id = read_id("t", ticket)
        settings = bootstrap.desk_settings(place.config, place.store.desk.ticket(id).account)
        changed = desk.finish(
            place.store,
            id,
            settings,
            agent=bootstrap.agent(as_),
            token=token,
            outcome=outcome,
            note=note,
            now=place.now,
            promise=promise,
            due=due,
            follow_up=_follow_up(follow_up) if follow_up else settings.follow_up,
        )
        if outcome is Outcome.WRONG_NUMBER:
            return _changed(place, changed, "is back in the queue: look up another number")
        if outcome is Outcome.DECLINED:
            return _changed(place, changed, "is back in the queue: write to them, they do not want calls")
        said = f"is closed: {outcome.value.replace('_', ' ')}"
        return _changed(place, changed, f"{said}; promised by {_local(due, place)}" if due else said)


def no_answer(
    ctx: typer.Context,
    ticket: TicketId,
    voicemail: Annotated[bool, typer.Option("--voicemail", help="You left a voicemail.")] = False,
    note: Note = "",
    as_: As = "",
    token: Token = "",
) -> Result:
    """Notes that nobody answered, and schedules the next attempt."""
    from triage import bootstrap, desk

    with _workplace(ctx) as place:
        id = read_id("t", ticket)
        settings = bootstrap.desk_settings(place.config, place.store.desk.ticket(id).account)
        changed = desk.missed(
            place.store,
            id,
            settings,
            agent=bootstrap.agent(as_),
            token=token,
            note=note,
            voicemail=voicemail,
            now=place.now,
        )
        if changed.next_attempt is None:
            return _changed(place, changed, f"was tried {changed.attempts} times: write to them personally")
        if changed.pause is Pause.ANSWER:
            said = (
                f"was tried {changed.attempts} times: the next run drafts a letter that says so; it comes back"
                f" when they answer, or at {_local(changed.next_attempt, place)}"
            )
            return _changed(place, changed, said)
        return _changed(place, changed, f"comes back at {_local(changed.next_attempt, place)}")


def snooze(
    ctx: typer.Context,
    ticket: TicketId,
    until: Annotated[str, typer.Option(metavar="TIME", help="A time, such as 2026-11-30T16:00.")] = "",
    for_: Annotated[str, typer.Option("--for", metavar="DURATION", help="Such as 2h, 45m or 1d.")] = "",
    note: Note = "",
    as_: As = "",
    token: Token = "",
) -> Result:
    """Puts a ticket off until a time (the customer asked to be rung later)."""
    from triage import bootstrap, desk

    with _workplace(ctx) as place:
        changed = desk.put_off(
            place.store,
            read_id("t", ticket),
            agent=bootstrap.agent(as_),
            token=token,
            until=_until(until, for_, place),
            note=note,
            now=place.now,
        )
        return _changed(place, changed, f"comes back at {_local(changed.next_attempt or place.now, place)}")


def add(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The requester's mail address.")],
    name: Annotated[str, typer.Option(metavar="NAME")] = "",
    phone: Annotated[
        str, typer.Option(metavar="NUMBER", help="With country code, or of the default country.")
    ] = "",
    subject: Annotated[str, typer.Option(metavar="TEXT", help="What it is about.")] = "",
    score: Annotated[float, typer.Option(min=0, max=100, help="How urgent, 0 to 100.")] = 70.0,
    account: Annotated[str, typer.Option(metavar="NAME", help="Default: the first one.")] = "",
    note: Note = "",
    as_: As = "",
) -> Result:
    """Adds a case to the queue by hand."""
    from triage import bootstrap, desk
    from triage.intake.addresses import usable

    known = usable(address)
    if known is None:
        raise UsageError(f"{address} is no mail address", hint="triage calls add anna@example.org")
    with _workplace(ctx) as place:
        chosen = place.config.chosen((account,) if account else ())[0]
        ticket = desk.add(
            place.store,
            bootstrap.desk_settings(place.config, chosen.name),
            account=chosen.name,
            requester=Address(address=known, name=name),
            number=phone,
            subject=subject or note or "added by hand",
            score=score,
            note=note,
            agent=bootstrap.agent(as_),
            now=place.now,
        )
        return _changed(place, ticket, "is in the queue")


def split(
    ctx: typer.Context,
    ticket: TicketId,
    messages: Annotated[list[str], typer.Argument(metavar="MESSAGE...", help="Ids, such as m40.")],
    note: Note = "",
    as_: As = "",
) -> Result:
    """Parts messages that are another matter into a ticket of their own."""
    from triage import bootstrap

    with _workplace(ctx) as place:
        new = place.store.desk.split(
            read_id("t", ticket),
            [read_id("m", m) for m in messages],
            who=bootstrap.agent(as_),
            at=place.now,
            note=note,
        )
        return _changed(place, new, f"was split from {ticket}")


def merge(
    ctx: typer.Context,
    ticket: TicketId,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The ticket that is one case with it.")],
    note: Note = "",
    as_: As = "",
) -> Result:
    """Makes one case of two tickets; the older one survives."""
    from triage import bootstrap

    with _workplace(ctx) as place:
        kept = place.store.desk.merge(
            read_id("t", ticket), read_id("t", other), who=bootstrap.agent(as_), at=place.now, note=note
        )
        return _changed(place, kept, "has the mails of both")


def forecast(ctx: typer.Context) -> Result:
    """Tells when the queue will be empty at the present rate."""
    from triage import bootstrap, desk

    with _workplace(ctx) as place:
        seen = desk.forecast(place.store, bootstrap.calendar(place.config), now=place.now)
        rates = (
            f"In the last {seen.days} business days {seen.opened:.1f} a day came"
            f" and {seen.closed:.1f} a day were closed"
        )
        if not seen.waiting:
            said = "No one is waiting for a call."
        elif seen.empty_at:
            said = (
                f"{seen.waiting} wait. {rates}: the queue is empty on about {_local(seen.empty_at, place)}."
            )
        elif seen.opened > seen.closed:
            said = f"{seen.waiting} wait. {rates}: the queue grows."
        else:
            said = f"{seen.waiting} wait. {rates}: it stays as it is."
        return Result(data=seen, text=said, warnings=place.warnings())


def history(ctx: typer.Context, ticket: TicketId) -> Result:
    """Tells everything that happened to a ticket."""
    with _workplace(ctx) as place:
        id = place.store.desk.ticket(read_id("t", ticket)).id
        events = [shapes.event(e) for e in place.store.journal.of("ticket", id)]
        zone = place.config.team.timezone

    def text(page: Page) -> str:
        from zoneinfo import ZoneInfo

        return table(
            [
                Column(title="when"),
                Column(title="who"),
                Column(title="what"),
                Column(title="why", flexible=True),
            ],
            [
                (f"{e['at'].astimezone(ZoneInfo(zone)):%d %b %H:%M}", e["who"], e["event"], e["detail"])
                for e in events
            ],
            page,
        )

    return Result(data=events, text=text)


# --------------------------------------------------------------------------- shared


def _nobody_now(opening: datetime | None, language: str, place: Workplace) -> str:
    """Why `next` has nobody to offer."""
    if opening is None:
        return "No one is waiting for a call."
    if language:
        return f"No one who writes {language} can be called now."
    return f"No one can be called now; the next one from {_local(opening, place)} on."


def queue_table(tickets: list[Ticket], page: Page, *, now: datetime) -> str:
    """The queue for people."""
    from triage.calls.ticket import priority

    def state(t: Ticket) -> str:
        if t.status is TicketStatus.CLAIMED:
            expired = t.lease_expires is not None and t.lease_expires <= now
            return f"{t.claimed_by}{' (lease over)' if expired else ''}"
        if t.status is TicketStatus.SCHEDULED and t.next_attempt:
            return f"in {show_span(t.next_attempt - now)}" if t.next_attempt > now else "waiting"
        return t.status.value if t.outcome == "" else t.outcome

    rows = [
        (
            show_id("t", t.id),
            "!" if t.tier == 0 else "",
            f"{priority(t.priority, now):.0f}",
            t.requester.name or t.requester.address,
            t.phone or {"writing": "write", "look_up": "look it up"}.get(t.contact, ""),
            t.subject,
            show_span(now - t.received),
            t.messages,
            t.attempts,
            state(t),
        )
        for t in tickets
    ]
    return table(
        [
            Column(title="id"),
            Column(title=""),
            Column(title="prio", right=True),
            Column(title="who", flexible=True, least=9),
            Column(title="number"),
            Column(title="subject", flexible=True, least=9),
            Column(title="waits", right=True),
            Column(title="mails", right=True),
            Column(title="tries", right=True),
            Column(title="state", flexible=True, least=7),
        ],
        rows,
        page,
    )


def _shown(place: Workplace, ticket: Ticket, *, claimed: bool = False, markdown: bool = False) -> Result:
    from triage import bootstrap, desk

    found = desk.shown(
        place.store, ticket, bootstrap.desk_settings(place.config, ticket.account), now=place.now
    )
    data: dict[str, Any] = shapes.ticket(ticket, now=place.now) | {
        "claim": ticket.claim or None,
    }
    data["brief"] = {"text": found.text, "markdown": found.markdown, "parts": found.brief}
    text = found.markdown if markdown else found.text
    if claimed and ticket.lease_expires:
        text += (
            f"\nYours until {_local(ticket.lease_expires, place)}. Afterwards: triage calls done"
            f" {show_id('t', ticket.id)} --outcome … --note …, or: no-answer, snooze, release\n"
        )
    return Result(data=data, text=text, warnings=place.warnings())


def _changed(place: Workplace, ticket: Ticket, what: str) -> Result:
    return Result(
        data=shapes.ticket(ticket, now=place.now),
        text=f"{show_id('t', ticket.id)} {what}.",
        warnings=place.warnings(),
    )


def _local(at: datetime, place: Workplace) -> str:
    from zoneinfo import ZoneInfo

    return f"{at.astimezone(ZoneInfo(place.config.team.timezone)):%a %d %b %H:%M}"


def _due(promise: str, by: str, within: str, place: Workplace) -> datetime | None:
    """By when a promise is to be kept."""
    from triage.bootstrap import calendar
    from triage.promises import parse_duration

    if not promise and not by and not within:
        return None
    if not promise or bool(by) == bool(within):
        raise UsageError(
            "a promise needs --promise TEXT, and either --by TIME or --within DURATION",
            hint='triage calls done t12 --outcome agreed --promise "refund £40" --within "2 business days"',
        )
    if by:
        due = _instant("--by", by, place)
    else:
        try:
            due = calendar(place.config).add(place.now, parse_duration(within))
        except ValueError as error:
            raise UsageError(f"--within {within}: {error}") from None
    if due <= place.now:
        raise UsageError("that time is past", hint="a promise is kept later than it is made")
    return due


def _follow_up(text: str) -> BusinessDuration | None:
    from triage.promises import parse_duration

    if text == "none":
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--follow-up {text}: {error}") from None


def _instant(option: str, text: str, place: Workplace) -> datetime:
    """A time as the team writes it: in its own zone unless it says otherwise."""
    from zoneinfo import ZoneInfo

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text} is no time", hint="write it as 2026-11-30T16:00") from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(place.config.team.timezone))


def _until(until: str, for_: str, place: Workplace) -> datetime:
    if bool(until) == bool(for_):
        raise UsageError(
            "give either --until TIME or --for DURATION", hint="triage calls snooze t12 --for 2h"
        )
    if for_:
        from triage.promises import parse_duration

        try:
            length = parse_duration(for_).elapsed
        except ValueError as error:
            raise UsageError(f"--for {for_}: {error}") from None
        return place.now + length
    return _instant("--until", until, place)
