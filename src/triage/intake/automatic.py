"""May this mail be answered by a draft? Proofs that no person waits for an answer (pure).

    judge(message, identity=...)  -> Automated | None   by its headers and addresses
    judge_text(subject, text)     -> Automated | None   by its words alone, for what hides its nature
    is_solved(subject, text)      -> bool               a person says thanks, and nothing is open
    names_us(message, identity=...) -> bool             RFC 5230 section 4.5

An automated mail is ranked and recorded like any other, but never drafted to (RFC 3834
section 2, RFC 5230 sections 4.5 and 4.6). Each verdict names its ground. A mail wrongly
silenced is worse than one draft too many, so whatever is no proof is no ground.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from triage.intake import telltales
from triage.types import Automated, Identity, Message, RequesterFrom

GROUNDS: dict[str, str] = {
    "ours": "It was sent from one of our own addresses, or it is a draft of ours.",
    "delivery_report": "It reports on the delivery of a mail.",
    "read_receipt": "It says that a mail was read or deleted, nothing more.",
    "null_sender": "It has the empty return path of mail that must not be answered.",
    "auto_submitted": "Its Auto-Submitted header says that no person sent it.",
    "auto_response": "A header marks it as an automatic response.",
    "calendar_reply": "It accepts or declines an invitation.",
    "mailing_list": "It came through a mailing list that is not ours.",
    "newsletter": "It is a newsletter or a mass mailing.",
    "bulk": "Its Precedence header says that it went to many.",
    "no_reply": "Its sender takes no replies.",
    "daemon": "Its sender is a mail or list program.",
    "auto_reply_subject": "Its subject is that of an automatic reply.",
    "suppresses_auto_response": "It asks for no automatic responses. That alone does not prove a machine.",
    "auto_reply": "It reads like an out-of-office reply.",
    "acknowledgement": "It reads like the automatic receipt of a ticket system.",
    "monitoring": "It reads like a message of a monitoring or backup system.",
    "receipt": "It reads like a receipt, an order confirmation or a notice of a payment.",
    "machine_wording": "It says of itself that a machine wrote it.",
    "sales_pitch": "It reads like an unasked offer.",
    "phishing": "It reads like an attempt at fraud on us.",
}
"""Every ground and the sentence that tells it to a person."""


def judge(message: Message, *, identity: Identity) -> Automated | None:
    """The first proof, by headers and addresses, that no draft may answer `message`.

    A mail that a configured source carries (a web form, a voicemail box) is written by a
    machine for a person who waits: of such a mail only reports and our own marker count.
    """
    rules = _RULES_FOR_SOURCES if message.source else _RULES
    for ground, rule in rules:
        if detail := rule(message, identity):
            return Automated(ground=ground, detail=" ".join(detail.split())[:200])
    return None


def names_us(message: Message, *, identity: Identity) -> bool:
    """True if To, Cc, Resent-To or Resent-Cc names one of our addresses (RFC 5230 section 4.5).

    Delivered-To does not count, for it stands on a blind copy too. Without known addresses
    of ours every mail does.
    """
    if not identity.addresses:
        return True
    if any(identity.is_own(a.address) for a in (*message.to, *message.cc)):
        return True
    resent = (*message.all_headers("resent-to"), *message.all_headers("resent-cc"))
    return any(identity.is_own(address) for value in resent for address in _addresses(value))


def judge_text(subject: str, text: str) -> Automated | None:
    """A proof, by the words of the mail alone, that a machine or a mass mailer wrote it.

    Meant for mail that `judge` lets pass. `text` is what was newly written. Conservative:
    it wants several tell-tale signs at once and none of a person with a matter of their own.
    """
    found = telltales.find(subject, text)
    return Automated(ground=found[0], detail=" ".join(found[1].split())[:200]) if found else None


def is_solved(subject: str, text: str) -> bool:
    """True if the mail only says thanks, or that the matter is settled, and asks for nothing.

    `text` is what was newly written. Conservative: a question, a request, a complaint or a
    "but" makes it an open matter.
    """
    return telltales.is_settled(subject, text)


# --------------------------------------------------------------------------- the rules

_Rule = Callable[[Message, Identity], str]
"""Returns the header or words that prove the ground, or an empty string."""


def _ours(message: Message, identity: Identity) -> str:
    if message.header("x-triage-marker"):
        return "X-Triage-Marker"
    # A form, a relay or a colleague's forward names another person as the one who waits.
    on_behalf = {RequesterFrom.SOURCE, RequesterFrom.FORWARD, RequesterFrom.REPLY_TO}
    if message.sender and message.requester_from not in on_behalf and identity.is_own(message.sender.address):
        return f"From: {message.sender.address}"
    return ""


def _marker(message: Message, _identity: Identity) -> str:
    return "X-Triage-Marker" if message.header("x-triage-marker") else ""


def _delivery_report(message: Message, _identity: Identity) -> str:
    if value := message.header("x-failed-recipients"):
        return f"X-Failed-Recipients: {value}"
    content_type = message.header("content-type")
    if _media_type(content_type) == "multipart/report" and not _is_receipt(content_type):
        return f"Content-Type: {content_type}"
    local = _local_part(message.sender.address if message.sender else "")
    if local in _MAIL_SYSTEM or local.startswith("microsoftexchange329e71ec"):
        return f"From: {message.sender.address if message.sender else ''}"
    if any(word in local for word in _MAIL_SYSTEM_WORDS) and telltales.reports_failure(message.subject):
        return f"Subject: {message.subject}"
    return ""


def _read_receipt(message: Message, _identity: Identity) -> str:
    content_type = message.header("content-type")
    if _media_type(content_type) == "multipart/report" and _is_receipt(content_type):
        return f"Content-Type: {content_type}"
    return ""


def _null_sender(message: Message, _identity: Identity) -> str:
    """RFC 5321 section 4.5.5. An absent Return-Path proves nothing."""
    return next(("Return-Path: <>" for v in message.all_headers("return-path") if v.strip() == "<>"), "")


def _auto_submitted(message: Message, _identity: Identity) -> str:
    """RFC 3834 section 5: any keyword but "no", whatever comments and parameters surround it."""
    for value in message.all_headers("auto-submitted"):
        keyword = _without_comments(value).partition(";")[0].strip().lower()
        if keyword and keyword != "no":
            return f"Auto-Submitted: {value}"
    return ""


def _auto_response(message: Message, _identity: Identity) -> str:
    for name, value in message.headers:
        if name in _AUTO_RESPONSE_HEADERS and value.strip().lower() not in _NEGATIVE:
            return f"{name}: {value}"
        if name == "precedence" and value.strip().lower().replace("-", "_") == "auto_reply":
            return f"Precedence: {value}"
        if name == "x-post-messageclass" and "autoresponder" in value.lower():
            return f"{name}: {value}"
    return ""


def _calendar_reply(message: Message, _identity: Identity) -> str:
    """RFC 5546: METHOD REPLY answers an invitation. (A REQUEST may be a customer's wish to meet.)"""
    value = message.header("content-type")
    is_reply = _media_type(value) == "text/calendar" and _parameter(value, "method") == "reply"
    return f"Content-Type: {value}" if is_reply else ""


def _mailing_list(message: Message, identity: Identity) -> str:
    if not _is_our_list(message, identity):
        for name, value in message.headers:
            if name in _LIST_HEADERS and value.strip():
                return f"{name}: {value}"
    return ""


def _newsletter(message: Message, identity: Identity) -> str:
    """RFC 2369, RFC 8058: a foreign sender's mail with a way to unsubscribe went to many."""
    if not _is_our_list(message, identity):
        for name, value in message.headers:
            if name in ("list-unsubscribe", "list-unsubscribe-post") and value.strip():
                return f"{name}: {value}"
    return ""


def _bulk(message: Message, identity: Identity) -> str:
    words = ("junk", "bulk") if _is_our_list(message, identity) else ("junk", "bulk", "list")
    values = message.all_headers("precedence")
    return next((f"Precedence: {v}" for v in values if v.strip().lower() in words), "")


def _no_reply(message: Message, _identity: Identity) -> str:
    local = re.sub(r"[._-]", "", _local_part(_answered_address(message)))
    return f"From: {_answered_address(message)}" if any(word in local for word in _NO_REPLY) else ""


def _daemon(message: Message, _identity: Identity) -> str:
    """RFC 5230 section 4.6 and the names that list programs use."""
    address = _answered_address(message)
    local = address.partition("@")[0]
    machine = (
        local in _DAEMONS
        or local.startswith(("owner-", "bounce+", "bounces+", "bounce-", "bounces-", "mailer-daemon"))
        or local.endswith(("-request", "-bounces", "-owner"))
    )
    return f"From: {address}" if machine else ""


def _auto_reply_subject(message: Message, _identity: Identity) -> str:
    return f"Subject: {message.subject}" if telltales.answers_automatically(message.subject) else ""


def _suppresses(message: Message, _identity: Identity) -> str:
    """MS-OXCMAIL 2.2.3.2.14. Some programs set it on mail that people wrote: the weakest ground."""
    for value in message.all_headers("x-auto-response-suppress"):
        if {word.strip().lower() for word in value.split(",")} & {"all", "oof", "autoreply"}:
            return f"X-Auto-Response-Suppress: {value}"
    return ""


_RULES: tuple[tuple[str, _Rule], ...] = (
    ("ours", _ours),
    ("delivery_report", _delivery_report),
    ("read_receipt", _read_receipt),
    ("null_sender", _null_sender),
    ("auto_submitted", _auto_submitted),
    ("auto_response", _auto_response),
    ("calendar_reply", _calendar_reply),
    ("mailing_list", _mailing_list),
    ("newsletter", _newsletter),
    ("bulk", _bulk),
    ("no_reply", _no_reply),
    ("daemon", _daemon),
    ("auto_reply_subject", _auto_reply_subject),
    ("suppresses_auto_response", _suppresses),
)

_RULES_FOR_SOURCES: tuple[tuple[str, _Rule], ...] = (
    ("ours", _marker),
    ("delivery_report", _delivery_report),
    ("read_receipt", _read_receipt),
)

# --------------------------------------------------------------------------- the names in them

_MAIL_SYSTEM = frozenset({"mailer-daemon", "mailerdaemon", "mail-daemon", "mdaemon", "postmaster"})
_MAIL_SYSTEM_WORDS = ("daemon", "postmaster", "mailer", "bounce", "mailsystem", "mail-system")
_DAEMONS = frozenset({"listserv", "listserver", "majordomo", "mailman", "sympa", "bounce", "bounces"})
_AUTO_RESPONSE_HEADERS = frozenset(
    {
        "x-autoreply",
        "x-auto-reply",
        "x-autoreply-from",
        "x-autorespond",
        "x-auto-respond",
        "x-autoresponder",
        "x-autoresponse",
        "x-auto-response",
        "x-mail-autoreply",
        "x-cron-env",
    }
)
_NEGATIVE = frozenset({"", "no", "false", "0"})
_LIST_HEADERS = frozenset(
    # RFC 2919 and RFC 2369; List-Unsubscribe is the newsletter's and has its own rule.
    {
        "list-id",
        "list-post",
        "list-help",
        "list-subscribe",
        "list-owner",
        "list-archive",
        "mailing-list",
        "x-mailing-list",
    }
)
_NO_REPLY = (
    "noreply",
    "donotreply",
    "dontreply",
    "noresponder",
    "noresponda",
    "norespondas",
    "nepasrepondre",
    "nichtantworten",
    "keineantwort",
    "nietbeantwoorden",
    "nietantwoorden",
    "nonrispondere",
    "naoresponda",
    "naoresponder",
)


def _answered_address(message: Message) -> str:
    """To whom a draft would go. A usable Reply-To has already outranked a no-reply From."""
    if message.requester is not None:
        return message.requester.address
    return message.sender.address if message.sender else ""


def _local_part(address: str) -> str:
    return address.partition("@")[0].partition("+")[0]


def _is_our_list(message: Message, identity: Identity) -> bool:
    """True if one of our own addresses is the list (Google Groups, Mailman), or names it.

    Such a list marks every customer's mail. A newsletter that merely mentions our address in
    its unsubscribing link is not ours: there only a mailto: to our own list address counts.
    """
    own_ids = {address.replace("@", ".") for address in identity.addresses}
    for name, value in message.headers:
        if name == "list-id" and value.rpartition("<")[2].partition(">")[0].strip().lower() in own_ids:
            return True
        if name in _LIST_HEADERS - {"list-id", "list-archive"}:
            if any(_is_own_list_address(address, identity) for address in _addresses(value)):
                return True
        elif name == "list-unsubscribe":
            targets = (m[1].lower() for m in _MAILTO.finditer(value))
            if any(_is_own_list_address(address, identity) for address in targets):
                return True
    return False


def _is_own_list_address(address: str, identity: Identity) -> bool:
    """Ours, or what a list program derives from it: support-request@, support+owners@."""
    local, _, domain = address.partition("@")
    base, dash, role = local.rpartition("-")
    derived = f"{base}@{domain}" if dash and role in _LIST_ROLES else address
    return identity.is_own(address) or identity.is_own(derived)


_LIST_ROLES = frozenset(
    {"request", "owner", "bounces", "leave", "join", "subscribe", "unsubscribe", "confirm"}
)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}")
_MAILTO = re.compile(r"mailto:([^?<>\s,@]{1,64}@[\w.-]{1,255})", re.IGNORECASE)


def _addresses(value: str) -> Iterator[str]:
    """The addresses in a header's value, lower-cased, without parsing its grammar."""
    for match in _ADDRESS.finditer(value.replace("mailto:", " ")):
        yield match.group().lower()


def _without_comments(value: str) -> str:
    """A header's value without its (nested) comments, RFC 5322 section 3.2.2."""
    kept: list[str] = []
    depth = 0
    for char in value:
        if char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(char)
    return "".join(kept)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _parameter(content_type: str, name: str) -> str:
    for part in content_type.split(";")[1:20]:
        key, _, value = part.partition("=")
        if key.strip().lower() == name:
            return value.strip().strip('"').lower()
    return ""


def _is_receipt(content_type: str) -> bool:
    """RFC 8098."""
    return _parameter(content_type, "report-type") == "disposition-notification"
