"""Cases that did not come by mail."""

from __future__ import annotations

from datetime import datetime

from triage.calls import phone
from triage.calls import ticket as life
from triage.desk.settings import DeskSettings
from triage.errors import InputError, StateError
from triage.routing import channel
from triage.store import Store
from triage.types import Address, Reason, Ticket


def add(
    store: Store,
    settings: DeskSettings,
    *,
    account: str,
    requester: Address,
    number: str,
    subject: str,
    score: float,
    note: str,
    agent: str,
    now: datetime,
) -> Ticket:
    """A case that came by another way than mail.

    Raises:
        StateError: this requester has an open ticket already.
        InputError: the number cannot be dialled.
    """
    if number:
        found = phone.find(number, default_country=settings.default_country)
        if not found:
            raise InputError(
                f"{number} is not a telephone number", hint="give it with its country code: +44 20 …"
            )
        number = found[0].e164
        if refused := phone.allowed(number, countries=settings.countries):
            raise InputError(f"{number} must not be dialled: {refused}")
    with store.transaction():
        known = store.desk.case_of(account, requester.address, now=now)
        if known and life.is_open(known):
            raise StateError(
                f"{requester.address} has ticket t{known.id} already",
                hint=f"`triage calls show t{known.id}`",
                code="exists",
            )
        contact = store.contacts.of(requester.address)
        number = number or contact.phone
        ticket = Ticket(
            id=0,
            account=account,
            requester=requester,
            score=score,
            phone=number or None,
            phone_verified=bool(number),
            region=phone.region(number, fallback=settings.calendar.timezone) if number else "",
            contact=channel(contact.flags, number),
            flags=contact.flags,
            subject=subject,
            received=now,
            reasons=(Reason(cue="added", evidence=note or subject, points=score),),
        )
        ticket = life.placed(ticket, life.parts(score=score))
        return store.desk.open(ticket, who=agent, why=note or "added by hand", at=now)
