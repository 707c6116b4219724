from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.ranking.features import MANNERS, Feature
from triage.ranking.model import NOBODY, Weights, packaged_weights, read_weights, score
from triage.types import Cue

NAMES = sorted(packaged_weights().of)

some_features = st.lists(
    st.builds(Feature, name=st.sampled_from(NAMES), value=st.floats(0, 1), evidence=st.just("why")),
    unique_by=lambda feature: feature.name,
).map(tuple)


@given(some_features)
def test_base_and_points_add_up_to_the_score(found: tuple[Feature, ...]) -> None:
    scored = score(found)
    assert 0 <= scored.score <= 100
    assert scored.base + sum(r.points for r in scored.reasons) == pytest.approx(scored.score, abs=0.5)
    assert all(r.cue and r.evidence for r in scored.reasons if r.cue != NOBODY)


@given(some_features)
def test_reasons_come_with_the_most_points_first(found: tuple[Feature, ...]) -> None:
    points = [r.points for r in score(found).reasons]
    assert points == sorted(points, reverse=True)


@given(some_features)
def test_the_order_of_the_features_does_not_matter(found: tuple[Feature, ...]) -> None:
    assert score(found) == score(tuple(reversed(found)))


def test_every_feature_has_a_weight() -> None:
    others = {"sentiment", "goodwill", "question", "shouting", "exclamation", "repetition"}
    assert {*Cue, *MANNERS, *others} <= {*packaged_weights().of}


def test_a_need_never_lowers_the_score_and_abuse_adds_nothing() -> None:
    weights = packaged_weights().of
    assert weights["abuse"] == 0
    assert all(weights[cue] > 0 for cue in Cue if cue is not Cue.ABUSE)
    known = {n: w for n, w in weights.items() if n.startswith("context_") and n != "context_internal"}
    assert all(weight > 0 for weight in known.values())
    assert score((Feature(name="abuse", value=1.0, evidence="You fools."),)).reasons == ()


def test_many_cues_saturate() -> None:
    some = tuple(Feature(name=cue.value, value=1.0) for cue in (Cue.LEAVING, Cue.REGULATOR))
    all_of_them = tuple(Feature(name=cue.value, value=1.0) for cue in Cue)
    assert score(some).score < score(all_of_them).score <= 100


def test_tone_alone_does_not_decide() -> None:
    tone = ("sentiment", "shouting", "exclamation", "repetition")
    rant = tuple(Feature(name=name, value=1.0) for name in tone)
    assert score(rant).score < 60


def test_broken_promises_and_silence_of_ours_make_a_plain_mail_a_call() -> None:
    plain = (Feature(name="question", value=0.5), Feature(name="routine", value=0.34))
    kept_waiting = tuple(
        Feature(name=name, value=1.0)
        for name in ("context_contacts", "context_unanswered", "context_waiting", "context_promises_broken")
    )
    assert score(plain).score < 40 < 60 < score(plain + kept_waiting).score


def test_an_unknown_feature_weighs_nothing() -> None:
    assert score((Feature(name="moon_phase", value=1.0),)) == score(())


def test_extreme_weights_do_not_overflow() -> None:
    weights = Weights(start=0.0, of={"a": 1e9, "b": -1e9})
    assert score((Feature(name="a", value=1.0),), weights=weights).score == 100
    assert score((Feature(name="b", value=1.0),), weights=weights).score == 0


@pytest.mark.parametrize(
    "table",
    [
        {"start": 0, "cues": {"leaving": 1.0}, "manner": {"leaving": 2.0}},
        {"start": 0, "cues": {"leaving": math.nan}},
        {"start": 0, "cues": {"leaving": "much"}},
    ],
)
def test_weights_that_make_no_sense_are_refused(table: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="leaving"):
        read_weights(table)
