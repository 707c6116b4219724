"""Requesters: how they wish to be reached, and where (P33)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from triage.calls import phone
from triage.routing import OWED, channel
from triage.store import Store
from triage.store.contacts import Contact
from triage.types import Flag

WISHES = tuple(f.value for f in Flag if f not in (Flag.DEATH_NOTICE, Flag.MINOR))


def keep_contact(
    store: Store, contact: Contact, *, agent: str, now: datetime, time_zone: str = "UTC"
) -> None:
    """Wishes and number of a requester; their open tickets obey at once.

    `time_zone` is the team's, for a number that may ring in several.
    """
    with store.transaction():
        store.contacts.save(contact, who=agent, at=now)
        for ticket in store.desk.open_tickets_of(contact.address):
            number = contact.phone or (None if ticket.phone_verified else ticket.phone)
            store.desk.save(
                replace(
                    ticket,
                    flags=(ticket.flags - frozenset(WISHES)) | contact.flags,
                    phone=number or None,
                    phone_verified=bool(contact.phone) and contact.phone_verified,
                    region=phone.region(number, fallback=time_zone) if number else "",
                    contact=channel(contact.flags, number or ""),
                ),
                "wishes changed",
                who=agent,
                at=now,
                why=", ".join(sorted(contact.flags)),
            )
        for wish in (Flag.UNSAFE, Flag.NO_MAIL):
            if wish in contact.flags:
                for draft in store.drafts.pending_for(contact.address):
                    store.withdraw(draft, ground=wish.value, why=OWED[wish.value], who=agent, at=now)
