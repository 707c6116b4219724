"""Ranking, the model: features and weights become a score that can be explained.

The score is the squashed sum of a start and of each feature's weight times its value. Points
are the successive differences of the score as the features join, heaviest first; so
`base` plus all points is the score.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from triage.ranking.features import Features
from triage.types import Reason

_NO_POINTS = 0.005  # below this a reason says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The model as plain data: log-odds at the start, and of each feature at full value."""

    start: float
    of: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A score (0..100), what it would be without any feature, and what made the difference."""

    score: float
    base: float
    reasons: tuple[Reason, ...] = ()  # the most points first, those that lower it last


def score(features: Features, weights: Weights | None = None) -> Scored:
    """Scores features; without weights, by the packaged ones. Unknown names weigh nothing."""
    weights = weights or packaged_weights()
    shifts = [(weights.of.get(f.name, 0.0) * f.value, f) for f in features]
    shifts.sort(key=lambda pair: (-abs(pair[0]), pair[1].name))
    total = weights.start
    reasons = []
    for shift, feature in shifts:
        points = _squashed(total + shift) - _squashed(total)
        total += shift
        if abs(points) >= _NO_POINTS:
            reasons.append(Reason(cue=feature.name, evidence=feature.evidence, points=round(points, 2)))
    reasons.sort(key=lambda reason: -reason.points)
    return Scored(
        score=round(_squashed(total), 2),
        base=round(_squashed(weights.start), 2),
        reasons=tuple(reasons),
    )


@cache
def packaged_weights() -> Weights:
    """The weights that are shipped with the program (`weights.toml`)."""
    return read_weights(tomllib.loads((files(__package__) / "weights.toml").read_text("utf-8")))


def read_weights(table: Mapping[str, Any]) -> Weights:
    """Weights from their TOML table: `start`, and sections of name = weight.

    Raises ValueError for a name that stands in two sections or a weight that is no number.
    """
    of: dict[str, float] = {}
    for section, entries in table.items():
        if section == "start":
            continue
        for name, weight in entries.items():
            if name in of:
                raise ValueError(f"the weight {name} is there twice")
            if not isinstance(weight, int | float) or not math.isfinite(weight):
                raise ValueError(f"the weight {name} is no number: {weight!r}")
            of[name] = float(weight)
    return Weights(start=float(table["start"]), of=of)


def _squashed(log_odds: float) -> float:
    """The logistic function as 0..100; far values do not overflow."""
    return 50.0 * (1.0 + math.tanh(log_odds / 2.0))
