"""Ranking, scenes: what a sentence is about, as named lists of words that are the same in all languages.

`<language>.toml` beside this file lists for each scene ("child", "smoke_heat", "voicemail") the
words that show it, and in [plain] what is danger by itself. Detectors that are trained over
scenes (`ranking.danger`, `ranking.wishes`) learn from all languages at once, and a support lead
can add a word to a list.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations

from triage.ranking.cues import LANGUAGES
from triage.ranking.phrases import NEAR, Grammar, Phrase, PhraseIndex, Spelling, folded
from triage.types import Cue

PAIR = 0.5  # what a pair of scenes in a sentence counts, a scene counting 1

_MOST_SENTENCES = 400  # what stands after them is not looked at
_CACHED_WORDS = 20_000
_SPELLINGS = {
    "de": Spelling(umlauts=False),
    "fr": Spelling(elides=True),
    "it": Spelling(elides=True),
}

Marks = dict[str, float]  # what a sentence shows: names of scenes, of pairs ("a+b") and others → value


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text as one language reads it: for each sentence its normalised line and its scenes by name."""

    language: str
    lines: Sequence[str]
    names: Sequence[Sequence[str]]


def readings(sentences: Sequence[str], language: str) -> tuple[Reading, ...]:
    """The text as its language reads it; in a language without lists, as each of ours does."""
    lines = [" ".join(text.split("\n")) for text in sentences[:_MOST_SENTENCES]]
    text = folded("\n".join(lines))
    known = (language,) if language in LANGUAGES else LANGUAGES
    return tuple(_reading(text, name) for name in known)


def _reading(text: str, language: str) -> Reading:
    shown = scenes(language)
    lines = shown.spelling.normalised_lines(text)
    names = [sorted(shown.of(line.split())) for line in lines]
    return Reading(language=language, lines=lines, names=names)


def marks(names: Sequence[str]) -> Marks:
    """What the scenes of a sentence and their pairs count."""
    found: Marks = dict.fromkeys(names, 1.0)
    found.update((f"{a}+{b}", PAIR) for a, b in combinations(names, 2))
    return found


class Scenes:
    """One language's scenes and plain words. A word is written `word` or, by its beginning, `word*`."""

    def __init__(self, spelling: Spelling, table: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self.spelling = spelling
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
        words = tuple(self.spelling.normalised(entry.replace("*", "")).split())
        if len(words) > 1:
            self._sequences.setdefault(words[0], []).append((words[1:], name))
        elif entry.endswith("*"):
            self._begins.setdefault(words[0], set()).add(name)
        else:
            self._words.setdefault(words[0], set()).add(name)

    def of(self, words: Sequence[str]) -> set[str]:
        """The scenes that the words of a normalised sentence show."""
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

    def plain(self, lines: Sequence[str]) -> tuple[int, Cue] | None:
        """Which of the normalised sentences says it openly with nothing in it that makes it harmless; and what."""
        for place, found in enumerate(self._index.found_in(lines)):
            if found and not any(phrase in found for phrase in self._harmless):
                cue = next((cue for rule, cue in self._plain.items() if _near(rule, found)), None)
                if cue is not None:
                    return place, cue
        return None


def _near(rule: tuple[Phrase, ...], found: Mapping[Phrase, Sequence[tuple[int, int]]]) -> bool:
    if not all(phrase in found for phrase in rule):
        return False
    starts: Iterable[int] = (found[phrase][0][0] for phrase in rule)
    places = sorted(starts)
    return places[-1] - places[0] <= NEAR


@cache
def scenes(language: str) -> Scenes:
    """The packaged scenes of one of `LANGUAGES`."""
    content = (files(__package__) / f"{language}.toml").read_text("utf-8")
    return Scenes(_SPELLINGS.get(language, Spelling()), tomllib.loads(content))
