"""The signs by which automated and settled mail gives itself away, in seven languages (pure).

    find(subject, text)          -> (ground, the words) | None
    is_settled(subject, text)    -> bool
    answers_automatically(subject), reports_failure(subject) -> bool

Used by `intake.automatic`, which owns the grounds. English, German, French, Spanish, Dutch,
Italian and Portuguese. Each family of automated mail has signs of its own and asks for
enough of them at once; a person with a matter of their own (the first person, a question, a
web form's fields) clears a mail of the weaker families. Work is bounded: CHARS of the text,
plain alternatives, no nested repetition. The words themselves are in `telltale_words`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from triage.intake import telltale_words as words

CHARS = 6_000
"""Characters of a text that are looked at: automated mail shows itself at its top or its foot."""


def find(subject: str, text: str) -> tuple[str, str] | None:
    """The ground (a word of `automatic.GROUNDS`) and the words that show it, or None."""
    subject, body = _plain(subject), _plain(_ends(text))
    person = _is_person(body)
    for ground, proof in _proofs(subject, body, person=person):
        if proof:
            return ground, proof
    return None


def _proofs(subject: str, body: str, *, person: bool) -> Iterator[tuple[str, str]]:
    """Each family's ground and the words that show it (or none), as they are asked for."""
    yield "delivery_report", _failure(subject, body)
    yield "auto_reply", _absence(subject, body)
    yield "acknowledgement", _first(words.ACKNOWLEDGEMENT, body, person=person)
    yield "calendar_reply", _both(words.CALENDAR_SUBJECT, subject, words.CALENDAR_BODY, body)
    yield "read_receipt", _both(words.READ_SUBJECT, subject, words.READ_BODY, body)
    yield "monitoring", _monitoring(subject, body, person=person)
    yield "phishing", _phishing(subject, body, person=person)
    yield "sales_pitch", _enough(words.PITCH, f"{subject}\n{body}", 3 if person else 2)
    yield "newsletter", _newsletter(subject, body, person=person)
    yield "receipt", _receipt(subject, body, person=person)
    yield "machine_wording", _first(words.MACHINE, body, person=person)


def answers_automatically(subject: str) -> bool:
    """True if the subject begins as automatic replies do ("Automatic reply: …").

    "Re: Automatic reply" is a person's answer to ours, and so is no sign.
    """
    return "?" not in subject and words.AUTO_REPLY_SUBJECT.match(_plain(subject)) is not None


def reports_failure(subject: str) -> bool:
    """True if the subject begins as delivery failures do ("Undelivered Mail Returned to Sender")."""
    return words.FAILURE_SUBJECT.match(_plain(subject)) is not None


def is_settled(subject: str, text: str) -> bool:
    """True if the text only gives thanks or says that the matter is settled.

    It must be short, say so, and hold nothing open: no question, request, "but" or complaint.
    """
    body = _plain(text[:CHARS])
    length = len(body.split())
    if not 0 < length <= 110 or words.OPEN_MATTER.search(body) or "?" in subject:
        return False
    if words.CLOSED.search(body):
        return True
    if length > 30 or not words.THANKS.search(body):
        return False
    if _only_thanks(text):
        return True
    unsettled = words.REQUEST, words.NEGATION, words.TROUBLE
    return words.RESOLVED.search(body) is not None and not any(p.search(body) for p in unsettled)


def _only_thanks(text: str) -> bool:
    """True if nothing but courtesy is said; "Thanks, Tuesday" and "Thanks, it hums" are more than that."""
    first, *more = text.strip().splitlines()
    name = " ".join(more).split()
    rest = words.COURTESY.sub("", words.THANKS.sub("", _plain(first)))
    return not any(map(str.isalnum, rest)) and len(name) <= 3 and all(word[0].isupper() for word in name)


# --------------------------------------------------------------------------- the families


def _failure(subject: str, body: str) -> str:
    shown = words.FAILURE_BODY.search(body)
    if shown and (words.FAILURE_SUBJECT.match(subject) or words.STATUS_CODE.search(body)):
        return shown.group()
    return ""


def _absence(subject: str, body: str) -> str:
    if match := words.AUTO_REPLY_SUBJECT.match(subject):
        return match.group()
    if "?" in body or len(body.split()) > 120:
        return ""
    away = words.AWAY.search(body)
    if away and (words.UNREAD.search(body) or words.AWAY_SUBJECT.match(subject)):
        return away.group()
    return ""


def _monitoring(subject: str, body: str, *, person: bool) -> str:
    """An alert's subject or opening, with the labelled lines of a machine and no person."""
    if person or "?" in body:
        return ""
    fields = len(words.MACHINE_FIELD.findall(body))
    if match := words.ALERT.search(subject) or words.ALERT.match(body):
        return match.group() if fields >= 1 or words.MACHINE.search(body) else ""
    return "labelled lines" if fields >= 4 else ""


def _phishing(subject: str, body: str, *, person: bool) -> str:
    """Never where somebody speaks for themselves or asks: that is a victim who tells us of one."""
    text = f"{subject}\n{body}"
    return "" if person or "?" in text else _enough(words.PHISHING, text, 3)


def _newsletter(subject: str, body: str, *, person: bool) -> str:
    unsubscribe, because = words.UNSUBSCRIBE.search(body), words.BECAUSE.search(body)
    shown = unsubscribe or because
    if not shown:
        return ""
    if not person:
        return shown.group()
    signs = sum(
        map(bool, (unsubscribe, because, words.ISSUE.search(f"{subject}\n{body}"), words.OFFER.search(body)))
    )
    return shown.group() if signs >= 3 else ""


def _receipt(subject: str, body: str, *, person: bool) -> str:
    if person or "?" in body or not words.RECEIPT_SUBJECT.search(subject):
        return ""
    shown = words.RECEIPT_BODY.search(body)
    return shown.group() if shown else ""


def _first(pattern: re.Pattern[str], body: str, *, person: bool) -> str:
    match = None if person or "?" in body else pattern.search(body)
    return match.group() if match else ""


def _both(in_subject: re.Pattern[str], subject: str, in_body: re.Pattern[str], body: str) -> str:
    match = in_subject.match(subject)
    return match.group() if match and in_body.search(body) else ""


def _enough(signs: tuple[re.Pattern[str], ...], text: str, needed: int) -> str:
    found = [m.group() for sign in signs if (m := sign.search(text))]
    return " / ".join(found) if len(found) >= needed else ""


def _is_person(body: str) -> bool:
    """True if somebody speaks of themselves, or a web form speaks for them."""
    return words.FIRST_PERSON.search(body) is not None or words.FORM.search(body) is not None


def _ends(text: str) -> str:
    half = CHARS // 2
    return text if len(text) <= CHARS else f"{text[:half]}\n{text[-half:]}"


def _plain(text: str) -> str:
    """Lower case, without accents, with straight apostrophes and single blanks; lines are kept."""
    text = text[: 2 * CHARS].casefold().replace("’", "'").replace("`", "'")
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        for mark in filter(unicodedata.combining, set(text)):
            text = text.replace(mark, "")
    return "\n".join(" ".join(line.split()) for line in text.splitlines())
