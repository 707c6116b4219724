"""Ranking, sentiment: how each sentence of the newly written text feels, -1..1.

`measure` runs VADER on English, sentence by sentence, and the packaged word lists on
German, French, Spanish, Dutch, Italian and Portuguese. It is one feature among many: in
support mail the calm, courteous sentence is often the grave one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from triage.ranking.lexicon import emoji, lexicon
from triage.types import Sentiment

if TYPE_CHECKING:
    from collections.abc import Callable

_JOINERS = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "ʼ": "'", "\ufe0f": None})
_BEFORE, _AFTER = 3, 3  # how far VADER looks from a word, that word included in what is after


def measure(sentences: Sequence[str], *, language: str = "en") -> Sentiment:
    """The worst, the mean and the last of the sentences' polarities; all 0 without sentences.

    Sentences without any feeling count in the mean: one sharp word in a long, plain letter
    does not make it a sharp letter.
    """
    if not sentences:
        return Sentiment()
    felt = [polarity(sentence, language=language) for sentence in sentences]
    worst = min(felt)
    return Sentiment(
        worst=worst,
        mean=round(sum(felt) / len(felt), 4),
        last=felt[-1],
        worst_sentence=sentences[felt.index(worst)] if worst < 0 else "",
    )


def polarity(sentence: str, *, language: str = "en") -> float:
    """How one sentence feels, -1..1. A language without a word list is read as English."""
    if lexicon(language).language == "en":
        return english()(sentence)
    return lexicon(language).polarity(sentence.translate(_JOINERS))


@cache
def english() -> Callable[[str], float]:
    """VADER's compound score, with the corrections of `lexicon/en.toml` and our emoji."""
    analyzer = linear_analyzer()
    analyzer.lexicon.update(lexicon("en").valence)
    analyzer.lexicon.update(emoji())
    analyzer.emojis.update({sign: f"{sign} " for sign in emoji()})

    def compound(sentence: str) -> float:
        return float(analyzer.polarity_scores(sentence.translate(_JOINERS))["compound"])

    return compound


def linear_analyzer() -> Any:
    """A VADER analyzer that gives VADER's own scores, but in linear time.

    For every word of feeling VADER lower-cases the whole text again. The two checks that do so
    look only at the words close by, so they are given only those.
    """
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer: Any = SentimentIntensityAnalyzer()
    negation, idioms = analyzer._negation_check, analyzer._special_idioms_check

    def negation_nearby(valence: float, words: list[str], distance: int, i: int) -> Any:
        return negation(valence, _near(words, i), distance, min(i, _BEFORE))

    def idioms_nearby(valence: float, words: list[str], i: int) -> Any:
        return idioms(valence, _near(words, i), min(i, _BEFORE))

    analyzer._negation_check = negation_nearby
    analyzer._special_idioms_check = idioms_nearby
    return analyzer


def _near(words: list[str], i: int) -> list[str]:
    return words[max(0, i - _BEFORE) : i + _AFTER]
