"""The call desk's records: tickets in their order, claims, requesters' wishes, promises."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from triage.calls import ticket as life
from triage.errors import LostLeaseError, NotFoundError, StateError
from triage.store.database import Database, Row
from triage.store.journal import Journal
from triage.store.values import dump, dump_words, instant, instant_or_none, load, ms, ms_or_none
from triage.types import Address, Reason, Ticket, TicketStatus

_OPEN = "status IN ('waiting', 'scheduled', 'claimed')"
_CLAIMABLE = (
    "(status = 'waiting' OR (status = 'scheduled' AND coalesce(next_attempt, 0) <= ?)"
    " OR (status = 'claimed' AND coalesce(lease_expires, 0) <= ?))"
)
# Whoever holds one ticket of a requester holds all of them: nobody is rung up by two agents.
_NOT_HELD_BY_ANOTHER = (
    "NOT EXISTS (SELECT 1 FROM ticket o WHERE o.requester_address = ticket.requester_address"
    " AND o.requester_address <> '' AND o.id <> ticket.id AND o.status = 'claimed'"
    " AND o.lease_expires > ? AND o.claimed_by <> ?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What is known of a requester, whatever the case."""

    address: str
    name: str = ""
    phone: str = ""
    phone_verified: bool = False
    flags: frozenset[str] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRecord:
    """`due` is None until the draft that makes the promise was sent."""

    id: int
    account: str
    requester: Address
    ticket: int | None
    draft: int | None
    conversation: int | None
    text: str
    made: datetime | None
    due: datetime | None
    status: str  # unsent | open | kept | broken | moot


def _ticket(row: Row) -> Ticket:
    return Ticket(
        id=row["id"],
        account=row["account"],
        requester=Address(address=row["requester_address"], name=row["requester_name"]),
        status=TicketStatus(row["status"]),
        score=row["score"],
        tier=row["tier"],
        priority=row["rank_key"],
        phone=row["phone"] or None,
        phone_verified=bool(row["phone_verified"]),
        region=row["region"],
        language=row["language"],
        contact=row["contact"],
        flags=frozenset(load(row["flags"])),
        subject=row["subject"],
        received=instant(row["received"]),
        attempts=row["attempts"],
        next_attempt=instant_or_none(row["next_attempt"]),
        claimed_by=row["claimed_by"],
        claim=row["claim"],
        lease_expires=instant_or_none(row["lease_expires"]),
        messages=row["messages"],
        reasons=tuple(Reason(**r) for r in load(row["reasons"])),
        outcome=row["outcome"],
        merged_into=row["merged_into"],
        closed=instant_or_none(row["closed"]),
    )


class Desk:
    """Tickets, contacts and promises. Every change is written together with its event."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._db = database
        self._journal = journal

    # ------------------------------------------------------------------ reading

    def ticket(self, id: int) -> Ticket:
        """Raises NotFoundError."""
        row = self._db.one("SELECT * FROM ticket WHERE id = ?", (id,))
        if row is None:
            raise NotFoundError(
                f"there is no ticket t{id}", hint="`triage calls list --all` shows every ticket"
            )
        return _ticket(row)

    def queue(self, *, everything: bool = False) -> list[Ticket]:
        """Open tickets, most urgent first; with `everything` the closed ones after them."""
        rows = self._db.all(f"SELECT * FROM ticket WHERE {_OPEN} ORDER BY tier, rank_key DESC, id")
        if everything:
            closed = f"SELECT * FROM ticket WHERE NOT ({_OPEN}) ORDER BY closed DESC, id DESC"
            rows += self._db.all(closed)
        return [_ticket(row) for row in rows]

    def case_of(self, account: str, address: str, *, now: datetime) -> Ticket | None:
        """The ticket that a new mail of this requester joins.

        An open one, or one that was resolved within the last 7 days (to be re-opened).
        """
        if not address:
            return None
        row = self._db.one(
            f"SELECT * FROM ticket WHERE account = ? AND requester_address = ? AND split = 0 AND {_OPEN}",
            (account, address),
        ) or self._db.one(
            "SELECT * FROM ticket WHERE account = ? AND requester_address = ? AND split = 0"
            " AND status = 'resolved' AND closed >= ? ORDER BY closed DESC LIMIT 1",
            (account, address, ms(now - life.CASE)),
        )
        return _ticket(row) if row else None

    def place(self, tier: int, rank_key: float) -> int:
        """How many open tickets stand before one with this order."""
        return self._db.number(
            f"SELECT count(*) FROM ticket WHERE {_OPEN} AND (tier < ? OR (tier = ? AND rank_key > ?))",
            (tier, tier, rank_key),
        )

    def calls_made(self, account: str, since: datetime) -> int:
        """Calls that were made since an instant: the day's capacity used up."""
        return self._db.number(
            "SELECT count(*) FROM event e JOIN ticket t ON e.subject_id = CAST(t.id AS TEXT)"
            " WHERE e.subject = 'ticket' AND e.what IN ('done', 'no_answer', 'voicemail', 'wrong number', 'declined')"
            " AND t.account = ? AND e.at >= ?",
            (account, ms(since)),
        )

    def traffic(self, since: datetime) -> tuple[int, int, int]:
        """(open now, opened since an instant, closed since then)."""
        return (
            self._db.number(f"SELECT count(*) FROM ticket WHERE {_OPEN}"),
            self._db.number("SELECT count(*) FROM ticket WHERE opened >= ?", (ms(since),)),
            self._db.number("SELECT count(*) FROM ticket WHERE closed >= ?", (ms(since),)),
        )

    # ------------------------------------------------------------------ tickets from mail

    def open(self, new: Ticket, *, who: str, why: str, at: datetime, last_mail: datetime) -> Ticket:
        """Store a new ticket (its `id` is given here; its `priority` is its rank key)."""
        id = self._db.insert(
            "INSERT INTO ticket (account, requester_name, requester_address, status, tier, rank_key, score,"
            " phone, phone_verified, region, language, contact, flags, subject, opened, received, last_mail,"
            " messages, reasons, split) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (
                new.account,
                new.requester.name,
                new.requester.address,
                new.status,
                new.tier,
                new.priority,
                new.score,
                new.phone or "",
                new.phone_verified,
                new.region,
                new.language,
                new.contact,
                dump_words(new.flags),
                new.subject[:500],
                ms(at),
                ms(new.received),
                ms(last_mail),
                new.messages,
                dump([{"cue": r.cue, "evidence": r.evidence, "points": r.points} for r in new.reasons]),
            ),
        )
        self._journal.note("ticket", id, "opened", at=at, who=who, why=why, score=round(new.score))
        return replace(new, id=id)

    def save(
        self, ticket: Ticket, what: str, *, who: str, at: datetime, why: str = "", **detail: object
    ) -> Ticket:
        """Write a changed ticket and the event that tells of the change."""
        self._db.run(
            "UPDATE ticket SET status = ?, tier = ?, rank_key = ?, score = ?, phone = ?, phone_verified = ?,"
            " region = ?, language = ?, contact = ?, flags = ?, received = ?, attempts = ?, next_attempt = ?,"
            " claimed_by = ?, claim = ?, lease_expires = ?, messages = ?, reasons = ?, outcome = ?,"
            " merged_into = ?, closed = ? WHERE id = ?",
            (
                ticket.status,
                ticket.tier,
                ticket.priority,
                ticket.score,
                ticket.phone or "",
                ticket.phone_verified,
                ticket.region,
                ticket.language,
                ticket.contact,
                dump_words(ticket.flags),
                ms(ticket.received),
                ticket.attempts,
                ms_or_none(ticket.next_attempt),
                ticket.claimed_by,
                ticket.claim,
                ms_or_none(ticket.lease_expires),
                ticket.messages,
                dump([{"cue": r.cue, "evidence": r.evidence, "points": r.points} for r in ticket.reasons]),
                ticket.outcome,
                ticket.merged_into,
                ms_or_none(ticket.closed),
                ticket.id,
            ),
        )
        self._journal.note("ticket", ticket.id, what, at=at, who=who, why=why, **detail)
        return ticket

    # ------------------------------------------------------------------ agents

    def regions(self) -> list[tuple[str, str]]:
        """(account, region) of the open tickets that are to be phoned, each once."""
        rows = self._db.all(
            f"SELECT DISTINCT account, region FROM ticket WHERE {_OPEN} AND contact = 'phone'"
        )
        return [(row["account"], row["region"]) for row in rows]

    def next(
        self,
        *,
        agent: str,
        now: datetime,
        lease: timedelta,
        peek: bool = False,
        asleep: Sequence[tuple[str, str]] = (),
        language: str = "",
    ) -> Ticket | None:
        """The most urgent ticket that may be worked now, claimed for exactly one agent.

        `asleep`: (account, region) where nobody may be phoned at this hour; only life and
        safety is offered there. `language`: only tickets in it.

        An agent who holds one already gets that one back, its lease renewed.
        """
        moment = ms(now)
        awake, values = "", []
        if asleep:
            marks = ", ".join("?" * len(asleep))
            awake = f" AND (tier = 0 OR contact <> 'phone' OR account || ' ' || region NOT IN ({marks}))"
            values = [" ".join(place) for place in asleep]
        if language:
            awake += " AND language = ?"
            values.append(language)
        with self._db.transaction():
            row = self._db.one(
                "SELECT * FROM ticket WHERE status = 'claimed' AND claimed_by = ? AND lease_expires > ?"
                " ORDER BY tier, rank_key DESC LIMIT 1",
                (agent, moment),
            ) or self._db.one(
                f"SELECT * FROM ticket WHERE {_CLAIMABLE} AND {_NOT_HELD_BY_ANOTHER}{awake}"
                " ORDER BY tier, rank_key DESC, id LIMIT 1",
                (moment, moment, moment, agent, *values),
            )
            if row is None:
                return None
            ticket = _ticket(row)
            return ticket if peek else self._claim(ticket, agent, now, lease)

    def claim(self, id: int, *, agent: str, now: datetime, lease: timedelta) -> Ticket:
        """Take one ticket. Raises NotFoundError, StateError."""
        with self._db.transaction():
            ticket = self.ticket(id)
            other = self._db.one(
                "SELECT id, claimed_by FROM ticket WHERE requester_address = ? AND requester_address <> ''"
                " AND id <> ? AND status = 'claimed' AND lease_expires > ? AND claimed_by <> ?",
                (ticket.requester.address, id, ms(now), agent),
            )
            if other:
                raise StateError(
                    f"{other['claimed_by']} holds ticket t{other['id']} of the same requester",
                    hint="one person is called by one agent: talk to them, or take another ticket",
                    code="held",
                )
            return self._claim(ticket, agent, now, lease)

    def _claim(self, ticket: Ticket, agent: str, now: datetime, lease: timedelta) -> Ticket:
        renewed = ticket.status is TicketStatus.CLAIMED and ticket.claimed_by == agent
        claimed = life.claim(ticket, agent=agent, token=secrets.token_hex(8), now=now, lease=lease)
        what = "renewed" if renewed and claimed.claim == ticket.claim else "claimed"
        why = ""
        if ticket.status is TicketStatus.CLAIMED and ticket.claimed_by != agent:
            why = f"the lease of {ticket.claimed_by} had expired"
        return self.save(claimed, what, who=agent, at=now, why=why)

    def step(
        self,
        id: int,
        change: Callable[[Ticket], Ticket],
        what: str,
        *,
        who: str,
        at: datetime,
        note: str = "",
        **detail: object,
    ) -> Ticket:
        """Apply one transition of calls/ticket.py. A note survives a lost lease, as an event.

        Raises:
            NotFoundError, StateError, LostLeaseError.
        """
        with self.keeping_note(id, note, who=who, at=at):
            return self.save(change(self.ticket(id)), what, who=who, at=at, why=note, **detail)

    @contextmanager
    def keeping_note(self, id: int, note: str, *, who: str, at: datetime) -> Iterator[None]:
        """A transaction of which, when the lease turns out to be lost, only the note is kept."""
        try:
            with self._db.transaction():
                yield
        except LostLeaseError:
            if note:
                with self._db.transaction():
                    self._journal.note("ticket", id, "note", at=at, who=who, why=note, late=True)
            raise

    def split(self, id: int, messages: list[int], *, who: str, at: datetime, note: str = "") -> Ticket:
        """Part some mails of a case into a ticket of their own.

        Raises:
            StateError: it is closed, or nothing would remain.
        """
        with self._db.transaction():
            ticket = self.ticket(id)
            if not life.is_open(ticket):
                raise StateError(f"ticket t{id} is {ticket.status}", hint="only an open ticket can be split")
            rows = self._db.all(
                "SELECT id, score, received, subject, assessment FROM message WHERE ticket = ? ORDER BY received",
                (id,),
            )
            parted = [row for row in rows if row["id"] in messages]
            missing = sorted(set(messages) - {row["id"] for row in rows})
            if missing:
                raise NotFoundError(
                    f"message m{missing[0]} is not part of ticket t{id}",
                    hint=f"`triage calls show t{id}` lists its messages",
                )
            if not parted or len(parted) == len(rows):
                raise StateError(
                    f"ticket t{id} has {len(rows)} message(s): some must go and some must stay",
                    hint="name the messages that are another matter",
                )
            score = max(row["score"] or 0.0 for row in parted)
            received = instant(parted[0]["received"])
            new = self._db.insert(
                "INSERT INTO ticket (account, requester_name, requester_address, status, tier, rank_key, score,"
                " phone, phone_verified, region, language, contact, flags, subject, opened, received, last_mail,"
                " messages, reasons, split) SELECT account, requester_name, requester_address, 'waiting', tier,"
                " ?, ?, phone, phone_verified, region, language, contact, flags, ?, ?, ?, ?, ?, ?, 1"
                " FROM ticket WHERE id = ?",
                (
                    life.rank_key(
                        life.points(score=score, vip=False, promises_broken=0, messages=len(parted)), received
                    ),
                    score,
                    parted[0]["subject"],
                    ms(at),
                    ms(received),
                    parted[-1]["received"],
                    len(parted),
                    dump(load(parted[0]["assessment"]).get("reasons", [])),
                    id,
                ),
            )
            for row in parted:
                self._db.run("UPDATE message SET ticket = ? WHERE id = ?", (new, row["id"]))
            names = ", ".join(f"m{row['id']}" for row in parted)
            self.save(
                replace(ticket, messages=ticket.messages - len(parted)),
                "split",
                who=who,
                at=at,
                why=note,
                into=f"t{new}",
                messages=names,
            )
            self._journal.note("ticket", new, "opened", at=at, who=who, why=f"split from t{id}: {names}")
            return self.ticket(new)

    # ------------------------------------------------------------------ contacts

    def contact(self, address: str) -> Contact:
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

    def save_contact(self, contact: Contact, *, who: str, at: datetime, why: str = "") -> None:
        """Write a contact, with an event; its open tickets take over the wishes and the number."""
        with self._db.transaction():
            before = self.contact(contact.address)
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

    def open_tickets_of(self, address: str) -> list[Ticket]:
        rows = self._db.all(
            f"SELECT * FROM ticket WHERE requester_address = ? AND {_OPEN} ORDER BY tier, rank_key DESC",
            (address,),
        )
        return [_ticket(row) for row in rows]

    # ------------------------------------------------------------------ promises

    def promise(
        self,
        *,
        account: str,
        requester: Address,
        text: str,
        status: str,
        draft: int | None = None,
        ticket: int | None = None,
        conversation: int | None = None,
        made: datetime | None = None,
        due: datetime | None = None,
        at: datetime,
        who: str = "triage",
    ) -> int:
        id = self._db.insert(
            "INSERT INTO promise (account, requester_name, requester_address, conversation, ticket, draft, text,"
            " made, due, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account,
                requester.name,
                requester.address,
                conversation,
                ticket,
                draft,
                text,
                ms_or_none(made),
                ms_or_none(due),
                status,
            ),
        )
        self._journal.note("promise", id, "made", at=at, who=who, why=text)
        return id

    def promises(self, *, everything: bool = False) -> list[PromiseRecord]:
        """Those that are open or broken, the most pressing first; unsent ones last."""
        where = "" if everything else "WHERE status IN ('unsent', 'open', 'broken')"
        return [
            _promise(row)
            for row in self._db.all(f"SELECT * FROM promise {where} ORDER BY due IS NULL, due, id")
        ]

    def draft_dues(self) -> dict[int, datetime]:
        """By when each sent draft's promise is due."""
        return {
            row["draft"]: instant(row["due"])
            for row in self._db.all(
                "SELECT draft, due FROM promise WHERE draft IS NOT NULL AND due IS NOT NULL"
            )
        }

    def promise_record(self, id: int) -> PromiseRecord:
        row = self._db.one("SELECT * FROM promise WHERE id = ?", (id,))
        if row is None:
            raise NotFoundError(f"there is no promise p{id}", hint="`triage promises list --all` shows them")
        return _promise(row)

    def promise_sent(self, draft: int, *, made: datetime, due: datetime, at: datetime) -> None:
        """The draft was sent: its promise runs from now on."""
        row = self._db.one("SELECT id FROM promise WHERE draft = ? AND status = 'unsent'", (draft,))
        if row:
            self._db.run(
                "UPDATE promise SET status = 'open', made = ?, due = ? WHERE id = ?",
                (ms(made), ms(due), row["id"]),
            )
            self._journal.note("promise", row["id"], "due", at=at, due=ms(due))

    def close_promise(self, id: int, status: str, *, who: str, at: datetime, why: str = "") -> None:
        """kept or moot. Raises StateError for one that is closed already."""
        with self._db.transaction():
            record = self.promise_record(id)
            if record.status in ("kept", "moot"):
                raise StateError(f"promise p{id} is {record.status} already")
            self._db.run("UPDATE promise SET status = ?, closed = ? WHERE id = ?", (status, ms(at), id))
            self._journal.note("promise", id, status, at=at, who=who, why=why)

    def keep_promises_to(self, account: str, address: str, *, who: str, at: datetime, why: str) -> None:
        """A person spoke to the requester: what we promised them is kept."""
        if not address:
            return
        for row in self._db.all(
            "SELECT id FROM promise WHERE account = ? AND requester_address = ?"
            " AND status IN ('unsent', 'open', 'broken')",
            (account, address),
        ):
            self.close_promise(row["id"], "kept", who=who, at=at, why=why)

    def settle_promises(self, *, now: datetime) -> list[int]:
        """Keep those whose requester was answered since; mark the overdue ones broken."""
        broken: list[int] = []
        with self._db.transaction():
            for row in self._db.all("SELECT * FROM promise WHERE status IN ('open', 'broken')"):
                answer = self._db.one(
                    "SELECT min(answered) AS at FROM message WHERE conversation = ? AND requester_address = ?"
                    " AND answered >= ?",
                    (row["conversation"], row["requester_address"], row["made"] or 0),
                )
                if answer and answer["at"] is not None:
                    self.close_promise(row["id"], "kept", who="triage", at=now, why="a person answered")
                elif row["status"] == "open" and row["due"] is not None and row["due"] < ms(now):
                    self._db.run("UPDATE promise SET status = 'broken' WHERE id = ?", (row["id"],))
                    self._journal.note("promise", row["id"], "broken", at=now)
                    broken.append(row["id"])
        return broken

    def promises_broken(self, account: str, address: str) -> int:
        return self._db.number(
            "SELECT count(*) FROM promise WHERE account = ? AND requester_address = ? AND status = 'broken'",
            (account, address),
        )


def _promise(row: Row) -> PromiseRecord:
    return PromiseRecord(
        id=row["id"],
        account=row["account"],
        requester=Address(address=row["requester_address"], name=row["requester_name"]),
        ticket=row["ticket"],
        draft=row["draft"],
        conversation=row["conversation"],
        text=row["text"],
        made=instant_or_none(row["made"]),
        due=instant_or_none(row["due"]),
        status=row["status"],
    )
