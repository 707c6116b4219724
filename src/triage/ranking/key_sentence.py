"""Ranking, the key sentence: the one that best states what is wrong or wanted, verbatim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.ranking.lexicon import lexicon
from triage.types import Hit

_LONGEST = 600  # characters; a run-on beyond this is hardly *the* sentence


def choose(
    sentences: Sequence[str], *, language: str = "en", hits: Sequence[Hit] = (), score: float = 0.0
) -> str:
    """The sentence to quote in a reply and to put at the top of a brief; empty if there is none.

    In plain mail it is the question; the higher the score (0..100), the rather it is the
    sentence that says what happened. Of equals the first is taken.
    """
    if not sentences:
        return ""
    evidence = {hit.evidence for hit in hits}
    grave = score / 100
    weights = [
        _weight(_Sentence(text=s, counts=lexicon(language).counts(s), place=i / len(sentences)), grave)
        + 0.3 * (s in evidence)
        for i, s in enumerate(sentences)
    ]
    return sentences[weights.index(max(weights))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    text: str
    counts: dict[str, int]
    place: float  # 0 for the first sentence, towards 1 for the last


def _weight(sentence: _Sentence, grave: float) -> float:
    text, counts = sentence.text, sentence.counts
    words = len(text.split())
    weight = -2.2 * sentence.place  # the matter comes first, what is asked beside it later
    weight += (2.5 - 2.3 * grave) * ("?" in text)
    weight += (0.8 - 0.6 * grave) * ("routine" in counts)
    weight += 0.5 * ("request" in counts)
    weight += 0.35 * min(counts.get("problem", 0), 2)
    weight += 0.4 * any(c.isdigit() for c in text)  # facts: dates, amounts, orders
    weight -= (0.4 if words > 10 else 1.2) * ("aside" in counts)
    weight -= 0.25 * ("easy" in counts)
    weight += 0.075 * min(words, 40)  # says something
    weight -= 1.6 * (words > 35)  # but not everything
    weight -= 0.8 * (words < 4)
    weight += 0.8 * text.endswith(":")  # "What I need from you:"
    weight -= 2.0 * (len(text) > _LONGEST)
    return weight
