"""Ranking, features: what counts about a mail, as named values that each show their sentence.

`features` gathers cues, sentiment, manner and context. It knows no weights: `model.score`
turns the values into points. Every value lies between 0 and 1 and grows with what it names;
counts are capped low, so that a long mail does not outrank a short one by its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from triage.ranking.lexicon import lexicon
from triage.types import Automated, Context, Cue, Hit, Sentiment

FIRST_CONTACT = Context()
NO_FEELING = Sentiment()

# The manner of writing: groups of `lexicon/<language>.toml`, section [tone].
MANNERS = ("dealings", "person", "pressing", "easy", "routine")

_ENOUGH_SENTENCES = 3  # a manner that shows in so many sentences has its full value
_ENOUGH_SHOUTED = 5
_ENOUGH_MARKS = 3
_ENOUGH_QUESTIONS = 2
_ENOUGH_CONTACTS = 4
_LONG_WAIT_DAYS = 7.0
_ENOUGH_BROKEN = 2
_BRIEF, _NOT_BRIEF = 20, 50  # words: from the one to the other the tone by itself tells less and less
_WORST_COUNTS = 0.3  # in a brief text's displeasure: its worst sentence against the mean of all

_WORD = re.compile(r"[^\W\d_]+")
_SHOUTED = re.compile(r"\b[^\W\d_a-z]{3,30}\b")
_MARKS = re.compile(r"[!?]{2,}|!")
_REPLY_SUBJECT = re.compile(
    r"\s*(?:re|aw|antw|sv|rv|ref|res|r|tr|fw|fwd|wg|enc|doorst)\s*(?:\[\d+\])?\s*:", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One named value, 0..1, with the sentence that shows it (empty for facts of the records)."""

    name: str  # a Cue's value, or a name of ours: weights.toml lists them all
    value: float
    evidence: str = ""


Features = tuple[Feature, ...]


def features(
    sentences: Sequence[str],
    *,
    subject: str = "",
    language: str = "en",
    hits: Sequence[Hit] = (),
    sentiment: Sentiment = NO_FEELING,
    context: Context = FIRST_CONTACT,
    automated: Automated | None = None,
    solved: bool = False,
) -> Features:
    """The features that are present (value above 0), each name once.

    `sentences` are those of the newly written text without greeting and sign-off. The subject
    counts for the manner of writing unless it is that of a reply, which may be ours.
    """
    written = [*sentences]
    if subject.strip() and not _REPLY_SUBJECT.match(subject):
        written.insert(0, subject)
    manner = tuple(_of_manner(written, language))
    matter = any(hit.cue is not Cue.ABUSE for hit in hits)
    found = (
        *_of_cues(hits),
        *_of_sentiment(sentiment),
        *manner,
        *_of_brevity(written, sentiment, {f.name: f.value for f in manner}, matter),
        *_of_emphasis(written),
        *_of_context(context, hits),
        *_of_kind(automated, solved),
    )
    return tuple(feature for feature in found if feature.value > 0)


def _of_cues(hits: Sequence[Hit]) -> Iterator[Feature]:
    first: dict[Cue, Hit] = {}
    for hit in hits:
        first.setdefault(hit.cue, hit)
    for cue, hit in first.items():
        yield Feature(name=cue.value, value=1.0, evidence=hit.evidence)


def _of_sentiment(sentiment: Sentiment) -> Iterator[Feature]:
    yield Feature(name="sentiment", value=max(0.0, -sentiment.worst), evidence=sentiment.worst_sentence)
    yield Feature(name="goodwill", value=max(0.0, sentiment.mean))


def _of_manner(written: Sequence[str], language: str) -> Iterator[Feature]:
    shown: dict[str, list[str]] = {name: [] for name in (*MANNERS, "question")}
    words = lexicon(language)
    for sentence in written:
        for name in words.counts(sentence):
            if name in shown:
                shown[name].append(sentence)
        if sentence.rstrip(" \"'”’)»").endswith("?") and not sentence.rstrip().endswith("??"):
            shown["question"].append(sentence)
    for name, those in shown.items():
        enough = _ENOUGH_QUESTIONS if name == "question" else _ENOUGH_SENTENCES
        yield Feature(name=name, value=_share(len(those), enough), evidence=those[0] if those else "")


def _of_brevity(
    written: Sequence[str], sentiment: Sentiment, manner: Mapping[str, float], matter: bool
) -> Iterator[Feature]:
    """The tone of a text of a few sentences that asks nothing: where little is said, it tells most.

    Kind words take nothing off where there is a matter: a cue, dealings that went wrong, urgency.
    """
    words = sum(len(sentence.split()) for sentence in written)
    brief = _share(_NOT_BRIEF - words, _NOT_BRIEF - _BRIEF) * (1.0 - manner["question"])
    mean, worst = max(0.0, -sentiment.mean), max(0.0, -sentiment.worst)
    displeasure = (1.0 - _WORST_COUNTS) * mean + _WORST_COUNTS * worst
    yield Feature(name="brief_displeasure", value=brief * displeasure, evidence=sentiment.worst_sentence)
    delight = (
        0.0 if matter else max(0.0, sentiment.mean) * (1.0 - max(manner["dealings"], manner["pressing"]))
    )
    yield Feature(name="brief_delight", value=brief * delight)


def _of_emphasis(written: Sequence[str]) -> Iterator[Feature]:
    shouted = [(s, n) for s in written if (n := _shouted_words(s))]
    marked = [(s, n) for s in written if ("!" in s or "??" in s) and (n := _marks(s))]
    repeated = next((s for s in written if _repeats(s)), "")
    yield _emphasis("shouting", shouted, _ENOUGH_SHOUTED)
    yield _emphasis("exclamation", marked, _ENOUGH_MARKS)
    yield Feature(name="repetition", value=float(bool(repeated)), evidence=repeated)


def _emphasis(name: str, found: Sequence[tuple[str, int]], enough: int) -> Feature:
    evidence = max(found, key=lambda pair: pair[1])[0] if found else ""
    return Feature(name=name, value=_share(sum(n for _, n in found), enough), evidence=evidence)


def _marks(sentence: str) -> int:
    return sum(map(len, _MARKS.findall(sentence)))


def _shouted_words(sentence: str) -> int:
    """Words in capitals beyond one: a single one is as a rule a name or an abbreviation."""
    shouted = [w for w in _SHOUTED.findall(sentence) if w.isupper()]
    return len(shouted) if len(shouted) > 1 or any(len(w) > 4 for w in shouted) else 0


def _repeats(sentence: str) -> bool:
    """The same word three times running ("help help help")."""
    words = [w.casefold() for w in _WORD.findall(sentence)]
    return any(a == b == c and len(a) > 1 for a, b, c in zip(words, words[1:], words[2:], strict=False))


def _of_context(context: Context, hits: Sequence[Hit]) -> Iterable[Feature]:
    wait = f"the oldest unanswered mail waits for {context.days_waiting:.0f} days"
    again = context.answered_before and not context.only_holding_reply
    dispute = next((h.evidence for h in hits if h.cue is Cue.DISPUTES_ANSWER), "") if again else ""
    return (
        Feature(
            name="context_contacts",
            value=_share(context.contacts, _ENOUGH_CONTACTS),
            evidence=f"{context.contacts} earlier mails within 30 days",
        ),
        Feature(
            name="context_unanswered",
            value=_share(context.unanswered, _ENOUGH_CONTACTS),
            evidence=f"{context.unanswered} unanswered, the oldest for {context.days_waiting:.0f} days",
        ),
        Feature(
            name="context_waiting",
            value=_share(context.days_waiting, _LONG_WAIT_DAYS),
            evidence=wait,
        ),
        Feature(
            name="context_promises_broken",
            value=_share(context.promises_broken, _ENOUGH_BROKEN),
            evidence=f"{context.promises_broken} promises of ours were not kept",
        ),
        Feature(
            name="context_reopened",
            value=float(again),
            evidence="writes again after an answer",
        ),
        Feature(name="context_disputed", value=float(bool(dispute)), evidence=dispute),
        Feature(
            name="context_resolved_ticket",
            value=float(context.resolved_ticket),
            evidence="writes again after a call that closed the case",
        ),
        Feature(name="context_open_ticket", value=float(context.open_ticket), evidence="has an open ticket"),
        Feature(name="context_vip", value=float(context.vip), evidence="is on the VIP list"),
        Feature(name="context_internal", value=float(context.internal), evidence="is a colleague"),
    )


def _of_kind(automated: Automated | None, solved: bool) -> Iterator[Feature]:
    if automated is not None:
        yield Feature(name="automated", value=1.0, evidence=automated.detail)
    yield Feature(name="solved", value=float(solved), evidence="says that the matter is settled")


def _share(number: float, enough: float) -> float:
    return min(1.0, max(0.0, number / enough))
