"""The signs of `signs.toml`: words in a customer's mail, compiled once for searching."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files


@cache
def kinds() -> Mapping[str, re.Pattern[str]]:
    """For each kind of reply that words can show, a pattern of those words, in order of rank."""
    return {kind: _any_of(words) for kind, words in _signs()["kinds"].items()}


@cache
def unquotable() -> Mapping[str, re.Pattern[str]]:
    """Patterns of praise (sarcasm, if upset), insults and health words (playbook P7)."""
    return {name: _any_of(words) for name, words in _signs()["unquotable"].items()}


@cache
def not_names() -> re.Pattern[str]:
    return _any_of(_signs()["not_names"])


@cache
def closings() -> frozenset[str]:
    """Sign-offs, normalised (ß as ss), after which a name stands."""
    return frozenset(map(normalised, _signs()["closings"]))


@cache
def empty_topics() -> re.Pattern[str]:
    return _any_of(_signs()["empty_topics"])


def normalised(text: str) -> str:
    """`text` as the patterns expect it: lower case, straight apostrophes, single spaces."""
    return " ".join(text.casefold().replace("’", "'").split())


@cache
def _signs() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("triage.replies") / "signs.toml").read_text(encoding="utf-8"))


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Matches any of `words` at word boundaries; a trailing * stands for any ending."""
    alternatives = (
        re.escape(normalised(word[:-1])) + r"\w*" if word.endswith("*") else re.escape(normalised(word))
        for word in sorted(set(words), key=len, reverse=True)
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")
