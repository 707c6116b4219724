"""Ranking, emotion: the one feeling that a mail shows most, or none.

Each emotion gets a sum: a start, what the mail's signs weigh (`signs`: cues, manner, words of
feeling, how it ends) and what its words weigh. The largest sum wins; neutral is one of them,
so where little speaks for a feeling, neutral is the answer. `weights/emotion.toml` and
`weights/emotion.bin` hold the weights, which `training.emotion` makes.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from triage.ranking.features import NO_FEELING, Features
from triage.ranking.lexicon import lexicon
from triage.ranking.ngrams import Bag, Table
from triage.types import Emotion, Sentiment, Verdict

EMOTIONS = tuple(Emotion)

_MOST_WORDS = 2  # more words of one feeling do not make it surer
_LONG = 6.0  # the logarithm of the number of words at which a mail is long
_SMILES = frozenset("😀😁😂😃😄😅😆😇😊😍😘🙂🙌👍🤣🥰🎉💕💖💗💘💙💚💛💜💝💞💟❤☺")
_SMILES_IN_LETTERS = (":)", ":-)", ";)", ";-)", "haha", "jaja", " lol")


def judge(
    wording: Bag,
    *,
    language: str = "en",
    features: Features = (),
    sentiment: Sentiment = NO_FEELING,
    verdict: Verdict = Verdict.REPLY,
) -> Emotion:
    """The emotion with the largest sum. The wording begins with the subject.

    The verdict is a sign too: who has to be called is seldom without feeling, however calm the words.
    """
    texts = wording.sentences
    if not any(texts):
        return Emotion.NEUTRAL
    model = packaged()
    shown = signs(texts, language=language, features=features, sentiment=sentiment, verdict=verdict)
    sums = [*model.start]
    for name, value in shown.items():
        for at, weight in enumerate(model.of.get(name, ())):
            sums[at] += weight * value
    sums = [own + of_words for own, of_words in zip(sums, model.table.of_words(wording), strict=True)]
    return EMOTIONS[sums.index(max(sums))]


def signs(
    texts: Sequence[str],
    *,
    language: str,
    features: Features = (),
    sentiment: Sentiment = NO_FEELING,
    verdict: Verdict = Verdict.REPLY,
) -> dict[str, float]:
    """What speaks for or against a feeling besides the words, by name; -1..1 each."""
    found = {feature.name: feature.value for feature in features}
    counts = [lexicon(language).counts(text) for text in texts]
    said: dict[str, int] = {}
    for each in counts:
        for name, number in each.items():
            said[name] = said.get(name, 0) + number
    for name, number in said.items():
        found[f"word_{name}"] = min(number, _MOST_WORDS) / _MOST_WORDS
    felt = {emotion.value: said[emotion.value] for emotion in EMOTIONS if emotion.value in said}
    for name, number in felt.items():
        found[f"mostly_{name}"] = number / sum(felt.values())
    for name in counts[-1] if counts else ():
        found[f"end_{name}"] = 1.0
    whole = "\n".join(texts)
    last = texts[-1].rstrip() if texts else ""
    found |= {
        "no_word_of_feeling": float(not felt),
        f"verdict_{verdict.value}": 1.0,
        "mean": sentiment.mean,
        "last": sentiment.last,
        "ends_with_exclamation": float(last.endswith("!")),
        "ends_with_question": float(last.endswith("?")),
        "smile": float(_smiles(whole)),
        "lower_case": sum(text[:1].islower() for text in texts) / max(1, len(texts)),
        "length": min(1.0, math.log1p(whole.count(" ")) / _LONG),
    }
    return {name: value for name, value in found.items() if value}


def _smiles(text: str) -> bool:
    if not _SMILES.isdisjoint(text):
        return True
    lower = text.lower()
    return any(sign in lower for sign in _SMILES_IN_LETTERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights, one for each of EMOTIONS in their order."""

    start: tuple[float, ...]
    of: Mapping[str, tuple[float, ...]]  # of each sign
    table: Table


@cache
def packaged() -> Model:
    """The weights that are shipped with the program."""
    folder = files(__package__) / "weights"
    return read(
        tomllib.loads((folder / "emotion.toml").read_text("utf-8")), (folder / "emotion.bin").read_bytes()
    )


def read(written: Mapping[str, Any], content: bytes) -> Model:
    """A model from its files, as `training.emotion` writes them. Raises KeyError, ValueError."""
    sections = [written[emotion.value] for emotion in EMOTIONS]
    names = dict.fromkeys(name for section in sections for name in section["signs"])
    return Model(
        start=tuple(float(section["start"]) for section in sections),
        of={name: tuple(float(s["signs"].get(name, 0.0)) for s in sections) for name in names},
        table=Table.read([e.value for e in EMOTIONS], [s["scale"] for s in sections], content),
    )
