"""Mass incidents: one text for everybody who writes about the same thing, and calls only where it hurts.

    proposed ──open──► open ──close──► closed
        └──dismiss──► dismissed

Opening folds the cases of those mails into one line of the queue, but for danger, vulnerable
people and VIPs, and asks for a letter with the team's words to each. Closing drafts the
all-clear to those who were told, and resolves their cases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage.calls import ticket as life
from triage.desk.settings import SettingsOf
from triage.errors import InputError, StateError
from triage.routing import address_in
from triage.store import Store
from triage.store.drafts import UNSENT
from triage.store.incidents import Incident
from triage.store.mail import MessageRecord
from triage.types import Cue, Disposition, DraftStatus, Flag, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An incident in numbers."""

    incident: Incident
    mails: int
    requesters: int
    told: int  # mails whose requesters were sent the team's words
    folded: int  # open cases in its one line of the queue


def standing(store: Store, incident: Incident) -> Standing:
    """How an incident stands."""
    mails = [store.mail.record(id) for id in store.incidents.mails(incident.id)]
    people = {mail.requester.address for mail in mails if mail and mail.requester}
    return Standing(
        incident=incident,
        mails=len(mails),
        requesters=len(people),
        told=len(store.incidents.told(incident.id)),
        folded=len(store.incidents.tickets(incident.id)),
    )


def open_incident(
    store: Store,
    settings_of: SettingsOf,
    id: int,
    *,
    said: str,
    name: str = "",
    without: Collection[int] = (),
    vip: Collection[str] = (),
    agent: str,
    now: datetime,
) -> Incident:
    """From now on its mails get the team's words (`said`); `without` are another matter.

    Each requester gets one letter.

    Raises:
        InputError: nothing is said.
        StateError: it is open or closed already.
    """
    if not said.strip():
        raise InputError("an incident needs the words that everybody gets", hint="--say TEXT or --say-file")
    with store.transaction():
        incident = store.incidents.record(id)
        if incident.status != "proposed":
            raise StateError(f"incident i{id} is {incident.status}", hint="a new surge is proposed anew")
        store.incidents.remove(id, list(without))
        store.incidents.open(id, said.strip(), name=name, who=agent, at=now)
        opened = store.incidents.record(id)
        for mails in _by_requester(store, store.incidents.mails(id)):
            _tell(store, settings_of, opened, mails, vip, agent=agent, now=now)
        return opened


def _by_requester(store: Store, mails: Iterable[int]) -> list[list[MessageRecord]]:
    """These mails, apart by who wrote them, in their order."""
    found: dict[str, list[MessageRecord]] = {}
    for id in mails:
        mail = store.mail.record(id)
        if mail is not None and mail.requester is not None:
            found.setdefault(mail.requester.address, []).append(mail)
    return list(found.values())


def _tell(
    store: Store,
    settings_of: SettingsOf,
    incident: Incident,
    mails: Sequence[MessageRecord],
    vip: Collection[str],
    *,
    agent: str,
    now: datetime,
) -> None:
    """Fold the case of one requester, and ask for the letter that takes the place of their drafts."""
    why = f"it is part of incident i{incident.id}"
    tickets = [store.desk.ticket(mail.ticket) for mail in mails if mail.ticket is not None]
    ticket = next(filter(life.is_open, tickets), None)
    waiting = [mail for mail in mails if mail.answered is None and _may_be_told(mail, ticket)]
    if not waiting or any(_needs_a_voice(mail, vip) for mail in mails):
        return
    drafted = [(mail, store.drafts.record(mail.draft)) for mail in waiting if mail.draft is not None]
    if any(draft.kind in ("incident", "serious") for _, draft in drafted):
        return
    if ticket is not None:
        others = [m for m in store.mail.of_ticket(ticket.id) if m.incident != incident.id]
        if ticket.tier == 0 or others:
            return  # danger, or another matter of theirs: a person calls, and tells them
        store.desk.save(replace(ticket, incident=incident.id), "folded", who=agent, at=now, why=why)
    for _, draft in drafted:
        if draft.status is DraftStatus.PENDING:
            # Owed until the letter is a draft: should it be dropped, a person still answers.
            store.withdraw(draft, ground="incident", why=why, who=agent, at=now)
        elif draft.status in UNSENT:
            store.drafts.mark_stale(draft.id, at=now, why=why)
    if settings_of(incident.account).letters:
        answered = drafted[-1][0] if drafted else waiting[-1]
        store.letters.want(
            "incident",
            account=incident.account,
            ticket=ticket.id if ticket else None,
            message=answered.id,
            said=incident.said,
            who=agent,
            at=now,
        )


def _may_be_told(mail: MessageRecord, ticket: Ticket | None) -> bool:
    """Whatever else than the day's cap forbids a draft to them forbids this one."""
    if ticket is not None and mail.ticket == ticket.id:
        return True
    return mail.disposition == Disposition.DRAFTED or mail.ground == "cap"


def _needs_a_voice(mail: MessageRecord, vip: Collection[str]) -> bool:
    """As routing decides it for later mails: danger, vulnerable people, and those to be favoured."""
    cues = {hit["cue"] for hit in mail.assessment.get("hits") or ()}
    return (
        address_in(mail.requester.address if mail.requester else "", vip)
        or bool(mail.assessment.get("floor"))
        or bool(cues & {Cue.LIFE_AT_RISK, Cue.SAFETY_HARM, Cue.VULNERABLE_BEREAVED})
        or Flag.DEATH_NOTICE in (mail.assessment.get("flags") or ())
    )


def close_incident(
    store: Store, settings_of: SettingsOf, id: int, *, last_words: str, agent: str, now: datetime
) -> Incident:
    """It is over: those who were told get the all-clear, and their cases are resolved.

    Cases whose requester was never told go back to the queue. Raises InputError if nothing is
    said, StateError if it is not open.
    """
    if not last_words.strip():
        raise InputError("those who were told wait for a word", hint="--say TEXT or --say-file")
    with store.transaction():
        incident = store.incidents.record(id)
        if incident.status != "open":
            raise StateError(f"incident i{id} is {incident.status}", hint="only an open one can be closed")
        store.incidents.close(id, last_words.strip(), status="closed", who=agent, at=now)
        why = f"incident i{id} is over"
        told = set(store.incidents.told(id))
        for number in store.incidents.mails(id):
            _stop_telling(store, number, why=why, agent=agent, now=now)
        if settings_of(incident.account).letters:
            for mails in _by_requester(store, sorted(told)):
                store.letters.want(
                    "all_clear",
                    account=incident.account,
                    ticket=mails[-1].ticket,
                    message=mails[-1].id,
                    said=last_words.strip(),
                    who=agent,
                    at=now,
                )
        for number in store.incidents.tickets(id):
            _unfold(store, store.desk.ticket(number), told, why=why, agent=agent, now=now)
        return store.incidents.record(id)


def _stop_telling(store: Store, message: int, *, why: str, agent: str, now: datetime) -> None:
    """The team's words are not put into Drafts any more; where they lie unsent, they are stale."""
    store.letters.drop_of_message(message, kind="incident", why=why, at=now, who=agent)
    mail = store.mail.record(message)
    draft = store.drafts.record(mail.draft) if mail and mail.draft is not None else None
    if draft is None or draft.kind != "incident":
        return
    if draft.status is DraftStatus.PENDING:
        # Not told yet: the all-clear alone would puzzle them, so a person answers.
        store.withdraw(draft, ground="incident_over", why=why, who=agent, at=now)
    elif draft.status in UNSENT:
        store.drafts.mark_stale(draft.id, at=now, why=why)


def _unfold(store: Store, ticket: Ticket, told: set[int], *, why: str, agent: str, now: datetime) -> None:
    mails = {mail.id for mail in store.mail.of_ticket(ticket.id)}
    free = replace(ticket, incident=None)
    if mails & told:
        store.desk.save(life.over(free, now=now), "done", who=agent, at=now, why=why, outcome="incident_over")
        store.promises.keep_to(ticket.account, ticket.requester.address, who=agent, at=now, why=why)
    else:
        store.desk.save(free, "unfolded", who=agent, at=now, why=f"{why}; they were not told")


def dismiss_incident(store: Store, id: int, *, agent: str, note: str, now: datetime) -> Incident:
    """It is no incident: nothing like it is proposed for some days. Raises StateError."""
    with store.transaction():
        incident = store.incidents.record(id)
        if incident.status != "proposed":
            hint = "an open incident is closed, with a word to those who were told"
            raise StateError(f"incident i{id} is {incident.status}", hint=hint)
        store.incidents.close(id, note, status="dismissed", who=agent, at=now)
        store.incidents.remove(id, store.incidents.mails(id))
        return store.incidents.record(id)
