"""The frozen values that flow through triage, from one stage to the next.

    RawMessage -> Message -> Assessment -> Decision -> Ticket | Draft | owed | left alone

Every value is immutable, built with keywords, and free of behaviour that needs a
network, a file or a clock. Instants are aware datetimes; text holds neither NUL nor
lone surrogates once it is inside a `Message`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# --------------------------------------------------------------------------- people


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A person as a mail header names them. `address` is lower-cased, plus tags kept."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who we are: our own addresses and the domains of our colleagues (lower case)."""

    addresses: frozenset[str] = frozenset()
    internal_domains: frozenset[str] = frozenset()

    def is_own(self, address: str) -> bool:
        """True for one of our addresses, with or without a plus tag."""
        local, _, domain = address.partition("@")
        return address in self.addresses or f"{local.partition('+')[0]}@{domain}" in self.addresses

    def is_internal(self, address: str) -> bool:
        """True for a colleague: an address in (or below) one of the internal domains."""
        domain = address.rpartition("@")[2]
        return any(domain == d or domain.endswith("." + d) for d in self.internal_domains)

    def is_ours(self, address: str) -> bool:
        return self.is_own(address) or self.is_internal(address)


# --------------------------------------------------------------------------- mail


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """Where a message lies (RFC 9051 section 2.3.1.1). A file has uid 0 and a `key`."""

    account: str
    mailbox: str
    uidvalidity: int = 0
    uid: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMessage:
    """A message as its source delivered it.

    `size` is the whole message's size in octets (RFC822.SIZE); `truncated` says that
    `content` holds only the headers and the beginning of the body.
    """

    ref: MessageRef
    content: bytes
    size: int
    truncated: bool = False
    internal_date: datetime | None = None
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that is not the text: named and typed, never opened. `size` in octets."""

    name: str
    content_type: str
    size: int


class RequesterFrom(StrEnum):
    """Which part of the mail says who the requester is."""

    FROM = "from"
    REPLY_TO = "reply_to"
    SOURCE = "source"  # a web form, voicemail or relay: the body names the person
    FORWARD = "forward"  # a colleague forwarded it: the forwarded header names the person
    SENDER = "sender"  # From is unusable
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A parsed and cleaned mail.

    `headers` holds every header field of the mail, decoded, in order, names lower-cased
    (capped in number and length). `text` is the whole readable body; `new_text` is what
    the requester newly wrote, without greeting, quoted history, signature or disclaimer
    cut away from it (greeting and sign-off stay). `forwarded_text` is the forwarded
    message when a colleague forwarded one (then `new_text` is that text too).
    """

    ref: MessageRef
    message_id: str = ""  # with angle brackets; empty if there is none
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    sender: Address | None = None  # the From header's first usable address
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    requester: Address | None = None
    requester_from: RequesterFrom = RequesterFrom.NOBODY
    requester_phone: str = ""  # from a `sources` pattern, as written there
    source: str = ""  # the matching source's kind: form, voicemail, relay
    date: datetime | None = None  # the Date header
    received: datetime  # INTERNALDATE, else Date, else the time given to parse
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    new_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    forwarded_by: Address | None = None
    attachments: tuple[Attachment, ...] = ()
    flags: frozenset[str] = frozenset()
    size: int = 0
    truncated: bool = False
    defects: tuple[str, ...] = ()  # what was odd about it, in words for a person
    fingerprint: str = ""  # hex digest of what stays the same when a mail moves

    def header(self, name: str) -> str:
        """The first value of the header `name`, or an empty string."""
        name = name.lower()
        return next((v for n, v in self.headers if n == name), "")

    def all_headers(self, name: str) -> tuple[str, ...]:
        name = name.lower()
        return tuple(v for n, v in self.headers if n == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A mail that could not be read at all: it goes to quarantine with this reason."""

    ref: MessageRef
    reason: str
    received: datetime
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that keep hostile mail cheap. Octets, counts and depths."""

    message_bytes: int = 10_000_000
    header_bytes: int = 256_000
    headers: int = 500
    header_length: int = 20_000
    parts: int = 200
    depth: int = 20
    text_chars: int = 200_000
    addresses: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A sender whose mails carry the real requester in the body.

    `match` maps "from", "subject" or "header" to a regular expression; all must match.
    `name`, `address` and `phone` are regular expressions on the body with one group.
    """

    kind: str  # form | voicemail | relay
    match: tuple[tuple[str, str], ...]
    name: str = ""
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Automated:
    """Why a mail must not be answered by a draft (RFC 3834, RFC 5230 section 4.6)."""

    ground: str  # one word of intake.automatic.GROUNDS
    detail: str  # the header or the words that show it


# --------------------------------------------------------------------------- ranking


class Cue(StrEnum):
    """A detected sign of need or escalation (see docs/reference/cues.md)."""

    LIFE_AT_RISK = "life_at_risk"
    SAFETY_HARM = "safety_harm"
    FRAUD_SECURITY = "fraud_security"
    VULNERABLE_BEREAVED = "vulnerable_bereaved"
    LEGAL_THREAT = "legal_threat"
    REGULATOR = "regulator"
    CHARGEBACK = "chargeback"
    PUBLIC_EXPOSURE = "public_exposure"
    LEAVING = "leaving"
    REPEATED_CONTACT = "repeated_contact"
    DISPUTES_ANSWER = "disputes_answer"
    BROKEN_PROMISE = "broken_promise"
    WANTS_CALL = "wants_call"
    WANTS_MANAGER = "wants_manager"
    DEADLINE = "deadline"
    MONEY_LOSS = "money_loss"
    ABUSE = "abuse"
    DISCRIMINATION_PRIVACY = "discrimination_privacy"
    DATA_RIGHTS = "data_rights"
    OFFICIAL = "official"


class Flag(StrEnum):
    """A wish or a fact of the requester, found in the text. Flags carry no points."""

    NO_CALL = "no_call"
    NO_MAIL = "no_mail"
    NO_VOICEMAIL = "no_voicemail"
    ONLY_NUMBER = "only_number"
    WRITING_ONLY = "writing_only"
    RELAY = "relay"
    UNSAFE = "unsafe"
    DEATH_NOTICE = "death_notice"
    MINOR = "minor"


class Emotion(StrEnum):
    ANGRY = "angry"
    FRUSTRATED = "frustrated"
    DISAPPOINTED = "disappointed"
    ANXIOUS = "anxious"
    DISTRESSED = "distressed"
    CONFUSED = "confused"
    NEUTRAL = "neutral"
    PLEASED = "pleased"


class Verdict(StrEnum):
    CALL = "call"
    REPLY = "reply"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One cue found in a text, with the sentence that shows it.

    `present_danger` marks the hits that the floor rules lift (design: life and safety).
    """

    cue: Cue
    evidence: str
    present_danger: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """VADER compound scores (-1..1) over the sentences of the new text."""

    worst: float = 0.0
    mean: float = 0.0
    last: float = 0.0
    worst_sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the records know when a mail is assessed. Defaults: a first contact."""

    contacts: int = 0  # earlier mails of this requester within the last 30 days
    unanswered: int = 0  # of those, mails that no person has answered
    days_waiting: float = 0.0  # since the oldest unanswered one
    answered_before: bool = False  # a person answered in this conversation
    only_holding_reply: bool = False  # the one answer in it was our holding reply
    promises_broken: int = 0
    vip: bool = False
    internal: bool = False
    open_ticket: bool = False
    resolved_ticket: bool = False  # a call of theirs was closed within the last days


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A named contribution to a score, in points, with the sentence that shows it."""

    cue: str  # a Cue's value, or the name of another feature ("sentiment", "context_…")
    evidence: str
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What ranking makes of a message. `base` plus all points is `score`, to within 1."""

    score: float  # 0..100
    verdict: Verdict
    base: float
    reasons: tuple[Reason, ...] = ()  # largest first
    sentiment: Sentiment = Sentiment()
    emotion: Emotion = Emotion.NEUTRAL
    language: str = "unknown"  # ISO 639-1
    phone: str | None = None  # E.164, the requester's own
    phone_from: str = ""  # own_text | signature | quoted | source
    flags: frozenset[Flag] = frozenset()
    hits: tuple[Hit, ...] = ()
    key_sentence: str = ""
    automated: Automated | None = None
    floor: bool = False  # life at risk or present danger: always called first
    solved: bool = False  # the requester says that the matter is settled
    unjudged: str = ""  # why it cannot be judged (empty, image only, unknown language)

    @property
    def cues(self) -> frozenset[Cue]:
        return frozenset(h.cue for h in self.hits)


# --------------------------------------------------------------------------- routing


class Disposition(StrEnum):
    """What became of a message: exactly one each."""

    QUARANTINED = "quarantined"
    TICKETED = "ticketed"
    UNCERTAIN = "uncertain"
    DRAFTED = "drafted"
    OWED = "owed"
    LEFT_ALONE = "left_alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The route of one message and why.

    `ticket`: it opens or joins a ticket. `draft`: what a holding reply is for ("reply", "call",
    "ask_number", "emergency", "incident"), empty for none; `late`: more urgent calls fill today.
    `disposition` and `ground` are what the records will say.
    """

    disposition: Disposition
    ground: str
    ticket: bool = False
    draft: str = ""
    late: bool = False
    incident: int | None = None  # the mass incident whose case it is
    why: str = ""  # one sentence for a person


# --------------------------------------------------------------------------- call queue


class Pause(StrEnum):
    """Why a scheduled ticket waits. Only what was agreed holds when they write again."""

    RETRY = "retry"  # nobody answered: it is tried again
    ANSWER = "answer"  # they were asked in writing, for a number or a time
    AGREED = "agreed"  # they asked to be called at that time
    FOLLOW_UP = "follow_up"  # it was solved: some days later they are asked how it is


class TicketStatus(StrEnum):
    WAITING = "waiting"  # may be called as soon as an agent takes it
    SCHEDULED = "scheduled"  # not before `next_attempt`
    CLAIMED = "claimed"  # one agent holds it, until the lease expires
    RESOLVED = "resolved"
    CANCELLED = "cancelled"  # merged into another, or not a case after all


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One requester's case in the call queue."""

    id: int
    account: str
    requester: Address
    status: TicketStatus = TicketStatus.WAITING
    score: float = 0.0
    tier: int = 1  # 0 = life and safety, before all others
    priority: float = 0.0
    parts: tuple[tuple[str, float], ...] = ()  # what the priority is made of, but for age
    phone: str | None = None
    phone_verified: bool = False
    region: str = ""  # where the number rings: country and time zone ("GB Europe/London")
    callback: str = ""  # when they say that they can be phoned: calls.callback.CallbackWindow
    language: str = ""  # of the mail that weighs most, ISO 639-1
    contact: str = "phone"  # phone | writing (wishes) | none known -> "look_up"
    desk: str = ""  # who of the team has it; empty: everybody
    incident: int | None = None  # the mass incident that it is part of
    flags: frozenset[str] = frozenset()
    subject: str = ""
    received: datetime  # of the first mail
    attempts: int = 0
    next_attempt: datetime | None = None
    pause: Pause | None = None
    claimed_by: str = ""
    claim: str = ""  # the fencing token of the present lease
    lease_expires: datetime | None = None
    messages: int = 0
    reasons: tuple[Reason, ...] = ()
    outcome: str = ""
    merged_into: int | None = None
    closed: datetime | None = None


# --------------------------------------------------------------------------- drafts


class DraftStatus(StrEnum):
    PENDING = "pending"  # intent committed, not yet on the server
    APPENDING = "appending"  # the APPEND was started; its end is not recorded yet
    STORED = "stored"  # in the Drafts mailbox
    UNCERTAIN = "uncertain"  # may or may not be there; never appended again by itself
    SENT = "sent"
    ANSWERED = "answered"  # a person answered first
    DISCARDED = "discarded"  # an agent removed it unsent
    WITHDRAWN = "withdrawn"  # not wanted any more before it was appended
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMail:
    """A finished holding reply, ready for APPEND."""

    content: bytes
    message_id: str
    marker: str
    subject: str
    text: str  # our words only, without the quoted original


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A mail of our own seen in Sent, `answered_in`, Drafts or the inbox (headers only)."""

    ref: MessageRef
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sender: str = ""
    recipients: tuple[str, ...] = ()
    date: datetime | None = None
    marker: str = ""
    automated: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxState:
    """What EXAMINE said about a mailbox."""

    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailboxes:
    """The names of the mailboxes that an account's pass works with."""

    inbox: str
    drafts: str
    sent: tuple[str, ...] = ()
    answered_in: tuple[str, ...] = ()
    drafts_missing: str = ""  # why there is no Drafts mailbox, in words for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message's outside: what is fetched before its body. `size` in octets."""

    uid: int
    size: int
    internal_date: datetime | None
    flags: frozenset[str] = frozenset()
    header: bytes = b""  # the header fields asked for, raw
