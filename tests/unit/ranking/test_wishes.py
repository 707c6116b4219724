"""Wishes and facts beyond the lists: a trained detector reads each sentence (P33)."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from triage.intake.body import sentences
from triage.ranking import detector, wishes
from triage.ranking.assess import assess, observe
from triage.ranking.cues import LANGUAGES
from triage.ranking.ngrams import bag
from triage.ranking.scenes import readings
from triage.ranking.training import corpus
from triage.types import Flag

# Written by others than the lists, and no detector was trained on it.
UNSEEN: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__).with_name("flags_unseen.jsonl").read_text("utf-8").splitlines()
]
BLIND = detector.Weights(
    thresholds=dict.fromkeys(wishes.HEADS, 1e9), marks={}, table=wishes.packaged_weights().table
)


def flags(message: dict[str, Any]) -> set[str]:
    found = assess(corpus.message(message["id"], message["subject"], message["body"]))
    return {flag.value for flag in found.flags}


def test_most_wishes_that_nothing_was_made_with_are_found_and_few_are_wrong() -> None:
    found = [(set(m["flags"]), flags(m)) for m in UNSEEN]
    told = sum(len(those) for those, _ in found)
    assert sum(len(those & seen) for those, seen in found) >= 0.75 * told
    # Most are a neighbour of what was meant: "in writing, please" for "do not call me".
    assert sum(bool(seen - those) for those, seen in found) <= 0.22 * len(found)


def test_what_the_lists_found_is_kept_whatever_the_weights_say() -> None:
    text = "Please do not call me."
    listed = ((Flag.NO_CALL, text),)
    assert wishes.find(bag([text]), readings([text], "en"), listed, weights=BLIND) == listed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_evidence_is_a_sentence_of_the_mail(language: str) -> None:
    for m in [m for m in UNSEEN if m["lang"] == language]:
        seen = observe(corpus.message(m["id"], m["subject"], m["body"]))
        texts = seen.wording.sentences
        for _, text in wishes.find(seen.wording, readings(texts, seen.language), seen.listed):
            assert text in (m["subject"].strip(), *sentences(m["body"]))


def test_a_text_in_an_unknown_language_is_left_to_the_lists() -> None:
    assert wishes.find(bag(["Ring mig inte."]), readings(["Ring mig inte."], "unknown"), ()) == ()


def test_the_weights_say_how_good_they_are_on_unseen_messages() -> None:
    facts = (files("triage.ranking") / "weights" / "wishes.toml").read_text("utf-8")
    figures = tomllib.loads(facts)["figures"]
    assert figures["found"] >= 0.5
    assert figures["wrong_in_ordinary"] <= 0.05
    assert {f"found_{flag}" for flag in Flag} <= figures.keys()
