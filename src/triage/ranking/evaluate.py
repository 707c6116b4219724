"""Ranking, measured: how well scores and verdicts agree with what people said.

    measured = evaluate(cases, capacity=20)

A `Case` is one labelled message with what ranking made of it. Whatever cannot be measured
(no calls among the labels, no priorities) is None. Needs nothing but Python.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from triage.types import Reason, Verdict

BIN = 10  # points of score in a row of the calibration


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A message: what a person said of it (`label`, `priority` 0..100) and what ranking did."""

    id: str
    label: Verdict
    score: float
    verdict: Verdict
    priority: float | None = None
    words: int = 0  # of the newly written text
    day: date | None = None  # when it came; None: all of them on one day
    subject: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def is_call(self) -> bool:
        return self.label is Verdict.CALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Of the messages with such a score, how many are calls. `below` is exclusive but for 100."""

    least: int
    below: int
    mails: int
    calls: int
    mean_score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A message on which ranking and label disagree, and in which way."""

    case: Case
    kind: str  # missed_call | dropped | mailed | false_call


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All shares are 0..1. `chance` is the average precision of a ranking by lot."""

    mails: int
    calls: int
    chance: float | None
    average_precision: float | None
    auc: float | None
    auc_matched: float | None
    spearman: float | None
    recall_at_calls: float | None
    capacity: int
    recall_at_capacity: float | None
    accuracy: float | None
    confusion: dict[Verdict, dict[Verdict, int]]  # label → verdict → mails
    calibration: tuple[Bin, ...]
    calibration_error: float | None  # points between score and share of calls, weighted by mails
    misses: tuple[Miss, ...]  # all of them, the worst first


def evaluate(cases: Sequence[Case], *, capacity: int) -> Evaluation:
    """Measures a ranking. `capacity` is how many calls the team makes in a day."""
    truth = [case.is_call for case in cases]
    scores = [case.score for case in cases]
    calls = sum(truth)
    rated = [case for case in cases if case.priority is not None]
    bins = calibration(truth, scores)
    return Evaluation(
        mails=len(cases),
        calls=calls,
        chance=calls / len(cases) if cases else None,
        average_precision=average_precision(truth, scores),
        auc=auc(truth, scores),
        auc_matched=auc_matched(truth, scores, [case.words for case in cases]),
        spearman=spearman([case.priority or 0.0 for case in rated], [case.score for case in rated]),
        recall_at_calls=recall(truth, scores, calls),
        capacity=capacity,
        recall_at_capacity=_recall_by_day(cases, capacity),
        accuracy=_share(sum(case.label is case.verdict for case in cases), len(cases)),
        confusion={
            label: {
                verdict: sum(case.label is label and case.verdict is verdict for case in cases)
                for verdict in Verdict
            }
            for label in Verdict
        },
        calibration=bins,
        calibration_error=_calibration_error(bins),
        misses=tuple(sorted(_misses(cases), key=lambda miss: (-_weight(miss), miss.case.id))),
    )


# --------------------------------------------------------------------------- the order


def average_precision(truth: Sequence[bool], scores: Sequence[float]) -> float | None:
    """The mean precision at the place of each call. Ties count against: calls come last."""
    hits, total = 0, 0.0
    for place, at in enumerate(_ranked(truth, scores), start=1):
        if truth[at]:
            hits += 1
            total += hits / place
    return _share(total, hits)


def recall(truth: Sequence[bool], scores: Sequence[float], first: int) -> float | None:
    """The share of the calls that stand among the `first` highest scores (ties against)."""
    return _share(sum(truth[at] for at in _ranked(truth, scores)[:first]), sum(truth))


def auc(truth: Sequence[bool], scores: Sequence[float]) -> float | None:
    """How often a call scores higher than another message (ROC AUC); an equal score is half."""
    calls = sum(truth)
    pairs = calls * (len(truth) - calls)
    places = sum(rank for rank, is_call in zip(ranks(scores), truth, strict=True) if is_call)
    return _share(places - calls * (calls - 1) / 2, pairs)


def auc_matched(truth: Sequence[bool], scores: Sequence[float], words: Sequence[int]) -> float | None:
    """AUC over pairs of similar length (ratio 4:5 to 5:4): a ranking by length gets 0.5."""
    others = sorted((max(1, n), s) for is_call, s, n in zip(truth, scores, words, strict=True) if not is_call)
    lengths = [length for length, _ in others]
    won = pairs = 0.0
    for is_call, score, length in zip(truth, scores, words, strict=True):
        if is_call:
            first, last = bisect_left(lengths, -(-4 * length // 5)), bisect_right(lengths, 5 * length // 4)
            pairs += last - first
            won += sum((score > other) + 0.5 * (score == other) for _, other in others[first:last])
    return _share(won, pairs)


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """The correlation of two orders, -1..1."""
    if not one:
        return None
    a, b = ranks(one), ranks(other)
    middle = (len(a) - 1) / 2
    product = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    spread = sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b)
    return product / spread**0.5 if spread else None


def ranks(values: Sequence[float]) -> list[float]:
    """The place of each value from 0 on; equal ones share the mean of their places."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for at in order[start : end + 1]:
            found[at] = (start + end) / 2
        start = end + 1
    return found


def _ranked(truth: Sequence[bool], scores: Sequence[float]) -> list[int]:
    return sorted(range(len(truth)), key=lambda at: (-scores[at], truth[at]))


def _recall_by_day(cases: Sequence[Case], capacity: int) -> float | None:
    """The share of the calls that stand among each day's `capacity` highest scores."""
    days: dict[date | None, list[Case]] = defaultdict(list)
    for case in cases:
        days[case.day].append(case)
    reached = 0
    for day in days.values():
        truth = [case.is_call for case in day]
        reached += sum(truth[at] for at in _ranked(truth, [case.score for case in day])[:capacity])
    return _share(reached, sum(case.is_call for case in cases))


# --------------------------------------------------------------------------- the scores


def calibration(truth: Sequence[bool], scores: Sequence[float]) -> tuple[Bin, ...]:
    """Of the messages in each ten points of score, how many are calls."""
    rows: list[list[int]] = [[] for _ in range(0, 100, BIN)]
    for at, score in enumerate(scores):
        rows[min(len(rows) - 1, max(0, int(score // BIN)))].append(at)
    return tuple(
        Bin(
            least=number * BIN,
            below=(number + 1) * BIN,
            mails=len(row),
            calls=sum(truth[at] for at in row),
            mean_score=_share(sum(scores[at] for at in row), len(row)),
        )
        for number, row in enumerate(rows)
    )


def _calibration_error(bins: Iterable[Bin]) -> float | None:
    filled = [
        (b.mails, abs(b.mean_score - 100 * b.calls / b.mails)) for b in bins if b.mean_score is not None
    ]
    return _share(sum(mails * off for mails, off in filled), sum(mails for mails, _ in filled))


# --------------------------------------------------------------------------- the misses


def _misses(cases: Iterable[Case]) -> Iterable[Miss]:
    for case in cases:
        if case.verdict is case.label:
            continue
        if case.verdict is Verdict.NONE:
            kind = "dropped"
        elif case.is_call:
            kind = "missed_call"
        elif case.verdict is Verdict.CALL:
            kind = "false_call"
        else:
            kind = "mailed"
        yield Miss(case=case, kind=kind)


def _weight(miss: Miss) -> float:
    """What a miss costs: a customer left alone most, a needless call by how far up it stands."""
    case = miss.case
    urgent = (case.priority if case.priority is not None else 75.0) - case.score
    return {
        "dropped": 400.0 if case.is_call else 200.0,
        "missed_call": 200.0 + urgent,
        "mailed": 50.0,
        "false_call": case.score + (50.0 if case.label is Verdict.NONE else 0.0),
    }[miss.kind]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
