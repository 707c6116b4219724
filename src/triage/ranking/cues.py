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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from triage.ranking.phrases import NEAR, Grammar, Phrase, PhraseIndex, Rule, Span, Spelling, folded
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
    if not texts:
        return Detected()
    known = frozenset({language, "en"}) if language in LANGUAGES else frozenset(LANGUAGES)
    found: dict[str, set[int]] = {}
    folded_texts = folded("\n".join([" ".join(text.split("\n")) for text in texts]))
    for lists in _cue_lists(known):
        for section, places in lists.sections_found(folded_texts):
            found.setdefault(section, set()).update(places)
    return Detected(hits=tuple(_hits(found, texts)), evidence_of_flags=tuple(_flags(found, texts)))


def _hits(found: Mapping[str, set[int]], texts: Sequence[str]) -> Iterable[Hit]:
    for cue in Cue:
        dangers = sorted(found.get(PRESENT_DANGER, ())) if cue is Cue.SAFETY_HARM else []
        plain = [place for place in sorted(found.get(cue.value, ())) if place not in dangers]
        for place in [*dangers, *plain][:_HITS_A_CUE]:
            floor = place in dangers or cue is Cue.LIFE_AT_RISK
            yield Hit(cue=cue, evidence=texts[place], present_danger=floor)


def _flags(found: Mapping[str, set[int]], texts: Sequence[str]) -> Iterable[tuple[Flag, str]]:
    for flag in Flag:
        if places := found.get(flag.value):
            yield flag, texts[min(places)]


# --------------------------------------------------------------------------- the lists

Rules = Mapping[Phrase, tuple[Rule, ...]]  # by their first phrase
Sentence = dict[Phrase, list[Span]]  # the phrases of a sentence with their places


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """The rules of one cue or flag in one language; docs/reference/cues.md explains the keys."""

    name: str
    signs: Rules
    across: Rules
    unless: Rules
    elsewhere: Rules
    harmless: frozenset[Phrase]  # the list's own harmless sayings included
    negatable: bool
    wanted: frozenset[Phrase]  # the phrases of `signs` and `across`


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CueList:
    """One language's lists, compiled."""

    spelling: Spelling
    sections: tuple[Section, ...]
    negations: frozenset[str]
    turns: frozenset[str]  # words after which an earlier negation no longer holds
    settled: Rules  # the danger is over
    lasting: Rules  # no, it is not
    alone: frozenset[Phrase]  # those of its phrases that count by themselves

    @property
    def rules(self) -> Iterator[Rule]:
        """All rules, as far as they are about one sentence."""
        for section in self.sections:
            for rules in (section.signs, section.unless, section.elsewhere):
                yield from _all(rules)
        yield from _all(self.settled)
        yield from _all(self.lasting)
        for phrase in self.alone:
            yield (phrase,)

    def sections_found(
        self, sections: Iterable[Section], found: Sequence[Sentence], texts: Sequence[str]
    ) -> dict[str, list[int]]:
        """The places of the sentences (normalised texts) that show each of these sections."""
        result: dict[str, list[int]] = {}
        for section in sections:
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

    def _places(self, section: Section, found: Sequence[Sentence], texts: Sequence[str]) -> list[int]:
        counted = [self._counting(section, s, text) for s, text in zip(found, texts, strict=True)]
        if not any(counted):
            return []
        if section.elsewhere and any(_any_holds(section.elsewhere, sentence) for sentence in found):
            return []
        places = {i for i, sentence in enumerate(counted) if _any_holds(section.signs, sentence)}
        if section.across:
            for rule in dict.fromkeys(r for s in counted for p in s for r in section.across.get(p, ())):
                places.update(_across(rule, counted))
        return sorted(places)

    def _counting(self, section: Section, sentence: Sentence, text: str) -> Sentence:
        """What of a sentence's phrases is left for a section: not harmless, not negated."""
        wanted = section.wanted.intersection(sentence)
        if not wanted or _any_holds(section.unless, sentence):
            return {}
        harmless = [s for p in section.harmless.intersection(sentence) for s in sentence[p]]
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

    def _is_over(self, place: int, found: Sequence[Sentence]) -> bool:
        around = found[max(0, place - _SETTLED_WITHIN) : place + _SETTLED_WITHIN + 1]
        if any(_any_holds(self.lasting, sentence) for sentence in around):
            return False
        return any(_any_holds(self.settled, sentence) for sentence in around)


class CueLists:
    """The lists of several languages that share a spelling, looked for at once."""

    def __init__(self, lists: Sequence[CueList]) -> None:
        self._spelling = lists[0].spelling
        self._index = PhraseIndex(rule for cue_list in lists for rule in cue_list.rules)
        self._wanting: dict[Phrase, list[tuple[CueList, Section]]] = {}
        for cue_list in lists:
            for section in cue_list.sections:
                for phrase in section.wanted:
                    self._wanting.setdefault(phrase, []).append((cue_list, section))

    def sections_found(self, text: str) -> Iterable[tuple[str, list[int]]]:
        """The names of the sections that the lines of a folded text show, with the lines' places."""
        normalised = self._spelling.normalised_lines(text)
        found = self._index.found_in(normalised)
        concerned: dict[CueList, dict[Section, None]] = {}
        for sentence in found:
            for phrase in sentence:
                for cue_list, section in self._wanting.get(phrase, ()):
                    concerned.setdefault(cue_list, {})[section] = None
        for cue_list, sections in concerned.items():
            yield from cue_list.sections_found(sections, found, normalised).items()


def _all(rules: Rules) -> Iterator[Rule]:
    for those in rules.values():
        yield from those


def _any_holds(rules: Rules, sentence: Sentence) -> bool:
    """True if all phrases of one of the rules stand near each other in a sentence."""
    return any(_holds(rule, sentence) for phrase in sentence for rule in rules.get(phrase, ()))


def _holds(rule: Rule, sentence: Sentence) -> bool:
    """True if all phrases of a rule, of which the first is there, stand near each other."""
    if len(rule) == 1:
        return True
    if not all(phrase in sentence for phrase in rule):
        return False
    first, *others = (sentence[phrase] for phrase in rule)
    return any(all(any(_near(a, b) for b in spans) for spans in others) for a in first)


def _near(a: Span, b: Span) -> bool:
    return b[0] - a[1] <= NEAR and a[0] - b[1] <= NEAR


def _across(rule: Rule, found: Sequence[Sentence]) -> Iterable[int]:
    """The sentences that hold a rule's first phrase while the others are in it or close by."""
    for place, sentence in enumerate(found):
        if rule[0] in sentence:
            around = found[max(0, place - _SENTENCES_APART) : place + _SENTENCES_APART + 1]
            if all(any(phrase in other for other in around) for phrase in rule[1:]):
                yield place


@cache
def _cue_lists(known: frozenset[str]) -> tuple[CueLists, ...]:
    """All languages' lists, those of the `known` ones in full, by their spelling."""
    by_spelling: dict[Spelling, list[CueList]] = {}
    for language in LANGUAGES:
        cue_list = _cue_list(language, language not in known)
        by_spelling.setdefault(cue_list.spelling, []).append(cue_list)
    return tuple(map(CueLists, by_spelling.values()))


@cache
def _cue_list(language: str, rescue_only: bool) -> CueList:
    """The compiled list of a language, whole or only what life and safety need."""
    text = (files(__package__) / "cue_lists" / f"{language}.toml").read_text(encoding="utf-8")
    return compiled(tomllib.loads(text), _SPELLING.get(language, Spelling()), rescue_only=rescue_only)


def compiled(table: dict[str, Any], spelling: Spelling, *, rescue_only: bool = False) -> CueList:
    """A cue list from its TOML table. Raises PhraseError, or KeyError for an unknown section."""
    grammar = Grammar(spelling, table.get("words", {}))
    names = {c.value for c in Cue} | {f.value for f in Flag} | {PRESENT_DANGER}

    def rules(texts: Iterable[str]) -> Rules:
        by_first: dict[Phrase, tuple[Rule, ...]] = {}
        for rule in map(grammar.rule, texts):
            by_first[rule[0]] = (*by_first.get(rule[0], ()), rule)
        return by_first

    harmless = frozenset(map(grammar.phrase, table.get("harmless", {}).get("phrases", ())))
    sections = []
    for name, entry in {**table.get("cues", {}), **table.get("flags", {})}.items():
        if name not in names:
            raise KeyError(name)
        if rescue_only and name not in _RESCUE:
            continue
        signs, across = rules(entry.get("signs", ())), rules(entry.get("across", ()))
        sections.append(
            Section(
                name=name,
                signs=signs,
                across=across,
                unless=rules(entry.get("unless", ())),
                elsewhere=rules(entry.get("elsewhere", ())),
                harmless=harmless.union(map(grammar.phrase, entry.get("harmless", ()))),
                negatable=entry.get("negatable", True),
                wanted=frozenset(phrase for rule in (*_all(signs), *_all(across)) for phrase in rule),
            )
        )
    alone = harmless.union(*(section.harmless for section in sections))
    return CueList(
        spelling=spelling,
        sections=tuple(sections),
        negations=_plain_words(spelling, table.get("negation", {}).get("words", ())),
        turns=_plain_words(spelling, table.get("negation", {}).get("turns", ())),
        settled=rules(table.get("settled", {}).get("over", ())),
        lasting=rules(table.get("settled", {}).get("lasting", ())),
        alone=alone.union(phrase for s in sections for rule in _all(s.across) for phrase in rule),
    )


def _plain_words(spelling: Spelling, words: Iterable[str]) -> frozenset[str]:
    return frozenset(spelling.normalised(word).strip() for word in words)
