"""Assessment × what the records say × policy → Decision: one route for each message, and why.

The rules stand in `decide`, first match wins, in the order that a support lead would ask
them: is it one that we have already, is it a person, was it answered, does it need a voice,
may it get a draft? Pure: everything that a rule looks at is passed in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from triage.types import Assessment, Cue, Decision, Disposition, Flag, Message, Verdict

WRITING = frozenset({Flag.NO_CALL, Flag.WRITING_ONLY, Flag.UNSAFE})  # whoever wishes so is never dialled


def address_in(address: str, listed: Collection[str]) -> bool:
    """Whether an address, or a domain that it lies in, is on a list."""
    domain = address.rpartition("@")[2]
    return bool(address) and (
        address in listed or any(domain == one or domain.endswith("." + one) for one in listed)
    )


def channel(wishes: Collection[str], number: str) -> str:
    """How a case goes on: by phone, in writing, or with a number that is looked up first."""
    if WRITING & set(wishes):
        return "writing"
    return "phone" if number else "look_up"


# Grounds for an owed mail: a person must answer and no draft is made.
OWED = {
    "maybe_danger": "words of danger stand in it, though it reads otherwise: a person looks before any draft",
    "not_named": "it names none of our addresses in To or Cc, so no draft is made for it",
    "suppresses_auto_response": "its sender asks for no automatic response",
    "no_address": "no usable address of the requester was found",
    "cannot_judge": "it could not be judged",
    "unsafe": "it may not be safe to write to them: a person decides",
    "no_mail": "the requester does not want to be reached by mail",
    "replies_off": "holding replies are switched off",
    "language": "there is no template in its language",
    "cap": "the requester had a draft today already",
    "cannot_word": "no draft could be worded that keeps the playbook",
    "nobody_waits": "it reads as if no person waited for an answer, so no draft is made for it",
    "danger_automated": "it looks automated, but speaks of danger to life",
    "incident": "it waits for the team's words about its incident",
    "incident_over": "its incident ended before they were told of it",
    "draft_discarded": "its draft was removed unsent",
}
LEFT_ALONE = {
    "old": "it arrived before the start line",
    "duplicate": "it is a copy of a mail that is on record",
    "ours": "it is our own mail",
    "answered": "a person answered it already",
    "solved": "the requester says that the matter is settled",
    "covered": "a draft for this conversation lies unsent in Drafts",
    "forgotten": "its requester was forgotten",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the team's configuration decides about routes."""

    replies_enabled: bool = True
    languages: frozenset[str] = frozenset({"en"})  # those that have templates and are switched on
    max_per_requester_per_day: int = 1
    announce_calls: str = "late"  # late | always | never
    emergency_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the records say about a message's requester and conversation right now."""

    duplicate_of: int | None = None
    old: bool = False  # it arrived before the start line (the server told that only with its content)
    our_answer: bool = False  # a colleague's mail to the requester that lies in the inbox (we are in Cc)
    answered: datetime | None = None
    answered_by_flag: bool = False
    names_us: bool = True
    open_ticket: int | None = None
    resolved_ticket: int | None = None  # resolved within the last days: re-opened by a grievance
    unsent_draft: int | None = None  # of this conversation
    unsent_is_pending: bool = False  # it is not on the server yet: a call withdraws it
    drafts_today: int = 0
    late: bool = False  # today's remaining call capacity ends before this ticket's place
    number_known: bool = False  # one that may be dialled
    incident: int | None = None  # an open mass incident that this mail is like
    vip: bool = False
    desk: str = ""  # who of the team such a mail goes to (P35)
    wishes: frozenset[Flag] = frozenset()  # of the requester, on record or in this mail


def decide(message: Message, assessment: Assessment, standing: Standing, policy: Policy) -> Decision:
    """The one disposition of a message."""
    automated = assessment.automated
    if standing.duplicate_of is not None:
        return _left_alone("duplicate", f"the same mail is on record as m{standing.duplicate_of}")
    if standing.old:
        return _left_alone("old")
    if standing.our_answer:
        return _left_alone("ours", "a colleague wrote it to the requester")
    if automated is not None and automated.ground == "ours":
        return _left_alone("ours", automated.detail)
    if automated is not None and automated.ground != "suppresses_auto_response":
        if assessment.floor:
            return _owed("danger_automated")
        return _left_alone(automated.ground, automated.detail)
    if standing.answered is not None or standing.answered_by_flag:
        return _left_alone("answered")

    needs_call = assessment.verdict is Verdict.CALL
    waits = not assessment.solved and assessment.verdict is not Verdict.NONE
    if standing.incident is not None and waits and not _needs_a_voice(assessment, standing):
        return _in_incident(message, assessment, standing, policy)
    if standing.open_ticket is not None:
        ground = "solved" if assessment.solved else "joined"
        return _ticketed(ground, f"its requester's case is ticket t{standing.open_ticket}")
    if needs_call:
        return _called(message, assessment, standing, policy)
    if message.source == "voicemail":
        return _ticketed("voicemail", "a voicemail is answered by a call")
    if assessment.solved:
        return _left_alone("solved")
    if assessment.verdict is Verdict.NONE:
        return _owed("nobody_waits")

    hindrance = _hindrance(message, assessment, standing, policy)
    if hindrance:
        return _owed(hindrance, assessment.unjudged)
    if standing.unsent_draft is not None:
        return _left_alone("covered", f"draft d{standing.unsent_draft} lies unsent; it is stale now")
    if standing.drafts_today >= policy.max_per_requester_per_day:
        return _owed("cap")
    return Decision(
        disposition=Disposition.DRAFTED, ground="reply", draft="reply", why="a holding reply is fine"
    )


def _called(message: Message, assessment: Assessment, standing: Standing, policy: Policy) -> Decision:
    """A ticket always; a draft beside it only where it helps and nothing forbids it."""
    ground = "reopened" if standing.resolved_ticket is not None else "call"
    why = "life or safety is at risk" if assessment.floor else "a person should pick up the phone"
    draft = ""
    if assessment.floor:
        draft = "emergency" if policy.emergency_text else ""
    elif policy.announce_calls != "never" and not standing.number_known and not standing.wishes & WRITING:
        draft = "ask_number"
    elif policy.announce_calls == "always" or (policy.announce_calls == "late" and standing.late):
        draft = "call"
    if not _may_draft(standing, policy) or _hindrance(message, assessment, standing, policy):
        draft = ""
    if draft == "ask_number":
        why += "; its draft asks for a number"
    if draft and standing.late and draft != "emergency":
        why += "; more urgent calls fill today, so a holding reply says so"
    return _ticketed(ground, why, draft, late=standing.late)


def _may_draft(standing: Standing, policy: Policy) -> bool:
    """Whether neither an older draft nor the day's cap stands in the way."""
    # A draft that is not on the server yet gives way to this one.
    drafts_today = standing.drafts_today - standing.unsent_is_pending
    covered = standing.unsent_draft is not None and not standing.unsent_is_pending
    return not covered and drafts_today < policy.max_per_requester_per_day


def _needs_a_voice(assessment: Assessment, standing: Standing) -> bool:
    """Who is called even in a mass incident: danger, vulnerable people, and those to be favoured."""
    vulnerable = Cue.VULNERABLE_BEREAVED in assessment.cues or Flag.DEATH_NOTICE in assessment.flags
    danger = any(hit.present_danger or hit.cue is Cue.LIFE_AT_RISK for hit in assessment.hits)
    return assessment.floor or danger or vulnerable or standing.vip


def _in_incident(message: Message, assessment: Assessment, standing: Standing, policy: Policy) -> Decision:
    """One text for everybody who writes about the same outage, and no call of its own."""
    why = f"it is about incident i{standing.incident}"
    hindrance = _hindrance(message, assessment, standing, policy)
    if assessment.verdict is Verdict.CALL or standing.open_ticket is not None:
        free = standing.unsent_draft is None or (standing.unsent_is_pending and standing.open_ticket is None)
        draft = "incident" if free and _may_draft(standing, policy) and not hindrance else ""
        return _ticketed("incident", why, draft, incident=standing.incident)
    if hindrance:
        return replace(_owed(hindrance), incident=standing.incident)
    if standing.unsent_draft is not None:
        covered = f"draft d{standing.unsent_draft} lies unsent; it is stale now"
        return replace(_left_alone("covered", covered), incident=standing.incident)
    if not _may_draft(standing, policy):
        return replace(_owed("cap"), incident=standing.incident)
    return Decision(
        disposition=Disposition.DRAFTED,
        ground="incident",
        draft="incident",
        why=why,
        incident=standing.incident,
    )


def _hindrance(message: Message, assessment: Assessment, standing: Standing, policy: Policy) -> str:
    """The ground that forbids any draft, or nothing."""
    if message.requester is None:
        return "no_address"
    if Flag.UNSAFE in standing.wishes:
        return "unsafe"
    if Flag.NO_MAIL in standing.wishes:
        return "no_mail"
    if not assessment.floor and any(h.present_danger or h.cue is Cue.LIFE_AT_RISK for h in assessment.hits):
        return "maybe_danger"
    if not standing.names_us:
        return "not_named"
    if assessment.automated is not None:
        return assessment.automated.ground
    if assessment.unjudged:
        return "cannot_judge"
    if not policy.replies_enabled:
        return "replies_off"
    if assessment.language not in policy.languages:
        return "language"
    return ""


def _left_alone(ground: str, why: str = "") -> Decision:
    return Decision(
        disposition=Disposition.LEFT_ALONE, ground=ground, why=why or LEFT_ALONE.get(ground, ground)
    )


def _owed(ground: str, detail: str = "") -> Decision:
    why = OWED.get(ground, ground) + (f": {detail}" if detail else "")
    return Decision(disposition=Disposition.OWED, ground=ground, why=why)


def _ticketed(
    ground: str, why: str, draft: str = "", *, late: bool = False, incident: int | None = None
) -> Decision:
    return Decision(
        disposition=Disposition.TICKETED,
        ground=ground,
        ticket=True,
        draft=draft,
        late=late,
        why=why,
        incident=incident,
    )
