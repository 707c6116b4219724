"""Ranking, the lexical part: which cues and wishes a text shows, each with its sentence.

`detect` looks for the phrases of the packaged lists (`cue_lists/<language>.toml`, written in
the language of `phrases`) in each sentence. A phrase does not count where it is negated
just before, where it is part of a harmless saying, or where its sentence or mail says that
something else is meant. The lists of the mail's language and of English are tried in full;
for a life at risk or a present danger the lists of every language are always tried, because
there a miss is worse than a false alarm.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from triage.ranking.phrases import NEAR, Grammar, Phrase, PhraseIndex, Span, Spelling
from triage.types import Cue, Flag, Hit

LANGUAGES = ("en", "de", "fr", "es", "nl", "it", "pt")

PRESENT_DANGER = "present_danger"  # the section whose hits are safety_harm at this moment
_RESCUE = frozenset({Cue.LIFE_AT_RISK.value, PRESENT_DANGER})
_HITS_A_CUE = 3
_SENTENCES_APART = 4  # how far apart the two halves of an `across` rule may stand
_SETTLED_WITHIN = 2
_SPELLING = {
    "de": Spelling(umlauts=True),
    "fr": Spelling(elides=True),
    "it": Spelling(elides=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """What the lists found: hits in the order of `Cue`, and flags with their sentences."""

    hits: tuple[Hit, ...] = ()
    evidence_of_flags: tuple[tuple[Flag, str], ...] = ()

    @property
    def flags(self) -> frozenset[Flag]:
        return frozenset(flag for flag, _ in self.evidence_of_flags)


def detect(sentences: Sequence[str], *, subject: str = "", language: str = "unknown") -> Detected:
    """The cues and flags of a text, given as sentences of what the requester newly wrote.

    The subject is read as one more sentence. `language` is ISO 639-1; for a language without
    a list (or "unknown") all lists are tried in full. Evidence is always a sentence as given.
    """
    texts = [*([subject] if subject.strip() else []), *sentences]
    known = {language, "en"} if language in LANGUAGES else set(LANGUAGES)
    found: dict[str, dict[int, None]] = {}
    normalised: dict[Spelling, list[str]] = {}
    for name in LANGUAGES:
        cue_list = _cue_list(name, name not in known)
        if cue_list.spelling not in normalised:
            normalised[cue_list.spelling] = [cue_list.spelling.normalised(t) for t in texts]
        for section, places in cue_list.sections_found(normalised[cue_list.spelling]).items():
            found.setdefault(section, {}).update(dict.fromkeys(places))
    return Detected(hits=tuple(_hits(found, texts)), evidence_of_flags=tuple(_flags(found, texts)))


def _hits(found: dict[str, dict[int, None]], texts: Sequence[str]) -> Iterable[Hit]:
    for cue in Cue:
        dangers = sorted(found.get(PRESENT_DANGER, ())) if cue is Cue.SAFETY_HARM else []
        plain = [place for place in sorted(found.get(cue.value, ())) if place not in dangers]
        for place in [*dangers, *plain][:_HITS_A_CUE]:
            floor = place in dangers or cue is Cue.LIFE_AT_RISK
            yield Hit(cue=cue, evidence=texts[place], present_danger=floor)


def _flags(found: dict[str, dict[int, None]], texts: Sequence[str]) -> Iterable[tuple[Flag, str]]:
    for flag in Flag:
        if places := found.get(flag.value):
            yield flag, texts[min(places)]


# --------------------------------------------------------------------------- the lists

Rule = tuple[Phrase, ...]
Found = list[dict[Phrase, list[Span]]]  # a sentence's phrases, for each sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The rules of one cue or flag in one language; docs/reference/cues.md explains the keys."""

    name: str
    signs: tuple[Rule, ...] = ()
    across: tuple[Rule, ...] = ()
    harmless: tuple[Phrase, ...] = ()
    unless: tuple[Rule, ...] = ()
    elsewhere: tuple[Rule, ...] = ()
    negatable: bool = True
    wanted: frozenset[Phrase] = frozenset()  # the phrases of `signs` and `across`

    @property
    def phrases(self) -> Iterable[Phrase]:
        yield from self.wanted
        yield from self.harmless
        for rule in (*self.unless, *self.elsewhere):
            yield from rule


@dataclass(frozen=True, slots=True, kw_only=True)
class CueList:
    """One language's lists, compiled."""

    spelling: Spelling
    sections: tuple[Section, ...]
    negations: frozenset[str]
    turns: frozenset[str]  # words after which an earlier negation no longer holds
    harmless: tuple[Phrase, ...]  # sayings that are no sign of anything
    settled: tuple[Rule, ...]  # the danger is over
    lasting: tuple[Rule, ...]  # no, it is not
    index: PhraseIndex = field(repr=False)

    def sections_found(self, texts: Sequence[str]) -> dict[str, list[int]]:
        """The places of the sentences (normalised texts) that show each section."""
        found = [self.index.found(text) for text in texts]
        if not any(found):
            return {}
        result: dict[str, list[int]] = {}
        for section in self.sections:
            if places := self._places(section, found, texts):
                result[section.name] = places
        if dangers := result.pop(PRESENT_DANGER, None):
            present = [p for p in dangers if not self._is_over(p, found)]
            past = [p for p in dangers if p not in present]
            if present:
                result[PRESENT_DANGER] = present
            if past:
                result.setdefault(Cue.SAFETY_HARM.value, []).extend(past)
        return result

    def _places(self, section: Section, found: Found, texts: Sequence[str]) -> list[int]:
        counted = [self._counting(section, s, text) for s, text in zip(found, texts, strict=True)]
        if not any(counted):
            return []
        if any(_holds(rule, sentence) for rule in section.elsewhere for sentence in found):
            return []
        places = {
            i
            for i, sentence in enumerate(counted)
            if sentence and any(_holds(rule, sentence) for rule in section.signs)
        }
        for rule in section.across:
            places.update(_across(rule, counted))
        return sorted(places)

    def _counting(
        self, section: Section, sentence: dict[Phrase, list[Span]], text: str
    ) -> dict[Phrase, list[Span]]:
        """What of a sentence's phrases is left for a section: not harmless, not negated."""
        wanted = [phrase for phrase in sentence if phrase in section.wanted]
        if not wanted or any(_holds(rule, sentence) for rule in section.unless):
            return {}
        harmless = [s for p in (*self.harmless, *section.harmless) for s in sentence.get(p, ())]
        counted = {}
        for phrase in wanted:
            kept = [
                span
                for span in sentence[phrase]
                if not any(span[0] < end and start < span[1] for start, end in harmless)
                and not (section.negatable and self._is_negated(text, span[0]))
            ]
            if kept:
                counted[phrase] = kept
        return counted

    def _is_negated(self, text: str, start: int) -> bool:
        for word in reversed(text[max(0, start - 60) : start].split()[-4:]):
            if word == "," or word in self.turns:
                return False
            if word in self.negations:
                return True
        return False

    def _is_over(self, place: int, found: Found) -> bool:
        around = found[max(0, place - _SETTLED_WITHIN) : place + _SETTLED_WITHIN + 1]
        if any(_holds(rule, sentence) for rule in self.lasting for sentence in around):
            return False
        return any(_holds(rule, sentence) for rule in self.settled for sentence in around)


def _holds(rule: Rule, sentence: dict[Phrase, list[Span]]) -> bool:
    """True if all phrases of a rule stand near each other in a sentence."""
    if len(rule) == 1:
        return rule[0] in sentence
    if not all(phrase in sentence for phrase in rule):
        return False
    first, *others = (sentence[phrase] for phrase in rule)
    return any(all(any(_near(a, b) for b in spans) for spans in others) for a in first)


def _near(a: Span, b: Span) -> bool:
    return b[0] - a[1] <= NEAR and a[0] - b[1] <= NEAR


def _across(rule: Rule, found: Found) -> Iterable[int]:
    """The sentences that hold a rule's first phrase while the others are in it or close by."""
    for place, sentence in enumerate(found):
        if rule[0] in sentence:
            around = found[max(0, place - _SENTENCES_APART) : place + _SENTENCES_APART + 1]
            if all(any(phrase in other for other in around) for phrase in rule[1:]):
                yield place


@cache
def _cue_list(language: str, rescue_only: bool) -> CueList:
    """The compiled list of a language, whole or only what life and safety need."""
    text = (files(__package__) / "cue_lists" / f"{language}.toml").read_text(encoding="utf-8")
    return compiled(tomllib.loads(text), _SPELLING.get(language, Spelling()), rescue_only=rescue_only)


def compiled(table: dict[str, Any], spelling: Spelling, *, rescue_only: bool = False) -> CueList:
    """A cue list from its TOML table. Raises PhraseError, or KeyError for an unknown section."""
    grammar = Grammar(spelling, table.get("words", {}))
    names = {c.value for c in Cue} | {f.value for f in Flag} | {PRESENT_DANGER}
    sections = []
    for name, entry in {**table.get("cues", {}), **table.get("flags", {})}.items():
        if name not in names:
            raise KeyError(name)
        if rescue_only and name not in _RESCUE:
            continue
        signs = tuple(map(grammar.rule, entry.get("signs", ())))
        across = tuple(map(grammar.rule, entry.get("across", ())))
        sections.append(
            Section(
                name=name,
                signs=signs,
                across=across,
                wanted=frozenset(phrase for rule in (*signs, *across) for phrase in rule),
                harmless=tuple(map(grammar.phrase, entry.get("harmless", ()))),
                unless=tuple(map(grammar.rule, entry.get("unless", ()))),
                elsewhere=tuple(map(grammar.rule, entry.get("elsewhere", ()))),
                negatable=entry.get("negatable", True),
            )
        )
    harmless = tuple(map(grammar.phrase, table.get("harmless", {}).get("phrases", ())))
    settled = tuple(map(grammar.rule, table.get("settled", {}).get("over", ())))
    lasting = tuple(map(grammar.rule, table.get("settled", {}).get("lasting", ())))
    phrases = [p for section in sections for p in section.phrases]
    phrases += [p for rule in (*settled, *lasting) for p in rule]
    return CueList(
        spelling=spelling,
        sections=tuple(sections),
        negations=_plain_words(spelling, table.get("negation", {}).get("words", ())),
        turns=_plain_words(spelling, table.get("negation", {}).get("turns", ())),
        harmless=harmless,
        settled=settled,
        lasting=lasting,
        index=PhraseIndex([*phrases, *harmless]),
    )


def _plain_words(spelling: Spelling, words: Iterable[str]) -> frozenset[str]:
    return frozenset(spelling.normalised(word).strip() for word in words)
