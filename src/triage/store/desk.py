"""The call desk's records: tickets in their order, and who holds them.

Every change of a ticket is written together with an event that holds what changed, so that
a ticket's events alone tell its state.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from triage.calls import ticket as life
from triage.errors import LostLeaseError, NotFoundError, StateError
from triage.store.database import Database, Row, Value
from triage.store.journal import Journal
from triage.store.values import dump, dump_words, instant, instant_or_none, load, marks, ms, ms_or_none
from triage.types import Address, Pause, Reason, Ticket, TicketStatus

_OPEN = "status IN ('waiting', 'scheduled', 'claimed')"
# The conditions of the partial indexes stand word for word: a database uses one only then.
_CLAIMABLE = (
    f"{_OPEN} AND incident IS NULL AND (status = 'waiting' OR (status = 'scheduled' AND coalesce(next_attempt, 0) <= ?)"
    " OR (status = 'claimed' AND coalesce(lease_expires, 0) <= ?))"
)
# Whoever holds one ticket of a requester holds all of them: nobody is rung up by two agents.
_NOT_HELD_BY_ANOTHER = (
    "NOT EXISTS (SELECT 1 FROM ticket o WHERE o.requester_address = ticket.requester_address"
    " AND o.status IN ('waiting', 'scheduled', 'claimed') AND o.requester_address <> ''"
    " AND o.id <> ticket.id AND o.status = 'claimed' AND o.lease_expires > ? AND o.claimed_by <> ?)"
)


def _ticket(row: Row) -> Ticket:
    return Ticket(
        id=row["id"],
        account=row["account"],
        requester=Address(address=row["requester_address"], name=row["requester_name"]),
        status=TicketStatus(row["status"]),
        score=row["score"],
        tier=row["tier"],
        priority=row["rank_key"],
        parts=tuple((name, points) for name, points in load(row["parts"])),
        phone=row["phone"] or None,
        phone_verified=bool(row["phone_verified"]),
        region=row["region"],
        callback=row["callback"],
        language=row["language"],
        contact=row["contact"],
        desk=row["desk"],
        incident=row["incident"],
        flags=frozenset(load(row["flags"])),
        subject=row["subject"],
        received=instant(row["received"]),
        attempts=row["attempts"],
        next_attempt=instant_or_none(row["next_attempt"]),
        pause=Pause(row["pause"]) if row["pause"] else None,
        claimed_by=row["claimed_by"],
        claim=row["claim"],
        lease_expires=instant_or_none(row["lease_expires"]),
        messages=row["messages"],
        reasons=tuple(Reason(**r) for r in load(row["reasons"])),
        outcome=row["outcome"],
        merged_into=row["merged_into"],
        closed=instant_or_none(row["closed"]),
    )


def _columns(ticket: Ticket) -> dict[str, Value]:
    """What may change in a ticket's life, as the table holds it."""
    return {
        "status": ticket.status.value,
        "tier": ticket.tier,
        "rank_key": ticket.priority,
        "parts": dump(ticket.parts),
        "score": ticket.score,
        "phone": ticket.phone or "",
        "phone_verified": int(ticket.phone_verified),
        "region": ticket.region,
        "callback": ticket.callback,
        "language": ticket.language,
        "contact": ticket.contact,
        "desk": ticket.desk,
        "incident": ticket.incident,
        "flags": dump_words(ticket.flags),
        "received": ms(ticket.received),
        "attempts": ticket.attempts,
        "next_attempt": ms_or_none(ticket.next_attempt),
        "pause": ticket.pause.value if ticket.pause else "",
        "claimed_by": ticket.claimed_by,
        "claim": ticket.claim,
        "lease_expires": ms_or_none(ticket.lease_expires),
        "messages": ticket.messages,
        "reasons": dump([{"cue": r.cue, "evidence": r.evidence, "points": r.points} for r in ticket.reasons]),
        "outcome": ticket.outcome,
        "merged_into": ticket.merged_into,
        "closed": ms_or_none(ticket.closed),
    }


# Not in events: the sentences of a mail, which are forgotten with it, and the key of a claim.
_UNTOLD = frozenset({"reasons", "claim"})


def _told(columns: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in columns.items() if name not in _UNTOLD}


class Desk:
    """Tickets in their order, and who holds them."""

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
            # CROSS JOIN: SQLite takes the events first, of which the day has few.
            "SELECT count(*) FROM event e CROSS JOIN ticket t WHERE t.id = CAST(e.subject_id AS BIGINT)"
            " AND e.subject = 'ticket' AND e.what IN ('done', 'no_answer', 'voicemail', 'wrong number', 'declined')"
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

    def open(
        self,
        new: Ticket,
        *,
        who: str,
        why: str,
        at: datetime,
        last_mail: datetime | None = None,
        split: bool = False,
    ) -> Ticket:
        """Store a new ticket (its `id` is given here; its `priority` is its rank key)."""
        columns = _columns(new)
        fixed: dict[str, Value] = {
            "account": new.account,
            "requester_name": new.requester.name,
            "requester_address": new.requester.address,
            "subject": new.subject[:500],
            "opened": ms(at),
            "last_mail": ms(last_mail or new.received),
            "split": int(split),
        }
        names = ", ".join((*fixed, *columns))
        values = (*fixed.values(), *columns.values())
        id = self._db.insert(f"INSERT INTO ticket ({names}) VALUES ({marks(len(values))})", values)
        self._journal.note("ticket", id, "opened", at=at, who=who, why=why, changes=_told(columns))
        return replace(new, id=id)

    def save(
        self, ticket: Ticket, what: str, *, who: str, at: datetime, why: str = "", **detail: object
    ) -> Ticket:
        """Write a changed ticket and the event that tells of the change."""
        before = _columns(self.ticket(ticket.id))
        changes = {name: value for name, value in _columns(ticket).items() if value != before[name]}
        if changes:
            assignments = ", ".join(f"{name} = ?" for name in changes)
            self._db.run(f"UPDATE ticket SET {assignments} WHERE id = ?", (*changes.values(), ticket.id))
        self._journal.note(
            "ticket", ticket.id, what, at=at, who=who, why=why, **detail, changes=_told(changes)
        )
        return ticket

    def replayed(self, id: int) -> dict[str, Value]:
        """A ticket's state as its events alone tell it (what they do not tell is left out)."""
        state: dict[str, Value] = {}
        for event in self._journal.of("ticket", id):
            state.update(event.detail.get("changes") or {})  # type: ignore[call-overload]  # JSON
        return state

    def unexplained(self, *, since: datetime) -> list[int]:
        """Open tickets, and those closed since an instant, whose events do not tell their state."""
        rows = self._db.all(f"SELECT * FROM ticket WHERE {_OPEN} OR closed >= ?", (ms(since),))
        found = []
        for row in rows:
            state = _columns(_ticket(row))
            if any(state[name] != value for name, value in self.replayed(row["id"]).items()):
                found.append(int(row["id"]))
        return found

    # ------------------------------------------------------------------ agents

    def places(self) -> list[tuple[str, str, str]]:
        """(account, region, callback window) of the open tickets that are to be phoned, each once."""
        rows = self._db.all(
            f"SELECT DISTINCT account, region, callback FROM ticket WHERE {_OPEN} AND contact = 'phone'"
        )
        return [(row["account"], row["region"], row["callback"]) for row in rows]

    def next(
        self,
        *,
        agent: str,
        now: datetime,
        lease: timedelta,
        peek: bool = False,
        asleep: Sequence[tuple[str, str, str]] = (),
        language: str = "",
        desk: str = "",
    ) -> Ticket | None:
        """The most urgent ticket that may be worked now, claimed for exactly one agent.

        `asleep`: places of those whom nobody may phone at this hour; only
        life and safety is offered there. `language` and `desk`: only tickets in it, or of it.

        An agent who holds one already gets that one back, its lease renewed.
        """
        if peek:
            return self._best(agent, now, asleep, language, desk, ())
        with self._db.claiming():
            self._db.hold(f"agent {agent}", wait=True)
            passed: list[str] = []
            while True:
                ticket = self._best(agent, now, asleep, language, desk, passed, lock=True)
                if ticket is None:
                    return None
                if self._db.hold(ticket.requester.address) and not self._holder(ticket, agent, now):
                    return self._claim(ticket, agent, now, lease)
                # Another claim of the same requester is being committed at this moment.
                passed.append(ticket.requester.address)

    def _best(
        self,
        agent: str,
        now: datetime,
        asleep: Sequence[tuple[str, str, str]],
        language: str,
        desk: str,
        passed: Sequence[str],
        *,
        lock: bool = False,
    ) -> Ticket | None:
        moment = ms(now)
        row = self._db.one(
            "SELECT * FROM ticket WHERE status = 'claimed' AND claimed_by = ? AND lease_expires > ?"
            " ORDER BY tier, rank_key DESC LIMIT 1",
            (agent, moment),
        )
        if row is not None:
            return _ticket(row)
        where, values = "", list[Value]()
        if asleep:
            place = "account || ' ' || region || ' ' || callback"
            where += f" AND (tier = 0 OR contact <> 'phone' OR {place} NOT IN ({marks(len(asleep))}))"
            values += [" ".join(place) for place in asleep]
        if language:
            where += " AND language = ?"
            values.append(language)
        if desk:
            where += " AND desk = ?"
            values.append(desk)
        if passed:
            where += f" AND requester_address NOT IN ({marks(len(passed))})"
            values += passed
        row = self._db.one(
            f"SELECT * FROM ticket WHERE {_CLAIMABLE} AND {_NOT_HELD_BY_ANOTHER}{where}"
            f" ORDER BY tier, rank_key DESC, id LIMIT 1{self._db.skip_locked if lock else ''}",
            (moment, moment, moment, agent, *values),
        )
        return _ticket(row) if row else None

    def _holder(self, ticket: Ticket, agent: str, now: datetime) -> Row | None:
        """Another agent who holds another ticket of the same requester."""
        return self._db.one(
            "SELECT id, claimed_by FROM ticket WHERE requester_address = ? AND requester_address <> ''"
            " AND id <> ? AND status = 'claimed' AND lease_expires > ? AND claimed_by <> ?",
            (ticket.requester.address, ticket.id, ms(now), agent),
        )

    def claim(self, id: int, *, agent: str, now: datetime, lease: timedelta) -> Ticket:
        """Take one ticket. Raises NotFoundError, StateError."""
        with self._db.transaction():
            ticket = self.ticket(id)
            other = self._holder(ticket, agent, now)
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
            weighty = max(parted, key=lambda row: row["score"] or 0.0)
            apart = replace(
                ticket,
                status=TicketStatus.WAITING,
                score=score,
                subject=parted[0]["subject"],
                received=instant(parted[0]["received"]),
                messages=len(parted),
                reasons=tuple(Reason(**r) for r in load(weighty["assessment"]).get("reasons", [])),
                attempts=0,
                next_attempt=None,
                pause=None,
                claimed_by="",
                claim="",
                lease_expires=None,
            )
            names = ", ".join(f"m{row['id']}" for row in parted)
            new = self.open(
                life.placed(apart, life.parts(score=score, messages=len(parted))),
                who=who,
                why=f"split from t{id}: {names}",
                at=at,
                last_mail=instant(parted[-1]["received"]),
                split=True,
            ).id
            for row in parted:
                self._db.run("UPDATE message SET ticket = ? WHERE id = ?", (new, row["id"]))
            self.save(
                replace(ticket, messages=ticket.messages - len(parted)),
                "split",
                who=who,
                at=at,
                why=note,
                into=f"t{new}",
                messages=names,
            )
            return self.ticket(new)

    def merge(self, one: int, other: int, *, who: str, at: datetime, note: str = "") -> Ticket:
        """Two tickets turn out to be one case: the older survives, and has the mails of both.

        Raises:
            NotFoundError, StateError: one is closed, or another agent holds one.
        """
        with self._db.transaction():
            kept, gone = self.ticket(min(one, other)), self.ticket(max(one, other))
            for ticket in (kept, gone):
                held = ticket.status is TicketStatus.CLAIMED and not life.lease_expired(ticket, at)
                if held and ticket.claimed_by != who:
                    raise StateError(f"ticket t{ticket.id} is held by {ticket.claimed_by}", code="held")
            if kept.id == gone.id or kept.account != gone.account:
                raise StateError(f"ticket t{one} and ticket t{other} cannot be one case")
            self._db.run("UPDATE message SET ticket = ? WHERE ticket = ?", (kept.id, gone.id))
            self._db.run("UPDATE letter SET ticket = ? WHERE ticket = ?", (kept.id, gone.id))
            why = ", ".join(filter(None, (f"one case with t{kept.id}", note)))
            self.save(life.cancel(gone, now=at, merged_into=kept.id), "merged", who=who, at=at, why=why)
            return self.save(life.joined(kept, gone), "mail joined", who=who, at=at, why=f"all of t{gone.id}")

    def open_tickets_of(self, address: str) -> list[Ticket]:
        rows = self._db.all(
            f"SELECT * FROM ticket WHERE requester_address = ? AND {_OPEN} ORDER BY tier, rank_key DESC",
            (address,),
        )
        return [_ticket(row) for row in rows]
