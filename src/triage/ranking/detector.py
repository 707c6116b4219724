"""Ranking, the form of a trained detector: weights of named marks and of wording, for several heads.

`<name>.toml` holds thresholds, figures and the weights of marks, so that a person can read
them; `<name>.bin` the table of n-grams. `ranking.training.detectors` writes both.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from triage.ranking.ngrams import Bag, Table
from triage.ranking.scenes import Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A detector as plain data: log-odds for each head."""

    thresholds: Mapping[str, float]  # log-odds from which on something is found
    marks: Mapping[str, tuple[float, ...]]
    table: Table

    def log_odds(self, marks: Sequence[Marks], wording: Bag) -> list[tuple[float, ...]]:
        """What each sentence that has marks adds to each head."""
        result = []
        for own, of_wording in zip(marks, self.table.parts(wording), strict=False):
            known = [(self.marks[name], value) for name, value in own.items() if name in self.marks]
            sums = zip(*[[weight * value for weight in weights] for weights, value in known], strict=True)
            named = [sum(column) for column in sums] or [0.0] * len(of_wording)
            result.append(tuple([a + b for a, b in zip(named, of_wording, strict=True)]))
        return result


def packaged(name: str, heads: Sequence[str]) -> Weights:
    """The weights that are shipped with the program."""
    folder = files(__package__) / "weights"
    facts = (folder / f"{name}.toml").read_text("utf-8")
    return read(heads, facts, (folder / f"{name}.bin").read_bytes())


def read(heads: Sequence[str], facts: str, content: bytes) -> Weights:
    """Weights from the two files that training wrote. Raises ValueError or KeyError if they do not fit."""
    table: dict[str, Any] = tomllib.loads(facts)
    names = {name: None for head in heads for name in table[head]}
    return Weights(
        thresholds={name: float(least) for name, least in table["thresholds"].items()},
        marks={name: tuple(float(table[head].get(name, 0.0)) for head in heads) for name in names},
        table=Table.read(heads, [float(table["scales"][head]) for head in heads], content),
    )
