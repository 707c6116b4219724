"""Ranking, a life at risk and a present danger: a detector of its own, outside the model.

`find` says whether somebody's life may be at risk, or something may hurt somebody any time,
and which sentence shows it. No weight of the ranking, and no feedback, changes what it says.
It knows three things about a mail:

- plain words (`scenes/<language>.toml`, [plain]): an open statement suffices by itself;
- scenes ([scenes]): who is there, what happens to them, whether it goes on; alone and in
  pairs within a sentence. They are the same in all languages, and so are their weights;
- its wording (hashed n-grams), and what the lists of cues found.

The weights (`weights/danger.toml`, `weights/danger.bin`) are data that `training.danger` wrote,
with the cross-validated figures.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations

from triage.ranking.cues import LANGUAGES
from triage.ranking.ngrams import Table
from triage.ranking.phrases import NEAR, Grammar, Phrase, PhraseIndex, Spelling
from triage.types import Cue, Hit

HEADS = ("danger", "life")  # is it a danger at all; and if so, is it a life at risk (else a present danger)
NEED_COUNTS = 0.5  # of the log-odds that a lead would rather phone
PAIR = 0.5  # what a pair of scenes in a sentence counts, a scene counting 1

_MOST_SENTENCES = 400  # what stands after them is not looked at
_CACHED_WORDS = 20_000
_SPELLINGS = {
    "de": Spelling(umlauts=False),
    "fr": Spelling(elides=True),
    "it": Spelling(elides=True),
}

Marks = dict[str, float]  # what a sentence adds: names of scenes, of pairs ("a+b") and others → value


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The detector's weights as plain data: log-odds for each head."""

    thresholds: Mapping[str, float]  # for each language, of the head "danger", in log-odds
    marks: Mapping[str, tuple[float, ...]]
    table: Table


def find(
    sentences: Sequence[str],
    *,
    subject: str = "",
    language: str = "unknown",
    hits: Sequence[Hit] = (),
    need: float = -9.0,
    weights: Weights | None = None,
) -> Hit | None:
    """The life at risk or the present danger that a text tells of, with its sentence; or None.

    `need` is what the shipped model, without the records, thinks of a call (log-odds): it can
    only add to the suspicion, never take from it.

    `sentences` are those that the requester newly wrote, `hits` what `cues.detect` found in them.
    A text in an unknown language is read as each of ours, and the gravest reading counts.
    """
    texts = told(sentences, subject)
    if not texts:
        return None
    languages = (language,) if language in LANGUAGES else LANGUAGES
    for name in languages:
        for text in texts:
            if cue := scenes(name).plain_cue(text):
                return Hit(cue=cue, evidence=text, present_danger=True)
    weights = weights or packaged_weights()
    readings = (_reading(texts, name, hits, weights) for name in languages)
    above, life, evidence = max(readings)
    above += suspicion(need)
    if above < 0:
        return None
    return Hit(cue=Cue.LIFE_AT_RISK if life > 0 else Cue.SAFETY_HARM, evidence=evidence, present_danger=True)


def suspicion(need: float) -> float:
    """What the need for a call adds to the log-odds of danger: nothing for a calm mail."""
    return NEED_COUNTS * min(max(need + 2.0, 0.0), 6.0)


def told(sentences: Sequence[str], subject: str) -> list[str]:
    """What is read: the subject and the first sentences."""
    return [text for text in (subject.strip(), *sentences[:_MOST_SENTENCES]) if text]


def marks(texts: Sequence[str], language: str, hits: Sequence[Hit]) -> list[Marks]:
    """What each sentence adds, each name once: where it first shows."""
    seen: set[str] = set()
    result: list[Marks] = []
    shown = scenes(language)
    for place, text in enumerate(texts):
        names = sorted(shown.of(text))
        own: Marks = dict.fromkeys(names, 1.0)
        own.update((f"{a}+{b}", PAIR) for a, b in combinations(names, 2))
        own.update((_mark_of(hit), 1.0) for hit in hits if hit.evidence == text)
        if "?" in text:
            own["question"] = 1.0
            if place == len(texts) - 1:
                own["question_at_the_end"] = 1.0
        own = {name: value for name, value in own.items() if name not in seen}
        seen.update(own)
        result.append(own)
    return result


def _mark_of(hit: Hit) -> str:
    floor = hit.present_danger or hit.cue is Cue.LIFE_AT_RISK
    return f"rule:{hit.cue.value}" if floor else f"cue:{hit.cue.value}"


def log_odds(
    texts: Sequence[str], language: str, hits: Sequence[Hit], weights: Weights
) -> list[tuple[float, ...]]:
    """What each text adds to each head; the sum decides."""
    none = (0.0,) * len(HEADS)
    result = []
    for own, wording in zip(marks(texts, language, hits), weights.table.parts(texts), strict=True):
        sums = list(wording)
        for name, value in own.items():
            for head, weight in enumerate(weights.marks.get(name, none)):
                sums[head] += value * weight
        result.append(tuple(sums))
    return result


def _reading(
    texts: Sequence[str], language: str, hits: Sequence[Hit], weights: Weights
) -> tuple[float, float, str]:
    """How far danger is above its threshold, the log-odds of a life, and the gravest sentence."""
    parts = log_odds(texts, language, hits, weights)
    danger, life = (sum(part[head] for part in parts) for head in range(len(HEADS)))
    gravest = max(range(len(texts)), key=lambda place: parts[place][0])
    return danger - weights.thresholds[language], life, texts[gravest]


# --------------------------------------------------------------------------- the lists


class Scenes:
    """One language's scenes and plain words. A word is written `word` or, by its beginning, `word*`."""

    def __init__(self, spelling: Spelling, table: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._spelling = spelling
        self._words: dict[str, set[str]] = {}
        self._begins: dict[str, set[str]] = {}
        self._sequences: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._known: dict[str, frozenset[str]] = {}
        for name, entries in table["scenes"].items():
            for entry in entries:
                self._add(name, entry)
        grammar = Grammar(spelling, {})
        self._plain: dict[tuple[Phrase, ...], Cue] = {
            grammar.rule(text): cue
            for cue, section in ((Cue.LIFE_AT_RISK, "life"), (Cue.SAFETY_HARM, "danger"))
            for text in table["plain"][section]
        }
        self._harmless = [grammar.phrase(text) for text in table["plain"]["harmless"]]
        self._index = PhraseIndex([*((phrase,) for phrase in self._harmless), *self._plain])

    def _add(self, name: str, entry: str) -> None:
        words = tuple(self._spelling.normalised(entry.replace("*", "")).split())
        if len(words) > 1:
            self._sequences.setdefault(words[0], []).append((words[1:], name))
        elif entry.endswith("*"):
            self._begins.setdefault(words[0], set()).add(name)
        else:
            self._words.setdefault(words[0], set()).add(name)

    def of(self, text: str) -> set[str]:
        """The scenes that a sentence shows."""
        words = self._spelling.normalised(text).split()
        shown: set[str] = set()
        for place, word in enumerate(words):
            shown |= self._of_word(word)
            for rest, name in self._sequences.get(word, ()):
                after = words[place + 1 : place + 1 + len(rest)]
                if len(after) == len(rest) and after[:-1] == [*rest[:-1]] and after[-1].startswith(rest[-1]):
                    shown.add(name)
        return shown

    def _of_word(self, word: str) -> frozenset[str]:
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _CACHED_WORDS:
                self._known.clear()
            names = set(self._words.get(word, ()))
            for length in range(2, min(len(word), 24) + 1):
                names |= self._begins.get(word[:length], set())
            known = self._known[word] = frozenset(names)
        return known

    def plain_cue(self, text: str) -> Cue | None:
        """What a sentence says openly, if it does and nothing in it makes it harmless."""
        found = self._index.found(self._spelling.normalised(text))
        if not found or any(phrase in found for phrase in self._harmless):
            return None
        return next((cue for rule, cue in self._plain.items() if _near(rule, found)), None)


def _near(rule: tuple[Phrase, ...], found: Mapping[Phrase, Sequence[tuple[int, int]]]) -> bool:
    if not all(phrase in found for phrase in rule):
        return False
    starts: Iterable[int] = (found[phrase][0][0] for phrase in rule)
    places = sorted(starts)
    return places[-1] - places[0] <= NEAR


@cache
def scenes(language: str) -> Scenes:
    """The packaged scenes of one of `LANGUAGES`."""
    content = (files(__package__) / "scenes" / f"{language}.toml").read_text("utf-8")
    return Scenes(_SPELLINGS.get(language, Spelling()), tomllib.loads(content))


@cache
def packaged_weights() -> Weights:
    """The weights that are shipped with the program."""
    folder = files(__package__) / "weights"
    return read_weights((folder / "danger.toml").read_text("utf-8"), (folder / "danger.bin").read_bytes())


def read_weights(facts: str, content: bytes) -> Weights:
    """Weights from the two files that training wrote. Raises ValueError or KeyError if they do not fit."""
    table = tomllib.loads(facts)
    names = {name: None for head in HEADS for name in table[head]}
    return Weights(
        thresholds={name: float(table["thresholds"][name]) for name in LANGUAGES},
        marks={name: tuple(float(table[head].get(name, 0.0)) for head in HEADS) for name in names},
        table=Table.read(HEADS, [float(table["scales"][head]) for head in HEADS], content),
    )
