"""Measuring a ranking: the figures are what their names say, on cases worked out by hand."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from triage.ranking.evaluate import (
    Case,
    auc,
    auc_matched,
    average_precision,
    calibration,
    evaluate,
    ranks,
    recall,
    spearman,
)
from triage.types import Verdict

CALL, REPLY, NONE = Verdict.CALL, Verdict.REPLY, Verdict.NONE


def case(id: str, label: Verdict, score: float, verdict: Verdict, **more: object) -> Case:
    return Case(id=id, label=label, score=score, verdict=verdict, **more)  # type: ignore[arg-type] # by name


def test_average_precision_is_the_mean_precision_at_each_call() -> None:
    assert average_precision([True, False, True], [9, 5, 1]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([True, True, False], [9, 5, 1]) == 1.0


def test_equal_scores_count_against_the_ranking() -> None:
    assert average_precision([True, False], [5, 5]) == 0.5
    assert recall([True, False], [5, 5], 1) == 0.0


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    random = Random(7)
    truth = [random.random() < 0.4 for _ in range(60)]
    scores = [float(random.randint(0, 12)) for _ in truth]
    words = [random.randint(0, 40) for _ in truth]
    pairs = [(i, j) for i in range(60) for j in range(60) if truth[i] and not truth[j]]

    def by_hand(chosen: list[tuple[int, int]]) -> float:
        won = sum((scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j]) for i, j in chosen)
        return won / len(chosen)

    assert auc(truth, scores) == pytest.approx(by_hand(pairs))
    alike = [(i, j) for i, j in pairs if 0.8 <= words[i] / max(1, words[j]) <= 1.25]
    assert auc_matched(truth, scores, words) == pytest.approx(by_hand(alike))


def test_a_ranking_by_length_is_no_better_than_chance_among_equal_lengths() -> None:
    words = [10, 10, 100, 100]
    truth = [False, True, False, True]
    assert auc_matched(truth, [float(n) for n in words], words) == 0.5


def test_rank_correlation_shares_the_places_of_equal_values() -> None:
    assert ranks([5, 1, 5]) == [1.5, 0, 1.5]
    assert spearman([1, 2, 3], [10, 20, 30]) == pytest.approx(1)
    assert spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)


def test_calibration_counts_calls_by_ten_points_and_keeps_the_extremes() -> None:
    bins = calibration([False, True, True, True], [0, 9.99, 10, 100])
    assert [(b.least, b.mails, b.calls) for b in bins if b.mails] == [(0, 2, 1), (10, 1, 1), (90, 1, 1)]
    assert sum(b.mails for b in bins) == 4


def test_recall_at_capacity_is_counted_day_by_day() -> None:
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    cases = [
        case("a", CALL, 90, CALL, day=monday),
        case("b", CALL, 80, CALL, day=monday),
        case("c", CALL, 10, REPLY, day=tuesday),
    ]
    assert evaluate(cases, capacity=1).recall_at_capacity == pytest.approx(2 / 3)


def test_the_confusion_has_a_place_for_every_mail_and_the_worst_miss_comes_first() -> None:
    measured = evaluate(
        [
            case("fine", CALL, 90, CALL, priority=90.0),
            case("needless", REPLY, 99, CALL, priority=10.0),
            case("late", CALL, 20, REPLY, priority=80.0),
            case("later", CALL, 5, REPLY, priority=95.0),
            case("robot", NONE, 1, REPLY, priority=0.0),
            case("lost", REPLY, 0, NONE, priority=30.0),
            case("lost call", CALL, 0, NONE, priority=70.0),
        ],
        capacity=20,
    )
    assert sum(n for row in measured.confusion.values() for n in row.values()) == 7
    assert measured.confusion[CALL] == {CALL: 1, REPLY: 2, NONE: 1}
    assert [(miss.case.id, miss.kind) for miss in measured.misses] == [
        ("lost call", "dropped"),
        ("later", "missed_call"),
        ("late", "missed_call"),
        ("lost", "dropped"),
        ("needless", "false_call"),
        ("robot", "mailed"),
    ]
    assert measured.accuracy == pytest.approx(1 / 7)


@pytest.mark.parametrize("labels", [[], [CALL], [REPLY, REPLY]])
def test_what_cannot_be_measured_is_none_and_no_error(labels: list[Verdict]) -> None:
    measured = evaluate([case(str(n), label, 50, REPLY) for n, label in enumerate(labels)], capacity=5)
    assert measured.mails == len(labels)
    assert measured.auc is None
    assert measured.spearman is None
