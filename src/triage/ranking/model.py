"""Ranking, the model: signs and wording become a score that can be explained.

The score is the chance, in 100, that a support lead would rather phone: the squashed sum of a
start, of each sign's weight times its value (`features`), and of what the wording adds
(`ngrams`, folded into the sentences that carry it). A second sum of the same kind tells
whether a person waits at all; the less so, the more it takes off. Points are the successive
differences of the score as the parts join, signs with a name first and the heaviest before the
others: `base` plus all points is the score.

Weights are data: weights/model.toml and wording.bin are trained (ranking.training.score),
weights.toml holds what a person sets by hand and wins over them.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from triage.ranking.features import Features
from triage.ranking.ngrams import EMPTY, Bag, Table
from triage.types import Reason

WORDING = "wording"  # the reason that names what a sentence's words add
NOBODY = "nobody_waits"  # the reason that names how little it looks like a waiting person
HEADS = ("call", "nobody")

_NO_POINTS = 0.05  # below this a reason says nothing
_TOLD_SENTENCES = 3  # of the wording, those that carry most are named; the others are summed


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The model as plain data, in log-odds: at the start, and of each sign at full value."""

    start: float
    of: Mapping[str, float]
    nobody_start: float = -9.0
    nobody_of: Mapping[str, float] = field(default_factory=dict)
    nobody_takes: float = 0.0  # how much of "nobody waits" is taken off the score
    wording: Table | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)  # version, date, corpus, measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A score (0..100), what it would be without any sign, and what made the difference."""

    score: float
    base: float
    reasons: tuple[Reason, ...] = ()  # the most points first, those that lower it last
    log_odds: float = 0.0  # the score before it was squashed
    nobody: float = -9.0  # log-odds that no person waits for an answer


def score(found: Features, wording: Bag = EMPTY, *, weights: Weights | None = None) -> Scored:
    """Scores the signs and the wording of a mail; without weights, by the packaged ones.

    The wording begins with the subject. Unknown signs weigh nothing.
    """
    weights = weights or packaged_weights()
    parts = weights.wording.parts(wording) if weights.wording else []
    nobody = weights.nobody_start + sum(p[1] for p in parts)
    nobody += sum(weights.nobody_of.get(f.name, 0.0) * f.value for f in found)
    shifts = [(weights.of.get(f.name, 0.0) * f.value, f.name, f.evidence) for f in found]
    shifts += _wording([p[0] for p in parts], wording.sentences)
    at_first = weights.start - weights.nobody_takes * _softplus(weights.nobody_start)
    shifts.append((weights.nobody_takes * (_softplus(weights.nobody_start) - _softplus(nobody)), NOBODY, ""))
    # Signs that have a name come first, so that the wording only tells what they leave over.
    shifts.sort(key=lambda shift: (shift[1] in (WORDING, NOBODY), -abs(shift[0]), shift[1]))
    total = at_first
    reasons = []
    for shift, name, evidence in shifts:
        points = squashed(total + shift) - squashed(total)
        total += shift
        if abs(points) >= _NO_POINTS:
            reasons.append(Reason(cue=name, evidence=evidence, points=round(points, 2)))
    result, base = round(squashed(total), 4), round(squashed(at_first), 2)
    if reasons:  # the largest takes what rounding and the reasons that are too small to name left over
        at = max(range(len(reasons)), key=lambda n: abs(reasons[n].points))
        rest = result - base - sum(reason.points for reason in reasons)
        reasons[at] = replace(reasons[at], points=round(reasons[at].points + rest, 2))
    reasons.sort(key=lambda reason: -reason.points)
    return Scored(
        score=result,
        base=base,
        reasons=tuple(reasons),
        log_odds=round(total, 4),
        nobody=round(nobody, 4),
    )


def _wording(adds: Sequence[float], sentences: Sequence[str]) -> list[tuple[float, str, str]]:
    """What each of the weightiest sentences adds, and the others together."""
    order = sorted(range(len(adds)), key=lambda n: -abs(adds[n]))
    told = [(adds[n], WORDING, sentences[n]) for n in order[:_TOLD_SENTENCES]]
    rest = sum(adds[n] for n in order[_TOLD_SENTENCES:])
    return [*told, (rest, WORDING, "")] if rest else told


@cache
def packaged_weights() -> Weights:
    """The weights that are shipped with the program."""
    package = files(__package__)
    by_hand = tomllib.loads((package / "weights.toml").read_text("utf-8"))
    trained = package / "weights" / "model.toml"
    if not trained.is_file():
        return read_weights(by_hand)
    return read_weights(
        by_hand, tomllib.loads(trained.read_text("utf-8")), (package / "weights" / "wording.bin").read_bytes()
    )


def weights_in(folder: Path) -> Weights:
    """The weights of another folder (a team's own training). Raises OSError, ValueError."""
    by_hand = tomllib.loads((files(__package__) / "weights.toml").read_text("utf-8"))
    trained = tomllib.loads((folder / "model.toml").read_text("utf-8"))
    return read_weights(by_hand, trained, (folder / "wording.bin").read_bytes())


def read_weights(
    by_hand: Mapping[str, Any], trained: Mapping[str, Any] | None = None, wording: bytes = b""
) -> Weights:
    """Weights from their tables. Raises ValueError for a weight that is no number.

    `by_hand` has sections of name = weight (and may have `start`); they win over trained ones.
    """
    trained = trained or {}
    of = _numbers(trained.get("call", {}))
    by_name: set[str] = set()
    for section, entries in by_hand.items():
        if isinstance(entries, Mapping):
            own = _numbers(entries)
            if twice := own.keys() & {
                n for s, e in by_hand.items() if s != section and isinstance(e, Mapping) for n in e
            }:
                raise ValueError(f"the weight {min(twice)} is there twice")
            of |= own
            by_name |= own.keys()
    table = None
    if wording:
        table = Table.read(HEADS, [float(s) for s in trained["scales"]], wording)
    return Weights(
        start=float(trained.get("start", by_hand.get("start", 0.0))),
        of=of,
        nobody_start=float(trained.get("nobody_start", -9.0)),
        nobody_of={n: w for n, w in _numbers(trained.get("nobody", {})).items() if n not in by_name},
        nobody_takes=float(trained.get("nobody_takes", 0.0)),
        wording=table,
        figures=dict(trained.get("figures", {})),
    )


def _numbers(entries: Mapping[str, Any]) -> dict[str, float]:
    for name, weight in entries.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight):
            raise ValueError(f"the weight {name} is no number: {weight!r}")
    return {name: float(weight) for name, weight in entries.items()}


def squashed(log_odds: float) -> float:
    """The logistic function as 0..100; far values do not overflow."""
    return 50.0 * (1.0 + math.tanh(log_odds / 2.0))


def _softplus(value: float) -> float:
    return value if value > 30 else math.log1p(math.exp(value))
