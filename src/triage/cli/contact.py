"""`triage contact`: how a requester wishes to be reached, kept whatever the case (P33)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Page, Result, safe
from triage.errors import InputError, UsageError
from triage.types import Address, Flag


def register(line: CommandLine) -> None:
    line.add("contact", contact, panel=Panel.CALLS, example="triage contact anna@example.org --set no_call")


def contact(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The requester's mail address.")],
    set_: Annotated[
        list[Flag] | None, typer.Option("--set", help="A wish to keep from now on (may be repeated).")
    ] = None,
    unset: Annotated[list[Flag] | None, typer.Option("--unset", help="A wish that holds no longer.")] = None,
    phone: Annotated[
        str, typer.Option(metavar="NUMBER", help="Their number, confirmed by you; “none” removes it.")
    ] = "",
    note: Annotated[str, typer.Option(metavar="TEXT")] = "",
    as_: Annotated[str, typer.Option("--as", metavar="NAME", help="Who you are.")] = "",
) -> Result:
    """Shows and sets a requester's wishes and number."""
    from triage import bootstrap, desk
    from triage.calls import phone as numbers
    from triage.intake.addresses import usable
    from triage.routing import address_in

    known = usable(address)
    if known is None:
        raise UsageError(f"{address} is no mail address")
    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        before = place.store.contacts.of(known)
        after = replace(
            before, flags=(before.flags | {f.value for f in set_ or ()}) - {f.value for f in unset or ()}
        )
        if phone == "none":
            after = replace(after, phone="", phone_verified=False)
        elif phone:
            country = bootstrap.desk_settings(place.config, "").default_country
            found = numbers.find(phone, default_country=country)
            if not found:
                raise InputError(f"{phone} is not a telephone number", hint="give it with its country code")
            after = replace(after, phone=found[0].e164, phone_verified=True)
        if note:
            after = replace(after, note=note)
        if after != before:
            desk.keep_contact(
                place.store,
                after,
                agent=bootstrap.agent(as_),
                now=place.now,
                time_zone=place.config.team.timezone,
            )
        vip = any(address_in(known, account.routing.vip) for account in place.config.accounts.values())
        tickets = [t.id for t in place.store.desk.open_tickets_of(known)]
    data = {
        "requester": Address(address=known, name=after.name),
        "phones": [{"number": after.phone, "verified": after.phone_verified, "source": "contact"}]
        if after.phone
        else [],
        "flags": sorted(after.flags),
        "note": after.note or None,
        "vip": vip,
        "tickets": [f"t{id}" for id in tickets],
    }

    def text(page: Page) -> str:
        lines = [page.bold(safe(f"{after.name} <{known}>" if after.name else known))]
        lines.append(f"wishes: {', '.join(sorted(after.flags)).replace('_', ' ') or 'none known'}")
        number = after.phone + ("" if after.phone_verified else " (unverified)") if after.phone else ""
        lines.append(f"number: {number or 'none on file'}")
        lines += [f"note: {safe(after.note)}"] * bool(after.note)
        lines += ["VIP"] * vip
        lines += [f"open: {', '.join(f't{id}' for id in tickets)}"] * bool(tickets)
        return "\n".join(lines)

    return Result(data=data, text=text)
