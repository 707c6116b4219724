"""One message on its way: parse, assess, decide, and commit all of it in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from triage.calls import phone
from triage.calls import ticket as life
from triage.intake import automatic, conversation
from triage.intake.parse import parse
from triage.pipeline.ports import AccountSettings, Pass, PassReport
from triage.ranking.assess import assess
from triage.replies import compose, draft, playbook
from triage.replies.redact import redact
from triage.routing import OWED, Standing, decide
from triage.store import Store
from triage.store.desk import Contact
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
    TicketStatus,
    Unreadable,
)

WISHES = frozenset(Flag) - {Flag.DEATH_NOTICE, Flag.MINOR}  # those are facts of one matter
WRITING = frozenset({Flag.NO_CALL, Flag.WRITING_ONLY, Flag.UNSAFE})
NO_PROOF = "suppresses_auto_response"  # the one ground of automatic.GROUNDS that a person's mail may have
STORED_TEXT = 20_000  # characters of newly written text that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """Handles the messages of one pass."""

    work: Pass
    store: Store
    report: PassReport
    start_line: datetime  # mail that arrived before it is left alone

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
        case = store.desk.case_of(account.name, address, now=self.work.now)
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
            promises_broken=store.desk.promises_broken(account.name, address),
            vip=_is_vip(address, account.vip),
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
    ) -> Standing:
        account, store, now = self.work.account, self.store, self.work.now
        address = message.requester.address if message.requester else ""
        unsent = store.drafts.unsent(known) if known is not None else None
        zone = ZoneInfo(account.calendar.timezone)
        midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
        is_open = case is not None and life.is_open(case)
        late = False
        if not is_open:
            weight = self._weight(message, assessment, messages=1)
            place = store.desk.place(0 if assessment.floor else 1, life.rank_key(weight, message.received))
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
            wishes=(frozenset(Flag(f) for f in contact.flags) | assessment.flags) & WISHES,
        )

    def _weight(self, message: Message, assessment: Assessment, *, messages: int) -> float:
        address = message.requester.address if message.requester else ""
        return life.points(
            score=assessment.score,
            vip=_is_vip(address, self.work.account.vip),
            promises_broken=self.store.desk.promises_broken(self.work.account.name, address),
            messages=messages,
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
        case = store.desk.case_of(account.name, address, now=now)
        contact = store.desk.contact(address) if address else Contact(address="")
        standing = self._standing(
            row,
            message,
            assessment,
            duplicate=duplicate,
            arrived=arrived,
            known=known,
            case=case,
            contact=contact,
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
            self._ticket(message, assessment, decision, standing, case, contact) if decision.ticket else None
        )
        if ticket is not None and standing.open_ticket is None:
            ticket = self._gather(ticket)
        planned = (
            self._compose(message, assessment, context, decision, joined) if joined is not None else None
        )
        if decision.draft and planned is None and not decision.ticket:
            decision = Decision(disposition=Disposition.OWED, ground="cannot_word", why=OWED["cannot_word"])
        draft_id = None
        if planned is not None and joined is not None and message.requester is not None:
            draft_id = self._plan_draft(row, message, *planned, conversation=joined)
        if decision.ground == "covered" and standing.unsent_draft is not None:
            store.drafts.mark_stale(standing.unsent_draft, at=now, why=f"m{row.id} came after it")
        store.mail.decide(
            row.id,
            message,
            assessment,
            decision,
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

    def _keep_wishes(self, contact: Contact, message: Message, assessment: Assessment) -> None:
        wishes = {f.value for f in assessment.flags & WISHES}
        if contact.address and wishes - contact.flags:
            name = contact.name or (message.requester.name if message.requester else "")
            self.store.desk.save_contact(
                replace(contact, name=name, flags=contact.flags | wishes),
                who="triage",
                at=self.work.now,
                why=f"found in the mail “{message.subject[:80]}”",
            )

    def _ticket(
        self,
        message: Message,
        assessment: Assessment,
        decision: Decision,
        standing: Standing,
        case: Ticket | None,
        contact: Contact,
    ) -> Ticket:
        """Open a ticket, or let the mail join (and re-open) its requester's case."""
        account, store, now = self.work.account, self.store, self.work.now
        number = contact.phone or self._number(assessment)
        flags = frozenset(f.value for f in standing.wishes | assessment.flags)
        tier = 0 if assessment.floor else 1
        if case is None:
            weight = self._weight(message, assessment, messages=1)
            return store.desk.open(
                Ticket(
                    id=0,
                    account=account.name,
                    requester=message.requester or Address(address="", name=message.requester_phone),
                    score=assessment.score,
                    tier=tier,
                    priority=life.rank_key(weight, message.received),
                    phone=number or None,
                    phone_verified=contact.phone_verified and bool(contact.phone),
                    region=self._region(number),
                    language=assessment.language,
                    contact=_channel(standing.wishes, number),
                    flags=flags,
                    subject=message.subject,
                    received=message.received,
                    messages=1,
                    reasons=assessment.reasons,
                ),
                who="triage",
                why=decision.why,
                at=now,
                last_mail=message.received,
            )
        joined = life.reopen(case) if case.status is TicketStatus.RESOLVED else case
        stronger = assessment.score > joined.score
        joined = replace(
            joined,
            tier=min(joined.tier, tier),
            score=max(joined.score, assessment.score),
            reasons=assessment.reasons if stronger else joined.reasons,
            messages=joined.messages + 1,
            phone=joined.phone or number or None,
            region=joined.region if joined.phone else self._region(number),
            language=assessment.language if stronger or not joined.language else joined.language,
            flags=joined.flags | flags,
        )
        if joined.contact != "writing" or standing.wishes & WRITING:
            joined = replace(joined, contact=_channel(standing.wishes, joined.phone or ""))
        weight = life.points(
            score=joined.score,
            vip=_is_vip(joined.requester.address, account.vip),
            promises_broken=store.desk.promises_broken(account.name, joined.requester.address),
            messages=joined.messages,
        )
        joined = replace(joined, priority=life.rank_key(weight, joined.received))
        if assessment.floor and joined.status is TicketStatus.SCHEDULED:
            joined = replace(joined, status=TicketStatus.WAITING, next_attempt=None)
        what = "reopened" if case.status is TicketStatus.RESOLVED else "mail joined"
        return store.desk.save(
            joined, what, who="triage", at=now, why=message.subject[:120], ground=decision.ground
        )

    def _gather(self, ticket: Ticket) -> Ticket:
        """The requester's earlier mails that still wait belong to the case that was opened now.

        Their drafts are withdrawn if they are not on the server yet: calm words about an early
        mail would read as mockery beside the call. Those on the server are marked as stale.
        """
        store, now = self.store, self.work.now
        waiting = store.mail.waiting_of(ticket.account, ticket.requester.address, since=now - life.CASE)
        for record in waiting:
            draft_record = store.drafts.record(record.draft) if record.draft else None
            if draft_record and draft_record.status is DraftStatus.PENDING:
                why = f"the case became a call: t{ticket.id}"
                store.drafts.set_status(draft_record.id, DraftStatus.WITHDRAWN, at=now, why=why)
                draft_record = None
            elif draft_record:
                store.drafts.mark_stale(draft_record.id, at=now, why=f"the case became a call: t{ticket.id}")
            if draft_record is None:
                why = f"its requester's case is ticket t{ticket.id}"
                store.mail.change_disposition(record.id, Disposition.TICKETED, "joined", why)
            store.mail.assign_ticket([record.id], ticket.id)
            store.journal.note("message", record.id, "joined", at=now, why=f"t{ticket.id}")
        if not waiting:
            return ticket
        received = min([ticket.received, *(m.received for m in waiting if m.received)])
        messages = ticket.messages + len(waiting)
        joined = replace(ticket, messages=messages, received=received)
        weight = life.points(
            score=joined.score,
            vip=_is_vip(joined.requester.address, self.work.account.vip),
            promises_broken=store.desk.promises_broken(joined.account, joined.requester.address),
            messages=messages,
        )
        joined = replace(joined, priority=life.rank_key(weight, received))
        names = ", ".join(f"m{m.id}" for m in waiting)
        return store.desk.save(joined, "mail joined", who="triage", at=now, why=f"earlier mail: {names}")

    def _number(self, assessment: Assessment) -> str:
        """The number from the mail, unless it must not be dialled."""
        if not assessment.phone:
            return ""
        refused = phone.allowed(assessment.phone, countries=self.work.account.countries)
        return "" if refused else assessment.phone

    def _region(self, number: str) -> str:
        return phone.region(number, fallback=self.work.account.calendar.timezone) if number else ""

    # ------------------------------------------------------------------ drafts

    def _compose(
        self,
        message: Message,
        assessment: Assessment,
        context: Context,
        decision: Decision,
        joined: int | None,
    ) -> tuple[DraftMail, str, str] | None:
        """(mail, kind, language) of the holding reply, or None if there is to be none."""
        if not decision.draft or joined is None or message.requester is None:
            return None
        account, now = self.work.account, self.work.now
        internal = account.identity.is_internal(message.requester.address)
        call = {"call_soon": "soon", "call_late": "late"}.get(decision.draft, "")
        kind = compose.choose_kind(message, assessment, internal=internal, call=call)
        if not kind:
            return None
        generation = self.store.drafts.generation(joined, message.fingerprint)
        marker = draft.marker(
            key=self.store.key, fingerprint=message.fingerprint, kind=kind, generation=generation
        )
        plainest = kind if kind in ("serious", "emergency") else "question"
        for candidate in dict.fromkeys((kind, plainest)):
            plan = compose.plan(
                message, assessment, kind=candidate, settings=account.replies, context=context
            )
            try:
                text = compose.compose(plan, settings=account.replies)
                if playbook.check(
                    text, language=plan.language, kind=candidate, team_folder=account.replies.team_folder
                ):
                    continue
                mail = draft.build(
                    message=message,
                    text=text,
                    settings=account.replies,
                    marker=marker,
                    message_id=draft.draft_message_id(
                        key=self.store.key,
                        fingerprint=message.fingerprint,
                        kind=kind,
                        generation=generation,
                        domain=account.replies.from_address.rpartition("@")[2],
                    ),
                    now=now,
                    language=plan.language,
                )
            except ValueError:
                return None
            return mail, candidate, plan.language
        return None

    def _plan_draft(
        self, row: OpenRow, message: Message, mail: DraftMail, kind: str, language: str, *, conversation: int
    ) -> int:
        account, store, now = self.work.account, self.store, self.work.now
        requester = message.requester or Address(address="")
        id = store.drafts.plan(
            mail,
            account=account.name,
            message=row.id,
            conversation=conversation,
            generation=store.drafts.generation(conversation, message.fingerprint),
            kind=kind,
            language=language,
            requester=requester,
            in_reply_to=message.message_id,
            not_before=message.received + account.wait,
            promise=str(account.respond_within),
            now=now,
        )
        store.conversations.add_key(account.name, mail.message_id, conversation)
        store.desk.promise(
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


def _is_vip(address: str, vip: frozenset[str]) -> bool:
    domain = address.rpartition("@")[2]
    return address in vip or any(domain == v or domain.endswith("." + v) for v in vip)


def _channel(wishes: frozenset[Flag], number: str | None) -> str:
    if wishes & WRITING:
        return "writing"
    return "phone" if number else "look_up"
