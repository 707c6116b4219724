"""What `triage explain` and the short lists of signs show to people."""

from __future__ import annotations

from typing import Any

from triage.cli.explain import _explained
from triage.cli.output import Page
from triage.cli.rank import in_short
from triage.types import Reason

NOISE = "The socket sparks."
REASONS = [
    Reason(cue="wording", evidence="It smells of fire.", points=20),
    Reason(cue="safety_harm", evidence=NOISE, points=12),
    Reason(cue="pressing", evidence=NOISE, points=4),
    Reason(cue="wording", evidence="", points=3),
    Reason(cue="exclamation", evidence="Help!", points=0.3),
    Reason(cue="easy", evidence="No hurry.", points=-2),
    Reason(cue="question", evidence="Is that so?", points=-6),
]


def shown(**changes: Any) -> str:
    shape = {
        "id": "m12",
        "subject": "Socket\x1b[2J",
        "score": 48.3,
        "verdict": "reply",
        "base": 17.0,
        "reasons": REASONS,
        "hits": [{"cue": "abuse", "evidence": "You clowns."}, {"cue": "safety_harm", "evidence": NOISE}],
        "rule": "The score stays below 60: a mail will do.",
        "disposition": "drafted",
        "why": "a holding reply is fine",
        "unknown": ["their telephone number"],
        "feedback": None,
        "key_sentence": NOISE,
        "emotion": "anxious",
        "language": "en",
        "phone": None,
        "flags": ["no_call"],
        "automated": None,
        "error": None,
    }
    return _explained(shape | changes, Page())


def test_what_raises_and_what_lowers_the_score_stand_apart_the_weightiest_first() -> None:
    text = shown()
    raised, lowered = text.index("What raises it"), text.index("What lowers it")
    assert raised < text.index("the wording") < text.index("safety or injury") < lowered
    assert lowered < text.index("a plain question") < text.index("no hurry") < text.index("48.3  the score")
    assert "+0.3  smaller signs" in text


def test_a_sentence_is_quoted_once_where_two_signs_stand_on_it() -> None:
    text = shown()
    assert text.count(f"“{NOISE}”") == 2, "with its signs, and as the key sentence"
    assert "(the same sentence)" in text
    assert "the wording of the rest" in text


def test_cues_without_points_and_what_is_unknown_are_told() -> None:
    text = shown()
    after = text[text.index("Also noticed, without points") :]
    assert "harsh words" in after
    assert "safety" not in after.split("What is not known")[0]
    assert "their telephone number" in after
    assert "wishes and facts: no call" in after


def test_nothing_in_a_mail_can_drive_the_terminal() -> None:
    assert "\x1b" not in shown()


def test_a_mail_that_was_not_ranked_says_why() -> None:
    assert "it is empty" in shown(score=None, error="it is empty")


def test_signs_in_short_are_added_up_and_the_wording_comes_last() -> None:
    assert in_short(REASONS, 4) == [
        ("safety or injury", 12),
        ("a plain question", -6),
        ("says that it matters today", 4),
        ("says that there is no hurry", -2),
    ]
    assert in_short(REASONS[:1]) == [("the wording", 20)]
