"""What is known of a requester, whatever the case: wishes, number, notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.store.database import Database
from triage.store.journal import Journal
from triage.store.values import dump_words, load, ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A requester, by address. `flags` are their wishes (types.Flag)."""

    address: str
    name: str = ""
    phone: str = ""
    phone_verified: bool = False
    flags: frozenset[str] = frozenset()
    note: str = ""


class Contacts:
    """The requesters' side of the store."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._db = database
        self._journal = journal

    def of(self, address: str) -> Contact:
        """What is known of an address; an empty contact if nothing is."""
        row = self._db.one("SELECT * FROM contact WHERE address = ?", (address,))
        if row is None:
            return Contact(address=address)
        return Contact(
            address=address,
            name=row["name"],
            phone=row["phone"],
            phone_verified=bool(row["phone_verified"]),
            flags=frozenset(load(row["flags"])),
            note=row["note"],
        )

    def save(self, contact: Contact, *, who: str, at: datetime, why: str = "") -> None:
        """Write a contact, with an event."""
        with self._db.transaction():
            before = self.of(contact.address)
            if before == contact:
                return
            self._db.run(
                "INSERT INTO contact (address, name, phone, phone_verified, flags, note, changed)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET name = excluded.name,"
                " phone = excluded.phone, phone_verified = excluded.phone_verified, flags = excluded.flags,"
                " note = excluded.note, changed = excluded.changed",
                (
                    contact.address,
                    contact.name,
                    contact.phone,
                    contact.phone_verified,
                    dump_words(contact.flags),
                    contact.note,
                    ms(at),
                ),
            )
            self._journal.note(
                "contact",
                contact.address,
                "changed",
                at=at,
                who=who,
                why=why,
                added=sorted(contact.flags - before.flags),
                removed=sorted(before.flags - contact.flags),
            )
