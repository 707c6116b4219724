"""Composes a holding reply: first what it says (the plan), then the words.

    kind = choose_kind(message, assessment)
    text = compose(plan(message, assessment, kind=kind, settings=settings), settings=settings)

The plan holds every decision of the playbook (P5 to P15, P20, P33, P34) as plain values;
the templates only word them. Whatever comes from a mail is a value in a template and is
never evaluated.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from triage import texts
from triage.intake.body import judged_text
from triage.promises import BusinessDuration
from triage.replies import listening, signs
from triage.replies.greeting import greeting_name
from triage.replies.times import within
from triage.types import Assessment, Context, Cue, Emotion, Flag, Message, Verdict

KINDS = (
    "question",
    "fault",
    "delay",
    "billing",
    "refund",
    "complaint",
    "cancellation",
    "praise",
    "feature",
    "internal",
    "unclear",
    "serious",
    "call_soon",
    "call_late",
    "ask_number",
    "incident",
    "emergency",
)
LETTERS = ("confirmation", "tried", "follow_up", "all_clear")
"""Kinds that the desk asks for: they answer no mail of their own (letters.py)."""
FILLING = 12  # words of a quote from which on it fills a letter that says little else


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySettings:
    """How a team replies. `respond_within` None: no time is promised."""

    from_name: str = ""
    from_address: str
    signature: str = ""  # empty: from_name
    respond_within: BusinessDuration | None = None
    announce_calls: str = "late"  # late | always | never
    ask_what_would_help: bool = False
    mark_automatic: bool = True
    languages: tuple[str, ...] = ("en",)  # the first serves where the mail's is not offered
    variants: bool = True
    phone_offer: bool = True
    emergency_text: str = ""
    team_folder: str = ""  # empty: the shipped templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one holding reply says, before any words. An empty string says nothing."""

    kind: str
    language: str
    seed: str = ""  # chooses among wordings; empty: always the first
    greeting_name: str = ""
    feeling: str = ""  # P6, an adjective: "frustrating"
    apology: str = ""  # P8, for what: "the trouble that this gives you"
    condolence: bool = False  # P8, instead of an apology
    human_sentence: bool = False  # P13
    quote: str = ""  # P7, verbatim
    topic: str = ""  # P7, where nothing can be quoted, or the quote is too short to tell the matter
    matters: tuple[str, ...] = ()  # P11, verbatim
    promise: str = ""  # P9, by when: "within one business day"
    ask_detail: str = ""  # P12, the one missing detail
    what_would_help: bool = False  # P12, only where the team allows it
    phone_offer: bool = False  # P14
    late: bool = False  # a call is announced, but more urgent ones fill today
    said: str = ""  # what the team or an agent says, in their own words
    by: str = ""  # by when it is due: "Monday, 30 November at 16:00"
    thanks: bool = True  # P14

    @property
    def invites(self) -> bool:
        """Whether it says that they may add something: there is room for it, and need of it (P15)."""
        heard = self.feeling or self.apology or (self.human_sentence and len(self.quote.split()) >= FILLING)
        return not self.matters and not (self.quote and heard)


def kinds() -> tuple[str, ...]:
    """Every kind of draft that a template is shipped for."""
    return (*KINDS, *LETTERS)


def choose_kind(
    message: Message,
    assessment: Assessment,
    *,
    internal: bool = False,
    call: str = "",
) -> str:
    """The kind of holding reply that fits, or an empty string if none may be drafted.

    `call` says what a draft may announce: "soon" (a call is due), "late" (one is due, but
    today's queue is full), "ask" (one is due, but no number is known) or "" (nothing). No
    draft: a mail that cannot be judged, that is automated or settled, or whose requester is
    not safe to write to (P33). "emergency" is composed only from the team's own text (P34).
    """
    cues, flags = assessment.cues, assessment.flags
    if assessment.score < BELIEVED_FROM:
        cues &= _BELIEVED_ANYHOW
    if assessment.unjudged or assessment.automated or assessment.solved:
        return ""
    if Flag.UNSAFE in flags or Flag.NO_MAIL in flags:
        return ""
    if assessment.floor or Cue.LIFE_AT_RISK in cues:
        return "emergency"
    if cues & _SERIOUS or Flag.DEATH_NOTICE in flags:
        return "serious"
    if internal:
        return "internal"
    if call and not flags & _NO_CALL:
        return {"soon": "call_soon", "late": "call_late", "ask": "ask_number"}[call]
    # Who is calm or puzzled may speak of an earlier answer or a third mail without a grievance.
    aggrieved = bool(cues & _GRIEVANCE) and assessment.emotion in _AGGRIEVED
    if assessment.verdict is Verdict.CALL or aggrieved or assessment.emotion is Emotion.ANGRY:
        return "complaint"
    return _kind_by_words(message, assessment)


def plan(
    message: Message,
    assessment: Assessment,
    *,
    kind: str,
    settings: ReplySettings,
    context: Context | None = None,
    late: bool = False,
    said: str = "",
) -> Plan:
    """Decides what a holding reply of this kind says to this message.

    `context` is what our records prove about it (P8); default: a first contact. `late`: more
    urgent calls fill today. `said`: what the team tells everybody about an incident.
    """
    language = reply_language(assessment.language, settings)
    words = texts.wording(language, team_folder=settings.team_folder)["reply"]
    seed = hashlib.sha256(f"{message.fingerprint}\n{kind}".encode()).hexdigest() if settings.variants else ""
    always = Plan(
        kind=kind,
        language=language,
        seed=seed,
        greeting_name=greeting_name(message),
        promise=within(settings.respond_within, words) if settings.respond_within else "",
        late=late or kind == "call_late",
    )
    if kind == "incident":
        return replace(always, promise="", said=said)
    if kind in _PLAIN:
        return replace(always, condolence=kind == "serious" and _bereaved(assessment))

    upset = assessment.emotion in words["feelings"] and assessment.emotion is not Emotion.CONFUSED
    content = assessment.emotion is Emotion.PLEASED
    grieved = (kind in _GRIEVED and not content) or (upset and kind in _MAY_BE_GRIEVED)
    matters = listening.points(message.new_text, upset=upset or grieved)
    quote = "" if matters else _verbatim(message, assessment.key_sentence, upset=upset or grieved)
    named = "" if matters else listening.topic(message.subject, upset=upset or grieved)
    if quote and not listening.leaves_open(quote, named):
        named = ""
    calls = kind in _CALLS
    needs_record = kind in _NEEDS_RECORD or (kind == "billing" and grieved)
    detail = words["missing_detail"] if needs_record and not _has_reference(message) else ""
    return replace(
        always,
        # A calm question that was read as worried or puzzled had better not be told so (P6).
        feeling=words["feelings"].get(assessment.emotion.value, "")
        if grieved and kind not in _NO_FEELING
        else "",
        apology=_apology(context or Context(), kind, grieved=grieved, words=words["apologies"]),
        human_sentence=_human(kind, message) and not matters and (grieved or not upset),
        matters=matters,
        quote=quote,
        topic=named,
        ask_detail=detail,
        what_would_help=settings.ask_what_would_help and grieved and not (calls or matters or detail),
        phone_offer=settings.phone_offer and grieved and not calls and not assessment.flags & _NO_CALL,
    )


def compose(plan: Plan, *, settings: ReplySettings) -> str:
    """The words of `plan`, ending with the signature and a newline.

    Raises ValueError for an emergency without the team's own text, and ConfigError if a
    template is missing or broken.
    """
    if plan.kind == "emergency" and not settings.emergency_text.strip():
        raise ValueError("nothing is drafted in an emergency unless the team wrote emergency_text")
    values = {
        **asdict(plan),
        "invites": plan.invites,
        "signature": settings.signature.strip() or settings.from_name,
        "emergency_text": settings.emergency_text.strip(),
        "pick": _chooser(plan.seed),
    }
    text = texts.render(
        f"replies/{plan.language}/{plan.kind}.txt.j2", values, team_folder=settings.team_folder
    )
    lines = (line.rstrip() for line in texts.plain(text).strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


# --------------------------------------------------------------------------- the plan's rules

# A cue in a mail that as a whole reads like routine is a mere word ("my lawyer" in a language
# lesson). What starts a clock of its own is believed all the same.
BELIEVED_FROM = 5.0
_BELIEVED_ANYHOW = frozenset({Cue.LIFE_AT_RISK, Cue.DATA_RIGHTS, Cue.OFFICIAL})

# P20: a person, and the shortest and plainest reply.
_SERIOUS = frozenset(
    {
        Cue.SAFETY_HARM,
        Cue.FRAUD_SECURITY,
        Cue.VULNERABLE_BEREAVED,
        Cue.LEGAL_THREAT,
        Cue.REGULATOR,
        Cue.DISCRIMINATION_PRIVACY,
        Cue.DATA_RIGHTS,
        Cue.OFFICIAL,
    }
)
_GRIEVANCE = frozenset(
    {
        Cue.CHARGEBACK,
        Cue.PUBLIC_EXPOSURE,
        Cue.LEAVING,
        Cue.REPEATED_CONTACT,
        Cue.DISPUTES_ANSWER,
        Cue.BROKEN_PROMISE,
        Cue.WANTS_MANAGER,
        Cue.ABUSE,
    }
)
_AGGRIEVED = frozenset({Emotion.ANGRY, Emotion.FRUSTRATED, Emotion.DISAPPOINTED, Emotion.DISTRESSED})
_NO_CALL = frozenset({Flag.NO_CALL, Flag.WRITING_ONLY, Flag.UNSAFE, Flag.MINOR})
_PLAIN = frozenset({"serious", "emergency"})
_CALLS = frozenset({"call_soon", "call_late", "ask_number"})
_GRIEVED = frozenset({"complaint", "fault", "delay"}) | _CALLS
_MAY_BE_GRIEVED = frozenset({"billing", "refund", "cancellation"})
_IN_PASSING = 1
_MONEY = frozenset({"billing", "refund"})
_ENOUGH_WORDS = 5  # from which on a mail may ask something without a question mark
_NO_FEELING = frozenset({"praise", "feature", "internal", "unclear"})
_NO_APOLOGY = frozenset({"praise", "feature", "unclear"})
_NEEDS_RECORD = frozenset({"delay", "refund", "cancellation"})


def reply_language(language: str, settings: ReplySettings) -> str:
    """The requester's language if the team offers it, else the team's first."""
    return language if language in settings.languages else settings.languages[0]


def _kind_by_words(message: Message, assessment: Assessment) -> str:
    """The kind whose words the mail uses most, in its subject or its key sentence above all.

    A word in passing ("I do my invoices on Sunday") makes no kind.
    """
    subject = signs.normalised(message.subject)
    key, text = signs.normalised(assessment.key_sentence), signs.normalised(message.new_text[:20_000])
    best, most = "", _IN_PASSING
    for kind, pattern in signs.kinds().items():
        stressed = len(pattern.findall(subject)) + len(pattern.findall(key))
        said = min(len(pattern.findall(text)), 3)
        # A bill may lie about in any mail: money has to be what it asks about.
        often = said > _IN_PASSING and kind not in _MONEY
        weight = 2 * stressed + said if stressed or often else 0
        if weight > most:
            best, most = kind, weight
    if best:
        return best
    if assessment.emotion is Emotion.PLEASED and "?" not in message.new_text:
        return "praise"
    if assessment.emotion in _AGGRIEVED:
        return "complaint"
    return "question" if _tells_what_it_is_about(message, assessment) else "unclear"


def _tells_what_it_is_about(message: Message, assessment: Assessment) -> bool:
    """Whether it asks or names anything that a reply could hold on to."""
    if "?" in message.new_text or len(judged_text(message.new_text).split()) >= _ENOUGH_WORDS:
        return True
    named = listening.topic(message.subject, upset=False)
    return bool(named or _verbatim(message, assessment.key_sentence, upset=False))


def _bereaved(assessment: Assessment) -> bool:
    """Whether a death touches them. A mail that merely deals with one reads calm, and needs no call."""
    grave = assessment.verdict is Verdict.CALL or assessment.emotion is Emotion.DISTRESSED
    return Flag.DEATH_NOTICE in assessment.flags and grave


def _human(kind: str, message: Message) -> bool:
    """Whether a human sentence fits (P13): nobody "did well to ask" who asked nothing."""
    return kind != "cancellation" and (kind != "question" or "?" in message.new_text)


def _apology(context: Context, kind: str, *, grieved: bool, words: dict[str, str]) -> str:
    """What our own records prove comes first, then the trouble of a grievance (P8)."""
    if kind in _NO_APOLOGY:
        return ""
    if context.promises_broken:
        return words["broken_promise"]
    if context.unanswered and context.days_waiting >= 1:
        return words["again"] if grieved else words["late"]
    return words["trouble"] if grieved else ""


def _verbatim(message: Message, sentence: str, *, upset: bool) -> str:
    """The key sentence if it truly stands in the mail and can be repeated."""
    stands = " ".join(sentence.split()) in " ".join(message.new_text.split())
    return listening.quote(sentence, upset=upset) if stands else ""


# A code of five or more signs (OH-41266), or as many digits in groups (8850 2291 07).
_REFERENCE = re.compile(r"(?<!\w)(?=[A-Z-]*\d)[A-Z0-9-]{5,}(?!\w)|\d(?:[ -]?\d){4,}")


def _has_reference(message: Message) -> bool:
    """Whether the mail seems to name its order or account, or may show it in an attachment."""
    text = f"{message.subject}\n{message.new_text[:20_000]}"
    return bool(message.attachments or _REFERENCE.search(text))


def _chooser(seed: str) -> Callable[..., str]:
    """A function for templates that takes one of several wordings, by seed and place."""

    def pick(*wordings: str) -> str:
        if not seed:
            return wordings[0]
        digest = hashlib.sha256(f"{seed}\n{wordings[0]}".encode("utf-8", "replace")).digest()
        return wordings[digest[0] % len(wordings)]

    return pick
