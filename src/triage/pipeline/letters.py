"""Letters that the desk asked for: worded when their time has come, then drafts like all others."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from triage.calls import ticket as life
from triage.pipeline.ports import Pass, PassReport
from triage.pipeline.words import word
from triage.replies import compose, letters
from triage.store import Store
from triage.store.letters import Letter
from triage.store.mail import MessageRecord
from triage.texts import wording
from triage.types import Address, Disposition, DraftStatus, Flag, Message, MessageRef, Ticket

# What a letter answers to, so that it goes to whom it belongs: its draft shares the fate of that
# mail. The others stand beside mail that was dealt with on the phone.
_ANSWERS = frozenset({"incident"})


def write(work: Pass, store: Store, report: PassReport) -> None:
    """Turn every letter whose time has come into a draft, or say why not.

    A letter waits while another draft of its conversation is not sent: nobody should find two
    drafts to one customer side by side.
    """
    for letter in store.letters.due(work.account.name, work.now):
        with store.transaction():
            _write(work, store, report, letter)


def _write(work: Pass, store: Store, report: PassReport, letter: Letter) -> None:
    now = work.now
    ticket = store.desk.ticket(letter.ticket) if letter.ticket is not None else None
    record = _answered_mail(store, letter, ticket)
    requester = (record.requester if record else None) or (ticket.requester if ticket else None)
    if requester is None or not requester.address:
        store.letters.drop(letter, why="no address to write to is known", at=now)
        return
    if why := _overtaken(work, store, letter, ticket, requester):
        store.letters.drop(letter, why=why, at=now)
        return
    conversation = record.conversation if record else None
    if conversation is None:
        stands_for = Message(
            ref=MessageRef(account=letter.account, mailbox=""), requester=requester, received=now
        )
        conversation = store.conversations.join(letter.account, stands_for, ())
    if unsent := store.drafts.unsent(conversation):
        if unsent.status is not DraftStatus.PENDING:
            report.notices.append(
                f"the {letter.kind.replace('_', ' ')} to {requester.address} waits: an older draft,"
                f" d{unsent.id}, lies in {unsent.mailbox}; send it or delete it"
            )
        return
    _draft(work, store, letter, ticket, record, requester, conversation)


def _answered_mail(store: Store, letter: Letter, ticket: Ticket | None) -> MessageRecord | None:
    """The mail that a letter answers: its own, or the newest of its case."""
    if letter.message is not None:
        return store.mail.record(letter.message)
    mails = store.mail.of_ticket(ticket.id) if ticket else []
    return mails[-1] if mails else None


def _overtaken(work: Pass, store: Store, letter: Letter, ticket: Ticket | None, requester: Address) -> str:
    """Why a letter is not written after all; empty if it is."""
    wishes = store.contacts.of(requester.address).flags
    if wish := next((f.value for f in (Flag.UNSAFE, Flag.NO_MAIL) if f in wishes), ""):
        return f"the requester's wish: {wish.replace('_', ' ')}"
    if not work.account.policy.replies_enabled:
        return "drafts are switched off (replies.enabled)"
    if letter.due is not None and letter.due <= work.now:
        return "what it would say is due already"
    if letter.kind == "tried" and ticket and (not life.is_open(ticket) or ticket.contact != "writing"):
        return "it is settled, or they can be called again"
    if letter.kind == "follow_up":
        if ticket and life.is_open(ticket):
            return "the case is open again"
        since = store.mail.of_requester(letter.account, requester.address)
        if any(mail.received and mail.received > letter.wanted for mail in since):
            return "they wrote again since"
    return ""


def _draft(
    work: Pass,
    store: Store,
    letter: Letter,
    ticket: Ticket | None,
    record: MessageRecord | None,
    requester: Address,
    conversation: int,
) -> None:
    account, now = work.account, work.now
    language = str(record.assessment.get("language") or "") if record else ticket.language if ticket else ""
    language = compose.reply_language(language, account.replies)
    words = wording(language, team_folder=account.replies.team_folder)["reply"]
    message = _message(record, requester, words["no_subject"], letter)
    due = letter.due.astimezone(ZoneInfo(account.calendar.timezone)) if letter.due else None
    plan = letters.plan(
        letter.kind, message, language=language, settings=account.replies, said=letter.said, due=due
    )
    worded = word(
        (plan, replace(plan, seed="", topic="", greeting_name="")),
        message,
        account,
        key=store.key,
        fingerprint=f"letter {letter.id}",
        generation=0,
        now=now,
        quote=letter.kind in _ANSWERS,
    )
    mail = worded.mail
    if mail is None:
        store.letters.drop(letter, why=f"it cannot be worded: {worded.faults[0]}", at=now)
        return
    answers = letter.kind in _ANSWERS and record is not None
    id = store.drafts.plan(
        mail,
        account=account.name,
        message=record.id if answers and record else None,
        ticket=letter.ticket,
        conversation=conversation,
        generation=0,
        kind=letter.kind,
        language=language,
        requester=requester,
        in_reply_to=message.message_id,
        not_before=now,
        promise="",
        now=now,
    )
    if answers and record:
        store.mail.assign_draft(record.id, id)
        if record.disposition == Disposition.OWED:
            store.mail.change_disposition(
                record.id, Disposition.DRAFTED, "incident", "it has the team's words"
            )
    store.conversations.add_key(account.name, mail.message_id, conversation)
    store.letters.drafted(letter, id, at=now)


def _message(record: MessageRecord | None, requester: Address, subject: str, letter: Letter) -> Message:
    """The mail that a letter answers, as far as it is on record; else one that stands for it."""
    if record is None:
        return Message(
            ref=MessageRef(account=letter.account, mailbox=""),
            subject=subject,
            requester=requester,
            received=letter.wanted,
            fingerprint=f"letter {letter.id}",
        )
    return Message(
        ref=record.ref,
        message_id=record.message_id,
        in_reply_to=record.in_reply_to,
        references=record.in_reply_to,
        subject=record.subject,
        requester=requester,
        received=record.received or letter.wanted,
        new_text=record.new_text,
        fingerprint=f"letter {letter.id}",
    )
