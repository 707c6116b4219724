"""A mail's way into the call queue: it opens a ticket, or joins (and re-opens) its requester's case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from triage.calls import callback, phone
from triage.calls import ticket as life
from triage.pipeline.ports import Pass
from triage.routing import Standing, address_in, channel
from triage.store import Store
from triage.store.contacts import Contact
from triage.types import (
    Address,
    Assessment,
    Cue,
    Decision,
    Disposition,
    DraftStatus,
    Message,
    Pause,
    Ticket,
    TicketStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """Where a requester may be phoned. `region` as in `phone.region`."""

    e164: str = ""
    verified: bool = False
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The tickets of one pass."""

    work: Pass
    store: Store

    def of(self, message: Message) -> Ticket | None:
        """The requester's case that this mail joins, if there is one."""
        address = message.requester.address if message.requester else ""
        return self.store.desk.case_of(self.work.account.name, address, now=self.work.now)

    def place(self, message: Message, assessment: Assessment) -> int:
        """How many tickets would stand before this mail's own."""
        address = message.requester.address if message.requester else ""
        weight = sum(points for _, points in self._parts(address, assessment.score, deadline(assessment)))
        key = life.rank_key(weight, message.received)
        return self.store.desk.place(0 if assessment.floor else 1, key)

    def number(self, address: str, contact: Contact, assessment: Assessment) -> Number:
        """The number on file, else one from the mail that may be dialled."""
        account = self.work.account
        zone = account.calendar.timezone
        if contact.phone:
            region = phone.region(contact.phone, fallback=zone)
            return Number(e164=contact.phone, verified=contact.phone_verified, region=region)
        entry = account.on_file(address) if address else None
        if entry and entry.phone and not phone.allowed(entry.phone, countries=account.countries):
            region = phone.region(entry.phone, fallback=zone)
            if entry.time_zone:
                region = f"{entry.country or region.partition(' ')[0]} {entry.time_zone}"
            return Number(e164=entry.phone, verified=not entry.shared, region=region)
        if assessment.phone and not phone.allowed(assessment.phone, countries=account.countries):
            return Number(e164=assessment.phone, region=phone.region(assessment.phone, fallback=zone))
        return Number()

    def enter(
        self,
        message: Message,
        assessment: Assessment,
        decision: Decision,
        standing: Standing,
        case: Ticket | None,
        number: Number,
    ) -> Ticket:
        """Open a ticket for this mail, or let it join (and re-open) its requester's case."""
        if case is None:
            ticket = self._open(message, assessment, decision, standing, number)
        else:
            ticket = self._join(message, assessment, decision, standing, case, number)
        return self._gather(ticket) if standing.open_ticket is None else ticket

    def _open(
        self,
        message: Message,
        assessment: Assessment,
        decision: Decision,
        standing: Standing,
        number: Number,
    ) -> Ticket:
        requester = message.requester or Address(address="", name=message.requester_phone)
        ticket = Ticket(
            id=0,
            account=self.work.account.name,
            requester=requester,
            score=assessment.score,
            tier=0 if assessment.floor else 1,
            phone=number.e164 or None,
            phone_verified=number.verified,
            region=number.region,
            callback=self._callback(message, assessment, number.region),
            language=assessment.language,
            contact=channel(standing.wishes, number.e164),
            desk=standing.desk,
            incident=decision.incident,
            flags=frozenset(f.value for f in standing.wishes | assessment.flags),
            subject=message.subject,
            received=message.received,
            messages=1,
            reasons=assessment.reasons,
        )
        parts = self._parts(requester.address, assessment.score, deadline(assessment))
        return self.store.desk.open(
            life.placed(ticket, parts),
            who="triage",
            why=decision.why,
            at=self.work.now,
            last_mail=message.received,
        )

    def _join(
        self,
        message: Message,
        assessment: Assessment,
        decision: Decision,
        standing: Standing,
        case: Ticket,
        number: Number,
    ) -> Ticket:
        awaited = case.status is TicketStatus.SCHEDULED and case.pause is Pause.ANSWER
        joined = life.wrote_again(case)
        stronger = assessment.score > joined.score
        given = number if number.e164 and not joined.phone else None
        if assessment.phone and assessment.phone == number.e164 and not joined.phone_verified:
            given = number  # they wrote a number anew: that one
        flags = joined.flags | {f.value for f in standing.wishes | assessment.flags}
        joined = replace(
            joined,
            tier=min(joined.tier, 0 if assessment.floor else 1),
            score=max(joined.score, assessment.score),
            reasons=assessment.reasons if stronger else joined.reasons,
            messages=joined.messages + 1,
            phone=given.e164 if given else joined.phone,
            phone_verified=given.verified if given else joined.phone_verified,
            region=given.region if given else joined.region,
            callback=self._callback(message, assessment, joined.region, answering=awaited) or joined.callback,
            language=assessment.language if stronger or not joined.language else joined.language,
            desk=joined.desk or standing.desk,
            # Another matter, or danger, brings a case out of its incident; none is drawn into one.
            incident=joined.incident if decision.incident == joined.incident else None,
            flags=flags,
        )
        if given:
            self._number_known(joined)
        joined = replace(joined, contact=channel(flags, joined.phone or ""))
        if assessment.floor and joined.status is TicketStatus.SCHEDULED:
            joined = replace(joined, status=TicketStatus.WAITING, next_attempt=None, pause=None)
        return self.store.desk.save(
            self._placed(joined, deadline=deadline(assessment)),
            "reopened" if case.status is TicketStatus.RESOLVED else "mail joined",
            who="triage",
            at=self.work.now,
            why=f"“{message.subject[:120]}”",
        )

    def _gather(self, ticket: Ticket) -> Ticket:
        """The requester's earlier mails that still wait belong to the case that was opened now.

        Their drafts are withdrawn if they are not on the server yet: calm words about an early
        mail would read as mockery beside the call. Those on the server are marked as stale.
        """
        store, now = self.store, self.work.now
        waiting = store.mail.waiting_of(ticket.account, ticket.requester.address, since=now - life.CASE)
        for record in waiting:
            draft = store.drafts.record(record.draft) if record.draft else None
            why = f"the case became a call: t{ticket.id}"
            if draft and draft.status is DraftStatus.PENDING:
                store.drafts.set_status(draft.id, DraftStatus.WITHDRAWN, at=now, why=why)
                draft = None
            elif draft:
                store.drafts.mark_stale(draft.id, at=now, why=why)
            if draft is None:
                why = f"its requester's case is ticket t{ticket.id}"
                store.mail.change_disposition(record.id, Disposition.TICKETED, "joined", why)
            store.mail.assign_ticket([record.id], ticket.id)
            store.journal.note("message", record.id, "joined", at=now, why=f"t{ticket.id}")
        if not waiting:
            return ticket
        joined = replace(
            ticket,
            messages=ticket.messages + len(waiting),
            received=min([ticket.received, *(m.received for m in waiting if m.received)]),
        )
        names = ", ".join(f"m{m.id}" for m in waiting)
        return store.desk.save(
            self._placed(joined),
            "mail joined",
            who="triage",
            at=now,
            why=f"earlier mail: {names}",
        )

    def _number_known(self, ticket: Ticket) -> None:
        """A draft that asks for their number is not needed any more."""
        for draft in self.store.drafts.of_requester(ticket.account, ticket.requester.address):
            if draft.kind != "ask_number":
                continue
            why = f"their number is known now: t{ticket.id}"
            if draft.status is DraftStatus.PENDING:
                self.store.drafts.set_status(draft.id, DraftStatus.WITHDRAWN, at=self.work.now, why=why)
            elif draft.status in (DraftStatus.STORED, DraftStatus.UNCERTAIN):
                self.store.drafts.mark_stale(draft.id, at=self.work.now, why=why)

    def _callback(
        self, message: Message, assessment: Assessment, region: str, *, answering: bool = False
    ) -> str:
        """When they say that they can be phoned. `answering`: we asked them for a number and a time."""
        zone = region.partition(" ")[2] or self.work.account.calendar.timezone
        wish = callback.asked(
            message.new_text,
            assessment.language,
            received=message.received.astimezone(ZoneInfo(zone)),
            answering=answering,
        )
        return str(wish) if wish else ""

    # ------------------------------------------------------------------ order and hours

    def _placed(self, ticket: Ticket, *, deadline: bool = False) -> Ticket:
        """Weighed anew; a deadline that an earlier mail named still counts."""
        hurry = deadline or any(name == "deadline" for name, _ in ticket.parts)
        parts = self._parts(ticket.requester.address, ticket.score, hurry, messages=ticket.messages)
        return life.placed(ticket, parts)

    def _parts(
        self, address: str, score: float, deadline: bool, *, messages: int = 1
    ) -> tuple[tuple[str, float], ...]:
        return life.parts(
            score=score,
            vip=address_in(address, self.work.account.vip),
            promises_broken=self.store.promises.broken(self.work.account.name, address),
            deadline=deadline,
            messages=messages,
        )


def deadline(assessment: Assessment) -> bool:
    """Whether they name a date after which it is too late."""
    return Cue.DEADLINE in assessment.cues
