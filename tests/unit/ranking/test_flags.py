"""Wishes (“please don't ring”) and facts (a death, a minor) are found where they are said.

The messages are written by hand, in seven languages; the wish stands in the middle of a
complaint. The look-alikes speak of calls, messages, ages and deaths and wish for nothing.
`may` names a flag that a fair reader might set as well.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from triage.intake.body import sentences
from triage.ranking.cues import LANGUAGES, detect
from triage.types import Flag

MESSAGES: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "flags.jsonl").read_text("utf-8").splitlines()
]
LOOK_ALIKES = [m for m in MESSAGES if not m["flags"]]


def _found(message: dict[str, Any]) -> set[str]:
    detected = detect(sentences(message["body"]), subject=message["subject"], language=message["lang"])
    return {flag.value for flag in detected.flags}


def _recall(wanted: list[tuple[str, dict[str, Any]]]) -> tuple[float, list[str]]:
    missed = [f"{flag}: {m['id']}" for flag, m in wanted if flag not in _found(m)]
    return 1 - len(missed) / len(wanted), missed


@pytest.mark.parametrize("flag", Flag)
def test_each_wish_and_fact_is_found_nine_times_in_ten(flag: Flag) -> None:
    recall, missed = _recall([(flag.value, m) for m in MESSAGES if flag.value in m["flags"]])
    assert recall >= 0.9, missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_are_found_nine_times_in_ten_in_each_language(language: str) -> None:
    mails = [m for m in MESSAGES if m["lang"] == language]
    recall, missed = _recall([(flag, m) for m in mails for flag in m["flags"]])
    assert recall >= 0.9, missed


def test_at_most_one_message_in_twenty_shows_a_wish_that_is_not_there() -> None:
    wrong = [m["id"] for m in MESSAGES if _found(m) - set(m["flags"]) - set(m.get("may", ()))]
    assert len(wrong) <= 0.05 * len(MESSAGES), wrong


def test_at_most_one_look_alike_in_twenty_shows_a_wish() -> None:
    wrong = [m["id"] for m in LOOK_ALIKES if _found(m)]
    assert len(wrong) <= 0.05 * len(LOOK_ALIKES), wrong


def test_the_set_covers_every_language_and_every_flag() -> None:
    languages = Counter(m["lang"] for m in MESSAGES if m["flags"])
    flags = Counter(flag for m in MESSAGES for flag in m["flags"])
    assert min(languages[language] for language in LANGUAGES) >= 12
    assert min(flags[flag.value] for flag in Flag) >= 25
    assert len(LOOK_ALIKES) >= 80
    assert len({m["id"] for m in MESSAGES}) == len(MESSAGES)
