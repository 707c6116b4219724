"""Times in a letter: as people of each language say them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage import texts
from triage.promises import parse_duration
from triage.replies.times import moment, within


@pytest.mark.parametrize(
    ("promise", "words"),
    [
        ("1 business day", "within one business day"),
        ("2 business days", "within two business days"),
        ("4 business hours", "within four business hours"),
        ("24h", "within 24 hours"),
        ("30m", "within 30 minutes"),
        ("1d", "within one day"),
    ],
)
def test_a_promise_is_worded_as_people_say_it(promise: str, words: str) -> None:
    assert within(parse_duration(promise), texts.wording("en")["reply"]) == words


def test_a_moment_is_a_day_and_a_time_of_day() -> None:
    at = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert moment(at, texts.wording("en")["reply"]) == "Monday 30 November at 16:00"


@pytest.mark.parametrize("language", texts.languages())
@pytest.mark.parametrize(
    "promise", ["1m", "5m", "1h", "3h", "1d", "12d", "1 business hour", "2 business days"]
)
def test_every_language_words_every_promise(language: str, promise: str) -> None:
    said = within(parse_duration(promise), texts.wording(language)["reply"])
    assert said
    assert "{" not in said
