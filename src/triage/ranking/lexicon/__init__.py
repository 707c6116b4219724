"""Ranking, the words of feeling: one readable list a language, `<language>.toml` beside this file.

`lexicon` gives the compiled lists of a language. Their phrases are written in the language
of `ranking.phrases`; `en.toml` explains the sections.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from triage.ranking.phrases import Grammar, Memo, Phrase, PhraseIndex, Spelling

LANGUAGES = ("en", "de", "fr", "es", "nl", "it", "pt")

# What the headings of [valence] are worth, on VADER's scale of -4..4.
STEPS = {
    "terrible": -3.0,
    "bad": -2.0,
    "poor": -1.0,
    "neutral": 0.0,
    "fine": 1.0,
    "good": 2.0,
    "excellent": 3.0,
}

_GROUPS = ("emotion", "tone", "sentence")
_NEGATABLE = "emotion"  # "not worried" is no worry; "not urgent" is a phrase of its own
_REACH = 3  # how many words a negation or an intensifier reaches
_NEGATED = -0.74  # the constants are VADER's
_BOOST = 0.293
_EXCLAMATION = 0.292
_MOST_EXCLAMATIONS = 4
_ALPHA = 15.0
_SHORTEST_BEGINNING = 3
_REMEMBERED = 200  # sentences whose counts are kept: several stages ask for those of one mail


@cache
def lexicon(language: str) -> Lexicon:
    """The lists of `language` (ISO 639-1); a language without lists gets the English ones."""
    return _read(language if language in LANGUAGES else "en")


@cache
def emoji() -> Mapping[str, float]:
    """Emoji with their valence, the same in every language."""
    return dict(_valences(table("emoji")))


@cache
def _emoji_beginnings() -> frozenset[str]:
    return frozenset(sign[0] for sign in emoji())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """One language's words of feeling and of moment."""

    language: str
    spelling: Spelling
    valence: Mapping[str, float]  # a folded word, or its beginning with a *
    negators: frozenset[str]
    negators_after: frozenset[str]
    boosters: frozenset[str]
    groups: Mapping[Phrase, tuple[str, ...]] = field(repr=False)
    index: PhraseIndex = field(repr=False)
    _counts: Memo[str, Mapping[str, int]] = field(init=False, repr=False)
    _felt_alone: Memo[str, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_counts", Memo(self._counted, most=_REMEMBERED))
        object.__setattr__(self, "_felt_alone", Memo(self._valence))

    def counts(self, sentence: str) -> Mapping[str, int]:
        """How often each group ("angry", "dealings", "request" …) speaks in a sentence."""
        return self._counts[sentence]

    def _counted(self, sentence: str) -> Mapping[str, int]:
        text = self.spelling.normalised(sentence)
        counts: dict[str, int] = {}
        for phrase, spans in self.index.found(text).items():
            free: int | None = None
            for group in self.groups[phrase]:
                if group.startswith(_NEGATABLE):
                    if free is None:
                        free = sum(not self._negated(text, start) for start, _ in spans)
                    number = free
                else:
                    number = len(spans)
                if number:
                    name = group.partition(".")[2]
                    counts[name] = counts.get(name, 0) + number
        return counts

    def polarity(self, sentence: str) -> float:
        """How a sentence feels, -1..1: the words' valences summed and squashed as VADER does."""
        words = self._words(sentence)
        total = sum(self._felt(words, i) for i in range(len(words)))
        emphasis = min(sentence.count("!"), _MOST_EXCLAMATIONS) * _EXCLAMATION
        total += math.copysign(emphasis, total) if total else 0.0
        return round(total / math.sqrt(total * total + _ALPHA), 4)

    def _words(self, sentence: str) -> list[str]:
        if _emoji_beginnings().isdisjoint(sentence):
            return self.spelling.normalised(sentence).split()
        for sign in emoji():
            sentence = sentence.replace(sign, f" {sign} ")
        return [
            word
            for part in sentence.split()
            for word in ([part] if part in emoji() else self.spelling.normalised(part).split())
        ]

    def _felt(self, words: list[str], i: int) -> float:
        valence = self._felt_alone[words[i]]
        if not valence:
            return 0.0
        before = _since_comma(words[max(0, i - _REACH) : i])
        after = words[i + 1 : i + _REACH]
        for word in before:
            if word in self.boosters:
                valence += math.copysign(_BOOST, valence)
        if self.negators.intersection(before) or self.negators_after.intersection(after):
            valence *= _NEGATED
        return valence

    def _valence(self, word: str) -> float:
        if word in emoji():
            return emoji()[word]
        if word in self.valence:
            return self.valence[word]
        for length in range(len(word), _SHORTEST_BEGINNING - 1, -1):
            if (found := self.valence.get(word[:length] + "*")) is not None:
                return found
        return 0.0

    def _negated(self, text: str, start: int) -> bool:
        return not self.negators.isdisjoint(text[max(0, start - 40) : start].split()[-2:])


def _since_comma(words: list[str]) -> list[str]:
    return words[len(words) - words[::-1].index(",") :] if "," in words else words


# --------------------------------------------------------------------------- reading


def _read(language: str) -> Lexicon:
    words = table(language)
    spelling = Spelling(elides=words.get("elides", False), umlauts=words.get("umlauts", False))
    grammar = Grammar(spelling, {})
    groups: dict[Phrase, tuple[str, ...]] = {}
    for section in _GROUPS:
        for name, phrases in words[section].items():
            for text in phrases:
                phrase = grammar.phrase(text.replace("-", " "))
                groups[phrase] = (*groups.get(phrase, ()), f"{section}.{name}")
    return Lexicon(
        language=language,
        spelling=spelling,
        valence=dict(_valences(words, spelling)),
        negators=_folded(words.get("negators", ()), spelling),
        negators_after=_folded(words.get("negators_after", ()), spelling),
        boosters=_folded(words.get("boosters", ()), spelling),
        groups=groups,
        index=PhraseIndex((phrase,) for phrase in groups),
    )


def table(name: str) -> dict[str, Any]:
    """The packaged TOML file `name`.toml as it stands."""
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))


def _valences(words: Mapping[str, Any], spelling: Spelling | None = None) -> Iterator[tuple[str, float]]:
    for heading, listed in words["valence"].items():
        for word in listed:
            ending = "*" if word.endswith("*") else ""
            yield (_bare(word.rstrip("*"), spelling) if spelling else word) + ending, STEPS[heading]


def _folded(words: Iterable[str], spelling: Spelling) -> frozenset[str]:
    return frozenset(_bare(word, spelling) for word in words)


def _bare(word: str, spelling: Spelling) -> str:
    return spelling.normalised(word).strip()
