"""Checks a finished draft against the playbook (P5 to P20).

The rules of a language are plain data, `templates/playbook/<language>.toml`; this module
counts. Only our own words are judged, not the signature, and neither what stands in “…”
(German: „…“) or behind "> ": that is the customer's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from triage import texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A breach of one rule. `line` counts from 1; 0 stands for the whole draft."""

    rule: str  # "P17"
    line: int
    excerpt: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}: “{self.excerpt}”: " if self.line else ""
        return f"{self.rule}: {place}{self.message}"


def check(text: str, *, kind: str, language: str = "en", team_folder: str = "") -> tuple[Fault, ...]:
    """Every fault of the draft `text` of this kind, in the order of the text.

    What the team wrote itself (an emergency, an incident) is not judged. Raises ConfigError if the language has no
    rules.
    """
    if kind in _TEAMS_WORDS:
        return ()
    rules = texts.playbook(language, team_folder=team_folder)
    closings = tuple(rules["closings"])
    body = _body(_own_words(text), closings)
    found = [
        *_counted(body, kind, language, team_folder),
        *_order(body, rules["order"]),
        *_length(_body(text, closings), rules["words"], kind),
        *_sentences(body, rules["sentence"]),
    ]
    return tuple(sorted(found, key=lambda fault: fault.line))


# --------------------------------------------------------------------------- whose words

_TEAMS_WORDS = frozenset({"emergency", "incident", "all_clear"})

_QUOTE = re.compile("“[^”]{0,2000}”|„[^“]{0,2000}“")  # as English and as German sets them


def _own_words(text: str) -> str:
    """`text` with the customer's words blanked out and every line where it was."""
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if line.startswith(">"):
            lines[place] = ""
            if place and lines[place - 1].rstrip().endswith(":"):
                lines[place - 1] = ""  # "On … wrote:"
    return _QUOTE.sub(lambda quote: "“…”" + "\n" * quote.group().count("\n"), "\n".join(lines))


def _body(text: str, closings: tuple[str, ...]) -> str:
    """From the greeting up to the closing; lines stay where they were."""
    kept: list[str] = []
    for line in text.splitlines():
        if line.startswith(">") or line.strip().casefold() in closings:
            break
        kept.append(line)
    return "\n".join(kept)


# --------------------------------------------------------------------------- rules as data


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    rule: str
    message: str
    pattern: re.Pattern[str]
    at_most: int
    at_least: int
    only: frozenset[str]
    never: frozenset[str]


@lru_cache(maxsize=16)
def _rules(language: str, team_folder: str) -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            rule=entry["rule"],
            message=entry["message"],
            pattern=re.compile("|".join(f"(?:{p})" for p in entry["patterns"]), re.IGNORECASE),
            at_most=entry.get("at_most", 10_000 if entry.get("at_least") else 0),
            at_least=entry.get("at_least", 0),
            only=frozenset(entry.get("only", ())),
            never=frozenset(entry.get("never", ())),
        )
        for entry in texts.playbook(language, team_folder=team_folder)["rule"]
    )


def _counted(body: str, kind: str, language: str, team_folder: str) -> Iterator[Fault]:
    # A draft's lines are wrapped, so a pattern's space may be a line's end.
    flat = body.replace("\n", " ").replace("’", "'")
    for rule in _rules(language, team_folder):
        if kind in rule.never or (rule.only and kind not in rule.only):
            continue
        hits = list(rule.pattern.finditer(flat))
        for hit in hits[rule.at_most :]:
            yield Fault(
                rule=rule.rule,
                line=body.count("\n", 0, hit.start()) + 1,
                excerpt=" ".join(hit.group().split()),
                message=rule.message,
            )
        if len(hits) < rule.at_least:
            yield Fault(rule=rule.rule, line=0, excerpt="", message=rule.message)


# --------------------------------------------------------------------------- rules in code


def _order(body: str, order: Mapping[str, list[str]]) -> Iterator[Fault]:
    flat = body.replace("\n", " ").replace("’", "'")
    first, second = (
        re.search("|".join(f"(?:{p})" for p in order[which]), flat, re.IGNORECASE)
        for which in ("first", "second")
    )
    if first and second and second.start() < first.start():
        line = body.count("\n", 0, first.start()) + 1
        message = "the feeling and the apology come before the matter and the promise"
        yield Fault(rule="P5", line=line, excerpt=first.group(), message=message)


def _length(body: str, limits: Mapping[str, list[int]], kind: str) -> Iterator[Fault]:
    least, most = limits.get(kind, limits["default"])
    count = len(re.findall(r"\w[\w'’-]*", body))
    if not least <= count <= most:
        message = f"{count} words; this kind has {least} to {most}"
        yield Fault(rule="P15", line=0, excerpt="", message=message)


def _sentences(body: str, limits: Mapping[str, Any]) -> Iterator[Fault]:
    counts = []
    for sentence in re.finditer(r"[^.!?:…]+", body):
        words = sentence.group().split()
        counts.append(len(words))
        if len(words) > limits["longest"]:
            line = body.count("\n", 0, sentence.start()) + 1
            message = f"a sentence of {len(words)} words; up to {limits['longest']} read well"
            yield Fault(rule="P15", line=line, excerpt=" ".join(words[:6]) + " …", message=message)
    counts = [count for count in counts if count > 2]
    average = sum(counts) / max(len(counts), 1)
    if average > limits["average"]:
        message = f"sentences have {average:.0f} words on average; up to {limits['average']} read well"
        yield Fault(rule="P15", line=0, excerpt="", message=message)
