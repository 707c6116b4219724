"""Nobody whose life is at risk, and no present danger, may be overlooked.

The messages are written by hand, in seven languages: open and veiled, icy and friendly,
with the danger in a subordinate clause or in the subject alone. The decoys look alike and
are harmless: figures of speech, products, things long settled.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from triage.ranking.cues import LANGUAGES, detect
from triage.types import Cue

HERE = Path(__file__).parent


def _messages(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


MESSAGES = _messages("must_not_miss.jsonl")
DECOYS = _messages("decoys.jsonl")


def _sentences(text: str) -> list[str]:
    return [s.strip() for s in re.split(r"(?<=[.!?…])\s+|\n+", text) if s.strip()]


def _is_lifted(message: dict[str, Any], language: str) -> bool:
    found = detect(_sentences(message["body"]), subject=message["subject"], language=language)
    return any(hit.present_danger for hit in found.hits)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: str(m["id"]))
def test_a_life_at_risk_or_a_present_danger_is_always_lifted(message: dict[str, Any]) -> None:
    assert _is_lifted(message, message["lang"])


@pytest.mark.parametrize("language", ["unknown", "en", "sv"])
def test_it_is_lifted_even_if_the_language_was_not_recognised(language: str) -> None:
    assert [m["id"] for m in MESSAGES if not _is_lifted(m, language)] == []


def test_what_is_lifted_names_a_sentence_of_the_message() -> None:
    for message in MESSAGES:
        sentences = _sentences(message["body"])
        found = detect(sentences, subject=message["subject"], language=message["lang"])
        for hit in found.hits:
            assert hit.evidence in (message["subject"], *sentences)
            assert hit.present_danger or hit.cue is not Cue.LIFE_AT_RISK


def test_at_most_one_in_ten_look_alikes_is_lifted() -> None:
    lifted = [m["id"] for m in DECOYS if _is_lifted(m, m["lang"])]
    assert len(lifted) * 10 <= len(DECOYS), lifted


def test_the_set_covers_every_language_and_both_dangers() -> None:
    languages = Counter(m["lang"] for m in MESSAGES)
    assert set(languages) == set(LANGUAGES)
    assert min(languages.values()) >= 15
    assert len(MESSAGES) >= 150
    assert len(DECOYS) >= 80
    assert {m["danger"] for m in MESSAGES} == {"life", "danger"}
