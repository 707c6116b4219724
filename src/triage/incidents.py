"""Mass incidents: whether many people write about the same thing at once (pure).

    is_rush(45, [4, 7, 5, …])                            far more people than at this hour before?
    for surge in find(mails, now=now, usual=usual): …   a proposal for the team
    belongs(surge.terms, subject, text)                  is a later mail like it?

Mails are compared by the words that are rare on ordinary days, weighted by tf-idf; a surge is
a group of alike mails of many requesters within a few hours. It is a proposal: people decide.
Whoever writes about the same outage in other words is not found by words: so a mere rush of
mail is told, too.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SPAN = timedelta(hours=24)  # what came before tells how ordinary days are
LEAST = 8  # requesters
ALIKE = 0.35  # cosine from which two mails are about the same thing
BELONGS = 0.6  # share of a surge's weight that a later mail must carry
WITHIN = timedelta(hours=6)  # how long before now the mails of a surge may have come
RUSH = timedelta(hours=3)  # the hours whose mail is counted, against the same of earlier days
RUSH_DAYS = 14
_TERMS = 60
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as far as it counts here. `requester` is an address."""

    id: int
    requester: str
    received: datetime
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """Alike mails of many people. `terms` are what later mails are compared with."""

    mails: tuple[int, ...]
    requesters: int
    since: datetime
    name: str
    example: int
    terms: Mapping[str, float]


def find(mails: Sequence[Mail], *, now: datetime, usual: Sequence[str] = ()) -> list[Surge]:
    """The surges among the mails of the last hours (`WITHIN`); `usual` are texts of ordinary days."""
    recent = [mail for mail in mails if now - WITHIN <= mail.received <= now]
    if len({mail.requester for mail in recent}) < LEAST or len(usual) < LEAST:
        return []  # nothing to compare with: a new mailbox is all surge
    common = Counter(word for text in usual for word in set(_words(text)))
    vectors = {mail.id: _vector(f"{mail.subject}\n{mail.text}", common, len(usual)) for mail in recent}
    found = []
    left = sorted(recent, key=lambda mail: (mail.received, mail.id))
    while left:
        head = max(
            left, key=lambda mail: (sum(_cosine(vectors[mail.id], vectors[m.id]) for m in left), -mail.id)
        )
        group = [mail for mail in left if _cosine(vectors[head.id], vectors[mail.id]) >= ALIKE]
        people = {mail.requester for mail in group}
        if len(people) < LEAST:
            break
        found.append(_surge(group, head, vectors, len(people)))
        taken = {mail.id for mail in group}
        left = [mail for mail in left if mail.id not in taken]
    return found


def is_rush(people: int, earlier: Sequence[int]) -> bool:
    """Whether far more people write than did in the same hours of earlier days.

    More than ever in those days, three times their mean, and twice the least of a surge.
    """
    if not earlier:
        return False
    mean = sum(earlier) / len(earlier)
    return people >= 2 * LEAST and people > max(earlier) and people >= 3 * mean


def belongs(terms: Mapping[str, float], subject: str, text: str) -> bool:
    """Whether a mail is like those of a surge."""
    counts = Counter(_words(f"{subject}\n{text}"))
    vector = {word: terms[word] for word in counts if word in terms}
    known = math.sqrt(sum(weight**2 for weight in vector.values()))
    whole = math.sqrt(sum(weight**2 for weight in terms.values()))
    return len(vector) >= 3 and whole > 0 and known / whole >= BELONGS


def _surge(group: list[Mail], head: Mail, vectors: Mapping[int, Mapping[str, float]], people: int) -> Surge:
    shared = Counter(word for mail in group for word in vectors[mail.id])
    sums: Counter[str] = Counter()
    for mail in group:
        sums.update({w: weight for w, weight in vectors[mail.id].items() if shared[w] * 3 >= len(group)})
    terms = {word: round(weight / len(group), 4) for word, weight in sums.most_common(_TERMS)}
    return Surge(
        mails=tuple(mail.id for mail in group),
        requesters=people,
        since=min(mail.received for mail in group),
        name=" ".join(head.subject.split())[:120] or ", ".join([*terms][:4]),
        example=head.id,
        terms=terms,
    )


def _words(text: str) -> Iterable[str]:
    return (word.casefold() for word in _WORD.findall(text[:5000]))


def _vector(text: str, common: Mapping[str, int], documents: int) -> dict[str, float]:
    counts = Counter(_words(text))
    weights = {
        w: (1 + math.log(n)) * math.log((documents + 1) / (common.get(w, 0) + 1)) for w, n in counts.items()
    }
    length = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(weight * other[word] for word, weight in one.items() if word in other)
