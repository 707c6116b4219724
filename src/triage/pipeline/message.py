"""One message on its way: parse, assess, decide, and commit all of it in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from triage.calls import phone
from triage.calls import ticket as life
from triage.intake import automatic, conversation
from triage.intake.parse import parse
from triage.intake.sender import doubts
from triage.pipeline.cases import Cases, Number
from triage.pipeline.ports import AccountSettings, Pass, PassReport, TeamDesk
from triage.pipeline.words import Worded, word
from triage.ranking.assess import assess
from triage.replies import compose
from triage.replies.redact import redact
from triage.routing import OWED, Standing, address_in, decide
from triage.store import Store
from triage.store.contacts import Contact
from triage.store.drafts import UNSENT
from triage.store.mail import CONTACTS_WITHIN, MessageRecord, OpenRow
from triage.types import (
    Address,
    Assessment,
    Automated,
    Context,
    Decision,
    Disposition,
    DraftMail,
    DraftStatus,
    Flag,
    Message,
    RawMessage,
    Ticket,
    Unreadable,
)

WISHES = frozenset(Flag) - {Flag.DEATH_NOTICE, Flag.MINOR}  # those are facts of one matter
NO_PROOF = "suppresses_auto_response"  # the one ground of automatic.GROUNDS that a person's mail may have
_PROMISE_NOTHING = frozenset({"incident"})  # kinds of drafts that say by when nobody answers
STORED_TEXT = 20_000  # characters of newly written text that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """Handles the messages of one pass."""

    work: Pass
    store: Store
    report: PassReport
    start_line: datetime  # mail that arrived before it is left alone

    @property
    def cases(self) -> Cases:
        return Cases(work=self.work, store=self.store)

    def __call__(self, row: OpenRow, raw: RawMessage) -> Disposition | None:
        """The message's disposition, committed; None if it is one that was known already."""
        account, now = self.work.account, self.work.now
        message = parse(
            replace(raw, ref=row.ref),
            identity=account.identity,
            sources=account.sources,
            limits=account.limits,
            now=now,
        )
        if isinstance(message, Unreadable):
            with self.store.transaction():
                self.store.mail.quarantine_unreadable(row.id, message, raw.content, now)
                self.store.journal.note("message", row.id, "quarantined", at=now, why=message.reason)
            return Disposition.QUARANTINED

        told_apart = _told_apart(message)
        if moved := self.store.mail.moved_message(message, told_apart=told_apart):
            self.store.mail.follow(moved.id, row)
            return None

        duplicate = self.store.mail.same_message(message) if told_apart else None
        context = self._context(message)
        assessment = judge(message, account, context=context)
        with self.store.transaction():
            return self._commit(
                row,
                message,
                assessment,
                context,
                duplicate=duplicate.id if duplicate else None,
                arrived=raw.internal_date,
            )

    # ------------------------------------------------------------------ what the records say

    def _context(self, message: Message) -> Context:
        account, store = self.work.account, self.store
        address = message.requester.address if message.requester else ""
        if not address:
            return Context()
        earlier = [
            m
            for m in store.mail.of_requester(account.name, address)
            if m.disposition in (Disposition.TICKETED, Disposition.DRAFTED, Disposition.OWED)
            or m.ground in ("answered", "covered")
        ]
        recent = [
            m
            for m in earlier
            if m.received and message.received - CONTACTS_WITHIN <= m.received <= message.received
        ]
        waiting = [m for m in recent if self._waits(m)]
        known = store.conversations.find(account.name, address, conversation.reply_targets(message))
        answers = [
            (at, holding)
            for at, holding in (store.conversations.answers_in(account.name, known) if known else ())
            if at <= message.received
        ]
        answered = any(not holding for _, holding in answers)
        case = self.cases.of(message)
        # Who answers our holding reply does not chase us: what came before it is the same contact.
        held = max((at for at, _ in answers), default=None) if not answered else None
        same = {
            m.id for m in recent if held and m.received and m.conversation == known and m.received <= held
        }
        return Context(
            contacts=sum(m.id not in same for m in recent),
            unanswered=sum(m.id not in same for m in waiting),
            days_waiting=(
                (message.received - min(m.received for m in waiting if m.received)).total_seconds() / 86_400
                if waiting
                else 0.0
            ),
            answered_before=answered,
            only_holding_reply=held is not None,
            promises_broken=store.promises.broken(account.name, address),
            vip=address_in(address, account.vip),
            internal=account.identity.is_internal(address),
            open_ticket=case is not None and life.is_open(case),
            resolved_ticket=case is not None and not life.is_open(case),
        )

    def _waits(self, record: MessageRecord) -> bool:
        """True for an earlier mail that neither an answer nor a call has settled."""
        if record.answered is not None or record.ground == "answered":
            return False
        return record.ticket is None or life.is_open(self.store.desk.ticket(record.ticket))

    def _standing(
        self,
        row: OpenRow,
        message: Message,
        assessment: Assessment,
        *,
        duplicate: int | None,
        arrived: datetime | None,
        known: int | None,
        case: Ticket | None,
        contact: Contact,
        number: Number,
        clock: TeamDesk | None,
    ) -> Standing:
        account, store, now = self.work.account, self.store, self.work.now
        address = message.requester.address if message.requester else ""
        unsent = store.drafts.unsent(known) if known is not None else None
        zone = ZoneInfo(account.calendar.timezone)
        midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
        is_open = case is not None and life.is_open(case)
        late = False
        if not is_open:
            place = self.cases.place(message, assessment)
            late = place >= account.calls_per_day - store.desk.calls_made(account.name, midnight)
        return Standing(
            duplicate_of=duplicate,
            old=arrived is not None and arrived < self.start_line,
            our_answer=store.conversations.is_sighted(row.ref),
            answered=store.conversations.answered(
                account.name,
                message_id=message.message_id,
                conversation=known,
                requester=address,
                received=message.received,
            ),
            answered_by_flag="\\Answered" in message.flags,
            names_us=automatic.names_us(message, identity=account.identity),
            open_ticket=case.id if case and is_open else None,
            resolved_ticket=case.id if case and not is_open else None,
            unsent_draft=unsent.id if unsent else None,
            unsent_is_pending=unsent is not None and unsent.status is DraftStatus.PENDING,
            drafts_today=store.drafts.made_since(account.name, address, midnight),
            late=late,
            number_known=bool(number.e164),
            incident=self._incident(message),
            vip=address_in(address, account.vip),
            desk=clock.name if clock else "",
            wishes=(frozenset(Flag(f) for f in contact.flags) | assessment.flags) & WISHES,
        )

    # ------------------------------------------------------------------ committing

    def _commit(
        self,
        row: OpenRow,
        message: Message,
        assessment: Assessment,
        context: Context,
        *,
        duplicate: int | None,
        arrived: datetime | None,
    ) -> Disposition:
        account, store, now = self.work.account, self.store, self.work.now
        address = message.requester.address if message.requester else ""
        targets = conversation.reply_targets(message)
        known = store.conversations.find(account.name, address, targets)
        case = self.cases.of(message)
        contact = store.contacts.of(address) if address else Contact(address="")
        number = self.cases.number(address, contact, assessment)
        clock = self._clock(message, assessment)
        standing = self._standing(
            row,
            message,
            assessment,
            duplicate=duplicate,
            arrived=arrived,
            known=known,
            case=case,
            contact=contact,
            number=number,
            clock=clock,
        )
        decision = decide(message, assessment, standing, account.policy)

        alone = decision.disposition is Disposition.LEFT_ALONE and decision.ground not in (
            "covered",
            "answered",
            "solved",
        )
        joined = None if alone else store.conversations.join(account.name, message, targets)
        if not alone:
            self._keep_wishes(contact, message, assessment)
        ticket = (
            self.cases.enter(message, assessment, decision, standing, case, number)
            if decision.ticket
            else None
        )
        planned = (
            self._compose(row, message, assessment, context, decision, joined) if joined is not None else None
        )
        if decision.draft and planned is None and not decision.ticket:
            decision = Decision(
                disposition=Disposition.OWED,
                ground="cannot_word",
                why=OWED["cannot_word"],
                incident=decision.incident,
            )
        draft_id = None
        if planned is not None and planned.mail is not None and joined is not None:
            draft_id = self._plan_draft(row, message, planned.mail, planned, conversation=joined)
        if decision.ground in ("covered", "joined") and standing.unsent_draft is not None:
            self._overtaken(standing.unsent_draft, row)
        if decision.ground == "solved" and joined is not None:
            self._settled(row, joined, standing)
        if clock is not None and not alone:
            self._start_clock(clock, row, message, ticket)
        store.mail.decide(
            row.id,
            message,
            assessment,
            decision,
            doubts=doubts(message),
            new_text=redact(message.new_text[:STORED_TEXT]),
            conversation=joined,
            ticket=ticket.id if ticket else None,
            draft=draft_id,
            answered=standing.answered or (now if standing.answered_by_flag else None),
            now=now,
        )
        store.journal.note(
            "message", row.id, decision.disposition.value, at=now, why=decision.why, ground=decision.ground
        )
        if assessment.floor and decision.disposition in (Disposition.TICKETED, Disposition.OWED):
            name = f"ticket t{ticket.id}" if ticket else f"message m{row.id}"
            self.report.alarms.append(f"life or safety may be at risk: {name}, see `triage calls list`")
        return decision.disposition

    def _overtaken(self, unsent: int, row: OpenRow) -> None:
        """They wrote again while a draft to them lies unsent: whoever sends it must look first."""
        if self.store.drafts.record(unsent).status in UNSENT:
            self.store.drafts.mark_stale(unsent, at=self.work.now, why=f"m{row.id} came after it")

    def _settled(self, row: OpenRow, conversation: int, standing: Standing) -> None:
        """They write that it is solved: nobody owes them the answer that we promised."""
        store, now, why = self.store, self.work.now, f"its requester wrote that it is solved: m{row.id}"
        store.promises.moot(conversation, at=now, why=why)
        draft = store.drafts.record(standing.unsent_draft) if standing.unsent_draft is not None else None
        if draft is None or draft.status is not DraftStatus.PENDING:
            if draft is not None:
                self._overtaken(draft.id, row)
            return
        store.drafts.set_status(draft.id, DraftStatus.WITHDRAWN, at=now, why=why)
        record = store.mail.record(draft.message) if draft.message is not None else None
        if record and record.disposition == Disposition.DRAFTED:
            store.mail.change_disposition(record.id, Disposition.LEFT_ALONE, "solved", why)
            store.journal.note("message", record.id, "left_alone", at=now, why=why)

    def _incident(self, message: Message) -> int | None:
        """The open mass incident that a mail is like."""
        return self.store.incidents.like(self.work.account.name, message.subject, message.new_text)

    def _clock(self, message: Message, assessment: Assessment) -> TeamDesk | None:
        """The desk that the law sets a clock for when such a mail comes (P35)."""
        if assessment.automated is not None and assessment.automated.ground != NO_PROOF:
            return None
        return next((desk for desk in self.work.account.desks if desk.takes(message, assessment)), None)

    def _start_clock(self, clock: TeamDesk, row: OpenRow, message: Message, ticket: Ticket | None) -> None:
        """The clock runs from receipt, once for each requester and desk; the desk is told."""
        account, now, requester = self.work.account, self.work.now, message.requester
        if requester is None or self.store.promises.clock(account.name, requester.address, clock.name):
            return
        due = account.calendar.add(message.received, clock.within)
        id = self.store.promises.make(
            account=account.name,
            requester=requester,
            text=f"the {clock.name} desk answers “{message.subject[:80]}” (m{row.id})",
            status="open",
            ticket=ticket.id if ticket else None,
            made=message.received,
            due=due,
            desk=clock.name,
            at=now,
        )
        zone = ZoneInfo(account.calendar.timezone)
        self.report.alarms.append(
            f"m{row.id} from {requester.address} goes to the {clock.name} desk: due"
            f" {due.astimezone(zone):%a %d %b %H:%M} (p{id})"
        )

    def _keep_wishes(self, contact: Contact, message: Message, assessment: Assessment) -> None:
        wishes = {f.value for f in assessment.flags & WISHES}
        if contact.address and wishes - contact.flags:
            name = contact.name or (message.requester.name if message.requester else "")
            self.store.contacts.save(
                replace(contact, name=name, flags=contact.flags | wishes),
                who="triage",
                at=self.work.now,
                why=f"found in the mail “{message.subject[:80]}”",
            )

    # ------------------------------------------------------------------ drafts

    def _compose(
        self,
        row: OpenRow,
        message: Message,
        assessment: Assessment,
        context: Context,
        decision: Decision,
        joined: int | None,
    ) -> Worded | None:
        """The holding reply, or None if there is to be none."""
        if not decision.draft or joined is None or message.requester is None:
            return None
        account, now = self.work.account, self.work.now
        internal = account.identity.is_internal(message.requester.address)
        call = {"call": "late" if decision.late else "soon", "ask_number": "ask"}.get(decision.draft, "")
        kind = compose.choose_kind(message, assessment, internal=internal, call=call)
        if not kind:
            return None
        if kind == "serious" and decision.draft == "ask_number" and not decision.late:
            return None  # P20: a person looks up the number, nobody is asked for it
        said = ""
        if decision.draft == "incident" and decision.incident is not None and kind != "serious":
            kind, said = "incident", self.store.incidents.record(decision.incident).said
        # The plainest one last: what breaks the playbook is never stored.
        plainest = kind if kind in ("serious", "emergency", "incident") else "question"
        plans = (
            compose.plan(
                message,
                assessment,
                kind=candidate,
                settings=account.replies,
                context=context,
                late=decision.late,
                said=said,
            )
            for candidate in dict.fromkeys((kind, plainest))
        )
        worded = word(
            plans,
            message,
            account,
            key=self.store.key,
            fingerprint=message.fingerprint,
            generation=self.store.drafts.generation(joined, message.fingerprint),
            now=now,
        )
        for fault in worded.faults:
            self.store.journal.note("message", row.id, "reworded", at=now, why=fault)
            self.report.notices.append(f"m{row.id}: a draft was not stored, a plainer one is tried: {fault}")
        return worded if worded.mail else None

    def _plan_draft(
        self, row: OpenRow, message: Message, mail: DraftMail, worded: Worded, *, conversation: int
    ) -> int:
        account, store, now = self.work.account, self.store, self.work.now
        requester = message.requester or Address(address="")
        promises = worded.kind not in _PROMISE_NOTHING
        id = store.drafts.plan(
            mail,
            account=account.name,
            message=row.id,
            conversation=conversation,
            generation=store.drafts.generation(conversation, message.fingerprint),
            kind=worded.kind,
            language=worded.language,
            requester=requester,
            in_reply_to=message.message_id,
            not_before=message.received + account.wait,
            promise=str(account.respond_within) if promises else "",
            now=now,
        )
        store.conversations.add_key(account.name, mail.message_id, conversation)
        if promises:
            store.promises.make(
                account=account.name,
                requester=requester,
                text=f"we answer within {account.respond_within}",
                status="unsent",
                draft=id,
                conversation=conversation,
                at=now,
            )
        return id


# --------------------------------------------------------------------------- shared with `rank`


def judge(message: Message, account: AccountSettings, *, context: Context | None = None) -> Assessment:
    """What ranking makes of a message (also for `triage rank`, where nothing is stored)."""
    automated = automatic.judge(message, identity=account.identity)
    if automated is None or automated.ground == NO_PROOF:
        automated = _betrayed(message) or automated
    # What only asks for no automatic response may be a person's: it is ranked like one.
    machine = automated if automated and automated.ground != NO_PROOF else None
    assessment = assess(
        message,
        context=context or Context(),
        automated=machine,
        solved=machine is None and automatic.is_solved(message.subject, message.new_text),
        phone=phone.requester_number(
            message, default_country=account.default_country, own_numbers=account.own_numbers
        ),
        settings=account.ranking,
    )
    return assessment if automated is machine else replace(assessment, automated=automated)


def _betrayed(message: Message) -> Automated | None:
    """Automated by its text alone. A colleague's forward is a person's doing."""
    if message.forwarded_by or message.source:
        return None
    return automatic.judge_text(message.subject, message.new_text)


def _told_apart(message: Message) -> bool:
    """A mail with neither Message-ID nor Date may be a second one with the same words."""
    return bool(message.message_id or message.header("date"))
