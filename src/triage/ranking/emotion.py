"""Ranking, emotion: the one feeling that a mail shows most, or none.

A small vote: the feeling words of `lexicon/<language>.toml` and the features speak for and
against each emotion, by the weights of `lexicon/emotions.toml`. A reply names a feeling only
if it is there, so that where little speaks for one, neutral is the right answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from triage.ranking.features import Features
from triage.ranking.lexicon import lexicon, table
from triage.types import Emotion

_MOST_WORDS = 2  # more words of one feeling do not make it surer


def judge(sentences: Sequence[str], *, language: str = "en", features: Features = ()) -> Emotion:
    """The emotion with the most votes above 0, or neutral."""
    votes = dict.fromkeys(_weights(), 0.0)
    said = _said(sentences, language)
    values = {feature.name: feature.value for feature in features}
    for emotion, weights in _weights().items():
        spoken = weights["words"] * min(said.get(emotion, 0), _MOST_WORDS)
        signs = sum(weight * values.get(name, 0.0) for name, weight in weights.items())
        votes[emotion] = weights["start"] + spoken + signs
    best = max(votes, key=lambda emotion: votes[emotion])
    return best if votes[best] > 0 else Emotion.NEUTRAL


def _said(sentences: Sequence[str], language: str) -> dict[str, int]:
    """How many words of each feeling there are."""
    said: dict[str, int] = {}
    for sentence in sentences:
        for name, number in lexicon(language).counts(sentence).items():
            said[name] = said.get(name, 0) + number
    return said


@cache
def _weights() -> Mapping[Emotion, Mapping[str, float]]:
    return {Emotion(name): weights for name, weights in table("emotions").items()}
