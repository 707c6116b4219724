"""The call brief: what the person who phones needs, on one screen (playbook P21 to P28).

    text = render(brief(ticket=ticket, mails=mails, phone=phone, now=now))

It holds only what the mails and the records say, in the requester's own words where it
matters; concessions come from the configuration and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from triage import texts
from triage.calls.ticket import priority
from triage.intake.conversation import base_subject
from triage.matters import matters
from triage.texts import one_line
from triage.types import Cue, Emotion, Flag, Reason, Ticket

SCREEN_LINES = 40

# --------------------------------------------------------------------------- what it is made of


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefMail:
    """One mail of the case. `new_text` as stored (redacted)."""

    received: datetime
    subject: str = ""
    new_text: str = ""
    key_sentence: str = ""
    emotion: Emotion = Emotion.NEUTRAL
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    doubts: tuple[str, ...] = ()  # about its sender: intake.sender.DOUBTS


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefAnswer:
    """Something of ours that they got: a person's answer, or our holding reply."""

    at: datetime
    text: str = ""
    holding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefPromise:
    """What we promised. `state`: open | kept | broken | cancelled."""

    what: str
    due: datetime
    state: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefEvent:
    """An attempt to call, or a note of the agent before: `what` is a name of brief.events."""

    at: datetime
    what: str
    who: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefPhone:
    """The number and whether it may be called now. Without a number `shown` is empty."""

    shown: str = ""  # grouped for reading
    verified: bool = False
    found_in: str = ""  # own text, signature, …
    time_zone: str = ""  # of the requester, IANA
    may_call: bool = False
    not_before: datetime | None = None
    obstacle: str = ""  # why it must not be dialled
    asked_for: str = ""  # their sentence that says when they can be phoned


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why it is in the queue: the cue or other sign in words, and the sentence that shows it."""

    name: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The brief as plain values: strings, numbers and tuples of them, ready for JSON."""

    ticket: int
    who: str
    address: str
    score: float
    danger: str  # the sentence that shows a present danger; empty: none
    wishes: tuple[str, ...]  # first of all (P33)
    doubts: tuple[str, ...]  # whether it is they who wrote
    order: str  # why it stands where it stands in the queue
    phone: str
    calling: str  # whether it may be called now
    local_time: str
    feeling: str
    grounds: tuple[Ground, ...]
    waiting: str
    waiting_seconds: int
    mails: int
    attempts: tuple[str, ...]  # oldest first, like all lists here
    promises: tuple[str, ...]
    matter: str  # verbatim
    answered: tuple[str, ...]
    pieces: tuple[str, ...]  # verbatim
    questions: tuple[str, ...]
    opening: str
    concessions: tuple[str, ...]
    not_to_say: tuple[str, ...]


# --------------------------------------------------------------------------- making it


def brief(
    *,
    ticket: Ticket,
    mails: Sequence[BriefMail],
    phone: BriefPhone | None = None,
    answers: Sequence[BriefAnswer] = (),
    promises: Sequence[BriefPromise] = (),
    events: Sequence[BriefEvent] = (),
    concessions: Sequence[str] = (),
    now: datetime,
    language: str = "en",
    team_folder: str = "",
) -> Brief:
    """The brief of one ticket at `now`, in the agents' language.

    Lists come oldest first; a case without any mail (added by hand) gives a short brief.
    Our own times are shown in the time zone of `now`, so pass it in the team's.
    """
    words: Mapping[str, Any] = texts.wording(language, team_folder=team_folder)["brief"]
    phone = phone or BriefPhone()
    zone = _zone(phone.time_zone)
    worst = max(mails, key=lambda mail: mail.score, default=None)
    emotion = worst.emotion if worst else Emotion.NEUTRAL
    reasons = _reasons(ticket, mails, words)
    cues = {reason.cue for reason in reasons}
    first = min((mail.received for mail in mails), default=ticket.received)
    return Brief(
        ticket=ticket.id,
        who=one_line(ticket.requester.name) or ticket.requester.address,
        address=one_line(ticket.requester.address),
        score=ticket.score,
        danger=_danger(ticket, reasons),
        wishes=tuple(words["wishes"][flag] for flag in words["wishes"] if flag in ticket.flags),
        doubts=tuple(dict.fromkeys(words["doubts"][doubt] for mail in mails for doubt in mail.doubts)),
        order=_order(ticket, now, words),
        phone=_phone(phone, words),
        calling=_calling(phone, zone, words) if phone.shown else "",
        local_time=_at(now.astimezone(zone), words, zone_name=phone.time_zone)
        if zone and phone.shown
        else "",
        feeling=words["emotions"][emotion.value],
        grounds=tuple(
            Ground(name=_signs(words)[reason.cue], evidence=one_line(reason.evidence)) for reason in reasons
        ),
        waiting=_waiting(first, len(mails) or ticket.messages, now, words),
        waiting_seconds=max(0, int((now - first).total_seconds())),
        mails=len(mails) or ticket.messages,
        attempts=tuple(_event(event, now, words) for event in events if event.what in words["events"]),
        promises=tuple(_promise(promise, now, words) for promise in promises) or (words["no_promise"],),
        matter=_matter(worst, mails),
        answered=tuple(_answer(answer, words) for answer in answers) or (words["no_answer_yet"],),
        pieces=_pieces(mails),
        questions=_questions(cues, emotion, phone, words),
        opening=_opening(ticket, worst, cues, words),
        concessions=tuple(one_line(concession) for concession in concessions),
        not_to_say=_not_to_say(cues, words),
    )


def render(brief: Brief, *, form: str = "txt", language: str = "en", team_folder: str = "") -> str:
    """The brief as text of at most 80 columns and 40 lines, or (form "md") as Markdown.

    What does not fit is cut; the screen's spare lines go to whatever would be.
    """
    words = texts.wording(language, team_folder=team_folder)["brief"]
    values = {**asdict(brief), "label": words["labels"], "say": words["lines"]}
    for room in (3, 2, 1, 0) if form == "txt" else (0,):
        text = texts.render(f"brief/brief.{form}.j2", {**values, "room": room}, team_folder=team_folder)
        text = texts.plain(text).strip() + "\n"
        if text.count("\n") <= SCREEN_LINES:
            break
    return text


# --------------------------------------------------------------------------- its parts

_SERIOUS = {
    Cue.LIFE_AT_RISK,
    Cue.SAFETY_HARM,
    Cue.LEGAL_THREAT,
    Cue.REGULATOR,
    Cue.DISCRIMINATION_PRIVACY,
    Cue.DATA_RIGHTS,
    Cue.OFFICIAL,
    Cue.VULNERABLE_BEREAVED,
}


def _reasons(ticket: Ticket, mails: Sequence[BriefMail], words: Mapping[str, Any]) -> tuple[Reason, ...]:
    """The cues of the whole case, each once, weightiest first; then what else raised its score."""
    every = [*ticket.reasons, *(reason for mail in mails for reason in mail.reasons)]
    cues, signs = words["cues"], _signs(words)
    told = [r for r in every if r.cue in cues or (r.cue in signs and r.points >= 1)]
    weighty = sorted(told, key=lambda reason: (reason.cue not in cues, -reason.points))
    once: dict[str, Reason] = {}
    for reason in weighty:
        # "The wording" says nothing new where a sign shows the same sentence.
        if reason.cue != "wording" or all(reason.evidence != other.evidence for other in once.values()):
            once.setdefault(reason.cue, reason)
    return tuple(once.values())


def _signs(words: Mapping[str, Any]) -> Mapping[str, str]:
    return {**words["cues"], **words.get("signs", {})}


def _danger(ticket: Ticket, reasons: Sequence[Reason]) -> str:
    if ticket.tier > 0:
        return ""
    urgent = (Cue.LIFE_AT_RISK, Cue.SAFETY_HARM)
    return next((one_line(r.evidence) for cue in urgent for r in reasons if r.cue == cue), ticket.subject)


def _phone(phone: BriefPhone, words: Mapping[str, Any]) -> str:
    if not phone.shown:
        return str(words["no_number"])
    known = words["verified"] if phone.verified else words["unverified"]
    return f"{one_line(phone.shown)} ({', '.join(filter(None, (known, one_line(phone.found_in))))})"


def _order(ticket: Ticket, now: datetime, words: Mapping[str, Any]) -> str:
    """The parts of its priority, and what waiting added."""
    if not ticket.parts:
        return ""
    total = priority(ticket.priority, now)
    waited = total - sum(points for _, points in ticket.parts)
    parts = [(name, points) for name, points in (*ticket.parts, ("waiting", waited)) if round(points)]
    return f"{total:.0f} = " + " + ".join(f"{points:.0f} {words['parts'][name]}" for name, points in parts)


def _calling(phone: BriefPhone, zone: ZoneInfo | None, words: Mapping[str, Any]) -> str:
    if phone.obstacle:
        return f"{words['may_not_call']}: {one_line(phone.obstacle)}"
    said = str(words["may_call"] if phone.may_call else words["may_not_call"])
    if phone.not_before and not phone.may_call:
        time = _at(phone.not_before.astimezone(zone) if zone else phone.not_before, words)
        said = words["not_before"].format(time=time)
    if phone.asked_for:
        said += "; " + words["asked_for"].format(said=one_line(phone.asked_for))
    return said


def _waiting(first: datetime, mails: int, now: datetime, words: Mapping[str, Any]) -> str:
    said: str = words["waiting"].format(
        long=_duration((now - first).total_seconds(), words),
        mails=f"{mails} {words['mail'] if mails == 1 else words['mails']}",
        day=_day(first, words),
    )
    return said


def _duration(seconds: float, words: Mapping[str, Any]) -> str:
    minutes = max(0, int(seconds // 60))
    for unit, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        if (count := minutes // size) or unit == "minute":
            return f"{count} {words[unit] if count == 1 else words[unit + 's']}"
    raise AssertionError("the last unit always returns")


def _event(event: BriefEvent, now: datetime, words: Mapping[str, Any]) -> str:
    said = f"{_at(event.at.astimezone(now.tzinfo), words)}: {words['events'][event.what]}"
    said += f", {one_line(event.who)}" if event.who else ""
    return said + (f": {one_line(event.note)}" if event.note else "")


def _promise(promise: BriefPromise, now: datetime, words: Mapping[str, Any]) -> str:
    state = (
        words["promises"]
        .get(promise.state, promise.state)
        .format(due=_at(promise.due.astimezone(now.tzinfo), words))
    )
    return f"{state}: {one_line(promise.what)}"  # the state first: the line may be cut


def _answer(answer: BriefAnswer, words: Mapping[str, Any]) -> str:
    kind = words["holding"] if answer.holding else words["answer"]
    return f"{_day(answer.at, words)}, {kind}: {one_line(answer.text)}".rstrip(": ")


def _matter(worst: BriefMail | None, mails: Sequence[BriefMail]) -> str:
    """The key sentence of the weightiest mail, else of the latest that has one."""
    candidates = [*([worst] if worst else []), *reversed(mails)]
    return next((one_line(mail.key_sentence) for mail in candidates if mail.key_sentence), "")


def _pieces(mails: Sequence[BriefMail]) -> tuple[str, ...]:
    """Every matter they raised, newest mail first, or each mail's own key sentence (P24)."""
    raised = [piece for mail in reversed(mails) for piece in matters(mail.new_text)]
    keys = [mail.key_sentence for mail in reversed(mails)] if len(mails) > 1 else []
    return tuple(dict.fromkeys(filter(None, map(one_line, raised or keys))))


def _questions(
    cues: set[str], emotion: Emotion, phone: BriefPhone, words: Mapping[str, Any]
) -> tuple[str, ...]:
    """What is not known yet, most pressing first (P22, P25)."""
    anxious = emotion in (Emotion.ANXIOUS, Emotion.DISTRESSED)
    applies = {
        "safety": bool(cues & {Cue.SAFETY_HARM, Cue.LIFE_AT_RISK}),
        "number": not phone.shown,
        "deadline": Cue.DEADLINE in cues,
        "disputes": Cue.DISPUTES_ANSWER in cues,
        "again": bool(cues & {Cue.REPEATED_CONTACT, Cue.BROKEN_PROMISE}),
        "money": Cue.MONEY_LOSS in cues,
        "fear": anxious or Cue.LEAVING in cues,
        "right": not cues & {Cue.SAFETY_HARM, Cue.LIFE_AT_RISK, Cue.VULNERABLE_BEREAVED},
    }
    return tuple(words["questions"][name] for name, asked in applies.items() if asked)


def _opening(ticket: Ticket, worst: BriefMail | None, cues: set[str], words: Mapping[str, Any]) -> str:
    """The matter, the feeling, and the invitation to tell it (P23)."""
    topic = one_line(base_subject(worst.subject if worst else ticket.subject))
    day = _day(worst.received if worst else ticket.received, words)
    # A subject may be an insult: nobody has to read that out.
    fit = 0 < len(topic) <= 60 and Cue.ABUSE not in cues
    about = words["opening_topic"] if fit else words["opening_plain"]
    said = [about.format(topic=topic, day=day)]
    if Flag.DEATH_NOTICE in ticket.flags:
        said.append(words["opening_loss"])
    elif worst and worst.emotion in words["feelings"]:
        said.append(words["opening_feeling"].format(feeling=words["feelings"][worst.emotion]))
    return " ".join([*said, words["opening_invite"]])


def _not_to_say(cues: set[str], words: Mapping[str, Any]) -> tuple[str, ...]:
    avoid = words["avoid"]
    serious = avoid["serious"] if cues & _SERIOUS else ()
    abuse = avoid["abuse"] if Cue.ABUSE in cues else ()
    return (*serious, *abuse, *avoid["always"])


# --------------------------------------------------------------------------- time in words


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _day(at: datetime, words: Mapping[str, Any]) -> str:
    said: str = words["day_of_month"].format(
        weekday=words["weekdays"][at.weekday()], day=at.day, month=words["months"][at.month - 1]
    )
    return said


def _at(at: datetime, words: Mapping[str, Any], *, zone_name: str = "") -> str:
    zone = zone_name or ("UTC" if at.tzinfo is UTC else "")
    return f"{_day(at, words)} {at:%H:%M}{f' ({zone})' if zone else ''}"
